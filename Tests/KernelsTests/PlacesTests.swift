import Kernels
import Testing

/// Indexing, scans and other loops along an axis, against plain loops, at sizes that are split among threads.
@Suite struct PlacesTests {
  /// [outer, n, inner] with an index of m places.
  static let sizes: [(outer: Int, n: Int, inner: Int, m: Int)] = [
    (1, 5, 1, 9), (3, 7, 1, 4), (2, 6, 5, 8), (40, 70, 1, 90), (90, 700, 1, 700), (1, 300, 1, 40_000), (3, 50, 130, 70),
    (2, 1, 3, 2),
  ]

  @Test(arguments: sizes.indices) func gatherAndScatter(_ number: Int) {
    let (outer, n, inner, m) = Self.sizes[number]
    var generator = SeededGenerator(state: 4)
    let x = (0..<outer * n * inner).map { Float($0 % 1000) - 500 }
    let y = (0..<outer * m * inner).map { Float($0 % 77) - 38 }
    let index = (0..<outer * m * inner).map { _ in Int64.random(in: 0..<Int64(n), using: &generator) }
    var (gathered, expected) = (y, y)
    var (sums, expectedSums) = (x, x)
    for o in 0..<outer {
      for k in 0..<m {
        for i in 0..<inner {
          let at = (o * m + k) * inner + i, from = (o * n + Int(index[at])) * inner + i
          expected[at] = x[from]
          expectedSums[from] += y[at]
        }
      }
    }
    #expect(ag_gather_axis(AG_F32, outer, n, inner, m, index, x, &gathered))
    #expect(gathered == expected)
    #expect(ag_scatter_axis(AG_SCATTER_ADD, AG_F32, outer, n, inner, m, index, y, &sums))
    #expect(sums == expectedSums)
    for wrong in [Int64(n), -1] {
      var bad = index
      bad[bad.count - 1] = wrong
      #expect(!ag_gather_axis(AG_F32, outer, n, inner, m, bad, x, &gathered))
      #expect(!ag_scatter_axis(AG_SCATTER_ADD, AG_F32, outer, n, inner, m, bad, y, &sums))
    }
  }

  @Test(arguments: sizes.indices) func selectAndAdd(_ number: Int) {
    let (outer, n, inner, m) = Self.sizes[number]
    var generator = SeededGenerator(state: 5)
    selectAndAdd(outer, n, inner, (0..<m).map { _ in Int64.random(in: 0..<Int64(n), using: &generator) })
    // Nearly all indices are consecutive, as when an axis is padded with its edge values.
    selectAndAdd(outer, n, inner, (-2..<n + 3).map { Int64(min(max($0, 0), n - 1)) })
  }

  private func selectAndAdd(_ outer: Int, _ n: Int, _ inner: Int, _ places: [Int64]) {
    let m = places.count
    let x = (0..<outer * n * inner).map { Double($0 % 1000) - 500 }
    var chosen = [Double](repeating: 0, count: outer * m * inner), sums = x, expectedSums = x
    ag_index_select(AG_F64, outer, n, inner, m, places, x, &chosen)
    ag_index_add(AG_F64, outer, n, inner, m, places, chosen, &sums)
    var isRight = true
    for o in 0..<outer {
      for k in 0..<m {
        for i in 0..<inner {
          let from = (o * n + Int(places[k])) * inner + i
          isRight = isRight && chosen[(o * m + k) * inner + i] == x[from]
          expectedSums[from] += x[from]
        }
      }
    }
    #expect(isRight && sums == expectedSums)
  }

  @Test(arguments: [(1, 70_000, 1), (19, 33, 1), (3, 40, 700), (2, 5, 3), (9, 1, 1)], [false, true])
  func runningValues(_ size: (Int, Int, Int), _ reversed: Bool) {
    let (outer, n, inner) = size
    var generator = SeededGenerator(state: 6)
    let x = (0..<outer * n * inner).map { _ in Double.random(in: -1...1, using: &generator) }
    let a = x.map { 1 - $0 * $0 }
    let whole = x.map { Int64($0 * 1e9) }
    var (sums, wholes, products, states) = (x, whole, x, x)
    ag_scan(AG_SCAN_SUM, AG_F64, outer, n, inner, reversed, x, nil, &sums)
    ag_scan(AG_SCAN_SUM, AG_I64, outer, n, inner, reversed, whole, nil, &wholes)
    ag_scan(AG_SCAN_PRODUCT, AG_F64, outer, n, inner, reversed, a, nil, &products)
    ag_scan(AG_SCAN_RECURRENCE, AG_F64, outer, n, inner, reversed, x, a, &states)
    var expected = (x, whole, a, x)
    for o in 0..<outer {
      for k in 1..<max(n, 1) {
        for i in 0..<inner {
          let at = (o * n + (reversed ? n - 1 - k : k)) * inner + i, before = reversed ? at + inner : at - inner
          expected.0[at] = expected.0[before] + x[at]
          expected.1[at] = expected.1[before] &+ whole[at]
          expected.2[at] = expected.2[before] * a[at]
          expected.3[at] = x[at] + a[at] * expected.3[before]
        }
      }
    }
    #expect(sums == expected.0 && wholes == expected.1 && products == expected.2)
    #expect(zip(states, expected.3).allSatisfy { isClose($0, $1, 1e-12, 1e-12) })
  }

