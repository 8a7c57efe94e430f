import Synchronization

/// A thread's part of the tape's state: whether it records, its clock, and the entries that it is freeing.
///
/// A struct behind a pointer, because it is looked up at every op and a class would be retained each time. Only its own
/// thread accesses it, except for `balance`.
struct ThreadState: ~Copyable {
  /// Depth of `withoutGradient` scopes.
  var pauses = 0
  /// Depth of backward passes.
  var walks = 0
  /// Depth of functions called by transforms.
  var transforms = 0
  /// Depth of checkpoints that are recomputed.
  var recomputations = 0
  /// Measures this thread's ops, while a `Profile` is made.
  var profiler: Profiler?
  /// The time of this thread's newest entry. An entry is always newer than its inputs, whichever thread made them.
  var clock = 0
  /// Entries without references, waiting to be freed.
  fileprivate var ending: TapeEntry?
  fileprivate var isEnding = false
  /// Memory for entries, and for the shapes of those that have axes.
  var nodes = SpareBlocks<TapeEntry.Node>()
  var shapes = SpareBlocks<Shape>()
  /// Entries created minus entries freed by this thread; only the sum over all threads is
  /// meaningful. Others may read it.
  fileprivate let balance = Atomic<Int>(0)

  typealias Pointer = UnsafeMutablePointer<ThreadState>

  /// This thread's state. A look-up costs about 2 ns.
  static var current: Pointer {
    let key = slotKey.load(ordering: .relaxed)
    if key >= 0, let state = ThreadLocalSlot(key: key).address {
      return state.assumingMemoryBound(to: ThreadState.self)
    }
    return make()
  }

  /// Entries that are alive in the whole program.
  static var liveEntries: Int { registry.withLock { $0.liveEntries } }

  // MARK: All threads

  private struct Registry {
    // Addresses, because a pointer is not Sendable; each is valid while it is listed.
    var states: Set<UInt> = []
    var balanceOfEndedThreads = 0

    var liveEntries: Int {
      states.reduce(balanceOfEndedThreads) { sum, address in
        sum + (Pointer(bitPattern: address)?.pointee.balance.load(ordering: .relaxed) ?? 0)
      }
    }
  }

  private static let registry = Guarded(Registry())

  /// The slot's key, or −1 before there is one. Not a lazy constant, which would be tested for
  /// initialization at every op.
  private static let slotKey = Atomic<Int>(-1)

  @inline(never)
  private static func make() -> Pointer {
    let slot = registry.withLock { _ in
      let known = slotKey.load(ordering: .relaxed)
      if known >= 0 { return ThreadLocalSlot(key: known) }
      let made = ThreadLocalSlot.make(ThreadState.end)
      slotKey.store(made.key, ordering: .relaxed)
      return made
    }
    let state = Pointer.allocate(capacity: 1)
    state.initialize(to: ThreadState())
    let address = UInt(bitPattern: state)
    registry.withLock { _ = $0.states.insert(address) }
    slot.address = UnsafeMutableRawPointer(state)
    return state
  }

  /// Called by the system when a thread ends.
  private static let end: ThreadLocalSlot.End = { pointer in
    let pointer: UnsafeMutableRawPointer? = pointer  // not optional on every system
    guard let pointer else { return }
    let state = pointer.assumingMemoryBound(to: ThreadState.self)
    let (address, balance) = (UInt(bitPattern: state), state.pointee.balance.load(ordering: .relaxed))
    registry.withLock {
      $0.states.remove(address)
      $0.balanceOfEndedThreads += balance
    }
    state.deinitialize(count: 1)
    state.deallocate()
  }
}

extension ThreadState.Pointer {
  /// Counts an entry that was created (1) or freed (−1). Only this thread writes, so a plain load and store suffice.
  func count(_ change: Int) {
    pointee.balance.store(pointee.balance.load(ordering: .relaxed) &+ change, ordering: .relaxed)
  }

  /// A value's shape for its entry to keep; `nil` without axes.
  @inline(__always)
  func axes(of value: Tensor) -> UnsafeMutablePointer<Shape>? {
    if value.rank == 0 { return nil }
    let axes = pointee.shapes.take()
    axes.initialize(to: value.shape)
    return axes
  }

  /// Frees an entry without references.
  ///
  /// That may free the entries of its inputs, and so on down a chain of a million. Recursion would overflow the stack,
  /// so only the outermost call frees; inner ones put their entry on its list.
  func end(_ entry: TapeEntry) {
    entry.node.pointee.next = pointee.ending
    pointee.ending = entry
    if pointee.isEnding { return }
    pointee.isEnding = true
    while let next = pointee.ending {
      pointee.ending = next.node.pointee.next
      if !next.isLeaf { count(-1) }
      next.releaseInputs()
      if let shape = next.node.pointee.axes { pointee.shapes.giveBack(shape) }
      next.node.deinitialize(count: 1)
      pointee.nodes.giveBack(next.node)
    }
    pointee.isEnding = false
  }
}

/// A free list of blocks for values of one type: each free block holds the address of the next.
///
/// Every thread has its own, so that neither a lock nor the system's allocator is needed.
struct SpareBlocks<Value: ~Copyable>: ~Copyable {
  private var first: UnsafeMutableRawPointer?
  private var count = 0
  /// The most blocks that are kept, about 3 MB.
  private static var most: Int { 16384 }

  /// Uninitialized memory.
  @inline(__always)
  mutating func take() -> UnsafeMutablePointer<Value> {
    guard let block = first else { return .allocate(capacity: 1) }
    first = block.load(as: UnsafeMutableRawPointer?.self)
    count -= 1
    return block.bindMemory(to: Value.self, capacity: 1)
  }

  /// Takes back memory, which must be uninitialized.
  @inline(__always)
  mutating func giveBack(_ value: UnsafeMutablePointer<Value>) {
    if count >= Self.most { return value.deallocate() }
    let block = UnsafeMutableRawPointer(value)
    block.storeBytes(of: first, as: UnsafeMutableRawPointer?.self)
    first = block
    count += 1
  }

  deinit {
    var next = first
    while let block = next {
      next = block.load(as: UnsafeMutableRawPointer?.self)
      block.deallocate()
    }
  }
}
