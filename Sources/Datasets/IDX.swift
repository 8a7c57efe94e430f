import Foundation
import Tensors

/// An array in the IDX format, in which MNIST and its relatives are distributed.
///
/// The format is a header in big-endian order — two zero bytes, the element type, the number of dimensions, a 32-bit
/// size for each — and then the elements, also big-endian. Gzip is unpacked on the way. A file comes from outside, so
/// every length is checked before it is used, and whatever is wrong is thrown as a `FileError`. It has at most as
/// many dimensions as a tensor, eight.
public struct IDXFile: Sendable {
  /// The type of an element, by its code in the header.
  public enum ElementType: UInt8, Sendable, CaseIterable {
    /// Unsigned 8-bit integers: pixels, labels.
    case ubyte = 0x08
    /// Signed 8-bit integers.
    case byte = 0x09
    /// Signed 16-bit integers.
    case short = 0x0b
    /// Signed 32-bit integers.
    case int = 0x0c
    /// Single precision.
    case float = 0x0d
    /// Double precision.
    case double = 0x0e

    /// The size of one element in bytes.
    public var byteCount: Int {
      switch self {
      case .ubyte, .byte: 1
      case .short: 2
      case .int, .float: 4
      case .double: 8
      }
    }
  }

  /// The elements in row-major order, in the file's type.
  public enum Elements: Sendable, Equatable {
    case ubyte([UInt8])
    case byte([Int8])
    case short([Int16])
    case int([Int32])
    case float([Float])
    case double([Double])
  }

  /// The name that errors about this file use.
  public let name: String
  /// The size of each dimension, outermost first.
  public let dimensions: [Int]
  /// The type of an element.
  public let elementType: ElementType
  /// The elements, as many as the product of the dimensions.
  public let elements: Elements

  /// Reads a file, plain or gzip.
  public init(contentsOf url: URL) throws(FileError) {
    try self.init(bytes: [UInt8](dataset: url), name: url.lastPathComponent)
  }

  /// Parses the content of a file, plain or gzip.
  /// - Parameters:
  ///   - bytes: What the file holds.
  ///   - name: The name that errors use for the data. One that ends in `.gz` insists on gzip.
  public init(bytes: [UInt8], name: String) throws(FileError) {
    var source = try ByteStream(bytes, file: name)
    let start = source.place
    let magic = try source.read(exactly: 4, for: "IDX magic number")
    guard magic[0] == 0, magic[1] == 0, let type = ElementType(rawValue: magic[2]) else {
      throw FileError(
        file: name, place: start,
        expected: "an IDX magic number (00 00, a type from 08 to 0e, the number of dimensions)",
        found: magic.hexadecimal)
    }
    guard magic[3] <= AxisValues.capacity else {
      throw FileError(
        file: name, place: start, expected: "at most \(AxisValues.capacity) dimensions", found: "\(magic[3])")
    }
    let sizesPlace = source.place
    let sizes = try source.read(exactly: 4 * Int(magic[3]), for: "sizes (\(magic[3]) dimensions)")
    dimensions = Self.decode(sizes, as: UInt32.self).map(Int.init)
    let shape = "\(dimensions.map(String.init).joined(separator: " × ")) \(type)"

    var byteCount = type.byteCount
    for size in dimensions {
      let (product, overflow) = byteCount.multipliedReportingOverflow(by: size)
      guard !overflow else {
        throw FileError(
          file: name, place: sizesPlace, expected: "sizes whose product can be counted", found: shape)
      }
      byteCount = product
    }

    let payload = try source.read(exactly: byteCount, for: "data (\(shape))")
    let end = source.place
    guard try source.read(1).isEmpty else {
      throw FileError(
        file: name, place: end, expected: "the end of the data (\(shape))", found: "more bytes")
    }
    self.name = name
    elementType = type
    elements =
      switch type {
      case .ubyte: .ubyte(payload)
      case .byte: .byte(payload.map(Int8.init(bitPattern:)))
      case .short: .short(Self.decode(payload, as: UInt16.self).map(Int16.init(bitPattern:)))
      case .int: .int(Self.decode(payload, as: UInt32.self).map(Int32.init(bitPattern:)))
      case .float: .float(Self.decode(payload, as: UInt32.self).map(Float.init(bitPattern:)))
      case .double: .double(Self.decode(payload, as: UInt64.self).map(Double.init(bitPattern:)))
      }
  }

  /// The elements as a tensor: bytes as uint8, other integers as int32, floating-point numbers as they are.
  public func tensor() -> Tensor {
    let shape = Shape(dimensions)
    return switch elements {
    case .ubyte(let values): Tensor(values, shape: shape)
    case .byte(let values): Tensor(values.map(Int32.init), shape: shape)
    case .short(let values): Tensor(values.map(Int32.init), shape: shape)
    case .int(let values): Tensor(values, shape: shape)
    case .float(let values): Tensor(values, shape: shape)
    case .double(let values): Tensor(values, shape: shape)
    }
  }

  private static func decode<Word: FixedWidthInteger & BitwiseCopyable>(_ bytes: [UInt8], as: Word.Type) -> [Word] {
    bytes.withUnsafeBytes { raw in
      stride(from: 0, to: raw.count, by: MemoryLayout<Word>.size).map {
        Word(bigEndian: raw.loadUnaligned(fromByteOffset: $0, as: Word.self))
      }
    }
  }
}
