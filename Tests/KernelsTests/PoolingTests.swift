import Foundation
import Kernels
import Testing

/// Pooling against the plain loop: windows of any size, and the vector loops for 2×2 windows with stride 2.
@Suite struct PoolingTests {
  static let cases: [Pooling] = [
    .init(size: (4, 4), kernel: (2, 2), stride: (2, 2)),
    .init(size: (7, 15), kernel: (2, 2), stride: (2, 2)),
    .init(planes: 5, size: (2, 67), kernel: (2, 2), stride: (2, 2)),
    .init(planes: 1, size: (6, 32), kernel: (2, 2), stride: (2, 2)),
    .init(size: (5, 7), kernel: (2, 2), stride: (2, 2), roundedUp: true),
    .init(size: (8, 9), kernel: (3, 3), stride: (2, 2), padding: 1),
    .init(size: (9, 8), kernel: (3, 2), stride: (1, 3), padding: 1),
    .init(size: (9, 11), kernel: (3, 3), stride: (2, 2), padding: 1, roundedUp: true),
    .init(size: (1, 20), kernel: (1, 4), stride: (1, 3)),
    .init(size: (5, 41), kernel: (2, 3), stride: (1, 1), padding: 1),
    .init(size: (7, 75), kernel: (3, 3), stride: (2, 2), padding: 1),
    .init(size: (4, 35), kernel: (3, 5), stride: (2, 2), padding: 1, roundedUp: true),
    .init(planes: 0, size: (4, 4), kernel: (2, 2), stride: (2, 2)),
  ]
  static let dilated = Pooling(size: (9, 10), kernel: (3, 2), stride: (1, 2), padding: 1, dilation: 2)

  @Test(arguments: cases + [dilated]) func maximumAndItsPlace(_ pool: Pooling) {
    pool.checkMaximum(Float.self, AG_F32)
    pool.checkMaximum(Double.self, AG_F64)
  }

  @Test(arguments: cases) func averageAndItsGradient(_ pool: Pooling) {
    for (countPadding, divisor) in [(true, 0.0), (false, 0), (true, 3)] {
      pool.checkAverage(Float.self, AG_F32, countPadding, divisor)
      pool.checkAverage(Double.self, AG_F64, countPadding, divisor)
    }
  }

  @Test(arguments: [1, 2]) func theFirstOfEqualValuesCountsAndNaNWins(stride: Int) {
    let pool = Pooling(planes: 1, size: (2, 8), kernel: (2, 2), stride: (2, stride))
    let x: [Float] = [1, 1, 0, .nan, -.infinity, -.infinity, 3, 2] + [1, 1, 5, 6, -.infinity, -.infinity, 2, .nan]
    let (y, indices) = pool.maximum(x, AG_F32)
    let step = 2 / stride
    #expect(y[0] == 1 && indices[0] == 0)
    #expect(y[1 * step].isNaN && indices[1 * step] == 3)
    #expect(y[2 * step] == -.infinity && indices[2 * step] == 4)
    #expect(y[3 * step].isNaN && indices[3 * step] == 15)
  }

  /// Windows of nearly equal size, some wider than a vector; few distinct values, so that there are many ties.
  @Test(arguments: [((5, 7), (3, 4)), ((11, 43), (3, 2)), ((4, 6), (4, 6)), ((2, 3), (5, 7))])
  func adaptiveMaximum(_ input: (Int, Int), _ output: (Int, Int)) {
    var pool = Pooling(planes: 3, size: input, kernel: (1, 1), stride: (1, 1))
    (pool.sizes.out_h, pool.sizes.out_w, pool.sizes.adaptive) = (output.0, output.1, true)
    var random = Numbers(seed: 4)
    var x = random.values(Float.self, pool.inCount).map { ($0 * 3).rounded() }
    x[1] = .nan
    x[2] = .nan
    let (y, indices) = pool.maximum(x, AG_F32)
    func window(_ i: Int, _ size: Int, _ count: Int) -> Range<Int> {
      (i * size / count)..<(((i + 1) * size + count - 1) / count)
    }
    for out in 0..<pool.outCount {
      let rows = window(out / output.1 % output.0, input.0, output.0)
      let columns = window(out % output.1, input.1, output.1)
      let plane = out / output.1 / output.0
      let places = rows.flatMap { row in columns.map { row * input.1 + $0 } }
      let values = places.map { x[plane * input.0 * input.1 + $0] }
      let place = places[values.lastIndex { $0.isNaN } ?? values.firstIndex(of: values.max() ?? 0) ?? 0]
      #expect(Int(indices[out]) == place && y[out].bitPattern == x[plane * input.0 * input.1 + place].bitPattern)
    }
  }

  @Test func aWindowOfPaddingAloneHasNoPlace() {
    var pool = Pooling(planes: 1, size: (1, 1), kernel: (1, 1), stride: (1, 1), padding: 1)
    let (y, indices) = pool.maximum([Float(5)], AG_F32)
    let none = [Float](repeating: -.infinity, count: 4)
    #expect(y == none + [5] + none)
    #expect(indices == [-1, -1, -1, -1, 0, -1, -1, -1, -1])
    let dy = [Float](repeating: 2, count: 9)
    let dx: [Float] = guarded(1) { ag_max_pool2d_backward(AG_F32, &pool.sizes, indices, dy, $0) }
    #expect(dx == [2])
  }
}

