import Kernels
import NN

/// Steps scaled by the root of the running mean square. Tieleman and Hinton 2012; centered: Graves 2013.
///
/// v ← α v + (1 − α) g²; move = g / (√v + ε); with momentum b ← momentum · b + move and move = b;
/// p ← p − learningRate · move. If centered, the mean's square is subtracted from v: √(v − mean²), never below 0.
public final class RMSprop: Optimizer {
  /// The decay of the mean square, from 0 up to 1.
  public let alpha: Double
  /// Added to the root, to avoid division by 0.
  public let epsilon: Double
  /// The share of the last step's direction that is kept, 0 for none. May change between steps, but not from or to 0.
  @exclusivity(unchecked) public var momentum: Double {
    didSet { Self.checkChange(ofMomentum: oldValue, to: momentum) }
  }
  /// Whether gradients are scaled by their variance, not their mean square.
  public let centered: Bool

  /// Creates an optimizer of these parameters, with PyTorch's defaults.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-2, alpha: Double = 0.99, epsilon: Double = 1e-8,
    momentum: Double = 0, centered: Bool = false, weightDecay: Double = 0, maximize: Bool = false
  ) {
    Self.checkFraction("alpha", alpha)
    Self.checkSize("epsilon", epsilon)
    Self.checkSize("momentum", momentum)
    self.alpha = alpha
    self.epsilon = epsilon
    self.momentum = momentum
    self.centered = centered
    super.init(parameters, learningRate: learningRate, weightDecay: weightDecay, maximize: maximize)
  }

  public override func initialState(for p: Tensor, learningRate: Double) -> State {
    State(["v"] + (centered ? ["mean"] : []) + (momentum == 0 ? [] : ["momentum"]), zerosLike: p)
  }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    s["v"] = alpha * s["v"] + (1 - alpha) * (g * g)
    var spread = s["v"]
    if centered {
      s["mean"] = alpha * s["mean"] + (1 - alpha) * g
      spread = max(spread - s["mean"] * s["mean"], 0)
    }
    var move = g / (sqrt(spread) + epsilon)
    if momentum != 0 {
      s["momentum"] = momentum * s["momentum"] + move
      move = s["momentum"]
    }
    p -= learningRate * move
  }

  override var hasKernel: Bool { true }

  override func runKernel(_ operands: inout ag_optim_step, state s: inout State, learningRate: Double) {
    // The kernel expects the mean as the second state.
    if !centered { (operands.state.1, operands.state.2) = (nil, operands.state.1) }
    ag_rmsprop_step(
      &operands,
      ag_rmsprop_rates(lr: learningRate, alpha: alpha, fresh: 1 - alpha, epsilon: epsilon, momentum: momentum))
  }
}
