// The four operations, powers and comparison. Shapes broadcast: gradients are summed back by the walk.

extension Variable {
  /// Sum of each pair; shapes broadcast. dx = dy on both sides.
  public static func + (lhs: consuming Variable, rhs: Variable) -> Variable {
    record(.add, spending: lhs, .add, rhs, { dy in dy }, { dy in dy })
  }

  /// Difference of each pair; shapes broadcast. dx = dy, and −dy on the right.
  public static func - (lhs: consuming Variable, rhs: Variable) -> Variable {
    record(.subtract, spending: lhs, .subtract, rhs, { dy in dy }, { dy in -dy })
  }

  /// Product of each pair; shapes broadcast. dx = dy · the other side. For the matrix product see `•`.
  public static func * (lhs: consuming Variable, rhs: Variable) -> Variable {
    if !rhs.isRecorded {
      return record(.multiply, spending: lhs, .multiply, rhs, { [rhs = rhs.snapshot] dy in dy * rhs })
    }
    return record(
      .multiply, lhs, rhs, lhs.combined(.multiply, rhs), { [rhs = rhs.snapshot] dy in dy * rhs },
      { [lhs = lhs.snapshot] dy in dy * lhs })
  }

  /// Quotient of each pair; shapes broadcast. dx = dy / rhs, and −dy · lhs / rhs² on the right.
  public static func / (lhs: consuming Variable, rhs: Variable) -> Variable {
    if !rhs.isRecorded {
      return record(.divide, spending: lhs, .divide, rhs, { [rhs = rhs.snapshot] dy in dy.quotientOrZero(rhs) })
    }
    return record(
      .divide, lhs, rhs, lhs.combined(.divide, rhs), { [rhs = rhs.snapshot] dy in dy.quotientOrZero(rhs) },
      { [lhs = lhs.snapshot, rhs = rhs.snapshot] dy in -(dy.quotientOrZero(rhs) * lhs).quotientOrZero(rhs) })
  }

  /// A gradient (this) divided by a value, but 0 where the gradient is 0: at a pole that no gradient reaches,
  /// the result is 0 and not 0 / 0.
  func quotientOrZero(_ x: Variable) -> Variable {
    record(
      .quotientOrZero, self, x, combined(.quotientOrZero, x), { [x = x.snapshot] g in g.quotientOrZero(x) },
      { [dy = snapshot, x = x.snapshot] g in -(dy.quotientOrZero(x) * g).quotientOrZero(x) })
  }

  /// A gradient (this) divided by a value; where the value is 0, the result and its derivatives are 0. For functions
  /// without a derivative there whose gradient is 0 by convention, as a norm's at 0.
  func quotientOrFlat(_ x: Variable) -> Variable {
    let isZero = x.tensor .== 0
    if isZero.any().item() == 0 { return self / x }
    return replacing(where: isZero, with: 0) / x.replacing(where: isZero, with: 1)
  }

  /// Each element's negative. dx = −dy.
  public static prefix func - (x: consuming Variable) -> Variable {
    // A factor of −1 would become `true` for bools, and unsigned types cannot represent it.
    if !x.dtype.isFloatingPoint { return Variable(-x.tensor, entry: nil) }
    return record(.negate, spending: x, .multiply, -1, { dy in -dy })
  }

  /// The larger of each pair; shapes broadcast. Where the two are equal, each side gets half the gradient.
  public func maximum(_ other: Variable) -> Variable {
    record(
      .maximum, self, other, combined(.maximum, other),
      { [share = Variable.share(lost: tensor .< other.tensor, tensor .== other.tensor, dtype)] dy in dy * share },
      { [share = Variable.share(lost: other.tensor .< tensor, tensor .== other.tensor, dtype)] dy in dy * share })
  }

  /// The smaller of each pair; shapes broadcast. Where the two are equal, each side gets half the gradient.
  public func minimum(_ other: Variable) -> Variable {
    record(
      .minimum, self, other, combined(.minimum, other),
      { [share = Variable.share(lost: tensor .> other.tensor, tensor .== other.tensor, dtype)] dy in dy * share },
      { [share = Variable.share(lost: other.tensor .> tensor, tensor .== other.tensor, dtype)] dy in dy * share })
  }

