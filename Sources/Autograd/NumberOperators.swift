// Numbers of any Swift type beside a variable: `x * rate` where `rate` is a `Float`, `x / count` where it is an `Int`.
// Literals take the `Double` operators, which these stand behind.

extension Variable {
  /// Sum of each element and a number.
  @_disfavoredOverload
  public static func + <Number: TensorScalar & Numeric>(lhs: Variable, rhs: Number) -> Variable {
    lhs + rhs.tensorScalar
  }
  /// Sum of a number and each element.
  @_disfavoredOverload
  public static func + <Number: TensorScalar & Numeric>(lhs: Number, rhs: Variable) -> Variable {
    lhs.tensorScalar + rhs
  }
  /// Difference of each element and a number.
  @_disfavoredOverload
  public static func - <Number: TensorScalar & Numeric>(lhs: Variable, rhs: Number) -> Variable {
    lhs - rhs.tensorScalar
  }
  /// Difference of a number and each element.
  @_disfavoredOverload
  public static func - <Number: TensorScalar & Numeric>(lhs: Number, rhs: Variable) -> Variable {
    lhs.tensorScalar - rhs
  }
  /// Product of each element and a number.
  @_disfavoredOverload
  public static func * <Number: TensorScalar & Numeric>(lhs: Variable, rhs: Number) -> Variable {
    lhs * rhs.tensorScalar
  }
  /// Product of a number and each element.
  @_disfavoredOverload
  public static func * <Number: TensorScalar & Numeric>(lhs: Number, rhs: Variable) -> Variable {
    lhs.tensorScalar * rhs
  }
  /// Quotient of each element and a number.
  @_disfavoredOverload
  public static func / <Number: TensorScalar & Numeric>(lhs: Variable, rhs: Number) -> Variable {
    lhs / rhs.tensorScalar
  }
  /// Quotient of a number and each element.
  @_disfavoredOverload
  public static func / <Number: TensorScalar & Numeric>(lhs: Number, rhs: Variable) -> Variable {
    lhs.tensorScalar / rhs
  }
}
