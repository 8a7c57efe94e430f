import Kernels
import NN

/// Adam with the largest gradient in place of the mean square. Kingma and Ba 2015, algorithm 2.
///
/// m ← β₁ m + (1 − β₁) g; u ← max(β₂ u, |g| + ε); p ← p − learningRate / (1 − β₁ᵗ) · m / u.
public final class Adamax: Optimizer {
  /// The decay of the mean, from 0 up to 1.
  public let beta1: Double
  /// The decay of the largest gradient, from 0 up to 1.
  public let beta2: Double
  /// Added to the gradient's magnitude, to avoid division by 0.
  public let epsilon: Double

  /// Creates an optimizer of these parameters, with the paper's and PyTorch's defaults.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0, maximize: Bool = false
  ) {
    Self.checkFraction("beta1", beta1)
    Self.checkFraction("beta2", beta2)
    Self.checkSize("epsilon", epsilon)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    super.init(parameters, learningRate: learningRate, weightDecay: weightDecay, maximize: maximize)
  }

  public override func initialState(for p: Tensor, learningRate: Double) -> State { State(["m", "u"], zerosLike: p) }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["u"] = max(beta2 * s["u"], abs(g) + epsilon)
    p -= learningRate / (1 - pow(beta1, s.step)) * s["m"] / s["u"]
  }

  override var hasKernel: Bool { true }

  override func runKernel(_ operands: inout ag_optim_step, state s: inout State, learningRate: Double) {
    ag_adamax_step(
      &operands,
      ag_adamax_rates(
        fresh1: 1 - beta1, beta2: beta2, step_size: learningRate / (1 - pow(beta1, s.step)), epsilon: epsilon))
  }
}
