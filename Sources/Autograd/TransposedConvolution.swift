// Transposed convolutions: the gradient of a convolution's input, as an op.

extension Variable {
  /// Transposed convolution of images: each pixel adds a kernel, scaled by it, to the output.
  ///
  /// Input [N, C, H, W] or one image [C, H, W], weight [C, out / groups, height, width], bias [out]; returns [N, out,
  /// H', W'] with H' = (H − 1) · stride − 2 · padding + dilation · (height − 1) + outputPadding + 1. `outputPadding`
  /// extends the output at its end; it must be smaller than the stride or the dilation. `exact` asks for plain sums of
  /// products, see `conv2d`. Stops when sizes or types do not fit. PyTorch's `conv_transpose2d`.
  public func convTranspose2d(
    _ weight: Variable, bias: Variable? = nil, stride: Pair = 1, padding: Pair = 0, outputPadding: Pair = 0,
    groups: Int = 1, dilation: Pair = 1, exact: Bool = false
  ) -> Variable {
    convTranspose("convTranspose2d", weight, bias, stride, padding, outputPadding, groups, dilation, exact)
  }

  /// Transposed convolution of sequences: input [N, C, L] or [C, L], weight [C, out / groups, length], bias [out];
  /// returns [N, out, L']. See `convTranspose2d`. PyTorch's `conv_transpose1d`.
  public func convTranspose1d(
    _ weight: Variable, bias: Variable? = nil, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
    groups: Int = 1, dilation: Int = 1, exact: Bool = false
  ) -> Variable {
    checkConvolution(
      "convTranspose1d", weight, bias, axes: 1, [stride, dilation, groups], groups, isTransposed: true)
    return unsqueeze(-2).convTranspose(
      "convTranspose1d", weight.unsqueeze(2), bias, Pair(1, stride), Pair(0, padding), Pair(0, outputPadding), groups,
      Pair(1, dilation), exact
    ).squeeze(axes: [-2])
  }

  /// Transposed convolution of volumes: input [N, C, D, H, W] or [C, D, H, W], weight [C, out / groups, depth, height,
  /// width], bias [out]; returns [N, out, D', H', W']. See `convTranspose2d`. PyTorch's `conv_transpose3d`.
  ///
  /// The slices of the kernels are channels of one product of images, whose results are added along the depth.
  public func convTranspose3d(
    _ weight: Variable, bias: Variable? = nil, stride: Triple = 1, padding: Triple = 0, outputPadding: Triple = 0,
    groups: Int = 1, dilation: Triple = 1, exact: Bool = false
  ) -> Variable {
    let op = "convTranspose3d"
    checkConvolution(
      op, weight, bias, axes: 3, stride.numbers + dilation.numbers + [groups], groups, isTransposed: true)
    if rank == 4 {
      return unsqueeze(0).convTranspose3d(
        weight, bias: bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
        dilation: dilation, exact: exact
      ).squeeze(axes: [0])
    }
    let (batch, slices, kernelDepth) = (shape[0], shape[2], weight.shape[2])
    _ = TransposedAxis(
      op, size: slices, kernel: kernelDepth, stride.depth, padding.depth, outputPadding.depth, dilation.depth)
    func plane(_ triple: Triple) -> Pair { Pair(triple.height, triple.width) }
    let images = transpose(1, 2).reshape([batch * slices, shape[1], shape[3], shape[4]] as Shape)
    let bank = weight.reshape([shape[1], weight.shape[1] * kernelDepth, weight.shape[3], weight.shape[4]] as Shape)
    let y = images.convTranspose(
      op, bank, nil, plane(stride), plane(padding), plane(outputPadding), groups, plane(dilation), exact)
    let (outputs, height, width) = (weight.shape[1] * groups, y.shape[2], y.shape[3])
    let met = y.reshape([batch, slices, outputs, kernelDepth, height * width] as Shape).transpose(1, 2)
      .reshape([batch * outputs, slices * kernelDepth, height * width] as Shape)
    let depths = (0..<slices).flatMap { slice in (0..<kernelDepth).map { slice * stride.depth + $0 * dilation.depth } }
    let reached = (slices - 1) * stride.depth + (kernelDepth - 1) * dilation.depth + 1
    let sums = met.indexAdd([batch * outputs, reached, height * width], axis: 1, depths)
      .pad([0, 0, -padding.depth, outputPadding.depth - padding.depth])
    let volumes = sums.reshape([batch, outputs, sums.shape[1], height, width] as Shape)
    return bias.map { volumes + $0.reshape([1, outputs, 1, 1, 1] as Shape) } ?? volumes
  }

  private func convTranspose(
    _ op: String, _ weight: Variable, _ bias: Variable?, _ stride: Pair, _ padding: Pair, _ outputPadding: Pair,
    _ groups: Int, _ dilation: Pair, _ exact: Bool
  ) -> Variable {
    checkConvolution(
      op, weight, bias, axes: 2, [stride.height, stride.width, dilation.height, dilation.width, groups], groups,
      isTransposed: true)
    if rank == 3 {
      return unsqueeze(0).convTranspose(op, weight, bias, stride, padding, outputPadding, groups, dilation, exact)
        .squeeze(axes: [0])
    }
    let rows = TransposedAxis(
      op, size: shape[2], kernel: weight.shape[2], stride.height, padding.height, outputPadding.height, dilation.height)
    let columns = TransposedAxis(
      op, size: shape[3], kernel: weight.shape[3], stride.width, padding.width, outputPadding.width, dilation.width)
    // The convolution whose input is this one's output.
    let plan = ConvolutionPlan(
      input: [shape[0], weight.shape[1] * groups, rows.reached, columns.reached], weight: weight.shape, stride: stride,
      padding: .sides(top: padding.height, left: padding.width, bottom: rows.cut, right: columns.cut),
      dilation: dilation, groups: groups)
    let y = conv2dInputGradient(weight, nil, plan, exact).pad([0, columns.extension, 0, rows.extension])
    return bias.map { y + $0.reshape([1, $0.shape[0], 1, 1] as Shape) } ?? y
  }
}

/// One axis of a transposed convolution's output.
private struct TransposedAxis {
  /// Positions that some kernel reaches and that are kept, positions cut off at the end, and zeros added there.
  let reached, cut, `extension`: Int

  init(_ op: String, size: Int, kernel: Int, _ stride: Int, _ padding: Int, _ outputPadding: Int, _ dilation: Int) {
    checkTransposedAxis(op, stride, padding, outputPadding, dilation)
    cut = max(0, padding - outputPadding)
    `extension` = max(0, outputPadding - padding)
    reached = (size - 1).times(stride).plus(dilation.times(kernel - 1)).plus(1 - padding).plus(-cut)
    require(
      size > 0 && reached > 0,
      "\(op): an axis of \(size) with padding \(padding) and a kernel of \(kernel) leaves no output")
  }
}

/// Stops unless padding and output padding are possible along an axis of a transposed
/// convolution; `op` names the op or layer.
package func checkTransposedAxis(_ op: String, _ stride: Int, _ padding: Int, _ outputPadding: Int, _ dilation: Int) {
  require(padding >= 0, "\(op): padding must not be negative, got \(padding)")
  require(
    outputPadding >= 0 && outputPadding < max(stride, dilation),
    "\(op): outputPadding must be smaller than the stride or the dilation, "
      + "got \(outputPadding) with stride \(stride) and dilation \(dilation)"
  )
}
