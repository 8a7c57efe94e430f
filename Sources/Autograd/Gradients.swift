// Gradients of what has been recorded, with respect to chosen inputs. `backward()` reaches every leaf and adds to its
// `grad`; the functions here return the gradients, change no `grad`, and compute only what is needed. For gradients of
// functions see Transforms.swift.

/// The gradients of Σ outputs · upstream with respect to inputs (leaves, or results on the way to the outputs): `nil`
/// for an input that no output depends on. PyTorch's `torch.autograd.grad`.
///
/// ```swift
/// let (x, w) = (Variable([1, 2]), Variable([3, 4], requiresGrad: true))
/// let found = gradients(of: [(x * w).sum()], withRespectTo: [w])  // [[1., 2.]]; w.grad is nil as before
/// ```
///
/// `upstream` has one gradient for each output, of its shape; for single values it defaults to 1. As in `backward()`,
/// the graph can be walked only once unless it is retained, and with `createGraph` the gradients can be differentiated.
/// An input counts as independent: what it was computed from itself plays no part. Gradient hooks on the way are
/// called. Stops when an output or an input requires no gradient.
public func gradients(
  of outputs: [Variable], withRespectTo inputs: [Variable], upstream: [Variable]? = nil, retainGraph: Bool? = nil,
  createGraph: Bool = false
) -> [Variable?] {
  for (number, output) in outputs.enumerated() where !output.requiresGrad {
    stop(
      "gradients: output \(number) of shape \(output.shape) requires no gradient; no leaf it was computed from has "
        + "requiresGrad, or it was computed inside withoutGradient")
  }
  let upstream = upstream ?? outputs.map { $0.unitGradient("gradients") }
  require(
    upstream.count == outputs.count,
    "gradients: wants an upstream gradient for each of \(outputs.count) outputs, got \(upstream.count)")
  for (output, gradient) in zip(outputs, upstream) { output.requireLike(gradient, "gradients: an upstream gradient") }
  requireGradients(of: inputs, "gradients")
  let route = Route(from: outputs, to: inputs)
  return route.gradients(upstream, retainsGraph: retainGraph ?? createGraph, createGraph: createGraph)
}

/// The gradient of a single value with respect to variables it was computed from, in the same structure; 0 for
/// those that it does not depend on.
///
/// ```swift
/// let loss = crossEntropy(net(x), labels)
/// let found = gradient(of: loss, withRespectTo: net.parameters)  // under the parameters' names
/// ```
///
/// Adds to no variable's `grad`. Stops when a variable requires no gradient; for a value that requires none, all
/// gradients are 0.
public func gradient<Inputs: VariableTree>(
  of value: Variable, withRespectTo inputs: Inputs, retainGraph: Bool? = nil, createGraph: Bool = false
) -> Inputs {
  let upstream = value.unitGradient("gradient")
  let variables = inputs.variables
  requireGradients(of: variables, "gradient")
  let route = Route(from: [value], to: variables)
  let found = route.gradients([upstream], retainsGraph: retainGraph ?? createGraph, createGraph: createGraph)
  return inputs.replacingVariables(by: orZeros(found, like: variables))
}

/// The Hessian times a vector: the derivative along `vector` of the gradient of a single value.
///
/// ```swift
/// let loss = crossEntropy(net(x), labels)
/// let curvature = hessianVectorProduct(of: loss, withRespectTo: net.parameters, along: direction)
/// ```
///
/// `vector` has the form and the shapes of `inputs`. Two walks, about three times the cost of a gradient; the Hessian
/// itself is never formed (Pearlmutter 1994).
public func hessianVectorProduct<Inputs: VariableTree>(
  of value: Variable, withRespectTo inputs: Inputs, along vector: Inputs, retainGraph: Bool? = nil,
  createGraph: Bool = false
) -> Inputs {
  let variables = inputs.variables
  requireGradients(of: variables, "hessianVectorProduct")
  let first = Route(from: [value], to: variables)
    .gradients([value.unitGradient("hessianVectorProduct")], retainsGraph: true, createGraph: true)
  let directions = vector.variables(like: variables, "hessianVectorProduct")
  let second = Route(from: first, to: variables)
    .gradients(directions, retainsGraph: retainGraph ?? createGraph, createGraph: createGraph)
  return inputs.replacingVariables(by: orZeros(second, like: variables))
}

// MARK: - What these share

/// Stops for an input that requires no gradient.
func requireGradients(of inputs: [Variable], _ call: String) {
  for (number, input) in inputs.enumerated() where !input.requiresGrad {
    stop("\(call): input \(number) of shape \(input.shape) requires no gradient, so none can be found for it")
  }
}

/// Gradients, with zeros for inputs that none reached.
func orZeros(_ gradients: [Variable?], like inputs: [Variable]) -> [Variable] {
  zip(gradients, inputs).map { gradient, input in gradient ?? .zeros(like: input) }
}

extension Variable {
  /// Zeros of a variable's shape and type.
  static func zeros(like x: Variable) -> Variable { Variable(Tensor.zeros(x.shape, dtype: x.dtype)) }

  /// The upstream gradient of a single value. Stops for any other.
  func unitGradient(_ call: String) -> Variable {
    require(
      elementCount == 1,
      "\(call): wants a single value, got shape \(shape); reduce it with sum() or mean()")
    return Variable(Tensor.ones(shape, dtype: dtype))
  }

  /// Stops when a gradient or direction is not of this variable's shape and type.
  func requireLike(_ other: Variable, _ what: String) {
    require(
      other.shape == shape && other.dtype == dtype,
      "\(what) must be \(dtype) \(shape) like its variable, got \(other.dtype) \(other.shape)")
  }
}
