import Testing

import Datasets

/// Whatever bytes come in, a file comes out that fits its own header, or a sentence; never a crash.
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
      // Noise alone seldom gets past the magic number, so half of the rounds begin with a sound one, plain or packed.
      let type = IDXFile.ElementType.allCases.randomElement(using: &generator) ?? .ubyte
      let rank = UInt8(generator.next() % 5)
      let start: [UInt8] = round % 2 == 0 ? [] : [0, 0, type.rawValue, rank]
      _ = parse(start + noise)
      _ = parse(gzip(start + noise))
      _ = parse([0x1f, 0x8b, 8, 0] + noise)
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

/// The same noise on every run (Steele, Lea and Flood 2014).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
