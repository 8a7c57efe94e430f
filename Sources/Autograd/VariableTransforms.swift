// The transforms of Transforms.swift and Jacobian.swift for functions of one variable or structure and, where that is
// common, of two or three variables.
//
// The general forms take parameter packs, with which the type checker has two problems. In a closure such as
// `{ $0 * $0 + 1 }`, whose parameter types it does not know, it tries every overload of each operator with every type,
// for seconds or until it gives up; and a pack of one element is a tuple, not its element, until the end of the
// expression. So packs begin with two inputs, and the general forms are disfavored: the type checker tries functions of
// variables first, and stops there if one fits.

// MARK: - Gradients

/// The gradient of a function of one variable with a single value.
///
/// ```swift
/// gradient(at: Variable([1, 2])) { ($0 * $0).sum() }  // [2., 4.]
/// ```
///
/// As `gradient(at:createGraph:of:)` of any structure.
public func gradient(
  at x: Variable, createGraph: Bool? = nil, of f: (Variable) throws -> Variable
) rethrows -> Variable {
  try valueAndGradient(at: x, createGraph: createGraph, of: f).gradient
}

/// The gradients of a function of two variables: `let (dw, db) = gradient(at: w, b) { w, b in (w * x + b).sum() }`.
public func gradient(
  at x: Variable, _ y: Variable, createGraph: Bool? = nil, of f: (Variable, Variable) throws -> Variable
) rethrows -> (Variable, Variable) {
  try valueAndGradient(at: x, y, createGraph: createGraph, of: f).gradient
}

/// The gradients of a function of three variables.
public func gradient(
  at x: Variable, _ y: Variable, _ z: Variable, createGraph: Bool? = nil,
  of f: (Variable, Variable, Variable) throws -> Variable
) rethrows -> (Variable, Variable, Variable) {
  try valueAndGradient(at: x, y, z, createGraph: createGraph, of: f).gradient
}

/// The gradient of a function of one variable as a function: `gradient(of: { $0.sin() })(x)`.
public func gradient(of f: @escaping (Variable) -> Variable) -> (Variable) -> Variable { { gradient(at: $0, of: f) } }

/// The gradients of a function of two variables as a function: `gradient(of: { $0 * $1 })(x, y).0`.
public func gradient(
  of f: @escaping (Variable, Variable) -> Variable
) -> (Variable, Variable) -> (Variable, Variable) {
  { gradient(at: $0, $1, of: f) }
}

/// The value of a function of one variable and its gradient, from one call.
public func valueAndGradient(
  at x: Variable, createGraph: Bool? = nil, of f: (Variable) throws -> Variable
) rethrows -> (value: Variable, gradient: Variable) {
  let (value, found) = try valueAndGradient(at: [x], createGraph: createGraph) { try f($0[0]) }
  return (value, found[0])
}

/// The value of a function of two variables and its gradients, from one call.
public func valueAndGradient(
  at x: Variable, _ y: Variable, createGraph: Bool? = nil, of f: (Variable, Variable) throws -> Variable
) rethrows -> (value: Variable, gradient: (Variable, Variable)) {
  let (value, found) = try valueAndGradient(at: [x, y], createGraph: createGraph) { try f($0[0], $0[1]) }
  return (value, (found[0], found[1]))
}

/// The value of a function of three variables and its gradients, from one call.
public func valueAndGradient(
  at x: Variable, _ y: Variable, _ z: Variable, createGraph: Bool? = nil,
  of f: (Variable, Variable, Variable) throws -> Variable
) rethrows -> (value: Variable, gradient: (Variable, Variable, Variable)) {
  let (value, found) = try valueAndGradient(at: [x, y, z], createGraph: createGraph) { try f($0[0], $0[1], $0[2]) }
  return (value, (found[0], found[1], found[2]))
}

// MARK: - Products with Jacobians

/// The value of a function of one variable, and its vector-Jacobian product: from dy to dx.
public func vjp(
  at x: Variable, createGraph: Bool? = nil, of f: (Variable) throws -> Variable
) rethrows -> (value: Variable, pullback: (Variable) -> Variable) {
  let (value, pullback) = try vjp(at: [x], createGraph: createGraph) { try f($0[0]) }
  return (value, { pullback($0)[0] })
}

/// The value of a function of two variables, and its vector-Jacobian products: from dy to dx of each.
public func vjp(
  at x: Variable, _ y: Variable, createGraph: Bool? = nil, of f: (Variable, Variable) throws -> Variable
) rethrows -> (value: Variable, pullback: (Variable) -> (Variable, Variable)) {
  let (value, pullback) = try vjp(at: [x, y], createGraph: createGraph) { try f($0[0], $0[1]) }
  return (
    value,
    { upstream in
      let found = pullback(upstream)
      return (found[0], found[1])
    }
  )
}

