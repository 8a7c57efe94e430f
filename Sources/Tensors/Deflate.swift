import CZlib

/// Bytes packed and unpacked by zlib, without a wrapper around them.
enum Deflate {
  /// Bytes that unpack to exactly `count`; `nil` for others.
  static func inflate(_ packed: [UInt8], count: Int) -> [UInt8]? {
    var isWhole = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      (initialized, isWhole) = run(
        packed, into: buffer, start: { inflateInit2_($0, windowBits, ZLIB_VERSION, stateSize) }, end: inflateEnd,
        step: { stream, _ in CZlib.inflate(stream, Z_NO_FLUSH) })
    }
    return isWhole && bytes.count == count ? bytes : nil
  }

  /// Bytes packed as zlib does unless told otherwise.
  static func deflate(_ bytes: [UInt8]) -> [UInt8] {
    let room = Int(compressBound(UInt(bytes.count)))
    return [UInt8](unsafeUninitializedCapacity: room) { buffer, initialized in
      (initialized, _) = run(
        bytes, into: buffer,
        start: {
          deflateInit2_(
            $0, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, stateSize)
        }, end: deflateEnd,
        step: { stream, isLast in CZlib.deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH) })
    }
  }

  /// The largest window, without a wrapper.
  private static var windowBits: Int32 { -15 }
  private static var stateSize: Int32 { Int32(MemoryLayout<z_stream>.size) }

  /// Calls `step` on a stream from `input` to `output` until it ends or nothing moves; `step` hears whether the input
  /// ends with what is offered. Gives the count of bytes written, and whether the stream ended where the input did.
  private static func run(
    _ input: [UInt8], into output: UnsafeMutableBufferPointer<UInt8>,
    start: (UnsafeMutablePointer<z_stream>) -> Int32, end: (UnsafeMutablePointer<z_stream>) -> Int32,
    step: (UnsafeMutablePointer<z_stream>, Bool) -> Int32
  ) -> (count: Int, isWhole: Bool) {
    // zlib remembers the address of its state.
    withUnsafeTemporaryAllocation(of: z_stream.self, capacity: 1) { streams in
      streams.initialize(repeating: z_stream())
      guard let stream = streams.baseAddress, start(stream) == Z_OK else { return (0, false) }
      defer { _ = end(stream) }
      return input.withUnsafeBufferPointer { input in
        var (read, written) = (0, 0)
        while true {
          // zlib counts in 32 bits, and takes what it only reads for mutable.
          let (offered, room) = (min(input.count - read, 1 << 30), min(output.count - written, 1 << 30))
          stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + read })
          stream.pointee.avail_in = UInt32(offered)
          stream.pointee.next_out = output.baseAddress.map { $0 + written }
          stream.pointee.avail_out = UInt32(room)
          let status = step(stream, read + offered == input.count)
          let (taken, made) = (offered - Int(stream.pointee.avail_in), room - Int(stream.pointee.avail_out))
          read += taken
          written += made
          if status == Z_STREAM_END { return (written, read == input.count) }
          if status != Z_OK || taken == 0 && made == 0 { return (written, false) }
        }
      }
    }
  }
}
