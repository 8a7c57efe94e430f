import Kernels
import NN

/// Steps in the unit of the parameter: scaled by the ratio of past steps to past gradients. Zeiler 2012, algorithm 1.
///
/// v ← ρ v + (1 − ρ) g²; Δ = √(u + ε) / √(v + ε) · g; u ← ρ u + (1 − ρ) Δ²; p ← p − learningRate · Δ.
public final class Adadelta: Optimizer {
  /// The decay of both mean squares, from 0 up to 1.
  public let rho: Double
  /// Added inside both roots; the first steps depend on it.
  public let epsilon: Double

  /// Creates an optimizer of these parameters, with PyTorch's defaults; the paper's step has a learning rate of 1.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1, rho: Double = 0.9, epsilon: Double = 1e-6,
    weightDecay: Double = 0, maximize: Bool = false
  ) {
    Self.checkFraction("rho", rho)
    Self.checkSize("epsilon", epsilon)
    self.rho = rho
    self.epsilon = epsilon
    super.init(parameters, learningRate: learningRate, weightDecay: weightDecay, maximize: maximize)
  }

  public override func initialState(for p: Tensor, learningRate: Double) -> State { State(["v", "u"], zerosLike: p) }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    s["v"] = rho * s["v"] + (1 - rho) * (g * g)
    let move = sqrt(s["u"] + epsilon) / sqrt(s["v"] + epsilon) * g
    s["u"] = rho * s["u"] + (1 - rho) * (move * move)
    p -= learningRate * move
  }

  override var hasKernel: Bool { true }

  override func runKernel(_ operands: inout ag_optim_step, state s: inout State, learningRate: Double) {
    ag_adadelta_step(&operands, ag_adadelta_rates(lr: learningRate, rho: rho, fresh: 1 - rho, epsilon: epsilon))
  }
}
