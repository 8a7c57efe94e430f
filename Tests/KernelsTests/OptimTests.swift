import Foundation
import Kernels
import Testing

/// The fused optimizer steps against PyTorch's formulas, one element at a time. That each kernel agrees with its rule's
/// `update` is tested in OptimTests.
@Suite struct OptimTests {
  struct Options: Sendable {
    var momentum = 0.0, dampening = 0.0, decay = 0.0, shrink = 1.0
    var nesterov = false, maximize = false, amsgrad = false

    var sign: Double { maximize ? -1 : 1 }

    func sgdRates(lr: Double, step: Int) -> ag_sgd_rates {
      ag_sgd_rates(
        lr: lr, keep: step == 1 ? 0 : momentum, fresh: step == 1 ? 1 : 1 - dampening, momentum: momentum,
        nesterov: nesterov)
    }
  }

  /// One parameter and its state.
  struct Element {
    var p: Double
    var m = 0.0, v = 0.0, vMax = 0.0

    mutating func sgd(_ gradient: Double, _ o: Options, lr: Double, step: Int) {
      var g = o.sign * gradient + o.decay * p
      if o.momentum != 0 {
        m = step == 1 ? g : o.momentum * m + (1 - o.dampening) * g
        g = o.nesterov ? g + o.momentum * m : m
      }
      p = o.shrink * p - lr * g
    }

    mutating func adam(_ gradient: Double, _ o: Options, lr: Double, step: Int) {
      let (beta1, beta2, epsilon) = (0.9, 0.99, 1e-8)
      let g = o.sign * gradient + o.decay * p
      m += (1 - beta1) * (g - m)
      v = beta2 * v + (1 - beta2) * g * g
      vMax = max(vMax, v)
      let root = ((o.amsgrad ? vMax : v) / (1 - pow(beta2, Double(step)))).squareRoot()
      p = o.shrink * p - lr / (1 - pow(beta1, Double(step))) * m / (root + epsilon)
    }
  }

  static func gradient(_ i: Int, _ step: Int) -> Double { Double(Float(sin(Double(i * 31 + step * 17)))) }

  /// Parameters and their state in raw memory, which a step updates.
  final class Elements<Scalar: BinaryFloatingPoint> {
    let type: ag_dtype
    let count: Int
    private let rows: UnsafeMutablePointer<Scalar>  // p, g, state 0...2

    init(_ p: [Double], _ type: ag_dtype) {
      (self.type, count) = (type, p.count)
      rows = .allocate(capacity: 5 * p.count)
      rows.initialize(repeating: 0, count: 5 * p.count)
      for (i, x) in p.enumerated() { rows[i] = Scalar(x) }
    }

    deinit { rows.deallocate() }

    subscript(i: Int) -> Double { Double(rows[i]) }
    var all: [Scalar] { Array(UnsafeBufferPointer(start: rows, count: 5 * count)) }

    func step(_ g: [Double], _ o: Options, states: Int, _ run: (UnsafePointer<ag_optim_step>) -> Void) {
      for (i, x) in g.enumerated() { rows[count + i] = Scalar(x) }
      func state(_ index: Int) -> UnsafeMutableRawPointer? {
        index < states ? UnsafeMutableRawPointer(rows + (2 + index) * count) : nil
      }
      var step = ag_optim_step(
        type: type, n: count, p: rows, g: rows + count, state: (state(0), state(1), state(2)), sign: o.sign,
        decay: o.decay, shrink: o.shrink)
      run(&step)
    }
  }

  @Test(arguments: [
    Options(), Options(decay: 0.1), Options(momentum: 0.9), Options(momentum: 0.8, dampening: 0.3, decay: 0.2),
    Options(momentum: 0.9, decay: 0.01, nesterov: true), Options(momentum: 0.5, shrink: 0.9, maximize: true),
  ]) func sgdFollowsPyTorch(_ o: Options) {
    for n in [0, 1, 7, 64, 131] {
      var expected = (0..<n).map { Element(p: Double($0) / 16 - 2) }
      let doubles = Elements<Double>(expected.map(\.p), AG_F64)
      let floats = Elements<Float>(expected.map(\.p), AG_F32)
      for step in 1...5 {
        let g = (0..<n).map { Self.gradient($0, step) }
        for i in 0..<n { expected[i].sgd(g[i], o, lr: 0.05, step: step) }
        let rates = o.sgdRates(lr: 0.05, step: step)
        doubles.step(g, o, states: o.momentum == 0 ? 0 : 1) { ag_sgd_step($0, rates) }
        floats.step(g, o, states: o.momentum == 0 ? 0 : 1) { ag_sgd_step($0, rates) }
      }
      for i in 0..<n {
        #expect(isClose(doubles[i], expected[i].p, 1e-13, 1e-14))
        #expect(isClose(floats[i], expected[i].p, 1e-5, 1e-6))
      }
    }
  }

