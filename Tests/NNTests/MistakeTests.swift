import NN
import Testing

/// Misuse of layers and losses, and the message for each.
@Suite struct MistakeTests {
  @Test(arguments: mistakes.indices) func stopsWithASentence(index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      mistakes[index].commit()
    }
    expectSentence(result, mistakes[index].sentence)
  }
}

private let mistakes =
  layerMistakes + containerMistakes + copyMistakes + pathMistakes + sequenceMistakes + lossMistakes + hookMistakes
  + distributionMistakes

private let lossMistakes = [
  Mistake("withValues: Linear has no parameter or buffer wight") {
    _ = Linear(2, 1).withValues([Named(name: "wight", element: Variable([[1, 2]]))]) { 0 }
  },
  Mistake("withValues: weight is float32 [1, 2], got float32 [2]") {
    _ = Linear(2, 1).withValues([Named(name: "weight", element: Variable([1, 2]))]) { 0 }
  },
  Mistake(
    "labels are int64 or int32, and probabilities have the scores' shape [2, 3]; got float32 [2]; "
      + "labels convert with cast(to: .int64)"
  ) { _ = CrossEntropyLoss()(Variable(.zeros([2, 3])), Tensor([0, 1])) },
  Mistake("linear: types differ, got int64 [1, 2] and float32 [1, 2]; convert one with cast(to: .float32)") {
    _ = Linear(2, 1)(Tensor([[1, 2]], dtype: .int64))
  },
  Mistake("cast: parameters are float32 or float64, got int64") { Linear(2, 1).cast(to: .int64) },
  Mistake("crossEntropy: wants float32 or float64, got int64 [2, 3]") {
    _ = crossEntropy(Variable(.zeros([2, 3], dtype: .int64)), [0, 1])
  },
  Mistake("ctcLoss: targets of lengths [9223372036854775807, 3] must be [2, S]") {
    _ = ctcLoss(
      Variable(.zeros([4, 2, 3])), targets: .ones([3], dtype: .int64), inputLengths: [4, 4], targetLengths: [.max, 3])
  },
  Mistake("crossEntropy: label 3 in row 1 is out of range for 3 classes") {
    _ = crossEntropy(Variable(.zeros([2, 3])), [0, 3])
  },
  Mistake("crossEntropy: label -1 in row 0 is out of range for 3 classes") {
    _ = crossEntropy(Variable(.zeros([1, 3])), [-1])
  },
  Mistake("crossEntropy: the labels must be [2], one for each position of the scores [2, 3], got [3]") {
    _ = crossEntropy(Variable(.zeros([2, 3])), [0, 1, 2])
  },
  Mistake("crossEntropy: the labels must be [], one for each position of the scores [3], got [1]") {
    _ = crossEntropy(Variable(.zeros([3])), [0])
  },
  Mistake("crossEntropy: labels are int64 or int32, and probabilities have the scores' shape [2, 3]; got float32 [2]") {
    _ = crossEntropy(Variable(.zeros([2, 3])), Tensor([0, 1]))
  },
  Mistake("crossEntropy: the scores must be [N, classes, …] or [classes], got []") {
    _ = crossEntropy(Variable(Tensor(1)), Tensor([0], shape: []).cast(to: .int64))
  },
  Mistake("crossEntropy: the weights must be [3], one for each class, got [2]") {
    _ = crossEntropy(Variable(.zeros([1, 3])), [0], weight: Tensor([1, 2]))
  },
  Mistake("crossEntropy: label smoothing lies between 0 and 1, got 1.5") {
    _ = crossEntropy(Variable(.zeros([1, 3])), [0], labelSmoothing: 1.5)
  },
  Mistake("nllLoss: label 7 in row 1 is out of range for 3 classes") {
    _ = nllLoss(Variable(.zeros([2, 3])), Tensor([0, 7], dtype: .int64))
  },
  Mistake("multiMarginLoss: p is 1 or 2, got 3") {
    _ = multiMarginLoss(Variable(.zeros([1, 3])), Tensor([0]).cast(to: .int64), p: 3)
  },
  Mistake("mse: prediction [3] and target [3, 1] must have one shape") {
    _ = mse(Variable(.zeros([3])), Tensor.zeros([3, 1]))
  },
  Mistake(
    "mse: prediction float32 and target int64 must have one type; convert the target with cast(to: .float32)"
  ) {
    _ = mse(Variable(.zeros([2])), Tensor([0, 1]).cast(to: .int64))
  },
  Mistake("mse: wants float32 or float64, got int64 [2]; convert with cast(to: .float32)") {
    let numbers = Tensor([0, 1]).cast(to: .int64)
    _ = mse(Variable(numbers), numbers)
  },
  Mistake("batchMean: wants losses [N, ...], got []") {
    _ = mse(Variable(Tensor(1)), Variable(Tensor(2)), reduction: .batchMean)
  },
  Mistake("smoothL1Loss: beta must not be negative, got -1.0") { _ = smoothL1Loss(ones, ones, beta: -1) },
  Mistake("huberLoss: delta must be above 0, got 0.0") { _ = huberLoss(ones, ones, delta: 0) },
  Mistake("gaussianNLLLoss: the variance must be [2, 3], with or without its last axis, got [3]") {
    _ = gaussianNLLLoss(ones, ones, variance: Variable(.ones([3])))
  },
  Mistake("binaryCrossEntropyWithLogits: prediction [2, 3] and target [3] must have one shape") {
    _ = binaryCrossEntropyWithLogits(ones, Variable(.ones([3])))
  },
  Mistake("binaryCrossEntropy: the weight must broadcast to [2, 3], got [2, 2, 3]") {
    _ = binaryCrossEntropy(ones, ones, weight: .ones([2, 2, 3]))
  },
  Mistake("binaryCrossEntropyWithLogits: the weight of positives must broadcast to [2], got [2, 1]") {
    _ = binaryCrossEntropyWithLogits(ones[0...1, 0], ones[0...1, 0], positiveWeight: .ones([2, 1]))
  },
  Mistake("multilabelSoftMarginLoss: the weight must broadcast to [2, 1], got [3]") {
    _ = multilabelSoftMarginLoss(ones[.all, 0..<1], ones[.all, 0..<1], weight: .ones([3]))
  },
  Mistake("tripletMarginLoss: anchor [2, 3], positive [3] and negative [2, 3] must have one shape") {
    _ = tripletMarginLoss(anchor: ones, positive: Variable(.ones([3])), negative: ones)
  },
  Mistake("cosineEmbeddingLoss: vectors [2, 3] need one target each, got [3]") {
    _ = cosineEmbeddingLoss(ones, ones, .ones([3]))
  },
  Mistake("ctcLoss: input lengths lie between 1 and 4, got [5]") {
    _ = ctcLoss(Variable(.zeros([4, 1, 3])), targets: .ones([1, 2]), inputLengths: [5], targetLengths: [2])
  },
  Mistake("ctcLoss: targets of lengths [3] must be [1, S] or [3], got [1, 2]") {
    _ = ctcLoss(Variable(.zeros([4, 1, 3])), targets: .ones([1, 2]), inputLengths: [4], targetLengths: [3])
  },
  Mistake("ctcLoss: label 3 of target 0 is out of range for 3 classes") {
    _ = ctcLoss(
      Variable(.zeros([4, 1, 3])), targets: Tensor([1, 3], dtype: .int64), inputLengths: [4], targetLengths: [2])
  },
]

private var ones: Variable { Variable(.ones([2, 3])) }
