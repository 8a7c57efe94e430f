// Functions of each element, alphabetical. Derivatives at kinks follow PyTorch.

extension Variable {
  /// Absolute value: dx = dy · sign x, 0 at 0.
  public func abs() -> Variable {
    unary(.abs, .abs, keeping: .input) { x, dy in dy * Variable(x.tensor.mapped(.sign)) }
  }

  /// Cosine of an angle in radians: dx = −dy · sin x.
  public func cos() -> Variable { unary(.cos, .cos, keeping: .input) { x, dy in -dy * x.sin() } }

  /// y = eˣ: dx = dy · y.
  public func exp() -> Variable { unary(.exp, .exp, keeping: .output) { y, dy in dy * y } }

  /// Natural logarithm: dx = dy / x. −∞ at 0, NaN below.
  public func log() -> Variable { unary(.log, .log, keeping: .input) { x, dy in dy.quotientOrZero(x) } }

  /// 1/x: dx = −dy / x².
  public func reciprocal() -> Variable {
    unary(.reciprocal, .reciprocal, keeping: .input) { x, dy in -dy.quotientOrZero(x).quotientOrZero(x) }
  }

  /// Sine of an angle in radians: dx = dy · cos x.
  public func sin() -> Variable { unary(.sin, .sin, keeping: .input) { x, dy in dy * x.cos() } }

  /// Square root: dx = dy / 2y. At 0 the gradient is infinite, but 0 if dy is 0.
  public func sqrt() -> Variable {
    unary(.sqrt, .sqrt, keeping: .output) { y, dy in (dy * 0.5).quotientOrZero(y) }
  }

  /// x²: dx = 2 · dy · x.
  public func square() -> Variable { unary(.square, .square, keeping: .input) { x, dy in dy * x * 2 } }
}
