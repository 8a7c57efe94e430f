// Activations, alphabetical. Each derivative is one pass over memory. Those of relu, sigmoid and tanh
// are ops with rules of their own; those of the others are also written here in ops, which is what a
// second derivative differentiates.

extension Variable {
  /// Continuously differentiable exponential linear unit: max(0, x) + min(0, α (exp(x/α) − 1)).
  ///
  /// dx = dy for x > 0, else dy · exp(x/α). Barron 2017; PyTorch's `celu`, which differentiates with the float32
  /// nearest to α even for doubles; so does ours, to agree. α must not be 0.
  public func celu(alpha: Double = 1) -> Variable {
    exponentialUnit(.celu, tensor.celu(alpha: alpha), scale: 1, alpha: alpha, rate: 1 / Double(Float(alpha)))
  }

  /// Exponential linear unit: x for x > 0, else α (eˣ − 1). dx = dy for x > 0, else dy · α eˣ.
  ///
  /// Clevert et al. 2015; PyTorch's `elu`.
  public func elu(alpha: Double = 1) -> Variable {
    exponentialUnit(.elu, tensor.elu(alpha: alpha), scale: 1, alpha: alpha, rate: 1)
  }

  /// Scaled exponential linear unit: 1.0507 · (x for x > 0, else 1.6733 (eˣ − 1)), which keeps mean 0 and variance 1.
  ///
  /// Klambauer et al. 2017; PyTorch's `selu`.
  public func selu() -> Variable {
    exponentialUnit(.selu, tensor.selu(), scale: Curve.seluScale, alpha: Curve.seluAlpha, rate: 1)
  }

  /// scale · (x for x > 0, else α (exp(x / α or x) − 1)), whose slope below 0 is scale · α · rate · exp(rate · x).
  private func exponentialUnit(_ op: Op, _ value: Tensor, scale: Double, alpha: Double, rate: Double) -> Variable {
    curve(op, value, slope: .exponential(scale: scale, alpha: alpha, rate: rate)) { x, dy in
      // In the branch that is not taken x is replaced by 0, so that it cannot overflow. That includes x = 0 itself,
      // where the second derivative is 0 by PyTorch's convention.
      let slope = (x.replacing(where: x .>= 0, with: 0) * rate).exp() * (scale * alpha * rate)
      return Variable.where(x .> 0, dy * scale, dy * slope)
    }
  }

  /// The formula that `gelu` is computed by.
  public typealias GELUApproximation = Tensor.GELUApproximation

  /// Gaussian error linear unit: x · Φ(x), Φ the normal distribution. dx = dy · (Φ(x) + x · φ(x)).
  ///
  /// With `approximate: .tanh` Φ(x) is ½ (1 + tanh(√(2/π) (x + 0.044715 x³))). Hendrycks and Gimpel 2016; PyTorch's
  /// `gelu`.
  public func gelu(approximate: GELUApproximation = .none) -> Variable {
    let value = tensor.gelu(approximate: approximate)
    if approximate == .tanh { return curve(.gelu, value, slope: .geluTanh) { x, dy in dy * x.geluTanhSlope() } }
    return curve(.gelu, value, slope: .gelu) { x, dy in
      let density = (x.square() * -0.5).exp() * 0.3989422804014327  // 1/√2π
      return dy * (x.normalDistribution(density) + x * density)
    }
  }

  /// ½ (1 + t) + ½ x (1 − t²) u' with t = tanh u, u = √(2/π) (x + 0.044715 x³).
  private func geluTanhSlope() -> Variable {
    let (root, cubic) = (0.7978845608028654, 0.044715)  // √(2/π)
    let squared = square()
    let t = (self * (1 + squared * cubic) * root).tanh()
    return (1 + t) * 0.5 + self * (1 - t.square()) * (1 + squared * (3 * cubic)) * (0.5 * root)
  }

  /// Φ(x) for x of known density φ(x): its derivative is that density.
  private func normalDistribution(_ density: Variable) -> Variable {
    let value = (tensor * 0.7071067811865476).erf() * 0.5 + 0.5  // 1/√2
    return record(.gelu, self, value, { dy in dy * density })
  }

  /// 0 below −3, 1 above 3, between them x/6 + ½: dx = dy/6 strictly between, else 0.
  ///
  /// PyTorch's `hardsigmoid`, whose sixth is a float32 even for doubles; so is ours, to agree.
  public func hardSigmoid() -> Variable {
    curve(.hardSigmoid, tensor.hardSigmoid(), slope: .hardSigmoid) { x, dy in
      (dy * Curve.hardSigmoidSlope).replacing(where: (x .<= -3) .| (x .>= 3), with: 0)
    }
  }

  /// x · hardSigmoid(x): 0 below −3, x above 3. dx = dy · (x/3 + ½) strictly between them, 0 up to −3, dy from 3 on.
  ///
  /// Howard et al. 2019; PyTorch's `hardswish`.
  public func hardSwish() -> Variable {
    curve(.hardSwish, tensor.hardSwish(), slope: .hardSwish) { x, dy in
      let inner = dy * (x / 3 + 0.5)
      return Variable.where(x .>= 3, dy, inner.replacing(where: x .<= -3, with: 0))
    }
  }

