// Losses as layers: the functions of the same names, with their options set once.

/// A loss of a prediction and a target.
///
/// ```swift
/// let criterion = CrossEntropyLoss(labelSmoothing: 0.1)
/// criterion(net(images), labels).backward()
/// ```
open class Loss: Module {
  private let function: (Variable, Variable) -> Variable
  private let name: String

  /// Creates a loss from a function; `name` is what listings show.
  public init(_ name: String, _ function: @escaping (_ prediction: Variable, _ target: Variable) -> Variable) {
    self.name = name
    self.function = function
  }

  /// The loss of a prediction.
  public final func callAsFunction(_ prediction: Variable, _ target: some LossTarget) -> Variable {
    function(prediction, target.variable)
  }

  public override var summary: String { name }
}

/// `mse` as a layer.
public final class MSELoss: Loss {
  /// Creates the loss.
  public init(reduction: Reduction = .mean) { super.init("MSELoss") { mse($0, $1, reduction: reduction) } }
}

/// `l1Loss` as a layer.
public final class L1Loss: Loss {
  /// Creates the loss.
  public init(reduction: Reduction = .mean) { super.init("L1Loss") { l1Loss($0, $1, reduction: reduction) } }
}

/// `smoothL1Loss` as a layer.
public final class SmoothL1Loss: Loss {
  /// Creates the loss with its bound β.
  public init(beta: Double = 1, reduction: Reduction = .mean) {
    super.init("SmoothL1Loss") { smoothL1Loss($0, $1, beta: beta, reduction: reduction) }
  }
}

/// `huberLoss` as a layer.
public final class HuberLoss: Loss {
  /// Creates the loss with its bound δ.
  public init(delta: Double = 1, reduction: Reduction = .mean) {
    super.init("HuberLoss") { huberLoss($0, $1, delta: delta, reduction: reduction) }
  }
}

/// `poissonNLLLoss` as a layer.
public final class PoissonNLLLoss: Loss {
  /// Creates the loss; the options are the function's.
  public init(
    isLogarithm: Bool = true, isFull: Bool = false, epsilon: Double = 1e-8, reduction: Reduction = .mean
  ) {
    super.init("PoissonNLLLoss") {
      poissonNLLLoss($0, $1, isLogarithm: isLogarithm, isFull: isFull, epsilon: epsilon, reduction: reduction)
    }
  }
}

/// `crossEntropy` as a layer, for labels and for probabilities.
public final class CrossEntropyLoss: Loss {
  /// Creates the loss; the options are the function's.
  public init(
    weight: Tensor? = nil, ignoreIndex: Int = -100, labelSmoothing: Double = 0, reduction: Reduction = .mean
  ) {
    super.init("CrossEntropyLoss") { scores, target in
      // All others are labels, or no valid target, which `crossEntropy` reports.
      if target.dtype.isFloatingPoint, target.shape == scores.shape {
        return crossEntropy(
          scores, probabilities: target, weight: weight, labelSmoothing: labelSmoothing, reduction: reduction)
      }
      return crossEntropy(
        scores, target.value, weight: weight, ignoreIndex: ignoreIndex, labelSmoothing: labelSmoothing,
        reduction: reduction)
    }
  }
}

/// `nllLoss` as a layer.
public final class NLLLoss: Loss {
  /// Creates the loss; the options are the function's.
  public init(weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: Reduction = .mean) {
    super.init("NLLLoss") { nllLoss($0, $1.value, weight: weight, ignoreIndex: ignoreIndex, reduction: reduction) }
  }
}

/// `crossEntropy(ofProbabilities:)` as a layer: the loss after a softmax layer, for labels and one-hot rows.
public final class ClassNLLCriterion: Loss {
  /// Creates the loss.
  public init(reduction: Reduction = .mean) {
    super.init("ClassNLLCriterion") { crossEntropy(ofProbabilities: $0, $1.value, reduction: reduction) }
  }
}

