import Kernels

/// A stream of random numbers that depends on its seed alone: the same on every run, for any number of threads.
///
/// Counter-based (Philox 4×32-10, Salmon et al. 2011). Every function that draws takes a `generator`, by default the
/// shared `.default`. A generator may be used from several threads; which of them gets which numbers then depends on
/// the order in which they draw. Swift's own functions take it too: `Double.random(in: 0..<1, using: &generator)`.
public final class RandomGenerator: RandomNumberGenerator, Sendable {
  /// A position in a stream, to save and restore.
  public struct State: Sendable, Hashable {
    /// The stream.
    public var seed: UInt64
    /// Blocks of 128 bits drawn so far.
    public var offset: UInt64

    /// Creates a position in a stream.
    public init(seed: UInt64, offset: UInt64) {
      self.seed = seed
      self.offset = offset
    }
  }

  /// The generator used where none is given. Its seed is 0 until `seed(_:)` sets it.
  public static let `default` = RandomGenerator(seed: 0)

  private let current: Guarded<State>

  /// Creates a separate stream from a seed.
  public init(seed: UInt64) { current = Guarded(State(seed: seed, offset: 0)) }

  /// Restarts the default generator from a seed.
  public static func seed(_ seed: UInt64) { Self.default.state = State(seed: seed, offset: 0) }

  /// The stream's position.
  public var state: State {
    get { current.withLock { $0 } }
    set { current.withLock { $0 = newValue } }
  }

  /// Reserves blocks of the stream and returns where they start.
  func take(blocks: Int) -> State {
    Draws.start(of: blocks) {
      current.withLock { state in
        defer { state.offset &+= UInt64(blocks) }
        return state
      }
    }
  }

  /// 64 random bits.
  public func next() -> UInt64 {
    let place = take(blocks: 1)
    return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 4) { words in
      ag_philox(place.seed, place.offset, words.baseAddress)
      return UInt64(words[0]) | UInt64(words[1]) << 32
    }
  }

  /// A uniform integer from a range. Stops when the range is empty.
  public func integer(in range: Range<Int>) -> Int {
    require(!range.isEmpty, "integer(in:): the range \(range) is empty")
    // The range of all numbers has more numbers than Int can count, so this is arithmetic on bits.
    let count = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound))
    return range.lowerBound &+ Int(truncatingIfNeeded: next().multipliedFullWidth(by: count).high)
  }

  /// The numbers 0, 1, … below `count` in random order (Fisher–Yates).
  public func permutation(_ count: Int) -> [Int] {
    require(count >= 0, "permutation: the count must not be negative, got \(count)")
    Memory.requireRoom(forNumbers: count)
    var order = Array(0..<count)
    if count < 2 { return order }
    let bits = Tensor.randomBits(count, generator: self)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, Int(bits[last].multipliedFullWidth(by: UInt64(last + 1)).high))
    }
    return order
  }
}

extension Tensor {
  /// Normal random numbers about a mean. Stops for a negative deviation.
  public static func randomNormal(
    _ shape: Shape, mean: Double = 0, standardDeviation: Double = 1, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) -> Tensor {
    require(
      standardDeviation >= 0, "randomNormal: the standard deviation must not be negative, got \(standardDeviation)")
    return random("randomNormal", shape, dtype, generator) {
      ag_random_normal(dtype.kernel, shape.elementCount, $0.seed, $0.offset, mean, standardDeviation, $1)
    }
  }

  /// Uniform random numbers from `low` up to but excluding `high`. Stops when `low` is above `high`.
  public static func randomUniform(
    _ shape: Shape, low: Double = 0, high: Double = 1, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) -> Tensor {
    require(low <= high, "randomUniform: the lower bound must not be above the upper one, got \(low) and \(high)")
    return random("randomUniform", shape, dtype, generator) {
      ag_random_uniform(dtype.kernel, shape.elementCount, $0.seed, $0.offset, low, high, $1)
    }
  }

  /// Uniform integers from `range`; int64 by default.
  public static func randomIntegers(
    _ shape: Shape, in range: Range<Int>, dtype: DType = .int64, generator: RandomGenerator = .default
  ) -> Tensor {
    require(!range.isEmpty, "randomIntegers: the range \(range) is empty")
    require(!dtype.isFloatingPoint && dtype != .bool, "randomIntegers: wants a whole-number type, got \(dtype)")
    require(dtype.holds(range), "randomIntegers: the range \(range) has numbers that are not values of \(dtype)")
    let result = Tensor(uninitialized: shape, dtype: dtype)
    let place = generator.take(blocks: (shape.elementCount + 1) / 2)
    result.withWritablePointer {
      ag_random_integers(
        dtype.kernel, shape.elementCount, place.seed, place.offset, Int64(range.lowerBound), Int64(range.upperBound), $0
      )
    }
    return result
  }