  /// x limited to a range. dx = dy strictly inside it, else 0.
  ///
  /// PyTorch's `hardtanh`; `clamp` lets the gradient pass at the bounds too. Stops unless `min` is below `max`.
  public func hardTanh(min: Double = -1, max: Double = 1) -> Variable {
    curve(.clamp, tensor.hardTanh(min: min, max: max), slope: .hardTanh(min, max)) { x, dy in
      dy.replacing(where: (x .<= min) .| (x .>= max), with: 0)
    }
  }

  /// x for x > 0, else slope · x. dx = dy, or slope · dy, at 0 too.
  ///
  /// Maas et al. 2013; PyTorch's `leaky_relu`.
  public func leakyRelu(negativeSlope: Double = 0.01) -> Variable {
    curve(.leakyRelu, tensor.leakyRelu(negativeSlope: negativeSlope), slope: .leakyRelu(negativeSlope)) { x, dy in
      Variable.where(x .> 0, dy, dy * negativeSlope)
    }
  }

  /// log(sigmoid x) = −log(1 + e⁻ˣ): dx = dy · sigmoid(−x). Never overflows. PyTorch's `logsigmoid`.
  public func logSigmoid() -> Variable {
    curve(.logSigmoid, tensor.logSigmoid(), slope: .logSigmoid) { x, dy in dy * (-x).sigmoid() }
  }

  /// x · tanh(softplus x): dx = dy · (t + x · (1 − t²) · sigmoid x) with t = tanh(softplus x).
  ///
  /// Misra 2019; PyTorch's `mish`.
  public func mish() -> Variable {
    curve(.mish, tensor.mish(), slope: .mish) { x, dy in
      let t = x.softplus().tanh()
      return dy * (t + x * (1 - t.square()) * x.sigmoid())
    }
  }

  /// max(x, 0): dx = 0 for x ≤ 0, else dy, also for NaN. Keeps the output. Nair and Hinton 2010; PyTorch's `relu`.
  public func relu() -> Variable {
    unary(.relu, { $0.relu() }, keeping: .output) { y, dy in dy.reluBackward(y) }
  }

  /// min(max(x, 0), 6): dx = dy strictly between 0 and 6, else 0. PyTorch's `relu6`.
  public func relu6() -> Variable {
    requireFloat(named: "relu6")
    return hardTanh(min: 0, max: 6)
  }

  /// 1 / (1 + e⁻ˣ) without overflow: dx = dy · y (1 − y). Keeps the output.
  public func sigmoid() -> Variable {
    unary(.sigmoid, { $0.sigmoid() }, keeping: .output) { y, dy in dy.sigmoidBackward(y) }
  }

  /// x · sigmoid(x), also called swish: dx = dy · (s + x s (1 − s)) with s = sigmoid(x).
  ///
  /// Elfwing et al. 2018; PyTorch's `silu`.
  public func silu() -> Variable {
    curve(.silu, tensor.silu(), slope: .silu) { x, dy in
      let s = x.sigmoid()
      return dy * (s + x * s * (1 - s))
    }
  }

  /// log(1 + exp(β x)) / β without overflow; x itself where β x > threshold. dx = dy · sigmoid(β x), dy there.
  ///
  /// Glorot et al. 2011; PyTorch's `softplus`. β must not be 0.
  public func softplus(beta: Double = 1, threshold: Double = 20) -> Variable {
    let value = tensor.softplus(beta: beta, threshold: threshold)
    return curve(.softplus, value, slope: .softplus(beta: beta, threshold: threshold)) { x, dy in
      // At the threshold itself the slope is sigmoid's and has none, as in PyTorch.
      let z = x * beta
      return .where(z .> threshold, dy, dy * z.replacing(where: z .>= threshold, with: threshold).sigmoid())
    }
  }

  /// x / (1 + |x|): dx = dy / (1 + |x|)². PyTorch's `softsign`.
  public func softsign() -> Variable {
    requireFloat(named: "softsign")
    return self / (1 + abs())
  }

  /// Hyperbolic tangent: dx = dy · (1 − y²). Keeps the output.
  public func tanh() -> Variable {
    unary(.tanh, { $0.tanh() }, keeping: .output) { y, dy in dy.tanhBackward(y) }
  }

  /// x − tanh x: dx = dy · tanh² x. PyTorch's `tanhshrink`.
  public func tanhShrink() -> Variable {
    record(.tanhShrink, self, tensor.tanhShrink(), { [x = snapshot] dy in dy * x.tanh().square() })
  }
}

// MARK: - Fused derivatives

extension Variable {
  /// 0 where y ≤ 0, else dy, in one pass.
  func reluBackward(_ y: Variable) -> Variable {
    record(
      .reluBackward, self, y.tensor.combined(.reluBackward, tensor), { [y = y.detach()] g in g.reluBackward(y) })
  }

  /// dy · y (1 − y) in one pass.
  func sigmoidBackward(_ y: Variable) -> Variable {
    record(
      .sigmoidBackward, self, y, y.tensor.combined(.sigmoidBackward, tensor),
      { [y = y.snapshot] g in g.sigmoidBackward(y) },
      { [dy = snapshot, y = y.snapshot] g in g * dy * (1 - 2 * y) })
  }

  /// dy · (1 − y²) in one pass.
  func tanhBackward(_ y: Variable) -> Variable {
    record(
      .tanhBackward, self, y, y.tensor.combined(.tanhBackward, tensor), { [y = y.snapshot] g in g.tanhBackward(y) },
      { [dy = snapshot, y = y.snapshot] g in g * dy * y * -2 })
  }
}
