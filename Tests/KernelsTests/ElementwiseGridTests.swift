import Kernels
import Testing

/// Strides, sizes and threads of the element-wise kernels: every layout of the operands against a plain loop.
@Suite struct ElementwiseGridTests {
  struct Layout: Sendable {
    let name: String
    let strides: @Sendable (_ rows: Int, _ cols: Int) -> (row: Int, col: Int)
  }

  static let layouts: [Layout] = [
    .init(name: "dense") { ($1, 1) },
    .init(name: "transposed") { rows, _ in (1, rows) },
    .init(name: "row repeated") { _, _ in (0, 1) },
    .init(name: "column repeated") { _, _ in (1, 0) },
    .init(name: "scalar") { _, _ in (0, 0) },
    .init(name: "gaps") { (3 * $1 + 1, 2) },
    .init(name: "slice of rows") { ($1 + 3, 1) },
    .init(name: "backwards") { (-$1, -1) },
  ]

  static let sizes = [
    (0, 3), (3, 0), (1, 1), (1, 7), (7, 1), (2, 2), (5, 13), (128, 10), (37, 300), (2, 5003), (130, 17), (17, 513),
    (601, 3),
  ]

  /// Elements that hold small integers, which floats add and subtract without rounding.
  struct Operand<Element> {
    let storage: [Element]
    let origin: Int
    let row: Int, col: Int

    init(_ layout: Layout, _ rows: Int, _ cols: Int, seed: Int, _ make: (Int) -> Element) {
      (row, col) = layout.strides(rows, cols)
      let reach = [row * max(rows - 1, 0), col * max(cols - 1, 0)]
      origin = -reach.filter { $0 < 0 }.reduce(0, +)
      let count = origin + reach.filter { $0 > 0 }.reduce(0, +) + 1
      storage = (0..<count).map { make(($0 * 7919 + seed * 104_729) % 251) }
    }

    subscript(r: Int, c: Int) -> Element { storage[origin + r * row + c * col] }
    func withPointer<R>(_ body: (UnsafePointer<Element>) -> R) -> R {
      storage.withUnsafeBufferPointer { body($0.baseAddress! + origin) }
    }
  }

  @Test(arguments: sizes) func binaryOfEveryPairOfLayouts(_ rows: Int, _ cols: Int) {
    for left in Self.layouts {
      for right in Self.layouts {
        check(AG_F32, left, right, rows, cols) { Float($0) }
        if rows * cols < 2000 {
          check(AG_F64, left, right, rows, cols) { Double($0) }
          check(AG_I32, left, right, rows, cols) { Int32($0) }
        }
      }
    }
  }

  private func check<T: Numeric & BitwiseCopyable>(
    _ type: ag_dtype, _ left: Layout, _ right: Layout, _ rows: Int, _ cols: Int, _ make: (Int) -> T
  ) {
    let a = Operand(left, rows, cols, seed: 1, make), b = Operand(right, rows, cols, seed: 2, make)
    var y = [T](repeating: 0, count: rows * cols + 1)
    a.withPointer { pa in
      b.withPointer { pb in _ = ag_binary(AG_SUB, type, rows, cols, pa, a.row, a.col, pb, b.row, b.col, &y) }
    }
    let expected = grid(rows, cols) { a[$0, $1] - b[$0, $1] } + [0]
    #expect(y == expected, "\(type) [\(rows), \(cols)] \(left.name) − \(right.name)")
  }

  private func grid<T>(_ rows: Int, _ cols: Int, _ value: (Int, Int) -> T) -> [T] {
    (0..<rows).flatMap { r in (0..<cols).map { c in value(r, c) } }
  }