/// `binaryCrossEntropy` as a layer.
public final class BinaryCrossEntropyLoss: Loss {
  /// Creates the loss; the options are the function's.
  public init(weight: Tensor? = nil, reduction: Reduction = .mean) {
    super.init("BinaryCrossEntropyLoss") { binaryCrossEntropy($0, $1, weight: weight, reduction: reduction) }
  }
}

/// `binaryCrossEntropyWithLogits` as a layer.
public final class BinaryCrossEntropyWithLogitsLoss: Loss {
  /// Creates the loss; the options are the function's.
  public init(weight: Tensor? = nil, positiveWeight: Tensor? = nil, reduction: Reduction = .mean) {
    super.init("BinaryCrossEntropyWithLogitsLoss") {
      binaryCrossEntropyWithLogits($0, $1, weight: weight, positiveWeight: positiveWeight, reduction: reduction)
    }
  }
}

/// `multilabelSoftMarginLoss` as a layer.
public final class MultilabelSoftMarginLoss: Loss {
  /// Creates the loss; the options are the function's.
  public init(weight: Tensor? = nil, reduction: Reduction = .mean) {
    super.init("MultilabelSoftMarginLoss") { multilabelSoftMarginLoss($0, $1, weight: weight, reduction: reduction) }
  }
}

/// `klDivergence` as a layer.
public final class KLDivergenceLoss: Loss {
  /// Creates the loss; the options are the function's.
  public init(logTarget: Bool = false, reduction: Reduction = .mean) {
    super.init("KLDivergenceLoss") { klDivergence($0, $1, logTarget: logTarget, reduction: reduction) }
  }
}

/// `hingeEmbeddingLoss` as a layer.
public final class HingeEmbeddingLoss: Loss {
  /// Creates the loss with its margin.
  public init(margin: Double = 1, reduction: Reduction = .mean) {
    super.init("HingeEmbeddingLoss") { hingeEmbeddingLoss($0, $1.value, margin: margin, reduction: reduction) }
  }
}

/// `softMarginLoss` as a layer.
public final class SoftMarginLoss: Loss {
  /// Creates the loss.
  public init(reduction: Reduction = .mean) {
    super.init("SoftMarginLoss") { softMarginLoss($0, $1.value, reduction: reduction) }
  }
}

/// `multiMarginLoss` as a layer.
public final class MultiMarginLoss: Loss {
  /// Creates the loss; the options are the function's.
  public init(p: Int = 1, margin: Double = 1, weight: Tensor? = nil, reduction: Reduction = .mean) {
    super.init("MultiMarginLoss") {
      multiMarginLoss($0, $1.value, p: p, margin: margin, weight: weight, reduction: reduction)
    }
  }
}

/// `multilabelMarginLoss` with fixed options. PyTorch's `MultiLabelMarginLoss`.
public final class MultilabelMarginLoss: Loss {
  /// Creates the loss.
  public init(reduction: Reduction = .mean) {
    super.init("MultilabelMarginLoss") { multilabelMarginLoss($0, $1.value, reduction: reduction) }
  }
}

// MARK: - Of more than two inputs

/// A loss of two variables and a target for each pair.
open class PairLoss: Module {
  private let function: (Variable, Variable, Tensor) -> Variable
  private let name: String

  /// Creates a loss from a function; `name` is what listings show.
  public init(
    _ name: String, _ function: @escaping (_ first: Variable, _ second: Variable, _ target: Tensor) -> Variable
  ) {
    self.name = name
    self.function = function
  }

  /// The loss of pairs.
  public final func callAsFunction(_ first: Variable, _ second: Variable, _ target: Tensor) -> Variable {
    function(first, second, target)
  }

  public override var summary: String { name }
}

/// `marginRankingLoss` as a layer.
public final class MarginRankingLoss: PairLoss {
  /// Creates the loss with its margin.
  public init(margin: Double = 0, reduction: Reduction = .mean) {
    super.init("MarginRankingLoss") { marginRankingLoss($0, $1, $2, margin: margin, reduction: reduction) }
  }
}

