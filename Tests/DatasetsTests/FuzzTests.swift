import Datasets
import Foundation
import Tensors
import Testing

/// Any bytes give a file that agrees with its own header, or an error; never a crash.
@Suite struct FuzzTests {
  private let good = idx(.short, [3, 1, 2], Array(1...12))

  private func parse(_ bytes: [UInt8]) -> IDXFile? {
    do {
      let file = try IDXFile(bytes: bytes, name: "x")
      #expect(file.elements.count == file.dimensions.reduce(1, *))
      return file
    } catch {
      #expect(!"\(error)".isEmpty)
      return nil
    }
  }

  @Test func everyTruncationIsAnError() {
    for bytes in [good, gzip(good)] {
      for count in 0..<bytes.count { #expect(parse(Array(bytes[..<count])) == nil) }
    }
  }

  @Test func everyChangedByteIsHandled() {
    for original in [good, gzip(good)] {
      for position in 0..<min(original.count, 60) {
        for value in 0...UInt8.max {
          var bytes = original
          bytes[position] = value
          _ = parse(bytes)
        }
      }
    }
  }

  @Test func randomBytesAreHandled() {
    var generator = SplitMix(state: 7)
    for round in 0..<3_000 {
      let noise = (0..<generator.next() % 64).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      // Noise alone rarely has the magic number, so half of the rounds begin with a valid one, plain or compressed.
      let type = IDXFile.ElementType.allCases.randomElement(using: &generator) ?? .ubyte
      let rank = UInt8(generator.next() % 5)
      let start: [UInt8] = round % 2 == 0 ? [] : [0, 0, type.rawValue, rank]
      _ = parse(start + noise)
      _ = parse(gzip(start + noise))
      _ = parse([0x1f, 0x8b, 8, 0] + noise)
    }
  }
}

/// Images and tables: any bytes give a value or an error.
@Suite struct MoreFuzzTests {
  private static let picture = Tensor.arange(2 * 3 * 5).reshape([2, 3, 5]) / 30
  private static let files: [(name: String, bytes: [UInt8])] = [
    ("a.png", PNG.encode(picture)), ("b.pgm", Array("P5 5 3 255\n".utf8) + Array(1...15)),
    ("c.ppm", Array("P3\n# two pixels\n2 1\n65535\n1 2 3 40 500 6000\n".utf8)),
    ("d.ppm", Array("P6 2 2 300\n".utf8) + Array(repeating: 1, count: 24)),
    ("e.csv", Array("x,\"a \"\"b\"\"\",c\r\n1,-2.5e3,\n\"4\",é,NA\n\n7,8,9".utf8)),
  ]

  private func read(_ name: String, _ bytes: [UInt8], in folder: URL) throws {
    if name.hasSuffix(".csv") {
      let table = try CSVTable(bytes: bytes, name: name)
      for column in table.columns {
        #expect(try table.texts(of: column).count == table.rowCount)
        _ = try? table.numbers(of: column, missing: .mean)
        _ = try? table.categories(of: column)
      }
    } else {
      let url = folder.appending(path: name)
      try Data(bytes).write(to: url)
      let image = try readImage(url)
      #expect(image.rank == 3 && image.elementCount > 0)
    }
  }

  /// Every truncation, several changes of every byte of the header, and random changes everywhere.
  @Test(arguments: files.indices) func noFileIsACrash(_ number: Int) throws {
    let (name, bytes) = Self.files[number]
    try withFolder([:]) { folder in
      func attempt(_ bytes: [UInt8]) {
        do { try read(name, bytes, in: folder) } catch { #expect(error is FileError && !"\(error)".isEmpty) }
      }
      attempt(bytes)
      for count in bytes.indices { attempt(Array(bytes[..<count])) }
      var generator = SplitMix(state: UInt64(number))
      for place in bytes.indices.prefix(60) {
        for value in [bytes[place] ^ 1, bytes[place] ^ 0x80, 0, 0x39, 0xff] {
          var changed = bytes
          changed[place] = value
          attempt(changed)
        }
      }
      for _ in 0..<500 {
        var changed = bytes
        for _ in 0...generator.next() % 4 {
          let place = Int(generator.next() % UInt64(changed.count))
          if generator.next() % 2 == 0 {
            changed[place] = UInt8(truncatingIfNeeded: generator.next())
          } else {
            changed.insert(contentsOf: bytes[place / 2..<min(bytes.count, place / 2 + 3)], at: place)
          }
        }
        attempt(changed)
      }
    }
  }

  /// A PNG with valid checksums may still contain anything.
  @Test func soundChecksumsAreNotTrusted() {
    var generator = SplitMix(state: 3)
    let good = PNG.encode(Self.picture)
    for _ in 0..<2_000 {
      var changed = good
      // The header is at 16, the compressed pixels after 41.
      for _ in 0...generator.next() % 2 {
        changed[16 + Int(generator.next() % 13)] = UInt8(generator.next() % 20)
        changed[41 + Int(generator.next() % UInt64(good.count - 57))] = UInt8(truncatingIfNeeded: generator.next())
      }
      for (start, end) in [(12, 29), (37, good.count - 16)] {
        changed.replaceSubrange(end..<end + 4, with: checksum(changed[start..<end]).bigEndianBytes)
      }
      do {
        let image = try PNG.decode(changed, name: "x")
        #expect(image.rank == 3 && image.elementCount > 0)
      } catch {
        #expect(!"\(error)".isEmpty)
      }
    }
  }

  private func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(~0 as UInt32) { value, byte in
      (0..<8).reduce(value ^ UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0xedb8_8320 : rest >> 1 }
    }
  }
}

extension IDXFile.Elements {
  fileprivate var count: Int {
    switch self {
    case .ubyte(let values): values.count
    case .byte(let values): values.count
    case .short(let values): values.count
    case .int(let values): values.count
    case .float(let values): values.count
    case .double(let values): values.count
    }
  }
}
