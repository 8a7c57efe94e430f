import Foundation

/// Where each pixel of a transformed image comes from: rotation, shear, scale and shift about the center.
struct AffineMap {
  /// (column, row) of the source = matrix · ((column, row) of the result − center − shift) + center: the matrix's two
  /// rows, each followed by its shift.
  let rows: [Double]

  /// Angles in degrees, shifts in pixels. The image is sheared, rotated, scaled and shifted, in that order.
  init(rotation: Double, shear: Double, scale: Double, shift: (x: Double, y: Double)) {
    let angle = rotation * .pi / 180
    let slant = tan(shear * .pi / 180)
    let (cosine, sine) = (cos(angle) / scale, sin(angle) / scale)
    // The inverse of shear, then rotation, then scale.
    rows = [
      cosine + slant * sine, sine - slant * cosine, shift.x,
      -sine, cosine, shift.y,
    ]
  }
}
