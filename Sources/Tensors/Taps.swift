import Kernels

/// The pixels that each of some points of images takes its value from: positions [n, points, taps] (int64) in images of
/// `pixels` pixels, −1 for none.
package struct Taps: Sendable {
  package let positions: Tensor
  private let pixels: Int

  /// Positions that have been checked.
  package init(positions: Tensor, pixels: Int) {
    self.positions = positions.contiguous()
    self.pixels = pixels
  }

  /// Sums of pixels with weights [n, points, taps]: images [n, pixels, c] give [n, points, c].
  package func sum(_ images: Tensor, _ weights: Tensor) -> Tensor {
    let result = Tensor(uninitialized: [positions.shape[0], positions.shape[1], images.shape[2]], dtype: images.dtype)
    run(images.shape[2], images, weights, result, ag_taps_sum)
    return result
  }

  /// The adjoint of `sum`: points [n, points, c] give [n, pixels, c].
  package func spread(_ points: Tensor, _ weights: Tensor) -> Tensor {
    let result = Tensor(uninitialized: [positions.shape[0], pixels, points.shape[2]], dtype: points.dtype)
    run(points.shape[2], points, weights, result, ag_taps_spread)
    return result
  }

  /// The gradient of the weights: products of each point with its pixels, summed over the channels.
  package func dot(_ images: Tensor, _ points: Tensor) -> Tensor {
    let result = Tensor(uninitialized: positions.shape, dtype: images.dtype)
    run(images.shape[2], images, points, result, ag_taps_dot)
    return result
  }

  private func run(
    _ channels: Int, _ first: Tensor, _ second: Tensor, _ result: Tensor,
    _ kernel: (
      ag_dtype, UnsafePointer<ag_taps>, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer
    ) -> Void
  ) {
    let (first, second) = (first.contiguous(), second.contiguous())
    withExtendedLifetime((positions, first, second)) {
      var taps = ag_taps(
        n: positions.shape[0], pixels: pixels, points: positions.shape[1], taps: positions.shape[2], c: channels,
        positions: positions.raw.assumingMemoryBound(to: Int64.self))
      kernel(first.dtype.kernel, &taps, first.raw, second.raw, result.raw)
    }
  }
}
