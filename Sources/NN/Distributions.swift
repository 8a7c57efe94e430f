// Distributions that a model's output describes: to draw from, and to ask how likely something is. PyTorch's
// `torch.distributions`; for sampled data see `Tensor.randomNormal` and its kin.

/// A choice among K: what a policy or a language model draws from.
///
/// ```swift
/// let policy = Categorical(logits: net(states))                  // scores [N, K]
/// let actions = policy.sample()                                  // [N]
/// let loss = -(policy.logProbability(of: actions) * advantages).mean() - 0.01 * policy.entropy().mean()
/// ```
public struct Categorical: Sendable {
  /// The logarithms of the probabilities, [..., K].
  public let logProbabilities: Variable
  /// The probabilities, where they were given.
  private let shares: Variable?

  /// Creates the distribution softmax(logits) over the last axis of [..., K].
  public init(logits: Variable) {
    Self.check(logits)
    (logProbabilities, shares) = (logits.logSoftmax(axis: -1), nil)
  }

  /// Creates the distribution from probabilities [..., K], or weights, which are divided
  /// by their sum over the last axis.
  ///
  /// As in PyTorch, probabilities are kept ε from 0 and 1 where their logarithm is taken,
  /// ε being `ulpOfOne` of the type.
  public init(probabilities: Variable) {
    Self.check(probabilities)
    let epsilon = probabilities.dtype == .float32 ? Double(Float.ulpOfOne) : .ulpOfOne
    let shares = probabilities / probabilities.sum(axes: [-1], keepDims: true)
    (logProbabilities, self.shares) = (shares.clamp(min: epsilon, max: 1 - epsilon).log(), shares)
  }

  private static func check(_ x: Variable) {
    require(
      x.rank >= 1 && x.shape[-1] > 0 && x.dtype.isFloatingPoint,
      "Categorical: wants [..., K] of a float type, got \(x.dtype) \(x.shape)")
  }

  /// The probabilities, [..., K].
  public var probabilities: Variable { shares ?? logProbabilities.exp() }

  /// One choice from 0 up to K for each row: int64 [...].
  public func sample(generator: RandomGenerator = .default) -> Tensor {
    Tensor.multinomial(probabilities.value, generator: generator).squeeze(axes: [-1])
  }

  /// The logarithms of the probabilities of given choices, int64 or int32 [...]: [...].
  public func logProbability(of choices: Tensor) -> Variable {
    let rows = Shape(Array(logProbabilities.shape.dropLast()))
    require(
      choices.shape == rows && (choices.dtype == .int64 || choices.dtype == .int32),
      "Categorical: logProbability: wants choices \(rows) of int64 or int32, got \(choices.dtype) \(choices.shape)")
    return logProbabilities.gather(axis: -1, index: choices.unsqueeze(-1)).squeeze(axes: [-1])
  }

  /// How uncertain each row is: −Σ p log p, from 0 to log K: [...].
  public func entropy() -> Variable {
    // What is impossible counts 0, not 0 · −∞.
    let bounded = logProbabilities.clamp(min: -Double(Float.greatestFiniteMagnitude))
    return -(probabilities * bounded).sum(axes: [-1])
  }

  /// The divergence of Kullback and Leibler from this distribution to another of the same
  /// shape, Σ p (log p − log q): [...].
  public func divergence(to other: Categorical) -> Variable {
    let (p, q) = (logProbabilities, other.logProbabilities)
    require(
      p.shape == q.shape && p.dtype == q.dtype,
      "Categorical: divergence: wants distributions alike, got \(p.dtype) \(p.shape) and \(q.dtype) \(q.shape)")
    let probabilities = probabilities
    return (probabilities * (p - q).maskedFill(probabilities .== 0, 0)).sum(axes: [-1])
  }
}

/// Normal distributions, one for each element of a mean and a standard deviation σ that broadcast together.
///
/// ```swift
/// let code = Normal(mean: mu(h), deviation: (0.5 * logVariance(h)).exp())
/// let z = code.sample()                                          // gradients reach both, as a VAE needs
/// let loss = reconstruction(z) + code.divergence(to: Normal(like: z)).sum()
/// ```
public struct Normal: Sendable {
  /// The mean and the standard deviation, of the same shape.
  public let mean, deviation: Variable

  /// Creates distributions from means and deviations above 0, of one float type.
  public init(mean: Variable, deviation: Variable) {
    guard let shape = Shape.broadcast([mean.shape, deviation.shape]) else {
      stop("Normal: a mean \(mean.shape) and a deviation \(deviation.shape) do not broadcast together")
    }
    require(
      mean.dtype == deviation.dtype && mean.dtype.isFloatingPoint,
      "Normal: wants a mean and a deviation of one float type, got \(mean.dtype) and \(deviation.dtype)")
    (self.mean, self.deviation) = (mean.expand(shape), deviation.expand(shape))
  }

  /// Creates standard normal distributions, of mean 0 and deviation 1, of a variable's shape and type.
  public init(like x: Variable) {
    self.init(mean: Variable(x.value.zerosLike()), deviation: Variable(x.value.onesLike()))
  }

  /// A draw of each: mean + σ · ε with ε standard normal, so that gradients reach both. Use `detach()` where they
  /// should not. PyTorch's `rsample`.
  public func sample(generator: RandomGenerator = .default) -> Variable {
    mean + deviation * Tensor.randomNormal(mean.shape, dtype: mean.dtype, generator: generator)
  }

  /// The logarithms of the densities at some values, which broadcast: −(x − mean)² / 2σ² − log σ − log √2π.
  public func logProbability(of x: Variable) -> Variable {
    -((x - mean) / deviation).square() / 2 - deviation.log() - Self.logRootOfTwoPi
  }

  /// The same at data.
  public func logProbability(of x: Tensor) -> Variable { logProbability(of: Variable(x)) }

  /// The differential entropies: ½ + log √2π + log σ.
  public func entropy() -> Variable { deviation.log() + (0.5 + Self.logRootOfTwoPi) }

  /// The divergences of Kullback and Leibler from these distributions to others: with r = (σ / σ')²,
  /// ½ (r + ((mean − mean') / σ')² − 1 − log r).
  public func divergence(to other: Normal) -> Variable {
    let ratio = (deviation / other.deviation).square()
    return 0.5 * (ratio + ((mean - other.mean) / other.deviation).square() - 1 - ratio.log())
  }

  /// log √2π
  private static let logRootOfTwoPi = 0.918938533204672741780329736406
}
