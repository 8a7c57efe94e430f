extension Variable {
  /// The largest value in each window.
  ///
  /// Input [N, C, H, W]; returns [N, C, H', W'] with H' = (H + 2 · padding − dilation · (height − 1) − 1) / stride + 1,
  /// rounded up with `ceilMode`. The stride defaults to the kernel's size; padding is −∞ and at most half of the
  /// kernel. The gradient goes to the first largest value of each window. Stops when a window does not fit the padded
  /// image. PyTorch's `max_pool2d`.
  public func maxPool2d(
    _ kernel: Pair, stride: Pair? = nil, padding: Pair = 0, dilation: Pair = 1, ceilMode: Bool = false
  ) -> Variable {
    maxPool(PoolingWindow("maxPool2d", kernel, stride: stride, padding: padding, dilation: dilation), ceilMode)
  }

  /// The largest value in each window of sequences [N, C, L] or [C, L]; returns [N, C, L']. See `maxPool2d`. PyTorch's
  /// `max_pool1d`.
  public func maxPool1d(
    _ kernel: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1, ceilMode: Bool = false
  ) -> Variable {
    let window = PoolingWindow("maxPool1d", kernel, stride: stride, padding: padding, dilation: dilation)
    return asImages(window.op, axes: 1).maxPool(window, ceilMode).squeeze(axes: [-2])
  }

  /// The largest value in each window of volumes [N, C, D, H, W] or [C, D, H, W]; returns
  /// [N, C, D', H', W']. See `maxPool2d`.
  ///
  /// The maximum over a volume's window is the maximum of its planes' maxima. PyTorch's `max_pool3d`.
  public func maxPool3d(
    _ kernel: Triple, stride: Triple? = nil, padding: Triple = 0, dilation: Triple = 1, ceilMode: Bool = false
  ) -> Variable {
    let windows = PoolingWindow.pair("maxPool3d", kernel, stride: stride, padding: padding, dilation: dilation)
    return pooledVolume("maxPool3d") {
      $0.maxPool(windows.planes, ceilMode)
    } depth: {
      $0.maxPool(windows.depth, ceilMode)
    }
  }

  /// Pools the planes of volumes, then the results along the depth.
  func pooledVolume(
    _ op: String, _ pool: (Variable) -> Variable, depth poolDepth: (Variable) -> Variable
  ) -> Variable {
    _ = asImages(op, axes: 3)
    if rank == 4 { return unsqueeze(0).pooledVolume(op, pool, depth: poolDepth).squeeze(axes: [0]) }
    let (batch, channels, depth) = (shape[0], shape[1], shape[2])
    let planes = pool(reshape([batch, channels * depth, shape[3], shape[4]] as Shape))
    let (height, width) = (planes.shape[2], planes.shape[3])
    let volumes = poolDepth(planes.reshape([batch, channels, depth, height * width] as Shape))
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

  /// The largest value in each window, and its position in its plane (int64): row · W + column.
  ///
  /// See `maxPool2d` for the options; `maxUnpool2d` puts the values back. PyTorch's `max_pool2d(return_indices=True)`.
  public func maxPool2dWithIndices(
    _ kernel: Pair, stride: Pair? = nil, padding: Pair = 0, dilation: Pair = 1, ceilMode: Bool = false
  ) -> Picked {
    let window = PoolingWindow("maxPool2d", kernel, stride: stride, padding: padding, dilation: dilation)
    requireFloat(named: window.op)
    if rank == 3 {
      let (values, indices) = unsqueeze(0).maxPool2dWithIndices(
        kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
      return (values.squeeze(axes: [0]), indices.squeeze(axes: [0]))
    }
    let plan = PoolingPlan(window, input: shape, ceilMode: ceilMode)
    let (values, positions) = plan.maximum(tensor)
    return (maxPool(plan, values, positions), positions.cast(to: .int64))
  }

  /// Values put back at the positions at which `maxPool2dWithIndices` found them, zeros everywhere else.
  ///
  /// This [N, C, H', W'] or [C, H', W'], `indices` (int64 or int32) of the same shape; returns [N, C, H, W]
  /// or [C, H, W] with H = (H' − 1) · stride − 2 · padding + height, or `size`, since several sizes pool to
  /// the same one. If a position occurs twice, the last value is kept, and both get its gradient. Stops for a
  /// position out of range, naming it. PyTorch's `max_unpool2d`.
  public func maxUnpool2d(
    _ indices: Tensor, kernel: Pair, stride: Pair? = nil, padding: Pair = 0, size: Pair? = nil
  ) -> Variable {
    requireFloat(named: "maxUnpool2d")
    require(
      (rank == 3 || rank == 4) && indices.shape == shape,
      "maxUnpool2d: wants [N, C, H, W] or [C, H, W] and indices of that shape, got \(shape) and \(indices.shape)")
    let step = stride ?? kernel
    let usual = Pair(
      (shape[-2] - 1) * step.height - 2 * padding.height + kernel.height,
      (shape[-1] - 1) * step.width - 2 * padding.width + kernel.width)
    let (plane, lead) = (size ?? usual, Shape(shape.dropLast(2)))
    require(plane.height > 0 && plane.width > 0, "maxUnpool2d: images must not be empty, got a size of \(plane)")
    let whole: Shape = [lead.product, plane.height.times(plane.width)], part: Shape = [whole[0], shape[-2] * shape[-1]]
    return reshape(part).unpooled(indices.reshape(part), whole)
      .reshape(Shape(Array(lead) + [plane.height, plane.width]))
  }

  private func unpooled(_ index: Tensor, _ whole: Shape) -> Variable {
    let value = Tensor.zeros(whole, dtype: dtype).putting(tensor, axis: 1, index: index, for: "maxUnpool2d")
    return record(.maxUnpool2d, self, value, { dy in dy.gather(axis: 1, index: index) })
  }

  private func maxPool(_ window: PoolingWindow, _ ceilMode: Bool) -> Variable {
    requireFloat(named: window.op)
    if rank == 3 { return unsqueeze(0).maxPool(window, ceilMode).squeeze(axes: [0]) }
    return maxPool(PoolingPlan(window, input: shape, ceilMode: ceilMode))
  }

  /// The largest value of each of the plan's windows.
  func maxPool(_ plan: PoolingPlan) -> Variable {
    let (values, positions) = plan.maximum(tensor)
    return maxPool(plan, values, positions)
  }

  private func maxPool(_ plan: PoolingPlan, _ values: Tensor, _ positions: Tensor) -> Variable {
    record(.maxPool2d, self, values, { dy in dy.maxPool2dBackward(positions, plan) })
  }

  /// Passes each window's gradient to its largest value. Its adjoint gathers from these positions.
  private func maxPool2dBackward(_ positions: Tensor, _ plan: PoolingPlan) -> Variable {
    record(
      .maxPool2dBackward, self, plan.maximumBackward(tensor, positions: positions),
      { g in
        let (planes, pixels) = (plan.input[0] * plan.input[1], plan.input[2] * plan.input[3])
        let windows = plan.output[2] * plan.output[3]
        return g.reshape([planes, pixels] as Shape)
          .gather(axis: 1, index: positions.reshape([planes, windows] as Shape)).reshape(plan.output)
      })
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