  @Test(arguments: [(3, 500, 1), (2, 40, 300), (5, 1, 3)], [true, false])
  func runningExtremes(_ size: (Int, Int, Int), _ largest: Bool) {
    let (outer, n, inner) = size
    var generator = SeededGenerator(state: 9)
    var x = (0..<outer * n * inner).map { _ in Float(Int.random(in: -9...9, using: &generator)) }
    if x.count > 1000 { (x[100], x[400], x[1003]) = (.nan, .nan, -0.0) }
    var (values, places) = (x, [Int64](repeating: -1, count: x.count))
    ag_running_extreme(AG_F32, outer, n, inner, largest, x, &values, &places)
    var isRight = true
    for o in 0..<outer {
      for i in 0..<inner {
        var (best, at) = (x[o * n * inner + i], 0)
        for k in 0..<n {
          let element = x[(o * n + k) * inner + i]
          if element.isNaN || (largest ? element >= best : element <= best) { (best, at) = (element, k) }
          let found = values[(o * n + k) * inner + i]
          isRight = isRight && (found == best || found.isNaN && best.isNaN)
          isRight = isRight && places[(o * n + k) * inner + i] == Int64(at)
        }
      }
    }
    #expect(isRight)
  }

  @Test(arguments: [0, 1, 2, 3, 10, 33, 1000], [true, false]) func searches(_ n: Int, _ right: Bool) {
    var generator = SeededGenerator(state: 10)
    let (rows, m) = (3, 997)
    let sorted = (0..<rows).flatMap { _ in (0..<n).map { _ in Int32.random(in: 0...50, using: &generator) }.sorted() }
    let values = (0..<rows * m).map { _ in Int32.random(in: -2...52, using: &generator) }
    for own in [true, false] {
      var found = [Int64](repeating: -1, count: rows * m)
      ag_search_sorted(AG_I32, rows, n, m, own, right, sorted, values, &found)
      for row in 0..<rows {
        let elements = sorted[(own ? row : 0) * n..<((own ? row : 0) + 1) * n]
        for i in row * m..<(row + 1) * m {
          let expected = elements.count { right ? $0 <= values[i] : $0 < values[i] }
          if found[i] != expected { Issue.record("\(values[i]) in \(Array(elements)): \(found[i])") }
        }
      }
    }
  }

  /// The three sums of pixels against loops over all of it.
  @Test(arguments: [1, 3, 16, 37]) func weightedPixels(_ c: Int) {
    let (n, pixels, points, count) = (2, 11, 70, 3)
    var generator = SeededGenerator(state: 11)
    func random(_ count: Int) -> [Double] { (0..<count).map { _ in .random(in: -1...1, using: &generator) } }
    let (x, y, weights) = (random(n * pixels * c), random(n * points * c), random(n * points * count))
    let positions = (0..<n * points * count).map { _ in Int64.random(in: -1..<Int64(pixels), using: &generator) }
    var (sums, spread, dots) = (y, x, weights)
    positions.withUnsafeBufferPointer {
      var taps = ag_taps(n: n, pixels: pixels, points: points, taps: count, c: c, positions: $0.baseAddress)
      ag_taps_sum(AG_F64, &taps, x, weights, &sums)
      ag_taps_spread(AG_F64, &taps, y, weights, &spread)
      ag_taps_dot(AG_F64, &taps, x, y, &dots)
    }
    var expected = (y.map { _ in 0.0 }, x.map { _ in 0.0 }, weights.map { _ in 0.0 })
    for (k, position) in positions.enumerated() where position >= 0 {
      let point = k / count, pixel = point / points * pixels + Int(position)
      for i in 0..<c {
        expected.0[point * c + i] += weights[k] * x[pixel * c + i]
        expected.1[pixel * c + i] += weights[k] * y[point * c + i]
        expected.2[k] += y[point * c + i] * x[pixel * c + i]
      }
    }
    for (found, expected) in [(sums, expected.0), (spread, expected.1), (dots, expected.2)] {
      #expect(zip(found, expected).allSatisfy { isClose($0, $1, 1e-12, 1e-12) })
    }
  }

