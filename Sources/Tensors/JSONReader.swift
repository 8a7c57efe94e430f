/// Reads JSON (RFC 8259) from front to back, strictly: no comments, no trailing commas, no numbers beyond the grammar,
/// no half of a surrogate pair. Nesting ends at 100 levels, so that hostile text cannot exhaust the stack.
struct JSONReader {
  private let text: [UInt8]
  /// The name that errors use for the text, and where in the file it starts.
  private let name: String
  private let offset: Int
  private(set) var position = 0

  /// Throws unless the text is UTF-8.
  init(_ text: [UInt8], name: String, offset: Int) throws {
    (self.text, self.name, self.offset) = (text, name, offset)
    guard String(validating: text, as: UTF8.self) != nil else { throw error("text in UTF-8", found: "other bytes") }
  }

  /// An error at the position that is read next, or at another.
  func error(_ expected: String, found: String? = nil, at position: Int? = nil) -> FileError {
    let position = position ?? self.position
    let next = position < text.count ? "\"\(Character(Unicode.Scalar(text[position])))\"" : "the end of the text"
    return FileError(file: name, place: .byte(offset + position), expected: expected, found: found ?? next)
  }

  /// Reads an object: `read` takes each value, given its key. No key may come twice.
  mutating func object(_ read: (inout JSONReader, String) throws -> Void) throws {
    var keys = Set<String>()
    try list("{", "}") { reader in
      reader.skipSpace()
      let start = reader.position
      let key = try reader.string()
      guard keys.insert(key).inserted else {
        throw reader.error("each key once", found: "\"\(key)\" again", at: start)
      }
      try reader.expect(":")
      try read(&reader, key)
    }
  }

  /// Reads an array: `read` takes each value.
  mutating func array(_ read: (inout JSONReader) throws -> Void) throws { try list("[", "]", read) }

  /// Reads an integer that is not negative, without a fraction or an exponent.
  mutating func count() throws -> Int {
    skipSpace()
    let start = position
    let digits = text[start...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    position += digits.count
    let isPlain =
      !digits.isEmpty && (digits.count == 1 || digits.first != UInt8(ascii: "0")) && !".eE".utf8.contains(next)
    guard isPlain else { throw error("a whole number, not negative", at: start) }
    var value = 0
    for digit in digits {
      let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isTooLargeAfter) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      guard !isTooLarge, !isTooLargeAfter else {
        throw error("a number of at most \(Int.max)", found: String(decoding: digits, as: UTF8.self), at: start)
      }
      value = sum
    }
    return value
  }

  /// Reads a string.
  mutating func string() throws -> String {
    try expect("\"")
    var content: [UInt8] = []
    while true {
      let run = text[position...].prefix { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
      content += run
      position += run.count
      switch next {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        position += 1
        content += try String(escaped()).utf8
      default: throw error("a string's end or an escape", found: position < text.count ? "a control character" : nil)
      }
    }
  }

  /// Reads `null`, if it is what comes next.
  mutating func null() -> Bool {
    skipSpace()
    return word("null")
  }

  /// Skips a value of any kind.
  mutating func skip(depth: Int = 0) throws {
    guard depth < 100 else { throw error("at most 100 levels of nesting", found: "more") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): try object { reader, _ in try reader.skip(depth: depth + 1) }
    case UInt8(ascii: "["): try array { reader in try reader.skip(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try string()
    default:
      if word("true") || word("false") || word("null") { return }
      try skipNumber()
    }
  }

  /// Reads space up to the end. Throws if there is anything else.
  mutating func end() throws {
    skipSpace()
    guard position == text.count else { throw error("the end of the text") }
  }

  // MARK: - Pieces

  /// The byte that is read next; at the end 0, which occurs in no JSON.
  private var next: UInt8 { position < text.count ? text[position] : 0 }

  private mutating func skipSpace() {
    while [0x20, 0x09, 0x0a, 0x0d].contains(next) { position += 1 }
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    skipSpace()
    guard next == UInt8(ascii: character) else { throw error("\"\(character)\"") }
    position += 1
  }

  private mutating func word(_ word: StaticString) -> Bool {
    let isNext = word.withUTF8Buffer { text[position...].starts(with: $0) }
    if isNext { position += word.utf8CodeUnitCount }
    return isNext
  }

  private mutating func list(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ element: (inout JSONReader) throws -> Void
  ) throws {
    try expect(open)
    skipSpace()
    if next == UInt8(ascii: close) {
      position += 1
      return
    }
    while true {
      try element(&self)
      skipSpace()
      guard next == UInt8(ascii: ",") else { return try expect(close) }
      position += 1
    }
  }

  /// What an escape sequence stands for, after its backslash.
  private mutating func escaped() throws -> Unicode.Scalar {
    let start = position - 1
    let kind = next
    position += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(kind)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = try fourDigits()
      if 0xd800..<0xdc00 ~= code, word("\\u") {
        let low = try fourDigits()
        if 0xdc00..<0xe000 ~= low { code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00) }
      }
      if let scalar = Unicode.Scalar(code) { return scalar }
    default: break
    }
    throw error("an escape of JSON", at: start)
  }

  private mutating func fourDigits() throws -> UInt32 {
    let digits = text[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits") }
    position += 4
    return value
  }

  private mutating func skipNumber() throws {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let startsWithZero = next == UInt8(ascii: "0")
    let wholeDigits = skipDigits()
    guard wholeDigits > 0, !startsWithZero || wholeDigits == 1 else { throw error("a value", at: start) }
    if next == UInt8(ascii: ".") {
      position += 1
      guard skipDigits() > 0 else { throw error("a digit") }
    }
    if "eE".utf8.contains(next) {
      position += 1
      if "+-".utf8.contains(next) { position += 1 }
      guard skipDigits() > 0 else { throw error("a digit") }
    }
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while UInt8(ascii: "0")...UInt8(ascii: "9") ~= next { position += 1 }
    return position - start
  }
}