  @Test(arguments: sizes) func unaryWhereCastAndCopyOfEveryLayout(_ rows: Int, _ cols: Int) {
    for layout in Self.layouts {
      let x = Operand(layout, rows, cols, seed: 3) { Float($0) - 100 }
      let condition = Operand(layout, rows, cols, seed: 4) { UInt8($0 & 1) }
      var squares = [Float](repeating: 0, count: rows * cols), chosen = squares
      var integers = [Int64](repeating: 0, count: rows * cols)
      x.withPointer { p in
        #expect(ag_unary(AG_SQUARE, AG_F32, rows, cols, p, x.row, x.col, &squares))
        ag_cast(AG_F32, AG_I64, rows, cols, p, x.row, x.col, &integers)
        condition.withPointer { q in
          ag_where(AG_F32, rows, cols, q, condition.row, condition.col, p, x.row, x.col, squares, cols, 1, &chosen)
        }
      }
      #expect(squares == grid(rows, cols) { x[$0, $1] * x[$0, $1] }, "\(layout.name) [\(rows), \(cols)]")
      #expect(integers == grid(rows, cols) { Int64(x[$0, $1]) }, "\(layout.name) [\(rows), \(cols)]")
      #expect(
        chosen == grid(rows, cols) { condition[$0, $1] == 1 ? x[$0, $1] : x[$0, $1] * x[$0, $1] },
        "\(layout.name) [\(rows), \(cols)]")

      for target in Self.layouts where !target.name.contains("repeated") && target.name != "scalar" {
        let shape = Operand(target, rows, cols, seed: 0) { _ in Float(7) }
        var copy = shape.storage
        x.withPointer { p in
          copy.withUnsafeMutableBufferPointer {
            ag_copy(AG_F32, rows, cols, p, x.row, x.col, $0.baseAddress! + shape.origin, shape.row, shape.col)
          }
        }
        let result = grid(rows, cols) { copy[shape.origin + $0 * shape.row + $1 * shape.col] }
        #expect(result == grid(rows, cols) { x[$0, $1] }, "\(layout.name) to \(target.name) [\(rows), \(cols)]")
        #expect(copy.count { $0 == 7 } >= copy.count - rows * cols, "wrote between the elements of the result")
      }
    }
  }

  @Test func castsSaturate() {
    let x: [Double] = [0, -0.9, 2.9, -2.9, 255.5, 256, -1, 3e9, -3e9, 1e19, -1e19, .infinity, -.infinity, .nan]
    func cast<T: BitwiseCopyable>(_ type: ag_dtype, _ zero: T, from: ag_dtype = AG_F64) -> [T] {
      var y = [T](repeating: zero, count: x.count)
      if from == AG_F64 {
        ag_cast(from, type, 1, x.count, x, x.count, 1, &y)
      } else {
        ag_cast(from, type, 1, x.count, x.map(Float.init), x.count, 1, &y)
      }
      return y
    }
    for from in [AG_F64, AG_F32] {
      #expect(cast(AG_U8, UInt8(0), from: from) == [0, 0, 2, 0, 255, 255, 0, 255, 0, 255, 0, 255, 0, 0])
      let (low, high) = (Int32.min, Int32.max)
      #expect(cast(AG_I32, Int32(0), from: from) == [0, 0, 2, -2, 255, 256, -1, high, low, high, low, high, low, 0])
      let wide = cast(AG_I64, Int64(0), from: from)
      #expect(wide[7] == 3_000_000_000 && Array(wide[9...]) == [.max, .min, .max, .min, 0])
      #expect(cast(AG_BOOL, UInt8(9), from: from) == [0] + [UInt8](repeating: 1, count: 13))
    }
  }

  @Test func fillAccumulateAndArange() {
    var value: Float = 2.5
    var x = [Float](repeating: 0, count: 1001)
    ag_fill(AG_F32, 1000, &value, &x)
    #expect(x.dropLast().allSatisfy { $0 == 2.5 } && x.last == 0)
    ag_accumulate(AG_F32, 1000, 2, x, &x)
    #expect(x.dropLast().allSatisfy { $0 == 7.5 } && x.last == 0)
    var i: [UInt8] = [250, 1]
    ag_accumulate(AG_U8, 2, 3, [UInt8](arrayLiteral: 3, 4), &i)
    #expect(i == [3, 13])
    var d = [Double](repeating: 0, count: 1000)
    ag_arange(AG_F64, 1000, 0.5, 0.1, &d)
    #expect(d == (0..<1000).map { 0.5 + Double($0) * 0.1 })
    var n = [Int64](repeating: 0, count: 5)
    ag_arange(AG_I64, 5, 3, -2, &n)
    #expect(n == [3, 1, -1, -3, -5])
  }

  @Test func bitsDoNotDependOnThreads() {
    let before = ag_thread_count()
    defer { ag_set_thread_count(before) }
    let (rows, cols) = (301, 500)
    let x = (0..<rows * cols).map { Float($0 % 977) * 0.01 - 4 }
    let results = [1, 2, 4].map { threads in
      ag_set_thread_count(Int32(threads))
      var y = x
      #expect(ag_unary(AG_GELU, AG_F32, rows, cols, x, 1, rows, &y))
      #expect(ag_binary(AG_DIV, AG_F32, rows, cols, y, cols, 1, x, 0, 1, &y))
      return y.map(\.bitPattern)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }
}
