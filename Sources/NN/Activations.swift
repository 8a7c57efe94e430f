// Activations as layers. Each is the op of the same name, of any shape; PReLU alone has parameters.

/// max(x, 0)
public final class ReLU: FunctionLayer {
  /// The layer.
  public init() { super.init("ReLU") { $0.relu() } }
}

/// x kept between 0 and 6
public final class ReLU6: FunctionLayer {
  /// The layer.
  public init() { super.init("ReLU6") { $0.relu6() } }
}

/// x for x > 0, else slope · x
public final class LeakyReLU: FunctionLayer {
  /// The layer with a slope for negative inputs.
  public init(negativeSlope: Double = 0.01) {
    super.init("LeakyReLU \(negativeSlope)") { $0.leakyRelu(negativeSlope: negativeSlope) }
  }
}

/// x for x > 0, else w · x, with w learned: one for all channels or one for each of [N, C, ...].
///
/// `weight` [1] or [C]; it starts at 0.25. He et al. 2015; PyTorch's `PReLU`.
public final class PReLU: Module {
  /// [1] or [C]
  public let weight: Variable

  /// The layer with so many slopes: 1, or as many as there are channels.
  public init(_ count: Int = 1, initial: Double = 0.25, dtype: DType = .float32) {
    require(count > 0, "PReLU: wants at least one slope, got \(count)")
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

/// x for x > 0, else α (eˣ − 1)
public final class ELU: FunctionLayer {
  /// The layer with the depth α of its negative side.
  public init(alpha: Double = 1) { super.init("ELU \(alpha)") { $0.elu(alpha: alpha) } }
}

/// x for x > 0, else α (exp(x / α) − 1)
public final class CELU: FunctionLayer {
  /// The layer with the depth α of its negative side.
  public init(alpha: Double = 1) { super.init("CELU \(alpha)") { $0.celu(alpha: alpha) } }
}

/// ELU, scaled so that mean 0 and variance 1 stay
public final class SELU: FunctionLayer {
  /// The layer.
  public init() { super.init("SELU") { $0.selu() } }
}

/// x · Φ(x), or its approximation by tanh
public final class GELU: FunctionLayer {
  /// The layer.
  public init(approximate: Variable.GELUApproximation = .none) {
    super.init("GELU") { $0.gelu(approximate: approximate) }
  }
}

/// x · σ(x)
public final class SiLU: FunctionLayer {
  /// The layer.
  public init() { super.init("SiLU") { $0.silu() } }
}

/// x · tanh(softplus(x))
public final class Mish: FunctionLayer {
  /// The layer.
  public init() { super.init("Mish") { $0.mish() } }
}

/// log(1 + e^βx) / β
public final class Softplus: FunctionLayer {
  /// The layer; the identity where βx is above the threshold.
  public init(beta: Double = 1, threshold: Double = 20) {
    super.init("Softplus") { $0.softplus(beta: beta, threshold: threshold) }
  }
}

/// x / (1 + |x|)
public final class Softsign: FunctionLayer {
  /// The layer.
  public init() { super.init("Softsign") { $0.softSign() } }
}

/// 1 / (1 + e⁻ˣ)
public final class Sigmoid: FunctionLayer {
  /// The layer.
  public init() { super.init("Sigmoid") { $0.sigmoid() } }
}

/// log σ(x)
public final class LogSigmoid: FunctionLayer {
  /// The layer.
  public init() { super.init("LogSigmoid") { $0.logSigmoid() } }
}

/// x / 6 + ½, kept between 0 and 1
public final class HardSigmoid: FunctionLayer {
  /// The layer.
  public init() { super.init("HardSigmoid") { $0.hardSigmoid() } }
}

/// x · hardSigmoid(x)
public final class HardSwish: FunctionLayer {
  /// The layer.
  public init() { super.init("HardSwish") { $0.hardSwish() } }
}

/// Hyperbolic tangent
public final class Tanh: FunctionLayer {
  /// The layer.
  public init() { super.init("Tanh") { $0.tanh() } }
}

/// x − tanh x
public final class TanhShrink: FunctionLayer {
  /// The layer.
  public init() { super.init("TanhShrink") { $0.tanhShrink() } }
}

/// x kept between two bounds
public final class HardTanh: FunctionLayer {
  /// The layer with its bounds.
  public init(min: Double = -1, max: Double = 1) {
    super.init("HardTanh \(min)...\(max)") { $0.hardTanh(min: min, max: max) }
  }
}

/// Probabilities along an axis
public final class Softmax: FunctionLayer {
  /// The layer; the last axis unless said.
  public init(axis: Int = -1) { super.init("Softmax") { $0.softmax(axis: axis) } }
}

/// Logarithms of probabilities along an axis
public final class LogSoftmax: FunctionLayer {
  /// The layer; the last axis unless said.
  public init(axis: Int = -1) { super.init("LogSoftmax") { $0.logSoftmax(axis: axis) } }
}
