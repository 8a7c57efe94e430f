/// NumPy's archive of named arrays: a zip file of `.npy` files.
///
/// ```swift
/// let data = try NpzArchive(contentsOfFile: "mnist.npz")
/// data.tensors["x_train"]
/// try NpzArchive(tensors: ["x": x]).write(toFile: "x.npz", compressed: true)
/// ```
public struct NpzArchive: Sendable {
  /// The tensors by name, without `.npy`.
  public var tensors: [String: Tensor]

  /// Creates an archive from tensors, to be written.
  public init(tensors: [String: Tensor]) { self.tensors = tensors }

  /// Reads a file as `numpy.savez` or `savez_compressed` writes it, zip64 included.
  ///
  /// Throws a ``FileError`` for a file that is missing, damaged, or has members that are not arrays a tensor can hold.
  public init(contentsOfFile path: String) throws { try self.init(ByteSource(path: path)) }

  /// Reads the content of a file; `name` is what errors call it.
  public init(bytes: [UInt8], name: String = "npz") throws { try self.init(ByteSource(bytes, name: name)) }

  private init(_ source: ByteSource) throws {
    tensors = [:]
    for member in try ZipDirectory(source).members {
      guard member.name.hasSuffix(Self.suffix) else {
        throw member.error("a name that ends in \(Self.suffix)", found: member.name, in: source)
      }
      let content = try member.content(in: source)
      let name = String(member.name.dropLast(Self.suffix.count))
      let tensor = try Tensor(npy: content, name: "\(source.name), member \(member.name)")
      guard tensors.updateValue(tensor, forKey: name) == nil else {
        throw member.error("each name once", found: "it again", in: source)
      }
    }
  }

  /// Writes a file, or replaces it, as an ``AtomicFile``; deflated if `compressed`.
  ///
  /// Throws a ``FileError`` where the file cannot be written, or where it would need more than 4 GiB or 65,534 members.
  public func write(toFile path: String, compressed: Bool = false) throws {
    try AtomicFile.write(to: path) { file in
      try encode(for: path, compressed: compressed) { bytes in try file.append(bytes) }
    }
  }

  /// The bytes of the file that ``write(toFile:compressed:)`` writes.
  public func encoded(compressed: Bool = false) throws -> [UInt8] {
    var result: [UInt8] = []
    try encode(for: "npz", compressed: compressed) { bytes in result += bytes }
    return result
  }

  private func encode(for file: String, compressed: Bool, _ append: ([UInt8]) throws -> Void) throws {
    var writer = ZipWriter(file: file)
    for (name, tensor) in tensors.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      try writer.add(name + Self.suffix, tensor.npyBytes(), compressed: compressed, append)
    }
    try writer.end(append)
  }

  private static let suffix = ".npy"
}
