// Values brought to mean 0 and variance 1, over rows, groups of channels or batches.

extension Variable {
  /// Each row shifted to mean 0 and scaled to variance 1: (x − mean) / √(variance + ε) · weight + bias, with the biased
  /// variance.
  ///
  /// A row is the last axes taken together: this is [..., normalizedShape], and weight and bias have that shape. One
  /// pass forward, one back. Ba et al. 2016; PyTorch's `layer_norm`.
  public func layerNorm(
    _ normalizedShape: Shape, weight: Variable? = nil, bias: Variable? = nil, epsilon: Double = 1e-5
  ) -> Variable {
    checkNorm(.layerNorm, normalizedShape, weight, bias)
    let norm = RowNorm(
      elementCount: elementCount, count: normalizedShape.elementCount, epsilon: epsilon, isCentred: true)
    return rowNorm(.layerNorm, norm, weight, bias).y
  }

  /// Each row divided by its root mean square: x / √(mean x² + ε) · weight. Rows as in `layerNorm`.
  ///
  /// Zhang and Sennrich 2019; PyTorch's `rms_norm`.
  public func rmsNorm(_ normalizedShape: Shape, weight: Variable? = nil, epsilon: Double = 1e-5) -> Variable {
    checkNorm(.rmsNorm, normalizedShape, weight, nil)
    let norm = RowNorm(
      elementCount: elementCount, count: normalizedShape.elementCount, epsilon: epsilon, isCentred: false)
    return rowNorm(.rmsNorm, norm, weight, nil).y
  }

  /// Groups of consecutive channels normalized together: this [N, C, ...], weight and bias [C].
  ///
  /// Wu and He 2018; PyTorch's `group_norm`. Stops unless `groups` divides C.
  public func groupNorm(
    groups: Int, weight: Variable? = nil, bias: Variable? = nil, epsilon: Double = 1e-5
  ) -> Variable {
    checkChannels("groupNorm", weight, bias)
    require(
      groups > 0 && shape[1] % groups == 0,
      "groupNorm: \(groups) groups do not divide the \(shape[1]) channels of \(shape)")
    if isOfPlanes { return planeNorm(groups, weight, bias, epsilon).y }
    let count = elementCount == 0 ? 0 : elementCount / (shape[0] * groups)
    let norm = RowNorm(elementCount: elementCount, count: count, epsilon: epsilon, isCentred: true)
    return rowNorm(.layerNorm, norm, nil, nil).y.affine(weight, bias)
  }

  /// Each channel of each sample normalized separately: this [N, C, ...], weight and bias [C].
  /// PyTorch's `instance_norm`.
  public func instanceNorm(weight: Variable? = nil, bias: Variable? = nil, epsilon: Double = 1e-5) -> Variable {
    checkChannels("instanceNorm", weight, bias)
    return groupNorm(groups: Swift.max(shape[1], 1), weight: weight, bias: bias, epsilon: epsilon)
  }

  /// The result of `batchNorm`: the output, and the mean and variance of the batch.
  public typealias BatchNormalized = (output: Variable, mean: Tensor, variance: Tensor)

  /// Each channel normalized over the whole batch, as in training: this [N, C, ...], weight and bias [C].
  ///
  /// Also returns the batch's mean and (biased) variance of each channel, for running averages. Ioffe and Szegedy 2015;
  /// PyTorch's `batch_norm(training=True)`.
  public func batchNorm(
    weight: Variable? = nil, bias: Variable? = nil, epsilon: Double = 1e-5
  ) -> BatchNormalized {
    checkChannels("batchNorm", weight, bias)
    if isOfPlanes {
      let (y, statistics) = planeNorm(nil, weight, bias, epsilon)
      return (y, statistics[0], statistics[1])
    }
    let channels = transpose(0, 1)
    let norm = RowNorm(
      elementCount: elementCount, count: elementCount / Swift.max(shape[1], 1), epsilon: epsilon, isCentred: true)
    require(norm.count > 0, "batchNorm: the batch \(shape) holds nothing to take a mean of")
    let (y, statistics) = channels.rowNorm(.layerNorm, norm, nil, nil)
    return (
      y.transpose(0, 1).affine(weight, bias),
      statistics.sliced(axis: 1, start: 0, count: 1, step: 1).reshape([-1]),
      statistics.sliced(axis: 1, start: 1, count: 1, step: 1).reshape([-1])
    )
  }

