import Tensors

/// Deals the numbers below `count` out at random into those to train on and those to test on.
///
/// The same seed gives the same split on every machine.
/// - Parameters:
///   - count: How many samples there are.
///   - testFraction: The share of the test part, 0 to 1; its size is rounded up.
///   - seed: What decides the shuffling.
public func trainTestIndices(count: Int, testFraction: Double, seed: UInt64) -> (train: [Int], test: [Int]) {
  require(
    (0...1).contains(testFraction), "trainTestIndices: testFraction lies between 0 and 1, got \(testFraction)")
  let order = RandomGenerator(seed: seed).permutation(count)
  // 0.07 · 100 is a hair above 7 in binary and must not round up to 8.
  let testCount = min(count, Int((Double(count) * testFraction - 1e-6).rounded(.up)))
  return (Array(order[testCount...]), Array(order[..<testCount]))
}
