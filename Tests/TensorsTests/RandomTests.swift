import Foundation
import Tensors
import Testing

@Suite struct RandomTests {
  // Philox4x32-10 of counter 0 and key 0, from the known answers of Random123: 6627e8d5 e169c58d bc57ac4c 9b00dbd8.
  @Test func theGeneratorIsPhilox() {
    #expect(RandomGenerator(seed: 0).next() == 0xe169_c58d_6627_e8d5)
  }

  @Test func swiftsOwnFunctionsTakeIt() {
    func draw() -> (Double, [Int]) {
      var generator = RandomGenerator(seed: 4)
      return (.random(in: 2..<3, using: &generator), (0..<10).shuffled(using: &generator))
    }
    #expect(draw() == draw() && (2..<3).contains(draw().0) && draw().1.sorted() == Array(0..<10))
  }

  @Test func theSeedDecides() {
    func draw(_ seed: UInt64) -> [Tensor] {
      let generator = RandomGenerator(seed: seed)
      return [
        .randomNormal([100], generator: generator), .randomUniform([3, 5], dtype: .float64, generator: generator),
        .bernoulli([50], probability: 0.5, generator: generator), .randomPermutation(20, generator: generator),
        .randomIntegers([9], in: -5..<1_000_000, generator: generator),
      ]
    }
    #expect(draw(1) == draw(1))
    for (one, two) in zip(draw(1), draw(2)) { #expect(one != two) }
  }

  @Test func eachDrawTakesTheStreamOn() {
    let generator = RandomGenerator(seed: 3)
    let first = Tensor.randomUniform([64], generator: generator)
    let place = generator.state
    let second = Tensor.randomUniform([64], generator: generator)
    #expect(first != second)
    generator.state = place
    #expect(Tensor.randomUniform([64], generator: generator) == second)
    // A longer draw begins with the numbers of a shorter one.
    #expect(Tensor.randomUniform([100], generator: RandomGenerator(seed: 3))[..<64] == first)
  }

  @Test func anyNumberOfThreadsDrawsTheSame() async {
    await #expect(processExitsWith: .success) {
      func draw(_ threads: Int) -> [Tensor] {
        Parallelism.threads = threads
        let generator = RandomGenerator(seed: 5)
        return [
          .randomNormal([300_001], generator: generator),
          .randomUniform([300_001], dtype: .float64, generator: generator),
          .bernoulli([1_000_003], probability: 0.3, generator: generator),
          .randomIntegers([300_001], in: 0..<10, generator: generator),
        ]
      }
      let one = draw(1)
      #expect(draw(2) == one)
      #expect(draw(4) == one)
    }
  }

  /// Mean and standard deviation, and χ² of the counts in ten equally likely classes.
  private static func statistics(_ x: Tensor, classes: (Double) -> Int) -> (
    mean: Double, deviation: Double, chi: Double
  ) {
    let values = x.scalars(as: Double.self)
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    var counts = Array(repeating: 0.0, count: 10)
    for value in values { counts[classes(value)] += 1 }
    let chi = counts.reduce(0) { $0 + ($1 - count / 10) * ($1 - count / 10) / (count / 10) }
    return (mean, deviation, chi)
  }

  // Bounds: five standard errors of 200,000 draws; χ² with 9 degrees of freedom exceeds 33.7 once in 10,000.
  @Test(arguments: [DType.float32, .float64]) func uniformIsUniform(dtype: DType) {
    let x = Tensor.randomUniform([200_000], low: -1, high: 3, dtype: dtype, generator: RandomGenerator(seed: 1))
    #expect(x.min().item() >= -1 && x.max().item() < 3)
    let found = Self.statistics(x) { Int(($0 + 1) / 0.4) }
    #expect(abs(found.mean - 1) < 5 * 4 / 12.0.squareRoot() / 447)
    #expect(abs(found.deviation - 4 / 12.0.squareRoot()) < 0.01)
    #expect(found.chi < 33.7)
  }

  @Test(arguments: [DType.float32, .float64]) func normalIsNormal(dtype: DType) {
    let x = Tensor.randomNormal(
      [200_000], mean: 2, standardDeviation: 3, dtype: dtype, generator: RandomGenerator(seed: 2))
    let found = Self.statistics(x) { value in min(9, Int(5 * (1 + erf((value - 2) / 3 / 2.0.squareRoot())))) }
    #expect(abs(found.mean - 2) < 5 * 3.0 / 447)
    #expect(abs(found.deviation - 3) < 5 * 3.0 / 632)
    #expect(found.chi < 33.7)
    #expect(x.scalars(as: Double.self).allSatisfy { $0.isFinite })
    // Neighbours come from one Box–Muller pair, but are independent.
    let centred = (x - 2) / 3
    #expect(abs((centred[..<(-1)] * centred[1...]).mean().item()) < 5 / 447.0)
  }

