import Foundation
import Kernels
import Testing

/// Parametric activations and one-pass derivatives, against their formulas in double precision.
///
/// The instruction set is the process's; CI runs these tests once for each value of AUTOGRAD_ISA.
@Suite struct CurveTests {
  struct Curve: CustomTestStringConvertible, Sendable {
    let name: String
    let kind: ag_curve_kind
    var parameters: [Double] = [0, 0, 0]
    var value: (@Sendable (Double) -> Double)?
    let slope: @Sendable (Double) -> Double
    /// The derivative's tolerance in ulps of a float; near a zero of the derivative, in ulps of 1.
    var tolerance = 2.5
    /// Where the value is a difference, the magnitude whose ulp its error is measured in.
    var floor: Float = 0
    var testDescription: String { name }
  }

  static let curves: [Curve] = [
    Curve(
      name: "clamp", kind: AG_CURVE_CLAMP, parameters: [-1, 2, 0], value: { $0.isNaN ? $0 : min(max($0, -1), 2) },
      slope: { $0 >= -1 && $0 <= 2 ? 1 : 0 }, tolerance: 0),
    Curve(
      name: "hard tanh", kind: AG_CURVE_HARD_TANH, parameters: [-1, 2, 0],
      value: { $0.isNaN ? $0 : min(max($0, -1), 2) },
      slope: { $0 > -1 && $0 < 2 ? 1 : 0 }, tolerance: 0),
    Curve(
      name: "leaky relu", kind: AG_CURVE_LEAKY_RELU, parameters: [0.125, 0, 0], value: { $0 > 0 ? $0 : $0 / 8 },
      slope: { $0 > 0 ? 1 : 0.125 }, tolerance: 0.5),
    Curve(
      name: "exponential", kind: AG_CURVE_EXPONENTIAL, parameters: [1.5, 0.75, 0.5],
      value: { $0 > 0 ? 1.5 * $0 : 0.75 * expm1(0.5 * $0) }, slope: { $0 > 0 ? 1.5 : 0.375 * exp(0.5 * $0) }),
    Curve(
      name: "softplus", kind: AG_CURVE_SOFTPLUS, parameters: [2, 6, 0],
      value: { 2 * $0 > 6 ? $0 : (max(2 * $0, 0) + log1p(exp(-abs(2 * $0)))) / 2 },
      slope: { 2 * $0 > 6 ? 1 : ElementwiseTests.sigmoid(2 * $0) }),
    Curve(
      name: "hard sigmoid", kind: AG_CURVE_HARD_SIGMOID, parameters: [0.125, 0, 0],
      value: { $0.isNaN ? $0 : min(max($0 / 6 + 0.5, 0), 1) }, slope: { $0 <= -3 || $0 >= 3 ? 0 : 0.125 }, floor: 0.5),
    Curve(
      name: "hard swish", kind: AG_CURVE_HARD_SWISH,
      value: { $0.isNaN ? $0 : $0 * min(max($0 / 6 + 0.5, 0), 1) },
      slope: { $0 >= 3 ? 1 : $0 <= -3 ? 0 : $0 / 3 + 0.5 }, tolerance: 1, floor: 1),
    Curve(name: "log-sigmoid", kind: AG_CURVE_LOG_SIGMOID, slope: { ElementwiseTests.sigmoid(-$0) }),
    Curve(
      name: "silu", kind: AG_CURVE_SILU,
      slope: { x in
        let x = max(x, -800), s = ElementwiseTests.sigmoid(x)
        return s * (1 + x * ElementwiseTests.sigmoid(-x))
      }, tolerance: 4),
    Curve(
      name: "gelu", kind: AG_CURVE_GELU,
      slope: { x in
        let bounded = min(max(x, -50), 50)
        return 0.5 * erfc(-x * 0.5.squareRoot()) + bounded * exp(-0.5 * bounded * bounded)
          / (2 * Double.pi).squareRoot()
      }),
    Curve(
      name: "gelu-tanh", kind: AG_CURVE_GELU_TANH,
      slope: { x in
        let x = min(max(x, -100), 100), root = (8 / Double.pi).squareRoot()
        let u = root * (x + 0.044715 * x * x * x), s = ElementwiseTests.sigmoid(u)
        return s * (1 + x * root * (1 + 3 * 0.044715 * x * x) * ElementwiseTests.sigmoid(-u))
      }, tolerance: 8),
    Curve(
      name: "mish", kind: AG_CURVE_MISH,
      slope: { x in
        let x = min(max(x, -800), 40), e = exp(x), n = e * (e + 2)
        return (n + 4 * x * e * (e + 1) / (n + 2)) / (n + 2)
      }, tolerance: 4),
  ]

  @Test(arguments: curves) func floatsWithinUnitsOfTheLastPlace(_ c: Curve) {
    let x = ElementwiseTests.floats
    if let value = c.value {
      var y = [Float](repeating: 7, count: x.count + 1)
      ag_curve(c.kind, AG_F32, x.count, c.parameters, x, &y)
      #expect(y.last == 7, "wrote beyond the end")
      for (x, y) in zip(x, y) where !isNear(y, value(Double(x)), max(c.tolerance, 2.5), floor: c.floor) {
        Issue.record("\(c.name)(\(x)) = \(y), expected \(value(Double(x)))")
      }
    }
    let dy = [Float](repeating: 1, count: x.count)
    var dx = [Float](repeating: 7, count: x.count + 1)
    ag_curve_backward(c.kind, AG_F32, x.count, c.parameters, x, dy, &dx)
    #expect(dx.last == 7, "wrote beyond the end")
    for (x, dx) in zip(x, dx) where !x.isNaN && !isNear(dx, c.slope(Double(x)), c.tolerance, floor: 0.25) {
      Issue.record("\(c.name)'(\(x)) = \(dx), expected \(c.slope(Double(x)))")
    }
  }

  /// Whether y is within `units` ulps; below `floor`, within ulps of `floor`.
  private func isNear(_ y: Float, _ expected: Double, _ units: Double, floor: Float = 0) -> Bool {
    let rounded = Float(expected)
    guard rounded.isFinite else { return isClose(Double(y), Double(rounded), 0, 0) }
    let unit = Double(max(rounded.ulp, floor.ulp, .leastNonzeroMagnitude))
    return abs(Double(y) - expected) <= (units + 1e-6) * unit
  }

  @Test(arguments: curves) func doublesAreAccurate(_ c: Curve) {
    let x = stride(from: -40, through: 40, by: 0.0137).map { $0 } + [.infinity, -.infinity]
    if let value = c.value {
      var y = x
      ag_curve(c.kind, AG_F64, x.count, c.parameters, x, &y)
      for (x, y) in zip(x, y) { #expect(isClose(y, value(x), 1e-14, 1e-300), "\(c.name)(\(x)) = \(y)") }
    }
    // In place: dx takes the memory of dy.
    var dx = x.map { _ in 2.0 }
    dx.withUnsafeMutableBufferPointer { p in
      ag_curve_backward(c.kind, AG_F64, x.count, c.parameters, x, p.baseAddress, p.baseAddress)
    }
    for (x, dx) in zip(x, dx) { #expect(isClose(dx, 2 * c.slope(x), 1e-13, 1e-15), "\(c.name)'(\(x)) = \(dx)") }
  }
}
