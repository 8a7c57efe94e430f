// Functions made into their derivatives. For derivatives of recorded values see Gradients.swift; Jacobians and
// Hessians are in Jacobian.swift.
//
// All of these call a function once, with stand-ins for its inputs, so they add to no variable's `grad` and do not
// mistake an input for a variable that the function captured. They nest: inside a transform's function, or where an
// input requires a gradient, results have graphs of their own and can be differentiated; elsewhere that takes
// `createGraph`, and inside `withoutGradient` it always does. What the function captures counts as constant.

/// The gradient of a function with a single value, in the structure of its inputs; 0 for
/// an input it does not depend on.
///
/// ```swift
/// let x = Variable([1, 2, 3])
/// gradient(at: x) { x in (x * x).sum() }                               // [2., 4., 6.]
/// let (dx, dy) = gradient(at: x, y) { x, y in (x * y.exp()).sum() }    // several inputs
/// let second = gradient(at: Variable(2)) { x in gradient(at: x) { $0.pow(3) } }  // 12.
/// ```
///
/// Inputs may be variables, arrays of them and other trees. `createGraph` gives the gradients graphs of their own,
/// which is needed if they enter a loss that depends on captured parameters. JAX's `grad`, `torch.func.grad`.
@_disfavoredOverload
public func gradient<First: VariableTree, Second: VariableTree, each Input: VariableTree>(
  at first: First, _ second: Second, _ input: repeat each Input, createGraph: Bool? = nil,
  of f: (First, Second, repeat each Input) throws -> Variable
) rethrows -> (First, Second, repeat each Input) {
  try valueAndGradient(at: first, second, repeat each input, createGraph: createGraph, of: f).gradient
}

/// The gradient as a function: `gradient(of: f)(x)` is the gradient of f at x.
///
/// ```swift
/// let slope = gradient(of: { (x: Variable) in x.sin() })
/// let curvature = gradient(of: slope)
/// ```
@_disfavoredOverload
public func gradient<Input: VariableTree>(of f: @escaping (Input) -> Variable) -> (Input) -> Input {
  { gradient(at: $0, of: f) }
}

/// A function's single value and its gradient, from one call. See `gradient(at:createGraph:of:)`.
///
/// ```swift
/// let (loss, g) = valueAndGradient(at: w) { w in (x.matmul(w) - y).square().mean() }
/// ```
@_disfavoredOverload
public func valueAndGradient<First: VariableTree, Second: VariableTree, each Input: VariableTree>(
  at first: First, _ second: Second, _ input: repeat each Input, createGraph: Bool? = nil,
  of f: (First, Second, repeat each Input) throws -> Variable
) rethrows -> (value: Variable, gradient: (First, Second, repeat each Input)) {
  let frame = TransformFrame("gradient", createGraph, first, second, repeat each input)
  let value = try frame.call { try f(frame.inner(first), frame.inner(second), repeat frame.inner(each input)) }
  let found = frame.gradients(of: [value], [value.unitGradient("gradient")])
  return (frame.outer(value), (found.next(first), found.next(second), repeat found.next(each input)))
}

/// A function's value and its vector-Jacobian product uᵀ · J, which maps a gradient of the value to
/// the gradients of the inputs.
///
/// ```swift
/// let (y, pullback) = vjp(at: x) { x in x.tanh() }
/// let dx = pullback(dy)
/// ```
///
/// The function is called once; each call of `pullback`, of which there may be any number, is one walk. The value may
/// be any tree of variables. JAX's and `torch.func`'s `vjp`.
@_disfavoredOverload
public func vjp<Output: VariableTree, First: VariableTree, Second: VariableTree, each Input: VariableTree>(
  at first: First, _ second: Second, _ input: repeat each Input, createGraph: Bool? = nil,
  of f: (First, Second, repeat each Input) throws -> Output
) rethrows -> (value: Output, pullback: (Output) -> (First, Second, repeat each Input)) {
  let frame = TransformFrame("vjp", createGraph, first, second, repeat each input)
  let value = try frame.call { try f(frame.inner(first), frame.inner(second), repeat frame.inner(each input)) }
  let outputs = value.variables
  let pullback = { (upstream: Output) -> (First, Second, repeat each Input) in
    let given = upstream.variables(like: outputs, "vjp", "an upstream gradient")
    let found = frame.gradients(of: outputs, given, retainsGraph: true)
    return (found.next(first), found.next(second), repeat found.next(each input))
  }
  return (value.mapVariables(frame.outer), pullback)
}

/// A function's value and its derivative along a direction, the Jacobian-vector product J · v.
///
/// ```swift
/// let (y, dy) = jvp(at: x, along: v) { x in x.exp() }  // dy = exp(x) · v
/// ```
///
/// Directions have the structure and shapes of the inputs, the derivative those of the value. Computed by two
/// reverse passes: u ↦ uᵀ · J is linear, and its own vector-Jacobian product with v is J · v. So it needs no
/// forward-mode rules, works for every op, and costs two walks, about three times a gradient, whatever the sizes.
/// JAX's and `torch.func`'s `jvp`.
@_disfavoredOverload
public func jvp<Output: VariableTree, each Input: VariableTree>(
  at input: repeat each Input, along direction: repeat each Input, createGraph: Bool? = nil,
  of f: (repeat each Input) throws -> Output
) rethrows -> (value: Output, derivative: Output) {
  var directions: [Variable] = []
  for (input, direction) in repeat (each input, each direction) {
    directions += direction.variables(like: input.variables, "jvp")
  }
  let frame = TransformFrame("jvp", createGraph, repeat each input, directions)
  let value = try frame.call { try f(repeat frame.inner(each input)) }
  let outputs = value.variables
  let transposed = Transposed(of: outputs, withRespectTo: frame.inputs)
  let found = transposed.products(with: directions, createGraph: frame.createsGraph)
  return (value.mapVariables(frame.outer), value.replacingVariables(by: orZeros(found, like: outputs)))
}

