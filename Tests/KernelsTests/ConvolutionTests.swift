import Foundation
import Kernels
import Testing

/// Convolutions against the plain loop in double precision. The instruction set is the process's; CI runs these tests
/// once for each value of AUTOGRAD_ISA.
@Suite struct ConvolutionTests {
  /// Every stride, padding and dilation with kernels of every kind, in one, two and as many groups as channels.
  static let small: [Convolution] = [(1, 1), (3, 3), (5, 5), (2, 3), (2, 2), (1, 4)].flatMap { kernel in
    [(1, 1), (2, 2), (2, 3)].flatMap { stride in
      [(1, 1), (2, 1)].flatMap { dilation in
        [Sides(0), Sides(2), Sides(top: 0, left: 1, bottom: 2, right: 3)].flatMap { padding in
          [(1, 3, 2), (2, 4, 6), (3, 3, 3), (1, 1, 1)].map { groups, from, to in
            Convolution(
              n: 2, groups: groups, channels: (from, to), size: (10, 7), kernel: kernel, stride: stride,
              padding: padding, dilation: dilation)
          }
        }
      }
    }
  }

  /// Sizes at which rows and channels are not multiples of any level's vector, tile or block.
  static let odd: [Convolution] = [
    .init(n: 1, channels: (1, 6), size: (19, 37), kernel: (5, 5), padding: Sides(2)),
    .init(n: 3, channels: (7, 5), size: (1, 67), kernel: (1, 3), padding: Sides(top: 0, left: 1, bottom: 0, right: 1)),
    .init(n: 1, channels: (60, 3), size: (5, 6), kernel: (3, 3)),
    .init(n: 5, channels: (3, 17), size: (13, 13), kernel: (1, 1)),
    .init(n: 2, groups: 2, channels: (74, 10), size: (41, 40), kernel: (1, 1)),
    .init(n: 2, groups: 2, channels: (10, 74), size: (41, 40), kernel: (1, 1)),
    .init(n: 1, channels: (131, 9), size: (37, 33), kernel: (1, 1), stride: (2, 2)),
    .init(n: 17, channels: (35, 33), size: (4, 5), kernel: (4, 4), stride: (2, 2), padding: Sides(1)),
    .init(n: 1, channels: (3, 16), size: (12, 12), kernel: (4, 4), stride: (2, 2), padding: Sides(1)),
    .init(n: 100, channels: (3, 5), size: (2, 2), kernel: (2, 2)),
    .init(n: 19, channels: (23, 40), size: (1, 1), kernel: (1, 1)),
    .init(n: 35, channels: (4, 7), size: (9, 12), kernel: (3, 3), stride: (2, 2), padding: Sides(1)),
    .init(
      n: 13, groups: 2, channels: (36, 40), size: (3, 4), kernel: (2, 3),
      padding: Sides(top: 1, left: 0, bottom: 0, right: 2)),
    .init(n: 9, channels: (18, 20), size: (5, 9), kernel: (3, 3), dilation: (2, 3)),
    .init(n: 1, channels: (2, 2), size: (3, 3), kernel: (3, 3)),
    .init(n: 1, channels: (2, 3), size: (2, 2), kernel: (3, 3), stride: (4, 5), padding: Sides(3)),
    .init(n: 9, channels: (2, 1), size: (3, 40), kernel: (2, 2), stride: (1, 2)),
    .init(n: 2, groups: 2, channels: (2, 10), size: (9, 19), kernel: (3, 3), padding: Sides(1)),
    .init(n: 2, groups: 3, channels: (3, 6), size: (9, 37), kernel: (3, 3), padding: Sides(1)),
    .init(n: 1, groups: 2, channels: (2, 2), size: (13, 21), kernel: (7, 7), padding: Sides(3)),
    .init(
      n: 1, groups: 2, channels: (2, 2), size: (6, 18), kernel: (5, 5),
      padding: Sides(top: 6, left: 5, bottom: 0, right: 2)),
    .init(n: 3, groups: 5, channels: (5, 5), size: (11, 70), kernel: (3, 3), stride: (2, 2), padding: Sides(1)),
    .init(n: 3, groups: 4, channels: (32, 36), size: (9, 35), kernel: (3, 3), padding: Sides(1)),
    .init(n: 3, groups: 2, channels: (4, 4), size: (1, 5), kernel: (1, 2)),
    .init(n: 2, groups: 3, channels: (15, 48), size: (11, 20), kernel: (3, 3), stride: (2, 2), padding: Sides(1)),
    .init(n: 2, groups: 2, channels: (2, 4), size: (9, 71), kernel: (5, 5), stride: (2, 2), padding: Sides(2)),
    .init(n: 1, groups: 3, channels: (3, 3), size: (14, 52), kernel: (7, 7), stride: (2, 2), padding: Sides(3)),
    .init(
      n: 1, groups: 2, channels: (2, 2), size: (8, 38), kernel: (3, 3), stride: (2, 2),
      padding: Sides(top: 3, left: 4, bottom: 0, right: 2)),
    .init(n: 1, groups: 2, channels: (2, 4), size: (12, 50), kernel: (4, 3), stride: (3, 3), padding: Sides(1)),
    // Kernels that cover the image, and kernels of which only a part ever meets it.
    .init(n: 19, channels: (23, 40), size: (3, 2), kernel: (3, 2), stride: (2, 3)),
    .init(n: 5, channels: (18, 20), size: (1, 1), kernel: (3, 3), padding: Sides(1)),
    .init(n: 7, channels: (18, 20), size: (2, 2), kernel: (3, 3), stride: (2, 2), padding: Sides(1)),
    .init(
      n: 6, groups: 2, channels: (36, 40), size: (2, 3), kernel: (3, 5), stride: (2, 1),
      padding: Sides(top: 1, left: 4, bottom: 0, right: 0)),
    .init(n: 3, channels: (5, 4), size: (2, 2), kernel: (3, 3), padding: Sides(4), dilation: (3, 4)),
    .init(n: 2, groups: 3, channels: (3, 3), size: (1, 9), kernel: (5, 5), padding: Sides(2)),
    .init(n: 1, channels: (0, 2), size: (4, 4), kernel: (3, 3), padding: Sides(1)),
    .init(n: 0, channels: (2, 2), size: (4, 4), kernel: (3, 3)),
    .init(n: 0, channels: (16, 16), size: (9, 9), kernel: (3, 3)),
  ]

