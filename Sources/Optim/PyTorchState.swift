import NN

extension Optimizer {
  /// Goes on where an optimizer of PyTorch stopped: takes over what its `state_dict()` has.
  ///
  /// ```swift
  /// let file = try TorchArchive(contentsOfFile: "checkpoint.pt")
  /// try net.load(file["model"].tensors)
  /// let optimizer = AdamW(net.parameters, beta2: 0.95)
  /// try optimizer.load(fromPyTorch: file["optimizer"], order: file["model"].keys)
  /// ```
  ///
  /// It has the same rule and options as PyTorch's, and groups of the same sizes in the same order (`separate` puts the
  /// groups that it makes last). Learning rates, weight decays and momentum (the first of `betas`) are taken from the
  /// file, as they change in the course of a training; all other options must be those that the file has.
  ///
  /// PyTorch numbers parameters, and saves their names only for an optimizer that was made from `named_parameters()`.
  /// Otherwise they are taken to be in the order of the groups here, or in the given `order` of names. In
  /// `file["model"].keys` they are in PyTorch's own order, which differs from the declaration's where a module has a
  /// parameter declared after a layer. Of either kind of names only those that begin with `under` and a dot count, if
  /// that is given, as in `Model.load(_:under:strict:layout:)`.
  ///
  /// Throws a `StateError` where something does not fit, or a `FileError` for what no optimizer of PyTorch saves, and
  /// then changes nothing. `stepCount` becomes the most steps that a parameter has taken, whose number PyTorch does not
  /// save for `SGD`, `Muon` and `LBFGS`.
  public final func load(fromPyTorch saved: TorchArchive.Value, order: [String]? = nil, under prefix: String? = nil)
    throws
  {
    let theirs = try saved["param_groups"].elements
    try Self.check(theirs.count, groups.count, "group", at: "param_groups", of: "\(type(of: self))")
    let loaded = try zip(groups, theirs).map {
      try SavedGroup($0, $1, states: saved["state"], order: order, under: prefix)
    }
    for (number, group) in loaded.enumerated() {
      guard let first = loaded.first(where: { $0.group.rule === group.group.rule }) else { continue }
      if let momentum = group.momentum, let expected = first.momentum, momentum != expected {
        throw StateError.mismatch(
          owner: "\(type(of: group.group.rule))", key: "momentum of param_groups.\(number)", expected: "\(expected)",
          found: "\(momentum)")
      }
    }
    for group in loaded { group.takeOver() }
    let steps = loaded.flatMap(\.states).map(\.state.step).max() ?? 0
    for rule in rules { rule.stepCount = steps }
  }

  fileprivate static func check(_ found: Int, _ expected: Int, _ unit: String, at key: String, of owner: String) throws
  {
    func counted(_ count: Int) -> String { "\(count) \(unit)\(count == 1 ? "" : "s")" }
    if found != expected {
      throw StateError.mismatch(owner: owner, key: key, expected: counted(expected), found: counted(found))
    }
  }
}

/// One of PyTorch's parameter groups, read for one of ours.
private struct SavedGroup {
  let group: ParameterGroup
  private(set) var states: [(slot: Slot, state: Optimizer.State)] = []
  private(set) var momentum: Double?
  private var rates = (learning: 0.0, decay: 0.0)
  private var takeOwnState: () -> Void = {}
  private let owner: String

  init(
    _ group: ParameterGroup, _ saved: TorchArchive.Value, states: TorchArchive.Value, order: [String]?,
    under prefix: String?
  ) throws {
    self.group = group
    owner = "\(type(of: group.rule))"
    guard let rule = group.rule as? any PyTorchRule else { throw StateError.unknownToPyTorch(owner: owner) }
    try checkOptions(of: rule, saved)
    rates.learning = try rate(saved["lr"])
    rates.decay = saved["weight_decay"].exists ? try rate(saved["weight_decay"]) : group.weightDecay
    let numbers = try saved["params"].elements.map { try $0.integer }
    let names = saved["param_names"].exists ? try saved["param_names"].elements.map { try $0.text } : nil
    let slots = try slots(inOrder: (order ?? names)?.compactMap { $0.withoutCompilation.name(under: prefix) })
    try Optimizer.check(numbers.count, slots.count, "parameter", at: saved["params"].path, of: owner)
    for (number, slot) in zip(numbers, slots) {
      self.states.append((slot, try state(of: slot, rule, states[number])))
    }
    if let first = numbers.first {
      var reader = StateReader(try rule.ownState(fromPyTorch: states[first]), of: owner)
      takeOwnState = try rule.readOwnState(&reader)
      try reader.finish()
    }
  }

  func takeOver() {
    (group.learningRate, group.weightDecay) = rates
    if let momentum, let rule = group.rule as? any MomentumOptimizer { rule.momentum = momentum }
    for (slot, state) in states { slot.state = state }
    takeOwnState()
  }
}

// MARK: - Options

extension SavedGroup {
  private mutating func checkOptions(of rule: any PyTorchRule, _ saved: TorchArchive.Value) throws {
    let keys = Set(try saved.keys)
    for (key, expected) in rule.savedOptions {
      guard keys.contains(key) == (expected != nil) else {
        throw StateError.otherRule(owner: owner, reason: "\(saved.path) has \(expected == nil ? "" : "no ")\(key)")
      }
      if let expected { try checkOption(key, expected, of: rule, saved) }
    }
    // Older versions of PyTorch do not have these.
    for (key, expected) in [("maximize", rule.maximize), ("decoupled_weight_decay", rule.decouplesWeightDecay)]
    where keys.contains(key) {
      try checkOption(key, .flag(expected), of: rule, saved)
    }
  }

