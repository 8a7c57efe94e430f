import Kernels

/// Normalization of rows of a dense [rows, count]: (x − mean) / √(variance + ε), or without the mean.
package struct RowNorm: Sendable {
  package let rows, count: Int
  package let epsilon: Double
  package let isCentred: Bool

  /// Rows of `count` elements of a tensor of so many elements.
  package init(elementCount: Int, count: Int, epsilon: Double, isCentred: Bool) {
    rows = count == 0 ? 0 : elementCount / count
    self.count = count
    self.epsilon = epsilon
    self.isCentred = isCentred
  }

  /// The normalized rows, in x's shape, times `weight` plus `bias` (of `count` elements each); and [rows, 2] of means and
  /// variances.
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

  /// The gradients of x, weight and bias, the last two if asked for.
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
  /// The first element; good for as long as the caller keeps the tensor alive.
  fileprivate var raw: UnsafeMutableRawPointer { body.start }
}
