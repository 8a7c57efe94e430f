extension Variable {
  /// The largest value in each window.
  ///
  /// Input [N, C, H, W]; gives [N, C, H', W'] with H' = (H + 2 · padding − dilation · (height − 1) − 1) / stride + 1, rounded
  /// up with `ceilMode`. The stride is the kernel's size unless said; padding is −∞ and at most half of the kernel. The
  /// gradient goes to the first largest value of each window. PyTorch's `max_pool2d`.
  public func maxPool2d(
    kernel: Pair, stride: Pair? = nil, padding: Pair = 0, dilation: Pair = 1, ceilMode: Bool = false
  ) -> Variable {
    requireFloat(.maxPool2d)
    let plan = PoolingPlan(
      "maxPool2d", input: shape, kernel: kernel, stride: stride, padding: padding, dilation: dilation,
      ceilMode: ceilMode)
    let (values, places) = plan.maximum(tensor)
    return record(.maxPool2d, self, values, { dy in dy.maxPool2dBackward(places, plan) })
  }

  /// Hands each window's gradient to its largest value. Its adjoint looks these places up.
  private func maxPool2dBackward(_ places: Tensor, _ plan: PoolingPlan) -> Variable {
    record(
      .maxPool2dBackward, self, plan.maximumBackward(tensor, places: places),
      { g in
        let (planes, pixels) = (plan.input[0] * plan.input[1], plan.input[2] * plan.input[3])
        let windows = plan.output[2] * plan.output[3]
        return g.reshape([planes, pixels] as Shape)
          .gather(axis: 1, index: places.reshaped(to: [planes, windows] as Shape)).reshape(plan.output)
      })
  }

  /// The mean of each window.
  ///
  /// Input [N, C, H, W]; gives [N, C, H', W'] with H' = (H + 2 · padding − height) / stride + 1, rounded up with `ceilMode`.
  /// The sum is divided by `divisor` if given, else by the number of the window's elements: with `countsPadding` zeros of
  /// the padding count, without it only pixels. PyTorch's `avg_pool2d`.
  public func avgPool2d(
    kernel: Pair, stride: Pair? = nil, padding: Pair = 0, ceilMode: Bool = false, countsPadding: Bool = true,
    divisor: Int? = nil
  ) -> Variable {
    requireFloat(.avgPool2d)
    require(divisor != 0, "avgPool2d: the divisor must not be 0")
    let plan = PoolingPlan(
      "avgPool2d", input: shape, kernel: kernel, stride: stride, padding: padding, ceilMode: ceilMode)
    return avgPool2d(plan, countsPadding, Double(divisor ?? 0))
  }

  private func avgPool2d(_ plan: PoolingPlan, _ countsPadding: Bool, _ divisor: Double) -> Variable {
    record(
      .avgPool2d, self, plan.mean(tensor, countsPadding: countsPadding, divisor: divisor),
      { dy in dy.avgPool2dBackward(plan, countsPadding, divisor) })
  }

  /// Spreads each window's gradient over it. Its adjoint is the mean again.
  private func avgPool2dBackward(_ plan: PoolingPlan, _ countsPadding: Bool, _ divisor: Double) -> Variable {
    record(
      .avgPool2dBackward, self, plan.meanBackward(tensor, countsPadding: countsPadding, divisor: divisor),
      { g in g.avgPool2d(plan, countsPadding, divisor) })
  }
}
