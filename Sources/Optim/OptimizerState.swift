import NN

extension Optimizer {
  /// A rule's state for one parameter.
  public struct State: Sendable {
    /// Steps this parameter has taken, the present one included.
    public internal(set) var step = 0
    /// The names under which the rule's tensors are saved.
    public let names: [String]
    /// The rule's tensors, in the order of their names.
    public var tensors: [Tensor]

    /// Creates a state from named tensors: `State(["sum": .full(p.shape, 0.1, dtype: p.dtype)])`.
    public init(_ tensors: KeyValuePairs<String, Tensor> = [:]) {
      names = tensors.map(\.key)
      self.tensors = tensors.map(\.value)
    }

    /// Creates a state with zeros of a parameter's shape and type under each name.
    public init(_ names: [String], zerosLike p: Tensor) {
      self.names = names
      tensors = names.map { _ in p.zerosLike() }
    }

    /// The tensor of that name.
    public subscript(name: String) -> Tensor {
      get { tensors[position(of: name)] }
      set { tensors[position(of: name)] = newValue }
    }

    private func position(of name: String) -> Int {
      guard let position = names.firstIndex(of: name) else {
        stop("Optimizer.State: there is no \(name) among \(names.joined(separator: ", "))")
      }
      return position
    }

    /// The addresses of the first three tensors' elements, each dense and in memory of its own. Valid until
    /// one is replaced.
    var pointers: (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) {
      mutating get { (pointer(0), pointer(1), pointer(2)) }
    }

    private mutating func pointer(_ index: Int) -> UnsafeMutableRawPointer? {
      index < tensors.count ? tensors[index].withMutablePointer { $0 } : nil
    }
  }
}

extension Optimizer: Stateful {
  /// The rule's state, by parameter and tensor as `hidden.weight/m`, with each parameter's steps as
  /// `hidden.weight/step`, and each group's rates as `groups/0` (learning rate, weight decay, 1 if frozen).
  public final func stateDict() -> [String: Tensor] {
    var result: [String: Tensor] = [Self.stepsKey: Tensor(stepCount)]
    for (number, group) in groups.enumerated() {
      result[Self.key(group: number)] = Tensor([group.learningRate, group.weightDecay, group.isFrozen ? 1 : 0])
      for slot in group.slots {
        require(
          result.updateValue(Tensor(slot.state.step), forKey: slot.name + "/step") == nil,
          "\(type(of: self)): two parameters are called \(slot.name); only unique names can be saved")
        for (name, tensor) in zip(slot.state.names, slot.state.tensors) { result[slot.name + "/" + name] = tensor }
      }
    }
    return result.merging(ownState) { first, _ in first }
  }

  /// Restores what `stateDict` returned for the same rule, parameters and groups.
  ///
  /// Throws `StateError` where they differ, and then changes nothing.
  public final func load(_ state: [String: Tensor]) throws(StateError) {
    var reader = StateReader(state, of: "\(type(of: self))")
    let steps = try reader.count(Self.stepsKey)
    var rates: [[Double]] = []
    var states: [State] = []
    for (number, group) in groups.enumerated() {
      rates.append(try reader.rates(Self.key(group: number), count: 3))
      for slot in group.slots {
        var loaded = group.rule.initialState(for: slot.variable.value, learningRate: group.learningRate)
        loaded.step = try reader.count(slot.name + "/step")
        if loaded.step > 0 {
          for (position, name) in loaded.names.enumerated() {
            loaded.tensors[position] = try reader.tensor(slot.name + "/" + name, like: loaded.tensors[position])
          }
        } else {
          loaded = State()
        }
        states.append(loaded)
      }
    }
    let takeOwnState = try readOwnState(&reader)
    try reader.finish()
    takeOwnState()
    stepCount = steps
    for (group, rates) in zip(groups, rates) {
      (group.learningRate, group.weightDecay, group.isFrozen) = (rates[0], rates[1], rates[2] != 0)
    }
    for (slot, state) in zip(groups.flatMap(\.slots), states) { slot.state = state }
  }

  private static var stepsKey: String { "steps" }
  private static func key(group number: Int) -> String { "groups/\(number)" }
}
