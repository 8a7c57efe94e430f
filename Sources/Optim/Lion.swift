import Kernels
import NN

/// Steps of constant size along the sign of the momentum. Chen et al. 2023, algorithm 2.
///
/// p ← p − learningRate · sign(β₁ m + (1 − β₁) g); m ← β₂ m + (1 − β₂) g. Weight decay is decoupled: p ← (1 −
/// learningRate · weightDecay) p first. Use rates 3 to 10 times below Adam's, and a decay as many times above.
public final class Lion: Optimizer {
  /// The share of the momentum in the step, from 0 up to 1.
  public let beta1: Double
  /// The decay of the momentum, from 0 up to 1.
  public let beta2: Double

  /// Creates an optimizer of these parameters, with the paper's defaults.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-4, beta1: Double = 0.9, beta2: Double = 0.99,
    weightDecay: Double = 0, maximize: Bool = false
  ) {
    Self.checkFraction("beta1", beta1)
    Self.checkFraction("beta2", beta2)
    self.beta1 = beta1
    self.beta2 = beta2
    super.init(
      parameters, learningRate: learningRate, weightDecay: weightDecay, decouplesWeightDecay: true, maximize: maximize)
  }

  public override func initialState(for p: Tensor, learningRate: Double) -> State { State(["m"], zerosLike: p) }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    p -= learningRate * sign(beta1 * s["m"] + (1 - beta1) * g)
    s["m"] = beta2 * s["m"] + (1 - beta2) * g
  }

  override var hasKernel: Bool { true }

  override func runKernel(_ operands: inout ag_optim_step, state s: inout State, learningRate: Double) {
    ag_lion_step(&operands, ag_lion_rates(lr: learningRate, fresh1: 1 - beta1, fresh2: 1 - beta2))
  }
}