  /// Convolutions that use Winograd's algorithm, for every kernel size: with and without partial tiles, with one
  /// strip and several.
  static let wide: [Convolution] = [
    .init(n: 1, channels: (16, 16), size: (8, 8), kernel: (3, 3), padding: Sides(1)),
    .init(n: 2, channels: (17, 20), size: (9, 18), kernel: (3, 3), padding: Sides(1)),
    .init(n: 3, channels: (16, 19), size: (6, 6), kernel: (3, 3)),
    .init(n: 1, channels: (18, 16), size: (7, 21), kernel: (5, 5), padding: Sides(2)),
    .init(n: 2, channels: (16, 16), size: (9, 8), kernel: (5, 5), padding: Sides(top: 0, left: 3, bottom: 2, right: 1)),
    .init(n: 1, channels: (16, 16), size: (5, 9), kernel: (3, 3), padding: Sides(top: 4, left: 7, bottom: 1, right: 5)),
    .init(n: 1, channels: (16, 16), size: (34, 34), kernel: (3, 3), padding: Sides(1)),
    .init(n: 2, channels: (16, 16), size: (13, 18), kernel: (5, 5), padding: Sides(2)),
    // Small tiles at the end of rows, of columns and of both.
    .init(n: 2, channels: (17, 33), size: (14, 12), kernel: (3, 3), padding: Sides(1)),
    .init(n: 3, channels: (16, 16), size: (12, 13), kernel: (3, 3), padding: Sides(1)),
    .init(n: 5, channels: (40, 70), size: (5, 6), kernel: (3, 3), padding: Sides(1)),
    // Parts that begin in the middle of an image.
    .init(n: 1, channels: (16, 16), size: (66, 7), kernel: (3, 3), padding: Sides(1)),
    .init(n: 1, channels: (17, 16), size: (33, 9), kernel: (5, 5), padding: Sides(2)),
    // Groups.
    .init(n: 2, groups: 3, channels: (48, 51), size: (9, 14), kernel: (3, 3), padding: Sides(1)),
    .init(n: 1, groups: 2, channels: (32, 36), size: (9, 11), kernel: (5, 5), padding: Sides(2)),
    // Large tiles: whole ones, remainders of 4 and of 2 outputs, parts that begin in the middle of an image, groups.
    .init(n: 1, channels: (32, 32), size: (12, 18), kernel: (3, 3), padding: Sides(1)),
    .init(n: 2, channels: (33, 47), size: (16, 14), kernel: (3, 3), padding: Sides(1)),
    .init(
      n: 1, channels: (32, 40), size: (10, 22), kernel: (3, 3), padding: Sides(top: 0, left: 2, bottom: 1, right: 3)),
    .init(n: 1, channels: (33, 32), size: (63, 8), kernel: (3, 3), padding: Sides(1)),
    .init(n: 2, groups: 2, channels: (64, 70), size: (11, 10), kernel: (3, 3), padding: Sides(1)),
    // Long sums over tiles and over channels.
    .init(n: 1, channels: (32, 32), size: (12, 150), kernel: (3, 3), padding: Sides(1)),
    .init(n: 1, channels: (100, 128), size: (6, 6), kernel: (3, 3), padding: Sides(1)),
    // Many weights: each group of output channels transforms its own.
    .init(n: 2, channels: (70, 130), size: (9, 6), kernel: (3, 3), padding: Sides(1)),
    .init(n: 2, channels: (70, 90), size: (10, 6), kernel: (3, 3), padding: Sides(1)),
    // 2×2: whole tiles, small ones, many weights.
    .init(n: 1, channels: (16, 16), size: (9, 5), kernel: (2, 2)),
    .init(
      n: 3, channels: (17, 35), size: (7, 14), kernel: (2, 2), padding: Sides(top: 1, left: 0, bottom: 0, right: 1)),
    .init(n: 2, channels: (130, 140), size: (6, 5), kernel: (2, 2), padding: Sides(1)),
    // 4×4 with stride 2, by phases: inputs that no output reads, much padding, groups, images a few at a time.
    .init(n: 2, channels: (5, 17), size: (18, 13), kernel: (4, 4), stride: (2, 2), padding: Sides(1)),
    .init(n: 3, channels: (33, 18), size: (11, 20), kernel: (4, 4), stride: (2, 2)),
    .init(
      n: 3, channels: (4, 16), size: (9, 8), kernel: (4, 4), stride: (2, 2),
      padding: Sides(top: 5, left: 2, bottom: 0, right: 3)),
    .init(n: 2, groups: 3, channels: (15, 48), size: (10, 11), kernel: (4, 4), stride: (2, 2), padding: Sides(1)),
    .init(n: 9, channels: (33, 16), size: (75, 41), kernel: (4, 4), stride: (2, 2), padding: Sides(1)),
  ]