/// One pooling.
struct Pooling: Sendable, CustomStringConvertible {
  var sizes: ag_pool2d

  init(
    planes: Int = 3, size: (Int, Int), kernel: (Int, Int), stride: (Int, Int), padding: Int = 0, dilation: Int = 1,
    roundedUp: Bool = false
  ) {
    func windows(_ size: Int, _ kernel: Int, _ stride: Int) -> Int {
      let room = size + 2 * padding - (kernel - 1) * dilation - 1
      let count = (room + (roundedUp ? stride - 1 : 0)) / stride + 1
      return roundedUp && (count - 1) * stride >= size + padding ? count - 1 : count
    }
    sizes = ag_pool2d(
      planes: planes, in_h: size.0, in_w: size.1, out_h: windows(size.0, kernel.0, stride.0),
      out_w: windows(size.1, kernel.1, stride.1), kernel_h: kernel.0, kernel_w: kernel.1, stride_h: stride.0,
      stride_w: stride.1, pad_top: padding, pad_left: padding, pad_bottom: padding, pad_right: padding,
      dilation_h: dilation, dilation_w: dilation, adaptive: false)
  }

  var description: String {
    let s = sizes
    return """
      \(s.planes)×\(s.in_h)×\(s.in_w) to \(s.out_h)×\(s.out_w), kernel \(s.kernel_h)×\(s.kernel_w), \
      stride \(s.stride_h), \(s.stride_w), padding \(s.pad_top), dilation \(s.dilation_h)
      """
  }

  var inCount: Int { sizes.planes * sizes.in_h * sizes.in_w }
  var outCount: Int { sizes.planes * sizes.out_h * sizes.out_w }

  /// For each output the input indices of its window, with −1 in the padding; positions beyond the
  /// padding are left out.
  private func windows() -> [[Int]] {
    let s = sizes
    return (0..<outCount).map { at in
      let column = at % s.out_w, row = at / s.out_w % s.out_h, plane = at / s.out_w / s.out_h
      return (0..<s.kernel_h * s.kernel_w).compactMap { tap in
        let r = row * s.stride_h + tap / s.kernel_w * s.dilation_h - s.pad_top
        let c = column * s.stride_w + tap % s.kernel_w * s.dilation_w - s.pad_left
        guard r < s.in_h + s.pad_bottom && c < s.in_w + s.pad_right else { return nil }
        let inside = (0..<s.in_h).contains(r) && (0..<s.in_w).contains(c)
        return inside ? (plane * s.in_h + r) * s.in_w + c : -1
      }
    }
  }

  func maximum<Value: BinaryFloatingPoint>(_ x: [Value], _ type: ag_dtype) -> ([Value], [Int32]) {
    var sizes = sizes, indices = [Int32](repeating: -99, count: outCount + 1)
    let y: [Value] = guarded(outCount) { y in
      ([0] + x).withUnsafeBufferPointer { ag_max_pool2d(type, &sizes, $0.baseAddress! + 1, y, &indices) }
    }
    #expect(indices.last == -99)
    return (y, indices.dropLast())
  }

  func checkMaximum<Value: BinaryFloatingPoint>(_: Value.Type, _ type: ag_dtype) {
    var random = Numbers(seed: 2), sizes = sizes
    let x = random.values(Value.self, inCount), dy = random.values(Value.self, outCount)
    let (y, indices) = maximum(x, type)
    var gradient = [Value](repeating: 0, count: inCount)
    for (out, window) in windows().enumerated() {
      let inside = window.filter { $0 >= 0 }
      let largest = inside.map { x[$0] }.max()!, place = inside.first { x[$0] == largest }!
      #expect(y[out] == largest && Int(indices[out]) == place % (sizes.in_h * sizes.in_w), "\(self) [\(out)]")
      gradient[place] += dy[out]
    }
    let dx: [Value] = guarded(inCount) { dx in
      ([0] + dy).withUnsafeBufferPointer {
        ag_max_pool2d_backward(type, &sizes, indices, $0.baseAddress! + 1, dx)
      }
    }
    #expect(dx == gradient, "\(self)")
  }

  func checkAverage<Value: BinaryFloatingPoint>(
    _: Value.Type, _ type: ag_dtype, _ countPadding: Bool, _ divisor: Double
  ) {
    var random = Numbers(seed: 3), sizes = sizes
    let x = random.values(Double.self, inCount), dy = random.values(Double.self, outCount)
    let y: [Value] = guarded(outCount) { y in
      unaligned(x) { (x: UnsafePointer<Value>) in ag_avg_pool2d(type, &sizes, countPadding, divisor, x, y) }
    }
    let dx: [Value] = guarded(inCount) { dx in
      unaligned(dy) { (dy: UnsafePointer<Value>) in
        ag_avg_pool2d_backward(type, &sizes, countPadding, divisor, dy, dx)
      }
    }
    var gradient = x.map { _ in 0.0 }
    for (out, window) in windows().enumerated() {
      let inside = window.filter { $0 >= 0 }
      let share = 1 / (divisor != 0 ? divisor : Double(countPadding ? window.count : inside.count))
      let expected = inside.reduce(0) { $0 + x[$1] } * share
      #expect(abs(Double(y[out]) - expected) < 1e-6, "\(self) [\(out)]")
      for place in inside { gradient[place] += dy[out] * share }
    }
    #expect(zip(dx, gradient).allSatisfy { abs(Double($0) - $1) < 1e-6 }, "\(self)")
  }
}
