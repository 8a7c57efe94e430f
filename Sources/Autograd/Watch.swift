import Synchronization

/// Whether anybody wants to see every op: anomaly detection or a profile.
///
/// One flag for both, because it is read at every op.
enum Watch {
  private static let watchers = Atomic<Int>(0)

  @inline(__always)
  static var isOn: Bool { watchers.load(ordering: .relaxed) != 0 }

  /// Counts one more watcher (1) or one fewer (−1).
  static func count(_ change: Int) { watchers.wrappingAdd(change, ordering: .relaxed) }

  /// Called when an op has computed its value.
  @inline(never)
  static func made(_ op: Op, _ value: Tensor, inputs: [Variable]) {
    if Anomaly.isWatched { Anomaly.checkValue(op, value, inputs: inputs) }
    made(op)
  }

  /// The same where the value cannot be checked. Ops that a derivative calls are part of that derivative.
  @inline(never)
  static func made(_ op: Op) {
    let state = ThreadState.current
    if state.pointee.walks == 0 { state.pointee.profiler?.add(op.rawValue) }
  }
}
