import Kernels
import NN

/// Stochastic gradient descent with all of PyTorch's options. Robbins and Monro 1951; momentum: Polyak 1964.
///
/// b ← momentum · b + (1 − dampening) · g, the first time b ← g; p ← p − learningRate · b, or with
/// Nesterov's correction p ← p − learningRate · (g + momentum · b). Without momentum p ← p − learningRate
/// · g. Weight decay is part of g.
public class SGD: Optimizer {
  /// The share of the last step's direction that is kept, 0 for none. May change between steps, but not from or to 0.
  @exclusivity(unchecked) public var momentum: Double {
    didSet { Self.checkChange(ofMomentum: oldValue, to: momentum) }
  }
  /// The share by which the gradient's part in the direction is reduced.
  public let dampening: Double
  /// Whether the gradient is taken as if the step had been made already. Needs momentum and no dampening.
  public let nesterov: Bool

  /// Creates an optimizer of these parameters. The learning rate defaults to 0.001, as in PyTorch.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
  ) {
    Self.checkSize("momentum", momentum)
    require(dampening.isFinite, "SGD: dampening must be finite, got \(dampening)")
    require(
      !nesterov || (momentum > 0 && dampening == 0),
      "SGD: Nesterov's form needs momentum and no dampening, got momentum \(momentum) and dampening \(dampening)")
    self.momentum = momentum
    self.dampening = dampening
    self.nesterov = nesterov
    super.init(parameters, learningRate: learningRate, weightDecay: weightDecay, maximize: maximize)
  }

  public override func initialState(for p: Tensor, learningRate: Double) -> State {
    State(momentum == 0 ? [] : ["momentum"], zerosLike: p)
  }

  public override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    var move = g
    if momentum != 0 {
      s["momentum"] = s.step == 1 ? g : momentum * s["momentum"] + (1 - dampening) * g
      move = nesterov ? g + momentum * s["momentum"] : s["momentum"]
    }
    p -= learningRate * move
  }

  override var hasKernel: Bool { true }

  override func runKernel(_ operands: inout ag_optim_step, state s: inout State, learningRate: Double) {
    let isFirst = s.step == 1
    ag_sgd_step(
      &operands,
      ag_sgd_rates(
        lr: learningRate, keep: isFirst ? 0 : momentum, fresh: isFirst ? 1 : 1 - dampening, momentum: momentum,
        nesterov: nesterov))
  }
}

/// SGD with momentum 0.9: Polyak's heavy ball, as PyTorch writes it.
public final class Momentum: SGD {
  /// Creates an optimizer of these parameters.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-3, momentum: Double = 0.9, weightDecay: Double = 0,
    nesterov: Bool = false, maximize: Bool = false
  ) {
    super.init(
      parameters, learningRate: learningRate, momentum: momentum, dampening: 0, weightDecay: weightDecay,
      nesterov: nesterov, maximize: maximize)
  }
}

/// SGD with Nesterov momentum 0.9: the gradient is taken as if the step had been made already. Sutskever et al. 2013.
public final class Nesterov: SGD {
  /// Creates an optimizer of these parameters.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-3, momentum: Double = 0.9, weightDecay: Double = 0,
    maximize: Bool = false
  ) {
    super.init(
      parameters, learningRate: learningRate, momentum: momentum, dampening: 0, weightDecay: weightDecay,
      nesterov: true, maximize: maximize)
  }
}
