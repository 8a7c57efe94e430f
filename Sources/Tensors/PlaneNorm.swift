import Kernels

/// Normalization of sets of planes of [N, C, ...]: of a group of channels in each sample,
/// or of a channel in all samples.
package struct PlaneNorm: Sendable {
  private let planes: (samples: Int, channels: Int, inner: Int, groups: Int)
  private let sets: Int
  private let epsilon: Double

  /// Groups of consecutive channels or, if `nil`, each channel over the whole batch.
  package init(_ shape: Shape, groups: Int?, epsilon: Double) {
    planes = (shape[0], shape[1], shape.dropFirst(2).product, groups ?? 0)
    sets = groups.map { $0 * shape[0] } ?? shape[1]
    self.epsilon = epsilon
  }

  /// (x − mean) / √(variance + ε) · weight + bias in x's shape; and [2, sets] of means and variances.
  package func forward(_ x: Tensor, weight: Tensor?, bias: Tensor?) -> (y: Tensor, statistics: Tensor) {
    let y = Tensor(uninitialized: x.shape, dtype: x.dtype)
    let statistics = Tensor(uninitialized: [2, sets], dtype: x.dtype)
    let (x, weight, bias) = (x.contiguous(), weight?.contiguous(), bias?.contiguous())
    withExtendedLifetime((x, weight, bias)) {
      ag_plane_norm(layout(x.dtype), epsilon, x.raw, weight?.raw, bias?.raw, y.raw, statistics.raw)
    }
    return (y, statistics)
  }

  /// The gradients of x, weight and bias.
  package func backward(
    _ x: Tensor, weight: Tensor?, _ statistics: Tensor, _ dy: Tensor
  ) -> (dx: Tensor, dWeight: Tensor, dBias: Tensor) {
    let dx = Tensor(uninitialized: x.shape, dtype: x.dtype)
    let sums = (0..<2).map { _ in Tensor(uninitialized: [planes.channels], dtype: x.dtype) }
    let (x, weight, dy) = (x.contiguous(), weight?.contiguous(), dy.contiguous())
    withExtendedLifetime((x, weight, dy)) {
      ag_plane_norm_backward(
        layout(x.dtype), epsilon, x.raw, weight?.raw, statistics.raw, dy.raw, dx.raw, sums[0].raw, sums[1].raw)
    }
    return (dx, sums[0], sums[1])
  }

  private func layout(_ type: DType) -> ag_planes {
    ag_planes(
      type: type.kernel, samples: planes.samples, channels: planes.channels, inner: planes.inner, groups: planes.groups)
  }
}
