import Kernels
import NN

/// Steps scaled by all gradients so far. Duchi, Hazan and Singer 2011.
///
/// sum ← sum + g²; p ← p − learningRate / (1 + (t − 1) · learningRateDecay) · g / (√sum + ε).
public final class Adagrad: Optimizer {
  /// How fast the step size decreases with the number of steps.
  public let learningRateDecay: Double
  /// The initial value of the sum of squares.
  public let initialSum: Double
  /// Added to the root, to avoid division by 0.
  public let epsilon: Double

  /// Creates an optimizer of these parameters, with PyTorch's defaults.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-2, learningRateDecay: Double = 0, initialSum: Double = 0,
    epsilon: Double = 1e-10, weightDecay: Double = 0, maximize: Bool = false
  ) {
    Self.checkSize("learningRateDecay", learningRateDecay)
    Self.checkSize("initialSum", initialSum)
    Self.checkSize("epsilon", epsilon)
    self.learningRateDecay = learningRateDecay
    self.initialSum = initialSum
    self.epsilon = epsilon
    super.init(parameters, learningRate: learningRate, weightDecay: weightDecay, maximize: maximize)
  }

  public override func initialState(for p: Tensor, learningRate: Double) -> State {
    State(["sum": .full(p.shape, initialSum, dtype: p.dtype)])
  }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    s["sum"] += g * g
    p -= rate(learningRate, at: s.step) * g / (sqrt(s["sum"]) + epsilon)
  }

  override var hasKernel: Bool { true }

  override func runKernel(_ operands: inout ag_optim_step, state s: inout State, learningRate: Double) {
    ag_adagrad_step(&operands, ag_adagrad_rates(lr: rate(learningRate, at: s.step), epsilon: epsilon))
  }

  private func rate(_ learningRate: Double, at step: Int) -> Double {
    learningRate / (1 + Double(step - 1) * learningRateDecay)
  }
}
