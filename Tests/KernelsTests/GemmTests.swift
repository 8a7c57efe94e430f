import Kernels
import Testing

/// Matrix products against the plain triple loop in double precision. The instruction set is the process's; CI runs
/// these tests once for each value of AUTOGRAD_ISA.
@Suite struct GemmTests {
  /// Sizes at and around the boundaries of every level's tiles, panels, vectors and blocks, and primes.
  static let sizes: [Size] = [
    .init(0, 3, 4), .init(3, 0, 4), .init(3, 4, 0), .init(1, 1, 1), .init(2, 3, 5), .init(4, 4, 4), .init(1, 67, 41),
    .init(61, 1, 43), .init(3, 129, 17), .init(5, 7, 97), .init(7, 15, 16), .init(6, 16, 32), .init(13, 17, 31),
    .init(14, 32, 33), .init(15, 33, 15), .init(29, 31, 37), .init(17, 16, 64), .init(16, 17, 129), .init(18, 65, 20),
    .init(31, 8, 257), .init(2, 9, 513), .init(115, 5, 9), .init(4, 2053, 3), .init(13, 64, 96), .init(11, 130, 97),
    .init(23, 99, 95),
  ]

  @Test(arguments: sizes) func matchesTheTripleLoopInFloat(_ size: Size) { checkLayouts(Float.self, size) }
  @Test(arguments: sizes) func matchesTheTripleLoopInDouble(_ size: Size) { checkLayouts(Double.self, size) }

  /// Every combination of dense and transposed operands; the rarer layouts with a dense operand.
  private func checkLayouts<Value: GemmValue>(_: Value.Type, _ size: Size) {
    for (left, right) in Layout.pairs {
      var product = Product<Value>(size, left, right, seed: 1)
      product.check()
      product.accumulate = true
      product.check()
    }
  }

  @Test(arguments: [
    Size(9, 10, 20), Size(16, 10, 129), Size(15, 33, 40), Size(30, 64, 257), Size(2, 2, 2), Size(3, 5, 0),
  ])
  func epilogueFollowsTheCompleteSum(_ size: Size) {
    for (bias, rowBias, relu, accumulate) in [
      (true, false, false, false), (false, true, false, false), (false, false, true, false), (false, true, false, true),
      (true, true, true, true),
    ] {
      for right in [Layout.dense, .transposed] {
        var float = Product<Float>(size, .dense, right, seed: 2), double = Product<Double>(size, .dense, right, seed: 2)
        (float.bias, float.rowBias, float.relu, float.accumulate) = (bias, rowBias, relu, accumulate)
        (double.bias, double.rowBias, double.relu, double.accumulate) = (bias, rowBias, relu, accumulate)
        float.check()
        double.check()
      }
    }
  }

  @Test func rowsOfCMayBeFarApart() {
    for size in Self.sizes {
      var product = Product<Float>(size, .dense, .transposed, seed: 3)
      product.gap = 5
      product.check()
    }
  }

  @Test func reluKeepsNaN() {
    for n in [2, 40] {
      let a = [Float](repeating: .nan, count: 20), b = [Float](repeating: 1, count: 20 * n)
      var c = [Float](repeating: 0, count: n)
      var epilogue = ag_epilogue(bias: nil, row_bias: nil, activation: AG_ACTIVATION_RELU)
      ag_gemm_f32(1, n, 20, a, 20, 1, b, n, 1, &c, n, false, &epilogue)
      #expect(c.allSatisfy { $0.isNaN })
    }
  }

