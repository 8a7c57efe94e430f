extension Variable {
  /// Convolution of images with a bank of kernels (a cross-correlation: kernels are not flipped).
  ///
  /// Input [N, C, H, W] or one image [C, H, W], weight [out, C / groups, height, width], bias [out]; returns [N, out,
  /// H', W'] with H' = (H + padding on both sides − dilation · (height − 1) − 1) / stride + 1. The three gradients are
  /// convolutions too: of dy with the weight for the input, of the input with dy for the weight. The bias's is summed
  /// in the same pass over dy; computed alone, its last bits may differ. PyTorch's `conv2d`.
  ///
  /// Kernels of 2×2, 3×3 and 5×5 with stride 1 and of 4×4 with stride 2 are computed on transformed tiles in
  /// float32 (Winograd; Lavin and Gray 2015), 2 to 4 times faster at an error of at most 5·10⁻⁶ of the
  /// result's root mean square; `exact` asks for plain sums. Stops when channels or types do not fit or the
  /// kernel is larger than the padded input.
  public func conv2d(
    _ weight: Variable, bias: Variable? = nil, stride: Pair = 1, padding: Padding = 0, dilation: Pair = 1,
    groups: Int = 1, exact: Bool = false
  ) -> Variable {
    requireFloat(.conv2d)
    if rank == 3 {
      return unsqueeze(0).conv2d(
        weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups, exact: exact
      ).squeeze(axes: [0])
    }
    for other in [weight, bias].compactMap({ $0 }) where other.dtype != dtype {
      stopForTypes("conv2d", tensor, other.tensor)
    }
    let plan = ConvolutionPlan(
      input: shape, weight: weight.shape, stride: stride, padding: padding, dilation: dilation, groups: groups)
    if let bias {
      require(
        bias.shape == [weight.shape[0]], "conv2d: the bias must have shape [\(weight.shape[0])], got \(bias.shape)")
    }
    return record(
      .conv2d, bias.map { [self, weight, $0] } ?? [self, weight],
      plan.forward(tensor, weight.tensor, bias: bias?.tensor, exact: exact),
      {
        [
          x = snapshot, w = weight.snapshot, needsX = requiresGrad, needsW = weight.requiresGrad,
          needsBias = bias?.requiresGrad == true
        ] dy in
        // One call for all: they share the transformed dy.
        let (dx, dw, dbias) = plan.backward(
          x: needsW ? x.tensor : nil, w: needsX ? w.tensor : nil, dy: dy.tensor, bias: needsBias, exact: exact)
        return [
          dx.map { dy.conv2dInputGradient(w, $0, plan, exact) },
          dw.map { dy.conv2dWeightGradient(x, $0, plan, exact) },
          dbias.map { dy.sum(axes: [0, 2, 3], value: $0) },
        ]
      })
  }

  /// y = conv(x, w) is linear in each of x and w, so its gradients are too, and the
  /// gradients of these are again the three.
  private func conv2d(_ w: Variable, _ plan: ConvolutionPlan, _ exact: Bool) -> Variable {
    record(
      .conv2d, self, w, plan.forward(tensor, w.tensor, bias: nil, exact: exact),
      { [w = w.snapshot] dy in dy.conv2dInputGradient(w, nil, plan, exact) },
      { [x = snapshot] dy in dy.conv2dWeightGradient(x, nil, plan, exact) })
  }

  /// The gradient of a convolution's input, from its output's (this) and its weight. `value` if it is known already.
  func conv2dInputGradient(
    _ w: Variable, _ value: Tensor?, _ plan: ConvolutionPlan, _ exact: Bool
  ) -> Variable {
    let value = value ?? plan.backward(x: nil, w: w.tensor, dy: tensor, bias: false, exact: exact).dx ?? tensor
    return record(
      .conv2dInputGradient, self, w, value,
      { [w = w.snapshot] g in g.conv2d(w, plan, exact) },
      { [dy = snapshot] g in dy.conv2dWeightGradient(g, nil, plan, exact) })
  }

  /// The gradient of a convolution's weight, from its output's (this) and its input. `value` if it is known already.
  private func conv2dWeightGradient(
    _ x: Variable, _ value: Tensor?, _ plan: ConvolutionPlan, _ exact: Bool
  ) -> Variable {
    let value = value ?? plan.backward(x: x.tensor, w: nil, dy: tensor, bias: false, exact: exact).dw ?? tensor
    return record(
      .conv2dWeightGradient, self, x, value,
      { [x = x.snapshot] g in x.conv2d(g, plan, exact) },
      { [dy = snapshot] g in dy.conv2dInputGradient(g, nil, plan, exact) })
  }
}
