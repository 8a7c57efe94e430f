import NN

/// Parameters of an optimizer that share a rule with its options, a learning rate and a weight decay.
///
/// ```swift
/// let head = optimizer.separate(learningRate: 1e-2) { $0.hasPrefix("head.") }
/// head.learningRate /= 10
/// optimizer.groups[0].isFrozen = true
/// ```
public final class ParameterGroup {
  /// The learning rate, which may be changed between steps. Finite and not negative.
  @exclusivity(unchecked) public var learningRate: Double {
    didSet { check() }
  }
  /// The weight decay, which pulls parameters towards 0. Finite and not negative.
  @exclusivity(unchecked) public var weightDecay: Double {
    didSet { check() }
  }
  /// Whether steps leave these parameters as they are.
  @exclusivity(unchecked) public var isFrozen = false

  /// The parameters, in the registry's order.
  public var parameters: [Named<Variable>] { slots.map { Named(name: $0.name, element: $0.variable) } }

  @exclusivity(unchecked) var slots: [Slot]

  /// Calls `body` with each slot. The array that is looped over holds them, so that they need not be retained one by
  /// one, which in a step of a small net takes as long as the update of a layer.
  @inline(__always)
  func forEachSlot(_ body: (Slot) -> Void) {
    let slots = slots
    for index in slots.indices { Unmanaged.passUnretained(slots[index])._withUnsafeGuaranteedRef(body) }
    withExtendedLifetime(slots) {}
  }
  /// The optimizer whose rule updates the parameters: the one that made the group. Whoever steps the group holds it.
  unowned let rule: Optimizer
  private let ruleName: String

  init(_ slots: [Slot], rule: Optimizer, learningRate: Double, weightDecay: Double) {
    self.slots = slots
    self.rule = rule
    ruleName = "\(type(of: rule))"
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    check()
  }

  private func check() {
    require(
      learningRate.isFinite && learningRate >= 0,
      "\(ruleName): the learning rate must be finite and not negative, got \(learningRate)")
    require(
      weightDecay.isFinite && weightDecay >= 0,
      "\(ruleName): the weight decay must be finite and not negative, got \(weightDecay)")
  }
}

/// A parameter and the rule's state for it.
final class Slot {
  let name: String
  let variable: Variable
  @exclusivity(unchecked) var state = Optimizer.State()

  init(_ parameter: Named<Variable>) {
    name = parameter.name
    variable = parameter.element
  }
}
