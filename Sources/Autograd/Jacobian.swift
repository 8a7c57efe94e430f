// All derivatives of a value by its inputs. The Jacobian of a value [m...] by an input [n...] has shape
// [m..., n...], as in JAX and `torch.func`.

/// The Jacobian of a function with respect to each input: shape [m..., n...] for a value [m...] and an input [n...].
///
/// ```swift
/// let j = jacobian(at: x) { x in (a.matmul(x)).tanh() }   // [rows of a, x.shape...]
/// let h = jacobian(at: x) { x in gradient(at: x, of: f) } // a Hessian
/// ```
///
/// Calls the function once, and takes one walk per element of the value; or, where the inputs have fewer than half as
/// many elements, two walks per element of these. `createGraph` is as for `gradient(at:createGraph:of:)`.
@_disfavoredOverload
public func jacobian<First: VariableTree, Second: VariableTree, each Input: VariableTree>(
  at first: First, _ second: Second, _ input: repeat each Input, createGraph: Bool? = nil,
  of f: (First, Second, repeat each Input) throws -> Variable
) rethrows -> (First, Second, repeat each Input) {
  let frame = TransformFrame("jacobian", createGraph, first, second, repeat each input)
  let value = try frame.call { try f(frame.inner(first), frame.inner(second), repeat frame.inner(each input)) }
  let found = TransformFrame.Found(value.jacobians(frame.inputs, frame.createsGraph, retainsGraph: frame.createsGraph))
  return (found.next(first), found.next(second), repeat found.next(each input))
}

/// The Jacobian as a function: `jacobian(of: f)(x)`.
@_disfavoredOverload
public func jacobian<Input: VariableTree>(of f: @escaping (Input) -> Variable) -> (Input) -> Input {
  { jacobian(at: $0, of: f) }
}

/// The Jacobians of a recorded value with respect to variables that it was computed from, in their form.
///
/// ```swift
/// let layer = Linear(4, 3)
/// let j = jacobian(of: layer(x), withRespectTo: layer.parameters)
/// // for x [N, 4]: weight [N, 3, 3, 4], bias [N, 3, 3]
/// ```
///
/// A layer's output has its samples along the first axis, so these are the Jacobians of each sample by the parameters.
/// Stops when a variable requires no gradient.
public func jacobian<Inputs: VariableTree>(
  of value: Variable, withRespectTo inputs: Inputs, retainGraph: Bool? = nil, createGraph: Bool = false
) -> Inputs {
  let variables = inputs.variables
  requireGradients(of: variables, "jacobian")
  return inputs.replacingVariables(
    by: value.jacobians(variables, createGraph, retainsGraph: retainGraph ?? createGraph))
}

/// The Jacobian of each sample of a batch: [N, m..., n...] for a function from [N, n...] to [N, m...] that treats each
/// sample alone, as layers do.
///
/// ```swift
/// let j = perSampleJacobian(at: x) { x in layer(x) }  // x [N, 4], output [N, 3]: [N, 3, 4]
/// ```
///
/// One walk per element of a sample's value, for all samples at once. For a function that mixes samples (batch
/// normalization in training) entry i is the sum of all samples' derivatives by sample i. For parameters see
/// `jacobian(of:withRespectTo:)`.
public func perSampleJacobian(
  at x: Variable, createGraph: Bool? = nil, of f: (Variable) throws -> Variable
) rethrows -> Variable {
  let frame = TransformFrame("perSampleJacobian", createGraph, x)
  let value = try frame.call { try f(frame.inner(x)) }
  require(
    x.rank > 0 && value.rank > 0 && x.shape[0] == value.shape[0],
    "perSampleJacobian: wants one value for each sample, [N, ...] from [N, ...], got \(value.shape) from \(x.shape)")
  let count = x.shape[0]
  let sample = value.shape.dropFirst().product
  let route = Route(from: [value], to: frame.inputs)
  let rows = (0..<sample).map { index in
    var upstream = Tensor.zeros([count, sample], dtype: value.dtype)
    upstream[.all, index] = Tensor.ones([count], dtype: value.dtype)
    let found = route.gradients(
      [Variable(upstream.reshape(value.shape))], retainsGraph: true, createGraph: frame.createsGraph)
    return (found[0] ?? .zeros(like: x)).reshape([count, x.elementCount / Swift.max(count, 1)] as Shape)
  }
  let shape = Shape(Array(value.shape) + x.shape.dropFirst())
  if rows.isEmpty || shape.elementCount == 0 { return Variable(Tensor.zeros(shape, dtype: x.dtype)) }
  return Variable.stack(rows, axis: 1).reshape(shape)
}

