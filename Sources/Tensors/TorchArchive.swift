/// What is in a file that PyTorch's `torch.save` wrote: a `state_dict`, or a whole checkpoint of a training.
///
/// ```swift
/// // torch.save({"model": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, "checkpoint.pt")
/// let file = try TorchArchive(contentsOfFile: "checkpoint.pt")
/// try net.load(file["model"].tensors)
/// try optimizer.load(fromPyTorch: file["optimizer"])
/// let epoch = try file["epoch"].integer
/// ```
///
/// **No code of the file is run**, as with `weights_only=True`: it is safe to read a file from anywhere. Objects other
/// than dictionaries, lists, tensors, numbers and texts are passed over, and so are tensors of a subclass, or that are
/// quantized, sparse, complex, or of floats of 8 bits or unsigned integers above 8 bits. Other types that no tensor has
/// become wider ones as in ``Safetensors``. Files in the form from before PyTorch 1.6 are not read.
///
/// To be read elsewhere, write ``Safetensors``.
public struct TorchArchive: Sendable {
  /// All that the file holds, most often a dictionary.
  public let content: Value
  /// All its tensors by name: keys and positions with dots between them, such as `model.fc.weight`.
  public let tensors: [String: Tensor]

  /// Reads a file.
  ///
  /// Throws a ``FileError`` for a file that is missing, damaged, or was written on a machine with another order of
  /// bytes.
  public init(contentsOfFile path: String) throws { try self.init(ByteSource(path: path)) }

  /// Reads the content of a file; `name` is what errors call it.
  public init(bytes: [UInt8], name: String = "pt") throws { try self.init(ByteSource(bytes, name: name)) }

  /// The value for a key of the dictionary that the file holds.
  public subscript(key: String) -> Value { content[key] }

  private init(_ source: ByteSource) throws {
    if source.count >= 4, try source.bytes(4, at: 0, for: "a file") == Self.oldStart {
      throw FileError(
        file: source.name, expected: "a zip file, as torch.save writes it",
        found: "the form from before PyTorch 1.6; torch.load it and torch.save it again")
    }
    let memory = try SavedMemory(source)
    try self.init(
      pickle: memory.pickle.content(in: source), name: source.name,
      error: { FileError(file: source.name, place: .member(memory.pickle.name), expected: $0, found: $1) },
      load: { try memory.load($0, key: $1, count: $2) })
  }

  /// Reads a pickle alone: `load` finds a tensor's memory, by the name of its class, its key and the number of its
  /// elements.
  package init(
    pickle: [UInt8], name: String, error: @escaping (_ expected: String, _ found: String) -> FileError,
    load: @escaping (_ type: String, _ key: String, _ count: Int) throws -> Tensor?
  ) throws {
    let unpickler = try Unpickler(pickle, error: { error("\($1) at byte \($0)", $2) }, load: load)
    content = Value(unpickler.result, in: unpickler.tables, file: name)
    var paths = TensorPaths(unpickler.tables)
    try paths.visit(unpickler.result, name: "", error: error)
    tensors = paths.tensors
  }

  /// Whether a file begins as one that `torch.save` writes: as a zip file, or as before PyTorch 1.6.
  package static func begins(file path: String) throws -> Bool {
    let source = try ByteSource(path: path)
    guard source.count >= 4 else { return false }
    return try [[0x50, 0x4b, 3, 4], oldStart].contains(source.bytes(4, at: 0, for: "a file"))
  }

  /// A pickle of a long integer, with which the old form begins.
  private static let oldStart: [UInt8] = [0x80, 2, 0x8a, 10]
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
  func load(_ type: String, key: String, count: Int) throws -> Tensor? {
    guard let member = members["data/" + key] else {
      throw pickle.error("a member data/\(key)", found: "none", in: source)
    }
    if let known = loaded[type + key], known.elementCount == count { return known }
    guard let element = Self.elements[type] else { return nil }
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
