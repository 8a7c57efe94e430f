import NN

/// Parameters of an optimizer that share a step size and a weight decay.
///
/// ```swift
/// let head = optimizer.separate(learningRate: 1e-2) { $0.hasPrefix("head.") }
/// head.learningRate /= 10
/// optimizer.groups[0].isFrozen = true
/// ```
public final class ParameterGroup {
  /// The step size, to be changed between steps as a schedule says. Finite and not negative.
  public var learningRate: Double {
    didSet { check() }
  }
  /// How strongly parameters are pulled to 0. Finite and not negative.
  public var weightDecay: Double {
    didSet { check() }
  }
  /// Whether steps leave these parameters as they are.
  public var isFrozen = false

  /// The parameters, in the registry's order.
  public var parameters: [Named<Variable>] { slots.map { Named(name: $0.name, element: $0.variable) } }

  var slots: [Slot]
  private let rule: String

  init(_ slots: [Slot], rule: String, learningRate: Double, weightDecay: Double) {
    self.slots = slots
    self.rule = rule
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    check()
  }

  private func check() {
    require(
      learningRate.isFinite && learningRate >= 0,
      "\(rule): the learning rate must be finite and not negative, got \(learningRate)")
    require(
      weightDecay.isFinite && weightDecay >= 0,
      "\(rule): the weight decay must be finite and not negative, got \(weightDecay)")
  }
}

/// A parameter and what the rule remembers of it.
final class Slot {
  let name: String
  let variable: Variable
  @exclusivity(unchecked) var state = Optimizer.State()

  init(_ parameter: Named<Variable>) {
    name = parameter.name
    variable = parameter.element
  }
}
