// Losses that are 0 once a margin is kept. Targets y are 1 and −1. Each is a composition of ops.

/// x where y = 1, max(0, margin − x) where y = −1: x is the distance of a pair that belongs together or does not.
///
/// `distances` and `target` of one shape. PyTorch's `hinge_embedding_loss`.
public func hingeEmbeddingLoss(
  _ distances: Variable, _ target: Tensor, margin: Double = 1, reduction: Reduction = .mean
) -> Variable {
  requireAlike("hingeEmbeddingLoss", distances, Variable(target.cast(to: distances.dtype)))
  return reduction(.where(target .== 1, distances, (margin - distances).clamp(min: 0)))
}

/// max(0, margin − y (x₁ − x₂)): the first should be larger where y = 1, the second where y = −1. Shapes broadcast.
///
/// PyTorch's `margin_ranking_loss`.
public func marginRankingLoss(
  _ first: Variable, _ second: Variable, _ target: Tensor, margin: Double = 0, reduction: Reduction = .mean
) -> Variable {
  let target = Variable(target.cast(to: first.dtype))
  return reduction((margin - target * (first - second)).clamp(min: 0))
}

/// log(1 + exp(−y x)), for scores and targets of one shape; stable for scores of any
/// size. PyTorch's `soft_margin_loss`.
public func softMarginLoss(_ scores: Variable, _ target: Tensor, reduction: Reduction = .mean) -> Variable {
  let target = Variable(target.cast(to: scores.dtype))
  requireAlike("softMarginLoss", scores, target)
  return reduction(-(scores * target).logSigmoid())
}

/// max(0, margin + ‖a − p‖ₚ − ‖a − n‖ₚ): an anchor should be nearer to the positive than to the negative example.
///
/// All three [N, D] or [D]; distances are `pairwiseDistance`, with its ε. With `swap` the smaller of the negative's
/// distances to anchor and positive counts (Balntas et al. 2016). Schroff et al. 2015; PyTorch's `triplet_margin_loss`.
public func tripletMarginLoss(
  anchor: Variable, positive: Variable, negative: Variable, margin: Double = 1, p: Double = 2, epsilon: Double = 1e-6,
  swap: Bool = false, reduction: Reduction = .mean
) -> Variable {
  require(
    anchor.shape == positive.shape && anchor.shape == negative.shape,
    "tripletMarginLoss: anchor \(anchor.shape), positive \(positive.shape) and negative \(negative.shape) must have "
      + "one shape")
  require(margin > 0, "tripletMarginLoss: the margin must be above 0, got \(margin)")
  let near = anchor.pairwiseDistance(positive, p, epsilon: epsilon)
  var far = anchor.pairwiseDistance(negative, p, epsilon: epsilon)
  if swap { far = far.minimum(positive.pairwiseDistance(negative, p, epsilon: epsilon)) }
  return reduction((near - far + margin).clamp(min: 0))
}

/// 1 − cos(x₁, x₂) where y = 1, max(0, cos − margin) where y = −1.
///
/// Vectors [N, D] with target [N], or [D] with target []. PyTorch's `cosine_embedding_loss`.
public func cosineEmbeddingLoss(
  _ first: Variable, _ second: Variable, _ target: Tensor, margin: Double = 0, reduction: Reduction = .mean
) -> Variable {
  requireAlike("cosineEmbeddingLoss", first, second)
  require(
    first.rank > 0 && target.shape == Shape(first.shape.dropLast()),
    "cosineEmbeddingLoss: vectors \(first.shape) need one target each, got \(target.shape)")
  let tiny = Double(Float(1e-12))  // as in PyTorch, for doubles too
  let squares = (first.square().sum(axes: [-1]) + tiny) * (second.square().sum(axes: [-1]) + tiny)
  let cosine = (first * second).sum(axes: [-1]) / squares.sqrt()
  return reduction(.where(target .== 1, 1 - cosine, (cosine - margin).clamp(min: 0)))
}

/// `tripletMarginLoss` with a distance of one's own: max(0, d(a, p) − d(a, n) + margin), or with `swap` the
/// smaller of d(a, n) and d(p, n). PyTorch's `triplet_margin_with_distance_loss`.
public func tripletMarginLoss(
  anchor: Variable, positive: Variable, negative: Variable, distance: (Variable, Variable) -> Variable,
  margin: Double = 1, swap: Bool = false, reduction: Reduction = .mean
) -> Variable {
  require(margin > 0, "tripletMarginLoss: the margin must be above 0, got \(margin)")
  let (near, far) = (distance(anchor, positive), distance(anchor, negative))
  requireAlike("tripletMarginLoss", near, far)
  let nearer = swap ? far.minimum(distance(positive, negative)) : far
  return reduction((near - nearer + margin).clamp(min: 0))
}

/// Hinge loss over several labels per example: Σⱼ Σᵢ max(0, 1 − (xⱼ − xᵢ)) / C over labels j and other classes i.
///
/// Scores [N, C] or [C]; the target has the same shape and is int64 or int32: the labels, then −1, after which the rest
/// is ignored. Stops for a label out of range. PyTorch's `multilabel_margin_loss`.
public func multilabelMarginLoss(_ scores: Variable, _ target: Tensor, reduction: Reduction = .mean) -> Variable {
  require(
    (scores.rank == 1 || scores.rank == 2) && target.shape == scores.shape,
    "multilabelMarginLoss: wants scores [N, C] or [C] and a target of that shape, "
      + "got \(scores.shape) and \(target.shape)"
  )
  require(
    target.dtype == .int64 || target.dtype == .int32,
    "multilabelMarginLoss: labels must be int64 or int32, got \(target.dtype) \(target.shape); "
      + "convert with cast(to: .int64)"
  )
  if scores.rank == 1 {
    let loss = multilabelMarginLoss(scores.unsqueeze(0), target.unsqueeze(0), reduction: .none)
    return reduction(loss.squeeze(axes: [0]))
  }
  let (count, classes) = (scores.shape[0], scores.shape[1])
  var (isLabel, named) = ([Bool](repeating: false, count: count * classes), [(row: Int, label: Int)]())
  let labels = target.scalars(as: Int.self)
  for row in 0..<count {
    for label in labels[(row * classes)..<((row + 1) * classes)].prefix(while: { $0 != -1 }) {
      require(
        label >= 0 && label < classes,
        "multilabelMarginLoss: label \(label) in row \(row) is out of range for \(classes) classes")
      isLabel[row * classes + label] = true
      named.append((row, label))
    }
  }
  // A row for each label: what the other classes' scores lack to 1 below it.
  let own = scores.flatten().indexSelect(axis: 0, named.map { $0.row * classes + $0.label }).unsqueeze(-1)
  let rows = named.map(\.row), isOwn = Tensor(isLabel, shape: [count, classes])[rows]
  let lacks = (1 - (own - scores.indexSelect(axis: 0, rows))).clamp(min: 0).maskedFill(isOwn, 0)
  let zeros = Variable(Tensor.zeros([count], dtype: scores.dtype))
  return reduction(zeros.indexReduce(axis: 0, rows, lacks.sum(axes: [1]), .sum) / Double(max(classes, 1)))
}
