// Images sampled at a grid of positions: rotated, zoomed, warped.

extension Variable {
  /// The value at a position beyond the edge of an image.
  public enum GridPadding: Sendable {
    /// 0; between the last pixel and one pixel beyond it, values fall off to 0.
    case zeros
    /// The nearest pixel.
    case border
    /// What lies as far on this side of the edge: of the outermost pixels, or with `alignCorners` of their middles.
    case reflection

    /// Places along an axis of `size` pixels, with those beyond its edges brought inside.
    fileprivate func brought(_ place: Variable, _ size: Int, _ alignCorners: Bool) -> Variable {
      if self == .zeros { return place }
      if size == 1 { return place * 0 }
      let inside =
        self == .border
        ? place : place.reflected(from: alignCorners ? 0 : -0.5, over: Double(alignCorners ? size - 1 : size))
      return inside.hardTanh(min: 0, max: Double(size - 1))
    }
  }

  /// Numbers mirrored, as often as it takes, into a range that begins at `start`.
  private func reflected(from start: Double, over length: Double) -> Variable {
    let distance = (self - start).abs()
    let turns = (distance.tensor / length).floor()
    let rest = distance - Variable(turns * length)
    let isTurned = (turns - (turns / 2).floor() * 2) .> 0
    return Variable.where(isTurned, length - rest, rest) + start
  }

  /// Images sampled at given positions: [N, C, H, W] by a grid [N, H', W', 2] gives [N, C, H', W'].
  ///
  /// A position is (x, y) from −1 to 1: left to right, top to bottom, from edge to edge of the outermost
  /// pixels or, with `alignCorners`, from center to center. With `.linear` values are interpolated bilinearly
  /// between four pixels, with `.cubic` bicubically between sixteen; with `.nearest` they are the nearest pixel's,
  /// and no gradient reaches the grid. Stops when shapes or types do not fit.
  ///
  /// Jaderberg et al. 2015; PyTorch's `grid_sample`.
  public func gridSample(
    _ grid: Variable, mode: InterpolationMode = .linear, padding: GridPadding = .zeros, alignCorners: Bool = false
  ) -> Variable {
    requireFloat(named: "gridSample")
    if dtype != grid.dtype { stopForTypes("gridSample", tensor, grid.tensor) }
    require(
      rank == 4 && grid.rank == 4 && grid.shape[0] == shape[0] && grid.shape[3] == 2 && shape[2] > 0 && shape[3] > 0,
      "gridSample: wants images [N, C, H, W] that are not empty and a grid [N, H', W', 2], "
        + "got \(shape) and \(grid.shape)"
    )
    let (height, width, count) = (shape[2], shape[3], grid.shape[1] * grid.shape[2])
    func place(_ coordinate: Int, _ size: Int) -> Variable {
      let g = grid[.ellipsis, coordinate].reshape([shape[0], count])
      let p = alignCorners ? (g + 1) * (Double(size - 1) / 2) : ((g + 1) * Double(size) - 1) / 2
      return mode == .cubic ? p : padding.brought(p, size, alignCorners)
    }
    /// The neighbours of places along an axis, and their weights.
    func neighbours(_ place: Variable, _ size: Int) -> [(Tensor, Variable)] {
      if mode == .nearest { return [(place.round().tensor, Variable(place.tensor.onesLike()))] }
      let first = place.floor().tensor
      // A position that is NaN has no pixels; its weights must not be NaN either.
      let share = (place - Variable(first)).nanToNum()
      if mode == .linear { return [(first, 1 - share), (first + 1, share)] }
      return (0..<4).map { tap in
        let neighbour = Variable(first + Double(tap - 1))
        return (padding.brought(neighbour, size, alignCorners).tensor, share.cubicWeight(tap))
      }
    }
    func whole(_ place: Tensor, _ isInside: Tensor) -> Tensor {
      Tensor.where(isInside, place, .zeros([], dtype: dtype)).cast(to: .int64)
    }
    var (positions, weights): ([Tensor], [Variable]) = ([], [])
    let columns = neighbours(place(0, width), width)
    for (y, weight) in neighbours(place(1, height), height) {
      for (x, share) in columns {
        let isInside = (x .>= 0) .& (x .<= Double(width - 1)) .& (y .>= 0) .& (y .<= Double(height - 1))
        positions.append(
          .where(isInside, whole(y, isInside) * Double(width) + whole(x, isInside), .full([], -1, dtype: .int64)))
        weights.append(weight * share)
      }
    }
    let taps = Taps(positions: .stack(positions, axis: -1), pixels: height * width)
    let images = reshape([shape[0], shape[1], height * width]).transpose()
    return images.sum(of: taps, .stack(weights, axis: -1)).transpose()
      .reshape([shape[0], shape[1], grid.shape[1], grid.shape[2]])
  }

  /// The grid for `gridSample` that affine maps [N, 2, 3] make: positions [N, height, width, 2], each map applied to
  /// the (x, y, 1) of the positions in an image of that size.
  ///
  /// `alignCorners` as there. Stops unless this is [N, 2, 3]. PyTorch's `affine_grid`.
  public func affineGrid(_ size: Pair, alignCorners: Bool = false) -> Variable {
    requireFloat(named: "affineGrid")
    require(
      rank == 3 && shape[1] == 2 && shape[2] == 3 && size.height > 0 && size.width > 0,
      "affineGrid: wants maps [N, 2, 3] and a size of at least 1×1, got \(shape) and \(size)")
    func places(_ count: Int) -> Tensor {
      let steps = Tensor.arange(count, dtype: .float64) * 2 - Double(count - 1)
      return (steps / Double(alignCorners ? Swift.max(count - 1, 1) : count)).cast(to: dtype)
    }
    let grid = Tensor.meshgrid([places(size.height), places(size.width)])
    let base = Tensor.stack([grid[1], grid[0], grid[0].onesLike()], axis: 2).reshape([1, size.height * size.width, 3])
    return Variable(base).matmul(transpose()).reshape([shape[0], size.height, size.width, 2])
  }
}

// MARK: - Sums of pixels

// Three ops that are each other's derivatives, of images [N, pixels, C], points [N, points, C]
// and weights [N, points, taps].
extension Variable {
  /// Images' weighted sums: y[n, p] = Σₖ weights[n, p, k] · x[n, position k of p].
  fileprivate func sum(of taps: Taps, _ weights: Variable) -> Variable {
    let x = tensor.contiguous()
    return record(
      .gridSample, self, weights, nil, taps.sum(x, weights.tensor),
      { [x = Variable(x, entry: entry?.retained()), weights = weights.snapshot] dy in
        let dy = Variable(dy.tensor.contiguous(), entry: dy.entry?.retained())  // once for both
        return (
          x.requiresGrad ? dy.spread(over: taps, weights) : nil, weights.requiresGrad ? x.dot(dy, taps) : nil, nil
        )
      })
  }

  /// Points' values added to the pixels: the gradient of the images.
  private func spread(over taps: Taps, _ weights: Variable) -> Variable {
    record(
      .gridSampleSpread, self, weights, taps.spread(tensor, weights.tensor),
      { [weights = weights.snapshot] dx in dx.sum(of: taps, weights) },
      { [y = snapshot] dx in dx.dot(y, taps) })
  }

  /// Products of points and pixels, summed over the channels: the gradient of the weights.
  private func dot(_ points: Variable, _ taps: Taps) -> Variable {
    record(
      .gridSampleDot, self, points, taps.dot(tensor, points.tensor),
      { [y = points.snapshot] dw in y.spread(over: taps, dw) },
      { [x = snapshot] dw in x.sum(of: taps, dw) })
  }
}
