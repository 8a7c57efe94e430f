// Losses for binary classification and for pairs of distributions: each a composition of ops.

/// Cross entropy of probabilities and binary targets: −w (t log x + (1 − t) log(1 − x)), each logarithm at least −100.
///
/// `probabilities` and `target` of one shape, between 0 and 1 (stops for a probability outside); `weight` broadcasts to
/// it. Prefer `binaryCrossEntropyWithLogits`, which loses no digits near 0 and 1. PyTorch's `binary_cross_entropy`.
public func binaryCrossEntropy(
  _ probabilities: Variable, _ target: some LossTarget, weight: Tensor? = nil, reduction: Reduction = .mean
) -> Variable {
  let target = target.variable
  requireAlike("binaryCrossEntropy", probabilities, target)
  checkWeight("binaryCrossEntropy", "weight", weight, probabilities)
  return reduction(weighted(probabilities.binaryCrossEntropy(target), by: weight))
}

/// Cross entropy of scores and binary targets: −w (p t log σ(x) + (1 − t) log(1 − σ(x))),
/// stable for scores of any size.
///
/// `scores` and `target` of one shape; `weight` and the weight p of positives, `positiveWeight`, broadcast to it.
/// PyTorch's `binary_cross_entropy_with_logits`.
public func binaryCrossEntropyWithLogits(
  _ scores: Variable, _ target: some LossTarget, weight: Tensor? = nil, positiveWeight: Tensor? = nil,
  reduction: Reduction = .mean
) -> Variable {
  let target = target.variable
  requireAlike("binaryCrossEntropyWithLogits", scores, target)
  checkWeight("binaryCrossEntropyWithLogits", "weight", weight, scores)
  checkWeight("binaryCrossEntropyWithLogits", "weight of positives", positiveWeight, scores)
  // log(1 − σ(x)) = log σ(x) − x.
  let logarithm = scores.logSigmoid()
  let factor = positiveWeight.map { 1 + target * (Variable($0) - 1) }
  let losses = (1 - target) * scores - (factor.map { $0 * logarithm } ?? logarithm)
  return reduction(weighted(losses, by: weight))
}

/// For each row the mean over classes of −w (t log σ(x) + (1 − t) log σ(−x)): several classes may be true.
///
/// `scores` and `target` [..., C], `weight` [C]; returns [...] with `.none`. PyTorch's `multilabel_soft_margin_loss`.
public func multilabelSoftMarginLoss(
  _ scores: Variable, _ target: some LossTarget, weight: Tensor? = nil, reduction: Reduction = .mean
) -> Variable {
  let target = target.variable
  requireAlike("multilabelSoftMarginLoss", scores, target)
  require(scores.rank > 0, "multilabelSoftMarginLoss: needs an axis of classes, got \(scores.shape)")
  checkWeight("multilabelSoftMarginLoss", "weight", weight, scores)
  let losses = binaryCrossEntropyWithLogits(scores, target, weight: weight, reduction: .none)
  return reduction(losses.mean(axes: [-1]))
}

/// The divergence of a distribution from the target one: t · (log t − x), where x is the logarithm of a probability.
///
/// Both of one shape; with `logTarget` the target is a logarithm too. An element t = 0 gives 0. `.batchMean` gives the
/// mathematical divergence. Kullback and Leibler 1951; PyTorch's `kl_div`.
public func klDivergence(
  _ logProbabilities: Variable, _ target: some LossTarget, logTarget: Bool = false, reduction: Reduction = .mean
) -> Variable {
  let target = target.variable
  requireAlike("klDivergence", logProbabilities, target)
  let losses: Variable
  if logTarget {
    losses = target.exp() * (target - logProbabilities)
  } else {
    // t log t is 0 at 0, and its gradient is kept finite there.
    let t = target.maskedFill(target .== 0, 1)
    losses = target * (t.log() - logProbabilities)
  }
  return reduction(losses)
}

/// Stops for a weight that would broadcast the scores to a larger shape: [N, 1] for [N] would pair each with each.
private func checkWeight(_ loss: StaticString, _ what: StaticString, _ weight: Tensor?, _ scores: Variable) {
  guard let weight else { return }
  require(
    Shape.broadcast(weight.shape, scores.shape) == scores.shape,
    "\(loss): the \(what) must broadcast to \(scores.shape), got \(weight.shape)")
}

/// Losses times weights that broadcast to them.
private func weighted(_ losses: Variable, by weight: Tensor?) -> Variable {
  weight.map { losses * Variable($0) } ?? losses
}
