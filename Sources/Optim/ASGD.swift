import Kernels
import NN

/// Averaged stochastic gradient descent. Polyak and Juditsky 1992, with Bottou's decreasing step size.
///
/// p ← (1 − λη) p − η g; average ← average + μ (p − average); then η = learningRate / (1 + λ · learningRate · t)^α and
/// μ = 1 / max(1, t − start), so that until the step `start` the average is the parameter itself.
public final class ASGD: Optimizer {
  /// Weight decay λ, which pulls parameters towards 0.
  public let lambda: Double
  /// The exponent α with which the step size decreases.
  public let alpha: Double
  /// The step at which averaging starts.
  public let start: Double

  /// Creates an optimizer of these parameters, with PyTorch's defaults.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-2, lambda: Double = 1e-4, alpha: Double = 0.75,
    start: Double = 1e6, weightDecay: Double = 0, maximize: Bool = false
  ) {
    Self.checkSize("lambda", lambda)
    Self.checkSize("alpha", alpha)
    self.lambda = lambda
    self.alpha = alpha
    self.start = start
    super.init(parameters, learningRate: learningRate, weightDecay: weightDecay, maximize: maximize)
  }

  /// The average of each parameter over the steps since `start`, in the registry's order.
  public var averages: [Named<Tensor>] {
    groups.filter { $0.rule === self }.flatMap(\.slots).map {
      Named(name: $0.name, element: $0.state.step == 0 ? $0.variable.value : $0.state["average"])
    }
  }

  public override func initialState(for p: Tensor, learningRate: Double) -> State {
    State(["average": p.zerosLike(), "eta": Tensor(learningRate)])
  }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    let (eta, mu) = rates(&s, learningRate)
    p = (1 - lambda * eta) * p - eta * g
    s["average"] = mu == 1 ? p : s["average"] + mu * (p - s["average"])
  }

  override var hasKernel: Bool { true }

  override func runKernel(_ operands: inout ag_optim_step, state s: inout State, learningRate: Double) {
    let (eta, mu) = rates(&s, learningRate)
    ag_asgd_step(&operands, ag_asgd_rates(eta: eta, lambda: lambda, mu: mu))
  }

  /// This step's η and μ; stores the next η.
  private func rates(_ s: inout State, _ learningRate: Double) -> (eta: Double, mu: Double) {
    let (eta, t) = (s["eta"].item(), Double(s.step))
    s["eta"] = Tensor(learningRate / pow(1 + lambda * learningRate * t, alpha))
    return (eta, 1 / max(1, t - 1 - start))
  }
}
