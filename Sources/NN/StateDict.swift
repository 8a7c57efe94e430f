// A model's values by name, as PyTorch's `state_dict` has them.

/// What stood between a model and the values that were to be loaded into it.
public struct StateMismatch: Error, Equatable, CustomStringConvertible {
  /// Names of the model that no value was given for.
  public var missing: [String] = []
  /// Names that were given and that the model does not have.
  public var unexpected: [String] = []
  /// Names whose values have another shape than the model's.
  public var illShaped: [IllShaped] = []

  /// A value that does not fit.
  public struct IllShaped: Equatable, Sendable {
    /// The path of the parameter or buffer.
    public let name: String
    /// The shape that was given, and the one that the model has.
    public let found, expected: Shape
  }

  /// Whether nothing stood between them.
  public var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && illShaped.isEmpty }

  /// All three lists in one sentence.
  public var description: String {
    let shapes = illShaped.map { "\($0.name) \($0.found) for \($0.expected)" }
    let parts = [("missing", missing), ("unexpected", unexpected), ("ill-shaped", shapes)].filter { !$0.1.isEmpty }
    if parts.isEmpty { return "the values fit the model" }
    return "the values do not fit the model; "
      + parts.map { "\($0): \($1.joined(separator: ", "))" }.joined(separator: "; ")
  }
}

extension Model {
  /// The values of all parameters and buffers by their paths. Nothing is copied until one of them changes.
  public func stateDict() -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: variables.map { ($0.name, $0.element.value) })
  }

  /// Sets parameters and buffers to values by name, converted to the types that they have here.
  ///
  /// Strict, it throws a `StateMismatch` that lists all that is missing, unexpected or ill-shaped, and changes nothing;
  /// else it sets what fits and returns that list. Gradients and optimizers are not touched.
  @discardableResult
  public func load(_ state: [String: Tensor], strict: Bool = true) throws -> StateMismatch {
    let variables = variables
    var mismatch = StateMismatch()
    var fitting: [(Variable, Tensor)] = []
    for (name, variable) in variables.map({ ($0.name, $0.element) }) {
      guard let value = state[name] else {
        mismatch.missing.append(name)
        continue
      }
      if value.shape == variable.shape {
        fitting.append((variable, value))
      } else {
        mismatch.illShaped.append(.init(name: name, found: value.shape, expected: variable.shape))
      }
    }
    mismatch.unexpected = Set(state.keys).subtracting(variables.map(\.name)).sorted()
    if strict && !mismatch.isEmpty { throw mismatch }
    for (variable, value) in fitting { variable.value = value.cast(to: variable.dtype) }
    return mismatch
  }
}