  @Test(arguments: [
    Options(), Options(decay: 0.1), Options(amsgrad: true), Options(shrink: 0.999),
    Options(shrink: 0.999, maximize: true, amsgrad: true),
  ]) func adamFollowsPyTorch(_ o: Options) {
    for n in [0, 1, 7, 64, 131] {
      var expected = (0..<n).map { Element(p: Double($0) / 16 - 2) }
      let doubles = Elements<Double>(expected.map(\.p), AG_F64)
      let floats = Elements<Float>(expected.map(\.p), AG_F32)
      for step in 1...8 {
        // Gradients shrink, so that AMSGrad's maximum differs from the mean.
        let g = (0..<n).map { Self.gradient($0, step) / Double(step * step) }
        for i in 0..<n { expected[i].adam(g[i], o, lr: 0.01, step: step) }
        let rates = Self.adamRates(step)
        doubles.step(g, o, states: o.amsgrad ? 3 : 2) { ag_adam_step($0, rates) }
        floats.step(g, o, states: o.amsgrad ? 3 : 2) { ag_adam_step($0, rates) }
      }
      for i in 0..<n {
        #expect(isClose(doubles[i], expected[i].p, 1e-12, 1e-13))
        #expect(isClose(floats[i], expected[i].p, 1e-4, 1e-5))
      }
    }
  }

  static func adamRates(_ step: Int) -> ag_adam_rates {
    ag_adam_rates(
      fresh1: 1 - 0.9, beta2: 0.99, fresh2: 1 - 0.99, root_scale: 1 / (1 - pow(0.99, Double(step))).squareRoot(),
      step_size: 0.01 / (1 - pow(0.9, Double(step))), epsilon: 1e-8)
  }

  @Test func bitsDoNotDependOnThreads() {
    let before = ag_thread_count(), n = 100_003
    defer { ag_set_thread_count(before) }
    let g = (0..<n).map { Double($0 % 101) / 50 - 1 }
    let results = [1, 2, 4].map { threads in
      ag_set_thread_count(Int32(threads))
      let elements = Elements<Float>(g, AG_F32)
      for step in 1...2 { elements.step(g, Options(decay: 0.1), states: 2) { ag_adam_step($0, Self.adamRates(step)) } }
      let size = elements.all.withUnsafeBytes { ag_magnitude(AG_SUM_SQUARES, AG_F32, 5 * n, $0.baseAddress) }
      return elements.all.map(\.bitPattern) + [Float(size).bitPattern]
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test func magnitudes() {
    for n in [0, 1, 7, 16, 40, 50_000] {
      let x = (0..<n).map { Float(Self.gradient($0, 1)) * ($0 % 7 == 0 ? 1e30 : 1) }
      let sizes = x.map { abs(Double($0)) }
      let found = [AG_SUM, AG_SUM_SQUARES, AG_LARGEST].map { ag_magnitude($0, AG_F32, n, x) }
      #expect(isClose(found[0], sizes.reduce(0, +), 1e-12, 0))
      #expect(isClose(found[1], sizes.map { $0 * $0 }.reduce(0, +), 1e-12, 0))
      #expect(found[2] == sizes.max() ?? 0)
    }
  }

  /// A NaN anywhere makes the result NaN, even beside an infinity or before larger numbers.
  @Test func magnitudesKeepNaN() {
    for place in [0, 5, 16, 39, 20_000] {
      var x = (0..<40_000).map { Double($0) }
      x[30_000] = .infinity
      x[place] = .nan
      for kind in [AG_SUM, AG_SUM_SQUARES, AG_LARGEST] {
        #expect(ag_magnitude(kind, AG_F64, x.count, x).isNaN, "at \(place)")
      }
    }
  }
}
