/// The header of a safetensors file: a JSON object of names, each with a type, a shape and the range of its bytes.
struct SafetensorsHeader {
  var metadata: [String: String] = [:]
  /// In the order of their bytes.
  var entries: [Entry] = []
  /// Where the first tensor's bytes lie in the file.
  private(set) var dataStart = 0

  struct Entry {
    let name: String
    let element: FileElement
    let sizes: [Int]
    /// Counted from the end of the header.
    var range: Range<Int>
  }

  /// The most bytes that the text may have: the reference implementation's limit.
  static let mostBytes = 100_000_000

  private static let metadataKey = "__metadata__"

  init() {}
}

// MARK: - Reading

extension SafetensorsHeader {
  /// Reads and checks a file's header, and that the tensors cover all bytes after it, each byte once.
  init(_ source: ByteSource) throws {
    let prefix = try source.bytes(8, at: 0, for: "the header's length")
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.mostBytes) else {
      let isZip = prefix.starts(with: [0x50, 0x4b, 3, 4])
      throw source.error(
        at: 0, "a header of at most \(Self.mostBytes) bytes",
        found: isZip ? "a zip file; TorchArchive reads those of torch.save" : "\(length)")
    }
    let text = try source.bytes(Int(length), at: 8, for: "the header")
    dataStart = 8 + text.count
    var reader = try JSONReader(text, name: source.name, offset: 8)
    guard text.first == UInt8(ascii: "{") else { throw reader.error("\"{\"") }
    try reader.object { reader, name in
      if name == Self.metadataKey {
        if reader.null() { return }
        try reader.object { reader, key in metadata[key] = try reader.string() }
      } else {
        entries.append(try Entry(name, from: &reader, of: source))
      }
    }
    try reader.end()
    try checkSpans(in: source)
  }

  private mutating func checkSpans(in source: ByteSource) throws {
    entries.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    var (end, last) = (0, "the header")
    for entry in entries {
      guard entry.range.lowerBound == end else {
        throw FileError(
          file: source.name, place: .tensor(entry.name), expected: "data from \(end) on, where \(last) ends",
          found: "from \(entry.range.lowerBound) on")
      }
      (end, last) = (entry.range.upperBound, "tensor \(entry.name)")
    }
    guard end == source.count - dataStart else {
      throw source.error(
        at: dataStart, "\(end) bytes of data, to where \(last) ends", found: "\(source.count - dataStart)")
    }
  }
}

extension SafetensorsHeader.Entry {
  /// Reads the description of one tensor. Ignores keys that the format does not have, as the
  /// reference implementation does.
  fileprivate init(_ name: String, from reader: inout JSONReader, of source: ByteSource) throws {
    func error(_ expected: String, _ found: String) -> FileError {
      FileError(file: source.name, place: .tensor(name), expected: expected, found: found)
    }
    var (type, sizes, offsets): (String?, [Int]?, [Int]?)
    try reader.object { reader, key in
      switch key {
      case "dtype": type = try reader.string()
      case "shape": sizes = try reader.counts()
      case "data_offsets": offsets = try reader.counts()
      default: try reader.skip()
      }
    }
    guard let type, let sizes, let offsets else { throw error("dtype, shape and data_offsets", "not all of them") }
    guard let element = FileElement(safetensors: type) else {
      throw error("a type that a tensor takes without loss", type)
    }
    guard sizes.count <= AxisValues.capacity else {
      throw error("at most \(AxisValues.capacity) axes", "\(sizes.count)")
    }
    guard let byteCount = element.byteCount(of: sizes) else {
      throw error("a size that can be counted", "\(sizes) \(type)")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else { throw error("where data begins and ends", "\(offsets)") }
    guard offsets[1] - offsets[0] == byteCount else {
      throw error("\(byteCount) bytes for \(sizes) \(type)", "\(offsets[1] - offsets[0])")
    }
    (self.name, self.element, self.sizes, range) = (name, element, sizes, offsets[0]..<offsets[1])
  }
}

extension JSONReader {
  fileprivate mutating func counts() throws -> [Int] {
    var result: [Int] = []
    try array { reader in result.append(try reader.count()) }
    return result
  }
}

// MARK: - Writing

extension SafetensorsHeader {
  /// The bytes before the data: the length of the text, and the text, padded with spaces to a multiple of 8.
  func encoded(for file: String) throws -> [UInt8] {
    var parts: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "\($0.key.quotedForJSON):\($0.value.quotedForJSON)" }
      parts.append("\"\(Self.metadataKey)\":{\(pairs.joined(separator: ","))}")
    }
    for entry in entries {
      let sizes = entry.sizes.map(String.init).joined(separator: ",")
      parts.append(
        "\(entry.name.quotedForJSON):{\"dtype\":\"\(entry.element.safetensors)\",\"shape\":[\(sizes)],"
          + "\"data_offsets\":[\(entry.range.lowerBound),\(entry.range.upperBound)]}")
      guard entry.name != Self.metadataKey else {
        throw FileError(
          file: file, place: .tensor(entry.name), expected: "another name", found: "the one that metadata has")
      }
    }
    var text = Array("{\(parts.joined(separator: ","))}".utf8)
    text += repeatElement(UInt8(ascii: " "), count: -text.count & 7)
    guard text.count <= Self.mostBytes else {
      throw FileError(
        file: file, expected: "names and metadata of at most \(Self.mostBytes) bytes", found: "\(text.count)")
    }
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
  }
}

extension String {
  /// The text in quotation marks, escaped for JSON.
  package var quotedForJSON: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{c}": result += "\\f"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension FileElement {
  /// The type of this name, if its numbers can be represented in a tensor.
  fileprivate init?(safetensors name: String) {
    guard let element = Self.named.first(where: { $0.name == name })?.element else { return nil }
    self = element
  }

  /// The name of this type.
  fileprivate var safetensors: String { Self.named.first { $0.element == self }?.name ?? "" }

  private static let named: [(name: String, element: FileElement)] = [
    ("F64", .float64), ("F32", .float32), ("F16", .float16), ("BF16", .bfloat16), ("F8_E4M3", .float8e4m3),
    ("F8_E5M2", .float8e5m2), ("I64", .int64), ("I32", .int32), ("I16", .int16), ("I8", .int8), ("U64", .uint64),
    ("U32", .uint32), ("U16", .uint16), ("U8", .uint8), ("BOOL", .bool),
  ]
}