  /// Each channel normalized by given means and variances [C], as in evaluation.
  /// PyTorch's `batch_norm(training=False)`.
  public func batchNorm(
    mean: Tensor, variance: Tensor, weight: Variable? = nil, bias: Variable? = nil, epsilon: Double = 1e-5
  ) -> Variable {
    checkChannels("batchNorm", weight, bias)
    require(
      mean.shape == [shape[1]] && variance.shape == [shape[1]],
      "batchNorm: mean and variance must have shape [\(shape[1])], got \(mean.shape) and \(variance.shape)")
    let factor = Variable((variance + epsilon).rsqrt())
    // Whatever does not depend on x is folded into one factor and one term per channel.
    let scale = weight.map { $0 * factor } ?? factor
    let shift = Variable(mean) * scale
    return affine(scale, bias.map { $0 - shift } ?? -shift)
  }

  /// Each value divided by (k + α · S / size)^β, S being the sum of squares over `size` neighbouring channels: this
  /// [N, C, ...], channels c − size / 2 to c + (size − 1) / 2.
  ///
  /// Krizhevsky et al. 2012; PyTorch's `local_response_norm`.
  public func localResponseNorm(_ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1) -> Variable {
    checkChannels("localResponseNorm", nil, nil)
    require(size > 0, "localResponseNorm: the size must be positive, got \(size)")
    let planes = square().reshape([shape[0], 1, shape[1], shape.dropFirst(2).product] as Shape)
    let means = planes.pad([0, 0, size / 2, (size - 1) / 2]).avgPool2d(Pair(size, 1), stride: 1)
    return self / (means * alpha + k).pow(beta).reshape(shape)
  }
}

// MARK: - Shared

extension Variable {
  /// The rule of all of them: with g = dy · weight and z = (x − mean) · f, f = 1 / √(variance + ε),
  /// dx = f · (g − mean(g) − z · mean(g · z)), dweight = Σ dy · z, dbias = Σ dy.
  fileprivate func rowNorm(
    _ op: Op, _ norm: RowNorm, _ weight: Variable?, _ bias: Variable?
  ) -> (y: Variable, statistics: Tensor) {
    requireFloat(op)
    let (value, statistics) = norm.forward(tensor, weight: weight?.tensor, bias: bias?.tensor)
    let y = record(
      op, [self, weight, bias].compactMap { $0 }, value,
      { [x = snapshot, w = weight?.snapshot, b = bias?.shape] dy in
        let found = norm.backward(x.tensor, weight: w?.tensor, statistics, dy.tensor, wantsSums: w != nil || b != nil)
        let (dWeight, dBias) = (
          w.flatMap { found.dWeight?.reshape($0.shape) }, b.flatMap { found.dBias?.reshape($0) }
        )
        guard ThreadState.current.isRecording else {
          return [found.dx, dWeight, dBias].compactMap { $0.map { Variable($0) } }
        }
        // The same in ops, so that it can be differentiated, with the values computed in one pass.
        let z = x.normalizedRows(norm), rows = dy.reshape(z.y.shape)
        let g = w.map { rows * $0.reshape([norm.count] as Shape) } ?? rows
        let share = z.y * (g * z.y).mean(axes: [1], keepDims: true)
        let centred = norm.isCentred ? g - g.mean(axes: [1], keepDims: true) : g
        let dx = (centred - share) * z.factor
        return [
          dx.replacingValue(found.dx), dWeight.map { (rows * z.y).sum(axes: [0]).replacingValue($0) },
          dBias.map { rows.sum(axes: [0]).replacingValue($0) },
        ].compactMap { $0 }
      })
    return (y, statistics)
  }

  private func normalizedRows(_ norm: RowNorm) -> (y: Variable, factor: Variable) {
    let x = reshape([norm.rows, norm.count] as Shape)
    let centred = norm.isCentred ? x - x.mean(axes: [1], keepDims: true) : x
    let factor = (centred.square().mean(axes: [1], keepDims: true) + norm.epsilon).rsqrt()
    return (centred * factor, factor)
  }

  /// Whether the axes after [N, C] are long enough for loops of their own.
  private var isOfPlanes: Bool { elementCount > 0 && shape.dropFirst(2).product >= 16 }

