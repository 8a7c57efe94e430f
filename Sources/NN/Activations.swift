// Activations as layers. Each is the op of the same name, of any shape; PReLU alone has parameters.

/// Rectified linear unit: max(x, 0) (see `Variable.relu`). Nair and Hinton 2010.
public final class ReLU: FunctionLayer {
  /// Creates the layer.
  public init() { super.init("ReLU") { $0.relu() } }
}

/// Rectified linear unit with an upper end: x clamped to 0...6 (see `Variable.relu6`).
public final class ReLU6: FunctionLayer {
  /// Creates the layer.
  public init() { super.init("ReLU6") { $0.relu6() } }
}

/// Leaky rectified linear unit: x for x > 0, else slope · x (see `Variable.leakyRelu`). Maas et al. 2013.
public final class LeakyReLU: FunctionLayer {
  /// Creates the layer with a slope for negative inputs.
  public init(negativeSlope: Double = 0.01) {
    super.init("LeakyReLU \(negativeSlope)") { $0.leakyRelu(negativeSlope: negativeSlope) }
  }
}

/// Leaky rectified linear unit with learned slopes w: x for x > 0, else w · x; one slope for all channels or one for
/// each channel of [N, C, ...].
///
/// `weight` [1] or [C]; it starts at 0.25. He et al. 2015; PyTorch's `PReLU`.
public final class PReLU: Module {
  /// [1] or [C]
  public let weight: Variable

  /// Creates the layer with `count` slopes: 1, or as many as there are channels.
  public init(_ count: Int = 1, initial: Double = 0.25, dtype: DType = .float32) {
    require(count > 0, "PReLU: wants at least one slope, got \(count)")
    Self.requireFloat(dtype)
    weight = Initializer.constant(initial).parameter([count], dtype: dtype)
  }

  public override func forward(_ x: Variable) -> Variable {
    let count = weight.elementCount
    require(
      count == 1 || (x.rank >= 2 && x.shape[1] == count),
      "wants [N, \(count), ...], one slope a channel, got \(x.shape)")
    let slope = count == 1 ? weight : weight.reshape(Shape([count] + Array(repeating: 1, count: x.rank - 2)))
    return .where(x .> 0, x, x * slope)
  }

  public override var summary: String { "PReLU \(weight.elementCount)" }
}

/// Exponential linear unit: x for x > 0, else α (eˣ − 1) (see `Variable.elu`). Clevert et al. 2015.
public final class ELU: FunctionLayer {
  /// Creates the layer with the depth α of its negative side.
  public init(alpha: Double = 1) { super.init("ELU \(alpha)") { $0.elu(alpha: alpha) } }
}

/// Continuously differentiable exponential linear unit: x for x > 0, else α (exp(x / α) − 1) (see `Variable.celu`).
/// Barron 2017.
public final class CELU: FunctionLayer {
  /// Creates the layer with the depth α of its negative side, which is not 0.
  public init(alpha: Double = 1) {
    require(alpha != 0, "CELU: alpha must not be 0")
    super.init("CELU \(alpha)") { $0.celu(alpha: alpha) }
  }
}

/// Exponential linear unit, scaled to preserve mean 0 and variance 1 (see `Variable.selu`). Klambauer et al. 2017.
public final class SELU: FunctionLayer {
  /// Creates the layer.
  public init() { super.init("SELU") { $0.selu() } }
}

/// Gaussian error linear unit: x · Φ(x), or its approximation by tanh (see `Variable.gelu`). Hendrycks and Gimpel 2016.
public final class GELU: FunctionLayer {
  /// Creates the layer.
  public init(approximate: Variable.GELUApproximation = .none) {
    super.init("GELU") { $0.gelu(approximate: approximate) }
  }
}

/// Sigmoid linear unit: x · σ(x) (see `Variable.silu`). Also known as swish; Ramachandran et al. 2017.
public final class SiLU: FunctionLayer {
  /// Creates the layer.
  public init() { super.init("SiLU") { $0.silu() } }
}

/// x · tanh(softplus(x)) (see `Variable.mish`). Misra 2019.
public final class Mish: FunctionLayer {
  /// Creates the layer.
  public init() { super.init("Mish") { $0.mish() } }
}

/// A smooth max(x, 0): log(1 + e^βx) / β (see `Variable.softplus`).
public final class Softplus: FunctionLayer {
  /// Creates the layer, which is the identity where βx is above the threshold. β is not 0.
  public init(beta: Double = 1, threshold: Double = 20) {
    require(beta != 0, "Softplus: beta must not be 0")
    super.init("Softplus") { $0.softplus(beta: beta, threshold: threshold) }
  }
}

/// x / (1 + |x|), between −1 and 1 (see `Variable.softsign`).
public final class Softsign: FunctionLayer {
  /// Creates the layer.
  public init() { super.init("Softsign") { $0.softsign() } }
}

/// Logistic function: 1 / (1 + e⁻ˣ), between 0 and 1 (see `Variable.sigmoid`).
public final class Sigmoid: FunctionLayer {
  /// Creates the layer.
  public init() { super.init("Sigmoid") { $0.sigmoid() } }
}

/// Logarithm of the logistic function: log σ(x) (see `Variable.logSigmoid`).
public final class LogSigmoid: FunctionLayer {
  /// Creates the layer.
  public init() { super.init("LogSigmoid") { $0.logSigmoid() } }
}

