extension Variable {
  /// Attention: softmax(query · keyᵀ · scale + mask) · value.
  ///
  /// Query [..., L, E], key [..., S, E], value [..., S, V] give [..., L, V]; leading axes are batches and heads, which
  /// broadcast. `mask` broadcasts to [..., L, S]: floats are added to the scores; with bools, only positions that
  /// are `true` are attended to. With `isCausal` position i attends to positions up to i. `scale` defaults to 1 /
  /// √E. A row that may attend to nothing gives zeros. `dropout` is the probability with which each weight is
  /// dropped, as `dropout(_:generator:)` drops elements: give it in training only. Stops when shapes, types, the
  /// mask or the probability do not fit.
  ///
  /// Vaswani et al. 2017; PyTorch's `scaled_dot_product_attention`.
  public static func scaledDotProductAttention(
    query: Variable, key: Variable, value: Variable, mask: Tensor? = nil, dropout: Double = 0, isCausal: Bool = false,
    scale: Double? = nil, generator: RandomGenerator = .default
  ) -> Variable {
    require(
      query.rank >= 2 && key.rank >= 2 && value.rank >= 2 && query.shape[-1] == key.shape[-1]
        && key.shape[-2] == value.shape[-2],
      "scaledDotProductAttention: wants query [..., L, E], key [..., S, E] and value [..., S, V], got \(query.shape), "
        + "\(key.shape) and \(value.shape)")
    for other in [key, value] where other.dtype != query.dtype {
      stopForTypes("scaledDotProductAttention", query.tensor, other.tensor)
    }
    requireBatches("scaledDotProductAttention", query, key, value)
    let weights = weights("scaledDotProductAttention", query, key, mask, isCausal, scale, dropout, generator)
    return weights.matmul(value)
  }

  /// The weights by which attention multiplies values: softmax(query · keyᵀ · scale + mask), [..., L, S], in part
  /// dropped; see `scaledDotProductAttention`.
  public static func attentionWeights(
    query: Variable, key: Variable, mask: Tensor? = nil, dropout: Double = 0, isCausal: Bool = false,
    scale: Double? = nil, generator: RandomGenerator = .default
  ) -> Variable {
    require(
      query.rank >= 2 && key.rank >= 2 && query.shape[-1] == key.shape[-1],
      "attentionWeights: wants query [..., L, E] and key [..., S, E], got \(query.shape) and \(key.shape)")
    if query.dtype != key.dtype { stopForTypes("attentionWeights", query.tensor, key.tensor) }
    requireBatches("attentionWeights", query, key)
    return weights("attentionWeights", query, key, mask, isCausal, scale, dropout, generator)
  }

  private static func weights(
    _ op: String, _ query: Variable, _ key: Variable, _ mask: Tensor?, _ isCausal: Bool, _ scale: Double?,
    _ dropout: Double, _ generator: RandomGenerator
  ) -> Variable {
    query.requireFloat(named: op)
    require(dropout >= 0 && dropout <= 1, "\(op): a probability of dropout lies between 0 and 1, got \(dropout)")
    let factor = scale ?? 1 / Double(query.shape[-1]).squareRoot()
    var scores = (query * factor).matmul(key.transpose())
    if isCausal {
      let (rows, columns) = (scores.shape[-2], scores.shape[-1])
      let row = Tensor.arange(rows, dtype: .int64).reshape([rows, 1])
      scores = scores.maskedFill(Tensor.arange(columns, dtype: .int64) .> row, -.infinity)
    }
    return softmax(op, scores, mask).dropout(dropout, generator: generator)
  }

  /// Softmax of scores of which a mask excludes some; rows that are excluded as a whole give zeros.
  private static func softmax(_ op: String, _ scores: Variable, _ mask: Tensor?) -> Variable {
    guard let mask else { return scores.softmax() }
    require(
      (mask.dtype == .bool || mask.dtype.isFloatingPoint)
        && Shape.broadcast(mask.shape, scores.shape) == scores.shape,
      "\(op): the mask must be bool or a float and broadcast to the scores \(scores.shape), "
        + "got \(mask.dtype) \(mask.shape)"
    )
    let masked =
      mask.dtype == .bool
      ? scores.maskedFill(!mask, -.infinity) : scores + Variable(mask.cast(to: scores.dtype))
    if masked.shape[-1] == 0 { return masked.softmax() }
    let isBlind = masked.tensor.max(axes: [-1], keepDims: true) .== -.infinity
    return masked.maskedFill(isBlind, 0).softmax().maskedFill(isBlind, 0)
  }

  /// Stops unless the axes before the last two broadcast together.
  private static func requireBatches(_ op: String, _ operands: Variable...) {
    let batches = operands.map { Shape($0.shape.dropLast(2)) }
    require(
      Shape.broadcast(batches) != nil,
      "\(op): batches \(batches.map(\.description).joined(separator: " and ")) do not broadcast")
  }
}
