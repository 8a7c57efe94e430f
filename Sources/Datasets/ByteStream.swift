import Foundation
import Tensors

/// The bytes of a data file from front to back, decompressed on the way if they are gzip.
struct ByteStream {
  let file: String
  private(set) var offset = 0
  private let bytes: [UInt8]
  private let gzip: InflateReader?

  /// Gzip is recognised by its signature; if the name ends in `.gz`, the signature must be there.
  init(_ bytes: [UInt8], file: String) throws(FileError) {
    self.file = file
    self.bytes = bytes
    if InflateReader.recognizesGzip(bytes) {
      gzip = try InflateReader(bytes, file: file)
    } else if file.hasSuffix(".gz") {
      throw FileError(
        file: file, place: .byte(0), expected: "gzip data (1f 8b)", found: bytes.prefix(2).hexadecimal)
    } else {
      gzip = nil
    }
  }

  /// The bytes of a file in a folder, which may also be there with `.gz`.
  init(_ name: String, in folder: URL) throws(FileError) {
    let url = try folder.requiredFile(name)
    try self.init([UInt8](dataset: url), file: url.lastPathComponent)
  }

  /// The position of the next byte.
  var place: FileError.Place {
    gzip == nil ? .byte(offset) : .unpackedByte(offset)
  }

  /// Returns the next `count` bytes, or fewer when the data ends before.
  mutating func read(_ count: Int) throws(FileError) -> [UInt8] {
    let piece: [UInt8]
    if let gzip {
      piece = try gzip.read(count)
    } else {
      piece = Array(bytes[offset...].prefix(count))
    }
    offset += piece.count
    return piece
  }

  /// Returns the next `count` bytes; an early end is an error that says what they are for.
  mutating func read(exactly count: Int, for purpose: String) throws(FileError) -> [UInt8] {
    let start = place
    let piece = try read(count)
    guard piece.count == count else {
      let bytes = count == 1 ? "1 byte" : "\(count) bytes"
      throw FileError(file: file, place: start, expected: "\(bytes) of \(purpose)", found: "\(piece.count)")
    }
    return piece
  }
}

extension Collection<UInt8> {
  /// The bytes as in a hex dump: `1f 8b`.
  var hexadecimal: String {
    guard !isEmpty else { return "no bytes" }
    return map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  }
}
