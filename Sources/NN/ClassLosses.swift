// Losses for classification into one of several classes: each a composition of ops.

/// Cross entropy of scores and classes: −log softmax(scores)[label], times the label's weight.
///
/// `scores` [N, C] or [N, C, d₁, …] of a float type, or [C] for one example, before any softmax. `target`: labels
/// [N, d₁, …] of int64 or int32, each from 0 up to C, or `ignoreIndex`, which does not count; or probabilities (also
/// one-hot rows, of any type) of the scores' shape. `weight` [C] weighs classes. `labelSmoothing` ε mixes in 1/C of
/// every class: (1 − ε) · loss(label) + ε/C · Σ loss(class).
///
/// The mean is over weights: Σ w · loss / Σ w, and 0 if all labels are ignored; for probabilities it is over positions.
/// Stable for scores of any size. PyTorch's `cross_entropy`. Stops for a label out of range, naming it.
public func crossEntropy(
  _ scores: Variable, _ target: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100, labelSmoothing: Double = 0,
  reduction: Reduction = .mean
) -> Variable {
  if target.dtype.isFloatingPoint || (target.shape == scores.shape && scores.rank > 0) {
    require(
      target.shape == scores.shape,
      "crossEntropy: labels are int64 or int32, and probabilities have the scores' shape \(scores.shape); got "
        + "\(target.dtype) \(target.shape); labels convert with cast(to: .int64)")
    return crossEntropy(
      scores, probabilities: target.cast(to: scores.dtype), weight: weight, labelSmoothing: labelSmoothing,
      reduction: reduction)
  }
  checkSmoothing(labelSmoothing)
  let positions = LabeledPositions("crossEntropy", scores, target, weight, ignoreIndex)
  if labelSmoothing == 0 {
    return positions.reduced(positions.weighted(positions.rows.crossEntropy(checked: positions.labels)), reduction)
  }
  let losses = -positions.rows.logSoftmax(axis: 1)
  let ofAll = (weight.map { losses * Variable($0) } ?? losses).sum(axes: [1])
  let smoothed =
    positions.weighted(positions.picked(losses)) * (1 - labelSmoothing)
    + positions.counted(ofAll) * (labelSmoothing / Double(losses.shape[1]))
  return positions.reduced(smoothed, reduction)
}

/// Cross entropy of scores and labels in an array.
public func crossEntropy(
  _ scores: Variable, _ labels: [Int], weight: Tensor? = nil, ignoreIndex: Int = -100, labelSmoothing: Double = 0,
  reduction: Reduction = .mean
) -> Variable {
  crossEntropy(
    scores, Tensor(labels), weight: weight, ignoreIndex: ignoreIndex, labelSmoothing: labelSmoothing,
    reduction: reduction)
}

/// Cross entropy of scores and probabilities of the same shape: −Σ w · p · log softmax(scores) over the classes.
///
/// Classes are axis 1 of [N, C, d₁, …] or the one of [C]. Gradients reach the probabilities too. Options as for labels;
/// the mean is over positions. PyTorch's `cross_entropy`.
public func crossEntropy(
  _ scores: Variable, probabilities: some LossTarget, weight: Tensor? = nil, labelSmoothing: Double = 0,
  reduction: Reduction = .mean
) -> Variable {
  let probabilities = probabilities.variable
  checkSmoothing(labelSmoothing)
  requireAlike("crossEntropy", scores, probabilities)
  let axis = classAxis("crossEntropy", scores, weight)
  let p = probabilities * (1 - labelSmoothing) + labelSmoothing / Double(scores.shape[axis])
  var losses = p * scores.logSoftmax(axis: axis)
  if let weight {
    losses *= Variable(weight.reshape([scores.shape[axis]] + Array(repeating: 1, count: scores.rank - axis - 1)))
  }
  return reduction(-losses.sum(axes: [axis]))
}

/// Cross entropy of probabilities, such as a softmax layer's: −Σ target · log p over the last axis, over all rows.
///
/// `target` has p's shape and any non-negative numbers ([1, 2, 3] too), or is one label per row (int64, int32). p
/// is clamped to at least `epsilon`, so that a probability of 0 gives a large number. Prefer
/// `crossEntropy(scores, …)`, which loses no digits.
public func crossEntropy(
  ofProbabilities p: Variable, _ target: Tensor, epsilon: Double = 1e-15, reduction: Reduction = .mean
) -> Variable {
  require(p.rank > 0, "crossEntropy: probabilities need an axis of classes, got \(p.shape)")
  if target.shape == p.shape {
    return reduction(-(p.clamp(min: epsilon).log() * Variable(target.cast(to: p.dtype))).sum(axes: [-1]))
  }
  let rows = p.reshape([-1, p.shape[-1]])
  return nllLoss(rows.clamp(min: epsilon).log(), target.reshape([rows.shape[0]] as Shape), reduction: reduction)
}

/// The negated logarithms of probabilities at the labels: −w · x[label].
///
/// `logProbabilities` [N, C], [N, C, d₁, …] or [C], from `logSoftmax`; labels, weights and the mean as for
/// `crossEntropy`. PyTorch's `nll_loss`.
public func nllLoss(
  _ logProbabilities: Variable, _ labels: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100,
  reduction: Reduction = .mean
) -> Variable {
  let positions = LabeledPositions("nllLoss", logProbabilities, labels, weight, ignoreIndex)
  return positions.reduced(positions.weighted(-positions.picked(positions.rows)), reduction)
}

