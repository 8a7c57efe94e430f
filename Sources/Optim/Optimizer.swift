import Kernels
import NN

/// Updates parameters by their gradients, one step at a time.
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
/// This class goes through the parameter registry; a subclass is one rule, `update`, for one parameter at a time. What
/// every rule offers is done here: groups of parameters, weight decay, maximizing, saving and restoring.
///
/// Gradients add up until they are cleared, so a large batch can be split into parts, each loss divided
/// by their number:
///
/// ```swift
/// optimizer.zeroGrad()
/// for part in parts { (crossEntropy(net(part.images), part.labels) / parts.count).backward() }
/// optimizer.step()
/// ```
open class Optimizer {
  /// The parameters and their learning rates: one group, until `add` and `separate` make more.
  @exclusivity(unchecked) public private(set) var groups: [ParameterGroup] = []
  /// Whether to ascend rather than descend: the gradient's sign is flipped before anything else.
  public let maximize: Bool
  /// Whether weight decay shrinks the parameter directly, p ← (1 − learningRate · weightDecay) p, and is not part of
  /// the gradient that the rule sees.
  public let decouplesWeightDecay: Bool
  /// Whether a step is one vectorized pass over memory. Otherwise it runs `update` as written, with which that pass
  /// agrees within rounding. Rules of your own always run as written.
  @exclusivity(unchecked) public var isFused = true
  /// The optimizers whose groups were added, for as long as this one steps them.
  private var joined: [Optimizer] = []
  /// Steps taken; saved and restored.
  @exclusivity(unchecked) public internal(set) var stepCount = 0

