import NN

/// The inputs and attributes of a case, under PyTorch's names.
///
/// An attribute that the call never reads is one that it does not support; the case then fails.
final class Arguments {
  let op: String
  private let inputs: [String: [Variable]]
  private let attributes: [String: JSON]
  private var unread: Set<String>

  /// Makes leaves of one float type; the inputs named in `differentiated` require a gradient.
  init(_ testCase: Case, _ tensors: [String: Tensor], _ type: DType, differentiated: Set<String>) throws {
    op = testCase.op
    attributes = testCase.attributes
    inputs = try testCase.inputs.compactMapValues { keys in
      try keys.tensors(in: tensors)?.map { $0.dtype == .float64 ? Variable($0.cast(to: type)) : Variable($0) }
    }
    unread = Set(inputs.keys).union(attributes.filter { $0.value != .null }.keys)
    for name in differentiated {
      guard let variables = inputs[name] else { throw Complaint("no input \(name)") }
      for variable in variables { variable.requiresGrad = true }
    }
  }

  /// The arguments of a module's initializer: attributes only.
  init(_ module: String, _ arguments: [String: JSON]) {
    (op, attributes, inputs) = (module, arguments, [:])
    unread = Set(arguments.filter { $0.value != .null }.keys)
  }

  /// Names of the inputs and attributes that the call did not read.
  var unknown: [String] { unread.sorted() }

  // MARK: - Inputs

  /// The input called `input`.
  var input: Variable { variable("input") }
  /// The input called `other`.
  var other: Variable { variable("other") }

  /// An input that every case has.
  func variable(_ name: String) -> Variable {
    guard let variable = optional(name) else { fatalError("\(op): the case has no input \(name)") }
    return variable
  }
  /// An input that a case may leave out.
  func optional(_ name: String) -> Variable? { list(name)?.first }
  /// An input that is a constant: labels, indices, masks.
  func tensor(_ name: String) -> Tensor { variable(name).value }
  /// An input that is a list of tensors.
  func list(_ name: String) -> [Variable]? {
    unread.remove(name)
    return inputs[name]
  }

  // MARK: - Attributes

  func has(_ name: String) -> Bool { attribute(name) != nil }

  /// Whether an attribute is null, in places where leaving it out means something else.
  func isNull(_ name: String) -> Bool { attributes[name] == .null }

  /// Whether an attribute is a list rather than one number.
  func isList(_ name: String) -> Bool { if case .list = attribute(name) { true } else { false } }

  func double(_ name: String, default value: Double? = nil) -> Double {
    switch attribute(name) {
    case .number(let number): return number
    case .string("inf"): return .infinity
    case .string("-inf"): return -.infinity
    case nil: if let value { return value }
    default: break
    }
    fatalError("\(op): attribute \(name) is no number")
  }
  func optionalDouble(_ name: String) -> Double? { has(name) ? double(name) : nil }

  func int(_ name: String, default value: Int? = nil) -> Int { Int(double(name, default: value.map(Double.init))) }
  func optionalInt(_ name: String) -> Int? { has(name) ? int(name) : nil }

  /// A list of integers; a single integer counts as a list of one. nil if absent.
  func optionalInts(_ name: String) -> [Int]? {
    optionalIntsOrNone(name)?.map { if let int = $0 { int } else { fatalError("\(op): \(name) has a null") } }
  }
  /// The same, for a list with null entries.
  func optionalIntsOrNone(_ name: String) -> [Int?]? {
    switch attribute(name) {
    case .list(let list): list.map { if case .number(let number) = $0 { Int(number) } else { nil } }
    case .number(let number): [Int(number)]
    default: nil
    }
  }
  func ints(_ name: String, default value: [Int]? = nil) -> [Int] {
    guard let ints = optionalInts(name) ?? value else { fatalError("\(op): attribute \(name) is no list") }
    return ints
  }
  /// A list of real numbers; a single number counts as a list of one.
  ///
  /// A null entry becomes `orNone`.
  func optionalDoubles(_ name: String, orNone: Double? = nil) -> [Double]? {
    switch attribute(name) {
    case .list(let list):
      list.map {
        if case .number(let number) = $0 { return number }
        if $0 == .null, let orNone { return orNone }
        fatalError("\(op): \(name)")
      }
    case .number(let number): [number]
    default: nil
    }
  }

  /// A list of objects.
  func objects(_ name: String) throws -> [[String: JSON]] {
    guard case .list(let list) = attribute(name) else { throw Complaint("\(name) is no list") }
    return try list.map {
      guard case .object(let object) = $0 else { throw Complaint("\(name) has an entry that is no object") }
      return object
    }
  }

  func bool(_ name: String, default value: Bool = false) -> Bool {
    if case .bool(let bool) = attribute(name) { bool } else { value }
  }
  func string(_ name: String, default value: String) -> String { optionalString(name) ?? value }
  /// A string; nil if the attribute is null or not a string.
  func optionalString(_ name: String) -> String? {
    if case .string(let string) = attribute(name) { string } else { nil }
  }

  private func attribute(_ name: String) -> JSON? {
    unread.remove(name)
    let value = attributes[name]
    return value == .null ? nil : value
  }

  /// The gradients of one input, several if it is a list; zeros where there is none.
  func gradients(_ name: String) -> [Tensor] {
    (inputs[name] ?? []).map { $0.grad?.value ?? .zeros($0.shape, dtype: $0.dtype) }
  }
  /// Returns and clears the gradients of one input; second derivatives start from them.
  func takeGradients(_ name: String) -> [Variable?] {
    (inputs[name] ?? []).map { input in
      defer { input.grad = nil }
      return input.grad
    }
  }
}

extension JSON {
  /// The tensors that a key, `{"tensors": [...]}` or a list of keys stands for; nil for null.
  func tensors(in table: [String: Tensor]) throws -> [Tensor]? {
    switch self {
    case .null: return nil
    case .string(let key):
      guard let tensor = table[key] else { throw Complaint("no tensor \(key)") }
      return [tensor]
    case .list(let keys): return try keys.flatMap { try $0.tensors(in: table) ?? [] }
    case .object(let object):
      guard let keys = object["tensors"] else { throw Complaint("an input that is no list of tensors") }
      return try keys.tensors(in: table)
    default: throw Complaint("a key that is no text")
    }
  }
}
