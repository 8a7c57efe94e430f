import Kernels

// Activations, alphabetical: the values whose derivatives `Variable` has, under the same names. All but `relu` stop
// unless the elements are floats.

extension Tensor {
  /// Continuously differentiable exponential linear unit: max(0, x) + min(0, α (exp(x/α) − 1)). α must not be 0.
  ///
  /// Barron 2017; PyTorch's `celu`.
  public func celu(alpha: Double = 1) -> Tensor {
    require(alpha != 0, "celu: alpha must not be 0")
    return curve("celu", .exponential(scale: 1, alpha: alpha, rate: 1 / alpha))
  }

  /// Exponential linear unit: x for x > 0, else α (eˣ − 1). Clevert et al. 2015; PyTorch's `elu`.
  public func elu(alpha: Double = 1) -> Tensor { curve("elu", .exponential(scale: 1, alpha: alpha, rate: 1)) }

  /// The formula that `gelu` is computed by.
  public enum GELUApproximation: Sendable { case none, tanh }

  /// Gaussian error linear unit: x · Φ(x), Φ the normal distribution.
  ///
  /// With `approximate: .tanh` Φ(x) is ½ (1 + tanh(√(2/π) (x + 0.044715 x³))). Hendrycks and Gimpel 2016; PyTorch's
  /// `gelu`.
  public func gelu(approximate: GELUApproximation = .none) -> Tensor {
    real(approximate == .tanh ? AG_GELU_TANH : AG_GELU, "gelu")
  }

  /// x/6 + ½, but 0 below −3 and 1 above 3. PyTorch's `hardsigmoid`.
  public func hardSigmoid() -> Tensor { curve("hardSigmoid", .hardSigmoid) }

  /// x · hardSigmoid(x): 0 below −3, x above 3. Howard et al. 2019; PyTorch's `hardswish`.
  public func hardSwish() -> Tensor { curve("hardSwish", .hardSwish) }

  /// x limited to a range. PyTorch's `hardtanh`. Stops unless `min` is below `max`.
  public func hardTanh(min: Double = -1, max: Double = 1) -> Tensor {
    require(min < max, "hardTanh: the lower bound must be below the upper one, got \(min) and \(max)")
    return curve("hardTanh", .hardTanh(min, max))
  }

  /// x for x > 0, else slope · x. Maas et al. 2013; PyTorch's `leaky_relu`.
  public func leakyRelu(negativeSlope: Double = 0.01) -> Tensor { curve("leakyRelu", .leakyRelu(negativeSlope)) }

  /// log(sigmoid x) = −log(1 + e⁻ˣ). Never overflows. PyTorch's `logsigmoid`.
  public func logSigmoid() -> Tensor { real(AG_LOG_SIGMOID, "logSigmoid") }

  /// x · tanh(log(1 + eˣ)). Misra 2019; PyTorch's `mish`.
  public func mish() -> Tensor { real(AG_MISH, "mish") }

  /// max(x, 0); for integers too. Nair and Hinton 2010; PyTorch's `relu`.
  public func relu() -> Tensor { mapped(AG_RELU, "relu") }

  /// min(max(x, 0), 6). PyTorch's `relu6`.
  public func relu6() -> Tensor { curve("relu6", .hardTanh(0, 6)) }

  /// Scaled exponential linear unit: 1.0507 · (x for x > 0, else 1.6733 (eˣ − 1)), which keeps mean 0 and variance 1.
  ///
  /// Klambauer et al. 2017; PyTorch's `selu`.
  public func selu() -> Tensor { curve("selu", .selu) }

  /// 1 / (1 + e⁻ˣ) without overflow.
  public func sigmoid() -> Tensor { real(AG_SIGMOID, "sigmoid") }

  /// x · sigmoid(x), also called swish. Elfwing et al. 2018; PyTorch's `silu`.
  public func silu() -> Tensor { real(AG_SILU, "silu") }

  /// log(1 + exp(β x)) / β without overflow; x itself where β x > threshold. β must not be 0.
  ///
  /// Glorot et al. 2011; PyTorch's `softplus`.
  public func softplus(beta: Double = 1, threshold: Double = 20) -> Tensor {
    require(beta != 0, "softplus: beta must not be 0")
    return curve("softplus", .softplus(beta: beta, threshold: threshold))
  }

  /// x / (1 + |x|). PyTorch's `softsign`.
  public func softsign() -> Tensor { floats("softsign") / (1 + abs()) }

  /// Hyperbolic tangent.
  public func tanh() -> Tensor { real(AG_TANH, "tanh") }

  /// x − tanh x. PyTorch's `tanhshrink`.
  public func tanhShrink() -> Tensor { floats("tanhShrink") - tanh() }
}
