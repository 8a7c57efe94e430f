import Tensors

/// Splits the numbers below `count` at random into training and test indices.
///
/// The same seed gives the same split on every machine.
/// - Parameters:
///   - count: How many samples there are.
///   - testFraction: The share of the test part, 0 to 1; its size is rounded up.
///   - seed: What decides the shuffling.
public func trainTestIndices(count: Int, testFraction: Double, seed: UInt64) -> (train: [Int], test: [Int]) {
  let order = RandomGenerator(seed: seed).permutation(count)
  let testCount = testCount(of: count, testFraction)
  return (Array(order[testCount...]), Array(order[..<testCount]))
}

/// The same with `testFraction` of each stratum, rounded up, in the test part, so that a rare class is in both.
///
/// - Parameters:
///   - strata: The class of each sample.
///   - testFraction: The share of the test part, 0 to 1.
///   - seed: What decides the shuffling.
public func trainTestIndices(strata: [Int], testFraction: Double, seed: UInt64) -> (train: [Int], test: [Int]) {
  let order = RandomGenerator(seed: seed).permutation(strata.count)
  var wanted = Dictionary(grouping: strata.indices, by: { strata[$0] })
    .mapValues { testCount(of: $0.count, testFraction) }
  var (train, test): ([Int], [Int]) = ([], [])
  for position in order {
    if let left = wanted[strata[position]], left > 0 {
      wanted[strata[position]] = left - 1
      test.append(position)
    } else {
      train.append(position)
    }
  }
  return (train, test)
}

private func testCount(of count: Int, _ testFraction: Double) -> Int {
  require(
    (0...1).contains(testFraction), "trainTestIndices: testFraction lies between 0 and 1, got \(testFraction)")
  // 0.07 · 100 is slightly above 7 in binary and must not round up to 8.
  return min(count, Int((Double(count) * testFraction - 1e-6).rounded(.up)))
}

/// A set split into k parts, each of which is the test part once: cross-validation.
///
/// ```swift
/// for (train, test) in KFold(count: digits.count, folds: 5, seed: 1) { … digits[train] … }
/// ```
public struct KFold: Sequence, Sendable {
  /// The parts' positions; their sizes differ by 1 at most.
  public let parts: [[Int]]

  /// Splits samples at random by a seed; `folds` is between 2 and the number of samples.
  public init(count: Int, folds: Int, seed: UInt64) {
    require(folds >= 2 && folds <= count, "KFold: \(folds) folds of \(count) samples; wants 2 folds to one a sample")
    let order = RandomGenerator(seed: seed).permutation(count)
    parts = (0..<folds).map { fold in Array(order[fold * count / folds..<(fold + 1) * count / folds]) }
  }

  /// Each part as the test part, with all others for training.
  public func makeIterator() -> some IteratorProtocol<(train: [Int], test: [Int])> {
    parts.indices.lazy.map { fold in
      (train: parts.indices.filter { $0 != fold }.flatMap { parts[$0] }, test: parts[fold])
    }.makeIterator()
  }
}
