import Foundation
import Kernels
import Testing

/// Reductions, softmax and cross entropy against plain loops in double precision.
@Suite struct ReduceTests {
  struct Block: Sendable {
    let outer: Int, n: Int, inner: Int
    init(_ outer: Int, _ n: Int, _ inner: Int) { (self.outer, self.n, self.inner) = (outer, n, inner) }
    var count: Int { outer * n * inner }

    /// The values of every row or column along the middle axis.
    func lines<T>(_ x: [T]) -> [[T]] {
      (0..<outer).flatMap { o in (0..<inner).map { j in (0..<n).map { x[(o * n + $0) * inner + j] } } }
    }
  }

  static let blocks: [Block] = [
    .init(1, 1, 1), .init(3, 10, 1), .init(128, 10, 1), .init(1, 128, 10), .init(2, 37, 3), .init(5, 16, 16),
    .init(3, 31, 67), .init(1, 300, 150), .init(7, 129, 1), .init(2, 2503, 1), .init(0, 4, 3), .init(4, 3, 0),
    .init(1, 70_001, 1), .init(1, 20_011, 7), .init(2, 1031, 65), .init(4, 65, 2), .init(101, 2, 1),
    .init(37, 3, 1), .init(67, 4, 1),
  ]

  /// Values around 0 that are exact in both float types.
  static func values(_ count: Int, seed: UInt64) -> [Double] {
    var floats = [Float](repeating: 0, count: count), doubles = [Double](repeating: 0, count: count)
    ag_random_uniform(AG_F32, count, seed, 0, -3, 3, &floats)
    ag_cast(AG_F32, AG_F64, 1, count, floats, count, 1, &doubles)
    return doubles
  }

  /// Runs a kernel in float32 and in float64.
  private func both(
    _ block: Block, results: Int, _ x: [Double],
    _ kernel: (ag_dtype, UnsafeRawPointer, UnsafeMutableRawPointer) -> Void,
    _ check: (_ results: [Double], _ tolerance: Double) -> Void
  ) {
    var doubles = [Double](repeating: 77, count: results + 1), floats = [Float](repeating: 77, count: results + 1)
    kernel(AG_F64, x, &doubles)
    kernel(AG_F32, x.map(Float.init), &floats)
    #expect(doubles.removeLast() == 77 && floats.removeLast() == 77, "wrote beyond the end")
    check(doubles, 1e-14)
    check(floats.map(Double.init), 1e-6)
  }

  @Test(arguments: blocks) func reductions(_ block: Block) {
    let x = Self.values(block.count, seed: 1), lines = block.lines(x)
    let ops: [(ag_reduce_op, ([Double]) -> Double)] = [
      (AG_REDUCE_SUM, { $0.reduce(0, +) }), (AG_REDUCE_SUM_SQUARES, { $0.reduce(0) { $0 + $1 * $1 } }),
      (AG_REDUCE_MAX, { $0.max()! }), (AG_REDUCE_MIN, { $0.min()! }),
      (AG_REDUCE_LOGSUMEXP, { log($0.reduce(0) { $0 + exp($1) }) }),
    ]
    for (op, reference) in ops {
      both(block, results: lines.count, x, { ag_reduce(op, $0, block.outer, block.n, block.inner, $1, $2) }) {
        y, tolerance in
        for (line, y) in zip(lines, y) {
          let magnitude = op == AG_REDUCE_SUM ? line.reduce(0) { $0 + abs($1) } : abs(reference(line)) + 1
          // The reference's own rounding error grows with its length.
          let relative = tolerance + 1e-16 * Double(line.count)
          #expect(abs(y - reference(line)) <= relative * magnitude, "\(op) over \(block)")
        }
      }
    }
    // Factors near 1, so that long products neither vanish nor overflow.
    let factors = x.map { Double(Float(1 + $0 * 1e-4)) }, products = block.lines(factors)
    let (outer, n, inner) = (block.outer, block.n, block.inner)
    both(block, results: lines.count, factors, { ag_reduce(AG_REDUCE_PROD, $0, outer, n, inner, $1, $2) }) {
      y, tolerance in
      for (line, y) in zip(products, y) {
        #expect(isClose(y, line.reduce(1, *), tolerance * Double(10 + line.count), 0), "product over \(block)")
      }
    }
  }

