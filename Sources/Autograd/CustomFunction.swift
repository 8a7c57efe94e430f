/// An op of your own: its value and how gradients pass back through it, side by side.
///
/// ```swift
/// let cube = CustomFunction("cube") { inputs in
///   let x = inputs[0]
///   return .init([x.value * x.value * x.value]) { dy in [dy[0] * x * x * 3] }
/// }
/// let y = cube(Variable([1, 2], requiresGrad: true))
/// let check = checkGradients(at: [Tensor([0.5, -2.0])]) { cube($0[0]) }  // relative error 1e-11
/// ```
///
/// The first closure gets the inputs and returns the values of the outputs; nothing in it is recorded. What the second
/// closure captures is kept until the backward pass. It gets the outputs' gradients (0 for an output that none reached)
/// and returns one for each input, or `nil` for an input without one. Written in ops on variables, as above, it can
/// itself be differentiated; see `Result` for other ways to write it. The tape's listings and pictures, messages and
/// anomalies show the function's name. PyTorch's `autograd.Function`, JAX's `custom_vjp`.
public struct CustomFunction: Sendable {
  /// The name that listings and messages show.
  public let name: String
  private let forward: @Sendable ([Variable]) -> Result
  private let opName: OpName

  /// Creates a function from its name and the closure that computes it. Names are kept for as long as the program runs.
  public init(_ name: String, _ forward: @escaping @Sendable (_ inputs: [Variable]) -> Result) {
    self.name = name
    self.forward = forward
    opName = OpName(name)
  }

  /// The values of the outputs, and how gradients pass back.
  public struct Result {
    /// From the outputs' gradients to the inputs'; `nil` for an input without.
    public typealias Pullback = (_ dy: [Variable]) -> [Variable?]

    fileprivate let outputs: [Tensor]
    fileprivate let rule: Rule

    /// What the rule needs of the outputs.
    fileprivate var keptOutputs: [Tensor] { if case .ofOutputs = rule { outputs } else { [] } }

    fileprivate enum Rule {
      case ofGradients(Pullback)
      case ofOutputs((_ dy: [Variable], _ y: [Variable]) -> [Variable?])
      case ofTensors((_ dy: [Tensor]) -> [Tensor?])

      func gradients(_ dy: [Variable], outputs: () -> [Variable]) -> [Variable?] {
        switch self {
        case .ofGradients(let pullback): pullback(dy)
        case .ofOutputs(let pullback): pullback(dy, outputs())
        case .ofTensors(let pullback): pullback(dy.map(\.value)).map { $0.map { Variable($0) } }
        }
      }
    }

    /// Creates a result from outputs, of which those of a float type are differentiable and share
    /// one type, and a pullback in ops.
    public init(_ outputs: [Tensor], pullback: @escaping Pullback) {
      self.init(outputs, .ofGradients(pullback))
    }

    /// Creates a result whose pullback uses the outputs too, as `[dy[0] * y[0]]` for an exponential. It must use the
    /// `y` that it is given and not captured outputs, or it cannot be differentiated again.
    public init(
      _ outputs: [Tensor], pullbackWithOutputs: @escaping (_ dy: [Variable], _ y: [Variable]) -> [Variable?]
    ) {
      self.init(outputs, .ofOutputs(pullbackWithOutputs))
    }

    private init(_ outputs: [Tensor], _ rule: Rule) { (self.outputs, self.rule) = (outputs, rule) }

    /// A result whose pullback computes with tensors. It has no second derivative: asking for one stops the program.
    public static func onceDifferentiable(
      _ outputs: [Tensor], pullback: @escaping (_ dy: [Tensor]) -> [Tensor?]
    ) -> Result {
      Result(outputs, .ofTensors(pullback))
    }
  }

  /// The only output for some inputs.
  public func callAsFunction(_ inputs: Variable...) -> Variable {
    let outputs = self(inputs)
    require(outputs.count == 1, "\(name): has \(outputs.count) outputs; call it with an array of inputs")
    return outputs[0]
  }

  /// All outputs. Those of integers or bool require no gradient.
  public func callAsFunction(_ inputs: [Variable]) -> [Variable] { Self.call(name, opName, inputs, forward) }

