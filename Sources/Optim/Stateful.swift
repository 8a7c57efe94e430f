import NN

/// An object whose state can be saved as named tensors and restored, bit for bit.
public protocol Stateful: AnyObject {
  /// The whole state.
  func stateDict() -> [String: Tensor]
  /// Restores a state that `stateDict()` returned. Throws if it does not fit, and then changes nothing.
  func load(_ state: [String: Tensor]) throws(StateError)
}

/// Why a saved state does not fit the object that is to restore it.
public enum StateError: Error, Equatable, CustomStringConvertible {
  /// An entry is missing.
  case missing(owner: String, key: String)
  /// An entry has another shape or type.
  case mismatch(owner: String, key: String, expected: String, found: String)
  /// An entry has a value that is not possible.
  case invalid(owner: String, key: String, found: Double)
  /// Entries that are not part of the state.
  case unexpected(owner: String, keys: [String])
  /// PyTorch saved it from an optimizer of another rule.
  case otherRule(owner: String, reason: String)
  /// The rule is not one that PyTorch has.
  case unknownToPyTorch(owner: String)

  /// A sentence.
  public var description: String {
    switch self {
    case .missing(let owner, let key): "\(owner): the saved state has no \(key)"
    case .mismatch(let owner, let key, let expected, let found):
      "\(owner): the saved \(key) is \(found), expected \(expected)"
    case .invalid(let owner, let key, let found): "\(owner): the saved \(key) cannot be \(found)"
    case .unexpected(let owner, let keys):
      "\(owner): the saved state has what does not belong here: \(keys.joined(separator: ", "))"
    case .otherRule(let owner, let reason): "\(owner): the saved state is that of another rule: \(reason)"
    case .unknownToPyTorch(let owner): "\(owner): PyTorch has no such rule, whose state could be read"
    }
  }
}

/// Takes entries out of a saved state, each checked against what it is to replace.
package struct StateReader {
  private var rest: [String: Tensor]
  private let owner: String

  package init(_ state: [String: Tensor], of owner: String) {
    rest = state
    self.owner = owner
  }

  /// The entry of that name, which has the shape and type of `expected`.
  package mutating func tensor(_ key: String, like expected: Tensor) throws(StateError) -> Tensor {
    guard let found = rest.removeValue(forKey: key) else { throw .missing(owner: owner, key: key) }
    guard found.shape == expected.shape, found.dtype == expected.dtype else {
      throw .mismatch(
        owner: owner, key: key, expected: "\(expected.dtype) \(expected.shape)", found: "\(found.dtype) \(found.shape)")
    }
    return found
  }

  /// The entry of that name, if there is one.
  package mutating func optional(_ key: String, like expected: Tensor) throws(StateError) -> Tensor? {
    rest[key] == nil ? nil : try tensor(key, like: expected)
  }

  /// One number of double precision.
  package mutating func double(_ key: String) throws(StateError) -> Double {
    try tensor(key, like: .zeros([], dtype: .float64)).item()
  }

  /// A time in seconds that a clock may have shown.
  package mutating func seconds(_ key: String) throws(StateError) -> Double {
    let seconds = try double(key)
    if !(0...1e15).contains(seconds) { throw .invalid(owner: owner, key: key, found: seconds) }
    return seconds
  }

  /// Doubles [n] or [n, columns], row after row, for whatever n.
  package mutating func doubles(_ key: String, columns: Int? = nil) throws(StateError) -> [Double] {
    let count = rest[key].flatMap { $0.rank == 0 ? nil : $0.shape[0] } ?? 0
    let shape = columns.map { [count, $0] } ?? [count]
    return try tensor(key, like: .zeros(Shape(shape), dtype: .float64)).scalars(as: Double.self)
  }

  /// A count: not negative, and not so large that counting on would overflow.
  package mutating func count(_ key: String) throws(StateError) -> Int {
    let count = try tensor(key, like: Tensor(0 as Int)).scalars(as: Int.self)[0]
    if count < 0 || count > 1 << 53 { throw .invalid(owner: owner, key: key, found: Double(count)) }
    return count
  }

  /// Numbers that are finite and not negative, as rates are.
  mutating func rates(_ key: String, count: Int) throws(StateError) -> [Double] {
    let rates = try tensor(key, like: .zeros([count], dtype: .float64)).scalars(as: Double.self)
    for rate in rates where !(rate >= 0 && rate.isFinite) { throw .invalid(owner: owner, key: key, found: rate) }
    return rates
  }

  /// Throws if entries are left.
  package func finish() throws(StateError) {
    if !rest.isEmpty { throw .unexpected(owner: owner, keys: rest.keys.sorted()) }
  }
}
