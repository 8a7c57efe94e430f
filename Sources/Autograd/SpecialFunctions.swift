// Rarer functions of each element, alphabetical, and of pairs. At a pole the gradient is infinite, but 0 where dy is 0.

extension Variable {
  /// Inverse hyperbolic cosine, of numbers from 1 on: dx = dy / √(x² − 1). NaN below.
  public func acosh() -> Variable {
    unary(.acosh, { $0.acosh() }, keeping: .input) { x, dy in dy.quotientOrZero(((x - 1) * (x + 1)).sqrt()) }
  }

  /// Inverse hyperbolic sine: dx = dy / √(x² + 1).
  public func asinh() -> Variable {
    unary(.asinh, { $0.asinh() }, keeping: .input) { x, dy in dy / (x.square() + 1).sqrt() }
  }

  /// Inverse hyperbolic tangent, of numbers in −1...1, where it is infinite: dx = dy / (1 − x²). NaN outside.
  public func atanh() -> Variable {
    unary(.atanh, { $0.atanh() }, keeping: .input) { x, dy in dy.quotientOrZero((1 - x) * (1 + x)) }
  }

  /// ψ(x), the derivative of `lgamma`: dx = dy · ψ′(x). NaN at negative whole numbers. PyTorch's `digamma`.
  public func digamma() -> Variable {
    unary(.digamma, { $0.digamma() }, keeping: .input) { x, dy in dy * x.polygamma(1) }
  }

  /// 1 − erf x, exact for large x too: dx = −dy · 2/√π · exp(−x²).
  public func erfc() -> Variable {
    unary(.erfc, { $0.erfc() }, keeping: .input) { x, dy in dy * (-x.square()).exp() * -1.1283791670955126 }
  }

  /// The y with erf y = x, for x in −1...1, where it is infinite: dx = dy · √π/2 · exp(y²). NaN outside.
  public func erfinv() -> Variable {
    unary(.erfinv, { $0.erfinv() }, keeping: .output) { y, dy in dy * y.square().exp() * 0.886226925452758 }
  }

  /// y = 2ˣ: dx = dy · y · log 2.
  public func exp2() -> Variable {
    unary(.exp2, { $0.exp2() }, keeping: .output) { y, dy in dy * y * 0.6931471805599453 }
  }

  /// log |Γ(x)|, Γ(n) being (n − 1)!: dx = dy · ψ(x). Infinite at 0 and negative whole numbers. PyTorch's `lgamma`.
  public func lgamma() -> Variable {
    unary(.lgamma, { $0.lgamma() }, keeping: .input) { x, dy in dy * x.digamma() }
  }

  /// Logarithm to base 10: dx = dy / (x · log 10). −∞ at 0, NaN below.
  public func log10() -> Variable {
    unary(.log10, { $0.log10() }, keeping: .input) { x, dy in dy.quotientOrZero(x * 2.302585092994046) }
  }

  /// log(p / (1 − p)), the inverse of `sigmoid`; with `epsilon`, of p kept in epsilon...1 − epsilon: dp = dy
  /// / p(1 − p). PyTorch's `logit`.
  public func logit(epsilon: Double? = nil) -> Variable {
    requireFloat(named: "logit")
    if let epsilon {
      Tensor.requireHalf(epsilon)
      return clamp(min: epsilon, max: 1 - epsilon).logit()
    }
    return recordUnary(.logit, tensor.logit(), keeping: .input) { p, dy in dy.quotientOrZero(p * (1 - p)) }
  }

  /// The derivative of `digamma` of an order from 0 on: dx = dy · that of the next order. PyTorch's `polygamma`.
  public func polygamma(_ order: Int) -> Variable {
    unary(.polygamma, { $0.polygamma(order) }, keeping: .input) { x, dy in dy * x.polygamma(order + 1) }
  }

  /// sin(πx) / πx, 1 at 0: dx = dy · (cos πx − sinc x) / x. PyTorch's `sinc`.
  public func sinc() -> Variable {
    requireFloat(.sinc)
    return curve(.sinc, tensor.sinc(), slope: .sinc) { x, dy in
      // At 0 the slope is that of −π²/6 · x².
      let atZero = Variable((x.tensor .== 0).cast(to: x.dtype) * -3.289868133696453)
      return dy * (((x * .pi).cos() - x.sinc()).quotientOrFlat(x) + x * atZero)
    }
  }
}

// MARK: - Of pairs

extension Variable {
  /// √(x² + y²) without overflow; shapes broadcast: dx = dz · x / z, 0 where z is 0. PyTorch's `hypot`.
  public func hypot(_ other: Variable) -> Variable {
    requireFloat(.hypot)
    let z = combined(.hypot, other)
    return record(
      .hypot, self, other, z,
      { [x = snapshot, y = other.snapshot] dz in dz * x.quotientOrZero(fused(z) { x.hypot(y) }) },
      { [x = snapshot, y = other.snapshot] dz in dz * y.quotientOrZero(fused(z) { x.hypot(y) }) })
  }

  /// log(eˣ + eʸ) without overflow; shapes broadcast: dx = dz · sigmoid(x − y). PyTorch's `logaddexp`.
  public func logAddExp(_ other: Variable) -> Variable {
    requireFloat(.logAddExp)
    return record(
      .logAddExp, self, other, combined(.logAddExp, other),
      { [x = snapshot, y = other.snapshot] dz in dz * x.sigmoidOfDifference(y) },
      { [x = snapshot, y = other.snapshot] dz in dz * y.sigmoidOfDifference(x) })
  }

  /// sigmoid(x − y), ½ where both are the same infinity.
  private func sigmoidOfDifference(_ y: Variable) -> Variable {
    let difference = self - y
    // Where there is neither an infinity nor NaN, nothing has to be looked for.
    if difference.tensor.sum().item().isFinite { return difference.sigmoid() }
    let isInfinite = (tensor .== y.tensor) .& tensor.isInfinite()
    return difference.replacing(where: isInfinite, with: 0).sigmoid()
  }

  /// x · log y, 0 where x is 0 and y a number; shapes broadcast: dx = dz · log y, 0 where x is 0 and y not
  /// above it, and dy = dz · x / y. PyTorch's `xlogy`.
  public func xlogy(_ other: Variable) -> Variable {
    requireFloat(.xlogy)
    return record(
      .xlogy, self, other, combined(.xlogy, other),
      { [x = snapshot, y = other.snapshot] dz in
        let isNothing = (x.tensor .== 0) .& (y.tensor .<= 0)
        return isNothing.any().item() == 0 ? dz * y.log() : (dz * y.log()).replacing(where: isNothing, with: 0)
      },
      { [x = snapshot, y = other.snapshot] dz in (dz * x).quotientOrZero(y) })
  }
}
