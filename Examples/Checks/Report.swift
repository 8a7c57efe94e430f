import Foundation

/// Prints the results of checks and remembers whether any failed. Shared by the examples that check their own numbers.
public struct Report {
  private var failures = 0

  /// Starts without failures.
  public init() {}

  /// Prints a line. An error that is NaN or not below the limit counts as a failure.
  public mutating func check(_ what: String, error: Double, below limit: Double) {
    let isRight = error < limit
    if !isRight { failures += 1 }
    let name = what.padding(toLength: 44, withPad: " ", startingAt: 0)
    print("  \(name) error \(String(format: "%.1e < %.0e", error, limit))  \(isRight ? "ok" : "WRONG")")
  }

  /// Ends the program, with status 1 if a check failed.
  public func finish() -> Never {
    print(failures == 0 ? "\nall checks passed" : "\n\(failures) checks failed")
    exit(failures == 0 ? 0 : 1)
  }
}
