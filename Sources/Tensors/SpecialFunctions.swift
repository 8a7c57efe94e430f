import Kernels

// Rarer functions of each element, alphabetical, and of pairs. `Variable` has them under the same names, with
// their derivatives. All stop unless the elements are floats.

extension Tensor {
  /// Inverse hyperbolic cosine, of numbers from 1 on. NaN below.
  public func acosh() -> Tensor { real(AG_ACOSH, "acosh") }

  /// Inverse hyperbolic sine.
  public func asinh() -> Tensor { real(AG_ASINH, "asinh") }

  /// Inverse hyperbolic tangent, of numbers in −1...1, where it is infinite. NaN outside.
  public func atanh() -> Tensor { real(AG_ATANH, "atanh") }

  /// ψ(x), the derivative of `lgamma`. NaN at negative whole numbers. PyTorch's `digamma`.
  public func digamma() -> Tensor { real(AG_DIGAMMA, "digamma") }

  /// 1 − erf x, exact for large x too.
  public func erfc() -> Tensor { real(AG_ERFC, "erfc") }

  /// The y with erf y = x, for x in −1...1, where it is infinite. NaN outside.
  public func erfinv() -> Tensor { real(AG_ERFINV, "erfinv") }

  /// 2ˣ.
  public func exp2() -> Tensor { real(AG_EXP2, "exp2") }

  /// log |Γ(x)|, Γ(n) being (n − 1)!. Infinite at 0 and negative whole numbers. PyTorch's `lgamma`.
  public func lgamma() -> Tensor { real(AG_LGAMMA, "lgamma") }

  /// Logarithm to base 10. −∞ at 0, NaN below.
  public func log10() -> Tensor { real(AG_LOG10, "log10") }

  /// log(p / (1 − p)), the inverse of `sigmoid`; with `epsilon`, of p kept in epsilon...1 − epsilon. PyTorch's `logit`.
  public func logit(epsilon: Double? = nil) -> Tensor {
    let p = floats("logit")
    if let epsilon {
      Tensor.requireHalf(epsilon)
      return p.clamp(min: epsilon, max: 1 - epsilon).logit()
    }
    return (p / (1 - p)).log()
  }

  /// Stops for a bound of a probability that leaves none.
  package static func requireHalf(_ epsilon: Double) {
    require((0...0.5).contains(epsilon), "logit: the bound lies between 0 and ½, got \(epsilon)")
  }

  /// The derivative of `digamma` of an order from 0 on. PyTorch's `polygamma`.
  public func polygamma(_ order: Int) -> Tensor {
    require(order >= 0, "polygamma: the order must not be negative, got \(order)")
    switch order {
    case 0: return real(AG_DIGAMMA, "polygamma")
    case 1: return real(AG_TRIGAMMA, "polygamma")
    default: return floats("polygamma").combined(.polygamma, Double(order))
    }
  }

  /// sin(πx) / πx, 1 at 0. PyTorch's `sinc`.
  public func sinc() -> Tensor { real(AG_SINC, "sinc") }
}

// MARK: - Of pairs

extension Tensor {
  /// √(x² + y²) without overflow; shapes broadcast. PyTorch's `hypot`.
  public func hypot(_ other: Tensor) -> Tensor { floats("hypot").combined(.hypot, other) }

  /// log(eˣ + eʸ) without overflow; shapes broadcast. PyTorch's `logaddexp`.
  public func logAddExp(_ other: Tensor) -> Tensor { floats("logAddExp").combined(.logAddExp, other) }

  /// x · log y, 0 where x is 0 and y a number; shapes broadcast. PyTorch's `xlogy`.
  public func xlogy(_ other: Tensor) -> Tensor { floats("xlogy").combined(.xlogy, other) }
}
