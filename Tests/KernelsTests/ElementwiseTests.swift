import Foundation
import Kernels
import Testing

/// Element-wise kernels against the C library in double precision and against plain loops.
///
/// The instruction set is the process's; CI runs these tests once for each value of AUTOGRAD_ISA.
@Suite struct ElementwiseTests {
  // MARK: functions of one operand

  struct Function: CustomTestStringConvertible, Sendable {
    let name: String
    let op: ag_unary_op
    let reference: @Sendable (Double) -> Double
    /// In ulps, over all floats.
    var tolerance = 2.5
    var testDescription: String { name }
  }

  static let functions: [Function] = [
    .init(name: "neg", op: AG_NEG, reference: { -$0 }, tolerance: 0),
    .init(name: "abs", op: AG_ABS, reference: { abs($0) }, tolerance: 0),
    .init(name: "sign", op: AG_SIGN, reference: { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }, tolerance: 0),
    .init(name: "square", op: AG_SQUARE, reference: { $0 * $0 }, tolerance: 0.5),
    .init(name: "relu", op: AG_RELU, reference: { $0 <= 0 ? 0 : $0 }, tolerance: 0),
    .init(name: "floor", op: AG_FLOOR, reference: { floor($0) }, tolerance: 0),
    .init(name: "ceil", op: AG_CEIL, reference: { ceil($0) }, tolerance: 0),
    .init(name: "round", op: AG_ROUND, reference: { $0.rounded(.toNearestOrEven) }, tolerance: 0),
    .init(name: "trunc", op: AG_TRUNC, reference: { trunc($0) }, tolerance: 0),
    .init(name: "sqrt", op: AG_SQRT, reference: { $0.squareRoot() }, tolerance: 0.5),
    .init(name: "rsqrt", op: AG_RSQRT, reference: { 1 / $0.squareRoot() }, tolerance: 1.5),
    .init(name: "reciprocal", op: AG_RECIPROCAL, reference: { 1 / $0 }, tolerance: 0.5),
    .init(name: "exp", op: AG_EXP, reference: { exp($0) }),
    .init(name: "expm1", op: AG_EXPM1, reference: { expm1($0) }),
    .init(name: "log", op: AG_LOG, reference: { log($0) }),
    .init(name: "log1p", op: AG_LOG1P, reference: { log1p($0) }),
    .init(name: "log2", op: AG_LOG2, reference: { log2($0) }),
    .init(name: "sin", op: AG_SIN, reference: { sin($0) }),
    .init(name: "cos", op: AG_COS, reference: { cos($0) }),
    .init(name: "tan", op: AG_TAN, reference: { tan($0) }),
    .init(name: "asin", op: AG_ASIN, reference: { asin($0) }),
    .init(name: "acos", op: AG_ACOS, reference: { acos($0) }),
    .init(name: "atan", op: AG_ATAN, reference: { atan($0) }),
    .init(name: "sinh", op: AG_SINH, reference: { sinh($0) }),
    .init(name: "cosh", op: AG_COSH, reference: { cosh($0) }),
    .init(name: "tanh", op: AG_TANH, reference: { tanh($0) }),
    .init(name: "sigmoid", op: AG_SIGMOID, reference: sigmoid),
    .init(name: "log-sigmoid", op: AG_LOG_SIGMOID, reference: { min($0, 0) - log1p(exp(-abs($0))) }),
    .init(name: "softplus", op: AG_SOFTPLUS, reference: { max($0, 0) + log1p(exp(-abs($0))) }),
    .init(name: "silu", op: AG_SILU, reference: { $0 == -.infinity ? -0.0 : $0 * sigmoid($0) }),
    .init(name: "mish", op: AG_MISH, reference: { $0 == -.infinity ? -0.0 : $0 * tanh(log1p(exp($0))) }),
    .init(name: "erf", op: AG_ERF, reference: { erf($0) }),
    .init(name: "erfc", op: AG_ERFC, reference: { erfc($0) }),
    .init(name: "asinh", op: AG_ASINH, reference: { asinh($0) }),
    .init(name: "acosh", op: AG_ACOSH, reference: { acosh($0) }),
    .init(name: "atanh", op: AG_ATANH, reference: { atanh($0) }),
    .init(name: "exp2", op: AG_EXP2, reference: { exp2($0) }),
    .init(name: "log10", op: AG_LOG10, reference: { log10($0) }),
    .init(name: "gelu", op: AG_GELU, reference: { $0 == -.infinity ? -0.0 : 0.5 * $0 * erfc(-$0 * 0.5.squareRoot()) }),
    .init(name: "gelu-tanh", op: AG_GELU_TANH) {
      $0 == -.infinity ? -0.0 : $0 * sigmoid((8 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))
    },
  ]

