extension Variable {
  /// How values between given ones are computed.
  public enum InterpolationMode: Sendable {
    /// The nearest value at or before the position.
    case nearest
    /// On straight lines between neighbours, one axis after the other: bilinear for images.
    case linear
    /// On cubic curves through four neighbours, one axis after the other: bicubic, for images alone.
    case cubic
  }

  /// The axes after [N, C] resized: sequences, images or volumes.
  ///
  /// Output i is at position i · in / out of the input with `.nearest`; with the other modes pixels have
  /// extent and it is at (i + ½) · in / out − ½, or, with `alignCorners`, at i · (in − 1) / (out − 1). Stops
  /// for `alignCorners` with `.nearest`. PyTorch's `interpolate(size=…)`.
  public func interpolate(size: [Int], mode: InterpolationMode = .nearest, alignCorners: Bool = false) -> Variable {
    let sizes = forSpatialAxes(size, "size")
    require(
      sizes.allSatisfy { (1..<1 << 31).contains($0) },
      "interpolate: sizes must be positive and less than 2^31, got \(size)")
    return interpolate(zip(sizes, shape.dropFirst(2)).map { ($0, Double($1) / Double($0)) }, mode, alignCorners)
  }

  /// The axes after [N, C] scaled by factors, to ⌊in · factor⌋ each; steps are 1 / factor. PyTorch's
  /// `interpolate(scale_factor=…)`.
  ///
  /// Where the factor is not the ratio of the sizes, an axis that keeps its size is left as it is. With `.nearest`
  /// that holds for images only, where an axis that doubles its size also repeats each element twice; sequences and
  /// volumes follow the step, as PyTorch's do. (PyTorch's gradients of the latter follow the rule for images and
  /// contradict its values; ours are those of the values.) PyTorch rounds positions in float32; for float64 values and
  /// such factors single elements may differ.
  public func interpolate(scale: [Double], mode: InterpolationMode = .nearest, alignCorners: Bool = false) -> Variable {
    let factors = forSpatialAxes(scale, "scale")
    require(
      zip(factors, shape.dropFirst(2)).allSatisfy { (1..<0x1p31).contains(Double($1) * $0) },
      "interpolate: factors \(scale) must make each axis of \(shape) at least 1 long, and less than 2^31")
    return interpolate(zip(factors, shape.dropFirst(2)).map { (Int(Double($1) * $0), 1 / $0) }, mode, alignCorners)
  }

  private func interpolate(_ axes: [(size: Int, step: Double)], _ mode: InterpolationMode, _ alignCorners: Bool)
    -> Variable
  {
    requireFloat(named: "interpolate")
    mode.requireUse(ofAlignedCorners: alignCorners, "interpolate")
    require(mode != .cubic || rank == 4, "interpolate: the mode .cubic wants images [N, C, H, W], got \(shape)")
    return axes.enumerated().reduce(self) { x, next in
      let (axis, size) = (next.offset + 2, x.shape[next.offset + 2])
      let (count, step) = next.element
      let isImage = x.rank == 4
      if count == size, mode != .nearest || isImage { return x }
      if mode == .nearest {
        let step = isImage && count == 2 * size ? 0.5 : Float(step)
        return x.indexSelect(axis: axis, (0..<count).map { Swift.min(Int(Float($0) * step), size - 1) })
      }
      let positions = (0..<count).map { index in
        if alignCorners { return count > 1 ? Double(index) * Double(size - 1) / Double(count - 1) : 0 }
        let middle = (Double(index) + 0.5) * step - 0.5
        return mode == .cubic ? middle : Swift.max(0, middle)
      }
      if mode == .cubic { return x.cubic(axis: axis, positions) }
      let before = positions.map { Swift.min(Int($0), size - 1) }
      let weights = zip(positions, before).map { $0 - Double($1) }
      let left = x.indexSelect(axis: axis, before)
      let right = x.indexSelect(axis: axis, before.map { Swift.min($0 + 1, size - 1) })
      let weight = Tensor(weights, shape: Shape([count] + Array(repeating: 1, count: x.rank - 1 - axis)))
      return left.lerp(to: right, weight: Variable(weight.cast(to: dtype)))
    }
  }

  /// Values at positions of an axis, on cubic curves through four neighbours; beyond the edges stand those at them.
  private func cubic(axis: Int, _ positions: [Double]) -> Variable {
    let before = positions.map { Int($0.rounded(.down)) }, last = shape[axis] - 1
    let column = Shape([positions.count] + Array(repeating: 1, count: rank - 1 - axis))
    let t = Tensor(zip(positions, before).map { $0 - Double($1) }, shape: column)
    return (0..<4).map { tap in
      let weight = Variable(Variable(t).cubicWeight(tap).tensor.cast(to: dtype))
      return indexSelect(axis: axis, before.map { Swift.min(Swift.max($0 + tap - 1, 0), last) }) * weight
    }.reduce(nil) { sum, part in sum.map { $0 + part } ?? part } ?? self
  }

  /// The weight that a cubic curve gives the neighbour number 0...3 at this share 0...1 of the way from the
  /// second to the third (Keys 1981, a = −¾).
  func cubicWeight(_ tap: Int) -> Variable {
    let t = tap < 2 ? self : 1 - self
    if tap == 1 || tap == 2 { return (t * 1.25 - 2.25) * t * t + 1 }
    let u = t + 1
    return ((u * -0.75 + 3.75) * u - 6) * u + 3
  }

  private func forSpatialAxes<Number>(_ numbers: [Number], _ what: String) -> [Number] {
    require(rank >= 3, "interpolate: wants an input [N, C, ...], got \(shape)")
    require(!shape.dropFirst(2).contains(0), "interpolate: the axes behind [N, C] must not be empty, got \(shape)")
    require(
      numbers.count == 1 || numbers.count == rank - 2,
      "interpolate: wants one \(what) for all axes behind [N, C] or one for each, got \(numbers) for \(shape)")
    return numbers.count == 1 ? Array(repeating: numbers[0], count: rank - 2) : numbers
  }
}

extension Variable.InterpolationMode {
  /// Stops if corners are to be aligned in a mode that does not interpolate.
  package func requireUse(ofAlignedCorners alignCorners: Bool, _ op: @autoclosure () -> String) {
    require(
      self != .nearest || !alignCorners,
      "\(op()): alignCorners goes with the modes .linear and .cubic, got .\(self)")
  }
}
