/// Named tensors in the safetensors format, in which PyTorch models are exchanged.
///
/// ```swift
/// let weights = try Safetensors(contentsOfFile: "model.safetensors")
/// weights.tensors["fc.weight"]
/// try Safetensors(tensors: weights.tensors, metadata: ["format": "pt"]).write(toFile: "copy.safetensors")
/// ```
///
/// Types that no tensor has become the nearest one that represents all their numbers: F16, BF16, F8_E4M3 and
/// F8_E5M2 become float32; I8, I16 and U16 int32; U32 and U64 int64. Other types, a U64 beyond int64 and more than
/// eight axes are errors, as is everything that the reference implementation refuses: a header over 100,000,000
/// bytes, text that is not JSON in UTF-8, names that occur twice, sizes that do not fit the data, bytes that
/// belong to no tensor or to two.
///
/// Format: <https://huggingface.co/docs/safetensors>.
public struct Safetensors: Sendable {
  /// The tensors by name.
  public var tensors: [String: Tensor]
  /// Free text by key; PyTorch's own files say `["format": "pt"]`.
  public var metadata: [String: String]

  /// Creates a collection of tensors and metadata, to be written.
  public init(tensors: [String: Tensor], metadata: [String: String] = [:]) {
    (self.tensors, self.metadata) = (tensors, metadata)
  }

  /// Reads a file. Every tensor's bytes are read once, straight into its memory.
  ///
  /// Throws a ``FileError`` for a file that is missing, damaged or holds what no tensor can.
  public init(contentsOfFile path: String) throws { try self.init(ByteSource(path: path)) }

  /// Reads the content of a file; `name` is what errors call it.
  ///
  /// Throws a ``FileError`` for bytes that are damaged or hold what no tensor can.
  public init(bytes: [UInt8], name: String = "safetensors") throws { try self.init(ByteSource(bytes, name: name)) }

  private init(_ source: ByteSource) throws {
    let header = try SafetensorsHeader(source)
    self.init(tensors: [:], metadata: header.metadata)
    tensors.reserveCapacity(header.entries.count)
    for entry in header.entries {
      tensors[entry.name] = try source.tensor(
        entry.element, Shape(entry.sizes), at: header.dataStart + entry.range.lowerBound, place: .tensor(entry.name))
    }
  }

  /// Writes a file, or replaces it: an ``AtomicFile``, so the old one stays until the new one is whole.
  ///
  /// Tensors lie in the reference implementation's order, the widest types first and then by name, so that each is
  /// aligned. Throws a ``FileError`` where the file cannot be written, or where a tensor is named `__metadata__`.
  public func write(toFile path: String) throws {
    let (header, order) = try layout(for: path)
    try AtomicFile.write(to: path) { file in
      try file.append(header)
      for tensor in order { try tensor.withBytes(file.append) }
    }
  }

  /// The bytes of the file that ``write(toFile:)`` writes.
  public func encoded() throws -> [UInt8] {
    var (bytes, order) = try layout(for: "safetensors")
    bytes.reserveCapacity(bytes.count + order.reduce(0) { $0 + $1.elementCount * $1.dtype.byteCount })
    for tensor in order { tensor.withBytes { bytes.append(contentsOf: $0) } }
    return bytes
  }

  /// The encoded header, and the tensors in the order of their data.
  private func layout(for file: String) throws -> ([UInt8], [Tensor]) {
    let order = tensors.sorted { lhs, rhs in
      let (left, right) = (lhs.value.dtype.safetensorsRank, rhs.value.dtype.safetensorsRank)
      return left != right ? left < right : lhs.key.utf8.lexicographicallyPrecedes(rhs.key.utf8)
    }
    var header = SafetensorsHeader()
    header.metadata = metadata
    var end = 0
    for (name, tensor) in order {
      let start = end
      end += tensor.elementCount * tensor.dtype.byteCount
      header.entries.append(
        .init(name: name, element: FileElement(tensor.dtype), sizes: Array(tensor.shape), range: start..<end))
    }
    return (try header.encoded(for: file), order.map(\.value))
  }
}

extension Tensor {
  /// The bytes of all elements in row-major order.
  func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    let dense = contiguous()
    return try dense.withPointer {
      try body(UnsafeRawBufferPointer(start: $0, count: elementCount * dtype.byteCount))
    }
  }
}

extension DType {
  /// The rank of a type in the file's order, which is the reference implementation's.
  fileprivate var safetensorsRank: Int {
    switch self {
    case .int64: 0
    case .float64: 1
    case .float32: 2
    case .int32: 3
    case .uint8: 4
    case .bool: 5
    }
  }
}