/// A piecewise linear sigmoid: x / 6 + ½, clamped to 0...1 (see `Variable.hardSigmoid`).
public final class HardSigmoid: FunctionLayer {
  /// Creates the layer.
  public init() { super.init("HardSigmoid") { $0.hardSigmoid() } }
}

/// x · hardSigmoid(x) (see `Variable.hardSwish`). Howard et al. 2019.
public final class HardSwish: FunctionLayer {
  /// Creates the layer.
  public init() { super.init("HardSwish") { $0.hardSwish() } }
}

/// Hyperbolic tangent, between −1 and 1 (see `Variable.tanh`).
public final class Tanh: FunctionLayer {
  /// Creates the layer.
  public init() { super.init("Tanh") { $0.tanh() } }
}

/// x − tanh x (see `Variable.tanhShrink`).
public final class TanhShrink: FunctionLayer {
  /// Creates the layer.
  public init() { super.init("TanhShrink") { $0.tanhShrink() } }
}

/// x clamped to a range (see `Variable.hardTanh`).
public final class HardTanh: FunctionLayer {
  /// Creates the layer with its bounds, the lower one first.
  public init(min: Double = -1, max: Double = 1) {
    require(min < max, "HardTanh: the lower bound must be below the upper one, got \(min) and \(max)")
    super.init("HardTanh \(min)...\(max)") { $0.hardTanh(min: min, max: max) }
  }
}

/// x where |x| is above a bound, else 0 (see `Variable.hardShrink`).
public final class HardShrink: FunctionLayer {
  /// Creates the layer with its bound, which is not negative.
  public init(_ bound: Double = 0.5) {
    require(bound >= 0, "HardShrink: the bound must not be negative, got \(bound)")
    super.init("HardShrink \(bound)") { $0.hardShrink(bound) }
  }
}

/// x moved towards 0 by a bound, at most to 0 (see `Variable.softShrink`).
public final class SoftShrink: FunctionLayer {
  /// Creates the layer with its bound, which is not negative.
  public init(_ bound: Double = 0.5) {
    require(bound >= 0, "SoftShrink: the bound must not be negative, got \(bound)")
    super.init("SoftShrink \(bound)") { $0.softShrink(bound) }
  }
}

/// x above a threshold, else a number (see `Variable.threshold`).
public final class Threshold: FunctionLayer {
  /// Creates the layer with its threshold and the number that replaces elements not above it.
  public init(_ threshold: Double, _ number: Double) {
    super.init("Threshold \(threshold), \(number)") { $0.threshold(threshold, number) }
  }
}

/// Gated linear unit: the first half of an axis times the sigmoid of the second (see
/// `Variable.glu`). Dauphin et al. 2017.
public final class GLU: FunctionLayer {
  /// Creates the layer, over the last axis by default.
  public init(axis: Int = -1) { super.init("GLU") { $0.glu(axis: axis) } }
}

/// Probabilities along an axis that fall with x: softmax(−x).
public final class Softmin: FunctionLayer {
  /// Creates the layer, over the last axis by default.
  public init(axis: Int = -1) { super.init("Softmin") { (-$0).softmax(axis: axis) } }
}

/// Probabilities along an axis, of the input's shape: eˣ / Σ eˣ (see `Variable.softmax`).
public final class Softmax: FunctionLayer {
  /// Creates the layer, over the last axis by default.
  public init(axis: Int = -1) { super.init("Softmax") { $0.softmax(axis: axis) } }
}

/// Logarithms of probabilities along an axis, of the input's shape: x − log Σ eˣ (see `Variable.logSoftmax`).
public final class LogSoftmax: FunctionLayer {
  /// Creates the layer, over the last axis by default.
  public init(axis: Int = -1) { super.init("LogSoftmax") { $0.logSoftmax(axis: axis) } }
}

/// exp(xᵢ) / Σ exp(xⱼ) over the channels of images [N, C, H, W] or [C, H, W]. PyTorch's `Softmax2d`.
public final class Softmax2D: FunctionLayer {
  /// Creates the layer.
  public init() {
    super.init("Softmax2D") {
      require($0.rank == 3 || $0.rank == 4, "wants [N, C, H, W] or [C, H, W], got \($0.shape)")
      return $0.softmax(axis: -3)
    }
  }
}

/// x for x > 0, else a · x, with an a for each element that is drawn from lower...upper while training and is
/// their mean in evaluation (see `Variable.rrelu`). Xu et al. 2015; PyTorch's `RReLU`.
public final class RReLU: Module {
  private let lower, upper: Double
  private let generator: RandomGenerator

  /// Creates the layer with the bounds of the slopes.
  public init(lower: Double = 1.0 / 8, upper: Double = 1.0 / 3, generator: RandomGenerator = .default) {
    require(lower <= upper, "RReLU: the lower bound must not be above the upper one, got \(lower) and \(upper)")
    (self.lower, self.upper, self.generator) = (lower, upper, generator)
  }

  public override func forward(_ x: Variable) -> Variable {
    isTraining
      ? x.rrelu(lower: lower, upper: upper, generator: generator) : x.leakyRelu(negativeSlope: (lower + upper) / 2)
  }

  public override var summary: String { "RReLU \(lower)...\(upper)" }
}