/// The Hessian of a function with a single value: shape [n..., n...] for an input [n...].
///
/// ```swift
/// let h = hessian(at: Variable([1, 2])) { x in x.pow(3).sum() }  // [[6, 0], [0, 12]]
/// ```
///
/// The Jacobian of the gradient: two walks for the first row, one for each of the others.
public func hessian(
  at x: Variable, createGraph: Bool? = nil, of f: (Variable) throws -> Variable
) rethrows -> Variable {
  try hessian(at: [x], createGraph: createGraph) { try f($0[0]) }[0][0]
}

/// The Hessian of a function of several inputs in blocks: that of inputs i and j, [nᵢ..., nⱼ...], is at [i][j].
public func hessian(
  at xs: [Variable], createGraph: Bool? = nil, of f: ([Variable]) throws -> Variable
) rethrows -> [[Variable]] {
  let frame = TransformFrame("hessian", createGraph, xs)
  let value = try frame.call { try f(frame.inner(xs)) }
  let first = Route(from: [value], to: frame.inputs)
    .gradients([value.unitGradient("hessian")], retainsGraph: true, createGraph: true)
  return orZeros(first, like: frame.inputs).map { $0.jacobians(frame.inputs, frame.createsGraph, retainsGraph: true) }
}

/// The Hessian as a function: `hessian(of: f)(x)`.
public func hessian(of f: @escaping (Variable) -> Variable) -> (Variable) -> Variable { { hessian(at: $0, of: f) } }

extension Variable {
  /// The Jacobian of this value for each input, [m..., n...].
  func jacobians(_ inputs: [Variable], _ createGraph: Bool, retainsGraph: Bool) -> [Variable] {
    let columns = inputs.reduce(0) { $0 + $1.elementCount }
    return elementCount <= 2 * columns
      ? jacobiansByRows(inputs, createGraph, retainsGraph) : jacobiansByColumns(inputs, createGraph)
  }

  /// One walk for each element of this value.
  private func jacobiansByRows(_ inputs: [Variable], _ createGraph: Bool, _ retainsGraph: Bool) -> [Variable] {
    let route = Route(from: [self], to: inputs)
    let rows = (0..<elementCount).map { index in
      let retains = retainsGraph || index < elementCount - 1
      return route.gradients([.oneHot(index, like: self)], retainsGraph: retains, createGraph: createGraph)
    }
    return inputs.indices.map { number in
      .joined(rows.map { $0[number] }, each: inputs[number].shape, along: shape, dtype: inputs[number].dtype)
    }
  }

  /// One walk for each element of the inputs, over the map u ↦ uᵀ · J.
  private func jacobiansByColumns(_ inputs: [Variable], _ createGraph: Bool) -> [Variable] {
    let transposed = Transposed(of: [self], withRespectTo: inputs)
    return inputs.indices.map { number in
      let input = inputs[number]
      let columns = (0..<input.elementCount).map { index in
        var directions = [Variable?](repeating: nil, count: inputs.count)
        directions[number] = .oneHot(index, like: input)
        return transposed.products(with: directions, createGraph: createGraph)[0]
      }
      let joined = Variable.joined(columns, each: shape, along: input.shape, dtype: input.dtype)
      return joined.permute(Array(input.rank..<joined.rank) + Array(0..<input.rank))
    }
  }

  /// Joins rows of shape `each`, one per element of `along`, into one value [along..., each...]; a missing row is 0.
  private static func joined(_ rows: [Variable?], each: Shape, along: Shape, dtype: DType) -> Variable {
    let shape = Shape(Array(along) + Array(each))
    let zeros = Variable(Tensor.zeros(each, dtype: dtype))
    if rows.allSatisfy({ $0 == nil }) || shape.elementCount == 0 { return Variable(Tensor.zeros(shape, dtype: dtype)) }
    return stack(rows.map { $0 ?? zeros }).reshape(shape)
  }

  /// 1 at one element, counted in row-major order, else 0.
  private static func oneHot(_ index: Int, like x: Variable) -> Variable {
    var values = Tensor.zeros([x.elementCount], dtype: x.dtype)
    values[index] = Tensor.ones([], dtype: x.dtype)
    return Variable(values.reshape(x.shape))
  }
}
