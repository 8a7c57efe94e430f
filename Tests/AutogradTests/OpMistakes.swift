import Autograd
import Testing

/// Elementwise functions take real numbers; each is called with other types.
let typeMistakes: [Mistake] = functionsOfEachElement.flatMap { op in
  [DType.int64, .uint8, .bool].map { type in
    Mistake("\(op.rawValue): wants float32 or float64, got \(type) [3, 4]; convert with cast(to: .float32)") {
      let row = opTable.first { $0.op == op }!
      _ = row.function(row.operands([[3, 4]]).map { Variable($0.cast(to: type)) })
    }
  }
}

private let functionsOfEachElement: [Op] = [
  .abs, .exp, .expm1, .log, .log1p, .log2, .sqrt, .rsqrt, .square, .reciprocal, .erf, .sin, .cos, .tan, .asin, .acos,
  .atan, .sinh, .cosh, .tanh, .sigmoid, .relu, .leakyRelu, .elu, .celu, .selu, .softplus, .logSigmoid, .silu, .gelu,
  .mish, .tanhShrink, .hardSigmoid, .hardSwish, .asinh, .acosh, .atanh, .exp2, .log10, .sinc, .erfc, .erfinv, .lgamma,
  .digamma,
]

/// Mistakes that the families' own lists leave out.
let moreMistakes: [Mistake] = [
  Mistake("+: the number 2.5 is not a value of int64; convert the tensor with cast(to:)") {
    _ = variable([2], .int64) + 2.5
  },
  Mistake("-: types differ, got float32 [2] and bool [3]") { _ = variable([2]) - variable([3], .bool) },
  Mistake("*: the number 256.0 is not a value of uint8") { _ = variable([2], .uint8) * 256 },
  Mistake("/: types differ, got float32 [2] and int32 [2]") { _ = variable([2]) / variable([2], .int32) },
  Mistake("/: types differ, got int32 [2] and float32 [2]") { _ = Tensor.zeros([2], dtype: .int32) / variable([2]) },
  Mistake("/: the number nan is not a value of int64") { _ = variable([2], .int64) / .nan },
  Mistake("negate: does not work on bool; convert with cast(to:)") { _ = -variable([2], .bool) },
  Mistake("maximum: shapes [2, 3] and [3, 2] do not broadcast together") {
    _ = variable([2, 3]).maximum(variable([3, 2]))
  },
  Mistake("*: shapes [2, 3] and [2] do not broadcast together") { _ = variable([2, 3]) * Tensor.zeros([2]) },
  Mistake("minimum: types differ, got float64 [2] and float32 [3]") {
    _ = variable([2], .float64).minimum(variable([3]))
  },
  Mistake("minimum: shapes [0] and [2] do not broadcast together") { _ = variable([0]).minimum(variable([2])) },
  Mistake("dropout: a probability lies between 0 and 1, got -0.1") { _ = variable([2]).dropout(-0.1) },
  Mistake("dropout: a probability lies between 0 and 1, got nan") { _ = variable([2]).dropout(.nan) },
  Mistake("dropout: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).dropout() },
  Mistake("clamp: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).clamp(min: 0) },
  Mistake("clamp: wants float32 or float64, got bool [2]") { _ = variable([2], .bool).clamp(max: 1) },
  Mistake("lerp: shapes [2] and [3] do not broadcast together") {
    _ = variable([2]).lerp(to: variable([3]), weight: 0.5)
  },
  Mistake("lerp: types differ, got float32 [2] and float64 [2]") {
    _ = variable([2]).lerp(to: variable([2], .float64), weight: 0.5)
  },
  Mistake("lerp: wants float32 or float64, got int64 [2]") {
    _ = variable([2], .int64).lerp(to: variable([2], .int64), weight: 1)
  },
  Mistake("lerp: the weight [3] does not broadcast with [2] and [2]") {
    _ = variable([2]).lerp(to: variable([2]), weight: variable([3]))
  },
  Mistake("cast: no gradient passes through bool; use value.cast(to: .bool)") { _ = variable([2]).cast(to: .bool) },
  Mistake("cast: no gradient passes through int32; use value.cast(to: .int32)") {
    _ = variable([2]).relu().cast(to: .int32)
  },
  Mistake("mean: axis 0 is named twice in [0, -2]") { _ = variable([2, 3]).mean(axes: [0, -2]) },
  Mistake("max: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).max() },
  Mistake("min: axis -2 is out of range for shape [2]") { _ = variable([2]).min(axes: [-2]) },
  Mistake("min: wants float32 or float64, got uint8 [2]") { _ = variable([2], .uint8).min() },
  Mistake("logSumExp: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).logSumExp() },
  Mistake("logSumExp: axis 0 is named twice in [0, 0]") { _ = variable([2]).logSumExp(axes: [0, 0]) },
  Mistake("prod: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).prod(axes: [2]) },
  Mistake("prod: axis 1 is named twice in [1, -1]") { _ = variable([2, 3]).prod(axes: [1, -1]) },
  Mistake("prod: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).prod() },
  Mistake("variance: axis 1 is out of range for shape [2]") { _ = variable([2]).variance(axes: [1]) },
  Mistake("variance: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).variance() },
  Mistake("standardDeviation: axis 1 is out of range for shape [2]") { _ = variable([2]).standardDeviation(axes: [1]) },
  Mistake("standardDeviation: wants float32 or float64, got bool [2]") { _ = variable([2], .bool).standardDeviation() },
  Mistake("standardDeviation: the correction must be finite, got inf") {
    _ = variable([2]).standardDeviation(correction: .infinity)
  },
  Mistake("softmax: wants float32 or float64, got bool [2]") { _ = variable([2], .bool).softmax() },
  Mistake("logSoftmax: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).logSoftmax() },
  Mistake("logSoftmax: axis 1 is out of range for shape [2]") { _ = variable([2]).logSoftmax(axis: 1) },
  Mistake("binaryCrossEntropy: probabilities float32 [2] and target float32 [3] must agree") {
    _ = variable([2]).binaryCrossEntropy(variable([3]))
  },
  Mistake("binaryCrossEntropy: probabilities float32 [2] and target float64 [2] must agree") {
    _ = variable([2]).binaryCrossEntropy(variable([2], .float64))
  },
  Mistake("binaryCrossEntropy: probabilities lie between 0 and 1, got 1.5 (number 2 of [2, 2])") {
    _ = Variable(Tensor([Float.nan, 1, 1.5, -1], shape: [2, 2])).binaryCrossEntropy(variable([2, 2]))
  },
  Mistake("binaryCrossEntropy: probabilities lie between 0 and 1, got -0.25 (number 0 of [])") {
    _ = Variable(-0.25).binaryCrossEntropy(Variable(1))
  },
  Mistake("binaryCrossEntropy: wants float32 or float64, got int64 [2]") {
    _ = variable([2], .int64).binaryCrossEntropy(variable([2], .int64))
  },
  Mistake("transpose: axis -3 is out of range for shape [2, 3]") { _ = variable([2, 3]).transpose(0, -3) },
  Mistake("unsqueeze: axis -3 is out of range for a new axis of shape [2]") { _ = variable([2]).unsqueeze(-3) },
  Mistake("unsqueeze: axis 1 is out of range for a new axis of shape []") { _ = variable([]).unsqueeze(1) },
  Mistake("squeeze: axis -2 is out of range for shape [2]") { _ = variable([2]).squeeze(axes: [-2]) },
  Mistake("squeeze: axis 0 is named twice in [0, 0]") { _ = variable([1]).squeeze(axes: [0, 0]) },
  Mistake("diagonal: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).diagonal(axis2: 2) },
  Mistake("lowerTriangle: wants matrices, got shape []") { _ = variable([]).lowerTriangle() },
  Mistake("lowerTriangle: wants matrices, got shape [0]") { _ = variable([0]).lowerTriangle(offset: 1) },
  Mistake("dot: wants two vectors of one length, got [2, 2] and [2, 2]") {
    _ = variable([2, 2]).dot(variable([2, 2]))
  },
  Mistake("dot: wants two vectors of one length, got [] and [2]") { _ = variable([]).dot(variable([2])) },
  Mistake("batchNorm: wants float32 or float64 [N, C, ...], got int64 [2, 2]") {
    _ = variable([2, 2], .int64).batchNorm()
  },
  Mistake("cdist: wants rows of one length, [..., m, d] and [..., n, d], got [2, 3] and [3]") {
    _ = variable([2, 3]).cdist(variable([3]))
  },
  Mistake("svd: wants matrices [..., m, n], got []") { _ = variable([]).svd() },
  Mistake("qr: wants float32 or float64, got int64 [2, 2]") { _ = variable([2, 2], .int64).qr() },
]

/// Composed ops stop with messages in their own names.
let composedMistakes: [Mistake] = [
  Mistake("softsign: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).softsign() },
  Mistake("normalize: wants float32 or float64, got int64 [2, 2]") { _ = variable([2, 2], .int64).normalize() },
  Mistake("cosineSimilarity: wants float32 or float64, got bool [2, 2]") {
    _ = variable([2, 2], .bool).cosineSimilarity(variable([2, 2], .bool))
  },
  Mistake("normalize: axis 1 is out of range for shape [3]") { _ = variable([3]).normalize() },
  Mistake("cosineSimilarity: axis 2 is out of range for shape [3, 2]") {
    _ = variable([3, 2]).cosineSimilarity(variable([2]), axis: 2)
  },
  Mistake("pairwiseDistance: types differ, got float32 [2] and float64 [2]") {
    _ = variable([2]).pairwiseDistance(variable([2], .float64))
  },
  Mistake("cdist: types differ, got float32 [2, 3] and float64 [2, 3]") {
    _ = variable([2, 3]).cdist(variable([2, 3], .float64))
  },
  Mistake("cdist: batches of rows [2, 1, 3] and [4, 1, 3] do not broadcast together") {
    _ = variable([2, 1, 3]).cdist(variable([4, 1, 3]))
  },
  Mistake("hardTanh: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).hardTanh() },
  Mistake("relu6: wants float32 or float64, got uint8 [2]") { _ = variable([2], .uint8).relu6() },
  Mistake("threshold: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).threshold(0, 1) },
  Mistake("hardShrink: the bound must not be negative, got -1.0") { _ = variable([2]).hardShrink(-1) },
  Mistake("softShrink: the bound must not be negative, got -1.0") { _ = variable([2]).softShrink(-1) },
  Mistake("nanToNum: wants float32 or float64, got bool [2]") { _ = variable([2], .bool).nanToNum() },
  Mistake("glu: axis -1 of [2, 3] cannot be halved") { _ = variable([2, 3]).glu() },
  Mistake("gumbelSoftmax: the temperature must be above 0, got 0.0") {
    _ = variable([2]).gumbelSoftmax(temperature: 0)
  },
  Mistake("pixelShuffle: wants images [..., C · 2², H, W], got [6, 2, 2]") { _ = variable([6, 2, 2]).pixelShuffle(2) },
  Mistake("pixelUnshuffle: wants images [..., C, H · 2, W · 2], got [1, 2, 3]") {
    _ = variable([1, 2, 3]).pixelUnshuffle(2)
  },
  Mistake("median: axis 0 of [0, 2] has no elements") { _ = variable([0, 2]).median(axis: 0) },
  Mistake("median: axis 0 of [0] has no elements") { _ = variable([0]).median() },
  Mistake("quantile: wants shares between 0 and 1, got [0.5, 1.5]") { _ = variable([2]).quantile([0.5, 1.5]) },
  Mistake("quantile: axis 1 of [2, 0] has no elements") { _ = variable([2, 0]).quantile(0.5, axis: 1) },
  Mistake("quantile: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).quantile(0.5, axis: 2) },
  Mistake("covariance: wants [variables, observations] or a vector, got []") { _ = variable([]).covariance() },
  Mistake("diff: the order must not be negative, got -1") { _ = variable([2]).diff(order: -1) },
  Mistake("bmm: [1, 2, 3] · [1, 4, 2]: inner sizes 3 and 4 differ") {
    _ = variable([1, 2, 3]).bmm(variable([1, 4, 2]))
  },
  Mistake("outer: types differ, got float32 [2] and int64 [3]") { _ = variable([2]).outer(variable([3], .int64)) },
  Mistake("bilinear: types differ, got float32 [1, 2] and float64 [3, 2, 2]") {
    _ = variable([1, 2]).bilinear(variable([1, 2]), weight: variable([3, 2, 2], .float64))
  },
  Mistake("scaledDotProductAttention: types differ, got float32 [1, 2] and float64 [1, 2]") {
    _ = Variable.scaledDotProductAttention(
      query: variable([1, 2]), key: variable([1, 2]), value: variable([1, 2], .float64))
  },
  Mistake("avgPool1d: wants float32 or float64, got uint8 [1, 1, 4]") {
    _ = variable([1, 1, 4], .uint8).avgPool1d(2)
  },
  Mistake("adaptiveMaxPool2d: wants float32 or float64, got int64 [1, 4, 4]") {
    _ = variable([1, 4, 4], .int64).adaptiveMaxPool2d(2)
  },
  Mistake("interpolate: wants float32 or float64, got uint8 [1, 1, 4]") {
    _ = variable([1, 1, 4], .uint8).interpolate(size: [2])
  },
  Mistake("unfold: wants float32 or float64, got int64 [1, 4, 4]") {
    _ = variable([1, 4, 4], .int64).unfold(2)
  },
]

/// Ops whose public name differs from `Op`'s; their messages have the public name.
private let callNames: [Op: String] = [
  .eigenvectors: "eigh", .leftSingularVectors: "svd", .rightSingularVectors: "svd", .qrQ: "qr", .qrR: "qr",
  .slice: "subscript", .input: "gradient", .conv2dInputGradient: "convTranspose2d", .indexAdd: "fold",
  .triangle: "lowerTriangle", .planeNorm: "groupNorm",
  .channelAffine: "batchNorm", .upperFactor: "lu",
]

/// Ops that accept every shape and number, or whose messages have a name that the user chose, with their least count.
private let undemanding: [Op: Int] = [.negate: 1, .custom: 0, .part: 0]

@Suite struct OpMistakeTests {
  /// Every public op has tests of at least three kinds of misuse.
  @Test(arguments: Set(opTable.map(\.op))) func threeMistakes(_ op: Op) {
    let name = callNames[op] ?? op.rawValue
    let count = mistakes.count { $0.sentence.hasPrefix(name + ":") }
    #expect(count >= undemanding[op, default: 3], "\(name): \(count)")
  }
}
