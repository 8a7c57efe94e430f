// Convolutions along one axis and three, computed as those of images with rearranged axes.

extension Variable {
  /// Convolution of sequences with a bank of kernels (not flipped).
  ///
  /// Input [N, C, L] or one sequence [C, L], weight [out, C / groups, length], bias [out]; returns [N, out, L'] with
  /// L' = (L + padding at both ends − dilation · (length − 1) − 1) / stride + 1. `exact` is
  /// `conv2d`'s. Stops as `conv2d` does. PyTorch's `conv1d`.
  public func conv1d(
    _ weight: Variable, bias: Variable? = nil, stride: Int = 1, padding: AxisPadding = 0, dilation: Int = 1,
    groups: Int = 1, exact: Bool = false
  ) -> Variable {
    checkConvolution("conv1d", weight, bias, axes: 1, [stride, dilation, groups], groups)
    if rank == 2 {
      return unsqueeze(0).conv1d(
        weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups, exact: exact
      ).squeeze(axes: [0])
    }
    let span = dilation.times(weight.shape[2] - 1).plus(1)
    let pad = padding.resolved("conv1d", spans: [span])[0]
    checkSpan("conv1d", [span], [shape[2].plus(pad.before).plus(pad.after)])
    return unsqueeze(2).conv2d(
      weight.unsqueeze(2), bias: bias, stride: Pair(1, stride),
      padding: .sides(top: 0, left: pad.before, bottom: 0, right: pad.after), dilation: Pair(1, dilation),
      groups: groups, exact: exact
    ).squeeze(axes: [2])
  }

  /// Convolution of volumes with a bank of kernels (not flipped).
  ///
  /// Input [N, C, D, H, W] or one volume [C, D, H, W], weight [out, C / groups, depth, height, width], bias [out];
  /// returns [N, out, D', H', W']. The slices that a kernel sees at once become channels of images, so the input is
  /// copied as often as the kernel is deep. `exact` is `conv2d`'s. Stops as `conv2d` does. PyTorch's `conv3d`.
  public func conv3d(
    _ weight: Variable, bias: Variable? = nil, stride: Triple = 1, padding: AxisPadding = 0, dilation: Triple = 1,
    groups: Int = 1, exact: Bool = false
  ) -> Variable {
    checkConvolution(
      "conv3d", weight, bias, axes: 3,
      [stride.depth, stride.height, stride.width, dilation.depth, dilation.height, dilation.width, groups], groups)
    if rank == 4 {
      return unsqueeze(0).conv3d(
        weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups, exact: exact
      ).squeeze(axes: [0])
    }
    let depth = weight.shape[2]
    let spans = zip(dilation.numbers, weight.shape.dropFirst(2)).map { $0.times($1 - 1).plus(1) }
    let pad = padding.resolved("conv3d", spans: spans)
    checkSpan("conv3d", spans, (0..<3).map { shape[2 + $0].plus(pad[$0].before).plus(pad[$0].after) })
    let x = self.pad([0, 0, 0, 0, pad[0].before, pad[0].after])
    let count = (x.shape[2] - spans[0]) / stride.depth + 1
    // [N, D', C, H, W]: for each slice of the kernel, the input's slices that it reads.
    let met = (0..<depth).map { slice in
      let start = slice * dilation.depth
      return x.slice(axis: 2, from: start, to: start + (count - 1) * stride.depth + 1, step: stride.depth)
        .permute([0, 2, 1, 3, 4])
    }
    let images = Variable.stack(met, axis: 3)
      .reshape([shape[0] * count, shape[1] * depth, shape[3], shape[4]] as Shape)
    let bank = weight.reshape([weight.shape[0], weight.shape[1] * depth, weight.shape[3], weight.shape[4]] as Shape)
    let y = images.conv2d(
      bank, bias: bias, stride: Pair(stride.height, stride.width),
      padding: .sides(top: pad[1].before, left: pad[2].before, bottom: pad[1].after, right: pad[2].after),
      dilation: Pair(dilation.height, dilation.width), groups: groups, exact: exact)
    return y.reshape([shape[0], count, y.shape[1], y.shape[2], y.shape[3]] as Shape).permute([0, 2, 1, 3, 4])
  }

  /// Checks what all convolutions require of their operands.
  func checkConvolution(
    _ op: String, _ weight: Variable, _ bias: Variable?, axes: Int, _ steps: [Int], _ groups: Int,
    isTransposed: Bool = false
  ) {
    requireFloat(named: op)
    for other in [weight, bias].compactMap({ $0 }) where other.dtype != dtype {
      stopForTypes(op, tensor, other.tensor)
    }
    require(
      (rank == axes + 2 || rank == axes + 1) && weight.rank == axes + 2,
      "\(op): wants an input of \(axes + 2) axes (or \(axes + 1) without a batch) and a weight of \(axes + 2), "
        + "got \(shape) and \(weight.shape)"
    )
    require(
      steps.allSatisfy { $0 > 0 }, "\(op): stride, dilation and groups must be at least 1, got \(steps)")
    let channels = shape[rank - axes - 1]
    let fits =
      isTransposed
      ? weight.shape[0] == channels && channels % groups == 0
      : weight.shape[1].times(groups) == channels && weight.shape[0] % groups == 0
    require(
      fits && weight.shape.dropFirst(2).allSatisfy { $0 > 0 },
      "\(op): the weight \(weight.shape) in \(groups) groups does not fit an input \(shape) with \(channels) channels")
    let outputs = isTransposed ? weight.shape[1].times(groups) : weight.shape[0]
    if let bias {
      require(bias.shape == [outputs], "\(op): the bias must have shape [\(outputs)], got \(bias.shape)")
    }
  }

  private func checkSpan(_ op: String, _ spans: [Int], _ padded: [Int]) {
    require(
      zip(spans, padded).allSatisfy { $0 <= $1 },
      "\(op): the kernel spans \(spans), which does not fit the padded input of \(padded)")
  }
}
