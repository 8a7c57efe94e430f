// Which elements are NaN, which are finite, and which are nearly equal.

extension Tensor {
  /// Where elements are not a number, as bool of this shape.
  public func isNaN() -> Tensor { self .!= self }

  /// Where elements are infinite, as bool of this shape; integers never are.
  public func isInfinite() -> Tensor {
    dtype.isFloatingPoint ? abs() .== .infinity : .zeros(shape, dtype: .bool)
  }

  /// Where elements are numbers and not infinite, as bool of this shape.
  public func isFinite() -> Tensor {
    dtype.isFloatingPoint ? abs() .< .infinity : .ones(shape, dtype: .bool)
  }

  /// Where |self − other| ≤ absoluteTolerance + relativeTolerance · |other|, as bool; both broadcast.
  ///
  /// Equal infinities are close. NaN is close to nothing or, with `equalNaN`, to NaN. Integers are compared as
  /// float64. Stops for types that differ and for a tolerance below 0. PyTorch's `isclose`.
  public func isClose(
    to other: Tensor, relativeTolerance: Double = 1e-5, absoluteTolerance: Double = 1e-8, equalNaN: Bool = false
  ) -> Tensor {
    if dtype != other.dtype { stopForTypes("isClose", self, other) }
    if Shape.broadcast(shape, other.shape) == nil { stopForShapes("isClose", self, other) }
    require(
      relativeTolerance >= 0 && absoluteTolerance >= 0,
      "isClose: tolerances must not be negative, got \(relativeTolerance) and \(absoluteTolerance)")
    let (x, y) = dtype.isFloatingPoint ? (self, other) : (cast(to: .float64), other.cast(to: .float64))
    let difference = (x - y).abs()
    let isNear = difference .<= y.abs() * relativeTolerance + absoluteTolerance
    let isClose = (self .== other) .| (isNear .& difference.isFinite())
    return equalNaN ? isClose .| (isNaN() .& other.isNaN()) : isClose
  }

  /// Whether all elements are close to others (see `isClose`). PyTorch's `allclose`.
  public func allClose(
    to other: Tensor, relativeTolerance: Double = 1e-5, absoluteTolerance: Double = 1e-8, equalNaN: Bool = false
  ) -> Bool {
    let isClose = isClose(
      to: other, relativeTolerance: relativeTolerance, absoluteTolerance: absoluteTolerance, equalNaN: equalNaN)
    return isClose.all().item() == 1
  }
}
