import Tensors
import Testing

import Datasets

@Suite struct GzipTests {
  private let good = idx(.short, [3, 2], Array(1...12))

  @Test func packedReadsAsPlain() throws {
    let plain = try IDXFile(bytes: good, name: "x")
    let packed = try IDXFile(bytes: gzip(good), name: "x.gz")
    #expect(packed.dimensions == plain.dimensions)
    #expect(packed.elements == plain.elements)
  }

  @Test func piecesOfAnySizeMakeTheWhole() throws {
    let content = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    for size in [700_000, 262_144, 99_999, 1_000_000] {
      let reader = try InflateReader(gzip(content), file: "x")
      var unpacked: [UInt8] = []
      while case let piece = try reader.read(size), !piece.isEmpty { unpacked += piece }
      #expect(unpacked == content)
    }
  }

  @Test func membersAreReadOneAfterTheOther() throws {
    let packed = gzip(Array(good[..<7])) + gzip([]) + gzip(Array(good[7...]))
    #expect(try IDXFile(bytes: packed, name: "x").dimensions == [3, 2])
  }

  /// A file of a few kilobytes that would decompress to 100 MB is decompressed only as far as its header says.
  @Test func outputStopsWhereTheHeaderSays() throws {
    let bomb = gzip(good + [UInt8](repeating: 0, count: 4_000_000))
    #expect(
      sentence(try IDXFile(bytes: bomb, name: "x.gz"))
        == "x.gz, byte 24 of the unpacked data: expected the end of the data (3 × 2 short), found more bytes")
    let reader = try InflateReader(bomb, file: "x")
    #expect(try reader.read(24).count == 24)
  }

  @Test func hugePromisesCostNothing() {
    let liar = gzip(idx(.double, [1 << 20, 1 << 20, 1 << 19], [1, 2, 3]))
    #expect(
      sentence(try IDXFile(bytes: liar, name: "x.gz"))
        == "x.gz, byte 16 of the unpacked data: expected 4611686018427387904 bytes of data "
        + "(1048576 × 1048576 × 524288 double), found 3")
  }

  @Test func damageIsNamed() {
    var badChecksum = gzip(good)
    badChecksum[badChecksum.count - 8] ^= 1
    var badMethod = gzip(good)
    badMethod[2] = 7
    let size = badChecksum.count
    let cases: [([UInt8], String)] = [
      (Array(gzip(good).dropLast(3)), "byte \(size - 3): expected more compressed data, found the end of the file"),
      ([0x1f, 0x8b], "byte 2: expected more compressed data, found the end of the file"),
      (badChecksum, "byte \(size - 4): expected sound compressed data, found damage (incorrect data check)"),
      (badMethod, "byte 4: expected sound compressed data, found damage (unknown compression method)"),
      (
        gzip(good) + [1, 2, 3],
        "byte \(size + 2): expected sound compressed data, found damage (incorrect header check)"
      ),
    ]
    for (bytes, problem) in cases {
      let found = sentence(try IDXFile(bytes: bytes, name: "x.gz"))
      #expect(found == "x.gz, " + problem)
    }
  }
}
