// Division with a remainder, choices between numbers and NaN, and signs: functions of pairs, whose shapes broadcast.

extension Variable {
  /// What is left of each quotient, with the sign of the divisor: x − ⌊x / y⌋ · y, NaN by 0. dx = dz, dy = −dz · ⌊x /
  /// y⌋. PyTorch's `remainder`, Python's `%`.
  public func remainder(_ divisor: Variable) -> Variable {
    record(
      .remainder, self, divisor, tensor.remainder(divisor.tensor), { dz in dz },
      { [quotient = Variable(tensor.floorDivide(divisor.tensor))] dz in -dz * quotient })
  }

  /// The same with a number for the divisor.
  public func remainder(_ divisor: Double) -> Variable {
    record(.remainder, self, tensor.remainder(divisor), { dz in dz })
  }

  /// What is left of each quotient, with the sign of the dividend: x − trunc(x / y) · y, NaN by 0. dx = dz,
  /// dy = −dz · trunc(x / y). PyTorch's `fmod`, C's `%`.
  public func fmod(_ divisor: Variable) -> Variable {
    record(
      .fmod, self, divisor, tensor.fmod(divisor.tensor), { dz in dz },
      { [quotient = Variable((tensor / divisor.tensor).trunc())] dz in -dz * quotient })
  }

  /// The same with a number for the divisor.
  public func fmod(_ divisor: Double) -> Variable { record(.fmod, self, tensor.fmod(divisor), { dz in dz }) }

  /// The larger of each pair; where one is NaN the other. The one taken gets the gradient, of equal
  /// ones the left. PyTorch's `fmax`.
  public func fmax(_ other: Variable) -> Variable {
    choice(.fmax, .fmax, other) { (tensor .>= other.tensor) .| other.tensor.isNaN() }
  }

  /// The smaller of each pair; where one is NaN the other. The one taken gets the gradient, of equal
  /// ones the left. PyTorch's `fmin`.
  public func fmin(_ other: Variable) -> Variable {
    choice(.fmin, .fmin, other) { (tensor .<= other.tensor) .| other.tensor.isNaN() }
  }

  private func choice(
    _ op: Op, _ function: BinaryFunction, _ other: Variable, _ isLeft: () -> Tensor
  ) -> Variable {
    record(
      op, self, other, combined(function, other), { [isLost = !isLeft()] dz in dz.replacing(where: isLost, with: 0) },
      { [isLost = isLeft()] dz in dz.replacing(where: isLost, with: 0) })
  }

  /// The size of each element with the sign of its partner, that of −0 included: dx = dz where the sign stayed, −dz
  /// where it changed, 0 at 0. No gradient passes to the partner. PyTorch's `copysign`.
  public func copySign(_ sign: Variable) -> Variable {
    record(
      .copySign, self, tensor.copySign(sign.tensor),
      { [slope = Variable(tensor.sign() * tensor.onesLike().copySign(sign.tensor))] dz in dz * slope })
  }

  /// What stands behind the point, with the sign of the element: x − trunc x. dx = dy. PyTorch's `frac`.
  public func frac() -> Variable {
    requireFloat(named: "frac")
    return self - trunc()
  }
}

// MARK: - Without gradient

extension Variable {
  /// Each quotient rounded down: ⌊x / y⌋. PyTorch's `floor_divide`, Python's `//`.
  public func floorDivide(_ divisor: Variable) -> Variable { Variable(tensor.floorDivide(divisor.tensor)) }
  /// The same with a number for the divisor.
  public func floorDivide(_ divisor: Double) -> Variable { Variable(tensor.floorDivide(divisor)) }
  /// 0 below 0, 1 above it, and at 0 the partner in `values`; 0 for NaN. PyTorch's `heaviside`.
  public func heaviside(_ values: Variable) -> Variable { Variable(tensor.heaviside(values.tensor)) }
  /// The next number of the type on the way from each element to its partner. PyTorch's `nextafter`.
  public func nextAfter(_ target: Variable) -> Variable { Variable(tensor.nextAfter(target.tensor)) }
}
