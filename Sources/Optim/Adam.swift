import Kernels
import NN

/// Adam: steps scaled by running means of the gradient and its square. Kingma and Ba 2015, algorithm 1.
///
/// m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; p ← p − learningRate · m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and
/// v̂ = v / (1 − β₂ᵗ). With `amsgrad` the largest v so far takes v's place (Reddi et al. 2018). Weight decay is
/// part of g unless it is decoupled.
public class Adam: Optimizer {
  /// The decay of the mean, from 0 up to 1. May change between steps.
  @exclusivity(unchecked) public var beta1: Double {
    didSet { Self.checkFraction("beta1", beta1) }
  }
  /// The decay of the mean square, from 0 up to 1.
  public let beta2: Double
  /// Added to the root, to avoid division by 0.
  public let epsilon: Double
  /// Whether v is replaced by its largest value so far.
  public let amsgrad: Bool

  /// Creates an optimizer of these parameters, with the paper's and PyTorch's defaults.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0, decouplesWeightDecay: Bool = false, amsgrad: Bool = false,
    maximize: Bool = false
  ) {
    Self.checkFraction("beta1", beta1)
    Self.checkFraction("beta2", beta2)
    Self.checkSize("epsilon", epsilon)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.amsgrad = amsgrad
    super.init(
      parameters, learningRate: learningRate, weightDecay: weightDecay, decouplesWeightDecay: decouplesWeightDecay,
      maximize: maximize)
  }

  public override func initialState(for p: Tensor, learningRate: Double) -> State {
    State(amsgrad ? ["m", "v", "vMax"] : ["m", "v"], zerosLike: p)
  }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["v"] = beta2 * s["v"] + (1 - beta2) * (g * g)
    if amsgrad { s["vMax"] = max(s["vMax"], s["v"]) }
    let mHat = s["m"] / (1 - pow(beta1, s.step))
    let vHat = s[amsgrad ? "vMax" : "v"] / (1 - pow(beta2, s.step))
    p -= learningRate * mHat / (sqrt(vHat) + epsilon)
  }

  override var hasKernel: Bool { true }

  override func runKernel(_ operands: inout ag_optim_step, state s: inout State, learningRate: Double) {
    ag_adam_step(
      &operands,
      ag_adam_rates(
        fresh1: 1 - beta1, beta2: beta2, fresh2: 1 - beta2, root_scale: 1 / sqrt(1 - pow(beta2, s.step)),
        step_size: learningRate / (1 - pow(beta1, s.step)), epsilon: epsilon))
  }
}

/// Adam with decoupled weight decay: p ← (1 − learningRate · weightDecay) p, then Adam's
/// step. Loshchilov and Hutter 2019.
public final class AdamW: Adam {
  /// Creates an optimizer of these parameters, with PyTorch's defaults.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0.01, amsgrad: Bool = false, maximize: Bool = false
  ) {
    super.init(
      parameters, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
      decouplesWeightDecay: true, amsgrad: amsgrad, maximize: maximize)
  }
}
