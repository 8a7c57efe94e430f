import Kernels
import NN

/// Adam with Nesterov's momentum. Dozat 2016, with the momentum's warm-up as in PyTorch.
///
/// μₜ = β₁ (1 − ½ · 0.96^(t · momentumDecay)), Πₜ = μ₁ ⋯ μₜ, m and v as in `Adam`;
/// p ← p − learningRate · ((1 − μₜ) / (1 − Πₜ) · g + μₜ₊₁ / (1 − Πₜ₊₁) · m) / (√v̂ + ε).
public final class NAdam: Optimizer {
  /// The decay of the mean, from 0 up to 1.
  public let beta1: Double
  /// The decay of the mean square, from 0 up to 1.
  public let beta2: Double
  /// Added to the root, to avoid division by 0.
  public let epsilon: Double
  /// How fast the momentum approaches β₁.
  public let momentumDecay: Double

  /// Creates an optimizer of these parameters, with PyTorch's defaults.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, momentumDecay: Double = 4e-3, weightDecay: Double = 0, decouplesWeightDecay: Bool = false,
    maximize: Bool = false
  ) {
    Self.checkFraction("beta1", beta1)
    Self.checkFraction("beta2", beta2)
    Self.checkSize("epsilon", epsilon)
    Self.checkSize("momentumDecay", momentumDecay)
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.momentumDecay = momentumDecay
    super.init(
      parameters, learningRate: learningRate, weightDecay: weightDecay, decouplesWeightDecay: decouplesWeightDecay,
      maximize: maximize)
  }

  public override func initialState(for p: Tensor, learningRate: Double) -> State {
    State(["m": p.zerosLike(), "v": p.zerosLike(), "product": Tensor(1 as Double)])
  }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    s["m"] = beta1 * s["m"] + (1 - beta1) * g
    s["v"] = beta2 * s["v"] + (1 - beta2) * (g * g)
    let vHat = s["v"] / (1 - pow(beta2, s.step))
    let (ofGradient, ofMean) = weights(&s)
    p -= learningRate * (ofGradient * g + ofMean * s["m"]) / (sqrt(vHat) + epsilon)
  }

  override var hasKernel: Bool { true }

  override func runKernel(_ operands: inout ag_optim_step, state s: inout State, learningRate: Double) {
    let (ofGradient, ofMean) = weights(&s)
    ag_nadam_step(
      &operands,
      ag_nadam_rates(
        fresh1: 1 - beta1, beta2: beta2, fresh2: 1 - beta2, root_scale: 1 / sqrt(1 - pow(beta2, s.step)),
        gradient_size: learningRate * ofGradient, mean_size: learningRate * ofMean, epsilon: epsilon))
  }

  /// The weights of the gradient and of its mean in a step: (1 − μₜ) / (1 − Πₜ) and μₜ₊₁ / (1 − Πₜ₊₁).
  private func weights(_ s: inout State) -> (ofGradient: Double, ofMean: Double) {
    let (mu, next) = (momentum(at: s.step), momentum(at: s.step + 1))
    let product = s["product"].item() * mu
    s["product"] = Tensor(product)
    return ((1 - mu) / (1 - product), next / (1 - product * next))
  }

  private func momentum(at step: Int) -> Double { beta1 * (1 - 0.5 * pow(0.96, Double(step) * momentumDecay)) }
}
