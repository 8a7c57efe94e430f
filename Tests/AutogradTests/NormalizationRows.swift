import Autograd

// Rows of the table of ops: normalization, attention and distances, and their misuse.

let normalizationRows: [OpRow] = normRows + attentionRows + distanceRows

let normalizationDerivatives: [DerivativePart] = []

private let normRows: [OpRow] = [
  OpRow(.layerNorm, "", [[[3, 4], [4], [4]], [[2, 2, 5], [5], [5]], [[0, 3], [3], [3]]]) {
    $0[0].layerNorm([$0[0].shape[-1]], weight: $0[1], bias: $0[2])
  },
  OpRow(.layerNorm, "of two axes, weight alone", [[[2, 2, 3], [2, 3]]]) { $0[0].layerNorm([2, 3], weight: $0[1]) },
  OpRow(.layerNorm, "bias alone", [[[3, 20], [20]]]) { $0[0].layerNorm([20], bias: $0[1]) },
  .one(.layerNorm, "plain", [[3, 5], [4]]) { $0.layerNorm([$0.shape[-1]], epsilon: 0.1) },
  OpRow(.rmsNorm, "", [[[3, 4], [4]], [[2, 2, 5], [5]], [[0, 3], [3]]]) {
    $0[0].rmsNorm([$0[0].shape[-1]], weight: $0[1])
  },
  .one(.rmsNorm, "plain", [[3, 5], [4]]) { $0.rmsNorm([$0.shape[-1]]) },
  OpRow(.planeNorm, "groupNorm", [[[2, 4, 17], [4], [4]], [[1, 2, 4, 5], [2], [2]]]) {
    $0[0].groupNorm(groups: 2, weight: $0[1], bias: $0[2])
  },
  .one(.planeNorm, "instanceNorm", [[2, 2, 4, 4]]) { $0.instanceNorm() },
  OpRow(.planeNorm, "batchNorm", [[[3, 2, 16], [2], [2]]]) {
    $0[0].batchNorm(weight: $0[1], bias: $0[2]).output
  },
  OpRow(.channelAffine, "bias alone", [[[4, 3], [3]]]) { $0[0].batchNorm(bias: $0[1]).output },
  OpRow(.planeNorm, "batchNorm, bias alone", [[[2, 3, 4, 5], [3]]]) { $0[0].batchNorm(bias: $0[1]).output },
  OpRow(.layerNorm, "groupNorm", [[[2, 4, 3], [4], [4]], [[1, 2, 2, 2], [2], [2]]]) {
    $0[0].groupNorm(groups: 2, weight: $0[1], bias: $0[2])
  },
  OpRow(.layerNorm, "instanceNorm", [[[2, 3, 4], [3], [3]]]) { $0[0].instanceNorm(weight: $0[1], bias: $0[2]) },
  OpRow(.layerNorm, "batchNorm", [[[3, 2, 2], [2], [2]], [[4, 3], [3], [3]], [[2, 2, 2, 2], [2], [2]]]) {
    $0[0].batchNorm(weight: $0[1], bias: $0[2]).output
  },
  OpRow(.channelAffine, "batchNorm by given statistics", [[[3, 2, 2], [2], [2]]]) { x in
    let type = x[0].dtype
    return x[0].batchNorm(
      mean: Tensor([0.5, -1]).cast(to: type), variance: Tensor([2, 0.5]).cast(to: type), weight: x[1], bias: x[2])
  },
  .one(.avgPool2d, "localResponseNorm", [[2, 5, 3], [1, 3, 2, 2]]) {
    $0.localResponseNorm(3, alpha: 0.5, beta: 0.7, k: 1.5)
  },
]

private let attentionRows: [OpRow] = [
  OpRow(.softmax, "attention", [[[3, 2], [4, 2], [4, 3]], [[2, 2, 3, 2], [2, 2, 3, 2], [2, 2, 3, 2]]]) {
    Variable.scaledDotProductAttention(query: $0[0], key: $0[1], value: $0[2])
  },
  OpRow(.softmax, "causal attention", [[[3, 2], [4, 2], [4, 3]]]) {
    Variable.scaledDotProductAttention(query: $0[0], key: $0[1], value: $0[2], isCausal: true, scale: 0.3)
  },
  OpRow(.dropout, "attention", [[[3, 2], [4, 2], [4, 3]], [[2, 2, 3, 2], [2, 2, 3, 2], [2, 2, 3, 2]]]) {
    Variable.scaledDotProductAttention(
      query: $0[0], key: $0[1], value: $0[2], dropout: 0.4, generator: RandomGenerator(seed: 5))
  },
  // The second query attends to nothing.
  OpRow(.softmax, "masked attention", [[[2, 2], [3, 2], [3, 2]]]) {
    Variable.scaledDotProductAttention(
      query: $0[0], key: $0[1], value: $0[2], mask: Tensor([[true, false, true], [false, false, false]]))
  },
]

private let distanceRows: [OpRow] = [
  .one(.norm, "normalize", [[3, 4], [2, 3, 2]]) { $0.normalize() },
  .one(.norm, "normalize by 3", [[3, 4]]) { $0.normalize(3, axis: 0) },
  OpRow(.norm, "cosineSimilarity", [[[3, 4], [3, 4]], [[2, 3], [1, 3]]]) { $0[0].cosineSimilarity($0[1]) },
  OpRow(.norm, "pairwiseDistance", [[[3, 4], [3, 4]], [[4], [4]]]) { $0[0].pairwiseDistance($0[1], keepDims: true) },
  OpRow(.cdist, "", [[[3, 2], [4, 2]], [[2, 3, 2], [4, 2]], [[2, 70], [70, 70]]]) { $0[0].cdist($0[1]) },
  OpRow(.cdist, "by 1", [[[3, 2], [4, 2]], [[2, 3, 2], [4, 2]]]) { $0[0].cdist($0[1], 1) },
  OpRow(.norm, "cdist by 3", [[[2, 3], [2, 3]]]) { $0[0].cdist($0[1], 3) },
]

