import Foundation
import Tensors

/// A table read from a delimited text file: named columns of fields, which are text until they are read as numbers.
///
/// Reads what RFC 4180 describes: fields may be quoted, and then hold separators, line ends and doubled quotes. Line
/// ends are LF or CRLF; empty lines are skipped; a byte order mark is too. Every row has as many fields as the first.
///
/// ```swift
/// let table = try CSVTable(contentsOf: URL(fileURLWithPath: "iris.csv"))
/// let inputs = try table.tensor(of: ["sepal length", "sepal width"])
/// let (labels, names) = try table.categories(of: "species")
/// let flowers = TensorDataset(inputs: inputs, targets: labels)
/// ```
public struct CSVTable: Sendable {
  /// The name that errors use for the file.
  public let name: String
  /// The columns' names: the first line's fields, or `0`, `1`, … if the file has no header.
  public let columns: [String]
  /// How many rows there are, the header not counted.
  public var rowCount: Int { lines.count }

  /// The rows one after another.
  private let fields: [String]
  /// Where each row starts.
  private let lines: [Int]
  private let missing: Set<String>

  /// What replaces a missing number.
  public enum Filling: Sendable {
    /// Nothing: an error says where the first one is.
    case refused
    /// Not a number.
    case nan
    /// A number.
    case value(Double)
    /// The mean of the column's numbers; an error where it has none.
    case mean
  }

  /// Fields that usually represent a missing value.
  public static let usualMissing: Set<String> = ["", "NA", "N/A", "NaN", "nan", "null", "?"]

  /// Reads a file in UTF-8.
  public init(
    contentsOf url: URL, separator: Character = ",", hasHeader: Bool = true, missing: Set<String> = usualMissing
  ) throws(FileError) {
    try self.init(
      bytes: [UInt8](dataset: url), name: url.lastPathComponent, separator: separator, hasHeader: hasHeader,
      missing: missing)
  }

  /// Reads a text.
  /// - Parameters:
  ///   - bytes: The text in UTF-8.
  ///   - name: The name that errors use for it.
  ///   - separator: The separator between fields: one ASCII character.
  ///   - hasHeader: Whether the first line names the columns.
  ///   - missing: The fields that represent a missing value, after spaces around them are removed.
  public init(
    bytes: [UInt8], name: String, separator: Character = ",", hasHeader: Bool = true,
    missing: Set<String> = usualMissing
  ) throws(FileError) {
    guard let mark = separator.asciiValue, !"\"\r\n".contains(separator) else {
      stop("CSVTable: the separator must be one character of ASCII and no quote or line end, got '\(separator)'")
    }
    var scanner = CSVScanner(bytes: bytes, name: name, separator: mark)
    guard let first = try scanner.row() else {
      throw FileError(file: name, place: .line(1), expected: "a row", found: "an empty file")
    }
    let columns = hasHeader ? first.fields : first.fields.indices.map(String.init)
    if let double = columns.indices.first(where: { columns[..<$0].contains(columns[$0]) }) {
      throw FileError(
        file: name, place: .line(first.line), expected: "columns with names of their own",
        found: "'\(columns[double])' twice")
    }
    var (fields, lines): ([String], [Int]) = hasHeader ? ([], []) : (first.fields, [first.line])
    while let row = try scanner.row() {
      guard row.fields.count == columns.count else {
        throw FileError(
          file: name, place: .line(row.line), expected: "\(columns.count) fields", found: "\(row.fields.count)")
      }
      fields += row.fields
      lines.append(row.line)
    }
    (self.name, self.columns, self.fields, self.lines, self.missing) = (name, columns, fields, lines, missing)
  }

  /// The fields of a column as in the file.
  public func texts(of column: String) throws(FileError) -> [String] {
    let place = try self.place(of: column)
    return lines.indices.map { fields[$0 * columns.count + place] }
  }

  /// A column of numbers, as Swift writes them (`1`, `-0.5`, `2e-3`). Throws for a field that is not a number.
  public func numbers(of column: String, missing filling: Filling = .refused) throws(FileError) -> [Double] {
    var numbers: [Double] = []
    var holes: [Int] = []
    for (row, text) in try texts(of: column).enumerated() {
      let field = text.trimmingCharacters(in: .whitespaces)
      if missing.contains(field) {
        if case .refused = filling {
          throw wrong(row, column, expected: "a number", found: "none ('\(text)')")
        }
        holes.append(row)
        numbers.append(.nan)
      } else if let number = Double(field) {
        numbers.append(number)
      } else {
        throw wrong(row, column, expected: "a number", found: "'\(text)'")
      }
    }
    guard let first = holes.first else { return numbers }
    let fill: Double
    switch filling {
    case .refused, .nan: fill = .nan
    case .value(let value): fill = value
    case .mean:
      let present = numbers.filter { !$0.isNaN }
      if present.isEmpty { throw wrong(first, column, expected: "a number in this column", found: "none in any row") }
      fill = present.reduce(0, +) / Double(present.count)
    }
    for row in holes { numbers[row] = fill }
    return numbers
  }