  /// For rules to call. Stops for an empty registry, a parameter that occurs twice or is an op's result, or a learning
  /// rate or weight decay that is negative or not finite.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double, weightDecay: Double = 0, decouplesWeightDecay: Bool = false,
    maximize: Bool = false
  ) {
    self.maximize = maximize
    self.decouplesWeightDecay = decouplesWeightDecay
    require(!parameters.isEmpty, "\(Self.self): the registry is empty; does the model have parameters?")
    add(parameters, learningRate: learningRate, weightDecay: weightDecay)
  }

  // MARK: - Rules

  /// The rule: changes one parameter in place. Stops unless overridden.
  ///
  /// - Parameters:
  ///   - p: The parameter.
  ///   - g: Its gradient, of its shape and type, with `maximize` and weight decay already applied.
  ///   - s: The rule's state for this parameter; `s.step` counts from 1.
  ///   - learningRate: The learning rate of the parameter's group.
  open func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
    stop("\(type(of: self)): has no update rule; override update(_:gradient:state:learningRate:)")
  }

  /// The rule's state for a parameter before its first step: empty unless overridden.
  open func initialState(for p: Tensor, learningRate: Double) -> State { State() }

  /// Whether `fusedStep` does what `update` says.
  var hasKernel: Bool { false }

  /// The rule as one pass over memory.
  func runKernel(_ operands: inout ag_optim_step, state s: inout State, learningRate: Double) {}

  /// A step of one parameter in place: the operands for `runKernel`.
  func fusedStep(_ slot: Slot, _ gradient: Tensor, _ group: ParameterGroup) {
    let gradient = gradient.contiguous()
    gradient.withPointer { g in
      var operands = ag_optim_step(
        type: gradient.dtype.kernel, n: gradient.elementCount, p: nil, g: g, state: slot.state.pointers,
        sign: maximize ? -1 : 1, decay: decouplesWeightDecay ? 0 : group.weightDecay,
        shrink: decouplesWeightDecay ? 1 - group.learningRate * group.weightDecay : 1)
      slot.variable.tensor.withMutablePointer { p in
        operands.p = p
        runKernel(&operands, state: &slot.state, learningRate: group.learningRate)
      }
    }
  }

  /// The rule's state apart from the parameters' states.
  var ownState: [String: Tensor] { [:] }

  /// Reads what `ownState` returned, and returns a closure that takes it over.
  func readOwnState(_ reader: inout StateReader) throws(StateError) -> () -> Void { {} }

  // MARK: - Steps

  /// Updates every parameter by its gradient; one without a gradient, or in a frozen group, is left as it is.
  ///
  /// After the tenth step, parameters that no gradient has ever reached are named on standard error, once: most often
  /// the loss fails to depend on them by mistake.
  public func step() {
    Profile.range("\(type(of: self)).step") { updateParameters() }
    stepCount += 1
    if stepCount == 10 { reportIdle() }
  }

  private func updateParameters() {
    for group in groups where !group.isFrozen {
      let rule = group.rule
      let isFused = isFused && rule.hasKernel
      group.forEachSlot { slot in
        guard let gradient = slot.variable.grad else { return }
        if slot.state.step == 0 {
          slot.state = rule.initialState(for: slot.variable.value, learningRate: group.learningRate)
        }
        slot.state.step += 1
        if isFused {
          rule.fusedStep(slot, gradient.value, group)
        } else {
          rule.readableStep(slot, gradient.value, group)
        }
      }
    }
  }

  /// Clears the gradients, computes a loss and its gradients, and takes a step. Returns the loss.
  ///
  /// `optimizer.step { crossEntropy(net(images), labels) }`. Rules that evaluate the loss more than once a step, such
  /// as `LBFGS`, can only be used this way.
  @discardableResult
  public func step(_ loss: () -> Variable) -> Double {
    let value = evaluate(loss)
    step()
    return value
  }

  /// Clears the gradients of all parameters.
  public final func zeroGrad() {
    for group in groups { group.forEachSlot { $0.variable.grad = nil } }
  }

  final func evaluate(_ loss: () -> Variable) -> Double {
    zeroGrad()
    let result = loss()
    require(
      !result.isReleased,
      "\(type(of: self)): step: the closure has called backward() on its loss; "
        + "it is to compute and return the loss alone"
    )
    result.backward()
    return result.item()
  }

  private func readableStep(_ slot: Slot, _ gradient: Tensor, _ group: ParameterGroup) {
    let before = slot.variable.value
    let decay = group.weightDecay == 0 ? nil : group.weightDecay * before
    var g = maximize ? -gradient : gradient
    if let decay, !decouplesWeightDecay { g += decay }
    update(&slot.variable.value, gradient: g, state: &slot.state, learningRate: group.learningRate)
    if let decay, decouplesWeightDecay { slot.variable.value -= group.learningRate * decay }
  }

  private func reportIdle() {
    let idle = groups.filter { !$0.isFrozen }.flatMap(\.slots).filter {
      $0.state.step == 0 && $0.variable.requiresGrad
    }
    if idle.isEmpty { return }
    Platform.warn(
      "\(type(of: self)): in the first \(stepCount) steps no gradient has reached "
        + idle.map(\.name).joined(separator: ", ") + "; does the loss depend on them?")
  }
}

// MARK: - Groups

extension Optimizer {
  /// All parameters of this optimizer.
  public final var parameters: [Named<Variable>] { groups.flatMap(\.parameters) }

  /// The learning rate of the first group; setting it sets that of every group. Finite and not negative.
  public final var learningRate: Double {
    get { groups[0].learningRate }
    set { for group in groups { group.learningRate = newValue } }
  }

  /// The weight decay of the first group; setting it sets that of every group. Finite and not negative.
  public final var weightDecay: Double {
    get { groups[0].weightDecay }
    set { for group in groups { group.weightDecay = newValue } }
  }

  /// Adds parameters as a group of their own, by default with the first group's rates. Stops for one that is there
  /// already, or is an op's result.
  @discardableResult
  public final func add(
    _ parameters: [Named<Variable>], learningRate: Double? = nil, weightDecay: Double? = nil, isFrozen: Bool = false
  ) -> ParameterGroup {
    requireNew(parameters)
    for parameter in parameters {
      require(
        parameter.element.isLeaf,
        "\(type(of: self)): \(parameter.name) is an op's result; only what it was computed from can be optimized")
    }
    return addGroup(
      parameters.map { Slot($0) }, of: self, learningRate: learningRate, weightDecay: weightDecay, isFrozen: isFrozen)
  }

