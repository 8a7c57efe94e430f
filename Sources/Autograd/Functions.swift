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
  public func log() -> Variable { unary(.log, .log, keeping: .input) { x, dy in dy / x } }

  /// y = 1/x: dx = −dy · y².
  public func reciprocal() -> Variable {
    unary(.reciprocal, .reciprocal, keeping: .output) { y, dy in -dy * y * y }
  }

  /// Sine of an angle in radians: dx = dy · cos x.
  public func sin() -> Variable { unary(.sin, .sin, keeping: .input) { x, dy in dy * x.cos() } }

  /// Square root: dx = dy / 2y. At 0 the gradient is infinite, but 0 if dy is 0.
  public func sqrt() -> Variable {
    unary(.sqrt, .sqrt, keeping: .output) { y, dy in
      // 0 / 0 is NaN where nothing is asked of a root at 0; its true answer is 0.
      let isIdle = (y.tensor .== 0) .& (dy.tensor .== 0)
      return (dy * 0.5) / y.replacing(where: isIdle, with: 1)
    }
  }

  /// x²: dx = 2 · dy · x.
  public func square() -> Variable { unary(.square, .square, keeping: .input) { x, dy in dy * x * 2 } }
}
