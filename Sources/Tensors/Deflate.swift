import CZlib

/// Compresses bytes with zlib, and decompresses them if their count is known.
package enum Deflate {
  /// The header and checksum around deflated data: zlib's code for them, with the largest window.
  package enum Wrapper: Int32 {
    /// Nothing, as in zip files.
    case none = -15
    /// zlib's own, as in PNG files.
    case zlib = 15
    /// gzip's.
    case gzip = 31
  }

  /// Decompresses bytes without a wrapper to exactly `count`; `nil` if there are more or fewer, or for damaged ones.
  static func inflate(_ packed: [UInt8], count: Int) -> [UInt8]? {
    guard let reader = try? InflateReader(packed, file: "", wrapper: .none), let bytes = try? reader.read(count),
      bytes.count == count, let rest = try? reader.read(1), rest.isEmpty
    else { return nil }
    return bytes
  }

  /// Compresses bytes at zlib's default level.
  package static func deflate(_ bytes: [UInt8], wrapper: Wrapper = .none) -> [UInt8] {
    let room = Int(compressBound(UInt(bytes.count))) + 12  // it counts a wrapper of 6 bytes, gzip's has 18
    return [UInt8](unsafeUninitializedCapacity: room) { output, written in
      withUnsafeTemporaryAllocation(of: z_stream.self, capacity: 1) { streams in
        // zlib remembers the address of its state, so it must not move.
        streams.initialize(repeating: z_stream())
        guard let stream = streams.baseAddress else { return }
        let status = deflateInit2_(
          stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, wrapper.rawValue, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
          Int32(MemoryLayout<z_stream>.size))
        require(status == Z_OK, "deflate: zlib \(ZLIB_VERSION) cannot start, it returns \(status)")
        defer { deflateEnd(stream) }
        written = bytes.withUnsafeBufferPointer { run(stream, $0, into: output) }
      }
    }
  }

  /// Compresses the whole input; returns the number of bytes written. The output has room for
  /// all, so that no step fails.
  private static func run(
    _ stream: UnsafeMutablePointer<z_stream>, _ input: UnsafeBufferPointer<UInt8>,
    into output: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    var (read, written) = (0, 0)
    while true {
      // zlib counts in 32 bits, and declares as mutable what it only reads.
      let (offered, room) = (min(input.count - read, 1 << 30), min(output.count - written, 1 << 30))
      stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + read })
      stream.pointee.avail_in = UInt32(offered)
      stream.pointee.next_out = output.baseAddress.map { $0 + written }
      stream.pointee.avail_out = UInt32(room)
      let status = CZlib.deflate(stream, read + offered == input.count ? Z_FINISH : Z_NO_FLUSH)
      read += offered - Int(stream.pointee.avail_in)
      written += room - Int(stream.pointee.avail_out)
      if status != Z_OK { return written }
    }
  }
}

extension Array<UInt8> {
  /// The CRC-32 that zip files and PNG files store.
  package var checksum: UInt32 { self[...].checksum }
}

extension ArraySlice<UInt8> {
  /// The CRC-32 that zip files and PNG files store.
  package var checksum: UInt32 { withUnsafeBufferPointer { UInt32(crc32_z(0, $0.baseAddress, $0.count)) } }
}
