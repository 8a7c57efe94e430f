import NN

// That memory for tensors costs no more than the system's: a thousand small ones made and dropped, one at a time. These
// have no peer but each other.

/// Two lines, of which the first is to be no larger.
var storageWorkloads: [Workload] {
  let shape: Shape = [16]
  return [
    Workload("storage_64b") {
      { for _ in 0..<1000 { _ = Tensor.zeros(shape) } }
    },
    Workload("malloc_64b") {
      { for _ in 0..<1000 { _ = SystemBlock.zeros(byteCount: 64) } }
    },
  ]
}

/// What a tensor would be if its elements lay in a block of their own from the system.
private final class SystemBlock {
  private let start: UnsafeMutableRawPointer

  private init(_ start: UnsafeMutableRawPointer) { self.start = start }

  /// Not inlined, or the block would never be made.
  @inline(never)
  static func zeros(byteCount: Int) -> SystemBlock {
    let start = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 16)
    start.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    return SystemBlock(start)
  }

  deinit { start.deallocate() }
}
