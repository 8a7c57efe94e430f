import Synchronization

/// What a thread knows about the tape: whether it records, how far its clock has run, and what it is letting go.
///
/// A struct behind a pointer, because it is looked up at every op and a class would be retained each time. Only its own
/// thread touches it, but for `balance`.
struct ThreadState: ~Copyable {
  /// Depth of `withoutGradient` scopes.
  var pauses = 0
  /// Depth of backward passes.
  var walks = 0
  /// The time of this thread's newest entry. An entry is always newer than its inputs, whichever thread made them.
  var clock = 0
  /// Entries that nobody keeps any more, waiting to let go of what they hold.
  fileprivate var ending: TapeEntry?
  fileprivate var isEnding = false
  /// Memory of entries that ended, each block holding the address of the next, to be used again.
  fileprivate var spare: UnsafeMutableRawPointer?
  fileprivate var spareCount = 0
  /// The most blocks a thread keeps, some 3 MB.
  fileprivate static var mostSpare: Int { 16384 }
  /// Entries made minus entries ended by this thread; only the sum over all threads means anything. Others may read it.
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

  /// The slot's key, or −1 before there is one. Not a lazy constant, which would be asked at every op whether it is made.
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
    while let block = state.pointee.spare {
      state.pointee.spare = block.load(as: UnsafeMutableRawPointer?.self)
      block.deallocate()
    }
    state.deinitialize(count: 1)
    state.deallocate()
  }
}

extension ThreadState.Pointer {
  /// Notes that an entry began (1) or ended (−1). Only this thread writes, so a plain load and store suffice.
  func count(_ change: Int) {
    pointee.balance.store(pointee.balance.load(ordering: .relaxed) &+ change, ordering: .relaxed)
  }

  /// Memory for an entry, not initialized.
  @inline(__always)
  func takeNode() -> UnsafeMutablePointer<TapeEntry.Node> {
    guard let block = pointee.spare else { return .allocate(capacity: 1) }
    pointee.spare = block.load(as: UnsafeMutableRawPointer?.self)
    pointee.spareCount -= 1
    return block.bindMemory(to: TapeEntry.Node.self, capacity: 1)
  }

  /// Gives an entry's memory back.
  private func giveBack(_ node: UnsafeMutablePointer<TapeEntry.Node>) {
    if pointee.spareCount >= ThreadState.mostSpare { return node.deallocate() }
    let block = UnsafeMutableRawPointer(node)
    block.storeBytes(of: pointee.spare, as: UnsafeMutableRawPointer?.self)
    pointee.spare = block
    pointee.spareCount += 1
  }

  /// Ends an entry that nobody keeps.
  ///
  /// That may end those that fed it, and so on down a chain of a million. Were it recursion, the stack would overflow;
  /// so only the outermost call works, and inner ones put their entry on its list.
  func end(_ entry: TapeEntry) {
    entry.node.pointee.next = pointee.ending
    pointee.ending = entry
    if pointee.isEnding { return }
    pointee.isEnding = true
    while let next = pointee.ending {
      pointee.ending = next.node.pointee.next
      if !next.isLeaf { count(-1) }
      next.releaseInputs()
      next.node.deinitialize(count: 1)
      giveBack(next.node)
    }
    pointee.isEnding = false
  }
}
