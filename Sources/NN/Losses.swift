// Losses for regression: distances and likelihoods. Each is a composition of ops.

/// The target of a loss: a tensor, or a variable, which gets a gradient too.
public protocol LossTarget {
  /// The target as a variable; a tensor becomes a constant.
  var variable: Variable { get }
}

extension Tensor: LossTarget {
  /// The tensor as a constant.
  public var variable: Variable { Variable(self) }
}

extension Variable: LossTarget {
  /// The variable itself.
  public var variable: Variable { self }
}

/// How the losses of single examples are reduced to one.
public enum Reduction: Sendable {
  /// Their mean.
  case mean
  /// Their sum.
  case sum
  /// The sum over each example, and the mean of these over the batch, the first axis.
  case batchMean
  /// No reduction: one loss for each example or element.
  case none

  func callAsFunction(_ losses: Variable) -> Variable {
    switch self {
    case .mean: return losses.mean()
    case .sum: return losses.sum()
    case .none: return losses
    case .batchMean:
      require(losses.rank > 0, "batchMean: wants losses [N, ...], got \(losses.shape)")
      return losses.sum() / Double(losses.shape[0])
    }
  }
}

/// Mean squared error: (prediction − target)², over all elements. The two have one shape and type.
///
/// PyTorch's `mse_loss`, but shapes must be equal: a target that is broadcast by mistake gives a wrong mean that nobody
/// notices. Use `.batchMean` for autoencoders: the sum over the pixels of each image.
public func mse(_ prediction: Variable, _ target: some LossTarget, reduction: Reduction = .mean) -> Variable {
  let target = target.variable
  requireAlike("mse", prediction, target)
  return reduction((prediction - target).square())
}

/// Absolute error: |prediction − target|, over all elements of one shape. The derivative where both are equal is 0.
///
/// PyTorch's `l1_loss`.
public func l1Loss(_ prediction: Variable, _ target: some LossTarget, reduction: Reduction = .mean) -> Variable {
  let target = target.variable
  requireAlike("l1Loss", prediction, target)
  return reduction((prediction - target).abs())
}

/// Squared where the error e is small and absolute where it is large: ½ e² / β for |e| < β, else |e| − ½ β.
///
/// Both of one shape; β is not negative, and 0 gives `l1Loss`. Girshick 2015; PyTorch's `smooth_l1_loss`.
public func smoothL1Loss(
  _ prediction: Variable, _ target: some LossTarget, beta: Double = 1, reduction: Reduction = .mean
) -> Variable {
  let target = target.variable
  requireAlike("smoothL1Loss", prediction, target)
  require(beta >= 0, "smoothL1Loss: beta must not be negative, got \(beta)")
  if beta == 0 { return l1Loss(prediction, target, reduction: reduction) }
  let error = prediction - target
  let size = error.abs()
  return reduction(.where(size .< beta, error.square() * (0.5 / beta), size - 0.5 * beta))
}

/// δ · `smoothL1Loss` with β = δ: ½ e² for |e| < δ, else δ (|e| − ½ δ). Both of one shape; δ is above 0.
///
/// Huber 1964; PyTorch's `huber_loss`.
public func huberLoss(
  _ prediction: Variable, _ target: some LossTarget, delta: Double = 1, reduction: Reduction = .mean
) -> Variable {
  let target = target.variable
  requireAlike("huberLoss", prediction, target)
  require(delta > 0, "huberLoss: delta must be above 0, got \(delta)")
  return smoothL1Loss(prediction, target, beta: delta, reduction: reduction) * delta
}

// MARK: - Likelihoods

/// −log of a normal density with mean `prediction` and the given variance: ½ (log v + (prediction − target)² / v).
///
/// The variance is clamped to at least ε, and its gradient passes all the same. It has the prediction's
/// shape, or 1 in place of the last axis, or lacks that axis. `isFull` adds ½ log 2π. Nix and Weigend 1994;
/// PyTorch's `gaussian_nll_loss`.
public func gaussianNLLLoss(
  _ prediction: Variable, _ target: some LossTarget, variance: Variable, isFull: Bool = false, epsilon: Double = 1e-6,
  reduction: Reduction = .mean
) -> Variable {
  let target = target.variable
  requireAlike("gaussianNLLLoss", prediction, target)
  let rowShape = Shape(prediction.shape.dropLast())
  let variance = variance.shape == rowShape && variance.shape != prediction.shape ? variance.unsqueeze(-1) : variance
  require(
    variance.shape == prediction.shape || variance.shape == Shape(rowShape + [1]),
    "gaussianNLLLoss: the variance must be \(prediction.shape), with or without its last axis, got \(variance.shape)")
  require(epsilon > 0, "gaussianNLLLoss: epsilon must be above 0, got \(epsilon)")
  let v = variance + (variance.clamp(min: epsilon) - variance).detach()
  let losses = (v.log() + (prediction - target).square() / v) * 0.5
  return reduction(isFull ? losses + 0.9189385332046727 : losses)  // ½ log 2π
}

/// −log of a Poisson probability of the counts `target`: exp(x) − t · x for x the logarithm of the rate, or with
/// `isLogarithm: false` x − t · log(x + ε) for x the rate itself.
///
/// `isFull` adds Stirling's t log t − t + ½ log 2πt, which approximates log t!, where t > 1. Both of one shape.
/// PyTorch's `poisson_nll_loss`.
public func poissonNLLLoss(
  _ prediction: Variable, _ target: some LossTarget, isLogarithm: Bool = true, isFull: Bool = false,
  epsilon: Double = 1e-8, reduction: Reduction = .mean
) -> Variable {
  let target = target.variable
  requireAlike("poissonNLLLoss", prediction, target)
  var losses =
    isLogarithm ? prediction.exp() - target * prediction : prediction - target * (prediction + epsilon).log()
  if isFull {
    // Where t ≤ 1 it is replaced by 1 in the formula, so that no infinities get into the gradient.
    let isLarge = target .> 1
    let t = Variable.where(isLarge, target, Variable(target.value.onesLike()))
    let stirling = t * t.log() - t + (t * 6.283185307179586).log() * 0.5  // 2π
    losses += .where(isLarge, stirling, Variable(target.value.zerosLike()))
  }
  return reduction(losses)
}

/// Stops unless the two arguments of a loss have one shape and one float type.
func requireAlike(_ op: String, _ prediction: Variable, _ target: Variable) {
  require(
    prediction.shape == target.shape,
    "\(op): prediction \(prediction.shape) and target \(target.shape) must have one shape")
  require(
    prediction.dtype == target.dtype,
    "\(op): prediction \(prediction.dtype) and target \(target.dtype) must have one type; convert the target with "
      + "cast(to: .\(prediction.dtype))")
  prediction.requireFloat(named: op)
}