// MARK: - Mistakes

let normalizationMistakes: [Mistake] = [
  Mistake("layerNorm: [2, 3] does not end in the shape to normalize, [2]") { _ = variable([2, 3]).layerNorm([2]) },
  Mistake("layerNorm: the weight must be float32 [3], got float32 [2]") {
    _ = variable([2, 3]).layerNorm([3], weight: variable([2]))
  },
  Mistake("layerNorm: the bias must be float32 [3], got float64 [3]") {
    _ = variable([2, 3]).layerNorm([3], bias: variable([3], .float64))
  },
  Mistake("layerNorm: wants float32 or float64, got int64 [2, 3]") { _ = variable([2, 3], .int64).layerNorm([3]) },
  Mistake("rmsNorm: [3] does not end in the shape to normalize, []") { _ = variable([3]).rmsNorm([]) },
  Mistake("rmsNorm: the weight must be float32 [3], got float32 [3, 1]") {
    _ = variable([2, 3]).rmsNorm([3], weight: variable([3, 1]))
  },
  Mistake("rmsNorm: wants float32 or float64, got bool [3]") { _ = variable([3], .bool).rmsNorm([3]) },
  Mistake("groupNorm: 2 groups do not divide the 3 channels of [1, 3, 2]") {
    _ = variable([1, 3, 2]).groupNorm(groups: 2)
  },
  Mistake("groupNorm: wants float32 or float64 [N, C, ...], got float32 [3]") {
    _ = variable([3]).groupNorm(groups: 1)
  },
  Mistake("groupNorm: the weight must be float32 [4], one for each channel, got float32 [2]") {
    _ = variable([1, 4, 2]).groupNorm(groups: 2, weight: variable([2]))
  },
  Mistake("instanceNorm: wants float32 or float64 [N, C, ...], got float32 []") { _ = variable([]).instanceNorm() },
  Mistake("instanceNorm: the bias must be float32 [4]") { _ = variable([1, 4, 2]).instanceNorm(bias: variable([3])) },
  Mistake("instanceNorm: wants float32 or float64 [N, C, ...], got uint8 [2, 2]") {
    _ = variable([2, 2], .uint8).instanceNorm()
  },
  Mistake("batchNorm: mean and variance must have shape [3], got [2] and [3]") {
    _ = variable([2, 3]).batchNorm(mean: Tensor.zeros([2]), variance: Tensor.ones([3]))
  },
  Mistake("batchNorm: wants float32 or float64 [N, C, ...], got float32 [3]") { _ = variable([3]).batchNorm() },
  Mistake("batchNorm: the batch [0, 3] holds nothing to take a mean of") { _ = variable([0, 3]).batchNorm() },
  Mistake("localResponseNorm: the size must be positive, got 0") { _ = variable([1, 3]).localResponseNorm(0) },
  Mistake("localResponseNorm: wants float32 or float64 [N, C, ...], got float32 [3]") {
    _ = variable([3]).localResponseNorm(2)
  },
  Mistake("localResponseNorm: wants float32 or float64 [N, C, ...], got int32 [3, 2]") {
    _ = variable([3, 2], .int32).localResponseNorm(2)
  },
  Mistake(
    "scaledDotProductAttention: wants query [..., L, E], key [..., S, E] and value [..., S, V], got [2, 3], [2, 2]"
  ) {
    _ = Variable.scaledDotProductAttention(query: variable([2, 3]), key: variable([2, 2]), value: variable([2, 2]))
  },
  Mistake("scaledDotProductAttention: wants query [..., L, E]") {
    _ = Variable.scaledDotProductAttention(query: variable([3]), key: variable([2, 3]), value: variable([2, 3]))
  },
  Mistake(
    "scaledDotProductAttention: the mask must be bool or a float and broadcast to the scores [2, 2], got bool [3]"
  ) {
    _ = Variable.scaledDotProductAttention(
      query: variable([2, 3]), key: variable([2, 3]), value: variable([2, 3]), mask: Tensor([true, true, false]))
  },
  Mistake("scaledDotProductAttention: a probability of dropout lies between 0 and 1, got 1.5") {
    let x = variable([2, 3])
    _ = Variable.scaledDotProductAttention(query: x, key: x, value: x, dropout: 1.5)
  },
  Mistake("norm: axis 1 is out of range for shape [3]") { _ = variable([3]).norm(axes: [1]) },
  Mistake("norm: axis 2 is out of range for shape [3, 2]") { _ = variable([3, 2]).norm(axes: [2]) },
  Mistake("norm: wants float32 or float64, got int32 [3, 2]") { _ = variable([3, 2], .int32).norm() },
  Mistake("cosineSimilarity: shapes [2, 3] and [2, 4] do not broadcast together") {
    _ = variable([2, 3]).cosineSimilarity(variable([2, 4]))
  },
  Mistake("pairwiseDistance: wants vectors, got [] and []") { _ = variable([]).pairwiseDistance(variable([])) },
  Mistake("pairwiseDistance: shapes [2] and [3] do not broadcast together") {
    _ = variable([2]).pairwiseDistance(variable([3]))
  },
  Mistake("cdist: wants rows of one length, [..., m, d] and [..., n, d], got [2, 3] and [2, 4]") {
    _ = variable([2, 3]).cdist(variable([2, 4]))
  },
  Mistake("cdist: wants rows of one length, [..., m, d] and [..., n, d], got [3] and [2, 3]") {
    _ = variable([3]).cdist(variable([2, 3]))
  },
]
