import CZlib

/// Decompresses deflated data piece by piece, so that the caller decides how much output it is ready to hold.
///
/// A file of several gzip members reads as their concatenated contents, as with `gzip` itself. This is a class because
/// zlib remembers the address of its state.
package final class InflateReader {
  private let packed: [UInt8]
  private let file: String
  private let wrapper: Deflate.Wrapper
  private let stream: UnsafeMutablePointer<z_stream>
  /// The first byte of `packed` that zlib has not consumed.
  private var position = 0
  private var isFinished = false

  /// Whether data starts with gzip's two-byte signature.
  package static func recognizesGzip(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x1f, 0x8b])
  }

  package init(_ packed: [UInt8], file: String, wrapper: Deflate.Wrapper = .gzip) throws(FileError) {
    (self.packed, self.file, self.wrapper) = (packed, file, wrapper)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = inflateInit2_(stream, wrapper.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw damage("zlib \(ZLIB_VERSION)", found: "a zlib that returns \(status)") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Returns the next `count` bytes of output, or fewer if the data ends before.
  ///
  /// Memory grows with what is really there, never with what a damaged header claims.
  package func read(_ count: Int) throws(FileError) -> [UInt8] {
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(max(count, 0), 1 << 18))
    while output.count < count, !isFinished {
      let produced = try fill(&chunk, upTo: min(chunk.count, count - output.count))
      output.append(contentsOf: chunk.prefix(produced))
    }
    return output
  }

  /// Runs zlib once and returns how many bytes it put into `chunk`.
  private func fill(_ chunk: inout [UInt8], upTo limit: Int) throws(FileError) -> Int {
    // zlib counts in 32 bits.
    let offered = min(packed.count - position, 1 << 30)
    let status = packed.withUnsafeBufferPointer { input in
      chunk.withUnsafeMutableBufferPointer { output in
        // zlib's interface is not const-correct: it reads from `next_in` only.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + position })
        stream.pointee.avail_in = UInt32(offered)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(limit)
        return inflate(stream, Z_NO_FLUSH)
      }
    }
    let consumed = offered - Int(stream.pointee.avail_in)
    let produced = limit - Int(stream.pointee.avail_out)
    position += consumed

    switch status {
    case Z_STREAM_END where position == packed.count:
      isFinished = true
    case Z_STREAM_END where wrapper != .gzip:
      throw damage("the end of the compressed data", found: "more bytes")
    case Z_STREAM_END:
      // Another member follows, or else zlib reports it as damage at the next call.
      inflateReset(stream)
    case Z_OK where consumed > 0 || produced > 0:
      break
    case Z_OK, Z_BUF_ERROR:
      throw damage("more compressed data", found: "the end of the file")
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)"
      throw damage("sound compressed data", found: "damage (\(reason))")
    }
    return produced
  }

  private func damage(_ expected: String, found: String) -> FileError {
    FileError(file: file, place: .byte(position), expected: expected, found: found)
  }
}
