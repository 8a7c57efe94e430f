/// Where the time of a computation went: the calls and the time of each op, each derivative, each module and each range
/// that you name.
///
/// ```swift
/// let profile = Profile {
///   for batch in loader { step(batch) }
/// }
/// print(profile)                              // the most expensive first
/// try profile.writeTrace(toFile: "trace.json")  // to look at in ui.perfetto.dev or chrome://tracing
/// ```
///
/// Measures what this thread does while `body` runs. An op begins where the op before it ended, or where the call of a
/// module, the backward pass or the range that it belongs to began, so it includes the Swift code in between. A
/// derivative includes the ops it calls and the addition of its gradients. An optimizer's step is a range named
/// `Adam.step`. Measuring takes about 0.2 µs for each, and memory. PyTorch's `torch.profiler.profile`.
public struct Profile: Sendable {
  /// What a row measures.
  public enum Kind: Sendable {
    /// An op on variables, recorded or not.
    case op
    /// The rule of an op in a backward pass.
    case derivative
    /// A call of a module, under its path in the outermost module.
    case module
    /// What `Profile.range` was called for, a `CustomFunction`, or an optimizer's step.
    case range
  }

  /// All that has one name.
  public struct Row: Sendable {
    /// `conv2d`, `conv2d backward`, `encoder.0 (Linear 4 -> 2)`, or a range's name.
    public let name: String
    /// What is measured.
    public let kind: Kind
    /// How often it ran.
    public fileprivate(set) var calls = 0
    /// The time from beginning to end.
    public fileprivate(set) var total = Duration.zero
    /// The same without what belongs to ops, derivatives, modules and ranges inside.
    public fileprivate(set) var own = Duration.zero
  }

  /// The most expensive first, by their own time.
  public let rows: [Row]
  /// The time that `body` took.
  public let duration: Duration
  /// The time that belongs to no row.
  public let outside: Duration
  private let events: [Profiler.Event]

  /// Runs `body` and measures it. Profiles nest: an inner one's rows are part of the outer one as well.
  public init(_ body: () throws -> Void) rethrows {
    let state = ThreadState.current
    let profiler = state.pointee.profiler ?? Profiler()
    let isOutermost = state.pointee.profiler == nil
    state.pointee.profiler = profiler
    Watch.count(1)
    defer {
      Watch.count(-1)
      if isOutermost { state.pointee.profiler = nil }
    }
    let first = profiler.events.count
    profiler.begin("profile", .range)
    do {
      try body()
    } catch {
      profiler.end()
      throw error
    }
    profiler.end()
    // The last event is that of the profile itself.
    let events = Array(profiler.events[first...])
    (duration, outside) = events.last.map { ($0.duration, $0.own) } ?? (.zero, .zero)
    self.events = events.dropLast()
    rows = Self.rows(of: self.events)
  }

  /// The row of this name, such as `profile["conv2d"]`; nil if there was nothing of that name.
  public subscript(name: String) -> Row? { rows.first { $0.name == name } }

  /// Runs `body` as a part that profiles list under `name`: `Profile.range("augment") { augment(images) }`.
  ///
  /// Costs next to nothing while no profile is made. PyTorch's `torch.profiler.record_function`.
  public static func range<Result>(
    _ name: @autoclosure () -> String, _ body: () throws -> Result
  ) rethrows -> Result {
    guard let profiler = Profiler.current else { return try body() }
    profiler.begin(name(), .range)
    defer { profiler.end() }
    return try body()
  }

  private static func rows(of events: [Profiler.Event]) -> [Row] {
    var rows: [Profiler.Title: Row] = [:]
    for event in events {
      var row = rows[event.title] ?? Row(name: event.title.name, kind: event.title.kind)
      row.calls += 1
      row.total += event.duration
      row.own += event.own
      rows[event.title] = row
    }
    return rows.values.sorted { ($1.own, $0.name) < ($0.own, $1.name) }
  }
}

// MARK: - As text

extension Profile: CustomStringConvertible {
  /// A table of ops, derivatives and ranges, and one of modules.
  public var description: String {
    let modules = rows.filter { $0.kind == .module }.sorted { ($1.total, $0.name) < ($0.total, $1.name) }
    // What modules do apart from calling ops is Swift code between ops, as is what lies outside of all rows.
    let between = modules.reduce(outside) { $0 + $1.own }
    let ops = TextTable(
      titles: ["name", "calls", "own", "share", "total"],
      lines: rows.filter { $0.kind != .module }.map {
        [$0.name, $0.calls.grouped, text($0.own), share($0.own), text($0.total)]
      } + [["between ops", "", text(between), share(between), ""]],
      totals: ["", "", text(duration), share(duration), ""], leftColumns: 1)
    if modules.isEmpty { return ops.description }
    let layers = TextTable(
      titles: ["module, forward", "calls", "total", "share"],
      lines: modules.map { [$0.name, $0.calls.grouped, text($0.total), share($0.total)] }, totals: nil, leftColumns: 1)
    return "\(ops)\n\n\(layers)"
  }

  private func text(_ time: Duration) -> String {
    (time / .milliseconds(1)).text(decimals: 3) + " ms"
  }

  private func share(_ time: Duration) -> String {
    duration == .zero ? "" : (100 * (time / duration)).text(decimals: 1) + " %"
  }

  /// Writes every call with its time to a file, or replaces it, in Chrome's trace format, for ui.perfetto.dev or
  /// chrome://tracing.
  ///
  /// Throws a `FileError` if the file cannot be written.
  public func writeTrace(toFile path: String) throws {
    let start = events.map(\.start).min() ?? .zero
    func microseconds(_ time: Duration) -> String { (time / .microseconds(1)).text(decimals: 3) }
    let lines = events.map { event in
      "{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"cat\":\"\(event.title.kind)\",\"name\":\(event.title.name.quotedForJSON),"
        + "\"ts\":\(microseconds(event.start - start)),\"dur\":\(microseconds(event.duration))}"
    }
    try AtomicFile.write(to: path) { file in
      try file.append(Array("{\"traceEvents\":[\n\(lines.joined(separator: ",\n"))\n]}\n".utf8))
    }
  }
}
