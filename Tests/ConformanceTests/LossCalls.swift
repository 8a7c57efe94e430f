import NN

/// Losses.
func lossCall(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "mse_loss": [mse(a.input, a.variable("target"), reduction: try a.reduction)]
  case "l1_loss": [l1Loss(a.input, a.variable("target"), reduction: try a.reduction)]
  case "smooth_l1_loss":
    [smoothL1Loss(a.input, a.variable("target"), beta: a.double("beta", default: 1), reduction: try a.reduction)]
  case "huber_loss":
    [huberLoss(a.input, a.variable("target"), delta: a.double("delta", default: 1), reduction: try a.reduction)]
  case "gaussian_nll_loss":
    [
      gaussianNLLLoss(
        a.input, a.variable("target"), variance: a.variable("var"), isFull: a.bool("full"),
        epsilon: a.double("eps", default: 1e-6), reduction: try a.reduction)
    ]
  case "poisson_nll_loss":
    [
      poissonNLLLoss(
        a.input, a.variable("target"), isLogarithm: a.bool("log_input", default: true), isFull: a.bool("full"),
        epsilon: a.double("eps", default: 1e-8), reduction: try a.reduction)
    ]
  case "kl_div":
    [klDivergence(a.input, a.variable("target"), logTarget: a.bool("log_target"), reduction: try a.reduction)]
  case "cross_entropy": [try classEntropy(a)]
  default: try classifierCall(a) ?? marginCall(a)
  }
}

private func classifierCall(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "nll_loss":
    [
      nllLoss(
        a.input, a.tensor("target"), weight: a.optional("weight")?.value,
        ignoreIndex: a.int("ignore_index", default: -100), reduction: try a.reduction)
    ]
  case "binary_cross_entropy":
    [
      binaryCrossEntropy(
        a.input, a.variable("target"), weight: a.optional("weight")?.value, reduction: try a.reduction)
    ]
  case "binary_cross_entropy_with_logits":
    [
      binaryCrossEntropyWithLogits(
        a.input, a.variable("target"), weight: a.optional("weight")?.value,
        positiveWeight: a.optional("pos_weight")?.value, reduction: try a.reduction)
    ]
  case "multi_margin_loss":
    [
      multiMarginLoss(
        a.input, a.tensor("target"), p: a.int("p", default: 1), margin: a.double("margin", default: 1),
        weight: a.optional("weight")?.value, reduction: try a.reduction)
    ]
  case "multilabel_soft_margin_loss":
    [
      multilabelSoftMarginLoss(
        a.input, a.variable("target"), weight: a.optional("weight")?.value, reduction: try a.reduction)
    ]
  case "ctc_loss":
    [
      ctcLoss(
        a.variable("logits").logSoftmax(axis: 2), targets: a.tensor("targets"),
        inputLengths: a.tensor("input_lengths").scalars(), targetLengths: a.tensor("target_lengths").scalars(),
        blank: a.int("blank", default: 0), reduction: try a.reduction)
    ]
  default: nil
  }
}

private func marginCall(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "hinge_embedding_loss":
    [
      hingeEmbeddingLoss(
        a.input, a.tensor("target"), margin: a.double("margin", default: 1), reduction: try a.reduction)
    ]
  case "margin_ranking_loss":
    [
      marginRankingLoss(
        a.variable("input1"), a.variable("input2"), a.tensor("target"), margin: a.double("margin", default: 0),
        reduction: try a.reduction)
    ]
  case "soft_margin_loss": [softMarginLoss(a.input, a.tensor("target"), reduction: try a.reduction)]
  case "triplet_margin_loss":
    [
      tripletMarginLoss(
        anchor: a.variable("anchor"), positive: a.variable("positive"), negative: a.variable("negative"),
        margin: a.double("margin", default: 1), p: a.double("p", default: 2), epsilon: a.double("eps", default: 1e-6),
        swap: a.bool("swap"), reduction: try a.reduction)
    ]
  case "cosine_embedding_loss":
    [
      cosineEmbeddingLoss(
        a.variable("input1"), a.variable("input2"), a.tensor("target"), margin: a.double("margin", default: 0),
        reduction: try a.reduction)
    ]
  default: nil
  }
}

private func classEntropy(_ a: Arguments) throws -> Variable {
  let (target, weight) = (a.variable("target"), a.optional("weight")?.value)
  let smoothing = a.double("label_smoothing", default: 0)
  let ignoreIndex = a.int("ignore_index", default: -100)
  if target.dtype.isFloatingPoint {
    return crossEntropy(
      a.input, probabilities: target, weight: weight, labelSmoothing: smoothing, reduction: try a.reduction)
  }
  return crossEntropy(
    a.input, target.value, weight: weight, ignoreIndex: ignoreIndex, labelSmoothing: smoothing,
    reduction: try a.reduction)
}

extension Arguments {
  fileprivate var reduction: Reduction {
    get throws {
      switch string("reduction", default: "mean") {
      case "mean": .mean
      case "sum": .sum
      case "none": .none
      case "batchmean": .batchMean
      case let name: throw Complaint("reduction \(name) is not known")
      }
    }
  }
}
