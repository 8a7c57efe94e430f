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
      "gridSample: wants images [N, C, H, W] that are not empty and a grid [N, H', W', 2], got \(shape) and \(grid.shape)"
    )
    let (height, width, count) = (shape[2], shape[3], grid.shape[1] * grid.shape[2])
    func place(_ coordinate: Int, _ size: Int) -> Variable {
      let g = grid[.ellipsis, coordinate].reshape([shape[0], 1, count])
      let p = alignCorners ? (g + 1) * (Double(size - 1) / 2) : ((g + 1) * Double(size) - 1) / 2
      return mode == .cubic ? p : padding.brought(p, size, alignCorners)
    }
    let (x, y) = (place(0, width), place(1, height))
    let pixels = reshape([shape[0], shape[1], height * width])
    /// The pixels at whole positions, 0 outside.
    func values(_ x: Tensor, _ y: Tensor) -> Variable {
      let isInside = (x .>= 0) .& (x .<= Double(width - 1)) .& (y .>= 0) .& (y .<= Double(height - 1))
      func whole(_ place: Tensor) -> Tensor {
        Tensor.where(isInside, place, .zeros([], dtype: dtype)).cast(to: .int64)
      }
      let number = whole(y) * Double(width) + whole(x)
      return pixels.gather(axis: 2, index: number.expand([shape[0], shape[1], count])).maskedFill(!isInside, 0)
    }
    let result: [Int] = [shape[0], shape[1], grid.shape[1], grid.shape[2]]
    if mode == .nearest { return values(x.round().tensor, y.round().tensor).reshape(result) }
    let (left, top) = (x.floor().tensor, y.floor().tensor)
    // Where the grid is NaN, so would be the weights; they are 0 instead, as pixels outside are.
    func share(_ place: Variable, _ from: Tensor) -> Variable { (place - Variable(from)).nanToNum() }
    let (dx, dy) = (share(x, left), share(y, top))
    func weighted(_ taps: [Int], _ share: Variable, _ value: (Int) -> Variable) -> Variable {
      let parts = taps.map { tap in
        value(tap) * (mode == .cubic ? share.cubicWeight(tap + 1) : tap == 0 ? 1 - share : share)
      }
      return parts.dropFirst().reduce(parts[0], +)
    }
    func brought(_ place: Tensor, _ size: Int) -> Tensor {
      mode == .cubic ? padding.brought(Variable(place), size, alignCorners).tensor : place
    }
    let taps = mode == .cubic ? Array(-1...2) : [0, 1]
    let sum = weighted(taps, dy) { row in
      weighted(taps, dx) { column in
        values(brought(left + Double(column), width), brought(top + Double(row), height))
      }
    }
    return sum.reshape(result)
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
