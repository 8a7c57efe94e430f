import Foundation
import Synchronization

/// What a thread knows about the tape: whether it records, how far its clock has run, and what it is letting go.
///
/// Only its own thread touches it, but for `balance`, which others may read: that makes it safe to register.
final class ThreadState: @unchecked Sendable {
  /// Depth of `withoutGradient` scopes.
  @exclusivity(unchecked) var pauses = 0
  /// The time of this thread's newest entry. An entry is always newer than its inputs, whichever thread made them.
  @exclusivity(unchecked) var clock = 0
  /// Entries made minus entries ended by this thread; only their sum over all threads means anything.
  /// Only this thread writes, so plain loads and stores suffice.
  private let balance = Atomic<Int>(0)
  /// What ended entries held, waiting to be let go one by one.
  @exclusivity(unchecked) private var leftovers: [TapeEntry.Links] = []
  @exclusivity(unchecked) private var isReleasing = false

  /// This thread's state. A look-up costs about 2 ns.
  static var current: ThreadState {
    if let state = pthread_getspecific(key) {
      return Unmanaged<ThreadState>.fromOpaque(state).takeUnretainedValue()
    }
    return make()
  }

  /// Entries that are alive in the whole program.
  static var liveEntries: Int { registry.withLock { $0.liveEntries } }

  func count(_ change: Int) {
    balance.store(balance.load(ordering: .relaxed) &+ change, ordering: .relaxed)
  }

  /// Lets go of what an entry held.
  ///
  /// Ending an entry may end those that fed it, and so on down a chain of a million. Were that recursion, the stack
  /// would overflow; so only the outermost call releases, and inner ones hand it what they held.
  func release(_ links: TapeEntry.Links) {
    leftovers.append(links)
    if isReleasing { return }
    isReleasing = true
    while let next = leftovers.popLast() { _ = consume next }
    isReleasing = false
  }

  // MARK: All threads

  private struct Registry: ~Copyable {
    var states: [ObjectIdentifier: Unmanaged<ThreadState>] = [:]
    var balanceOfEndedThreads = 0

    var liveEntries: Int {
      states.values.reduce(balanceOfEndedThreads) {
        $0 + $1.takeUnretainedValue().balance.load(ordering: .relaxed)
      }
    }
  }

  private static let registry = Mutex(Registry())

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let status = pthread_key_create(&key) { ThreadState.end($0) }
    require(status == 0, "cannot make a thread-local key (error \(status))")
    return key
  }()

  private static func make() -> ThreadState {
    let state = ThreadState()
    let retained = Unmanaged.passRetained(state)
    registry.withLock { $0.states[ObjectIdentifier(state)] = retained }
    pthread_setspecific(key, retained.toOpaque())
    return state
  }

  /// Called by the system when a thread ends.
  private static func end(_ pointer: UnsafeMutableRawPointer?) {
    guard let pointer else { return }
    let retained = Unmanaged<ThreadState>.fromOpaque(pointer)
    let state = retained.takeUnretainedValue()
    registry.withLock {
      $0.states[ObjectIdentifier(state)] = nil
      $0.balanceOfEndedThreads += state.balance.load(ordering: .relaxed)
    }
    retained.release()
  }
}