  fileprivate static func call(
    _ name: String, _ opName: OpName, _ inputs: [Variable], _ forward: ([Variable]) -> Result
  ) -> [Variable] {
    // Snapshots, because a graph must not hold an input that may hold a gradient with a graph.
    let inputs = inputs.map(\.snapshot)
    let result = Profile.range(name) { withoutGradient { forward(inputs) } }
    let types = Set(result.outputs.map(\.dtype).filter(\.isFloatingPoint))
    require(types.count <= 1, "\(name): differentiable outputs must have one type, got \(result.outputs.map(\.dtype))")
    if Anomaly.isWatched { for value in result.outputs { Anomaly.checkValue(name, value, inputs: inputs) } }
    let forms = inputs.map(InputForm.init)
    let record = JointRecord(op: .custom, name: opName) { [rule = result.rule, kept = result.keptOutputs] dy, y in
      gradients(dy, of: forms, named: name) { dy in rule.gradients(dy) { y.variables(kept) } }
    }
    return record(result.outputs, from: inputs.map(\.entry))
  }

  /// What is known of an input without its value, which only the pullback may need.
  private struct InputForm {
    let shape: Shape
    let dtype: DType
    /// Stands for the input on the tape, if it requires a gradient.
    let standIn: Variable?

    init(_ input: Variable) {
      (shape, dtype) = (input.shape, input.dtype)
      standIn = input.entry.map { Variable(Tensor.zeros([]), entry: $0.retained()) }
    }
  }

  /// Calls the pullback and checks what it returns.
  private static func gradients(
    _ dy: [Variable], of inputs: [InputForm], named name: String, _ pullback: ([Variable]) -> [Variable?]
  ) -> [Variable?] {
    let isRecorded = ThreadState.current.isRecording
    // With a graph, every upstream gradient is made a variable input, so that a result that no
    // op connects to it is noticed.
    let dy = isRecorded ? dy.map { $0.requiresGrad ? $0 : $0.asTransformInput(ofGraph: false) } : dy
    let found = pullback(dy)
    require(
      found.count == inputs.count, "\(name): the pullback gave \(found.count) gradients for \(inputs.count) inputs")
    return zip(inputs, found).enumerated().map { number, pair in
      let (input, gradient) = pair
      guard input.standIn != nil, let gradient else { return nil }
      require(
        gradient.shape == input.shape && gradient.dtype == input.dtype,
        "\(name): the gradient of input \(number) must be \(input.dtype) \(input.shape) like the input, "
          + "got \(gradient.dtype) \(gradient.shape)")
      let isConnected = !isRecorded || gradient.requiresGrad || (gradient.tensor .!= 0).any().item() == 0
      return isConnected ? gradient : refusingSecondDerivative(gradient, dy + inputs.compactMap(\.standIn), name)
    }
  }

  /// A gradient in a graph that no op connects to what it was computed from: its derivative would silently be 0.
  private static func refusingSecondDerivative(
    _ gradient: Variable, _ causes: [Variable], _ name: String
  ) -> Variable {
    record(
      .custom, causes, gradient.tensor,
      { _ in
        stop(
          "\(name): its pullback is not written in ops on variables, so it has no second derivative; compute the "
            + "gradients with ops from dy, the inputs and the outputs")
      })
  }
}

extension Variable {
  /// A value computed from this variable by any means, with a gradient of your own: `pullback` maps dy to dx.
  ///
  /// ```swift
  /// let y = x.customGradient(x.value.round()) { dy in dy }  // rounding that lets gradients straight through
  /// let r = x.customGradient(x.value) { dy in dy * -0.1 }          // a layer that reverses gradients
  /// ```
  ///
  /// For more inputs and outputs see `CustomFunction`.
  public func customGradient(
    _ value: Tensor, named name: String = "custom", pullback: @escaping (_ dy: Variable) -> Variable
  ) -> Variable {
    CustomFunction.call(name, OpName(name), [self]) { _ in .init([value]) { dy in [pullback(dy[0])] } }[0]
  }
}