/// `cosineEmbeddingLoss` as a layer.
public final class CosineEmbeddingLoss: PairLoss {
  /// Creates the loss with its margin.
  public init(margin: Double = 0, reduction: Reduction = .mean) {
    super.init("CosineEmbeddingLoss") { cosineEmbeddingLoss($0, $1, $2, margin: margin, reduction: reduction) }
  }
}

/// `gaussianNLLLoss` as a layer.
public final class GaussianNLLLoss: Module {
  private let isFull: Bool
  private let epsilon: Double
  private let reduction: Reduction

  /// Creates the loss; the options are the function's.
  public init(isFull: Bool = false, epsilon: Double = 1e-6, reduction: Reduction = .mean) {
    (self.isFull, self.epsilon, self.reduction) = (isFull, epsilon, reduction)
  }

  /// The loss of a mean and a variance.
  public func callAsFunction(_ prediction: Variable, _ target: Variable, variance: Variable) -> Variable {
    gaussianNLLLoss(prediction, target, variance: variance, isFull: isFull, epsilon: epsilon, reduction: reduction)
  }
}

/// `tripletMarginLoss` as a layer.
public final class TripletMarginLoss: Module {
  private let margin, p, epsilon: Double
  private let swap: Bool
  private let reduction: Reduction

  /// Creates the loss; the options are the function's.
  public init(
    margin: Double = 1, p: Double = 2, epsilon: Double = 1e-6, swap: Bool = false, reduction: Reduction = .mean
  ) {
    (self.margin, self.p, self.epsilon, self.swap, self.reduction) = (margin, p, epsilon, swap, reduction)
  }

  /// The loss of three embeddings.
  public func callAsFunction(anchor: Variable, positive: Variable, negative: Variable) -> Variable {
    tripletMarginLoss(
      anchor: anchor, positive: positive, negative: negative, margin: margin, p: p, epsilon: epsilon, swap: swap,
      reduction: reduction)
  }
}

/// `tripletMarginLoss` with a distance of one's own. PyTorch's `TripletMarginWithDistanceLoss`.
public final class TripletMarginWithDistanceLoss: Module {
  private let distance: (Variable, Variable) -> Variable
  private let margin: Double
  private let swap: Bool
  private let reduction: Reduction

  /// Creates the loss; the distance is by default that of `Variable.pairwiseDistance`.
  public init(
    distance: @escaping (Variable, Variable) -> Variable = { $0.pairwiseDistance($1) }, margin: Double = 1,
    swap: Bool = false, reduction: Reduction = .mean
  ) {
    (self.distance, self.margin, self.swap, self.reduction) = (distance, margin, swap, reduction)
  }

  /// The loss of examples.
  public func callAsFunction(anchor: Variable, positive: Variable, negative: Variable) -> Variable {
    tripletMarginLoss(
      anchor: anchor, positive: positive, negative: negative, distance: distance, margin: margin, swap: swap,
      reduction: reduction)
  }
}

/// `ctcLoss` as a layer.
public final class CTCLoss: Module {
  private let blank: Int
  private let zeroInfinity: Bool
  private let reduction: Reduction

  /// Creates the loss; the options are the function's.
  public init(blank: Int = 0, zeroInfinity: Bool = false, reduction: Reduction = .mean) {
    (self.blank, self.zeroInfinity, self.reduction) = (blank, zeroInfinity, reduction)
  }

  /// The loss of log-probabilities [T, N, C].
  public func callAsFunction(
    _ logProbabilities: Variable, targets: Tensor, inputLengths: [Int], targetLengths: [Int]
  ) -> Variable {
    ctcLoss(
      logProbabilities, targets: targets, inputLengths: inputLengths, targetLengths: targetLengths, blank: blank,
      zeroInfinity: zeroInfinity, reduction: reduction)
  }
}
