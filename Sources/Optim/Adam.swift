import Kernels
import NN

/// Adam: steps scaled by running means of the gradient and its square. Kingma and Ba 2015, algorithm 1.
///
/// g ← g + weightDecay · p; m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²;
/// p ← p − learningRate · m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
/// With `amsgrad` the largest v so far takes v's place (Reddi et al. 2018). One pass over memory.
public final class Adam: Optimizer {
  /// The decay of the mean, from 0 up to 1.
  public let beta1: Double
  /// The decay of the mean square, from 0 up to 1.
  public let beta2: Double
  /// Added to the root, against division by 0.
  public let epsilon: Double
  /// How strongly parameters are pulled to 0, as a part of the gradient.
  public let weightDecay: Double
  /// Whether steps never grow again.
  public let amsgrad: Bool
  /// Whether to climb rather than descend.
  public let maximize: Bool

  /// An optimizer over a registry, with the paper's and PyTorch's defaults.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0, amsgrad: Bool = false, maximize: Bool = false
  ) {
    Self.checkFraction("beta1", beta1)
    Self.checkFraction("beta2", beta2)
    require(weightDecay >= 0, "Adam: weight decay must not be negative, got \(weightDecay)")
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.amsgrad = amsgrad
    self.maximize = maximize
    super.init(parameters, learningRate: learningRate)
  }

  public override func update(_ parameter: inout Tensor, gradient: Tensor, state: inout State) {
    if state.tensors.isEmpty {
      state.tensors = (0..<(amsgrad ? 3 : 2)).map { _ in parameter.zerosLike() }
    }
    let (type, count, step) = (parameter.dtype.kernel, parameter.elementCount, UInt64(state.step))
    let gradient = gradient.contiguous()
    parameter.withMutablePointer { p in
      gradient.withPointer { g in
        Tensor.withMutablePointers(&state.tensors) { running in
          ag_adam_step(
            type, count, p, g, running[0], running[1], amsgrad ? running[2] : nil, learningRate, beta1, beta2, epsilon,
            weightDecay, false, maximize, step)
        }
      }
    }
  }
}
