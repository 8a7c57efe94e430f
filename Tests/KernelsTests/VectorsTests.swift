import Kernels
import Testing

/// The loops used by factorizations, against plain loops in double precision, at lengths around multiples of a
/// register. The instruction set is the process's; CI runs these tests once for each value of AUTOGRAD_ISA.
@Suite struct VectorsTests {
  static let sizes = [2, 3, 4, 5, 7, 15, 16, 17, 31, 33, 64, 67, 81]

  @Test(arguments: sizes) func twoTurnsRotateRowsOneAfterTheOther(_ n: Int) {
    for count in Set([1, n / 2, n - 1]) where count > 0 {
      let angles = numbers(2 * n, seed: 1), rows = numbers((count + 1) * n, seed: 2)
      let (c, s) = (angles.map { Double(Float(1 - $0 * $0)) }, angles)
      var expected = rows, doubles = rows, floats = rows.map(Float.init)
      for turn in 0..<2 {
        for i in (0..<count).reversed() {
          let (cosine, sine) = (c[turn * n + i], s[turn * n + i])
          for place in (i * n)..<(i * n + n) {
            let (low, high) = (expected[place], expected[place + n])
            expected[place] = cosine * low - sine * high
            expected[place + n] = sine * low + cosine * high
          }
        }
      }
      ag_rotate_rows_f64(count, n, c, s, &doubles)
      ag_rotate_rows_f32(count, n, c.map(Float.init), s.map(Float.init), &floats)
      #expect(zip(doubles, expected).allSatisfy { isClose($0, $1, 1e-13, 1e-14) }, "n = \(n), count = \(count)")
      #expect(zip(floats, expected).allSatisfy { isClose(Double($0), $1, 1e-5, 1e-6) }, "n = \(n), count = \(count)")
    }
  }

  @Test(arguments: sizes) func symmetricUpdateAndProduct(_ n: Int) {
    for first in Set([0, 1, n / 2, n - 1]) {
      let (v, w, x) = (numbers(n, seed: 3), numbers(n, seed: 4), numbers(n, seed: 5))
      let upper = numbers(n * n, seed: 6)
      var doubles = upper, floats = upper.map(Float.init)
      var products = [Double](repeating: 7, count: n), single = [Float](repeating: 7, count: n)
      ag_update_and_multiply_f64(first, n, v, w, x, &doubles, &products)
      ag_update_and_multiply_f32(
        first, n, v.map(Float.init), w.map(Float.init), x.map(Float.init), &floats, &single)
      for i in first..<n {
        var product = 0.0
        for j in first..<n {
          let place = min(i, j) * n + max(i, j)
          let updated = upper[place] - v[i] * w[j] - w[i] * v[j]
          product += updated * x[j]
          #expect(isClose(doubles[place], updated, 1e-13, 1e-14) && isClose(Double(floats[place]), updated, 1e-5, 1e-6))
        }
        #expect(isClose(products[i], product, 1e-12, 1e-13), "n = \(n), first = \(first), row \(i)")
        #expect(isClose(Double(single[i]), product, 1e-4, 1e-5), "n = \(n), first = \(first), row \(i)")
      }
    }
  }

  /// Floats between −1 and 1, as doubles.
  private func numbers(_ count: Int, seed: UInt64) -> [Double] {
    var generator = SeededGenerator(state: seed)
    return (0..<count).map { _ in Double(Float.random(in: -1...1, using: &generator)) }
  }
}