  /// `value` with the given probability, else 0.
  public static func bernoulli(
    _ shape: Shape, probability: Double, value: Double = 1, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) -> Tensor {
    require(
      probability >= 0 && probability <= 1, "bernoulli: a probability lies between 0 and 1, got \(probability)")
    let result = Tensor(uninitialized: shape, dtype: dtype)
    let place = generator.take(blocks: (shape.elementCount + 3) / 4)
    result.withWritablePointer {
      ag_random_bernoulli(dtype.kernel, shape.elementCount, place.seed, place.offset, probability, value, $0)
    }
    return result
  }

  /// The numbers 0, 1, … below `count` in random order, as int64.
  public static func randomPermutation(_ count: Int, generator: RandomGenerator = .default) -> Tensor {
    Tensor(generator.permutation(count), shape: [count])
  }

  /// Positions drawn with given weights: each row of [..., K], or the only one of [K], gives int64 [..., count].
  ///
  /// Weights must be finite and not negative, and not all 0; they need not sum to 1. A position is drawn at most once
  /// unless `replacing`; the probability of the first one drawn is its share of the row's sum. Stops where a row has
  /// fewer than `count` weights above 0. PyTorch's `multinomial`.
  ///
  /// ```swift
  /// let next = Tensor.multinomial((scores / temperature).softmax().value)  // [N, 1]
  /// ```
  public static func multinomial(
    _ weights: Tensor, count: Int = 1, replacing: Bool = false, generator: RandomGenerator = .default
  ) -> Tensor {
    require(
      weights.dtype.isFloatingPoint && weights.rank > 0,
      "multinomial: wants weights [..., K] of a float type, got \(weights.dtype) \(weights.shape)")
    require(count >= 0, "multinomial: the count must not be negative, got \(count)")
    let choices = weights.shape[-1]
    let values = weights.scalars(as: Double.self)
    let rows = weights.shape.dropLast()
    var drawn: [Int] = []
    for row in 0..<rows.reduce(1, *) {
      var row = Array(values[(row * choices)..<((row + 1) * choices)])
      var sum = row.reduce(0, +)
      require(
        sum.isFinite && row.allSatisfy { $0 >= 0 }, "multinomial: weights must be finite and not negative, got \(row)")
      let possible = row.count { $0 > 0 }
      require(
        count == 0 || possible >= (replacing ? 1 : count),
        "multinomial: \(count) of \(possible) weights above 0 cannot be drawn")
      for u in randomUniform([count], dtype: .float64, generator: generator).scalars(as: Double.self) {
        let position = row.position(atPart: u * sum)
        drawn.append(position)
        if replacing { continue }
        row[position] = 0
        sum = row.reduce(0, +)
      }
    }
    return Tensor(drawn, shape: Shape(rows + [count]))
  }

  private static func random(
    _ op: String, _ shape: Shape, _ dtype: DType, _ generator: RandomGenerator,
    _ fill: (RandomGenerator.State, UnsafeMutableRawPointer) -> Void
  ) -> Tensor {
    require(dtype.isFloatingPoint, "\(op): wants float32 or float64, got \(dtype)")
    let perBlock = dtype == .float32 ? 4 : 2
    let result = Tensor(uninitialized: shape, dtype: dtype)
    let place = generator.take(blocks: (shape.elementCount + perBlock - 1) / perBlock)
    result.withWritablePointer { fill(place, $0) }
    return result
  }

  fileprivate static func randomBits(_ count: Int, generator: RandomGenerator) -> [UInt64] {
    let place = generator.take(blocks: (count + 1) / 2)
    return [UInt64](unsafeUninitializedCapacity: count) { buffer, initialized in
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 4) { words in
        for index in 0..<count {
          if index % 2 == 0 { ag_philox(place.seed, place.offset &+ UInt64(index / 2), words.baseAddress) }
          let half = index % 2 * 2
          buffer[index] = UInt64(words[half]) | UInt64(words[half + 1]) << 32
        }
      }
      initialized = count
    }
  }
}

extension [Double] {
  /// Where the running sum of weights, one of which is above 0, passes a given part of the total.
  fileprivate func position(atPart part: Double) -> Int {
    var (rest, last) = (part, 0)
    for (position, weight) in enumerated() where weight > 0 {
      rest -= weight
      last = position
      if rest < 0 { break }
    }
    return last
  }
}
