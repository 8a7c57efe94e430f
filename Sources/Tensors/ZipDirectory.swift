/// The contents of a zip file: the members that its central directory lists.
///
/// Supports what honest archives need: one disk, members stored or deflated, zip64 where sizes require it. Every length
/// is checked before it is used, and no two members may share bytes, so that a small file cannot unpack to more than a
/// thousand times its size, which is deflate's limit.
struct ZipDirectory {
  private(set) var members: [Member] = []

  struct Member {
    let name: String
    let isDeflated: Bool
    let checksum: UInt32
    let packedCount: Int
    let count: Int
    /// Where its local header is.
    let offset: Int
  }

  init(_ source: ByteSource) throws {
    let end = try End(source)
    var position = end.directoryStart
    for _ in 0..<end.memberCount { members.append(try Member(source, at: &position)) }
    guard position == end.directoryStart + end.directorySize else {
      throw source.error(at: position, "the end of the directory", found: "another position")
    }
    try checkOverlaps(source, before: end.directoryStart)
  }

  private func checkOverlaps(_ source: ByteSource, before directory: Int) throws {
    var end = 0
    for member in members.sorted(by: { $0.offset < $1.offset }) {
      guard member.offset >= end else {
        throw member.error("bytes of its own", found: "bytes of another member", in: source)
      }
      end = try member.dataStart(in: source) + member.packedCount
    }
    guard end <= directory else { throw source.error(at: directory, "the directory behind all members", found: "data") }
  }
}

// MARK: - The directory

/// Where the directory is: from the record at the file's end, or from that of zip64 which it refers to.
private struct End {
  var memberCount: Int
  var directorySize: Int
  var directoryStart: Int

  init(_ source: ByteSource) throws {
    // The record has 22 bytes and a comment of up to 65,535 after them, whose length it states.
    let tailStart = max(0, source.count - 22 - 0xffff)
    let tail = Fields(try source.bytes(source.count - tailStart, at: tailStart, for: "a zip file"))
    let position = stride(from: tail.count - 22, through: 0, by: -1).first {
      tail.uint32($0) == 0x0605_4b50 && $0 + 22 + Int(tail.uint16($0 + 20)) == tail.count
    }
    guard let position else { throw source.error(at: 0, "a zip file's end record", found: "none") }
    memberCount = Int(tail.uint16(position + 10))
    directorySize = Int(tail.uint32(position + 12))
    directoryStart = Int(tail.uint32(position + 16))
    var end = tailStart + position
    if position >= 20, tail.uint32(position - 20) == 0x0706_4b50 {
      end = try source.offset(tail.uint64(position - 12), at: end - 20)
      let wide = Fields(try source.bytes(56, at: end, for: "the zip64 end record"))
      guard wide.uint32(0) == 0x0606_4b50 else { throw source.error(at: end, "a zip64 end record", found: "none") }
      memberCount = try source.offset(wide.uint64(32), at: end + 32)
      directorySize = try source.offset(wide.uint64(40), at: end + 40)
      directoryStart = try source.offset(wide.uint64(48), at: end + 48)
    }
    guard try source.end(of: directorySize, at: directoryStart, for: "the directory") == end else {
      throw source.error(at: end, "the directory right before its end record", found: "another position")
    }
  }
}