/// The value of a function of one variable and its derivative along a direction, J · v.
public func jvp(
  at x: Variable, along direction: Variable, createGraph: Bool? = nil, of f: (Variable) throws -> Variable
) rethrows -> (value: Variable, derivative: Variable) {
  try jvp(at: [x], along: [direction], createGraph: createGraph) { try f($0[0]) }
}

/// The Hessian of a function of one variable with a single value, times a vector.
public func hessianVectorProduct(
  at x: Variable, along direction: Variable, createGraph: Bool? = nil, of f: (Variable) throws -> Variable
) rethrows -> Variable {
  try hessianVectorProduct(at: [x], along: [direction], createGraph: createGraph) { try f($0[0]) }[0]
}

// MARK: - Jacobians

/// The Jacobian of a function of one variable: [m..., n...] for a value [m...] and an input [n...].
public func jacobian(
  at x: Variable, createGraph: Bool? = nil, of f: (Variable) throws -> Variable
) rethrows -> Variable {
  try jacobian(at: [x], createGraph: createGraph) { try f($0[0]) }[0]
}

/// The Jacobians of a function of two variables, by each.
public func jacobian(
  at x: Variable, _ y: Variable, createGraph: Bool? = nil, of f: (Variable, Variable) throws -> Variable
) rethrows -> (Variable, Variable) {
  let found = try jacobian(at: [x, y], createGraph: createGraph) { try f($0[0], $0[1]) }
  return (found[0], found[1])
}

/// The Jacobian of a function of one variable as a function: `jacobian(of: { $0.sin() })(x)`.
public func jacobian(of f: @escaping (Variable) -> Variable) -> (Variable) -> Variable { { jacobian(at: $0, of: f) } }

// MARK: - One structure

/// The gradient of a function of one structure of variables, in its form.
@_disfavoredOverload
public func gradient<Input: VariableTree>(
  at input: Input, createGraph: Bool? = nil, of f: (Input) throws -> Variable
) rethrows -> Input {
  try valueAndGradient(at: input, createGraph: createGraph, of: f).gradient
}

/// The value of a function of one structure of variables and its gradient, from one call.
@_disfavoredOverload
public func valueAndGradient<Input: VariableTree>(
  at input: Input, createGraph: Bool? = nil, of f: (Input) throws -> Variable
) rethrows -> (value: Variable, gradient: Input) {
  let frame = TransformFrame("gradient", createGraph, input)
  let value = try frame.call { try f(frame.inner(input)) }
  let found = frame.gradients(of: [value], [value.unitGradient("gradient")])
  return (frame.outer(value), found.next(input))
}

/// The value of a function of one structure of variables, and its vector-Jacobian product.
@_disfavoredOverload
public func vjp<Output: VariableTree, Input: VariableTree>(
  at input: Input, createGraph: Bool? = nil, of f: (Input) throws -> Output
) rethrows -> (value: Output, pullback: (Output) -> Input) {
  let frame = TransformFrame("vjp", createGraph, input)
  let value = try frame.call { try f(frame.inner(input)) }
  let outputs = value.variables
  let pullback = { (upstream: Output) -> Input in
    let given = upstream.variables(like: outputs, "vjp", "an upstream gradient")
    return frame.gradients(of: outputs, given, retainsGraph: true).next(input)
  }
  return (value.mapVariables(frame.outer), pullback)
}

/// The Hessian of a function of one structure of variables with a single value, times a vector of its form.
@_disfavoredOverload
public func hessianVectorProduct<Input: VariableTree>(
  at input: Input, along direction: Input, createGraph: Bool? = nil, of f: (Input) throws -> Variable
) rethrows -> Input {
  let directions = direction.variables(like: input.variables, "hessianVectorProduct")
  let frame = TransformFrame("hessianVectorProduct", createGraph, input, directions)
  let value = try frame.call { try f(frame.inner(input)) }
  return input.replacingVariables(
    by: hessianVectorProduct(
      of: value, withRespectTo: frame.inputs, along: directions, createGraph: frame.createsGraph))
}

/// The Jacobian of a function for each variable of one structure, in its form.
@_disfavoredOverload
public func jacobian<Input: VariableTree>(
  at input: Input, createGraph: Bool? = nil, of f: (Input) throws -> Variable
) rethrows -> Input {
  let frame = TransformFrame("jacobian", createGraph, input)
  let value = try frame.call { try f(frame.inner(input)) }
  return input.replacingVariables(
    by: value.jacobians(frame.inputs, frame.createsGraph, retainsGraph: frame.createsGraph))
}