  @Test(arguments: blocks) func extremesAreFoundAndNaNWins(_ block: Block) {
    var x = Self.values(block.count, seed: 2).map { ($0 * 4).rounded() }  // many ties
    for i in stride(from: 5, to: x.count, by: 997) { x[i] = .nan }
    let lines = block.lines(x)
    let (outer, n, inner) = (block.outer, block.n, block.inner)
    let better: [(Double, Double) -> Bool] = [(>), (<)]
    for (find, reduce, better) in [(ag_argmax, AG_REDUCE_MAX, better[0]), (ag_argmin, AG_REDUCE_MIN, better[1])] {
      var indices = [Int64](repeating: 0, count: lines.count), floatIndices = indices
      find(AG_F64, block.outer, block.n, block.inner, x, &indices)
      find(AG_F32, block.outer, block.n, block.inner, x.map(Float.init), &floatIndices)
      let expected = lines.map { line in
        line.firstIndex { $0.isNaN } ?? line.indices.reduce(0) { better(line[$1], line[$0]) ? $1 : $0 }
      }
      #expect(indices == expected.map(Int64.init) && floatIndices == indices)
      both(block, results: lines.count, x, { ag_reduce(reduce, $0, outer, n, inner, $1, $2) }) { y, _ in
        for i in lines.indices { #expect(isClose(y[i], lines[i][expected[i]], 0, 0)) }
      }
    }
  }

  @Test func nothingAndIntegers() {
    var y: [Float] = [7, 7]
    ag_reduce(AG_REDUCE_SUM, AG_F32, 2, 0, 1, y, &y)
    #expect(y == [0, 0])
    ag_reduce(AG_REDUCE_PROD, AG_F32, 1, 0, 2, y, &y)
    #expect(y == [1, 1])
    var sums = [Int64](repeating: 0, count: 3)
    ag_reduce(AG_REDUCE_SUM, AG_U8, 1, 2, 3, [UInt8](arrayLiteral: 200, 1, 2, 100, 3, 4), &sums)
    #expect(sums == [300, 4, 6])
    ag_reduce(AG_REDUCE_PROD, AG_I32, 3, 2, 1, [Int32](arrayLiteral: .max, 2, -3, 4, 5, 0), &sums)
    #expect(sums == [Int64(Int32.max) * 2, -12, 0])
    var extremes = [Int32](repeating: 0, count: 2)
    ag_reduce(AG_REDUCE_MIN, AG_I32, 2, 2, 1, [Int32](arrayLiteral: .min, 2, -3, 4), &extremes)
    #expect(extremes == [.min, -3])
    var truths = [UInt8](repeating: 9, count: 2)
    ag_reduce(AG_REDUCE_ANY, AG_BOOL, 2, 2, 1, [UInt8](arrayLiteral: 0, 1, 0, 0), &truths)
    #expect(truths == [1, 0])
    ag_reduce(AG_REDUCE_ALL, AG_BOOL, 2, 2, 1, [UInt8](arrayLiteral: 1, 1, 1, 0), &truths)
    #expect(truths == [1, 0])
    var count: [Int64] = [0]
    ag_reduce(AG_REDUCE_SUM, AG_BOOL, 1, 4, 1, [UInt8](arrayLiteral: 1, 1, 0, 1), &count)
    #expect(count == [3])
  }

  @Test func longSumsAreAccurate() {
    let n = 1_000_000
    var x = [Float](repeating: 0, count: n), wide = [Double](repeating: 0, count: n)
    ag_random_uniform(AG_F32, n, 3, 0, 0, 3, &x)
    ag_cast(AG_F32, AG_F64, 1, n, x, n, 1, &wide)
    var exact = 0.0, sum: Float = 0
    ag_reduce(AG_REDUCE_SUM, AG_F64, 1, n, 1, wide, &exact)
    ag_reduce(AG_REDUCE_SUM, AG_F32, 1, n, 1, x, &sum)
    #expect(abs(Double(sum) - exact) <= 1.2e-7 * exact)
    var columns = [Float](repeating: 0, count: 4)
    ag_reduce(AG_REDUCE_SUM, AG_F32, 1, n / 4, 4, x, &columns)
    #expect(abs(columns.reduce(0.0) { $0 + Double($1) } - exact) <= 2e-7 * exact)
  }

  // MARK: softmax

  @Test(arguments: blocks) func softmaxAndItsRelatives(_ block: Block) {
    let x = Self.values(block.count, seed: 4), dy = Self.values(block.count, seed: 5)
    let (outer, n, inner) = (block.outer, block.n, block.inner)
    let softmax = block.lines(x).map { line in
      let sum = line.reduce(0) { $0 + exp($1) }
      return line.map { exp($0) / sum }
    }
    let upstream = block.lines(dy)
    func compare(_ y: [Double], _ expected: [[Double]], _ tolerance: Double) {
      for (y, expected) in zip(block.lines(y), expected) {
        let scale = expected.reduce(1) { max($0, abs($1)) }
        #expect(zip(y, expected).allSatisfy { abs($0 - $1) <= tolerance * scale }, "\(block)")
      }
    }
    both(block, results: block.count, x, { ag_softmax($0, outer, n, inner, $1, $2) }) { compare($0, softmax, $1) }
    both(block, results: block.count, x, { ag_log_softmax($0, outer, n, inner, $1, $2) }) { y, tolerance in
      compare(y, softmax.map { $0.map { log($0) } }, tolerance)
      // The derivative from the y that was just computed.
      let expected = zip(softmax, upstream).map { p, dy -> [Double] in
        let sum = dy.reduce(0, +)
        return zip(p, dy).map { $1 - $0 * sum }
      }
      var dx = y
      ag_log_softmax_backward(AG_F64, outer, n, inner, y, dy, &dx)
      compare(dx, expected, tolerance * Double(10 + n))
    }
    both(block, results: block.count, x, { ag_softmax($0, outer, n, inner, $1, $2) }) { y, tolerance in
      let expected = zip(softmax, upstream).map { p, dy -> [Double] in
        let dot = zip(p, dy).reduce(0) { $0 + $1.0 * $1.1 }
        return zip(p, dy).map { $0 * ($1 - dot) }
      }
      var dx = y, dx32 = y.map(Float.init)
      ag_softmax_backward(AG_F64, outer, n, inner, y, dy, &dx)
      ag_softmax_backward(AG_F32, outer, n, inner, y.map(Float.init), dy.map(Float.init), &dx32)
      compare(dx, expected, tolerance * 10)
      compare(dx32.map(Double.init), expected, 1e-5)
    }
  }

  @Test func softmaxOfExtremes() {
    for inner in [1, 2] {
      // The lines: values far apart, one −∞, all −∞, and one +∞.
      let lines: [[Float]] = [
        [0, 1e4, -1e4], [-1000, -.infinity, -1000], .init(repeating: -.infinity, count: 3), [0, .infinity, 1],
      ]
      for line in lines {
        let x = line.flatMap { Array(repeating: $0, count: inner) }
        var p = x, l = x, s = [Float](repeating: 0, count: inner)
        ag_softmax(AG_F32, 1, 3, inner, p, &p)  // in place
        ag_log_softmax(AG_F32, 1, 3, inner, x, &l)
        ag_reduce(AG_REDUCE_LOGSUMEXP, AG_F32, 1, 3, inner, x, &s)
        switch line[0] {
        case -1000:
          #expect(p.prefix(inner).allSatisfy { $0 == 0.5 } && p[inner] == 0 && l[inner] == -.infinity)
          #expect(abs(s[0] + 1000 - log(2)) < 1e-4)
        case -.infinity: #expect(p.allSatisfy { $0.isNaN } && l.allSatisfy { $0.isNaN } && s[0] == -.infinity)
        default:
          if line[1] == .infinity {
            #expect(p[inner].isNaN && s[0] == .infinity)
          } else {
            #expect(p[inner] == 1 && p[0] == 0 && l[0] == -1e4 && l[2 * inner] == -2e4 && s[0] == 1e4)
          }
        }
      }
    }
  }

  @Test(arguments: [(1, 1), (7, 10), (128, 10), (5, 16), (3, 1000), (0, 10), (1700, 10)])
  func crossEntropy(_ rows: Int, _ classes: Int) {
    let block = Block(rows, classes, 1), x = Self.values(block.count, seed: 6).map { $0 * 5 }
    let labels = (0..<rows).map { Int64($0 * 13 % classes) }
    let dlosses = Self.values(rows, seed: 7), lines = block.lines(x)
    var losses = dlosses, logSums = dlosses + dlosses, dx = x
    var losses32 = dlosses.map(Float.init), logSums32 = losses32 + losses32, dx32 = x.map(Float.init)
    ag_cross_entropy(AG_F64, rows, classes, x, labels, &losses, &logSums)
    ag_cross_entropy_backward(AG_F64, rows, classes, x, labels, logSums, dlosses, 1, &dx)
    let x32 = x.map(Float.init)
    ag_cross_entropy(AG_F32, rows, classes, x32, labels, &losses32, &logSums32)
    ag_cross_entropy_backward(AG_F32, rows, classes, x32, labels, logSums32, dlosses.map(Float.init), 1, &dx32)
    for r in 0..<rows {
      let logSum = log(lines[r].reduce(0) { $0 + exp($1) }), loss = logSum - lines[r][Int(labels[r])]
      #expect(isClose(logSums[2 * r] + logSums[2 * r + 1], logSum, 1e-14, 1e-14))
      #expect(isClose(Double(logSums32[2 * r]) + Double(logSums32[2 * r + 1]), logSum, 1e-6, 1e-6))
      #expect(isClose(losses[r], loss, 1e-13, 1e-14) && isClose(Double(losses32[r]), loss, 1e-5, 2e-6))
      let areRight = (0..<classes).allSatisfy { c in
        let p = exp(lines[r][c] - logSum) - (Int64(c) == labels[r] ? 1 : 0), i = r * classes + c
        let expected = p * dlosses[r]
        return isClose(dx[i], expected, 1e-12, 1e-13) && isClose(Double(dx32[i]), expected, 1e-5, 1e-5)
      }
      #expect(areRight, "derivative of row \(r) of [\(rows), \(classes)]")
    }
  }

  @Test func bitsDoNotDependOnThreads() {
    let before = ag_thread_count()
    defer { ag_set_thread_count(before) }
    var x = [Float](repeating: 0, count: 300_000)
    ag_random_normal(AG_F32, x.count, 8, 0, 0, 1, &x)
    let results = [1, 2, 4].map { [x] threads in
      ag_set_thread_count(Int32(threads))
      var y = x, all: [[Float]] = []
      for (outer, n, inner) in [(1, 300_000, 1), (3, 100_000, 1), (1, 30_000, 10), (600, 500, 1), (1, 300, 1000)] {
        ag_reduce(AG_REDUCE_SUM, AG_F32, outer, n, inner, x, &y)
        all.append(Array(y.prefix(outer * inner)))
        ag_log_softmax(AG_F32, outer, n, inner, x, &y)
        all.append(y)
      }
      return all
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }
}