  @Test func integersFillTheirRange() {
    let x = Tensor.randomIntegers([200_000], in: -5..<5, generator: RandomGenerator(seed: 3))
    #expect(x.dtype == .int64 && x.min().item() == -5 && x.max().item() == 4)
    #expect(Self.statistics(x) { Int($0) + 5 }.chi < 33.7)
    #expect(Tensor.randomIntegers([10], in: 255..<256, dtype: .uint8) == .full([10], 255, dtype: .uint8))
    let generator = RandomGenerator(seed: 4)
    #expect(Set((0..<200).map { _ in generator.integer(in: -2..<3) }) == [-2, -1, 0, 1, 2])
  }

  @Test(arguments: [0, 0.1, 0.5, 0.9, 1]) func bernoulliKeepsItsShare(probability: Double) {
    let x = Tensor.bernoulli([200_000], probability: probability, value: 4, generator: RandomGenerator(seed: 5))
    let share = (x .== 4).cast(to: .float64).mean().item()
    #expect(abs(share - probability) <= 5 * (probability * (1 - probability) / 200_000).squareRoot())
    #expect(((x .== 4) .| (x .== 0)).all().item() == 1)
  }

  /// Drawn with replacement, frequencies match the weights. Without, those of the second draw are Σ over the first draw
  /// j of p(j) · p(k) / (1 − p(j)). Bounds are as above; a weight of 0 is never drawn.
  @Test func multinomialKeepsItsShares() {
    let weights = Tensor([1, 0, 3, 4]), p = [0.125, 0, 0.375, 0.5]
    func expectShares(_ drawn: Tensor, _ shares: [Double]) {
      for (position, share) in shares.enumerated() {
        let found = (drawn .== Double(position)).cast(to: .float64).mean().item()
        #expect(abs(found - share) <= 5 * (share * (1 - share) / 20_000).squareRoot())
      }
    }
    let generator = RandomGenerator(seed: 6)
    let replaced = Tensor.multinomial(weights, count: 20_000, replacing: true, generator: generator)
    #expect(replaced.shape == [20_000] && replaced.dtype == .int64)
    expectShares(replaced, p)
    let pairs = Tensor.multinomial(weights.expand([20_000, 4]), count: 2, generator: generator)
    #expect(pairs.shape == [20_000, 2] && (pairs[.all, 0] .== pairs[.all, 1]).any().item() == 0)
    expectShares(pairs[.all, 0], p)
    expectShares(
      pairs[.all, 1],
      p.indices.map { k in p.indices.filter { $0 != k }.reduce(0) { $0 + p[$1] * p[k] / (1 - p[$1]) } })
    #expect(Tensor.multinomial(.ones([3, 0, 2])).shape == [3, 0, 1])
  }

  @Test func permutationsHoldEachNumberOnce() {
    for count in [0, 1, 2, 3, 100, 1_001] {
      let order = RandomGenerator(seed: UInt64(count)).permutation(count)
      #expect(order.sorted() == Array(0..<count))
    }
    // All six orders of three are equally frequent.
    let generator = RandomGenerator(seed: 6)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6_000 { counts[generator.permutation(3), default: 0] += 1 }
    #expect(counts.count == 6 && counts.values.allSatisfy { abs($0 - 1_000) < 150 })
  }

  @Test func nothingCanBeDrawn() {
    let generator = RandomGenerator(seed: 7)
    #expect(Tensor.randomNormal([0, 3], generator: generator).shape == [0, 3])
    #expect(Tensor.randomPermutation(0, generator: generator).shape == [0])
    #expect(Tensor.randomUniform([], generator: generator).shape == [])
  }

  @Test func theDefaultGeneratorIsSeeded() async {
    await #expect(processExitsWith: .success) {
      RandomGenerator.seed(11)
      let x = Tensor.randomNormal([10])
      #expect(x == Tensor.randomNormal([10], generator: RandomGenerator(seed: 11)))
      RandomGenerator.seed(11)
      #expect(Tensor.randomNormal([10]) == x)
    }
  }
}
