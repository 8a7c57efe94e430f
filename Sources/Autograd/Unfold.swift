// Windows of images as columns, and back.

extension Variable {
  /// Every window of an image as a column: [N, C, H, W] gives [N, C · height · width, windows], channels slowest within
  /// a column, windows in row-major order. Its adjoint is `fold`. PyTorch's `unfold`.
  public func unfold(_ kernel: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) -> Variable {
    requireFloat(named: "unfold")
    require(rank == 4 || rank == 3, "unfold: wants images [N, C, H, W] or one [C, H, W], got \(shape)")
    if rank == 3 {
      return unsqueeze(0).unfold(kernel, dilation: dilation, padding: padding, stride: stride)
        .squeeze(axes: [0])
    }
    let plan = UnfoldPlan("unfold", Pair(shape[2], shape[3]), kernel, dilation, padding, stride)
    let padded = pad([padding.width, padding.width, padding.height, padding.height])
    return padded.reshape([shape[0] * shape[1], plan.pixels] as Shape).indexSelect(axis: 1, plan.positions)
      .reshape([shape[0], shape[1] * kernel.height * kernel.width, plan.windows] as Shape)
  }

  /// Columns summed where their windows lie: [N, C · height · width, windows] gives [N, C, H, W] of a given size. The
  /// adjoint of `unfold`: an element in several windows is their sum. PyTorch's `fold`.
  public func fold(_ size: Pair, kernel: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) -> Variable {
    requireFloat(named: "fold")
    require(rank == 3 || rank == 2, "fold: wants columns [N, C · kernel, windows] or without N, got \(shape)")
    if rank == 2 {
      return unsqueeze(0).fold(size, kernel: kernel, dilation: dilation, padding: padding, stride: stride)
        .squeeze(axes: [0])
    }
    let plan = UnfoldPlan("fold", size, kernel, dilation, padding, stride)
    let area = kernel.height.times(kernel.width)
    require(
      shape[1] % area == 0 && shape[2] == plan.windows,
      "fold: images of \(size) have \(plan.windows) windows of \(area) elements a channel, got columns \(shape)")
    let channels = shape[1] / area
    let sums = reshape([shape[0] * channels, area * plan.windows] as Shape)
      .indexAdd([shape[0] * channels, plan.pixels], axis: 1, plan.positions)
    return sums.reshape([shape[0], channels, plan.padded.height, plan.padded.width] as Shape)
      .pad([-padding.width, -padding.width, -padding.height, -padding.height])
  }
}

/// Where windows lie in a padded image.
private struct UnfoldPlan {
  let padded: Pair
  private let kernel: Pair, dilation: Pair, stride: Pair
  /// Rows and columns of windows.
  private let grid: Pair
  var windows: Int { grid.height.times(grid.width) }
  var pixels: Int { padded.height.times(padded.width) }

  init(_ op: String, _ size: Pair, _ kernel: Pair, _ dilation: Pair, _ padding: Pair, _ stride: Pair) {
    require(
      [kernel.height, kernel.width, dilation.height, dilation.width, stride.height, stride.width].allSatisfy { $0 > 0 }
        && padding.height >= 0 && padding.width >= 0,
      "\(op): kernel, dilation and stride must be at least 1 and padding not negative, "
        + "got \(kernel), \(dilation), \(stride) and \(padding)"
    )
    padded = Pair(size.height.plus(padding.height.times(2)), size.width.plus(padding.width.times(2)))
    let span = Pair(kernel: kernel, dilation)
    require(
      padded.height >= span.height && padded.width >= span.width,
      "\(op): the kernel spans \(span) pixels, which does not fit the padded image of \(padded)")
    grid = Pair((padded.height - span.height) / stride.height + 1, (padded.width - span.width) / stride.width + 1)
    (self.kernel, self.dilation, self.stride) = (kernel, dilation, stride)
  }

  /// For each element of the kernel, its position in each window.
  var positions: [Int] {
    Memory.requireRoom(forNumbers: kernel.height.times(kernel.width).times(windows))
    var positions: [Int] = []
    positions.reserveCapacity(kernel.height * kernel.width * windows)
    for y in 0..<kernel.height {
      for x in 0..<kernel.width {
        for row in 0..<grid.height {
          let start = (row * stride.height + y * dilation.height) * padded.width + x * dilation.width
          for column in 0..<grid.width { positions.append(start + column * stride.width) }
        }
      }
    }
    return positions
  }
}