  @Test func infinityStaysInItsRowAndColumn() {
    let (m, n, k) = (16, 19, 37)
    var a = [Double](repeating: 1, count: m * k)
    let b = [Double](repeating: 1, count: n * k)
    a[3 * k + 36] = .infinity
    for (row, column) in [(n, 1), (1, k)] {
      var c = [Double](repeating: 0, count: m * n)
      ag_gemm_f64(m, n, k, a, k, 1, b, row, column, &c, n, false, nil)
      for i in 0..<m { #expect(c[i * n..<(i + 1) * n].allSatisfy { $0 == (i == 3 ? .infinity : Double(k)) }) }
    }
  }

  @Test(arguments: [(0, 3), (1, 3), (7, 3), (40, 3), (3, 170)]) func batchIsAsManyProducts(batch: Int, side: Int) {
    var random = Numbers(seed: 4)
    let count = side * side
    let a = random.values(Float.self, batch * count), b = random.values(Float.self, batch * count)
    var together = random.values(Float.self, batch * count), alone = together
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        together.withUnsafeMutableBufferPointer { c in
          let starts = (0..<batch).map { $0 * count }
          let aStarts = starts.map { a.baseAddress?.advanced(by: $0) }
          let bStarts = starts.map { b.baseAddress?.advanced(by: $0) }
          let cStarts = starts.map { c.baseAddress?.advanced(by: $0) }
          ag_gemm_batched_f32(batch, side, side, side, aStarts, side, 1, bStarts, 1, side, cStarts, side, true)
        }
        alone.withUnsafeMutableBufferPointer { c in
          for i in 0..<batch {
            ag_gemm_f32(
              side, side, side, a.baseAddress! + i * count, side, 1, b.baseAddress! + i * count, 1, side,
              c.baseAddress! + i * count, side, true, nil)
          }
        }
      }
    }
    #expect(together == alone)
  }
}

extension ThreadCountTests {
  /// The bits of a product do not depend on the number of threads. (Each of these is large enough to be split.)
  @Test(arguments: [
    Size(160, 170, 160), Size(37, 600, 200), Size(1100, 16, 260), Size(16, 1100, 260), Size(1100, 130, 90),
  ])
  func productsHaveTheSameBits(_ size: Size) {
    defer { ag_set_thread_count(2) }
    for right in [Layout.dense, .transposed] {
      let product = Product<Double>(size, .dense, right, seed: 5)
      let results = [1, 2, 4].map { threads in
        ag_set_thread_count(Int32(threads))
        return product.result().map(\.bitPattern)
      }
      #expect(results[0] == results[1], "\(size) \(right)")
      #expect(results[0] == results[2], "\(size) \(right)")
    }
  }
}

/// C is m×n; each element is a sum of k products.
struct Size: Sendable, CustomStringConvertible {
  let m, n, k: Int
  init(_ m: Int, _ n: Int, _ k: Int) { (self.m, self.n, self.k) = (m, n, k) }
  var description: String { "\(m)×\(n)×\(k)" }
}

/// How an operand lies in memory.
enum Layout: CaseIterable {
  case dense, transposed, gaps, transposedGaps, everySecond, backwards, repeatedRow, repeatedColumn

  static let pairs: [(Layout, Layout)] =
    [(.transposed, .transposed)] + allCases.map { ($0, .dense) } + allCases.dropFirst().map { (.dense, $0) }

  func strides(rows: Int, columns: Int) -> (row: Int, column: Int) {
    switch self {
    case .dense: (columns, 1)
    case .transposed: (1, rows)
    case .gaps: (columns + 3, 1)
    case .transposedGaps: (1, rows + 1)
    case .everySecond: (2 * columns, 2)
    case .backwards: (-columns, -1)
    case .repeatedRow: (0, 1)
    case .repeatedColumn: (1, 0)
    }
  }
}

/// A matrix in a layout, offset by one element so that no row is aligned.
struct Operand<Value: GemmValue> {
  let memory: [Value]
  let origin, row, column: Int

  init(rows: Int, columns: Int, _ layout: Layout, _ random: inout Numbers) {
    (row, column) = layout.strides(rows: rows, columns: columns)
    let last = (row * max(rows - 1, 0), column * max(columns - 1, 0))
    origin = 1 - min(last.0, 0) - min(last.1, 0)
    memory = random.values(Value.self, origin + max(last.0, 0) + max(last.1, 0) + 1)
  }

  subscript(i: Int, j: Int) -> Double { Double(memory[origin + i * row + j * column]) }
}

/// One call and its expected result.
struct Product<Value: GemmValue> {
  let size: Size
  let layouts: (Layout, Layout)
  let a, b: Operand<Value>
  let biasValues, rowBiasValues: [Value]
  var accumulate = false, bias = false, rowBias = false, relu = false, gap = 0

