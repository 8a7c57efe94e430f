import Foundation
import Kernels
import Testing

/// The random streams: the generator against the published vectors, and the statistics of each distribution.
@Suite struct RandomTests {
  static func block(_ seed: UInt64, _ index: UInt64) -> [UInt32] {
    var words = [UInt32](repeating: 0, count: 4)
    ag_philox(seed, index, &words)
    return words
  }

  @Test func philoxGivesTheKnownAnswer() {
    // Random123's first known-answer vector; the all-ones one cannot be reached, since our counter's upper half is 0.
    #expect(Self.block(0, 0) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    #expect(Self.block(0, 1) != Self.block(1, 0))
    // Beyond 32 bits of counter and key.
    #expect(Self.block(1 << 32, 1 << 32) == Self.reference(1 << 32, 1 << 32))
    #expect(Self.block(.max, .max) == Self.reference(.max, .max))
  }

  /// Philox4x32-10 as the paper writes it, checked against both of Random123's vectors.
  static func reference(_ seed: UInt64, _ index: UInt64, upper: UInt64 = 0) -> [UInt32] {
    var c = [index, index >> 32, upper, upper >> 32].map { UInt32(truncatingIfNeeded: $0) }
    var k = [seed, seed >> 32].map { UInt32(truncatingIfNeeded: $0) }
    for _ in 0..<10 {
      let first = c[0].multipliedFullWidth(by: 0xD251_1F53), second = c[2].multipliedFullWidth(by: 0xCD9E_8D57)
      c = [second.high ^ c[1] ^ k[0], second.low, first.high ^ c[3] ^ k[1], first.low]
      k = [k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85]
    }
    return c
  }

  @Test func referenceGivesTheKnownAnswers() {
    #expect(Self.reference(0, 0) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    #expect(Self.reference(.max, .max, upper: .max) == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
  }

  @Test func uniformIsMadeOfTheBlocks() {
    for (n, seed, offset) in [(1, 5, 0), (4, 5, 9), (70, 1 << 40 + 3, UInt64.max - 7), (2051, 3, (1 << 32) - 40)] {
      let words = (0..<UInt64(n + 3) / 4).flatMap { Self.block(UInt64(seed), offset &+ $0) }
      var x = [Float](repeating: 7, count: n + 1)
      ag_random_uniform(AG_F32, n, UInt64(seed), offset, 0, 1, &x)
      #expect(Array(x.dropLast()) == words.prefix(n).map { Float($0 >> 8) * 0x1p-24 } && x.last == 7)
      var integers = [Int64](repeating: 7, count: n / 2 + 1)
      ag_random_integers(AG_I64, n / 2, UInt64(seed), offset, -5, 1000, &integers)
      let expected = (0..<n / 2).map { i -> Int64 in
        let bits = UInt64(words[2 * i + 1]) << 32 | UInt64(words[2 * i])
        return Int64(bits.multipliedFullWidth(by: 1005).high) - 5
      }
      #expect(Array(integers.dropLast()) == expected && integers.last == 7)
    }
  }

  /// A number depends only on the seed and its block, so a stream that starts later is the tail of one that
  /// starts sooner.
  @Test(arguments: [AG_F32, AG_F64]) func streamsContinue(_ type: ag_dtype) {
    let perBlock = type == AG_F32 ? 4 : 2, n = 3001, skipped = 37
    func draw(_ n: Int, _ offset: Int) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: n * (type == AG_F32 ? 4 : 8))
      ag_random_normal(type, n, 11, UInt64(offset), 0, 1, &bytes)
      return bytes
    }
    let all = draw(n, 0), tail = draw(n - skipped * perBlock, skipped)
    #expect(Array(all.suffix(tail.count)) == tail)
  }

  /// Mean, variance, kurtosis and correlation of neighbours.
  private func moments(_ x: [Double]) -> (mean: Double, variance: Double, kurtosis: Double, correlation: Double) {
    let n = Double(x.count), mean = x.reduce(0, +) / n
    let d = x.map { $0 - mean }
    let variance = d.reduce(0) { $0 + $1 * $1 } / n
    let fourth = d.reduce(0) { $0 + $1 * $1 * $1 * $1 } / n
    let neighbours = zip(d, d.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } / n
    return (mean, variance, fourth / (variance * variance), neighbours / variance)
  }

  @Test func normalHasItsMoments() {
    let n = 100_000
    var floats = [Float](repeating: 0, count: n), doubles = [Double](repeating: 0, count: n)
    ag_random_normal(AG_F32, n, 42, 0, 3, 2, &floats)
    ag_random_normal(AG_F64, n, 43, 0, 3, 2, &doubles)
    for x in [floats.map(Double.init), doubles] {
      let m = moments(x)
      // Each bound is five standard errors.
      #expect(abs(m.mean - 3) < 5 * 2 / Double(n).squareRoot())
      #expect(abs(m.variance - 4) < 5 * 4 * (2 / Double(n)).squareRoot())
      #expect(abs(m.kurtosis - 3) < 5 * (24 / Double(n)).squareRoot())
      #expect(abs(m.correlation) < 5 / Double(n).squareRoot())
      let beyond = x.count { abs($0 - 3) > 2 * 1.959964 }
      #expect(abs(Double(beyond) / Double(n) - 0.05) < 0.0035)
    }
  }

  @Test func uniformStaysInItsInterval() {
    let n = 100_000
    var floats = [Float](repeating: 0, count: n), doubles = [Double](repeating: 0, count: n)
    ag_random_uniform(AG_F32, n, 1, 0, -3, 5, &floats)
    ag_random_uniform(AG_F64, n, 1, 0, -3, 5, &doubles)
    for x in [floats.map(Double.init), doubles] {
      #expect(x.allSatisfy { $0 >= -3 && $0 < 5 })
      let m = moments(x)
      #expect(abs(m.mean - 1) < 0.04 && abs(m.variance - 64.0 / 12) < 0.08 && abs(m.correlation) < 0.016)
    }
    // Here low + width · u rounds up to the open end for most u.
    ag_random_uniform(AG_F32, n, 1, 0, 1, Double(Float(1).nextUp), &floats)
    #expect(floats.allSatisfy { $0 == 1 })
  }

  @Test func bernoulliAndIntegers() {
    let n = 100_000
    var x = [Float](repeating: 0, count: n)
    ag_random_bernoulli(AG_F32, n, 8, 0, 0.3, 2, &x)
    #expect(x.allSatisfy { $0 == 0 || $0 == 2 } && abs(x.count { $0 == 2 } - 30_000) < 750)
    for (probability, expected) in [(0.0, UInt8(0)), (1.0, 1)] {
      var bits = [UInt8](repeating: 9, count: 1000)
      ag_random_bernoulli(AG_BOOL, 1000, 8, 0, probability, 1, &bits)
      #expect(bits.allSatisfy { $0 == expected })
    }
    var dice = [UInt8](repeating: 0, count: 60_000)
    ag_random_integers(AG_U8, 60_000, 8, 0, 1, 7, &dice)
    for face in 1...6 { #expect(abs(dice.count { $0 == face } - 10_000) < 500) }
  }

  @Test func bitsDoNotDependOnThreads() {
    let before = ag_thread_count(), n = 70_001
    defer { ag_set_thread_count(before) }
    let results = [1, 2, 4].map { threads in
      ag_set_thread_count(Int32(threads))
      var x = [Float](repeating: 0, count: n)
      ag_random_normal(AG_F32, n, 9, 5, 0, 1, &x)
      return x.map(\.bitPattern)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }
}
