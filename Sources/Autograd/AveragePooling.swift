extension Variable {
  /// The mean of each window.
  ///
  /// Input [N, C, H, W]; returns [N, C, H', W'] with H' = (H + 2 · padding − height) / stride + 1, rounded up
  /// with `ceilMode`. The sum is divided by `divisor` if given, else by the number of the window's elements:
  /// with `countsPadding` zeros of the padding count, without it only pixels. Stops when a window does not
  /// fit the padded image. PyTorch's `avg_pool2d`.
  public func avgPool2d(
    _ kernel: Pair, stride: Pair? = nil, padding: Pair = 0, ceilMode: Bool = false, countsPadding: Bool = true,
    divisor: Int? = nil
  ) -> Variable {
    require(divisor != 0, "avgPool2d: the divisor must not be 0")
    return avgPool(
      PoolingWindow("avgPool2d", kernel, stride: stride, padding: padding), ceilMode, countsPadding, divisor)
  }

  /// The mean of each window of sequences [N, C, L] or [C, L]; returns [N, C, L']. See `avgPool2d`. PyTorch's
  /// `avg_pool1d`.
  public func avgPool1d(
    _ kernel: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) -> Variable {
    let window = PoolingWindow("avgPool1d", kernel, stride: stride, padding: padding)
    return asImages(window.op, axes: 1).avgPool(window, ceilMode, countsPadding, nil).squeeze(axes: [-2])
  }

  /// The mean of each window of volumes [N, C, D, H, W] or [C, D, H, W]; returns [N, C, D', H', W']. See
  /// `avgPool2d`. PyTorch's `avg_pool3d`.
  public func avgPool3d(
    _ kernel: Triple, stride: Triple? = nil, padding: Triple = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) -> Variable {
    let windows = PoolingWindow.pair("avgPool3d", kernel, stride: stride, padding: padding, dilation: 1)
    return pooledVolume("avgPool3d") {
      $0.avgPool(windows.planes, ceilMode, countsPadding, nil)
    } depth: {
      $0.avgPool(windows.depth, ceilMode, countsPadding, nil)
    }
  }

  private func avgPool(_ window: PoolingWindow, _ ceilMode: Bool, _ countsPadding: Bool, _ divisor: Int?) -> Variable {
    requireFloat(named: window.op)
    if rank == 3 { return unsqueeze(0).avgPool(window, ceilMode, countsPadding, divisor).squeeze(axes: [0]) }
    return avgPool2d(PoolingPlan(window, input: shape, ceilMode: ceilMode), countsPadding, Double(divisor ?? 0))
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

  /// The root of the sum of powers in each window: (Σ xᵖ)^(1/p), of images [N, C, H, W]. The stride defaults
  /// to the kernel's size. NaN where a sum is negative and its root none. PyTorch's `lp_pool2d`.
  public func lpPool2d(_ p: Double, kernel: Pair, stride: Pair? = nil, ceilMode: Bool = false) -> Variable {
    require(p != 0, "lpPool2d: the power must not be 0")
    let means = pow(p).avgPool(PoolingWindow("lpPool2d", kernel, stride: stride, padding: 0), ceilMode, true, nil)
    return (Variable(means.tensor.sign()) * means.abs().relu() * Double(kernel.height * kernel.width)).pow(1 / p)
  }

  /// The same of sequences [N, C, L]. PyTorch's `lp_pool1d`.
  public func lpPool1d(_ p: Double, kernel: Int, stride: Int? = nil, ceilMode: Bool = false) -> Variable {
    require(p != 0, "lpPool1d: the power must not be 0")
    let window = PoolingWindow("lpPool1d", kernel, stride: stride, padding: 0)
    let means = pow(p).asImages(window.op, axes: 1).avgPool(window, ceilMode, true, nil).squeeze(axes: [-2])
    return (Variable(means.tensor.sign()) * means.abs().relu() * Double(kernel)).pow(1 / p)
  }
}
