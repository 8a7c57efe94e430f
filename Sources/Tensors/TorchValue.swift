extension TorchArchive {
  /// A value in a file: a dictionary, a list, a tensor, a number, a text, or nothing where the file has none.
  ///
  /// ```swift
  /// let group = file["optimizer"]["param_groups"][0]
  /// let rate = try group["lr"].number
  /// print(try group.keys)                  // ["lr", "betas", …]
  /// ```
  ///
  /// Subscripts always give a value. Reading it as what it is not throws a ``FileError`` that says where in the file it
  /// would be: `checkpoint.pt, entry optimizer.param_groups.0.lr: expected a number, found nothing`.
  public struct Value: Sendable {
    /// Keys and positions that lead here, joined by dots; empty for the whole content.
    public let path: String
    private let content: Unpickler.Value?
    private let tables: Unpickler.Tables
    private let file: String

    init(_ content: Unpickler.Value?, in tables: Unpickler.Tables, path: String = "", file: String) {
      (self.content, self.tables, self.path, self.file) = (content, tables, path, file)
    }

    /// The value of a dictionary for a key.
    public subscript(key: String) -> Value {
      let value = pairs?.last { if case .text(key) = $0.key { true } else { false } }?.value
      return Value(value, in: tables, path: below(key), file: file)
    }

    /// The element of a list at a position, or the value of a dictionary for a whole number.
    public subscript(number: Int) -> Value {
      let value =
        list.map { $0.indices.contains(number) ? $0[number] : nil }
        ?? pairs?.last { if case .integer(number) = $0.key { true } else { false } }?.value
      return Value(value, in: tables, path: below("\(number)"), file: file)
    }

    /// Whether the file has a value here other than Python's `None`.
    public var exists: Bool {
      switch content {
      case nil, .some(.none): false
      default: true
      }
    }

    /// The keys of a dictionary in the order in which it was filled: for a `state_dict` that of the model's
    /// declarations. Whole numbers are given in digits, keys of other kinds left out.
    public var keys: [String] {
      get throws {
        guard let pairs else { throw error("a dictionary") }
        return pairs.compactMap(\.key.asKey)
      }
    }

    /// The elements of a list or tuple.
    public var elements: [Value] {
      get throws {
        guard let list else { throw error("a list") }
        return list.enumerated().map { Value($1, in: tables, path: below("\($0)"), file: file) }
      }
    }

    /// The tensors in a dictionary or list and in all that these hold, by their paths from here: a model's weights by
    /// name.
    public var tensors: [String: Tensor] {
      get throws {
        guard list != nil || pairs != nil else { throw error("a dictionary or list of tensors") }
        var names = TensorPaths(tables)
        try names.visit(content ?? .none, name: "") { error($0, found: $1) }
        return names.tensors
      }
    }

    /// A tensor.
    public var tensor: Tensor {
      get throws {
        guard case .tensor(let tensor) = content else { throw error("a tensor") }
        return tensor
      }
    }

    /// A number, whole or not, or the only element of a tensor.
    public var number: Double {
      get throws {
        switch content {
        case .number(let number): return number
        case .integer(let number): return Double(number)
        case .tensor(let tensor) where tensor.elementCount == 1: return tensor.item()
        default: throw error("a number")
        }
      }
    }

    /// A whole number, also of a tensor.
    public var integer: Int {
      get throws {
        if case .integer(let number) = content { return number }
        guard let number = try? number, let integer = Int(exactly: number) else { throw error("a whole number") }
        return integer
      }
    }

    /// True or false.
    public var bool: Bool {
      get throws {
        guard case .bool(let bool) = content else { throw error("true or false") }
        return bool
      }
    }

    /// A text.
    public var text: String {
      get throws {
        guard case .text(let text) = content else { throw error("a text") }
        return text
      }
    }

    private var list: [Unpickler.Value]? {
      if case .list(let number) = content { tables.lists[number] } else { nil }
    }

    private var pairs: [(key: Unpickler.Value, value: Unpickler.Value)]? {
      if case .dictionary(let number) = content { tables.dictionaries[number] } else { nil }
    }

    private func below(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

    private func error(_ expected: String, found: String? = nil) -> FileError {
      FileError(
        file: file, place: path.isEmpty ? nil : .entry(path), expected: expected, found: found ?? content.kind)
    }
  }
}

extension Unpickler.Value {
  /// What a dictionary's key is called in paths; nil for a key that is neither a text nor a whole number.
  fileprivate var asKey: String? {
    switch self {
    case .text(let text): text
    case .integer(let number): "\(number)"
    default: nil
    }
  }
}

extension Unpickler.Value? {
  /// What kind of value this is, for errors.
  fileprivate var kind: String {
    switch self {
    case nil: "nothing"
    case .some(.none): "None"
    case .unknown, .global, .storage: "an object of a Python class"
    case .bool: "true or false"
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .text: "a text"
    case .list(_): "a list"
    case .dictionary: "a dictionary"
    case .tensor(let tensor): "a tensor \(tensor.shape)"
    }
  }
}

/// The tensors in what a pickle built, by the path to them.
struct TensorPaths {
  private(set) var tensors: [String: Tensor] = [:]
  private let tables: Unpickler.Tables
  private var count = 0
  /// How many values are looked at, and within how many others: lists may hold one another, or themselves.
  private static let (most, deepest) = (1_000_000, 64)

  init(_ tables: Unpickler.Tables) { self.tables = tables }

  mutating func visit(
    _ value: Unpickler.Value, name: String, depth: Int = 0, error: (_ expected: String, _ found: String) -> FileError
  ) throws {
    count += 1
    guard count <= Self.most, depth <= Self.deepest else {
      throw error("at most \(Self.most) values, within \(Self.deepest) others", "more")
    }
    func path(_ key: String) -> String { name.isEmpty ? key : name + "." + key }
    switch value {
    case .tensor(let tensor): tensors[name] = tensor
    case .list(let number):
      for (place, element) in tables.lists[number].enumerated() {
        try visit(element, name: path("\(place)"), depth: depth + 1, error: error)
      }
    case .dictionary(let number):
      for (key, element) in tables.dictionaries[number] {
        if let key = key.asKey { try visit(element, name: path(key), depth: depth + 1, error: error) }
      }
    default: break
    }
  }
}