  /// 1 where a side was chosen, ½ at a tie. Where one is NaN, both count as chosen.
  private static func share(lost: Tensor, _ tied: Tensor, _ dtype: DType) -> Variable {
    Variable((!lost).cast(to: dtype) - tied.cast(to: dtype) * 0.5)
  }
}

// MARK: - With a number

extension Variable {
  /// Sum of each element and a number.
  public static func + (lhs: consuming Variable, rhs: Double) -> Variable {
    record(.add, spending: lhs, .add, rhs, { dy in dy })
  }
  /// Sum of a number and each element.
  public static func + (lhs: Double, rhs: consuming Variable) -> Variable { rhs + lhs }

  /// Difference of each element and a number.
  public static func - (lhs: consuming Variable, rhs: Double) -> Variable {
    record(.subtract, spending: lhs, .subtract, rhs, { dy in dy })
  }
  /// Difference of a number and each element.
  public static func - (lhs: Double, rhs: consuming Variable) -> Variable {
    record(.subtract, spending: rhs, .subtract, lhs, reversed: true, { dy in -dy })
  }

  /// Product of each element and a number.
  public static func * (lhs: consuming Variable, rhs: Double) -> Variable {
    record(.multiply, spending: lhs, .multiply, rhs, { dy in dy * rhs })
  }
  /// Product of a number and each element.
  public static func * (lhs: Double, rhs: consuming Variable) -> Variable { rhs * lhs }

  /// Quotient of each element and a number.
  public static func / (lhs: consuming Variable, rhs: Double) -> Variable {
    record(.divide, spending: lhs, .divide, rhs, { dy in dy / rhs })
  }
  /// Quotient of a number and each element: −dy · lhs / x².
  public static func / (lhs: Double, rhs: Variable) -> Variable {
    record(
      .divide, rhs, rhs.combined(.divide, lhs, reversed: true),
      { [rhs = rhs.snapshot] dy in -(dy.quotientOrZero(rhs) * lhs).quotientOrZero(rhs) })
  }

  /// Adds; the left side names the result from then on, and the variable that it named is unchanged.
  public static func += (lhs: inout Variable, rhs: Variable) { lhs = consume lhs + rhs }
  /// Subtracts; the left side becomes the result.
  public static func -= (lhs: inout Variable, rhs: Variable) { lhs = consume lhs - rhs }
  /// Multiplies; the left side becomes the result.
  public static func *= (lhs: inout Variable, rhs: Variable) { lhs = consume lhs * rhs }
  /// Divides; the left side becomes the result.
  public static func /= (lhs: inout Variable, rhs: Variable) { lhs = consume lhs / rhs }
  /// Adds a number; the left side becomes the result.
  public static func += (lhs: inout Variable, rhs: Double) { lhs = consume lhs + rhs }
  /// Subtracts a number; the left side becomes the result.
  public static func -= (lhs: inout Variable, rhs: Double) { lhs = consume lhs - rhs }
  /// Multiplies by a number; the left side becomes the result.
  public static func *= (lhs: inout Variable, rhs: Double) { lhs = consume lhs * rhs }
  /// Divides by a number; the left side becomes the result.
  public static func /= (lhs: inout Variable, rhs: Double) { lhs = consume lhs / rhs }
}

// MARK: - Powers

extension Variable {
  /// Each element to a power that is a number: y = xⁿ, dx = dy · n · xⁿ⁻¹, which is 0 for n = 0 even at x = 0.
  public func pow(_ exponent: Double) -> Variable {
    requireFloat(.pow)
    return record(
      .pow, self, combined(.pow, exponent),
      { [x = snapshot] dy in
        if exponent == 0 { return dy * 0 }
        if exponent == 1 { return dy }
        if exponent == 2 { return dy * x * 2 }
        if exponent > 1 { return dy * (exponent * x.pow(exponent - 1)) }
        return (exponent * dy).quotientOrZero(x.pow(1 - exponent))  // a pole at 0
      })
  }