extension ZipDirectory.Member {
  /// Reads the entry at `position`, and moves `position` past it.
  fileprivate init(_ source: ByteSource, at position: inout Int) throws {
    let start = position
    let fixed = Fields(try source.bytes(46, at: start, for: "a directory entry"))
    guard fixed.uint32(0) == 0x0201_4b50 else {
      throw source.error(at: start, "a directory entry", found: "other bytes")
    }
    let (nameCount, extraCount) = (Int(fixed.uint16(28)), Int(fixed.uint16(30)))
    let names = try source.bytes(nameCount + extraCount, at: start + 46, for: "a member's name")
    guard let name = String(validating: names[..<nameCount], as: UTF8.self) else {
      throw source.error(at: start + 46, "a name in UTF-8", found: "other bytes")
    }
    let method = fixed.uint16(10)
    (self.name, isDeflated, checksum) = (name, method == 8, fixed.uint32(16))
    // Sizes that do not fit 32 bits, and only those, are in the extra field, in this order.
    var wide = Fields(Array(names[nameCount...])).zip64()
    func size(_ field: Int) throws -> Int {
      let narrow = fixed.uint32(field)
      if narrow != .max { return Int(narrow) }
      guard !wide.isEmpty else { throw source.error(at: start + field, "a size in the zip64 field", found: "none") }
      return try source.offset(wide.removeFirst(), at: start + field, limit: .max)
    }
    count = try size(24)
    packedCount = try size(20)
    offset = try size(42)
    position = start + 46 + nameCount + extraCount + Int(fixed.uint16(32))
    guard fixed.uint16(8) & 1 == 0 else { throw error("a member without a password", found: "one with", in: source) }
    guard method == 0 || method == 8 else { throw error("method 0 or 8", found: "\(method)", in: source) }
    // Deflate expands a byte to at most 1,032.
    guard isDeflated ? count / 1032 <= packedCount : count == packedCount else {
      throw error("a size that \(packedCount) packed bytes can have", found: "\(count)", in: source)
    }
  }

  /// An error that names this member.
  func error(_ expected: String, found: String, in source: ByteSource) -> FileError {
    FileError(file: source.name, place: .member(name), expected: expected, found: found)
  }
}

// MARK: - A member

extension ZipDirectory.Member {
  /// Where the packed bytes are: after the local header, whose name must be the same as in the directory.
  fileprivate func dataStart(in source: ByteSource) throws -> Int {
    let fixed = Fields(try source.bytes(30, at: offset, for: "a member's header"))
    guard fixed.uint32(0) == 0x0403_4b50 else { throw error("a header", found: "other bytes", in: source) }
    let nameCount = Int(fixed.uint16(26))
    guard try source.bytes(nameCount, at: offset + 30, for: "a member's name") == Array(name.utf8) else {
      throw error("the same name in its header", found: "another", in: source)
    }
    let start = offset + 30 + nameCount + Int(fixed.uint16(28))
    _ = try source.end(of: packedCount, at: start, for: "data of \(name)")
    return start
  }

  /// The member's bytes, unpacked and checked against their checksum.
  func content(in source: ByteSource) throws -> [UInt8] {
    let packed = try source.bytes(packedCount, at: dataStart(in: source), for: "data of \(name)")
    let content = isDeflated ? Deflate.inflate(packed, count: count) : packed
    guard let content else { throw error("\(count) bytes of sound deflated data", found: "damage", in: source) }
    let sum = content.checksum
    guard sum == checksum else { throw error("the checksum \(checksum)", found: "\(sum)", in: source) }
    return content
  }
}

/// Little-endian numbers in bytes. The caller knows that they are there.
private struct Fields {
  private let bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var count: Int { bytes.count }
  func uint16(_ position: Int) -> UInt16 { number(position) }
  func uint32(_ position: Int) -> UInt32 { number(position) }
  func uint64(_ position: Int) -> UInt64 { number(position) }

  private func number<Number: FixedWidthInteger>(_ position: Int) -> Number {
    (0..<(Number.bitWidth / 8)).reduce(0) { $0 | Number(bytes[position + $1]) << (8 * $1) }
  }

  /// The numbers in the extra field that zip64 defines; none without such a field.
  func zip64() -> [UInt64] {
    var position = 0
    while position + 4 <= count {
      let (kind, length) = (uint16(position), Int(uint16(position + 2)))
      if kind == 1 {
        let end = Swift.min(position + 4 + length, count)
        return stride(from: position + 4, through: end - 8, by: 8).map(uint64)
      }
      position += 4 + length
    }
    return []
  }
}

extension ByteSource {
  /// A 64-bit number that must be an offset or a count within the bytes.
  fileprivate func offset(_ number: UInt64, at position: Int, limit: Int? = nil) throws -> Int {
    guard let value = Int(exactly: number), value <= limit ?? count else {
      throw error(at: position, "at most \(limit ?? count)", found: "\(number)")
    }
    return value
  }
}