  /// Adds the groups of another optimizer, which keep its rule, options and rates: for parameters that are to be
  /// updated with other options than the rest, or by another rule.
  ///
  /// ```swift
  /// let optimizer = AdamW(body.parameters, learningRate: 1e-3)
  /// optimizer.add(AdamW(embeddings.parameters, learningRate: 1e-4, beta2: 0.95, epsilon: 1e-6))
  /// optimizer.add(Muon(matrices, learningRate: 0.02))
  /// ```
  ///
  /// From then on only this optimizer is to be stepped, saved and restored; its `learningRate` and its schedules go for
  /// all groups. Options of the other that may change, such as its momentum, can still be set there. Stops for a
  /// parameter that is there already, and for `LBFGS`, whose steps are of all parameters at once.
  public final func add(_ other: Optimizer) {
    for rule in [self, other] {
      require(
        !(rule is LBFGS), "LBFGS: steps all its parameters together; it cannot be combined with another optimizer")
    }
    requireNew(other.parameters)
    groups += other.groups
    joined.append(other)
  }

  /// This rule, and those of the optimizers that were added.
  final var rules: [Optimizer] { [self] + joined.flatMap(\.rules) }

  private func requireNew(_ parameters: [Named<Variable>]) {
    var known = Set(groups.flatMap(\.slots).map { ObjectIdentifier($0.variable) })
    for parameter in parameters {
      require(
        known.insert(ObjectIdentifier(parameter.element)).inserted,
        "\(type(of: self)): the parameter \(parameter.name) is there twice")
    }
  }

  /// Makes a group of the parameters whose names match, by default with the first group's rates.
  ///
  /// ```swift
  /// optimizer.separate(weightDecay: 0) { $0.hasSuffix("bias") }
  /// optimizer.separate(learningRate: 1e-5) { $0.hasPrefix("encoder.") }
  /// ```
  /// They leave the groups they were in. Stops if none matches, or if different rules update them.
  @discardableResult
  public final func separate(
    learningRate: Double? = nil, weightDecay: Double? = nil, isFrozen: Bool = false, where fits: (String) -> Bool
  ) -> ParameterGroup {
    let sources = groups.filter { $0.slots.contains { fits($0.name) } }
    guard let rule = sources.first?.rule else { stop("\(type(of: self)): separate: no parameter's name fits") }
    require(
      sources.allSatisfy { $0.rule === rule },
      "\(type(of: self)): separate: parameters of different rules fit; separate them before adding one optimizer to "
        + "another"
    )
    let chosen = sources.flatMap(\.slots).filter { fits($0.name) }
    let group = addGroup(
      chosen, of: rule, learningRate: learningRate, weightDecay: weightDecay, isFrozen: isFrozen)
    for other in groups.dropLast() { other.slots.removeAll { fits($0.name) } }
    return group
  }

  /// Adds a group of a rule, by default with the rates of that rule's first.
  private func addGroup(
    _ slots: [Slot], of rule: Optimizer, learningRate: Double?, weightDecay: Double?, isFrozen: Bool
  ) -> ParameterGroup {
    let group = ParameterGroup(
      slots, rule: rule, learningRate: learningRate ?? rule.groups[0].learningRate,
      weightDecay: weightDecay ?? rule.groups[0].weightDecay)
    group.isFrozen = isFrozen
    groups.append(group)
    return group
  }
}

// MARK: - Checks for rules

extension Optimizer {
  /// Stops for a number outside 0..<1, the range of decay rates.
  static func checkFraction(_ name: String, _ value: Double) {
    require(value >= 0 && value < 1, "\(Self.self): \(name) lies between 0 and 1 (exclusive), got \(value)")
  }

  /// Stops for a number that is negative or not finite.
  static func checkSize(_ name: String, _ value: Double) {
    require(
      value >= 0 && value.isFinite, "\(Self.self): \(name) must be finite and not negative, got \(value)")
  }
}