  /// Many weights and many tiles, so that the tiles are split into two or four parts that begin in the
  /// middle of an image.
  static let large: [Convolution] = [
    .init(n: 1, channels: (128, 128), size: (98, 62), kernel: (3, 3), padding: Sides(1)),
    .init(n: 3, channels: (128, 100), size: (40, 38), kernel: (3, 3), padding: Sides(1)),
    .init(n: 1, channels: (72, 75), size: (194, 33), kernel: (3, 3), padding: Sides(1)),
  ]

  @Test func smallOnesMatchThePlainLoopInFloat() { for conv in Self.small { conv.check(Float.self) } }
  @Test func smallOnesMatchThePlainLoopInDouble() { for conv in Self.small { conv.check(Double.self) } }
  @Test func oddOnesMatchThePlainLoop() {
    for conv in Self.odd {
      conv.check(Float.self)
      conv.check(Double.self)
    }
  }

  @Test(arguments: wide) func wideOnesMatchThePlainLoop(_ conv: Convolution) {
    conv.check(Float.self, tolerance: 5e-6)
    conv.check(Float.self, exact: true)
  }

  /// Compared with the exact double-precision kernels, which other tests compare with the plain loop; that loop would
  /// take minutes here.
  @Test(arguments: large) func largeOnesMatchThoseInDouble(_ conv: Convolution) {
    let (dx, dw, dbias) = conv.gradients(Double.self, exact: true)
    conv.check(Float.self, tolerance: 5e-6, beside: (conv.output(Double.self, exact: true), dx, dw, dbias))
  }

