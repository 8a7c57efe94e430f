// Operators of a tensor and a number of any Swift type: `x * rate` where `rate` is a `Float`, `x / count` where `count`
// is an `Int`. Literals take the `Double` operators, which are preferred to these.

extension Tensor {
  /// Sum of each element and a number.
  @_disfavoredOverload
  public static func + <Number: TensorScalar & Numeric>(lhs: Tensor, rhs: Number) -> Tensor { lhs + rhs.tensorScalar }
  /// Sum of a number and each element.
  @_disfavoredOverload
  public static func + <Number: TensorScalar & Numeric>(lhs: Number, rhs: Tensor) -> Tensor { lhs.tensorScalar + rhs }
  /// Difference of each element and a number.
  @_disfavoredOverload
  public static func - <Number: TensorScalar & Numeric>(lhs: Tensor, rhs: Number) -> Tensor { lhs - rhs.tensorScalar }
  /// Difference of a number and each element.
  @_disfavoredOverload
  public static func - <Number: TensorScalar & Numeric>(lhs: Number, rhs: Tensor) -> Tensor { lhs.tensorScalar - rhs }
  /// Product of each element and a number.
  @_disfavoredOverload
  public static func * <Number: TensorScalar & Numeric>(lhs: Tensor, rhs: Number) -> Tensor { lhs * rhs.tensorScalar }
  /// Product of a number and each element.
  @_disfavoredOverload
  public static func * <Number: TensorScalar & Numeric>(lhs: Number, rhs: Tensor) -> Tensor { lhs.tensorScalar * rhs }
  /// Quotient of each element and a number.
  @_disfavoredOverload
  public static func / <Number: TensorScalar & Numeric>(lhs: Tensor, rhs: Number) -> Tensor { lhs / rhs.tensorScalar }
  /// Quotient of a number and each element.
  @_disfavoredOverload
  public static func / <Number: TensorScalar & Numeric>(lhs: Number, rhs: Tensor) -> Tensor { lhs.tensorScalar / rhs }
}
