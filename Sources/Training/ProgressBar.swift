import Tensors

/// Shows the progress of a long task: a bar that redraws itself in a terminal, one line at the end everywhere else.
///
/// ```
/// var bar = ProgressBar("training", total: batchCount)
/// for batch in batches {
///   …
///   bar.advance(note: "loss \(loss)")
/// }
/// bar.finish()
/// ```
///
///     training  45 % ━━━━━━━━━━━━━━───────────────── 585/1,300 · 2,340/s · 0:01 left · loss 0.21
public struct ProgressBar {
  /// The name of the task.
  public let label: String
  /// How many steps the task has.
  public let total: Int
  /// How many steps are done.
  public private(set) var done = 0

  private let terminal: Terminal
  private let write: (String) -> Void
  private let now: () -> Duration
  private let start: Duration
  private var note = ""
  /// When the bar was last drawn; redrawing at every step would cost more than the steps.
  private var lastDrawn: Duration?
  private static let pause = Duration.milliseconds(50)

  /// Starts the clock.
  /// - Parameters:
  ///   - label: The name of the task, in a word or two.
  ///   - total: How many steps there will be.
  ///   - terminal: Where the bar is drawn.
  public init(_ label: String, total: Int, terminal: Terminal = .current) {
    self.init(label, total: total, terminal: terminal, write: Terminal.write)
  }

  /// A clock that starts now.
  package static func clock() -> () -> Duration {
    let clock = ContinuousClock()
    let origin = clock.now
    return { clock.now - origin }
  }

  /// The same bar with a terminal, an output and a clock given by a test.
  package init(
    _ label: String, total: Int, terminal: Terminal, write: @escaping (String) -> Void,
    now: @escaping () -> Duration = ProgressBar.clock()
  ) {
    self.label = label
    self.total = max(total, 0)
    self.terminal = terminal
    self.write = write
    self.now = now
    start = now()
  }

  /// Counts steps as done.
  /// - Parameters:
  ///   - count: How many.
  ///   - note: Shown after the figures from now on, such as the current loss.
  public mutating func advance(by count: Int = 1, note: String? = nil) {
    done = done.plus(count)
    if let note { self.note = note }
    guard terminal.isInteractive else { return }
    let time = now()
    if let lastDrawn, time - lastDrawn < Self.pause { return }
    lastDrawn = time
    write("\r\u{1b}[K" + line(at: time))
  }

  /// Prints a line above the bar, which stays where it is.
  public mutating func print(_ text: String) {
    guard terminal.isInteractive else { return write(text + "\n") }
    write("\r\u{1b}[K" + text + "\n")
    if lastDrawn != nil { write(line(at: now())) }
  }

  /// Ends the task with one line that stays: what was done and how long it took, unless another text is given.
  public mutating func finish(_ text: String? = nil) {
    clear()
    let time = now() - start
    write((text ?? "\(label): \(done.grouped) steps in \(clockText(time))\(rateText(time))") + "\n")
  }

  /// Ends the task without a line.
  public mutating func clear() {
    if terminal.isInteractive { write("\r\u{1b}[K") }
    lastDrawn = nil
  }

  /// The bar at a given time, cut to the width of the terminal.
  package func line(at time: Duration) -> String {
    let elapsed = time - start
    let fraction = total > 0 ? max(0, min(Double(done) / Double(total), 1)) : 1
    let percent = "\(Int(fraction * 100))"
    var figures = " \(done.grouped)/\(total.grouped)\(rateText(elapsed))"
    if done > 0, done < total {
      let left = elapsed.seconds * (Double(total - done) / Double(done))
      figures += " · \(clockText(.seconds(min(left, 1e9)))) left"
    }
    if !note.isEmpty { figures += " · \(note)" }
    let head = "\(label) \(percent.paddedLeft(to: 3)) % "
    // The last column stays free: some terminals wrap as soon as it is written.
    let length = min(40, terminal.width - 1 - head.count - figures.count)
    guard length >= 5 else { return String((head + figures.dropFirst()).prefix(max(0, terminal.width - 1))) }
    let filled = Int((fraction * Double(length)).rounded(.down))
    return head + String(repeating: "━", count: filled) + String(repeating: "─", count: length - filled) + figures
  }

  private func rateText(_ elapsed: Duration) -> String {
    let seconds = elapsed.seconds
    guard seconds > 0, done > 0 else { return "" }
    let rate = Double(done) / seconds
    return rate < 10 ? " · \(rate.text(decimals: 1))/s" : " · \(Int(min(rate, 1e15)).grouped)/s"
  }
}
