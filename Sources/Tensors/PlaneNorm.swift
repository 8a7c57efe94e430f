import Kernels

/// Normalization of sets of planes of [N, C, ...]: of a group of channels in each sample, or of a channel in all samples.
package struct PlaneNorm: Sendable {
  private let layout: Shape  // [N, groups, channels of a group]: the planes
  private let inner: Int
  /// The axis of the layout along which planes belong together.
  private let axis: Int
  private let count: Double
  private let epsilon: Double

  /// Groups of neighbouring channels, or with nil each channel over the whole batch.
  package init(_ shape: Shape, groups: Int?, epsilon: Double) {
    let channels = shape[1]
    layout = groups.map { [shape[0], $0, channels / $0] } ?? [shape[0], channels, 1]
    axis = groups == nil ? 0 : 2
    inner = shape.dropFirst(2).reduce(1, *)
    count = Double(layout[axis] * inner)
    self.epsilon = epsilon
  }

  /// Means and variances of the sets, [N, groups, 1] or [1, C, 1].
  package typealias Statistics = (mean: Tensor, variance: Tensor)

  /// (x − mean) / √(variance + ε) · weight + bias, and the statistics.
  package func forward(_ x: Tensor, weight: Tensor?, bias: Tensor?) -> (y: Tensor, statistics: Statistics) {
    let x = x.contiguous()
    let mean = total(sums(x, shift: zeros(x), nil).first) / count
    let variance = total(sums(x, shift: planes(mean), nil).second) / count
    let (factor, shift) = ((variance + epsilon).mapped(.rsqrt), planes(mean))
    let y = combine(
      planes(weight.map { factor * channels($0) } ?? factor), x, shift, nil, nil, planes(bias.map(channels) ?? zeros(x))
    )
    return (y, (mean, variance))
  }

  /// With g = dy · weight, z = (x − mean) · f, f = 1 / √(variance + ε): dx = f · (g − mean(g) − z · mean(g · z)),
  /// dweight = Σ dy · z, dbias = Σ dy.
  package func backward(
    _ x: Tensor, weight: Tensor?, _ statistics: Statistics, _ dy: Tensor
  ) -> (dx: Tensor, dWeight: Tensor, dBias: Tensor) {
    let (x, dy, shift) = (x.contiguous(), dy.contiguous(), planes(statistics.mean))
    let factor = (statistics.variance + epsilon).mapped(.rsqrt)
    let (ofDy, ofProduct) = sums(x, shift: shift, dy)
    let w = weight.map(channels)
    let meanG = total(w.map { ofDy * $0 } ?? ofDy) / count
    let meanGZ = total(w.map { ofProduct * $0 } ?? ofProduct) * factor / count
    let dx = combine(
      planes(-meanGZ * factor.mapped(.square)), x, shift, planes(w.map { factor * $0 } ?? factor), dy,
      planes(-meanG * factor))
    return (dx, perChannel(ofProduct * factor), perChannel(ofDy))
  }

  private func total(_ x: Tensor) -> Tensor { x.sum(axes: [axis], keepDims: true) }
  private func perChannel(_ x: Tensor) -> Tensor { x.sum(axes: [0]).reshaped(to: [layout[1] * layout[2]]) }
  private func channels(_ x: Tensor) -> Tensor { x.reshaped(to: [1, layout[1], layout[2]]) }
  private func planes(_ x: Tensor) -> Tensor { x.expanded(to: layout).contiguous() }
  private func zeros(_ x: Tensor) -> Tensor { .zeros(layout, dtype: x.dtype) }

  private func combine(_ a: Tensor, _ x: Tensor, _ shift: Tensor, _ b: Tensor?, _ y: Tensor?, _ c: Tensor) -> Tensor {
    let result = Tensor(uninitialized: x.shape, dtype: x.dtype)
    withExtendedLifetime((a, x, shift, b, y, c)) {
      ag_plane_combine(
        x.dtype.kernel, layout.elementCount, inner, a.raw, x.raw, shift.raw, b?.raw, y?.raw, c.raw, result.raw)
    }
    return result
  }

  private func sums(_ x: Tensor, shift: Tensor, _ y: Tensor?) -> (first: Tensor, second: Tensor) {
    let result = Tensor(uninitialized: Shape(Array(layout) + [2]), dtype: x.dtype)
    withExtendedLifetime((x, shift, y)) {
      ag_plane_sums(x.dtype.kernel, layout.elementCount, inner, x.raw, shift.raw, y?.raw, result.raw)
    }
    func part(_ number: Int) -> Tensor {
      result.sliced(axis: 3, start: number, count: 1, step: 1).reshaped(to: layout)
    }
    return (part(0), part(1))
  }
}
