// Pooling to a given size: window i of an axis runs from ⌊i · in / out⌋ to ⌈(i + 1) · in / out⌉.

extension Variable {
  /// The mean of each of height · width windows: [N, C, H, W] gives [N, C, height, width],
  /// [C, H, W] gives [C, height, width].
  ///
  /// Windows are of nearly equal size and may overlap. PyTorch's `adaptive_avg_pool2d`.
  public func adaptiveAvgPool2d(_ size: Pair) -> Variable {
    checkAdaptive("adaptiveAvgPool2d", size)
    let (height, width) = (shape[-2], shape[-1])
    if size == 1 { return mean(axes: [-2, -1], keepDims: true) }  // sums whole vectors, not one window
    if height % size.height == 0, width % size.width == 0 {
      return avgPool2d(Pair(height / size.height, width / size.width))
    }
    // Means along an axis are a product with a matrix of weights.
    let rows = Variable(averaging(height, size.height)), columns = Variable(averaging(width, size.width))
    return rows.matmul(self).matmul(columns.transpose())
  }

  /// The largest value of each of height · width windows; the first of equal ones gets the gradient. Shapes and windows
  /// as in `adaptiveAvgPool2d`. PyTorch's `adaptive_max_pool2d`.
  public func adaptiveMaxPool2d(_ size: Pair) -> Variable {
    checkAdaptive("adaptiveMaxPool2d", size)
    if rank == 3 { return unsqueeze(0).adaptiveMaxPool2d(size).squeeze(axes: [0]) }
    return maxPool(PoolingPlan(adaptive: size, input: shape))
  }

  /// The same of sequences: [N, C, L] gives [N, C, size], [C, L] gives [C, size]. PyTorch's `adaptive_avg_pool1d`.
  public func adaptiveAvgPool1d(_ size: Int) -> Variable {
    asImages("adaptiveAvgPool1d", axes: 1).adaptiveAvgPool2d(Pair(1, size)).squeeze(axes: [-2])
  }

  /// The same of sequences: [N, C, L] gives [N, C, size], [C, L] gives [C, size]. PyTorch's `adaptive_max_pool1d`.
  public func adaptiveMaxPool1d(_ size: Int) -> Variable {
    asImages("adaptiveMaxPool1d", axes: 1).adaptiveMaxPool2d(Pair(1, size)).squeeze(axes: [-2])
  }

  /// The same of volumes: [N, C, D, H, W] gives [N, C, depth, height, width], and without N too. PyTorch's
  /// `adaptive_avg_pool3d`.
  public func adaptiveAvgPool3d(_ size: Triple) -> Variable {
    checkAdaptive("adaptiveAvgPool3d", size)
    return pooledVolume("adaptiveAvgPool3d") {
      $0.adaptiveAvgPool2d(Pair(size.height, size.width))
    } depth: {
      $0.adaptiveAvgPool2d(Pair(size.depth, $0.shape[-1]))
    }
  }

  /// The same of volumes: [N, C, D, H, W] gives [N, C, depth, height, width], and without N too. PyTorch's
  /// `adaptive_max_pool3d`.
  public func adaptiveMaxPool3d(_ size: Triple) -> Variable {
    checkAdaptive("adaptiveMaxPool3d", size)
    return pooledVolume("adaptiveMaxPool3d") {
      $0.adaptiveMaxPool2d(Pair(size.height, size.width))
    } depth: {
      $0.adaptiveMaxPool2d(Pair(size.depth, $0.shape[-1]))
    }
  }

  private func checkAdaptive(_ op: String, _ size: Triple) {
    _ = asImages(op, axes: 3)
    require(
      size.depth > 0 && size.height > 0 && size.width > 0 && !shape.suffix(3).contains(0),
      "\(op): wants volumes and outputs that are not empty, got \(shape) and \(size)")
  }

  private func checkAdaptive(_ op: String, _ size: Pair) {
    _ = asImages(op, axes: 2)
    require(
      size.height > 0 && size.width > 0 && shape[-2] > 0 && shape[-1] > 0,
      "\(op): wants images and outputs that are not empty, got \(shape) and \(size)")
  }

  private func averaging(_ size: Int, _ count: Int) -> Tensor {
    Memory.requireRoom(forNumbers: count.times(size))
    var weights = [Double](repeating: 0, count: count * size)
    for (row, window) in adaptiveWindows(size, count).enumerated() {
      for column in window { weights[row * size + column] = 1 / Double(window.count) }
    }
    return Tensor(weights, shape: [count, size]).cast(to: dtype)
  }
}

private func adaptiveWindows(_ size: Int, _ count: Int) -> [Range<Int>] {
  (0..<count).map { ($0 * size / count)..<((($0 + 1) * size + count - 1) / count) }
}