/// The Hessian of a function with a single value times a vector: the derivative of its gradient along a direction.
///
/// ```swift
/// let curvature = hessianVectorProduct(at: x, along: v) { x in loss(x) }
/// ```
///
/// Two walks, about three times the cost of a gradient, whatever the sizes (Pearlmutter 1994).
@_disfavoredOverload
public func hessianVectorProduct<First: VariableTree, Second: VariableTree, each Input: VariableTree>(
  at first: First, _ second: Second, _ input: repeat each Input, along firstDirection: First,
  _ secondDirection: Second, _ direction: repeat each Input, createGraph: Bool? = nil,
  of f: (First, Second, repeat each Input) throws -> Variable
) rethrows -> (First, Second, repeat each Input) {
  let call = "hessianVectorProduct"
  var directions = firstDirection.variables(like: first.variables, call)
  directions += secondDirection.variables(like: second.variables, call)
  for (input, direction) in repeat (each input, each direction) {
    directions += direction.variables(like: input.variables, call)
  }
  let frame = TransformFrame(call, createGraph, first, second, repeat each input, directions)
  let value = try frame.call { try f(frame.inner(first), frame.inner(second), repeat frame.inner(each input)) }
  let found = TransformFrame.Found(
    hessianVectorProduct(
      of: value, withRespectTo: frame.inputs, along: directions, createGraph: frame.createsGraph))
  return (found.next(first), found.next(second), repeat found.next(each input))
}

// MARK: - Shared by transforms

/// One call of a transform: variables for the inputs that belong to it alone, and the walk to them.
final class TransformFrame {
  let createsGraph: Bool
  /// The inputs as the function sees them, in order.
  private(set) var inputs: [Variable] = []
  private let call: String

  init<each Input: VariableTree>(_ call: String, _ createGraph: Bool?, _ input: repeat each Input) {
    let state = ThreadState.current
    var isAsked = state.pointee.transforms > 0
    for input in repeat each input { isAsked = isAsked || input.variables.contains { $0.requiresGrad } }
    createsGraph = createGraph ?? (isAsked && state.isRecording)
    self.call = call
  }

  /// The input as the function sees it.
  func inner<Input: VariableTree>(_ input: Input) -> Input {
    input.mapVariables { x in
      require(
        x.dtype.isFloatingPoint, "\(call): wants inputs of float32 or float64, got \(x.dtype) \(x.shape)")
      let input = x.asTransformInput(ofGraph: createsGraph)
      inputs.append(input)
      return input
    }
  }

  /// Calls the function, recording.
  func call<Output>(_ f: () throws -> Output) rethrows -> Output {
    let state = ThreadState.current
    state.pointee.transforms += 1
    defer { state.pointee.transforms -= 1 }
    return try state.recording(true, f)
  }

  /// The function's value as the caller gets it.
  func outer(_ value: Variable) -> Variable { createsGraph ? value : value.detach() }

  /// The gradients of the inputs; 0 where none arrived. They have graphs where the upstream gradients do, too.
  func gradients(of outputs: [Variable], _ upstream: [Variable], retainsGraph: Bool = false) -> Found {
    let route = Route(from: outputs, to: inputs)
    let createsGraph = createsGraph || (upstream.contains(where: \.requiresGrad) && ThreadState.current.isRecording)
    let found = route.gradients(upstream, retainsGraph: retainsGraph || createsGraph, createGraph: createsGraph)
    return Found(orZeros(found, like: inputs))
  }

  /// Gradients in the inputs' order, to be put back into their structure.
  final class Found {
    private var remaining: ArraySlice<Variable>

    init(_ gradients: [Variable]) { remaining = gradients[...] }

    /// The gradients of the next input.
    func next<Input: VariableTree>(_ form: Input) -> Input {
      form.mapVariables { remaining.popFirst() ?? $0 }
    }
  }
}

/// The map u ↦ uᵀ · J of recorded values, recorded itself at u = 0: its own vector-Jacobian products are J · v.
struct Transposed {
  /// Stand-ins for the gradients of the values.
  private let upstream: [Variable]
  private let gradients: [Variable?]
  private let route: Route

  init(of values: [Variable], withRespectTo inputs: [Variable]) {
    upstream = values.map { Variable.zeros(like: $0).asTransformInput(ofGraph: false) }
    gradients = Route(from: values, to: inputs)
      .gradients(upstream, retainsGraph: true, createGraph: true)
    route = Route(from: gradients, to: upstream)
  }

  /// J · v for each value, v having a part for each input; `nil` where it is 0 for every v.
  func products(with directions: [Variable?], createGraph: Bool) -> [Variable?] {
    route.gradients(directions, retainsGraph: true, createGraph: createGraph)
  }
}

extension Variable {
  /// The same value with an entry of its own on the tape; what it was computed from is behind
  /// that, if it is part of the graph.
  func asTransformInput(ofGraph isConnected: Bool) -> Variable {
    let state = ThreadState.current
    let behind = isConnected && state.isRecording ? entry : nil
    let rule: TapeEntry.Rule = behind == nil ? .leaf : .unary { dy in dy }
    return Variable(tensor, entry: TapeEntry(.input, tensor, behind?.retained(), nil, nil, rule, state))
  }

  /// The same value, through which no gradient passes: a leaf that requires none, as `detach()`
  /// gives. JAX's `stop_gradient`.
  ///
  /// ```swift
  /// let target = (reward + discount * value(next)).stopGradient()
  /// ```
  public func stopGradient() -> Variable { detach() }
}
