// Activations, alphabetical. The commonest three have fused derivatives, each an op with rules of its own.

extension Variable {
  /// Exponential linear unit: x for x > 0, else α (eˣ − 1). dx = dy for x > 0, else dy · α eˣ.
  ///
  /// Clevert et al. 2015.
  public func elu(alpha: Double = 1) -> Variable {
    requireFloat(.elu)
    let isPositive = tensor .> 0
    let zero = Tensor.full([], 0, dtype: dtype)
    // The branch not taken sees 0, so that it cannot overflow.
    let negative = zero.selected(where: isPositive, otherwise: tensor).mapped(.expMinusOne) * alpha
    return record(
      .elu, self, tensor.selected(where: isPositive, otherwise: negative),
      { [x = snapshot] dy in
        Variable.where(isPositive, dy, dy * (x.replacing(where: isPositive, with: 0).exp() * alpha))
      })
  }

  /// Gaussian error linear unit: x · Φ(x), Φ the normal distribution. dx = dy · (Φ(x) + x · φ(x)).
  ///
  /// Hendrycks and Gimpel 2016; PyTorch's `gelu(approximate="none")`.
  public func gelu() -> Variable {
    unary(.gelu, .gelu, keeping: .input) { x, dy in
      let density = (x.square() * -0.5).exp() * 0.3989422804014327  // 1/√2π
      return dy * (x.normalDistribution(density) + x * density)
    }
  }

  /// Φ(x) for x of known density φ(x): its derivative is that density.
  private func normalDistribution(_ density: Variable) -> Variable {
    let value = (tensor * 0.7071067811865476).mapped(.erf) * 0.5 + 0.5  // 1/√2
    return record(.gelu, self, value, { dy in dy * density })
  }

  /// x for x > 0, else slope · x. dx = dy, or slope · dy, at 0 too.
  public func leakyRelu(negativeSlope: Double = 0.01) -> Variable {
    requireFloat(.leakyRelu)
    let isPositive = tensor .> 0
    return record(
      .leakyRelu, self, tensor.selected(where: isPositive, otherwise: tensor * negativeSlope),
      { dy in Variable.where(isPositive, dy, dy * negativeSlope) })
  }

  /// log(sigmoid x) = −log(1 + e⁻ˣ): dx = dy · sigmoid(−x). Never overflows.
  public func logSigmoid() -> Variable {
    unary(.logSigmoid, .logSigmoid, keeping: .input) { x, dy in dy * (-x).sigmoid() }
  }

  /// max(x, 0): dx = dy for x > 0, else 0. Keeps the output.
  public func relu() -> Variable {
    unary(.relu, .relu, keeping: .output) { y, dy in dy.reluBackward(y) }
  }

  /// 1 / (1 + e⁻ˣ) without overflow: dx = dy · y (1 − y). Keeps the output.
  public func sigmoid() -> Variable {
    unary(.sigmoid, .sigmoid, keeping: .output) { y, dy in dy.sigmoidBackward(y) }
  }

  /// x · sigmoid(x), also called swish: dx = dy · (s + x s (1 − s)).
  public func silu() -> Variable {
    unary(.silu, .silu, keeping: .input) { x, dy in
      let s = x.sigmoid()
      return dy * (s + x * s * (1 - s))
    }
  }

  /// log(1 + eˣ) without overflow: dx = dy · sigmoid(x).
  public func softplus() -> Variable {
    unary(.softplus, .softplus, keeping: .input) { x, dy in dy * x.sigmoid() }
  }

  /// Hyperbolic tangent: dx = dy · (1 − y²). Keeps the output.
  public func tanh() -> Variable {
    unary(.tanh, .tanh, keeping: .output) { y, dy in dy.tanhBackward(y) }
  }
}

// MARK: - Fused derivatives

extension Variable {
  /// dy where y > 0, else 0, in one pass.
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
