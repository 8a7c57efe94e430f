import Kernels
import NN

/// Rectified Adam: does not scale by v until its variance is small enough. Liu et al. 2020, algorithm 2.
///
/// ρ∞ = 2 / (1 − β₂) − 1; ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ). Where ρₜ > 5, p ← p − learningRate · r · m̂ · √(1
/// − β₂ᵗ) / (√v + ε) with r² = (ρₜ − 4)(ρₜ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρₜ), else p ← p − learningRate ·
/// m̂. m, v, m̂ are those of `Adam`.
public final class RAdam: Optimizer {
  /// The decay of the mean, from 0 up to 1.
  public let beta1: Double
  /// The decay of the mean square, from 0 up to 1.
  public let beta2: Double
  /// Added to the root, to avoid division by 0.
  public let epsilon: Double

  /// Creates an optimizer of these parameters, with PyTorch's defaults.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0, decouplesWeightDecay: Bool = false, maximize: Bool = false
  ) {
    Self.checkFraction("beta1", beta1)
    Self.checkFraction("beta2", beta2)
    Self.checkSize("epsilon", epsilon)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    super.init(
      parameters, learningRate: learningRate, weightDecay: weightDecay, decouplesWeightDecay: decouplesWeightDecay,
      maximize: maximize)
  }

  public override func initialState(for p: Tensor, learningRate: Double) -> State { State(["m", "v"], zerosLike: p) }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["v"] = beta2 * s["v"] + (1 - beta2) * (g * g)
    let mHat = s["m"] / (1 - pow(beta1, s.step))
    if let rectification = rectification(at: s.step) {
      p -= learningRate * rectification * mHat / (sqrt(s["v"]) + epsilon)
    } else {
      p -= learningRate * mHat
    }
  }

  override var hasKernel: Bool { true }

  override func runKernel(_ operands: inout ag_optim_step, state s: inout State, learningRate: Double) {
    let rectification = rectification(at: s.step)
    ag_radam_step(
      &operands,
      ag_radam_rates(
        fresh1: 1 - beta1, beta2: beta2, fresh2: 1 - beta2,
        step_size: learningRate * (rectification ?? 1) / (1 - pow(beta1, s.step)), epsilon: epsilon,
        rectified: rectification != nil))
  }

  /// r · √(1 − β₂ᵗ), once v has seen enough gradients.
  private func rectification(at step: Int) -> Double? {
    let seen = 1 - pow(beta2, step)
    let last = 2 / (1 - beta2) - 1
    let now = last - 2 * Double(step) * (1 - seen) / seen
    return now > 5 ? sqrt((now - 4) * (now - 2) * last / ((last - 4) * (last - 2) * now) * seen) : nil
  }
}
