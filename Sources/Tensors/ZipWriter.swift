/// Writes a zip file front to back. Its bytes are the same on every run, so all members are dated 1980.
struct ZipWriter {
  private let file: String
  private var directory: [UInt8] = []
  private var memberCount = 0
  private var position = 0

  init(file: String) { self.file = file }

  /// Passes a member's header and bytes to `append`.
  mutating func add(
    _ name: String, _ content: [UInt8], compressed: Bool, _ append: ([UInt8]) throws -> Void
  ) throws {
    let packed = compressed ? Deflate.deflate(content) : content
    let header = try fields(name, content, packed.count, isDeflated: compressed)
    directory += words(0x0201_4b50) + halves(20) + header + halves(0, 0, 0) + words(0) + words(try narrow(position))
    directory += Array(name.utf8)
    let start = words(0x0403_4b50) + header + Array(name.utf8)
    try append(start)
    try append(packed)
    position += start.count + packed.count
    memberCount += 1
  }

  /// Passes the directory to `append`.
  func end(_ append: ([UInt8]) throws -> Void) throws {
    guard memberCount < 0xffff else {
      throw FileError(file: file, expected: "fewer than 65,535 members", found: "\(memberCount)")
    }
    let count = UInt16(memberCount)
    try append(
      directory + words(0x0605_4b50) + halves(0, 0, count, count) + words(UInt32(directory.count))
        + words(try narrow(position)) + halves(0))
  }

  /// What the local header and the directory have in common: version 2.0, names in UTF-8, the method, 1 January 1980,
  /// the checksum, both sizes, the length of the name and no extra field.
  private func fields(_ name: String, _ content: [UInt8], _ packedCount: Int, isDeflated: Bool) throws -> [UInt8] {
    guard let nameCount = UInt16(exactly: name.utf8.count) else {
      throw FileError(file: file, expected: "names of at most 65,535 bytes", found: "\(name.utf8.count)")
    }
    return try halves(20, 0x800, isDeflated ? 8 : 0, 0, 0x21) + words(content.checksum) + words(narrow(packedCount))
      + words(narrow(content.count)) + halves(nameCount, 0)
  }

  private func narrow(_ count: Int) throws -> UInt32 {
    guard let count = UInt32(exactly: count), count != .max else {
      throw FileError(file: file, expected: "members and an archive of less than 4 GiB", found: "\(count) bytes")
    }
    return count
  }

  private func halves(_ numbers: UInt16...) -> [UInt8] { numbers.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] } }

  private func words(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
}
