import NN

/// Changes parameters by their gradients, one step at a time.
///
/// ```swift
/// let optimizer = Adam(net.parameters, learningRate: 1e-3)
/// for batch in batches {
///   optimizer.zeroGrad()
///   crossEntropy(net(batch.images), batch.labels).backward()
///   optimizer.step()
/// }
/// ```
///
/// This class walks the parameter registry; a subclass is one rule, `update`, for one parameter at a time.
open class Optimizer {
  /// What a rule remembers of one parameter.
  public struct State: Sendable {
    /// Steps this parameter has taken, the present one included.
    public internal(set) var step = 0
    /// The rule's running tensors, of the parameter's shape; empty before the first step.
    public var tensors: [Tensor] = []
  }

  /// The registry this optimizer walks.
  public let parameters: [Named<Variable>]
  /// The step size, to be changed between steps as a schedule says. Finite and not negative.
  public var learningRate: Double {
    didSet { checkLearningRate() }
  }
  private var states: [State]
  /// The registry's variables alone, so that a step copies no names.
  private let variables: [Variable]

  /// For rules. Stops for an empty registry or a learning rate that is negative or not finite.
  public init(_ parameters: [Named<Variable>], learningRate: Double) {
    require(!parameters.isEmpty, "\(Self.self): the registry is empty; does the model have parameters?")
    self.parameters = parameters
    self.learningRate = learningRate
    variables = parameters.map(\.element)
    states = Array(repeating: State(), count: parameters.count)
    checkLearningRate()
  }

  /// Changes every parameter by its gradient; one without a gradient is left as it is.
  public final func step() {
    for (index, parameter) in variables.enumerated() {
      guard let gradient = parameter.grad else { continue }
      states[index].step += 1
      update(&parameter.value, gradient: gradient.value, state: &states[index])
    }
  }

  /// The rule: changes one parameter in place. The gradient has its shape and type. Stops unless overridden.
  open func update(_ parameter: inout Tensor, gradient: Tensor, state: inout State) {
    stop("\(type(of: self)): has no update rule; override update(_:gradient:state:)")
  }

  /// Clears the gradients of all parameters.
  public final func zeroGrad() {
    for parameter in variables { parameter.grad = nil }
  }

  private func checkLearningRate() {
    require(
      learningRate.isFinite && learningRate >= 0,
      "\(type(of: self)): the learning rate must be finite and not negative, got \(learningRate)")
  }
}

extension Optimizer {
  /// Stops for a number outside 0..<1, where decay rates and momentum lie.
  static func checkFraction(_ name: String, _ value: Double) {
    require(value >= 0 && value < 1, "\(Self.self): \(name) lies between 0 and 1 (exclusive), got \(value)")
  }
}
