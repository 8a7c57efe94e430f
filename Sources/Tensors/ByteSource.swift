/// Bytes with random access: those of a file or of an array.
///
/// Whoever reads a length checks it with `require` before allocating, so that a damaged length is an error and never an
/// attempt to hold what is not there.
struct ByteSource {
  /// The name that errors use.
  let name: String
  let count: Int
  private let content: Content

  private enum Content {
    case file(SystemFile)
    case bytes([UInt8])
  }

  /// A regular file's bytes.
  init(path: String) throws {
    let file = try SystemFile(path)
    (name, count, content) = (path, try file.byteCount(), .file(file))
  }

  init(_ bytes: [UInt8], name: String) {
    (self.name, count, content) = (name, bytes.count, .bytes(bytes))
  }

  /// Fills a buffer with the bytes from `offset` on, which must be there.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
    switch content {
    case .file(let file): try file.read(at: offset, into: buffer)
    case .bytes(let bytes):
      let end = try self.end(of: buffer.count, at: offset, for: "data")
      bytes[offset..<end].withUnsafeBytes { buffer.copyMemory(from: $0) }
    }
  }

  /// The next `count` bytes from `offset` on; an error says what they were for.
  func bytes(_ count: Int, at offset: Int, for purpose: String) throws -> [UInt8] {
    _ = try end(of: count, at: offset, for: purpose)
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(at: offset, into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count])))
      initialized = count
    }
  }

  /// The end of `length` bytes from `offset` on. Throws unless all of them are there.
  func end(of length: Int, at offset: Int, for purpose: String) throws -> Int {
    let (end, isTooLarge) = offset.addingReportingOverflow(length)
    guard !isTooLarge, offset >= 0, length >= 0, end <= count else {
      throw error(at: offset, "\(length) bytes of \(purpose)", found: "\(max(0, count - offset))")
    }
    return end
  }

  /// An error at an offset in these bytes.
  func error(at offset: Int, _ expected: String, found: String) -> FileError {
    FileError(file: name, place: .byte(offset), expected: expected, found: found)
  }
}