  /// A gradient requested alone has the same bits as when all are requested. (The bias gradient may be summed in
  /// another order, but sums of these numbers are exact.)
  @Test(arguments: [small[40], odd[0], wide[1], wide[3], wide[27]]) func gradientsDoNotDependOnWhatElseIsAskedFor(
    _ conv: Convolution
  ) {
    let all = conv.gradients(Float.self, exact: false)
    let input = conv.gradients(Float.self, exact: false, weight: false, bias: false)
    let weight = conv.gradients(Float.self, exact: false, input: false, bias: false)
    let bias = conv.gradients(Float.self, exact: false, input: false, weight: false)
    #expect(all.dx == input.dx && all.dw == weight.dw && all.dbias == bias.dbias)
  }

  @Test func infinityStaysInItsWindowsIfExact() {
    for (from, to) in [(16, 16), (1, 1), (1, 20)] {
      var conv = Convolution(n: 1, channels: (from, to), size: (9, 9), kernel: (3, 3), padding: Sides(1))
      conv.x[4 * 9 + 4] = .infinity
      let y = conv.output(Float.self, exact: true)
      for i in 0..<9 {
        for j in 0..<9 { #expect(y[i * 9 + j].isFinite == (abs(i - 4) > 1 || abs(j - 4) > 1), "\(from) [\(i), \(j)]") }
      }
    }
  }
}

extension ThreadCountTests {
  /// The bits do not depend on the number of threads, whichever algorithm is used.
  @Test(arguments: [
    Convolution(n: 6, channels: (3, 9), size: (15, 30), kernel: (3, 3), stride: (1, 2), padding: Sides(1)),
    Convolution(n: 5, groups: 12, channels: (12, 12), size: (20, 20), kernel: (3, 3), padding: Sides(1)),
    Convolution(n: 5, groups: 6, channels: (48, 54), size: (20, 20), kernel: (3, 3), stride: (2, 1), padding: Sides(1)),
    Convolution(n: 3, channels: (33, 40), size: (30, 30), kernel: (3, 3), padding: Sides(1)),
    Convolution(n: 3, channels: (24, 17), size: (14, 14), kernel: (5, 5), padding: Sides(2)),
    Convolution(n: 50, channels: (40, 24), size: (3, 4), kernel: (2, 2)),
    Convolution(n: 50, channels: (40, 24), size: (1, 1), kernel: (3, 3), padding: Sides(1)),
    Convolution(n: 50, channels: (40, 24), size: (3, 4), kernel: (3, 4)),
    Convolution(n: 2, channels: (80, 120), size: (10, 9), kernel: (3, 3), padding: Sides(1)),
    Convolution(n: 2, channels: (20, 130), size: (10, 9), kernel: (3, 3), padding: Sides(1)),
    Convolution(n: 9, channels: (24, 17), size: (21, 30), kernel: (4, 4), stride: (2, 2), padding: Sides(1)),
    ConvolutionTests.large[0], ConvolutionTests.large[2],
  ])
  func convolutionsHaveTheSameBits(_ conv: Convolution) {
    defer { ag_set_thread_count(2) }
    let results = [1, 2, 4].map { threads in
      ag_set_thread_count(Int32(threads))
      let (dx, dw, dbias) = conv.gradients(Float.self, exact: false)
      return [conv.output(Float.self, exact: false), dx, dw, dbias].map { $0.map(\.bitPattern) }
    }
    #expect(results[0] == results[1], "\(conv)")
    #expect(results[0] == results[2], "\(conv)")
  }
}

/// Padding at each side of an image.
struct Sides: Sendable {
  var top, left, bottom, right: Int
  init(top: Int, left: Int, bottom: Int, right: Int) {
    (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
  }
  init(_ all: Int) { self.init(top: all, left: all, bottom: all, right: all) }
}

/// One convolution and its operands.
struct Convolution: Sendable, CustomStringConvertible {
  let sizes: ag_conv2d
  var x, w, bias, dy: [Double]