  /// Groups of channels of each sample, or each channel of the batch, normalized, scaled and shifted: the values and
  /// both derivatives in few passes.
  private func planeNorm(
    _ groups: Int?, _ weight: Variable?, _ bias: Variable?, _ epsilon: Double
  ) -> (y: Variable, statistics: Tensor) {
    let norm = PlaneNorm(shape, groups: groups, epsilon: epsilon)
    let (value, statistics) = norm.forward(tensor, weight: weight?.tensor, bias: bias?.tensor)
    let y = record(
      .planeNorm, [self, weight, bias].compactMap { $0 }, value,
      { [x = snapshot, w = weight?.snapshot, b = bias?.snapshot] dy in
        let found = norm.backward(x.tensor, weight: w?.tensor, statistics, dy.tensor)
        let values = [found.dx, w == nil ? nil : found.dWeight, b == nil ? nil : found.dBias].compactMap { $0 }
        guard ThreadState.current.isRecording else { return values.map { Variable($0) } }
        return Variable.gradients(
          of: { inputs in
            let z = inputs[0].normalizedPlanes(groups, epsilon)
            let scaled = w == nil ? z : z * inputs[1].asChannels(z.rank)
            return b == nil ? scaled : scaled + inputs[inputs.count - 1].asChannels(z.rank)
          }, at: [x, w, b].compactMap { $0 }, dy, values: values)
      })
    return (y, statistics)
  }

  /// The normalized values in ops.
  private func normalizedPlanes(_ groups: Int?, _ epsilon: Double) -> Variable {
    let sets = groups.map { reshape([shape[0], $0, -1]) } ?? reshape([shape[0], shape[1], -1])
    let axes = groups == nil ? [0, 2] : [2]
    let centred = sets - sets.mean(axes: axes, keepDims: true)
    let variance = centred.square().mean(axes: axes, keepDims: true)
    return (centred * (variance + epsilon).rsqrt()).reshape(shape)
  }

  /// Channels scaled and shifted, in one pass: dx = dy · weight, dweight = Σ dy · x, dbias = Σ dy.
  fileprivate func affine(_ weight: Variable?, _ bias: Variable?) -> Variable {
    if weight == nil && bias == nil { return self }
    return record(
      .channelAffine, [self, weight, bias].compactMap { $0 },
      tensor.channelAffine(scale: weight?.tensor, shift: bias?.tensor),
      { [x = snapshot, w = weight?.snapshot, hasBias = bias != nil] dy in
        let found = x.tensor.channelAffineBackward(scale: w?.tensor, dy.tensor)
        let others = (0..<x.rank).filter { $0 != 1 }
        let gradients: [Variable?] = [
          fused(found.dx) { w.map { dy * $0.asChannels(x.rank) } ?? dy },
          w.map { _ in fused(found.dScale) { (dy * x).sum(axes: others) } },
          hasBias ? fused(found.dShift) { dy.sum(axes: others) } : nil,
        ]
        // One for each operand that there is.
        let present: [Variable] = gradients.compactMap { $0 }
        return present
      })
  }

  /// A vector as axis 1 of `rank` axes.
  fileprivate func asChannels(_ rank: Int) -> Variable {
    reshape(Shape([1, shape[0]] + Array(repeating: 1, count: rank - 2)))
  }

  private func checkNorm(_ op: Op, _ normalized: Shape, _ weight: Variable?, _ bias: Variable?) {
    requireFloat(op)
    require(
      normalized.rank > 0 && normalized.rank <= rank && shape.suffix(normalized.rank).elementsEqual(normalized),
      "\(op.rawValue): \(shape) does not end in the shape to normalize, \(normalized)")
    for (name, given) in [("weight", weight), ("bias", bias)] {
      guard let given else { continue }
      require(
        given.shape == normalized && given.dtype == dtype,
        "\(op.rawValue): the \(name) must be \(dtype) \(normalized), got \(given.dtype) \(given.shape)")
    }
  }

  private func checkChannels(_ op: String, _ weight: Variable?, _ bias: Variable?) {
    require(
      dtype.isFloatingPoint && rank >= 2, "\(op): wants float32 or float64 [N, C, ...], got \(dtype) \(shape)")
    for (name, given) in [("weight", weight), ("bias", bias)] {
      guard let given else { continue }
      require(
        given.shape == [shape[1]] && given.dtype == dtype,
        "\(op): the \(name) must be \(dtype) [\(shape[1])], one for each channel, got \(given.dtype) \(given.shape)")
    }
  }
}