  /// Columns of numbers side by side: float32 [rows, columns]. All columns unless some are named.
  public func tensor(of names: [String]? = nil, missing filling: Filling = .refused) throws(FileError) -> Tensor {
    let names = names ?? columns
    var parts: [[Double]] = []
    for name in names { parts.append(try numbers(of: name, missing: filling)) }
    let values = (0..<rowCount).flatMap { row in parts.map { Float($0[row]) } }
    return Tensor(values, shape: [rowCount, names.count])
  }

  /// A column of words as classes: int64 labels [rows], and the words in alphabetical order, which the labels index.
  ///
  /// Throws for a missing word.
  public func categories(of column: String) throws(FileError) -> (labels: Tensor, names: [String]) {
    let words = try texts(of: column).map { $0.trimmingCharacters(in: .whitespaces) }
    if let row = words.firstIndex(where: missing.contains) {
      throw wrong(row, column, expected: "a word", found: "none ('\(words[row])')")
    }
    let names = Set(words).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    return (Tensor(words.map { numbers[$0, default: 0] }, shape: [words.count]), names)
  }

  private func place(of column: String) throws(FileError) -> Int {
    if let place = columns.firstIndex(of: column) { return place }
    throw FileError(
      file: name, expected: "a column '\(column)'", found: "only \(columns.map { "'\($0)'" }.joined(separator: ", "))")
  }

  private func wrong(_ row: Int, _ column: String, expected: String, found: String) -> FileError {
    FileError(file: name, place: .field(line: lines[row], column: column), expected: expected, found: found)
  }
}

/// Splits a text into rows of fields.
private struct CSVScanner {
  let bytes: [UInt8]
  let name: String
  let separator: UInt8
  private var position = 0
  private var line = 1

  private static let (quote, newline, carriageReturn) = (UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"))

  init(bytes: [UInt8], name: String, separator: UInt8) {
    (self.bytes, self.name, self.separator) = (bytes, name, separator)
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
  }

  /// The next row that is not empty, and the line where it starts.
  mutating func row() throws(FileError) -> (line: Int, fields: [String])? {
    while endLine() {}
    if position == bytes.count { return nil }
    let start = line
    var fields = [try field()]
    while position < bytes.count, bytes[position] == separator {
      position += 1
      fields.append(try field())
    }
    _ = endLine()
    return (start, fields)
  }

  /// Steps over a line end, if one is here.
  private mutating func endLine() -> Bool {
    guard position < bytes.count else { return false }
    let isLong = bytes[position] == Self.carriageReturn && position + 1 < bytes.count
    guard bytes[position] == Self.newline || isLong && bytes[position + 1] == Self.newline else { return false }
    position += isLong ? 2 : 1
    line += 1
    return true
  }

  private mutating func field() throws(FileError) -> String {
    if position < bytes.count, bytes[position] == Self.quote { return try quotedField() }
    let start = position
    while position < bytes.count, bytes[position] != separator, !isLineEnd { position += 1 }
    return try text(bytes[start..<position])
  }

  private var isLineEnd: Bool {
    bytes[position] == Self.newline
      || bytes[position] == Self.carriageReturn && position + 1 < bytes.count && bytes[position + 1] == Self.newline
  }

  private mutating func quotedField() throws(FileError) -> String {
    let start = line
    var content: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == Self.quote {
        guard position < bytes.count, bytes[position] == Self.quote else {
          guard position == bytes.count || bytes[position] == separator || isLineEnd else {
            throw FileError(
              file: name, place: .line(line), expected: "a separator or line end behind a quoted field",
              found: "'\(Character(UnicodeScalar(bytes[position])))'")
          }
          return try text(content[...])
        }
        position += 1
      } else if byte == Self.newline {
        line += 1
      }
      content.append(byte)
    }
    throw FileError(
      file: name, place: .line(start), expected: "a quote that ends the field", found: "the end of the file")
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(FileError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FileError(file: name, place: .line(line), expected: "text in UTF-8", found: bytes.hexadecimal)
    }
    return text
  }
}