  private mutating func checkOption(
    _ key: String, _ expected: SavedOption, of rule: any PyTorchRule, _ saved: TorchArchive.Value
  ) throws {
    let found = SavedOption(saved[key])
    var expected = expected
    if ["betas", "momentum"].contains(key), let rule = rule as? any MomentumOptimizer, let momentum = found?.momentum,
      rule.momentum > 0 && momentum > 0 && momentum < 1
    {
      self.momentum = momentum
      expected = expected.replacing(momentum: momentum)
    }
    guard found == expected else {
      throw StateError.mismatch(
        owner: owner, key: saved[key].path, expected: "\(expected)", found: found.map { "\($0)" } ?? "something else")
    }
  }

  private func rate(_ value: TorchArchive.Value) throws -> Double {
    let rate = try value.number
    guard rate >= 0 && rate.isFinite else { throw StateError.invalid(owner: owner, key: value.path, found: rate) }
    return rate
  }
}

// MARK: - Parameters

extension SavedGroup {
  /// The group's parameters as PyTorch numbers them.
  private func slots(inOrder names: [String]?) throws -> [Slot] {
    guard let names else { return group.slots }
    let places = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    let placed = try group.slots.map { slot in
      guard let place = places[slot.name] else {
        throw StateError.missing(owner: owner, key: "parameter \(slot.name)")
      }
      return (place: place, slot: slot)
    }
    let slots = placed.sorted { $0.place < $1.place }.map(\.slot)
    if group.rule is LBFGS, slots.map(\.name) != group.slots.map(\.name) {
      // Its state is of vectors that all parameters form together.
      throw StateError.mismatch(
        owner: owner, key: "order of parameters", expected: group.slots.map(\.name).joined(separator: ", "),
        found: slots.map(\.name).joined(separator: ", "))
    }
    return slots
  }

  /// The state of a parameter; an empty one if no gradient has reached it yet.
  private func state(
    of slot: Slot, _ rule: any PyTorchRule, _ saved: TorchArchive.Value
  ) throws -> Optimizer.State {
    guard saved.exists, try saved.keys.contains(where: { saved[$0].exists }) else { return Optimizer.State() }
    func otherRule(_ reason: String) -> StateError {
      .otherRule(owner: owner, reason: "\(saved.path), of \(slot.name), has \(reason)")
    }
    let names = rule.savedNames
    if let unknown = try saved.keys.first(where: { names[$0] == nil && saved[$0].exists }) { throw otherRule(unknown) }
    func entry(_ name: String) throws -> TorchArchive.Value? {
      guard let key = names.first(where: { $0.value == name })?.key else { return nil }
      guard saved[key].exists else { throw otherRule("no \(key)") }
      return saved[key]
    }
    var state = rule.initialState(for: slot.variable.value, learningRate: group.learningRate)
    if state.names.isEmpty { return Optimizer.State() }
    // Rules whose steps PyTorch does not count need to know only that there was one.
    state.step = try entry("step").map { try count($0) } ?? 1
    if state.step == 0 { return Optimizer.State() }
    for (position, name) in state.names.enumerated() {
      guard let entry = try entry(name) else { continue }
      state.tensors[position] = try tensor(entry, like: state.tensors[position], of: slot)
    }
    return state
  }

  private func count(_ value: TorchArchive.Value) throws -> Int {
    let count = try value.integer
    if count < 0 || count > 1 << 53 {
      throw StateError.invalid(owner: owner, key: value.path, found: Double(count))
    }
    return count
  }

  private func tensor(_ value: TorchArchive.Value, like expected: Tensor, of slot: Slot) throws -> Tensor {
    let tensor = try value.tensor
    guard tensor.shape == expected.shape else {
      throw StateError.mismatch(
        owner: owner, key: "\(value.path), of \(slot.name),", expected: "\(expected.shape)", found: "\(tensor.shape)")
    }
    return tensor.cast(to: expected.dtype).contiguous()
  }
}

// MARK: - Schedules

extension Scheduler {
  /// Goes on where a scheduler of PyTorch stopped: takes over the number of steps and the initial rates of its
  /// `state_dict()`. The schedule itself is that of this scheduler.
  ///
  /// Throws as `load(_:)` does, or a `FileError` for what no scheduler of PyTorch saves, and then changes nothing.
  public func load(fromPyTorch saved: TorchArchive.Value) throws {
    // `SequentialLR` and `ChainedScheduler` leave them to their parts, of which the first counts from the start.
    func first(_ key: String, _ value: TorchArchive.Value) -> TorchArchive.Value {
      let parts = value["_schedulers"]
      return value[key].exists || !parts.exists ? value[key] : first(key, parts[0])
    }
    var state = stateDict()
    state["step"] = Tensor(try first("last_epoch", saved).integer)
    state["bases"] = Tensor(try first("base_lrs", saved).elements.map { try $0.number }, dtype: .float64)
    try load(state)
  }
}

extension PlateauScheduler {
  /// Goes on where PyTorch's `ReduceLROnPlateau` stopped: takes over the best metric and the counts of its
  /// `state_dict()`.
  public func load(fromPyTorch saved: TorchArchive.Value) throws {
    try load([
      "best": Tensor(try saved["best"].number), "badCount": Tensor(try saved["num_bad_epochs"].integer),
      "cooling": Tensor(try saved["cooldown_counter"].integer),
    ])
  }
}
