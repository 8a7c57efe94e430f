import Kernels

extension Tensor {
  /// Images [N, C, H, W] of a float type, each read through a map of its own: bilinear between pixels, 0 outside.
  ///
  /// A map, one of [N, 2, 3] in float64, is a matrix and a shift: what appears at (column, row) comes from
  /// matrix · ((column, row) − center − shift) + center.
  package func resampled(_ maps: Tensor) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    let images = ag_images(
      type: dtype.kernel, count: shape[0], channels: shape[1], height: shape[2], width: shape[3])
    let (x, maps) = (contiguous(), maps.contiguous())
    withExtendedLifetime((x, maps)) {
      ag_plane_resample(images, maps.raw.assumingMemoryBound(to: Double.self), x.raw, result.raw)
    }
    return result
  }
}
