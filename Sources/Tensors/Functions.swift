import Kernels

// Elementwise functions, in alphabetical order. `Variable` has them under the same names, with their derivatives. They
// stop unless the elements are floats, except those that say that they take integers too.

extension Tensor {
  /// Absolute value; for integers too.
  public func abs() -> Tensor { mapped(AG_ABS, "abs") }

  /// Arc cosine in radians, of numbers in −1...1. NaN outside.
  public func acos() -> Tensor { real(AG_ACOS, "acos") }

  /// Arc sine in radians, of numbers in −1...1. NaN outside.
  public func asin() -> Tensor { real(AG_ASIN, "asin") }

  /// Arc tangent in radians.
  public func atan() -> Tensor { real(AG_ATAN, "atan") }

  /// The smallest integer that is not below each element.
  public func ceil() -> Tensor { real(AG_CEIL, "ceil") }

  /// Cosine of an angle in radians.
  public func cos() -> Tensor { real(AG_COS, "cos") }

  /// Hyperbolic cosine.
  public func cosh() -> Tensor { real(AG_COSH, "cosh") }

  /// The error function 2/√π ∫₀ˣ exp(−t²) dt.
  public func erf() -> Tensor { real(AG_ERF, "erf") }

  /// eˣ.
  public func exp() -> Tensor { real(AG_EXP, "exp") }

  /// eˣ − 1, exact for small x.
  public func expm1() -> Tensor { real(AG_EXPM1, "expm1") }

  /// The largest integer that is not above each element.
  public func floor() -> Tensor { real(AG_FLOOR, "floor") }

  /// Natural logarithm. −∞ at 0, NaN below.
  public func log() -> Tensor { real(AG_LOG, "log") }

  /// log(1 + x), exact for small x. −∞ at −1, NaN below.
  public func log1p() -> Tensor { real(AG_LOG1P, "log1p") }

  /// Logarithm to base 2. −∞ at 0, NaN below.
  public func log2() -> Tensor { real(AG_LOG2, "log2") }

  /// 1/x.
  public func reciprocal() -> Tensor { real(AG_RECIPROCAL, "reciprocal") }

  /// The nearest integer; halves go to the even one.
  public func round() -> Tensor { real(AG_ROUND, "round") }

  /// 1/√x. Infinite at 0, NaN below.
  public func rsqrt() -> Tensor { real(AG_RSQRT, "rsqrt") }

  /// −1, 0 or 1; for integers too.
  public func sign() -> Tensor { mapped(AG_SIGN, "sign") }

  /// Sine of an angle in radians.
  public func sin() -> Tensor { real(AG_SIN, "sin") }

  /// Hyperbolic sine.
  public func sinh() -> Tensor { real(AG_SINH, "sinh") }

  /// Square root. NaN below 0.
  public func sqrt() -> Tensor { real(AG_SQRT, "sqrt") }

  /// x²; for integers too.
  public func square() -> Tensor { mapped(AG_SQUARE, "square") }

  /// Tangent of an angle in radians.
  public func tan() -> Tensor { real(AG_TAN, "tan") }

  /// Each element without its fraction, rounded towards zero.
  public func trunc() -> Tensor { real(AG_TRUNC, "trunc") }
}

// MARK: - Pairs

extension Tensor {
  /// The angle of the point (other, self), in −π...π; shapes broadcast. Stops unless both
  /// are floats. PyTorch's `atan2`.
  public func atan2(_ other: Tensor) -> Tensor { floats("atan2").combined(.atan2, other) }

  /// Each element limited to a range, of which one bound may be missing; NaN stays. For integers too.
  ///
  /// PyTorch's `clamp`. Stops when both bounds are missing.
  public func clamp(min: Double? = nil, max: Double? = nil) -> Tensor {
    require(min != nil || max != nil, "clamp: wants a lower bound, an upper bound or both")
    if dtype.isFloatingPoint { return curve("clamp", .clamp(min ?? -.infinity, max ?? .infinity)) }
    let raised = min.map { combined(.maximum, $0) } ?? self
    return max.map { raised.combined(.minimum, $0) } ?? raised
  }

  /// The larger of each pair; shapes broadcast. NaN where either is.
  public func maximum(_ other: Tensor) -> Tensor { combined(.maximum, other) }

  /// The smaller of each pair; shapes broadcast. NaN where either is.
  public func minimum(_ other: Tensor) -> Tensor { combined(.minimum, other) }

  /// Each element to a power that is a number: xⁿ. For integers too, whose negative powers are rounded towards 0.
  public func pow(_ exponent: Double) -> Tensor { combined(.pow, exponent) }

  /// Each element to the power of its partner; shapes broadcast.
  public func pow(_ exponent: Tensor) -> Tensor { combined(.pow, exponent) }

  /// A number to the power of each element.
  public static func pow(_ base: Double, _ exponent: Tensor) -> Tensor {
    exponent.combined(.pow, base, reversed: true)
  }
}

// MARK: - Kernels

extension Tensor {
  /// A function that needs floats.
  func real(_ function: ag_unary_op, _ name: StaticString) -> Tensor { floats(name).mapped(function, name) }

  /// This tensor; stops unless its elements are floats, which `op` requires.
  func floats(_ op: StaticString) -> Tensor {
    requireFloat(named: "\(op)")
    return self
  }

  /// Stops unless the elements are floats, which `op` requires.
  @inline(__always)
  package func requireFloat(named op: @autoclosure () -> String) {
    require(
      dtype.isFloatingPoint,
      "\(op()): wants float32 or float64, got \(dtype) \(shape); convert with cast(to: .float32)")
  }

  /// The kernel's value for each element. Stops when the function does not exist for the tensor's type.
  func mapped(_ function: ag_unary_op, _ name: StaticString) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    let supported = withPointer { x in
      result.withWritablePointer { out in
        if isContiguous { return ag_unary(function, dtype.kernel, 1, elementCount, x, 0, 1, out) }
        return mapGrids(function, x, out)
      }
    }
    require(supported, "\(name): does not work on \(dtype); convert with cast(to:)")
    return result
  }

  private func mapGrids(_ function: ag_unary_op, _ x: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) -> Bool {
    let size = dtype.byteCount
    var done = 0
    var supported = true
    StridedLoop(shape: shape, strides, strides, strides).forEachGrid { rows, columns, from, _, _ in
      supported = ag_unary(
        function, dtype.kernel, rows, columns, x + from.offset * size, from.row, from.column, out + done * size)
      done += rows * columns
    }
    return supported
  }
}
