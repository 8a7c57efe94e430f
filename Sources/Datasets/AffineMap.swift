import Foundation
import Tensors

/// Where each pixel of a changed image comes from: rotation, shear, scale and shift about the center.
struct AffineMap {
  /// Column and row of the source = matrix · (column, row of the result − center − shift) + center.
  let xx, xy, yx, yy: Double
  let shift: (x: Double, y: Double)

  /// Angles in degrees, shifts in pixels. The image is sheared, turned, scaled and shifted, in that order.
  init(rotation: Double, shear: Double, scale: Double, shift: (x: Double, y: Double)) {
    let angle = rotation * .pi / 180
    let slant = tan(shear * .pi / 180)
    let (cosine, sine) = (cos(angle) / scale, sin(angle) / scale)
    // The inverse of shear, then rotation, then scale.
    (xx, xy) = (cosine + slant * sine, sine - slant * cosine)
    (yx, yy) = (-sine, cosine)
    self.shift = shift
  }
}

extension Tensor {
  /// Images [N, C, H, W], each read through a map of its own: bilinear between pixels, 0 outside.
  func resampled(_ maps: [AffineMap]) -> Tensor {
    dtype == .float32 ? resampled(maps, as: Float.self) : resampled(maps, as: Double.self)
  }

  private func resampled<Scalar: BinaryFloatingPoint>(_ maps: [AffineMap], as _: Scalar.Type) -> Tensor {
    let source = contiguous()
    let result = Tensor.zeros(shape, dtype: dtype)
    let (channels, height, width) = (shape[1], shape[2], shape[3])
    let plane = height * width
    source.withPointer { from in
      result.withWritablePointer { to in
        for (image, map) in maps.enumerated() {
          let offset = image * channels * plane * MemoryLayout<Scalar>.stride
          map.resample(
            (from + offset).assumingMemoryBound(to: Scalar.self), (to + offset).assumingMemoryBound(to: Scalar.self),
            channels, height, width)
        }
      }
    }
    return result
  }
}

extension AffineMap {
  /// Fills an image of zeros.
  @inline(__always)
  fileprivate func resample<Scalar: BinaryFloatingPoint>(
    _ from: UnsafePointer<Scalar>, _ to: UnsafeMutablePointer<Scalar>, _ channels: Int, _ height: Int, _ width: Int
  ) {
    let center = (x: Double(width - 1) / 2, y: Double(height - 1) / 2)
    for row in 0..<height {
      for column in 0..<width {
        let (dx, dy) = (Double(column) - center.x - shift.x, Double(row) - center.y - shift.y)
        let x = xx * dx + xy * dy + center.x
        let y = yx * dx + yy * dy + center.y
        if !(x > -1 && y > -1 && x < Double(width) && y < Double(height)) { continue }
        let (left, top) = (Int(x + 1) - 1, Int(y + 1) - 1)  // rounded down; both are above −1
        let (right, down) = (Scalar(x - Double(left)), Scalar(y - Double(top)))
        // A neighbour outside the image counts as 0.
        let isInside = (left: left >= 0, right: left + 1 < width, top: top >= 0, bottom: top + 1 < height)
        for channel in 0..<channels {
          let pixel = from + (channel * height + top) * width + left
          let upper =
            (isInside.top && isInside.left ? pixel[0] * (1 - right) : 0)
            + (isInside.top && isInside.right ? pixel[1] * right : 0)
          let lower =
            (isInside.bottom && isInside.left ? pixel[width] * (1 - right) : 0)
            + (isInside.bottom && isInside.right ? pixel[width + 1] * right : 0)
          to[(channel * height + row) * width + column] = upper * (1 - down) + lower * down
        }
      }
    }
  }
}