/// For each row Σ max(0, margin − x[label] + x[class])ᵖ · w[label] / C over the other classes. p is 1 or 2.
///
/// `scores` [N, C] or [C], labels [N] or []; returns [N] with `.none`. Crammer and Singer 2001; PyTorch's
/// `multi_margin_loss`.
public func multiMarginLoss(
  _ scores: Variable, _ labels: Tensor, p: Int = 1, margin: Double = 1, weight: Tensor? = nil,
  reduction: Reduction = .mean
) -> Variable {
  require(p == 1 || p == 2, "multiMarginLoss: p is 1 or 2, got \(p)")
  require(scores.rank <= 2, "multiMarginLoss: wants scores [N, C] or [C], got \(scores.shape)")
  let positions = LabeledPositions("multiMarginLoss", scores, labels, weight, nil)
  let column = positions.labels.unsqueeze(1)
  let excess = (positions.rows - positions.rows.gather(axis: 1, index: column) + margin).relu()
  let classes = Tensor.arange(positions.rows.shape[1], dtype: .int64)
  let others = excess.maskedFill(column .== classes, 0)
  let losses = positions.weighted((p == 2 ? others.square() : others).mean(axes: [1]))
  return reduction(losses.reshape(positions.shape))
}

// MARK: - Shared

/// Scores as rows of classes, and the label of each row.
private struct LabeledPositions {
  /// [M, C]
  let rows: Variable
  /// [M] of int64; 0 where ignored.
  let labels: Tensor
  /// The shape of the positions: that of the labels.
  let shape: Shape
  /// [M], the weight of each row: that of its class, 0 where ignored. nil if all weights are 1.
  private let weights: Variable?
  /// [M], whether a row is ignored. nil if none is.
  private let ignored: Tensor?

  @inline(__always)
  init(_ op: String, _ scores: Variable, _ labels: Tensor, _ weight: Tensor?, _ ignoreIndex: Int?) {
    let axis = classAxis(op, scores, weight)
    let classes = scores.shape[axis]
    shape = scores.shape.reducing(AxisSet(axis..<(axis + 1)), keepDims: false)
    require(
      labels.dtype == .int64 || labels.dtype == .int32,
      "\(op): labels must be int64 or int32, got \(labels.dtype); convert with cast(to: .int64)")
    require(
      labels.shape == shape,
      "\(op): the labels must be \(shape), one for each position of the scores \(scores.shape), got \(labels.shape)")
    rows = scores.rank == 2 ? scores : scores.movingClassesLast(axis)
    var labels = labels
    if labels.rank != 1 || labels.dtype != .int64 || !labels.isContiguous {
      labels = labels.reshape(Shape(shape.elementCount)).cast(to: .int64).contiguous()
    }
    ignored = labels.replaceIgnored(op, ignoreIndex, classes: classes)
    self.labels = labels
    var weights = weight?.indexSelect(axis: 0, labels.scalars(as: Int.self))
    if let ignored {
      let type = scores.dtype
      weights = .where(ignored, .zeros([], dtype: type), weights ?? .ones(labels.shape, dtype: type))
    }
    self.weights = weights.map { Variable($0) }
  }

  /// The element of each row that its label names.
  func picked(_ rows: Variable) -> Variable {
    rows.gather(axis: 1, index: labels.unsqueeze(1)).squeeze(axes: [1])
  }

  /// Losses [M], 0 for ignored rows. Not a product with 0, which would keep infinities.
  func counted(_ losses: Variable) -> Variable { ignored.map { losses.maskedFill($0, 0) } ?? losses }

  /// Losses [M] times the weights of their rows.
  func weighted(_ losses: Variable) -> Variable { weights.map { counted(losses) * $0 } ?? losses }

  /// Weighted losses [M] reduced to one, or shaped like the positions.
  func reduced(_ losses: Variable, _ reduction: Reduction) -> Variable {
    guard case .mean = reduction, let weights else { return reduction(losses.reshape(shape)) }
    let total = weights.sum().item()
    return losses.sum() / (total == 0 ? 1 : total)
  }
}

/// The axis of classes: 1, or 0 for a single example. Checks the scores and the weights of classes.
private func classAxis(_ op: String, _ scores: Variable, _ weight: Tensor?) -> Int {
  scores.requireFloat(named: op)
  require(scores.rank > 0, "\(op): the scores must be [N, classes, …] or [classes], got \(scores.shape)")
  let axis = scores.rank == 1 ? 0 : 1
  if let weight {
    require(
      weight.shape == [scores.shape[axis]],
      "\(op): the weights must be [\(scores.shape[axis])], one for each class, got \(weight.shape)")
  }
  return axis
}

private func checkSmoothing(_ amount: Double) {
  require(amount >= 0 && amount <= 1, "crossEntropy: label smoothing lies between 0 and 1, got \(amount)")
}

extension Variable {
  /// [N, C, d₁, …] or [C] as rows [M, C].
  fileprivate func movingClassesLast(_ axis: Int) -> Variable {
    let others = (0..<rank).filter { $0 != axis }
    return permute(others + [axis]).reshape([others.reduce(1) { $0 * shape[$1] }, shape[axis]])
  }
}

extension Tensor {
  /// Checks dense labels [M] of int64 against the number of classes and sets ignored ones to
  /// 0; returns their mask, if any.
  fileprivate mutating func replaceIgnored(_ op: String, _ ignoreIndex: Int?, classes: Int) -> Tensor? {
    guard checkLabels(op, classes: classes, ignoreIndex: ignoreIndex), let ignoreIndex else { return nil }
    let mask = self .== Double(ignoreIndex)
    self = .where(mask, .zeros([], dtype: .int64), self)
    return mask
  }
}
