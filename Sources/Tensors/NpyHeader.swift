/// The header of an `.npy` file: a Python dictionary of the type, the order and the sizes.
struct NpyHeader {
  let element: FileElement
  let isBigEndian: Bool
  /// Whether the first axis is the fastest.
  let isFortranOrder: Bool
  let sizes: [Int]
  /// Where the elements begin.
  let dataStart: Int

  /// The most characters of the dictionary: NumPy's own limit.
  private static let mostBytes = 10_000
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
}

// MARK: - Reading

extension NpyHeader {
  /// Reads and checks the header, and that the elements are all that follows.
  init(_ source: ByteSource) throws {
    let start = try source.bytes(8, at: 0, for: "the signature and version")
    guard start.starts(with: Self.magic) else {
      throw source.error(at: 0, "the signature \\x93NUMPY", found: "other bytes")
    }
    guard [1, 2, 3].contains(start[6]), start[7] == 0 else {
      throw source.error(at: 6, "version 1.0, 2.0 or 3.0", found: "\(start[6]).\(start[7])")
    }
    let lengthBytes = try source.bytes(start[6] == 1 ? 2 : 4, at: 8, for: "the header's length")
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.mostBytes else {
      throw source.error(at: 8, "a header of at most \(Self.mostBytes) bytes", found: "\(length)")
    }
    let textStart = 8 + lengthBytes.count
    var reader = PythonReader(try source.bytes(length, at: textStart, for: "the header"), source, offset: textStart)
    let (type, isFortranOrder, sizes) = try reader.description()
    guard let (element, isBigEndian) = Self.element(type) else {
      throw source.error(at: textStart, "a type that a tensor takes without loss (b1, i1 to u8, f2 to f8)", found: type)
    }
    guard sizes.count <= AxisValues.capacity else {
      throw source.error(at: textStart, "at most \(AxisValues.capacity) axes", found: "\(sizes.count)")
    }
    guard let byteCount = element.byteCount(of: sizes) else {
      throw source.error(at: textStart, "a size that can be counted", found: "\(sizes) \(type)")
    }
    (self.element, self.isBigEndian) = (element, isBigEndian)
    (self.isFortranOrder, self.sizes, dataStart) = (isFortranOrder, sizes, textStart + length)
    guard source.count - dataStart == byteCount else {
      throw source.error(
        at: dataStart, "\(byteCount) bytes of data for \(sizes) \(type)", found: "\(source.count - dataStart)")
    }
  }

  /// What `<f4` means, and whether the most significant byte comes first.
  private static func element(_ type: String) -> (FileElement, isBigEndian: Bool)? {
    guard let order = type.first, "<>=|".contains(order) else { return nil }
    let name = type.dropFirst()
    guard let element = named.first(where: { $0.name == name })?.element else { return nil }
    return element.byteCount > 1 && order == "|" ? nil : (element, order == ">")
  }

  private static let named: [(name: String, element: FileElement)] = [
    ("b1", .bool), ("i1", .int8), ("i2", .int16), ("i4", .int32), ("i8", .int64), ("u1", .uint8), ("u2", .uint16),
    ("u4", .uint32), ("u8", .uint64), ("f2", .float16), ("f4", .float32), ("f8", .float64),
  ]
}

/// Reads the few kinds of Python literals that occur in a header.
private struct PythonReader {
  private let text: [UInt8]
  private let source: ByteSource
  private let offset: Int
  private var position = 0

  init(_ text: [UInt8], _ source: ByteSource, offset: Int) {
    (self.text, self.source, self.offset) = (text, source, offset)
  }

  /// `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, the keys in any order, each once.
  mutating func description() throws -> (type: String, isFortranOrder: Bool, sizes: [Int]) {
    var (type, isFortranOrder, sizes): (String?, Bool?, [Int]?)
    try expect("{")
    while !takes("}") {
      skipSpace()
      let start = position
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where type == nil: type = try string()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try truth()
      case "shape" where sizes == nil: sizes = try tuple()
      default: throw error("descr, fortran_order and shape, each once", at: start)
      }
      if !takes(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard position == text.count else { throw error("the end of the header") }
    guard let type, let isFortranOrder, let sizes else {
      throw error("descr, fortran_order and shape", found: "not all of them", at: 0)
    }
    return (type, isFortranOrder, sizes)
  }

  private mutating func string() throws -> String {
    let quote: UInt8 = takes("'") ? UInt8(ascii: "'") : UInt8(ascii: "\"")
    if quote == UInt8(ascii: "\"") { try expect("\"") }
    let content = text[position...].prefix { 0x20..<0x7f ~= $0 && $0 != quote && $0 != UInt8(ascii: "\\") }
    position += content.count
    guard position < text.count, text[position] == quote else { throw error("the end of a plain string") }
    position += 1
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func truth() throws -> Bool {
    if takes("True") { return true }
    guard takes("False") else { throw error("True or False") }
    return false
  }

  /// `()`, `(2,)` or `(2, 3)`; Python 2 wrote `2L`.
  private mutating func tuple() throws -> [Int] {
    var sizes: [Int] = []
    try expect("(")
    while !takes(")") {
      skipSpace()
      let digits = text[position...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      guard let size = Int(String(decoding: digits, as: UTF8.self)) else { throw error("a size") }
      position += digits.count
      _ = takes("L")
      sizes.append(size)
      if takes(",") { continue }
      if sizes.count == 1 { throw error("\",\"") }  // (2) is a number
      try expect(")")
      break
    }
    return sizes
  }

  private mutating func takes(_ word: StaticString) -> Bool {
    skipSpace()
    let isNext = word.withUTF8Buffer { text[position...].starts(with: $0) }
    if isNext { position += word.utf8CodeUnitCount }
    return isNext
  }

  private mutating func expect(_ word: StaticString) throws {
    guard takes(word) else { throw error("\"\(word)\"") }
  }

  private mutating func skipSpace() {
    while position < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[position]) { position += 1 }
  }

  private func error(_ expected: String, found: String? = nil, at place: Int? = nil) -> FileError {
    let place = place ?? position
    let next = place < text.count ? "\"\(Character(Unicode.Scalar(text[place])))\"" : "the end of the header"
    return source.error(at: offset + place, expected, found: found ?? next)
  }
}

// MARK: - Writing

extension NpyHeader {
  /// The bytes before a tensor's elements, as NumPy writes them: aligned to 64, with room for the first size to grow.
  static func encoded(for tensor: Tensor) -> [UInt8] {
    let element = FileElement(tensor.dtype)
    let name = named.first { $0.element == element }?.name ?? ""
    let sizes = tensor.shape.map(String.init)
    let shape = sizes.count == 1 ? "(\(sizes[0]),)" : "(\(sizes.joined(separator: ", ")))"
    var text = "{'descr': '\(element.byteCount == 1 ? "|" : "<")\(name)', 'fortran_order': False, 'shape': \(shape), }"
    if let first = sizes.first { text += String(repeating: " ", count: 21 - first.count) }
    text += String(repeating: " ", count: 64 - (text.count + 11) % 64) + "\n"
    return magic + [1, 0, UInt8(text.utf8.count & 0xff), UInt8(text.utf8.count >> 8)] + Array(text.utf8)
  }
}
