import Tensors

/// The options that most programs have: a seed and a number of threads.
public protocol CommonSettings: Sendable {
  /// The seed of all random numbers.
  var seed: UInt64 { get set }
  /// Threads that share large operations; nil for all processors.
  var threads: Int? { get set }
}

extension CommonSettings {
  /// Sets the threads, and the seed of the default generator.
  public func apply() {
    if let threads { Parallelism.threads = threads }
    RandomGenerator.seed(seed)
  }
}

extension OptionParser.Option where Settings: CommonSettings {
  /// `--seed` and `--threads`.
  public static var common: [Self] {
    [
      .value("seed", \.seed, help: "decides every random number"),
      .value(
        "threads", \.threads, in: 1...1_024, help: "threads that share large operations",
        defaultText: "all processors"),
    ]
  }
}