  @Test(arguments: [1, 2, 5, 37, 200], [true, false]) func theFirstK(_ k: Int, _ largest: Bool) {
    let (rows, n) = (30, 200)
    var generator = SeededGenerator(state: 7)
    var x = (0..<rows * n).map { _ in Float(Int.random(in: -20...20, using: &generator)) }
    (x[3], x[50], x[7], x[250], x[260]) = (.nan, .nan, -0.0, .infinity, -.infinity)
    var found = [Int64](repeating: -1, count: rows * k)
    ag_top_k(AG_F32, rows, n, k, largest, x, &found)
    var sorted = [Int64](repeating: -1, count: rows * n)
    ag_argsort(AG_F32, rows, n, largest, x, &sorted)
    func key(_ x: Float) -> Float { x.isNaN ? .infinity : x }
    for row in 0..<rows {
      let values = x[row * n..<(row + 1) * n].map { ($0.isNaN ? 1 : 0, key($0)) }
      let order = values.indices.sorted { i, j in
        if values[i] == values[j] { return i < j }
        return largest ? values[i] > values[j] : values[i] < values[j]
      }
      #expect(found[row * k..<(row + 1) * k].map(Int.init) == Array(order.prefix(k)))
      #expect(sorted[row * n..<(row + 1) * n].map(Int.init) == order)
    }
    let bytes = (0..<n).map { UInt8($0 * 7 % 50) }, order = bytes.indices.sorted { (bytes[$0], $0) < (bytes[$1], $1) }
    var first = [Int64](repeating: -1, count: k)
    ag_top_k(AG_U8, 1, n, k, false, bytes, &first)
    #expect(first.map(Int.init) == Array(order.prefix(k)))
  }

  /// Keys of every type, in rows that are sorted by insertion and in longer ones.
  @Test(arguments: [5, 32, 33, 700]) func argsortOfEveryType(_ n: Int) {
    var generator = SeededGenerator(state: 4)
    let x = (0..<n).map { _ in Int64.random(in: -1 << 40...1 << 40, using: &generator) * 3_000_000 }
    func order<T: Comparable>(_ x: [T]) -> [Int] { x.indices.sorted { (x[$0], $0) < (x[$1], $1) } }
    func found<T>(_ type: ag_dtype, _ x: [T]) -> [Int] {
      var out = [Int64](repeating: -1, count: n)
      x.withUnsafeBytes { ag_argsort(type, 1, n, false, $0.baseAddress, &out) }
      return out.map(Int.init)
    }
    #expect(found(AG_I64, x) == order(x))
    #expect(found(AG_F64, x.map(Double.init)) == order(x.map(Double.init)))
    let (words, bytes) = (x.map { Int32(truncatingIfNeeded: $0 >> 13) }, x.map { UInt8(truncatingIfNeeded: $0 >> 13) })
    #expect(found(AG_I32, words) == order(words) && found(AG_U8, bytes) == order(bytes))
  }

  @Test(arguments: [-9, -3, -1, 0, 1, 2, 9], [true, false]) func triangles(_ offset: Int, _ lower: Bool) {
    let (batch, rows, cols) = (2, 5, 7)
    let x = (1...batch * rows * cols).map(Float.init)
    var y = x
    ag_triangle(AG_F32, batch, rows, cols, offset, lower, x, &y)
    for at in x.indices {
      let distance = at % cols - at / cols % rows
      #expect(y[at] == ((lower ? distance <= offset : distance >= offset) ? x[at] : 0))
    }
  }

  @Test func truePlaces() {
    let x: [UInt8] = [0, 1, 0, 0, 1, 1]
    var places = [Int64](repeating: 9, count: 6)
    #expect(ag_true_places(6, x, &places) == 3)
    #expect(places.prefix(3) == [1, 4, 5])
  }

  @Test func channels() {
    let (outer, channels, inner) = (3, 4, 1037)
    let count = outer * channels * inner
    let x = (0..<count).map { Float($0 % 101) / 50 - 1 }, dy = (0..<count).map { Float($0 % 37) / 20 - 1 }
    let scale: [Float] = [1, -2, 0.5, 3], shift: [Float] = [0, 1, 2, -1]
    var y = x, dx = x, dScale = scale, dShift = scale
    ag_channel_affine(AG_F32, outer, channels, inner, x, scale, shift, &y)
    ag_channel_affine_backward(AG_F32, outer, channels, inner, x, scale, dy, &dx, &dScale, &dShift)
    var sums = [Double](repeating: 0, count: channels), products = sums
    for at in 0..<count {
      let c = at / inner % channels
      #expect(abs(y[at] - (x[at] * scale[c] + shift[c])) <= 1e-6 && dx[at] == dy[at] * scale[c])
      sums[c] += Double(dy[at])
      products[c] += Double(dy[at]) * Double(x[at])
    }
    for c in 0..<channels {
      #expect(isClose(Double(dShift[c]), sums[c], 1e-5, 1e-3) && isClose(Double(dScale[c]), products[c], 1e-5, 1e-3))
    }
    ag_channel_affine(AG_F32, outer, channels, inner, x, nil, nil, &y)
    #expect(y == x)
  }
}
