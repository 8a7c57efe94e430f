/// Named tensors in a file that PyTorch's `torch.save` wrote: a `state_dict`, or a checkpoint that holds several.
///
/// ```swift
/// let file = try TorchArchive(contentsOfFile: "checkpoint.pt")
/// file.tensors["model.fc.weight"]       // of torch.save({"model": net.state_dict(), "epoch": 3}, …)
/// try net.load(file.tensors(under: "model"))
/// ```
///
/// Dictionaries and lists within one another give names with dots between their keys and positions. Numbers, texts and
/// objects are passed over, and **no code of the file is run**, as with `weights_only=True`: it is safe to read a
/// file from anywhere. Types that no tensor has become others as in ``Safetensors``. Not read are files from before PyTorch 1.6,
/// and tensors of a subclass, or that are quantized, sparse or complex: they have no entry.
///
/// To be read elsewhere, write ``Safetensors``.
public struct TorchArchive: Sendable {
  /// The tensors by name.
  public let tensors: [String: Tensor]

  /// Reads a file.
  ///
  /// Throws a ``FileError`` for a file that is missing, damaged, or was written on a machine with another order of bytes.
  public init(contentsOfFile path: String) throws { try self.init(ByteSource(path: path)) }

  /// Reads the content of a file; `name` is what errors call it.
  public init(bytes: [UInt8], name: String = "pt") throws { try self.init(ByteSource(bytes, name: name)) }

  /// The tensors whose names begin with `name` and a dot, without both.
  public func tensors(under name: String) -> [String: Tensor] {
    let pairs = tensors.compactMap { key, tensor in
      key.hasPrefix(name + ".") ? (String(key.dropFirst(name.count + 1)), tensor) : nil
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  private init(_ source: ByteSource) throws {
    let memory = try SavedMemory(source)
    try self.init(
      pickle: memory.pickle.content(in: source),
      error: { FileError(file: source.name, place: .member(memory.pickle.name), expected: $0, found: $1) },
      load: { try memory.load($0, key: $1, count: $2) })
  }

  /// Reads a pickle alone: `load` finds a tensor's memory, by the name of its class, its key and the number of its elements.
  package init(
    pickle: [UInt8], error: @escaping (_ expected: String, _ found: String) -> FileError,
    load: @escaping (_ type: String, _ key: String, _ count: Int) throws -> Tensor
  ) throws {
    let unpickler = try Unpickler(pickle, error: { error("\($1) at byte \($0)", $2) }, load: load)
    var names = Names(unpickler)
    try names.visit(unpickler.result, name: "") {
      error("at most \(Names.most) values, within \(Names.deepest) others", "more")
    }
    tensors = names.tensors
  }

  /// Whether a file begins as a zip file does, which `torch.save` writes.
  package static func begins(file path: String) throws -> Bool {
    let source = try ByteSource(path: path)
    return try source.count >= 4 && source.bytes(4, at: 0, for: "a file") == [0x50, 0x4b, 3, 4]
  }
}

/// The memory of tensors in an archive: members `data/0`, `data/1`, … in a folder with the pickle, `data.pkl`.
private final class SavedMemory {
  let pickle: ZipDirectory.Member
  private let source: ByteSource
  private var members: [String: ZipDirectory.Member] = [:]
  private var loaded: [String: Tensor] = [:]

  init(_ source: ByteSource) throws {
    self.source = source
    for member in try ZipDirectory(source).members {
      // The folder has the file's name at the time of saving.
      let name = member.name.split(separator: "/", maxSplits: 1).last.map(String.init) ?? ""
      members[name] = member
    }
    guard let pickle = members["data.pkl"] else {
      throw FileError(file: source.name, expected: "a member data.pkl, as torch.save writes", found: "none")
    }
    self.pickle = pickle
    if let order = members["byteorder"], try order.content(in: source) != Array("little".utf8) {
      throw order.error("little", found: "another order of bytes", in: source)
    }
  }

  /// A tensor's memory, whose class is called `type`.
  func load(_ type: String, key: String, count: Int) throws -> Tensor {
    guard let member = members["data/" + key] else {
      throw pickle.error("a member data/\(key)", found: "none", in: source)
    }
    if let known = loaded[type + key], known.elementCount == count { return known }
    guard let element = Self.elements[type] else {
      throw member.error("numbers of a known type", found: type, in: source)
    }
    let bytes = try member.content(in: source)
    guard let size = element.byteCount(of: [count]), count >= 0, bytes.count == size else {
      throw member.error("\(count) elements of a \(type)", found: "\(bytes.count) bytes", in: source)
    }
    let tensor = try ByteSource(bytes, name: source.name).tensor(element, [count], at: 0, place: .member(member.name))
    loaded[type + key] = tensor
    return tensor
  }

  private static let elements: [String: FileElement] = [
    "FloatStorage": .float32, "DoubleStorage": .float64, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
    "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8,
    "BoolStorage": .bool,
  ]
}

/// The tensors in what a pickle built, by the path to them.
private struct Names {
  private(set) var tensors: [String: Tensor] = [:]
  private let pickle: Unpickler
  private var count = 0
  /// How many values are looked at, and within how many others: lists may hold one another, or themselves.
  static let (most, deepest) = (1_000_000, 64)

  init(_ pickle: Unpickler) { self.pickle = pickle }

  mutating func visit(_ value: Unpickler.Value, name: String, depth: Int = 0, error: () -> FileError) throws {
    count += 1
    guard count <= Self.most, depth <= Self.deepest else { throw error() }
    func path(_ key: String) -> String { name.isEmpty ? key : name + "." + key }
    switch value {
    case .tensor(let tensor): tensors[name] = tensor
    case .list(let number):
      for (place, element) in pickle.lists[number].enumerated() {
        try visit(element, name: path("\(place)"), depth: depth + 1, error: error)
      }
    case .dictionary(let number):
      for (key, element) in pickle.dictionaries[number] {
        let key: String? =
          switch key {
          case .text(let text): text
          case .integer(let number): "\(number)"
          default: nil
          }
        if let key { try visit(element, name: path(key), depth: depth + 1, error: error) }
      }
    default: break
    }
  }
}
