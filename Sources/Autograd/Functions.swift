// Functions of each element, alphabetical. Derivatives at kinks follow PyTorch. At a pole the gradient is
// infinite, but 0 where dy is 0.

extension Variable {
  /// Absolute value: dx = dy · sign x, 0 at 0.
  public func abs() -> Variable {
    unary(.abs, { $0.abs() }, keeping: .input) { x, dy in dy * Variable(x.tensor.sign()) }
  }

  /// Arc cosine in radians, of numbers in −1...1: dx = −dy / √(1 − x²). NaN outside.
  public func acos() -> Variable {
    unary(.acos, { $0.acos() }, keeping: .input) { x, dy in -dy.quotientOrZero(x.cosineOfArcSine()) }
  }

  /// Arc sine in radians, of numbers in −1...1: dx = dy / √(1 − x²). NaN outside.
  public func asin() -> Variable {
    unary(.asin, { $0.asin() }, keeping: .input) { x, dy in dy.quotientOrZero(x.cosineOfArcSine()) }
  }

  /// √(1 − x²), with the product that keeps its digits near ±1.
  private func cosineOfArcSine() -> Variable { ((1 - self) * (1 + self)).sqrt() }

  /// Arc tangent in radians: dx = dy / (1 + x²).
  public func atan() -> Variable { unary(.atan, { $0.atan() }, keeping: .input) { x, dy in dy / (1 + x.square()) } }

  /// Cosine of an angle in radians: dx = −dy · sin x.
  public func cos() -> Variable { unary(.cos, { $0.cos() }, keeping: .input) { x, dy in -dy * x.sin() } }

  /// Hyperbolic cosine: dx = dy · sinh x.
  public func cosh() -> Variable { unary(.cosh, { $0.cosh() }, keeping: .input) { x, dy in dy * x.sinh() } }

  /// The error function 2/√π ∫₀ˣ exp(−t²) dt: dx = dy · 2/√π · exp(−x²).
  public func erf() -> Variable {
    unary(.erf, { $0.erf() }, keeping: .input) { x, dy in dy * (-x.square()).exp() * 1.1283791670955126 }
  }

  /// y = eˣ: dx = dy · y.
  public func exp() -> Variable { unary(.exp, { $0.exp() }, keeping: .output) { y, dy in dy * y } }

  /// eˣ − 1, exact for small x: dx = dy · eˣ.
  public func expm1() -> Variable { unary(.expm1, { $0.expm1() }, keeping: .input) { x, dy in dy * x.exp() } }

  /// Natural logarithm: dx = dy / x. −∞ at 0, NaN below.
  public func log() -> Variable { unary(.log, { $0.log() }, keeping: .input) { x, dy in dy.quotientOrZero(x) } }

  /// log(1 + x), exact for small x: dx = dy / (1 + x). −∞ at −1, NaN below.
  public func log1p() -> Variable {
    unary(.log1p, { $0.log1p() }, keeping: .input) { x, dy in dy.quotientOrZero(1 + x) }
  }

  /// Logarithm to base 2: dx = dy / (x · log 2). −∞ at 0, NaN below.
  public func log2() -> Variable {
    unary(.log2, { $0.log2() }, keeping: .input) { x, dy in dy.quotientOrZero(x * 0.6931471805599453) }
  }

  /// 1/x: dx = −dy / x².
  public func reciprocal() -> Variable {
    unary(.reciprocal, { $0.reciprocal() }, keeping: .input) { x, dy in -dy.quotientOrZero(x).quotientOrZero(x) }
  }

  /// 1/√x: dx = −dy / 2x√x. Infinite at 0, NaN below.
  public func rsqrt() -> Variable {
    unary(.rsqrt, { $0.rsqrt() }, keeping: .input) { x, dy in dy.quotientOrZero(x * x.sqrt() * -2) }
  }

  /// Sine of an angle in radians: dx = dy · cos x.
  public func sin() -> Variable { unary(.sin, { $0.sin() }, keeping: .input) { x, dy in dy * x.cos() } }

  /// Hyperbolic sine: dx = dy · cosh x.
  public func sinh() -> Variable { unary(.sinh, { $0.sinh() }, keeping: .input) { x, dy in dy * x.cosh() } }

  /// Square root: dx = dy / 2y. At 0 the gradient is infinite, but 0 if dy is 0.
  public func sqrt() -> Variable {
    unary(.sqrt, { $0.sqrt() }, keeping: .output) { y, dy in (dy * 0.5).quotientOrZero(y) }
  }

  /// x²: dx = 2 · dy · x.
  public func square() -> Variable { unary(.square, { $0.square() }, keeping: .input) { x, dy in dy * x * 2 } }

  /// Tangent of an angle in radians: dx = dy · (1 + y²).
  public func tan() -> Variable { unary(.tan, { $0.tan() }, keeping: .output) { y, dy in dy * (1 + y.square()) } }
}

// MARK: - Without gradient

/// Step functions: their derivative is 0 wherever there is one, so no gradient passes and the result requires none.
extension Variable {
  /// The smallest integer that is not below each element.
  public func ceil() -> Variable { Variable(tensor.ceil()) }
  /// The largest integer that is not above each element.
  public func floor() -> Variable { Variable(tensor.floor()) }
  /// The nearest integer; halves go to the even one.
  public func round() -> Variable { Variable(tensor.round()) }
  /// −1, 0 or 1.
  public func sign() -> Variable { Variable(tensor.sign()) }
  /// Each element without its fraction, rounded towards zero.
  public func trunc() -> Variable { Variable(tensor.trunc()) }
}
