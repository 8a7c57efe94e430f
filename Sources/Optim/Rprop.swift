import Kernels
import NN

/// Resilient propagation: each element has a step size of its own, and only the sign of the gradient counts. Riedmiller
/// and Braun 1993, in the variant without a step where the sign flips (iRprop⁻, Igel and Hüsken 2000). For full-batch
/// gradients, not for mini-batches.
///
/// size ← clamp(size · up) where the gradient keeps its sign, clamp(size · down) where it flips, and g ← 0 there; p ← p
/// − sign(g) · size. Sizes start at the learning rate.
public final class Rprop: Optimizer {
  /// The factor of a size where the gradient keeps its sign, above 1.
  public let growth: Double
  /// The factor of a size where the gradient's sign flips, between 0 and 1.
  public let shrinkage: Double
  /// The smallest and the largest size.
  public let sizes: ClosedRange<Double>

  /// Creates an optimizer of these parameters, with PyTorch's defaults.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-2, shrinkage: Double = 0.5, growth: Double = 1.2,
    sizes: ClosedRange<Double> = 1e-6...50, maximize: Bool = false
  ) {
    require(
      0 < shrinkage && shrinkage < 1 && 1 < growth && growth.isFinite,
      "Rprop: wants 0 < shrinkage < 1 < growth, got \(shrinkage) and \(growth)")
    self.shrinkage = shrinkage
    self.growth = growth
    self.sizes = sizes
    super.init(parameters, learningRate: learningRate, maximize: maximize)
  }

  public override func initialState(for p: Tensor, learningRate: Double) -> State {
    State(["previous": p.zerosLike(), "size": .full(p.shape, learningRate, dtype: p.dtype)])
  }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    let turn = sign(g * s["previous"])
    let (keeps, turns) = (turn .> 0, turn .< 0)
    let factor = Tensor.where(
      keeps, turn.onesLike() * growth, .where(turns, turn.onesLike() * shrinkage, turn.onesLike()))
    s["size"] = min(max(s["size"] * factor, sizes.lowerBound), sizes.upperBound)
    s["previous"] = .where(turns, g.zerosLike(), g)
    p -= sign(s["previous"]) * s["size"]
  }

  override var hasKernel: Bool { true }

  override func runKernel(_ operands: inout ag_optim_step, state s: inout State, learningRate: Double) {
    ag_rprop_step(
      &operands, ag_rprop_rates(up: growth, down: shrinkage, least: sizes.lowerBound, most: sizes.upperBound))
  }
}
