import Foundation
import Kernels
import Testing

/// Remainders and quotients rounded down have the C library's bits, for quotients of any size and special operands.
@Suite struct DivisionTests {
  /// Pairs of bits of every kind, of near multiples, and of ordinary numbers, in a count that no block divides.
  private static func operands<T: BinaryFloatingPoint>(
    _: T.Type, bits: (UInt64) -> T
  ) -> ([T], [T]) {
    var generator = SeededGenerator(state: 5)
    let special: [T] = [
      0, -0.0, 1, -3, 0.5, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ]
    var (a, b): ([T], [T]) = ([], [])
    for x in special { for y in special { (a, b) = (a + [x], b + [y]) } }
    for number in 0..<3000 {
      let (x, y) = (bits(generator.next()), bits(generator.next()))
      a.append(x)
      b.append(y)
      let divisor = T(Int.random(in: -1000...1000, using: &generator)) / 64
      let multiple = divisor * T(Int.random(in: 0...(1 << (number % 40)), using: &generator))
      a += [multiple, multiple.nextUp, multiple.nextDown]
      b += [divisor, divisor, divisor]
    }
    return (a, b)
  }

  private static func isSame<T: BinaryFloatingPoint>(_ x: T, _ y: T) -> Bool {
    (x.isNaN && y.isNaN) || (x == y && x.sign == y.sign)
  }

  /// Python's divmod, which PyTorch follows.
  private static func divided<T: BinaryFloatingPoint>(_ a: T, _ b: T, _ rest: T) -> (remainder: T, quotient: T) {
    let isOpposite = rest != 0 && (b < 0) != (rest < 0)
    let quotient = (a - rest) / b - (isOpposite ? 1 : 0), whole = quotient.rounded(.down)
    let rounded = quotient == 0 ? T(sign: (a / b).sign, exponent: 0, significand: 0) : whole
    return (isOpposite ? rest + b : rest, b == 0 ? a / b : quotient - whole > 0.5 ? whole + 1 : rounded)
  }

  private func check<T: BinaryFloatingPoint & BitwiseCopyable>(
    _ type: ag_dtype, _ a: [T], _ b: [T], _ library: (T, T) -> T
  ) {
    // Dense operands, and each of them as a scalar.
    for (aStep, bStep) in [(1, 1), (0, 1), (1, 0)] {
      let (a, b) = (aStep == 0 ? [a[a.count / 2]] : a, bStep == 0 ? [b[b.count / 2]] : b), n = max(a.count, b.count)
      func result(_ op: ag_binary_op) -> [T] {
        var y = [T](repeating: 7, count: n)
        #expect(ag_binary(op, type, 1, n, a, 0, aStep, b, 0, bStep, &y))
        return y
      }
      let (rests, remainders, quotients) = (result(AG_FMOD), result(AG_REMAINDER), result(AG_FLOOR_DIVIDE))
      let wrong = (0..<n).filter { i in
        let (x, y) = (a[i * aStep], b[i * bStep]), rest = library(x, y)
        let expected = Self.divided(x, y, rest)
        return !Self.isSame(rests[i], rest) || !Self.isSame(remainders[i], expected.remainder)
          || !Self.isSame(quotients[i], expected.quotient)
      }
      #expect(
        wrong.isEmpty,
        "\(wrong.prefix(3).map { (a[$0 * aStep], b[$0 * bStep], rests[$0], remainders[$0], quotients[$0]) })")
    }
  }

  @Test func floats() {
    let (a, b) = Self.operands(Float.self) { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
    check(AG_F32, a, b) { fmodf($0, $1) }
  }

  @Test func doubles() {
    let (a, b) = Self.operands(Double.self) { Double(bitPattern: $0) }
    check(AG_F64, a, b) { fmod($0, $1) }
  }
}
