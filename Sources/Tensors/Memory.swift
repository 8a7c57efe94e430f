import Kernels

/// The memory of tensors: blocks are kept when a tensor is freed and reused for the next one of a similar size.
///
/// A page of fresh memory costs the system 2 µs, so a training step in steady state asks it for none. What is kept is
/// bounded by `cacheLimit`; `trim()` releases all of it. Thread-safe.
public enum Memory {
  /// Numbers of bytes. Small tensors, whose elements are stored in the tensor's own object, are not counted.
  public struct Statistics: Sendable {
    /// Held by tensors now.
    public var live = 0
    /// Kept for the next tensor.
    public var cached = 0
    /// The most that tensors ever held at once, since the start or `resetPeak()`.
    public var peak = 0
    /// Scratch memory that threads keep for matrix products and convolutions.
    public var scratch = 0
  }

  /// What tensors hold and what is cached for them.
  public static var statistics: Statistics {
    var statistics = pool.withLock { $0.statistics }
    statistics.scratch = ag_scratch_bytes()
    return statistics
  }

  /// Restarts `statistics.peak` from what is held now.
  public static func resetPeak() { pool.withLock { $0.statistics.peak = $0.statistics.live } }

  /// The most bytes that are cached; what is freed beyond it goes back to the system at once.
  ///
  /// `nil` by default: 1 GiB, or more as long as live and cached memory together stay within the most that was live at
  /// once since the start or the last `trim()`. So a large model's steps reuse their memory, and no process grows more
  /// than 1 GiB beyond what its tensors needed.
  public static var cacheLimit: Int? {
    get { pool.withLock { $0.cacheLimit } }
    set { pool.withLock { $0.setCacheLimit(newValue) } }
  }

  /// Returns all cached memory to the system, and forgets how much was once live.
  ///
  /// The scratch memory of a thread in the middle of an operation is released when it next asks for some.
  public static func trim() {
    pool.withLock { $0.forget() }
    ag_scratch_trim()
  }

  /// A block of at least `byteCount` bytes, aligned to 64, and its true size, which `free` needs.
  static func allocate(byteCount: Int) -> (UnsafeMutableRawPointer, Int) {
    if byteCount > Int.max / 2 { stopForMemory(byteCount) }  // no class is as large
    let sizeClass = SizeClass(byteCount: byteCount)
    let cached = pool.withLock { $0.take(sizeClass) }
    return (cached ?? systemBlock(byteCount: sizeClass.byteCount), sizeClass.byteCount)
  }

  static func free(_ block: UnsafeMutableRawPointer, byteCount: Int) {
    let overflow = pool.withLock { $0.give(block, SizeClass(byteCount: byteCount)) }
    if overflow { Platform.free(block) }
  }

  private static let pool = Guarded(Pool())

  private static func systemBlock(byteCount: Int) -> UnsafeMutableRawPointer {
    guard let block = ag_fresh_memory(byteCount) else { stopForMemory(byteCount) }
    return block
  }

  private static func stopForMemory(_ byteCount: Int) -> Never {
    stop("out of memory: \(byteCount) bytes for a tensor")
  }

  /// Stops if the system has no memory for an array of that many numbers; Swift itself would crash without a message.
  package static func requireRoom(forNumbers count: Int) {
    let byteCount = count.times(MemoryLayout<Int>.size)
    if byteCount < 1 << 24 { return }
    guard byteCount <= Int.max / 2, let block = ag_fresh_memory(byteCount) else { stopForMemory(byteCount) }
    Platform.free(block)
  }
}

/// Sizes that blocks are rounded up to: four per power of two, so that at most a fifth of a block is unused.
private struct SizeClass {
  let index: Int
  let byteCount: Int

  init(byteCount: Int) {
    let size = max(byteCount, 256)
    let exponent = Int.bitWidth - 1 - (size - 1).leadingZeroBitCount  // 2^exponent < size ≤ 2^(exponent + 1)
    let quarter = 1 << (exponent - 2)
    let quarters = (size + quarter - 1) / quarter  // 5…8
    index = exponent * 4 + quarters - 5
    self.byteCount = quarters * quarter
  }

  static let count = Int.bitWidth * 4
}

private struct Pool {
  var statistics = Memory.Statistics()
  var cacheLimit: Int?
  /// The most that tensors have held at once since the last `forget()`.
  private var mostLive = 0
  private var limit: Int { cacheLimit ?? max(1 << 30, mostLive - statistics.live) }
  /// For each class the block that was freed last; each block holds the address of the one freed before it, or 0.
  private var free = [UInt](repeating: 0, count: SizeClass.count)

  mutating func take(_ sizeClass: SizeClass) -> UnsafeMutableRawPointer? {
    statistics.live += sizeClass.byteCount
    statistics.peak = max(statistics.peak, statistics.live)
    mostLive = max(mostLive, statistics.live)
    if let block = takeCached(sizeClass.index, sizeClass.byteCount) { return block }
    trim(to: limit)  // the new block takes the place of cached ones
    return nil
  }

  private mutating func takeCached(_ index: Int, _ byteCount: Int) -> UnsafeMutableRawPointer? {
    guard let block = UnsafeMutableRawPointer(bitPattern: free[index]) else { return nil }
    free[index] = block.load(as: UInt.self)
    statistics.cached -= byteCount
    return block
  }

  /// Caches the block; true if there is no room for it and the caller must free it.
  mutating func give(_ block: UnsafeMutableRawPointer, _ sizeClass: SizeClass) -> Bool {
    statistics.live -= sizeClass.byteCount
    guard statistics.cached + sizeClass.byteCount <= limit else { return true }
    block.storeBytes(of: free[sizeClass.index], as: UInt.self)
    free[sizeClass.index] = UInt(bitPattern: block)
    statistics.cached += sizeClass.byteCount
    return false
  }

  mutating func setCacheLimit(_ limit: Int?) {
    cacheLimit = limit
    guard let limit else { return }
    require(limit >= 0, "Memory.cacheLimit: must not be negative, got \(limit)")
    trim(to: limit)
  }

  mutating func forget() {
    trim(to: 0)
    mostLive = statistics.live
  }

  private mutating func trim(to limit: Int) {
    // Only classes with blocks: for those beyond the address space, which are always empty, the size would overflow.
    for index in free.indices.reversed() where free[index] != 0 {
      let byteCount = (index % 4 + 5) * (1 << (index / 4)) / 4
      while statistics.cached > limit, let block = takeCached(index, byteCount) { Platform.free(block) }
    }
  }
}
