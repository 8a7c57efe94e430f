import Kernels

extension Tensor {
  /// Images [N, C, H, W] of a float type, each resampled through its own affine map:
  /// bilinear between pixels, 0 outside.
  ///
  /// A map, one of [N, 2, 3] in float64, is a matrix and a shift: pixel (column, row) is read at
  /// matrix · ((column, row) − center − shift) + center.
  package func resampled(_ maps: Tensor) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    let (x, maps) = (contiguous(), maps.contiguous())
    withExtendedLifetime((x, maps)) {
      ag_plane_resample(imagesForKernels, maps.raw.assumingMemoryBound(to: Double.self), x.raw, result.raw)
    }
    return result
  }

  /// Images [N, C, H, W] of a float type, each shifted so that its pixel (row, column) becomes the first; 0 outside.
  package func windows(at corners: [(row: Int, column: Int)]) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    let x = contiguous()
    withExtendedLifetime(x) {
      ag_plane_window(imagesForKernels, corners.flatMap { [Int64($0.row), Int64($0.column)] }, x.raw, result.raw)
    }
    return result
  }

  private var imagesForKernels: ag_images {
    ag_images(type: dtype.kernel, count: shape[0], channels: shape[1], height: shape[2], width: shape[3])
  }
}
