import Kernels

/// A matrix product, with the precedence of multiplication: `a • b`.
infix operator • : MultiplicationPrecedence
/// Element-wise "and" of Booleans.
infix operator .& : LogicalConjunctionPrecedence
/// Element-wise "or" of Booleans.
infix operator .| : LogicalDisjunctionPrecedence

extension Tensor {
  /// Sum of each pair; shapes broadcast.
  public static func + (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.add, rhs) }
  /// Sum of each element and a number.
  public static func + (lhs: Tensor, rhs: Double) -> Tensor { lhs.combined(.add, rhs) }
  /// Sum of a number and each element.
  public static func + (lhs: Double, rhs: Tensor) -> Tensor { rhs.combined(.add, lhs) }
  /// Difference of each pair; shapes broadcast.
  public static func - (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.subtract, rhs) }
  /// Difference of each element and a number.
  public static func - (lhs: Tensor, rhs: Double) -> Tensor { lhs.combined(.subtract, rhs) }
  /// Difference of a number and each element.
  public static func - (lhs: Double, rhs: Tensor) -> Tensor { rhs.combined(.subtract, lhs, reversed: true) }
  /// Product of each pair; shapes broadcast. For the matrix product see `•`.
  public static func * (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.multiply, rhs) }
  /// Product of each element and a number.
  public static func * (lhs: Tensor, rhs: Double) -> Tensor { lhs.combined(.multiply, rhs) }
  /// Product of a number and each element.
  public static func * (lhs: Double, rhs: Tensor) -> Tensor { rhs.combined(.multiply, lhs) }
  /// Quotient of each pair; shapes broadcast.
  public static func / (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.divide, rhs) }
  /// Quotient of each element and a number.
  public static func / (lhs: Tensor, rhs: Double) -> Tensor { lhs.combined(.divide, rhs) }
  /// Quotient of a number and each element.
  public static func / (lhs: Double, rhs: Tensor) -> Tensor { rhs.combined(.divide, lhs, reversed: true) }
  /// Each element's negative.
  public static prefix func - (x: Tensor) -> Tensor { x.mapped(AG_NEG, "negate") }

  /// Adds in place; the right side broadcasts to the left side's shape.
  public static func += (lhs: inout Tensor, rhs: Tensor) { lhs.add(rhs) }
  /// Subtracts in place; the right side broadcasts to the left side's shape.
  public static func -= (lhs: inout Tensor, rhs: Tensor) { lhs.add(rhs, scale: -1) }
  /// Multiplies in place; the right side broadcasts to the left side's shape.
  public static func *= (lhs: inout Tensor, rhs: Tensor) { lhs.become(.multiply, rhs) }
  /// Divides in place; the right side broadcasts to the left side's shape.
  public static func /= (lhs: inout Tensor, rhs: Tensor) { lhs.become(.divide, rhs) }
  /// Adds a number in place.
  public static func += (lhs: inout Tensor, rhs: Double) { lhs.combine(.add, rhs) }
  /// Subtracts a number in place.
  public static func -= (lhs: inout Tensor, rhs: Double) { lhs.combine(.subtract, rhs) }
  /// Multiplies by a number in place.
  public static func *= (lhs: inout Tensor, rhs: Double) { lhs.combine(.multiply, rhs) }
  /// Divides by a number in place.
  public static func /= (lhs: inout Tensor, rhs: Double) { lhs.combine(.divide, rhs) }

  /// Matrix product; see `matmul(_:)`.
  public static func • (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.matmul(rhs) }

  /// Where elements are equal, as bool.
  public static func .== (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.equal, rhs) }
  /// Where elements equal a number, as bool.
  public static func .== (lhs: Tensor, rhs: Double) -> Tensor { lhs.combined(.equal, rhs) }
  /// Where elements differ, as bool.
  public static func .!= (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.notEqual, rhs) }
  /// Where elements differ from a number, as bool.
  public static func .!= (lhs: Tensor, rhs: Double) -> Tensor { lhs.combined(.notEqual, rhs) }
  /// Where left elements are smaller, as bool.
  public static func .< (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.less, rhs) }
  /// Where elements are below a number, as bool.
  public static func .< (lhs: Tensor, rhs: Double) -> Tensor { lhs.combined(.less, rhs) }
  /// Where left elements are smaller or equal, as bool.
  public static func .<= (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.lessOrEqual, rhs) }
  /// Where elements are at most a number, as bool.
  public static func .<= (lhs: Tensor, rhs: Double) -> Tensor { lhs.combined(.lessOrEqual, rhs) }
  /// Where left elements are larger, as bool.
  public static func .> (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.greater, rhs) }
  /// Where elements are above a number, as bool.
  public static func .> (lhs: Tensor, rhs: Double) -> Tensor { lhs.combined(.greater, rhs) }
  /// Where left elements are larger or equal, as bool.
  public static func .>= (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.greaterOrEqual, rhs) }
  /// Where elements are at least a number, as bool.
  public static func .>= (lhs: Tensor, rhs: Double) -> Tensor { lhs.combined(.greaterOrEqual, rhs) }
  /// Where both are true.
  public static func .& (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.and, rhs) }
  /// Where either is true.
  public static func .| (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.or, rhs) }
  /// Where elements are false.
  public static prefix func ! (x: Tensor) -> Tensor { x.mapped(AG_LOGICAL_NOT, "not") }
}