  init(
    n: Int, groups: Int = 1, channels: (Int, Int), size: (Int, Int), kernel: (Int, Int), stride: (Int, Int) = (1, 1),
    padding: Sides = Sides(0), dilation: (Int, Int) = (1, 1)
  ) {
    let height = size.0 + padding.top + padding.bottom - (kernel.0 - 1) * dilation.0
    let width = size.1 + padding.left + padding.right - (kernel.1 - 1) * dilation.1
    sizes = ag_conv2d(
      n: n, groups: groups, in_channels: channels.0, in_h: size.0, in_w: size.1, out_channels: channels.1,
      out_h: max(0, (height - 1) / stride.0 + 1), out_w: max(0, (width - 1) / stride.1 + 1), kernel_h: kernel.0,
      kernel_w: kernel.1, stride_h: stride.0, stride_w: stride.1, pad_top: padding.top, pad_left: padding.left,
      dilation_h: dilation.0, dilation_w: dilation.1)
    var random = Numbers(seed: 1)
    x = random.values(Double.self, n * channels.0 * size.0 * size.1)
    w = random.values(Double.self, channels.1 * (channels.0 / groups) * kernel.0 * kernel.1)
    bias = random.values(Double.self, channels.1)
    dy = random.values(Double.self, n * channels.1 * sizes.out_h * sizes.out_w)
  }

  var description: String {
    let s = sizes
    return """
      \(s.n)×\(s.in_channels)×\(s.in_h)×\(s.in_w) to \(s.out_channels)×\(s.out_h)×\(s.out_w), kernel \
      \(s.kernel_h)×\(s.kernel_w), groups \(s.groups), stride \(s.stride_h), \(s.stride_w), padding \(s.pad_top), \
      \(s.pad_left), dilation \(s.dilation_h), \(s.dilation_w)
      """
  }

  func output<Value: ConvolutionValue>(_: Value.Type, exact: Bool) -> [Value] {
    var sizes = sizes
    return guarded(dy.count) { y in
      unaligned(x) { x in unaligned(w) { w in unaligned(bias) { Value.forward(&sizes, x, w, $0, y, exact) } } }
    }
  }

  func gradients<Value: ConvolutionValue>(
    _: Value.Type, exact: Bool, input: Bool = true, weight: Bool = true, bias: Bool = true
  ) -> (dx: [Value], dw: [Value], dbias: [Value]) {
    var sizes = sizes
    var dw: [Value] = [], dbias: [Value] = []
    let dx: [Value] = guarded(x.count) { dx in
      dw = guarded(w.count) { dw in
        dbias = guarded(self.bias.count) { dbias in
          unaligned(x) { x in
            unaligned(w) { w in
              unaligned(dy) { dy in
                Value.backward(
                  &sizes, weight ? x : nil, input ? w : nil, dy, input ? dx : nil, weight ? dw : nil,
                  bias ? dbias : nil, exact)
              }
            }
          }
        }
      }
    }
    return (dx, dw, dbias)
  }

  typealias Results = (y: [Double], dx: [Double], dw: [Double], dbias: [Double])

