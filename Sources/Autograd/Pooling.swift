extension Variable {
  /// The largest value in each window.
  ///
  /// Input [N, C, H, W]; returns [N, C, H', W'] with H' = (H + 2 · padding − dilation · (height − 1) − 1) / stride + 1, rounded
  /// up with `ceilMode`. The stride defaults to the kernel's size; padding is −∞ and at most half of the kernel. The
  /// gradient goes to the first largest value of each window. Stops when a window does not fit the padded image. PyTorch's
  /// `max_pool2d`.
  public func maxPool2d(
    kernel: Pair, stride: Pair? = nil, padding: Pair = 0, dilation: Pair = 1, ceilMode: Bool = false
  ) -> Variable {
    maxPool(PoolingWindow("maxPool2d", kernel, stride: stride, padding: padding, dilation: dilation), ceilMode)
  }

  /// The largest value in each window of sequences [N, C, L] or [C, L]; returns [N, C, L']. See `maxPool2d`. PyTorch's
  /// `max_pool1d`.
  public func maxPool1d(
    kernel: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1, ceilMode: Bool = false
  ) -> Variable {
    let window = PoolingWindow("maxPool1d", kernel, stride: stride, padding: padding, dilation: dilation)
    return asImages(window.op, axes: 1).maxPool(window, ceilMode).squeeze(axes: [-2])
  }

  /// The largest value in each window of volumes [N, C, D, H, W] or [C, D, H, W]; returns [N, C, D', H', W']. See `maxPool2d`.
  ///
  /// The maximum over a volume's window is the maximum of its planes' maxima. PyTorch's `max_pool3d`.
  public func maxPool3d(
    kernel: Triple, stride: Triple? = nil, padding: Triple = 0, dilation: Triple = 1, ceilMode: Bool = false
  ) -> Variable {
    let windows = PoolingWindow.pair("maxPool3d", kernel, stride: stride, padding: padding, dilation: dilation)
    return pooledVolume(windows) { $0.maxPool($1, ceilMode) }
  }

  /// Pools the planes of volumes, then the results along the depth.
  private func pooledVolume(
    _ windows: (planes: PoolingWindow, depth: PoolingWindow), _ pool: (Variable, PoolingWindow) -> Variable
  ) -> Variable {
    _ = asImages(windows.planes.op, axes: 3)
    if rank == 4 { return unsqueeze(0).pooledVolume(windows, pool).squeeze(axes: [0]) }
    let (batch, channels, depth) = (shape[0], shape[1], shape[2])
    let planes = pool(reshape([batch, channels * depth, shape[3], shape[4]] as Shape), windows.planes)
    let (height, width) = (planes.shape[2], planes.shape[3])
    let volumes = pool(planes.reshape([batch, channels, depth, height * width] as Shape), windows.depth)
    return volumes.reshape([batch, channels, volumes.shape[2], height, width] as Shape)
  }

  /// A sequence as an image of one row; checks the type and the number of axes.
  func asImages(_ op: String, axes: Int) -> Variable {
    requireFloat(named: op)
    require(
      rank == axes + 2 || rank == axes + 1,
      "\(op): wants an input of \(axes + 2) axes, or \(axes + 1) without a batch, got \(shape)")
    return axes == 1 ? unsqueeze(-2) : self
  }

  private func maxPool(_ window: PoolingWindow, _ ceilMode: Bool) -> Variable {
    requireFloat(named: window.op)
    if rank == 3 { return unsqueeze(0).maxPool(window, ceilMode).squeeze(axes: [0]) }
    return maxPool(PoolingPlan(window, input: shape, ceilMode: ceilMode))
  }

  /// The largest value of each of the plan's windows.
  func maxPool(_ plan: PoolingPlan) -> Variable {
    let (values, places) = plan.maximum(tensor)
    return record(.maxPool2d, self, values, { dy in dy.maxPool2dBackward(places, plan) })
  }

  /// Passes each window's gradient to its largest value. Its adjoint gathers from these positions.
  private func maxPool2dBackward(_ places: Tensor, _ plan: PoolingPlan) -> Variable {
    record(
      .maxPool2dBackward, self, plan.maximumBackward(tensor, places: places),
      { g in
        let (planes, pixels) = (plan.input[0] * plan.input[1], plan.input[2] * plan.input[3])
        let windows = plan.output[2] * plan.output[3]
        return g.reshape([planes, pixels] as Shape)
          .gather(axis: 1, index: places.reshape([planes, windows] as Shape)).reshape(plan.output)
      })
  }

  /// The mean of each window.
  ///
  /// Input [N, C, H, W]; returns [N, C, H', W'] with H' = (H + 2 · padding − height) / stride + 1, rounded up with `ceilMode`.
  /// The sum is divided by `divisor` if given, else by the number of the window's elements: with `countsPadding` zeros of
  /// the padding count, without it only pixels. Stops when a window does not fit the padded image. PyTorch's `avg_pool2d`.
  public func avgPool2d(
    kernel: Pair, stride: Pair? = nil, padding: Pair = 0, ceilMode: Bool = false, countsPadding: Bool = true,
    divisor: Int? = nil
  ) -> Variable {
    require(divisor != 0, "avgPool2d: the divisor must not be 0")
    return avgPool(
      PoolingWindow("avgPool2d", kernel, stride: stride, padding: padding), ceilMode, countsPadding, divisor)
  }

  /// The mean of each window of sequences [N, C, L] or [C, L]; returns [N, C, L']. See `avgPool2d`. PyTorch's `avg_pool1d`.
  public func avgPool1d(
    kernel: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) -> Variable {
    let window = PoolingWindow("avgPool1d", kernel, stride: stride, padding: padding)
    return asImages(window.op, axes: 1).avgPool(window, ceilMode, countsPadding, nil).squeeze(axes: [-2])
  }

  /// The mean of each window of volumes [N, C, D, H, W] or [C, D, H, W]; returns [N, C, D', H', W']. See `avgPool2d`. PyTorch's
  /// `avg_pool3d`.
  public func avgPool3d(
    kernel: Triple, stride: Triple? = nil, padding: Triple = 0, ceilMode: Bool = false, countsPadding: Bool = true
  ) -> Variable {
    let windows = PoolingWindow.pair("avgPool3d", kernel, stride: stride, padding: padding, dilation: 1)
    return pooledVolume(windows) { $0.avgPool($1, ceilMode, countsPadding, nil) }
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

  /// Distributes each window's gradient over it. Its adjoint is the mean.
  private func avgPool2dBackward(_ plan: PoolingPlan, _ countsPadding: Bool, _ divisor: Double) -> Variable {
    record(
      .avgPool2dBackward, self, plan.meanBackward(tensor, countsPadding: countsPadding, divisor: divisor),
      { g in g.avgPool2d(plan, countsPadding, divisor) })
  }
}

extension PoolingWindow {
  /// Windows on volumes: those in the planes, and those along the depth.
  package static func pair(
    _ op: String, _ kernel: Triple, stride: Triple?, padding: Triple, dilation: Triple
  ) -> (planes: PoolingWindow, depth: PoolingWindow) {
    let stride = stride ?? kernel
    func plane(_ triple: Triple) -> Pair { Pair(triple.height, triple.width) }
    return (
      PoolingWindow(op, plane(kernel), stride: plane(stride), padding: plane(padding), dilation: plane(dilation)),
      PoolingWindow(
        op, Pair(kernel.depth, 1), stride: Pair(stride.depth, 1), padding: Pair(padding.depth, 0),
        dilation: Pair(dilation.depth, 1))
    )
  }
}
