import Kernels
import NN

/// Stochastic gradient descent with all of PyTorch's options.
///
/// g ← g + weightDecay · p; with momentum b ← momentum · b + (1 − dampening) · g (the first time b ← g) and
/// g ← b, or g + momentum · b for Nesterov's; p ← p − learningRate · g. One pass over memory.
public class SGD: Optimizer {
  /// How much of the last step's direction is kept, 0 for none.
  public let momentum: Double
  /// How much the gradient's part in the direction is weakened.
  public let dampening: Double
  /// How strongly parameters are pulled to 0.
  public let weightDecay: Double
  /// Whether the gradient is corrected by looking ahead. Needs momentum and no dampening.
  public let nesterov: Bool
  /// Whether to climb rather than descend.
  public let maximize: Bool

  /// An optimizer over a registry.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
  ) {
    require(momentum >= 0, "SGD: momentum must not be negative, got \(momentum)")
    require(weightDecay >= 0, "SGD: weight decay must not be negative, got \(weightDecay)")
    require(
      !nesterov || (momentum > 0 && dampening == 0),
      "SGD: Nesterov's form needs momentum and no dampening, got momentum \(momentum) and dampening \(dampening)")
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.nesterov = nesterov
    self.maximize = maximize
    super.init(parameters, learningRate: learningRate)
  }

  public override func update(_ parameter: inout Tensor, gradient: Tensor, state: inout State) {
    let isFirst = state.tensors.isEmpty
    if isFirst && momentum != 0 { state.tensors = [parameter.zerosLike()] }
    let (type, count) = (parameter.dtype.kernel, parameter.elementCount)
    let gradient = gradient.contiguous()
    parameter.withMutablePointer { p in
      gradient.withPointer { g in
        func step(_ buffer: UnsafeMutableRawPointer?) {
          ag_sgd_step(
            type, count, p, g, buffer, learningRate, momentum, dampening, weightDecay, nesterov, isFirst, maximize)
        }
        if momentum == 0 { step(nil) } else { state.tensors[0].withMutablePointer { step($0) } }
      }
    }
  }
}

/// SGD with momentum 0.9: Polyak's heavy ball, as PyTorch writes it.
public final class Momentum: SGD {
  /// An optimizer over a registry.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double, momentum: Double = 0.9, weightDecay: Double = 0,
    nesterov: Bool = false
  ) {
    super.init(
      parameters, learningRate: learningRate, momentum: momentum, dampening: 0, weightDecay: weightDecay,
      nesterov: nesterov, maximize: false)
  }
}
