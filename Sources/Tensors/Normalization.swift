import Kernels

/// Normalization of the rows of a dense [rows, count]: (x − mean) / √(variance + ε), or without subtracting the mean.
package struct RowNorm: Sendable {
  package let rows, count: Int
  package let epsilon: Double
  package let isCentred: Bool

  /// Rows of `count` elements of a tensor that has `elementCount`.
  package init(elementCount: Int, count: Int, epsilon: Double, isCentred: Bool) {
    rows = count == 0 ? 0 : elementCount / count
    self.count = count
    self.epsilon = epsilon
    self.isCentred = isCentred
  }

  /// The normalized rows, in x's shape, times `weight` plus `bias` (of `count` elements each); and
  /// [rows, 2] of means and variances.
  package func forward(_ x: Tensor, weight: Tensor?, bias: Tensor?) -> (y: Tensor, statistics: Tensor) {
    let y = Tensor(uninitialized: x.shape, dtype: x.dtype)
    let statistics = Tensor(uninitialized: [rows, 2], dtype: x.dtype)
    let (x, weight, bias) = (x.contiguous(), weight?.contiguous(), bias?.contiguous())
    withExtendedLifetime((x, weight, bias)) {
      ag_row_norm(
        x.dtype.kernel, rows, count, epsilon, isCentred, x.raw, weight?.raw, bias?.raw, y.raw, statistics.raw)
    }
    return (y, statistics)
  }

  /// The gradients of x and, if wanted, of weight and bias.
  package func backward(
    _ x: Tensor, weight: Tensor?, _ statistics: Tensor, _ dy: Tensor, wantsSums: Bool
  ) -> (dx: Tensor, dWeight: Tensor?, dBias: Tensor?) {
    let dx = Tensor(uninitialized: x.shape, dtype: x.dtype)
    let sums = wantsSums ? (0..<2).map { _ in Tensor(uninitialized: [count], dtype: x.dtype) } : []
    let (x, weight, dy) = (x.contiguous(), weight?.contiguous(), dy.contiguous())
    withExtendedLifetime((x, weight, dy)) {
      ag_row_norm_backward(
        x.dtype.kernel, rows, count, epsilon, isCentred, x.raw, weight?.raw, statistics.raw, dy.raw, dx.raw,
        sums.first?.raw, sums.last?.raw)
    }
    return (dx, sums.first, sums.last)
  }
}

extension Tensor {
  /// Each channel of [N, C, ...] times a scale plus a shift, both [C].
  package func channelAffine(scale: Tensor?, shift: Tensor?) -> Tensor {
    let (outer, channels, inner) = shape.block(around: 1..<2)
    let result = Tensor(uninitialized: shape, dtype: dtype)
    let (x, scale, shift) = (contiguous(), scale?.contiguous(), shift?.contiguous())
    withExtendedLifetime((x, scale, shift)) {
      ag_channel_affine(dtype.kernel, outer, channels, inner, x.raw, scale?.raw, shift?.raw, result.raw)
    }
    return result
  }

  /// The gradients of this x, of the scales and of the shifts.
  package func channelAffineBackward(scale: Tensor?, _ dy: Tensor) -> (dx: Tensor, dScale: Tensor, dShift: Tensor) {
    let (outer, channels, inner) = shape.block(around: 1..<2)
    let dx = Tensor(uninitialized: shape, dtype: dtype)
    let sums = (0..<2).map { _ in Tensor(uninitialized: [channels], dtype: dtype) }
    let (x, scale, dy) = (contiguous(), scale?.contiguous(), dy.contiguous())
    withExtendedLifetime((x, scale, dy)) {
      ag_channel_affine_backward(
        dtype.kernel, outer, channels, inner, x.raw, scale?.raw, dy.raw, dx.raw, sums[0].raw, sums[1].raw)
    }
    return (dx, sums[0], sums[1])
  }
}
