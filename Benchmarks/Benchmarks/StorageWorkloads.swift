import NN

// That memory for tensors costs no more than the system's: a thousand small ones made, each in the place of the one before.
// These have no peer but each other.

/// Two lines, of which the first is to be no larger.
var storageWorkloads: [Workload] {
  let shape: Shape = [16]
  return [
    Workload("storage_64b") {
      var tensor = Tensor.zeros(shape)
      return { for _ in 0..<1000 { tensor = Tensor.zeros(shape) } }
    },
    Workload("malloc_64b") {
      var block = SystemBlock(byteCount: 64)
      return { for _ in 0..<1000 { block = SystemBlock(byteCount: 64) } }
    },
  ]
}

/// What a tensor would be if its elements lay in a block of their own from the system.
private final class SystemBlock {
  private let start: UnsafeMutableRawPointer

  /// Zeros.
  init(byteCount: Int) {
    start = .allocate(byteCount: byteCount, alignment: 16)
    start.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  deinit { start.deallocate() }
}
