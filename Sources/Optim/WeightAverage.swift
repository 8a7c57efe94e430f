import NN

/// Averages of a model's parameters over its training, which often generalize better than the last ones.
///
/// ```swift
/// let average = WeightAverage(net.parameters, .exponential(decay: 0.999))
/// for batch in batches { …; optimizer.step(); average.update() }
/// average.whileApplied { evaluate(net) }
/// ```
///
/// PyTorch's AveragedModel. For stochastic weight averaging (Izmailov et al. 2018) use `.equal`, update once per epoch
/// in the last quarter of training, with a rate that stays high there (`Schedule.annealing`), and if the model has
/// batch normalization, run it over the training data once more, in training mode, with the average applied.
public final class WeightAverage: Stateful {
  /// How much each update counts.
  public enum Kind: Sendable {
    /// All the same: the arithmetic mean.
    case equal
    /// average ← decay · average + (1 − decay) · parameter, from the first parameters on.
    case exponential(decay: Double)
  }

  /// How much each update counts.
  public let kind: Kind
  /// How often `update()` was called.
  public private(set) var updateCount = 0
  private let parameters: [Named<Variable>]
  private var averages: [Tensor]

  /// Creates an average that starts from the parameters as they are.
  public init(_ parameters: [Named<Variable>], _ kind: Kind) {
    if case .exponential(let decay) = kind {
      require(decay >= 0 && decay <= 1, "WeightAverage: the decay lies between 0 and 1, got \(decay)")
    }
    require(!parameters.isEmpty, "WeightAverage: the registry is empty; does the model have parameters?")
    self.parameters = parameters
    self.kind = kind
    averages = parameters.map(\.element.value)
  }

  /// The averages, in the registry's order.
  public var values: [Named<Tensor>] {
    zip(parameters, averages).map { Named(name: $0.name, element: $1) }
  }

  /// Includes the present parameters in the average. The first update of either kind starts it.
  public func update() {
    let share =
      switch kind {
      case .equal: 1 / Double(updateCount + 1)
      case .exponential(let decay): updateCount == 0 ? 1 : 1 - decay
      }
    for (index, parameter) in parameters.enumerated() {
      let value = parameter.element.value
      if share == 1 { averages[index] = value } else { averages[index].add(value - averages[index], scale: share) }
    }
    updateCount += 1
  }

  /// Swaps parameters and averages; a second call undoes it.
  public func swap() {
    for (index, parameter) in parameters.enumerated() { Swift.swap(&parameter.element.value, &averages[index]) }
  }

  /// Runs `body` with the averages in place of the parameters.
  public func whileApplied<Result>(_ body: () throws -> Result) rethrows -> Result {
    swap()
    defer { swap() }
    return try body()
  }

  /// The averages by parameter, and the number of updates.
  public func stateDict() -> [String: Tensor] {
    var result = ["updates": Tensor(updateCount)]
    for (parameter, average) in zip(parameters, averages) { result["averages/" + parameter.name] = average }
    return result
  }

  /// Restores a state.
  public func load(_ state: [String: Tensor]) throws(StateError) {
    var reader = StateReader(state, of: "WeightAverage")
    let count = try reader.count("updates")
    var loaded: [Tensor] = []
    for (parameter, average) in zip(parameters, averages) {
      loaded.append(try reader.tensor("averages/" + parameter.name, like: average))
    }
    try reader.finish()
    (updateCount, averages) = (count, loaded)
  }
}