  /// Each element to the power of its partner; shapes broadcast.
  ///
  /// y = xᵉ; dx = dy · e · xᵉ⁻¹ (0 where e = 0), de = dy · y · log x (0 where x = 0 and e ≥ 0, as in PyTorch).
  public func pow(_ exponent: Variable) -> Variable {
    requireFloat(.pow)
    return record(
      .pow, self, exponent, combined(.pow, exponent),
      { [x = snapshot, e = exponent.snapshot] dy in dy * x.powSlope(e) },
      { [x = snapshot, e = exponent.snapshot] dy in dy * x.powLogSlope(e) })
  }

  /// e · xᵉ⁻¹, 0 where e = 0, in one pass.
  private func powSlope(_ e: Variable) -> Variable {
    fused(combined(.powSlope, e)) {
      let isZero = e.tensor .== 0
      // Where e = 0 the base is replaced by 1, so that 0 is not multiplied by an infinity.
      return (e * replacing(where: isZero, with: 1).pow(e - 1)).replacing(where: isZero, with: 0)
    }
  }

  /// xᵉ · log x, 0 where x = 0 and e ≥ 0, in one pass.
  private func powLogSlope(_ e: Variable) -> Variable {
    fused(combined(.powLogSlope, e)) {
      let isZero = (tensor .== 0) .& (e.tensor .>= 0)
      let base = replacing(where: isZero, with: 1)
      return (base.pow(e) * base.log()).replacing(where: isZero, with: 0)
    }
  }

  /// A number to the power of each element: dx = dy · y · log(base).
  public static func pow(_ base: Double, _ exponent: Variable) -> Variable {
    Variable(Tensor.full([], base, dtype: exponent.dtype)).pow(exponent)
  }

  /// This where `condition` is false, else a number.
  func replacing(where condition: Tensor, with number: Double) -> Variable {
    Variable.where(condition, Variable(Tensor.full([], number, dtype: dtype)), self)
  }
}

// MARK: - Comparison

extension Variable {
  /// Where elements are equal, as bool. No gradient passes.
  public static func .== (lhs: Variable, rhs: Variable) -> Tensor { lhs.tensor .== rhs.tensor }
  /// Where elements equal a number.
  public static func .== (lhs: Variable, rhs: Double) -> Tensor { lhs.tensor .== rhs }
  /// Where elements differ.
  public static func .!= (lhs: Variable, rhs: Variable) -> Tensor { lhs.tensor .!= rhs.tensor }
  /// Where elements differ from a number.
  public static func .!= (lhs: Variable, rhs: Double) -> Tensor { lhs.tensor .!= rhs }
  /// Where left elements are smaller.
  public static func .< (lhs: Variable, rhs: Variable) -> Tensor { lhs.tensor .< rhs.tensor }
  /// Where elements are below a number.
  public static func .< (lhs: Variable, rhs: Double) -> Tensor { lhs.tensor .< rhs }
  /// Where left elements are smaller or equal.
  public static func .<= (lhs: Variable, rhs: Variable) -> Tensor { lhs.tensor .<= rhs.tensor }
  /// Where elements are at most a number.
  public static func .<= (lhs: Variable, rhs: Double) -> Tensor { lhs.tensor .<= rhs }
  /// Where left elements are larger.
  public static func .> (lhs: Variable, rhs: Variable) -> Tensor { lhs.tensor .> rhs.tensor }
  /// Where elements are above a number.
  public static func .> (lhs: Variable, rhs: Double) -> Tensor { lhs.tensor .> rhs }
  /// Where left elements are larger or equal.
  public static func .>= (lhs: Variable, rhs: Variable) -> Tensor { lhs.tensor .>= rhs.tensor }
  /// Where elements are at least a number.
  public static func .>= (lhs: Variable, rhs: Double) -> Tensor { lhs.tensor .>= rhs }
}
