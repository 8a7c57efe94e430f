import Foundation
import Kernels
import Testing

/// The fused optimizer steps against PyTorch's formulas, written out one element at a time.
@Suite struct OptimTests {
  struct Options: Sendable {
    var momentum = 0.0, dampening = 0.0, decay = 0.0
    var nesterov = false, maximize = false, amsgrad = false, decoupled = false
  }

  /// Parameter and state of one element.
  struct Element {
    var p: Double
    var m = 0.0, v = 0.0, vMax = 0.0

    mutating func sgd(_ gradient: Double, _ o: Options, lr: Double, first: Bool) {
      var g = (o.maximize ? -gradient : gradient) + o.decay * p
      if o.momentum != 0 {
        m = first ? g : o.momentum * m + (1 - o.dampening) * g
        g = o.nesterov ? g + o.momentum * m : m
      }
      p -= lr * g
    }

    mutating func adam(_ gradient: Double, _ o: Options, lr: Double, step: Int) {
      let (beta1, beta2, epsilon) = (0.9, 0.99, 1e-8)
      if o.decoupled { p *= 1 - lr * o.decay }
      let g = (o.maximize ? -gradient : gradient) + (o.decoupled ? 0 : o.decay * p)
      m += (1 - beta1) * (g - m)
      v = beta2 * v + (1 - beta2) * g * g
      vMax = max(vMax, v)
      let root = ((o.amsgrad ? vMax : v) / (1 - pow(beta2, Double(step)))).squareRoot()
      p -= lr / (1 - pow(beta1, Double(step))) * m / (root + epsilon)
    }
  }

  static func gradient(_ i: Int, _ step: Int) -> Double { Double(Float(sin(Double(i * 31 + step * 17)))) }

  @Test(arguments: [
    Options(), Options(momentum: 0.9), Options(momentum: 0.9, dampening: 0.3, decay: 0.01),
    Options(momentum: 0.8, decay: 0.01, nesterov: true), Options(momentum: 0.9, maximize: true),
    Options(decay: 0.1, maximize: true),
  ]) func sgdFollowsPyTorch(_ o: Options) {
    for n in [0, 1, 7, 64, 131] {
      var expected = (0..<n).map { Element(p: Double($0) / 16 - 2) }
      var p = expected.map(\.p), buffer = p.map { _ in Double.nan }
      var p32 = p.map(Float.init), buffer32 = p.map { _ in Float.nan }
      for step in 1...5 {
        let g = (0..<n).map { Self.gradient($0, step) }
        for i in 0..<n { expected[i].sgd(g[i], o, lr: 0.05, first: step == 1) }
        ag_sgd_step(
          AG_F64, n, &p, g, &buffer, 0.05, o.momentum, o.dampening, o.decay, o.nesterov, step == 1, o.maximize)
        ag_sgd_step(
          AG_F32, n, &p32, g.map(Float.init), &buffer32, 0.05, o.momentum, o.dampening, o.decay, o.nesterov, step == 1,
          o.maximize)
      }
      for i in 0..<n {
        #expect(isClose(p[i], expected[i].p, 1e-13, 1e-14))
        #expect(isClose(Double(p32[i]), expected[i].p, 1e-5, 1e-6))
      }
    }
  }

  @Test func sgdWithoutMomentumNeedsNoBuffer() {
    var p: [Float] = [1, 2, 3]
    ag_sgd_step(AG_F32, 3, &p, [Float](arrayLiteral: 1, 1, 2), nil, 0.5, 0, 0, 0, false, true, false)
    #expect(p == [0.5, 1.5, 2])
  }

  @Test(arguments: [
    Options(), Options(decay: 0.1), Options(amsgrad: true), Options(decay: 0.1, decoupled: true),
    Options(decay: 0.1, maximize: true, amsgrad: true, decoupled: true),
  ]) func adamFollowsPyTorch(_ o: Options) {
    for n in [0, 1, 7, 64, 131] {
      var expected = (0..<n).map { Element(p: Double($0) / 16 - 2) }
      var p = expected.map(\.p), m = p.map { _ in 0.0 }, v = m, vMax = m
      var p32 = p.map(Float.init), m32 = p.map { _ in Float(0) }, v32 = m32, vMax32 = m32
      for step in 1...8 {
        // Gradients shrink, so that AMSGrad's maximum differs from the mean.
        let g = (0..<n).map { Self.gradient($0, step) / Double(step * step) }
        for i in 0..<n { expected[i].adam(g[i], o, lr: 0.01, step: step) }
        let g32 = g.map(Float.init)
        if o.amsgrad {
          ag_adam_step(
            AG_F64, n, &p, g, &m, &v, &vMax, 0.01, 0.9, 0.99, 1e-8, o.decay, o.decoupled, o.maximize, UInt64(step))
          ag_adam_step(
            AG_F32, n, &p32, g32, &m32, &v32, &vMax32, 0.01, 0.9, 0.99, 1e-8, o.decay, o.decoupled, o.maximize,
            UInt64(step))
        } else {
          ag_adam_step(
            AG_F64, n, &p, g, &m, &v, nil, 0.01, 0.9, 0.99, 1e-8, o.decay, o.decoupled, o.maximize, UInt64(step))
          ag_adam_step(
            AG_F32, n, &p32, g32, &m32, &v32, nil, 0.01, 0.9, 0.99, 1e-8, o.decay, o.decoupled, o.maximize,
            UInt64(step))
        }
      }
      for i in 0..<n {
        #expect(isClose(p[i], expected[i].p, 1e-12, 1e-13))
        #expect(isClose(Double(p32[i]), expected[i].p, 1e-4, 1e-5))
      }
    }
  }

  @Test func bitsDoNotDependOnThreads() {
    let before = ag_thread_count(), n = 100_003
    defer { ag_set_thread_count(before) }
    let g = (0..<n).map { Float($0 % 101) / 50 - 1 }
    let results = [1, 2, 4].map { threads in
      ag_set_thread_count(Int32(threads))
      var p = g, m = g, v = g.map { $0 * $0 }
      ag_adam_step(AG_F32, n, &p, g, &m, &v, nil, 0.01, 0.9, 0.99, 1e-8, 0.1, true, false, 3)
      ag_sgd_step(AG_F32, n, &p, g, &m, 0.01, 0.9, 0, 0.1, true, false, false)
      return (p + m + v).map(\.bitPattern)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }
}
