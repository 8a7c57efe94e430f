import Kernels

/// An activation with its parameters, whose value or derivative a kernel computes in one pass.
package struct Curve: Sendable {
  fileprivate let kind: ag_curve_kind
  fileprivate let parameters: (Double, Double, Double)

  private init(_ kind: ag_curve_kind, _ a: Double = 0, _ b: Double = 0, _ c: Double = 0) {
    self.kind = kind
    parameters = (a, b, c)
  }

  /// x clamped to a range; the gradient passes at its bounds, too.
  package static func clamp(_ low: Double, _ high: Double) -> Self { Self(AG_CURVE_CLAMP, low, high) }
  /// x clamped to a range; the gradient passes strictly inside.
  package static func hardTanh(_ low: Double, _ high: Double) -> Self { Self(AG_CURVE_HARD_TANH, low, high) }
  /// x for x > 0, else slope · x
  package static func leakyRelu(_ slope: Double) -> Self { Self(AG_CURVE_LEAKY_RELU, slope) }
  /// scale · (x for x > 0, else alpha · (exp(rate · x) − 1))
  package static func exponential(scale: Double, alpha: Double, rate: Double) -> Self {
    Self(AG_CURVE_EXPONENTIAL, scale, scale * alpha, rate)
  }
  /// log(1 + exp(beta · x)) / beta; x where beta · x > threshold
  package static func softplus(beta: Double, threshold: Double) -> Self { Self(AG_CURVE_SOFTPLUS, beta, threshold) }
  /// scale · (x for x > 0, else alpha · (exp x − 1)) with the constants of `selu`
  package static var selu: Self { .exponential(scale: seluScale, alpha: seluAlpha, rate: 1) }
  package static var seluScale: Double { 1.0507009873554805 }
  package static var seluAlpha: Double { 1.6732632423543772 }
  /// x/6 + ½ clamped to 0...1
  package static var hardSigmoid: Self { Self(AG_CURVE_HARD_SIGMOID, hardSigmoidSlope) }
  /// The factor of the derivative, 1/6: a float32 even for doubles, to agree with PyTorch.
  package static var hardSigmoidSlope: Double { Double(Float(1) / 6) }
  /// x · hardSigmoid(x)
  package static var hardSwish: Self { Self(AG_CURVE_HARD_SWISH) }

  // Only the derivatives of these are computed here.
  package static var logSigmoid: Self { Self(AG_CURVE_LOG_SIGMOID) }
  package static var silu: Self { Self(AG_CURVE_SILU) }
  package static var gelu: Self { Self(AG_CURVE_GELU) }
  package static var geluTanh: Self { Self(AG_CURVE_GELU_TANH) }
  package static var mish: Self { Self(AG_CURVE_MISH) }
  package static var sinc: Self { Self(AG_CURVE_SINC) }
}

extension Tensor {
  /// The curve's value for each element. Stops in the name of `op` unless the elements are floats.
  func curve(_ op: StaticString, _ curve: Curve) -> Tensor {
    requireFloat(named: "\(op)")
    let result = Tensor(uninitialized: shape, dtype: dtype)
    contiguous().withPointer { x in
      withUnsafeBytes(of: curve.parameters) {
        ag_curve(
          curve.kind, dtype.kernel, elementCount, $0.assumingMemoryBound(to: Double.self).baseAddress, x, result.raw)
      }
    }
    return result
  }

  /// dy · f'(x) for this x of the same shape.
  package func curveBackward(_ curve: Curve, _ dy: Tensor) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    let (x, dy) = (contiguous(), dy.contiguous())
    withExtendedLifetime((x, dy)) {
      withUnsafeBytes(of: curve.parameters) {
        ag_curve_backward(
          curve.kind, dtype.kernel, elementCount, $0.assumingMemoryBound(to: Double.self).baseAddress, x.raw, dy.raw,
          result.raw)
      }
    }
    return result
  }
}