  init(_ size: Size, _ left: Layout, _ right: Layout, seed: UInt64) {
    var random = Numbers(seed: seed)
    (self.size, layouts) = (size, (left, right))
    a = Operand(rows: size.m, columns: size.k, left, &random)
    b = Operand(rows: size.k, columns: size.n, right, &random)
    biasValues = random.values(Value.self, size.n)
    rowBiasValues = random.values(Value.self, size.m)
  }

  var row: Int { size.n + gap }
  static var before: Value { 0.5 }

  func result() -> [Value] {
    var c = [Value](repeating: Self.before, count: size.m * row)
    a.memory.withUnsafeBufferPointer { a in
      b.memory.withUnsafeBufferPointer { b in
        biasValues.withUnsafeBufferPointer { biasValues in
          rowBiasValues.withUnsafeBufferPointer { rowBiasValues in
            var epilogue = ag_epilogue(
              bias: bias ? UnsafeRawPointer(biasValues.baseAddress) : nil,
              row_bias: rowBias ? UnsafeRawPointer(rowBiasValues.baseAddress) : nil,
              activation: relu ? AG_ACTIVATION_RELU : AG_ACTIVATION_NONE)
            Value.gemm(
              size.m, size.n, size.k, a.baseAddress! + self.a.origin, self.a.row, self.a.column,
              b.baseAddress! + self.b.origin, self.b.row, self.b.column, &c, row, accumulate, &epilogue)
          }
        }
      }
    }
    return c
  }

  func check(sourceLocation: SourceLocation = #_sourceLocation) {
    let c = result()
    for i in 0..<size.m {
      for j in 0..<row {
        var sum = 0.0, magnitude = 2.0
        if j < size.n {
          for at in 0..<size.k {
            sum += a[i, at] * b[at, j]
            magnitude += abs(a[i, at] * b[at, j])
          }
          if accumulate { sum += Double(Self.before) }
          if bias { sum += Double(biasValues[j]) }
          if rowBias { sum += Double(rowBiasValues[i]) }
          if relu { sum = max(sum, 0) }
        } else {
          (sum, magnitude) = (Double(Self.before), 0)  // nothing is written between the rows
        }
        let error = abs(Double(c[i * row + j]) - sum)
        if error > magnitude * Double(size.k + 4) * Double(Value.ulpOfOne) || error.isNaN {
          Issue.record(
            """
            \(Value.self) \(size) \(layouts) accumulate \(accumulate) bias \(bias) row bias \(rowBias) relu \(relu): \
            [\(i), \(j)] is \(c[i * row + j]), not \(sum)
            """, sourceLocation: sourceLocation)
          return
        }
      }
    }
  }
}

/// A type that the matrix product supports.
protocol GemmValue: BinaryFloatingPoint {
  static var gemm:
    (
      Int, Int, Int, UnsafePointer<Self>?, Int, Int, UnsafePointer<Self>?, Int, Int, UnsafeMutablePointer<Self>?, Int,
      Bool, UnsafePointer<ag_epilogue>?
    ) -> Void
  { get }
}

extension Float: GemmValue {
  static var gemm:
    (
      Int, Int, Int, UnsafePointer<Float>?, Int, Int, UnsafePointer<Float>?, Int, Int, UnsafeMutablePointer<Float>?,
      Int, Bool, UnsafePointer<ag_epilogue>?
    ) -> Void
  { ag_gemm_f32 }
}

extension Double: GemmValue {
  static var gemm:
    (
      Int, Int, Int, UnsafePointer<Double>?, Int, Int, UnsafePointer<Double>?, Int, Int,
      UnsafeMutablePointer<Double>?, Int, Bool, UnsafePointer<ag_epilogue>?
    ) -> Void
  { ag_gemm_f64 }
}

/// Repeatable numbers on [-1, 1) in steps of 1/1024 (SplitMix64).
struct Numbers {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func values<Value: BinaryFloatingPoint>(_: Value.Type, _ count: Int) -> [Value] {
    (0..<count).map { _ in
      state &+= 0x9E37_79B9_7F4A_7C15
      var x = state
      x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
      x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
      return Value(Int((x ^ (x >> 31)) % 2048) - 1024) / 1024
    }
  }
}
