import Foundation

/// Prints what was found and remembers whether anything went wrong: what examples that hold themselves against other numbers
/// share.
public struct Report {
  private var failures = 0

  /// Nothing found yet.
  public init() {}

  /// Prints a line; an error that is not below the limit, or not a number, is a failure.
  public mutating func check(_ what: String, error: Double, below limit: Double) {
    let isRight = error < limit
    if !isRight { failures += 1 }
    let name = what.padding(toLength: 44, withPad: " ", startingAt: 0)
    print("  \(name) error \(String(format: "%.1e < %.0e", error, limit))  \(isRight ? "ok" : "WRONG")")
  }

  /// Ends the program, with 1 if a check failed.
  public func finish() -> Never {
    print(failures == 0 ? "\nall checks passed" : "\n\(failures) checks failed")
    exit(failures == 0 ? 0 : 1)
  }
}
