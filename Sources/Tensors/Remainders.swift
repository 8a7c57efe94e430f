// Division with a remainder, choices between numbers and NaN, and signs: functions of pairs, whose shapes broadcast.
// `Variable` has them under the same names, with their derivatives.

extension Tensor {
  /// What is left of each quotient, with the sign of the divisor: x − ⌊x / y⌋ · y, NaN by 0; for integers too.
  ///
  /// Stops for integers divided by 0. PyTorch's `remainder`, Python's `%`.
  public func remainder(_ divisor: Tensor) -> Tensor { divided(.remainder, by: divisor) }

  /// The same with a number for the divisor.
  public func remainder(_ divisor: Double) -> Tensor { divided(.remainder, by: divisor) }

  /// What is left of each quotient, with the sign of the dividend: x − trunc(x / y) · y, NaN by 0; for integers too.
  ///
  /// Stops for integers divided by 0. PyTorch's `fmod`, C's `%`.
  public func fmod(_ divisor: Tensor) -> Tensor { divided(.fmod, by: divisor) }

  /// The same with a number for the divisor.
  public func fmod(_ divisor: Double) -> Tensor { divided(.fmod, by: divisor) }

  /// Each quotient rounded down: ⌊x / y⌋; for integers too. Stops for integers divided by 0. PyTorch's
  /// `floor_divide`, Python's `//`.
  public func floorDivide(_ divisor: Tensor) -> Tensor { divided(.floorDivide, by: divisor) }

  /// The same with a number for the divisor.
  public func floorDivide(_ divisor: Double) -> Tensor { divided(.floorDivide, by: divisor) }

  /// The larger of each pair; where one is NaN the other; for integers too. PyTorch's `fmax`.
  public func fmax(_ other: Tensor) -> Tensor { combined(.fmax, other) }

  /// The smaller of each pair; where one is NaN the other; for integers too. PyTorch's `fmin`.
  public func fmin(_ other: Tensor) -> Tensor { combined(.fmin, other) }

  /// The size of each element with the sign of its partner, that of −0 included. Stops unless both
  /// are floats. PyTorch's `copysign`.
  public func copySign(_ sign: Tensor) -> Tensor { floats("copySign").combined(.copySign, sign) }

  /// The next number of the type on the way from each element to its partner. Stops unless both are floats. PyTorch's
  /// `nextafter`.
  public func nextAfter(_ target: Tensor) -> Tensor { floats("nextAfter").combined(.nextAfter, target) }

  /// 0 below 0, 1 above it, and at 0 the partner in `values`; 0 for NaN; for integers too. PyTorch's `heaviside`.
  public func heaviside(_ values: Tensor) -> Tensor {
    if dtype != values.dtype { stopForTypes("heaviside", self, values) }
    if Shape.broadcast(shape, values.shape) == nil { stopForShapes("heaviside", self, values) }
    return .where(self .== 0, values, (self .> 0).cast(to: dtype))
  }

  /// What stands behind the point, with the sign of the element: x − trunc x. PyTorch's `frac`.
  public func frac() -> Tensor { floats("frac") - trunc() }

  private func divided(_ function: BinaryFunction, by divisor: Tensor) -> Tensor {
    if !dtype.isFloatingPoint, !divisor.dtype.isFloatingPoint { requireDivisor(function, (divisor .!= 0).all()) }
    return combined(function, divisor)
  }

  private func divided(_ function: BinaryFunction, by divisor: Double) -> Tensor {
    if !dtype.isFloatingPoint { requireDivisor(function, Tensor(divisor != 0)) }
    return combined(function, divisor)
  }

  private func requireDivisor(_ function: BinaryFunction, _ isThere: Tensor) {
    require(isThere.item() == 1, "\(function.name): an integer cannot be divided by 0, got \(dtype) \(shape)")
  }
}
