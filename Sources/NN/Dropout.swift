// Layers that drop at random in training, and are the identity in evaluation (`eval()`).

/// The base of dropout layers: a probability p from 0 to 1, and a source of random numbers.
public class DropoutLayer: Module {
  /// The probability p of being dropped.
  public let probability: Double
  fileprivate let generator: RandomGenerator

  /// Creates a layer that drops with the given probability.
  public init(_ probability: Double = 0.5, generator: RandomGenerator = .default) {
    require(
      probability >= 0 && probability <= 1,
      "\(Self.self): a probability lies between 0 and 1, got \(probability)")
    self.probability = probability
    self.generator = generator
  }

  public final override func forward(_ x: Variable) -> Variable { isTraining && probability > 0 ? dropped(x) : x }

  /// The result of dropping in training.
  func dropped(_ x: Variable) -> Variable { stop("has no rule; make a Dropout, a Dropout2D or an AlphaDropout") }

  public override var summary: String { "\(type(of: self)) \(probability)" }
}

/// Sets elements to 0 at random in training, and scales the others to preserve the mean.
///
/// y = x · m / (1 − p), where m is 0 with probability p and 1 otherwise; y = x in evaluation. Any shape. Srivastava et
/// al. 2014; PyTorch's `Dropout`.
public final class Dropout: DropoutLayer {
  override func dropped(_ x: Variable) -> Variable { x.dropout(probability, generator: generator) }
}

/// Sets whole channels of [N, C, ...] to 0 at random in training, and scales the others to preserve the mean.
///
/// Neighbouring pixels are similar, so dropping single ones removes little information. Tompson et al.
/// 2015; PyTorch's `Dropout2d`.
public final class Dropout2D: DropoutLayer {
  override func dropped(_ x: Variable) -> Variable { x * channelMask(of: x).dropout(probability, generator: generator) }
}

/// Sets whole channels of sequences [N, C, L] to 0 at random while training. See `Dropout2D`. PyTorch's `Dropout1d`.
public final class Dropout1D: DropoutLayer {
  override func dropped(_ x: Variable) -> Variable { x * channelMask(of: x).dropout(probability, generator: generator) }
}

/// Sets whole channels of volumes [N, C, D, H, W] to 0 at random while training. See `Dropout2D`. PyTorch's
/// `Dropout3d`.
public final class Dropout3D: DropoutLayer {
  override func dropped(_ x: Variable) -> Variable { x * channelMask(of: x).dropout(probability, generator: generator) }
}

/// A 1 for each channel of [N, C, ...].
private func channelMask(of x: Variable) -> Variable {
  require(x.rank >= 3, "wants [N, C, ...], got \(x.shape)")
  return Variable(.ones(Shape(Array(x.shape.prefix(2)) + Array(repeating: 1, count: x.rank - 2)), dtype: x.dtype))
}

/// Dropout that preserves mean and variance after `SELU`.
///
/// Elements are set to the lowest value of SELU, α' = −1.7581, with probability p; then y = a · x + b with
/// a = 1 / √((1 − p)(1 + p α'²)) and b = −a α' p. Any shape. Klambauer et al. 2017; PyTorch's `AlphaDropout`.
public final class AlphaDropout: DropoutLayer {
  override func dropped(_ x: Variable) -> Variable { droppedToLowest(x, mask: x.shape) }
}

/// `AlphaDropout` of whole channels of [N, C, ...]. PyTorch's `FeatureAlphaDropout`.
public final class FeatureAlphaDropout: DropoutLayer {
  override func dropped(_ x: Variable) -> Variable { droppedToLowest(x, mask: channelMask(of: x).shape) }
}

extension DropoutLayer {
  /// What `AlphaDropout` makes of x, with a draw for each element of `mask`, which broadcasts.
  fileprivate func droppedToLowest(_ x: Variable, mask: Shape) -> Variable {
    let (p, lowest) = (probability, -1.7580993408473766)
    if p == 1 { return x * 0 }
    let a = 1 / ((1 - p) * (1 + p * lowest * lowest)).squareRoot()
    let kept = Tensor.bernoulli(mask, probability: 1 - p, dtype: x.dtype, generator: generator)
    return x * Variable(kept * a) + Variable((1 - kept) * (a * lowest) - a * lowest * p)
  }
}
