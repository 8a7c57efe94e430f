/// Measures one thread's ops while a `Profile` is made.
///
/// Time is divided among nested ranges: calls of modules, derivatives, and those that have names. An op takes the time
/// since the last op or range ended, or since the innermost range began.
package final class Profiler {
  struct Title: Hashable {
    let name: String
    let kind: Profile.Kind
  }

  struct Event {
    let title: Title
    let start, duration, own: Duration
  }

  /// A range that has begun.
  private struct Range {
    let title: Title
    let start: Duration
    var inside = Duration.zero
  }

  /// In the order of their ends.
  private(set) var events: [Event] = []
  private var ranges: [Range] = []
  private var last = Duration.zero
  private var namesOfModules: [ObjectIdentifier: String] = [:]
  private let origin = ContinuousClock.now
  /// The time spent on finding names, which belongs to no range.
  private var excluded = Duration.zero

  /// This thread's, while a profile is made.
  package static var current: Profiler? { Watch.isOn ? ThreadState.current.pointee.profiler : nil }

  private var now: Duration { ContinuousClock.now - origin - excluded }

  /// Adds an op that ends now.
  func add(_ op: String) {
    let now = now
    add(Event(title: Title(name: op, kind: .op), start: last, duration: now - last, own: now - last))
    last = now
  }

  func begin(_ name: String, _ kind: Profile.Kind) {
    last = now
    ranges.append(Range(title: Title(name: name, kind: kind), start: last))
  }

  /// Begins the call of a module, whose name is asked for once only, because finding it may take long.
  package func begin(module: ObjectIdentifier, name: () -> String) {
    let start = now
    let known = namesOfModules[module] ?? name()
    namesOfModules[module] = known
    excluded += now - start
    begin(known, .module)
  }

  /// Ends the innermost range.
  package func end() {
    let now = now
    last = now
    guard let range = ranges.popLast() else { return }
    let duration = now - range.start
    add(Event(title: range.title, start: range.start, duration: duration, own: duration - range.inside))
  }

  private func add(_ event: Event) {
    events.append(event)
    if !ranges.isEmpty { ranges[ranges.count - 1].inside += event.duration }
  }
}