  /// Compares all results with `expected`, or with the plain loop's if it is nil. `tolerance` bounds the root mean
  /// square of the error relative to that of the result; the bias gradient is always a plain sum.
  func check<Value: ConvolutionValue>(
    _: Value.Type, exact: Bool = false, tolerance: Double? = nil, beside expected: Results? = nil
  ) {
    let plain = 30 * Double(Value.ulpOfOne), tolerance = tolerance ?? plain
    let (y, dx, dw, dbias) = expected ?? plainLoop()
    let gradients = gradients(Value.self, exact: exact)
    for (name, actual, expected, tolerance) in [
      ("y", output(Value.self, exact: exact), y, tolerance), ("dx", gradients.dx, dx, tolerance),
      ("dw", gradients.dw, dw, tolerance), ("dbias", gradients.dbias, dbias, plain),
    ] {
      let error = zip(actual, expected).reduce(0) { $0 + pow(Double($1.0) - $1.1, 2) }
      let magnitude = expected.reduce(0) { $0 + $1 * $1 }
      #expect(
        error.squareRoot() <= tolerance * magnitude.squareRoot(), "\(Value.self), exact \(exact): \(name) of \(self)")
    }
  }

  /// y = bias + Σ x·w, and the gradients in the same loop.
  private func plainLoop() -> Results {
    let s = sizes, groupIn = s.in_channels / s.groups, groupOut = s.out_channels / s.groups
    var (y, dx, dw) = (dy, x.map { _ in 0.0 }, w.map { _ in 0.0 }), dbias = bias.map { _ in 0.0 }
    for (at, gradient) in dy.enumerated() {
      let column = at % s.out_w, row = at / s.out_w % s.out_h, plane = at / s.out_w / s.out_h
      let image = plane / s.out_channels, out = plane % s.out_channels
      var sum = bias[out]
      dbias[out] += gradient
      for h in 0..<s.kernel_h {
        let r = row * s.stride_h + h * s.dilation_h - s.pad_top
        guard (0..<s.in_h).contains(r) else { continue }
        for v in 0..<s.kernel_w {
          let c = column * s.stride_w + v * s.dilation_w - s.pad_left
          guard (0..<s.in_w).contains(c) else { continue }
          for channel in 0..<groupIn {
            let inPlane = image * s.in_channels + out / groupOut * groupIn + channel
            let from = (inPlane * s.in_h + r) * s.in_w + c
            let tap = ((out * groupIn + channel) * s.kernel_h + h) * s.kernel_w + v
            sum += x[from] * w[tap]
            dx[from] += gradient * w[tap]
            dw[tap] += gradient * x[from]
          }
        }
      }
      y[at] = sum
    }
    return (y, dx, dw, dbias)
  }
}

/// Calls `body` with a copy of the values that begins at an odd element, so that vectors are not aligned.
func unaligned<Value: BinaryFloatingPoint>(_ values: [Double], _ body: (UnsafePointer<Value>) -> Void) {
  ([0] + values.map { Value($0) }).withUnsafeBufferPointer { body($0.baseAddress! + 1) }
}

/// The `count` values that `body` writes from an odd element on; checks that it writes nothing around them.
func guarded<Value: BinaryFloatingPoint>(_ count: Int, _ body: (UnsafeMutablePointer<Value>) -> Void) -> [Value] {
  var memory = [Value](repeating: -99, count: count + 2)
  memory.withUnsafeMutableBufferPointer { body($0.baseAddress! + 1) }
  #expect(memory.first == -99 && memory.last == -99, "written outside")
  return Array(memory[1..<count + 1])
}

/// A type that the convolution kernels support.
protocol ConvolutionValue: BinaryFloatingPoint {
  typealias Forward = (
    UnsafePointer<ag_conv2d>?, UnsafePointer<Self>?, UnsafePointer<Self>?, UnsafePointer<Self>?,
    UnsafeMutablePointer<Self>?, Bool
  ) -> Void
  typealias Backward = (
    UnsafePointer<ag_conv2d>?, UnsafePointer<Self>?, UnsafePointer<Self>?, UnsafePointer<Self>?,
    UnsafeMutablePointer<Self>?, UnsafeMutablePointer<Self>?, UnsafeMutablePointer<Self>?, Bool
  ) -> Void
  static var forward: Forward { get }
  static var backward: Backward { get }
}

extension Float: ConvolutionValue {
  static var forward: Forward { ag_conv2d_forward_f32 }
  static var backward: Backward { ag_conv2d_backward_f32 }
}

extension Double: ConvolutionValue {
  static var forward: Forward { ag_conv2d_forward_f64 }
  static var backward: Backward { ag_conv2d_backward_f64 }
}
