// Activations as layers. Each is the op of the same name; none has parameters.

/// A layer that is one function without parameters.
open class Activation: Module {
  private let function: (Variable) -> Variable
  private let name: String

  /// A layer from a function, listed under a name.
  public init(_ name: String, _ function: @escaping (Variable) -> Variable) {
    self.name = name
    self.function = function
  }

  public override func forward(_ x: Variable) -> Variable { function(x) }
  public override var summary: String { name }
}

/// max(x, 0)
public final class ReLU: Activation {
  /// The layer.
  public init() { super.init("ReLU") { $0.relu() } }
}

/// x for x > 0, else slope · x
public final class LeakyReLU: Activation {
  /// The layer with a slope for negative inputs.
  public init(negativeSlope: Double = 0.01) {
    super.init("LeakyReLU \(negativeSlope)") { $0.leakyRelu(negativeSlope: negativeSlope) }
  }
}

/// x for x > 0, else α (eˣ − 1)
public final class ELU: Activation {
  /// The layer with the depth α of its negative side.
  public init(alpha: Double = 1) { super.init("ELU \(alpha)") { $0.elu(alpha: alpha) } }
}

/// 1 / (1 + e⁻ˣ)
public final class Sigmoid: Activation {
  /// The layer.
  public init() { super.init("Sigmoid") { $0.sigmoid() } }
}

/// Hyperbolic tangent
public final class Tanh: Activation {
  /// The layer.
  public init() { super.init("Tanh") { $0.tanh() } }
}

/// x · Φ(x)
public final class GELU: Activation {
  /// The layer.
  public init() { super.init("GELU") { $0.gelu() } }
}

/// Probabilities along an axis
public final class Softmax: Activation {
  /// The layer; the last axis unless said.
  public init(axis: Int = -1) { super.init("Softmax") { $0.softmax(axis: axis) } }
}

/// Logarithms of probabilities along an axis
public final class LogSoftmax: Activation {
  /// The layer; the last axis unless said.
  public init(axis: Int = -1) { super.init("LogSoftmax") { $0.logSoftmax(axis: axis) } }
}

/// All axes from `startAxis` on as one: [N, C, H, W] becomes [N, C·H·W].
public final class Flatten: Activation {
  /// The layer.
  public init(startAxis: Int = 1) { super.init("Flatten") { $0.flatten(startAxis: startAxis) } }
}
