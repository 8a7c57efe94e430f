// What training makes small. Each loss is a composition of ops.

/// How the losses of single examples become one.
public enum Reduction: Sendable {
  /// Their mean.
  case mean
  /// Their sum.
  case sum
  /// All of them, one an example.
  case none

  func callAsFunction(_ losses: Variable) -> Variable {
    switch self {
    case .mean: losses.mean()
    case .sum: losses.sum()
    case .none: losses
    }
  }
}

/// Cross entropy of scores and labels: −log softmax(scores)[label].
///
/// `scores` [N, C] of a float type, before any softmax; `labels` [N] of int64 or int32, each from 0 up to C. Gives a single
/// value, or [N] with `.none`. Stable for scores of any size. PyTorch's `cross_entropy`. Stops for a label out of range,
/// naming it.
public func crossEntropy(_ scores: Variable, _ labels: Tensor, reduction: Reduction = .mean) -> Variable {
  reduction(scores.crossEntropy(labels))
}

/// Cross entropy of scores and labels in an array.
public func crossEntropy(_ scores: Variable, _ labels: [Int], reduction: Reduction = .mean) -> Variable {
  crossEntropy(scores, Tensor(labels), reduction: reduction)
}

/// Mean squared error: (prediction − target)², over all elements. The two have one shape.
///
/// PyTorch's `mse_loss`, but shapes must be equal: broadcasting a target by mistake is how means go wrong unseen.
public func mse(_ prediction: Variable, _ target: Variable, reduction: Reduction = .mean) -> Variable {
  require(
    prediction.shape == target.shape,
    "mse: prediction \(prediction.shape) and target \(target.shape) must have one shape")
  return reduction((prediction - target).square())
}

/// Mean squared error against data.
public func mse(_ prediction: Variable, _ target: Tensor, reduction: Reduction = .mean) -> Variable {
  mse(prediction, Variable(target), reduction: reduction)
}