  static func sigmoid(_ x: Double) -> Double { x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)) }

  static let special: [Double] = [
    0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, .infinity, -.infinity, .nan, 1000, -1000, 88.7, 88.8, -87.5, -103.9, 20,
    -20, Double(Float.leastNonzeroMagnitude), -Double(Float.leastNonzeroMagnitude), 1e-40, -1e-40,
    Double(Float.greatestFiniteMagnitude), -Double(Float.greatestFiniteMagnitude),
  ]

  /// Every exponent with both signs and a few fractions, the usual range more densely, and the special values.
  static let floats: [Float] = {
    var generator = SeededGenerator(state: 1)
    var points = special.map(Float.init)
    for exponent in 0..<255 as Range<UInt32> {
      for _ in 0..<8 {
        let bits = exponent << 23 | UInt32.random(in: 0..<1 << 23, using: &generator)
        points += [Float(bitPattern: bits), -Float(bitPattern: bits)]
      }
    }
    for _ in 0..<4001 { points.append(.random(in: -20...20, using: &generator)) }
    return points
  }()

  @Test(arguments: functions) func floatsWithinUnitsOfTheLastPlace(_ f: Function) {
    let x = Self.floats
    var y = [Float](repeating: 7, count: x.count + 1)
    #expect(ag_unary(f.op, AG_F32, 1, x.count, x, x.count, 1, &y))
    #expect(y.last == 7, "wrote beyond the end")
    for (x, y) in zip(x, y) {
      let expected = f.reference(Double(x))
      let rounded = Float(expected), unit = Double(max(rounded.ulp, .leastNonzeroMagnitude))
      let isRight =
        rounded.isFinite
        ? abs(Double(y) - expected) <= (f.tolerance + 1e-6) * unit : isClose(Double(y), Double(rounded), 0, 0)
      if !isRight { Issue.record("\(f.name)(\(x)) = \(y), expected \(expected)") }
    }
  }

  @Test(arguments: functions) func doublesAreAccurate(_ f: Function) {
    var generator = SeededGenerator(state: 2)
    var x = Self.special
    for _ in 0..<2003 { x.append(.random(in: -8...8, using: &generator)) }
    for exponent in -300..<300 { x.append(Double(sign: .plus, exponent: exponent, significand: 1.37)) }
    var y = [Double](repeating: 7, count: x.count)
    #expect(ag_unary(f.op, AG_F64, 1, x.count, x, x.count, 1, &y))
    for (x, y) in zip(x, y) {
      let expected = f.reference(x)
      if expected.isNaN || expected.isInfinite || abs(expected) < 1e-290 {
        if !isClose(y, expected, 0, 1e-290) { Issue.record("\(f.name)(\(x)) = \(y), expected \(expected)") }
      } else {
        // A tail like e^(−x³) amplifies the rounding of its exponent, here and in the reference.
        let relative = (f.name.hasPrefix("gelu") && x < -1) || abs(x) > 8 ? 1e-12 : 2e-15
        if abs(y - expected) > relative * abs(expected) { Issue.record("\(f.name)(\(x)) = \(y), expected \(expected)") }
      }
    }
  }

  @Test func everyLengthUpToAFewRegisters() {
    for n in 0..<70 {
      let x = (0..<n).map { Float($0) / 10 - 3 }
      var y = x + [7]
      y.withUnsafeMutableBufferPointer { p in
        #expect(ag_unary(AG_EXP, AG_F32, 1, n, p.baseAddress, n, 1, p.baseAddress))  // in place
      }
      #expect(zip(x, y).allSatisfy { abs(exp($0) - $1) <= 3e-7 * $1 } && y.last == 7)
      let wide = x.map(Double.init)
      var z = wide + [7]
      #expect(ag_unary(AG_TANH, AG_F64, 1, n, wide, n, 1, &z))
      #expect(zip(wide, z).allSatisfy { abs(tanh($0) - $1) <= 1e-15 } && z.last == 7)
    }
  }

  @Test func unalignedPointers() {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: 1024, alignment: 64)
    defer { bytes.deallocate() }
    for offset in stride(from: 4, to: 64, by: 4) {
      let x = (bytes + offset).bindMemory(to: Float.self, capacity: 50)
      for i in 0..<50 { x[i] = Float(i) - 25 }
      #expect(ag_unary(AG_SIGMOID, AG_F32, 5, 10, x, 10, 1, x))
      for i in 0..<50 { #expect(abs(Double(x[i]) - Self.sigmoid(Double(i) - 25)) < 2e-7) }
    }
  }

  // MARK: functions of two operands

  @Test func powersFollowTheCLibrary() {
    let bases = Self.special + [3, -3, 0.1, 2e10, 1e-20], exponents = Self.special + [2, 3, -2, -3, 1e-3, 7.5, 1e10]
    for (scalar, y) in exponents.map({ (true, [$0]) }) + [(false, exponents)] {
      let b = scalar ? y : bases.flatMap { _ in exponents }
      let a = scalar ? bases : bases.flatMap { base in exponents.map { _ in base } }
      var floats = [Float](repeating: 0, count: a.count), doubles = [Double](repeating: 0, count: a.count)
      let step = scalar ? 0 : 1
      #expect(ag_binary(AG_POW, AG_F32, 1, a.count, a.map(Float.init), 0, 1, b.map(Float.init), 0, step, &floats))
      #expect(ag_binary(AG_POW, AG_F64, 1, a.count, a, 0, 1, b, 0, step, &doubles))
      for i in 0..<a.count {
        let exponent = b[scalar ? 0 : i]
        let float = powf(Float(a[i]), Float(exponent)), double = pow(a[i], exponent)
        #expect(isClose(Double(floats[i]), Double(float), 3e-7, 3e-45), "float \(a[i]) ^ \(exponent) = \(floats[i])")
        #expect(isClose(doubles[i], double, 1e-15, .leastNonzeroMagnitude), "\(a[i]) ^ \(exponent) = \(doubles[i])")
      }
    }
  }

  struct Pair: CustomTestStringConvertible, Sendable {
    let name: String
    let op: ag_binary_op
    let reference: @Sendable (Double, Double) -> Double
    /// The range of the first operand; the second has either sign.
    let range: ClosedRange<Float>
    var testDescription: String { name }
  }

  static let pairs: [Pair] = [
    Pair(name: "atan2", op: AG_ATAN2, reference: { atan2($0, $1) }, range: -4...4),
    Pair(name: "hypot", op: AG_HYPOT, reference: { hypot($0, $1) }, range: -4...4),
    Pair(name: "pow", op: AG_POW, reference: { pow($0, $1) }, range: 0...4),
    Pair(name: "pow slope", op: AG_POW_SLOPE, reference: { $1 == 0 ? 0 : $1 * pow($0, $1 - 1) }, range: 0...4),
    Pair(
      name: "pow log slope", op: AG_POW_LOG_SLOPE,
      reference: { $0 == 0 && $1 >= 0 ? 0 : pow($0, $1) * log($0) }, range: 0...4),
  ]

  @Test(arguments: pairs) func pairsWithinUnitsOfTheLastPlace(_ pair: Pair) {
    var generator = SeededGenerator(state: 3)
    var (a, b): ([Float], [Float]) = ([], [])
    for _ in 0..<20_003 {
      a.append(.random(in: pair.range, using: &generator))
      b.append(.random(in: -6...6, using: &generator))
    }
    let edges: [Float] = [0, -0.0, 1, -1, 2, 0.5, .infinity, -.infinity, .leastNonzeroMagnitude, 1e30]
    for x in edges where pair.range.lowerBound < 0 || x.sign == .plus {
      for y in edges {
        a.append(x)
        b.append(y)
      }
    }
    var y = [Float](repeating: 7, count: a.count)
    func check(_ a: (Int) -> Float, _ b: (Int) -> Float) {
      for i in 0..<y.count {
        let expected = pair.reference(Double(a(i)), Double(b(i))), rounded = Float(expected)
        let unit = Double(max(rounded.ulp, .leastNonzeroMagnitude))
        let isRight =
          rounded.isFinite
          ? abs(Double(y[i]) - expected) <= 2.5 * unit : isClose(Double(y[i]), Double(rounded), 0, 0)
        if !isRight { Issue.record("\(pair.name)(\(a(i)), \(b(i))) = \(y[i]), expected \(expected)") }
      }
    }
    #expect(ag_binary(pair.op, AG_F32, 1, a.count, a, 0, 1, b, 0, 1, &y))
    check({ a[$0] }, { b[$0] })
    let first: [Float] = [1.7], second: [Float] = [-2.3]
    #expect(ag_binary(pair.op, AG_F32, 1, a.count, first, 0, 0, b, 0, 1, &y))
    check({ _ in first[0] }, { b[$0] })
    #expect(ag_binary(pair.op, AG_F32, 1, a.count, a, 0, 1, second, 0, 0, &y))
    check({ a[$0] }, { _ in second[0] })
  }

  @Test func partsOfTheWay() {
    let a: [Float] = [1, -2, 8], b: [Float] = [2, 2, 0]
    var y: [Float] = [0, 0, 0]
    ag_lerp(AG_F32, 3, 0.25, a, b, &y)
    #expect(y == [1.25, -1, 6])
  }

  @Test func extremesHandOnNaN() {
    let a: [Float] = [1, .nan, 1, .nan, -0.0], b: [Float] = [2, 1, .nan, .nan, 0]
    var y = [Float](repeating: 0, count: 5)
    #expect(ag_binary(AG_MAXIMUM, AG_F32, 1, 5, a, 5, 1, b, 5, 1, &y))
    #expect(y[0] == 2 && y[1].isNaN && y[2].isNaN && y[3].isNaN && y[4] == 0)
    #expect(ag_binary(AG_MINIMUM, AG_F32, 1, 5, a, 5, 1, b, 5, 1, &y))
    #expect(y[0] == 1 && y[1].isNaN && y[2].isNaN && y[3].isNaN && y[4] == 0)
  }

  @Test func derivativesAndPredicates() {
    let x: [Double] = [-2, 0, 0.5, 3], dy: [Double] = [1, 2, 3, 4]
    func apply(_ op: ag_binary_op) -> [Double] {
      var y = [Double](repeating: 0, count: 4)
      #expect(ag_binary(op, AG_F64, 1, 4, x, 4, 1, dy, 4, 1, &y))
      return y
    }
    #expect(apply(AG_TANH_BACKWARD) == [-3, 2, 2.25, -32])
    #expect(apply(AG_SIGMOID_BACKWARD) == [-6, 0, 0.75, -24])
    #expect(apply(AG_RELU_BACKWARD) == [0, 0, 3, 4])
    var quotient = [Double](repeating: 1, count: 4)
    let divisor: [Double] = [4, 0, 0, 2]
    #expect(ag_binary(AG_QUOTIENT_OR_ZERO, AG_F64, 1, 4, x, 4, 1, divisor, 4, 1, &quotient))
    #expect(quotient == [-0.5, 0, .infinity, 1.5])
    #expect(apply(AG_ATAN2) == zip(x, dy).map { atan2($0, $1) })
    let a: [Float] = [1, 2, 3, .nan], b: [Float] = [2, 2, 2, .nan]
    let expected: [(ag_binary_op, [UInt8])] = [
      (AG_EQ, [0, 1, 0, 0]), (AG_NE, [1, 0, 1, 1]), (AG_LT, [1, 0, 0, 0]), (AG_LE, [1, 1, 0, 0]),
      (AG_GT, [0, 0, 1, 0]), (AG_GE, [0, 1, 1, 0]),
    ]
    for (op, expected) in expected {
      var y = [UInt8](repeating: 9, count: 4)
      #expect(ag_binary(op, AG_F32, 1, 4, a, 4, 1, b, 4, 1, &y))
      #expect(y == expected)
    }
  }

  @Test func integerArithmeticWraps() {
    func apply<T: FixedWidthInteger>(_ op: ag_binary_op, _ type: ag_dtype, _ a: T, _ b: T) -> T {
      var a = a, b = b, y: T = 99
      #expect(ag_binary(op, type, 1, 1, &a, 1, 1, &b, 1, 1, &y))
      return y
    }
    #expect(apply(AG_ADD, AG_I32, Int32.max, 1) == .min)
    #expect(apply(AG_SUB, AG_U8, UInt8(3), 5) == 254)
    #expect(apply(AG_MUL, AG_I64, Int64.max, 2) == -2)
    #expect(apply(AG_DIV, AG_I64, Int64.min, -1) == .min)
    #expect(apply(AG_DIV, AG_I32, Int32(-7), 2) == -3)
    #expect(apply(AG_DIV, AG_I32, Int32(7), 0) == 0)
    #expect(apply(AG_POW, AG_I64, Int64(3), 4) == 81)
    #expect(apply(AG_POW, AG_I32, Int32(-1), -3) == -1)
    #expect(apply(AG_POW, AG_I32, Int32(1), -3) == 1)
    #expect(apply(AG_POW, AG_I32, Int32(2), -1) == 0)
    #expect(apply(AG_MAXIMUM, AG_U8, UInt8(200), 3) == 200)
    var least = Int64.min, y: Int64 = 0
    #expect(ag_unary(AG_ABS, AG_I64, 1, 1, &least, 1, 1, &y) && y == .min)
    #expect(!ag_unary(AG_EXP, AG_I64, 1, 1, &least, 1, 1, &y) && y == .min)
    var yes: UInt8 = 1, no: UInt8 = 0, result: UInt8 = 9
    #expect(ag_unary(AG_LOGICAL_NOT, AG_BOOL, 1, 1, &yes, 1, 1, &result) && result == 0)
    #expect(ag_binary(AG_LOGICAL_OR, AG_BOOL, 1, 1, &yes, 1, 1, &no, 1, 1, &result) && result == 1)
  }
}

/// Equal, both NaN, or within a relative or absolute tolerance.
func isClose(_ x: Double, _ y: Double, _ relative: Double, _ absolute: Double) -> Bool {
  (x.isNaN && y.isNaN) || x == y || abs(x - y) <= relative * abs(y) + absolute
}

/// A small generator for test data (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
