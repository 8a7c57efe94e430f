import NN

// Check that allocating a tensor costs no more than the system's allocator: a thousand small blocks made and freed, one
// at a time. The two lines are compared with each other; PyTorch's side has no counterpart.

/// Two lines; the first should be no slower than the second.
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

/// Stands for a tensor whose elements lie in a separate block from the system's allocator.
private final class SystemBlock {
  private let start: UnsafeMutableRawPointer

  private init(_ start: UnsafeMutableRawPointer) { self.start = start }

  /// Not inlined; otherwise the optimizer would remove the allocation.
  @inline(never)
  static func zeros(byteCount: Int) -> SystemBlock {
    let start = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 16)
    start.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    return SystemBlock(start)
  }

  deinit { start.deallocate() }
}
