/// A constant beside a variable: a tensor, or a number of any Swift type.
///
/// `x * t` is `x * Variable(t)`, with the rules of two variables for types and shapes; a
/// number takes the variable's type.
public protocol VariableConstant {
  /// The constant as operators take it.
  var variableOperand: VariableOperand { get }
}

/// A constant in the form that operators take.
public enum VariableOperand: Sendable {
  /// A number, which takes the variable's type.
  case number(Double)
  /// A tensor, whose type must be the variable's.
  case tensor(Tensor)
}

extension Tensor: VariableConstant {
  /// The tensor.
  public var variableOperand: VariableOperand { .tensor(self) }
}
extension VariableConstant where Self: TensorScalar {
  /// The number.
  public var variableOperand: VariableOperand { .number(tensorScalar) }
}
extension Double: VariableConstant {}
extension Float: VariableConstant {}
extension Int: VariableConstant {}
extension Int32: VariableConstant {}
extension Int64: VariableConstant {}
extension UInt8: VariableConstant {}

extension VariableConstant {
  /// Calls the function for numbers or the one for variables.
  fileprivate func with(_ number: (Double) -> Variable, _ variable: (Variable) -> Variable) -> Variable {
    switch variableOperand {
    case .number(let value): number(value)
    case .tensor(let value): variable(Variable(value))
    }
  }
}

// One declaration for numbers and tensors, because every overload of `+` slows down the type checking of expressions
// that use it. Literals take the `Double` operators, which are preferred to these.

extension Variable {
  /// Sum of each element and a number or a tensor's element.
  @_disfavoredOverload
  public static func + <Constant: VariableConstant>(lhs: Variable, rhs: Constant) -> Variable {
    rhs.with({ lhs + $0 }, { lhs + $0 })
  }
  /// Sum of a number or a tensor's element and each element.
  @_disfavoredOverload
  public static func + <Constant: VariableConstant>(lhs: Constant, rhs: Variable) -> Variable {
    lhs.with({ $0 + rhs }, { $0 + rhs })
  }
  /// Difference of each element and a number or a tensor's element.
  @_disfavoredOverload
  public static func - <Constant: VariableConstant>(lhs: Variable, rhs: Constant) -> Variable {
    rhs.with({ lhs - $0 }, { lhs - $0 })
  }
  /// Difference of a number or a tensor's element and each element.
  @_disfavoredOverload
  public static func - <Constant: VariableConstant>(lhs: Constant, rhs: Variable) -> Variable {
    lhs.with({ $0 - rhs }, { $0 - rhs })
  }
  /// Product of each element and a number or a tensor's element.
  @_disfavoredOverload
  public static func * <Constant: VariableConstant>(lhs: Variable, rhs: Constant) -> Variable {
    rhs.with({ lhs * $0 }, { lhs * $0 })
  }
  /// Product of a number or a tensor's element and each element.
  @_disfavoredOverload
  public static func * <Constant: VariableConstant>(lhs: Constant, rhs: Variable) -> Variable {
    lhs.with({ $0 * rhs }, { $0 * rhs })
  }
  /// Quotient of each element and a number or a tensor's element.
  @_disfavoredOverload
  public static func / <Constant: VariableConstant>(lhs: Variable, rhs: Constant) -> Variable {
    rhs.with({ lhs / $0 }, { lhs / $0 })
  }
  /// Quotient of a number or a tensor's element and each element.
  @_disfavoredOverload
  public static func / <Constant: VariableConstant>(lhs: Constant, rhs: Variable) -> Variable {
    lhs.with({ $0 / rhs }, { $0 / rhs })
  }
}

// MARK: - With a tensor alone

extension Variable {
  /// Matrix product with a constant; see `matmul(_:)`.
  public static func • (lhs: Variable, rhs: Tensor) -> Variable { lhs.matmul(Variable(rhs)) }
  /// Matrix product of a constant and a variable.
  public static func • (lhs: Tensor, rhs: Variable) -> Variable { Variable(lhs).matmul(rhs) }

  /// Where elements are equal.
  public static func .== (lhs: Variable, rhs: Tensor) -> Tensor { lhs.tensor .== rhs }
  /// Where elements are equal.
  public static func .== (lhs: Tensor, rhs: Variable) -> Tensor { lhs .== rhs.tensor }
  /// Where elements differ.
  public static func .!= (lhs: Variable, rhs: Tensor) -> Tensor { lhs.tensor .!= rhs }
  /// Where elements differ.
  public static func .!= (lhs: Tensor, rhs: Variable) -> Tensor { lhs .!= rhs.tensor }
  /// Where left elements are smaller.
  public static func .< (lhs: Variable, rhs: Tensor) -> Tensor { lhs.tensor .< rhs }
  /// Where left elements are smaller.
  public static func .< (lhs: Tensor, rhs: Variable) -> Tensor { lhs .< rhs.tensor }
  /// Where left elements are smaller or equal.
  public static func .<= (lhs: Variable, rhs: Tensor) -> Tensor { lhs.tensor .<= rhs }
  /// Where left elements are smaller or equal.
  public static func .<= (lhs: Tensor, rhs: Variable) -> Tensor { lhs .<= rhs.tensor }
  /// Where left elements are larger.
  public static func .> (lhs: Variable, rhs: Tensor) -> Tensor { lhs.tensor .> rhs }
  /// Where left elements are larger.
  public static func .> (lhs: Tensor, rhs: Variable) -> Tensor { lhs .> rhs.tensor }
  /// Where left elements are larger or equal.
  public static func .>= (lhs: Variable, rhs: Tensor) -> Tensor { lhs.tensor .>= rhs }
  /// Where left elements are larger or equal.
  public static func .>= (lhs: Tensor, rhs: Variable) -> Tensor { lhs .>= rhs.tensor }

  /// Adds a tensor; the left side becomes the result.
  public static func += (lhs: inout Variable, rhs: Tensor) { lhs += Variable(rhs) }
  /// Subtracts a tensor; the left side becomes the result.
  public static func -= (lhs: inout Variable, rhs: Tensor) { lhs -= Variable(rhs) }
  /// Multiplies by a tensor; the left side becomes the result.
  public static func *= (lhs: inout Variable, rhs: Tensor) { lhs *= Variable(rhs) }
  /// Divides by a tensor; the left side becomes the result.
  public static func /= (lhs: inout Variable, rhs: Tensor) { lhs /= Variable(rhs) }
}
