/// A variable or a structure of variables: what transforms differentiate with respect to, and
/// the structure of their results.
///
/// A variable is a tree, and so are arrays, dictionaries and optionals of trees. Conform a type of your own by mapping
/// each of its variables in turn:
///
/// ```swift
/// struct Line: VariableTree {
///   var slope, offset: Variable
///   func mapVariables(_ transform: (Variable) -> Variable) -> Line {
///     Line(slope: transform(slope), offset: transform(offset))
///   }
/// }
/// let g = gradient(at: Line(slope: a, offset: b)) { line in (line.slope * x + line.offset - y).square().mean() }
/// print(g.slope, g.offset)
/// ```
public protocol VariableTree {
  /// Returns the same structure with each variable replaced. Visits each once, and in the same order every time.
  func mapVariables(_ transform: (Variable) -> Variable) -> Self
}

extension Variable: VariableTree {
  /// The variable that takes this one's place.
  public func mapVariables(_ transform: (Variable) -> Variable) -> Self {
    // The compiler cannot know that a final class is its own Self.
    unsafeDowncast(transform(self), to: Self.self)
  }
}

extension Array: VariableTree where Element: VariableTree {
  /// The array with the variables of each element replaced.
  public func mapVariables(_ transform: (Variable) -> Variable) -> [Element] { map { $0.mapVariables(transform) } }
}

extension Dictionary: VariableTree where Value: VariableTree {
  /// The dictionary with the variables of each value replaced, in the order of the keys'
  /// descriptions, as it has no order itself.
  public func mapVariables(_ transform: (Variable) -> Variable) -> [Key: Value] {
    var result = self
    for key in keys.sorted(by: { "\($0)" < "\($1)" }) { result[key] = result[key]?.mapVariables(transform) }
    return result
  }
}

extension Optional: VariableTree where Wrapped: VariableTree {
  /// The wrapped value, if there is one, with its variables replaced.
  public func mapVariables(_ transform: (Variable) -> Variable) -> Wrapped? { map { $0.mapVariables(transform) } }
}

extension VariableTree {
  /// The same structure of leaves that require no gradient, as of `Variable.detach()`; nothing is copied.
  ///
  /// For a state that goes from one part of a long sequence to the next (truncated backpropagation through time):
  ///
  /// ```swift
  /// var state: LSTM.State?
  /// for part in parts { let (y, last) = lstm(part, state: state?.detach()); state = last; … }
  /// ```
  public func detach() -> Self { mapVariables { $0.detach() } }

  /// All variables in order.
  var variables: [Variable] {
    var found: [Variable] = []
    _ = mapVariables { variable in
      found.append(variable)
      return variable
    }
    return found
  }

  /// The same structure with other variables, given in order.
  func replacingVariables(by others: [Variable]) -> Self {
    var next = others.makeIterator()
    return mapVariables { next.next() ?? $0 }
  }

  /// This tree's variables, which must have the shapes and types of given ones.
  func variables(like others: [Variable], _ call: String, _ what: String = "a direction") -> [Variable] {
    let found = variables
    require(
      found.count == others.count,
      "\(call): wants \(what) for each of \(others.count) variables, got \(found.count)")
    for (direction, variable) in zip(found, others) { variable.requireLike(direction, "\(call): \(what)") }
    return found
  }
}
