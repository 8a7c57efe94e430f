// Angles, bounds and interpolation between pairs of elements.

extension Variable {
  /// The angle of the point (other, self), in −π...π; shapes broadcast.
  ///
  /// y = atan2(self, other); d self = dy · other / r², d other = −dy · self / r² with r² = self² + other², 0 at the
  /// origin. PyTorch's `atan2`.
  public func atan2(_ other: Variable) -> Variable {
    requireFloat(.atan2)
    return record(
      .atan2, self, other, combined(.atan2, other),
      { [y = snapshot, x = other.snapshot] dy in (dy * x).quotientOrFlat(x.square() + y.square()) },
      { [y = snapshot, x = other.snapshot] dy in -(dy * y).quotientOrFlat(x.square() + y.square()) })
  }

  /// Each element limited to a range, of which one bound may be missing. dx = dy in the range, bounds included, else 0.
  ///
  /// PyTorch's `clamp`. Stops when both bounds are missing.
  public func clamp(min: Double? = nil, max: Double? = nil) -> Variable {
    requireFloat(.clamp)
    let (low, high) = (min ?? -.infinity, max ?? .infinity)
    return curve(.clamp, tensor.clamp(min: min, max: max), slope: .clamp(low, high)) { x, dy in
      dy.replacing(where: !((x .>= low) .& (x .<= high)), with: 0)
    }
  }

  /// Part of the way to `end`: self + weight · (end − self); shapes broadcast. PyTorch's `lerp`.
  public func lerp(to end: Variable, weight: Variable) -> Variable {
    let both = broadcastShape(with: end, "lerp")
    require(
      Shape.broadcast(both, weight.shape) != nil,
      "lerp: the weight \(weight.shape) does not broadcast with \(shape) and \(end.shape)")
    return self + weight * (end - self)
  }

  /// Part of the way to `end`: self + weight · (end − self); shapes broadcast. PyTorch's `lerp`.
  public func lerp(to end: Variable, weight: Double) -> Variable {
    _ = broadcastShape(with: end, "lerp")
    return record(
      .lerp, self, end, tensor.lerp(to: end.tensor, weight: weight), { dy in dy * (1 - weight) }, { dy in dy * weight })
  }
}
