import Tensors
import Testing

/// Misuse of tensors, and the message for each: it names the call and the numbers that conflict.
@Suite struct MistakeTests {
  @Test(arguments: mistakes.indices) func stopsWithASentence(index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      mistakes[index].commit()
    }
    expectSentence(result, mistakes[index].sentence)
  }
}

private let mistakes: [Mistake] =
  creationMistakes + elementwiseMistakes + shapeMistakes + indexMistakes + reductionMistakes + productMistakes
  + joiningMistakes + otherMistakes

private let creationMistakes = [
  Mistake("Tensor: ragged literal, element 0 has shape [2] and element 1 has [1]") { _ = Tensor([[1, 2], [3]]) },
  Mistake("Tensor: ragged literal, element 0 has shape [2] and element 2 has []") {
    _ = [[1, 2], [3, 4], 5] as Tensor
  },
  Mistake("Tensor: ragged rows, row 0 has 2 values and row 1 has 3") {
    let rows: [[Double]] = [[1, 2], [1, 2, 3]]
    _ = Tensor(rows)
  },
  Mistake("Tensor: 3 values do not fill shape [2, 2], which takes 4") {
    let values: [Float] = [1, 2, 3]
    _ = Tensor(values, shape: [2, 2])
  },
  Mistake("a shape's sizes must not be negative, got [2, -1]") { _ = Tensor.zeros([2, -1]) },
  Mistake("a tensor of shape [1099511627776, 1099511627776] has more elements than can be addressed") {
    _ = Tensor.zeros([1 << 40, 1 << 40])
  },
  Mistake("out of memory") { _ = Tensor.zeros([1 << 50]) },
  Mistake("a tensor of shape [9223372036854775807] has more elements than can be addressed") {
    _ = Tensor.zeros([.max])
  },
  Mistake("a tensor of shape [4611686018427387904, 4] has more elements than can be addressed") {
    _ = Tensor.zeros([0, 1 << 62, 4]).sum(axes: [0])
  },
  Mistake("out of memory") { _ = Tensor.linspace(0, 1, count: 1 << 50) },
  Mistake("out of memory") { _ = RandomGenerator(seed: 1).permutation(.max) },
  Mistake("a tensor has no -1 axes") { _ = AxisValues(repeating: 1, count: -1) },
  Mistake("axis 2 is out of range for 2 axes") {
    var axes = AxisValues([1, 2])
    axes.remove(at: 2)
  },
  Mistake("oneHot: label 9223372036854775807 is too large to be one of counted classes") {
    _ = Tensor.oneHot(Tensor([Int.max]))
  },
  Mistake("a tensor has at most 8 axes") { _ = Tensor.zeros([1, 1, 1, 1, 1, 1, 1, 1, 1]) },
  Mistake("full: the number 0.5 is not a value of int64") { _ = Tensor.full([2], 0.5, dtype: .int64) },
  Mistake("arange: the step must be finite and not 0, got 0.0") { _ = Tensor.arange(0, 1, step: 0) },
  Mistake("arange: both ends must be finite, got 0.0 and inf") { _ = Tensor.arange(0, .infinity) },
  Mistake("arange: from 0.0 to 1e+30 by 1.0 are too many values") { _ = Tensor.arange(0, 1e30) },
  Mistake("arange: the count must not be negative, got -1") { _ = Tensor.arange(-1) },
  Mistake("linspace: the count must not be negative, got -2") { _ = Tensor.linspace(0, 1, count: -2) },
  Mistake("eye: the numbers of rows and columns must not be negative, got 2 and -1") { _ = Tensor.eye(2, columns: -1) },
]

private let elementwiseMistakes = [
  Mistake("+: shapes [2, 3] and [4] do not broadcast together; aligned at the end, sizes must be equal or 1") {
    _ = Tensor.zeros([2, 3]) + Tensor.zeros([4])
  },
  Mistake(".<: shapes [2] and [0] do not broadcast together") { _ = Tensor.zeros([2]) .< Tensor.zeros([0]) },
  Mistake("*: types differ, got float32 [2] and float64 [2]; convert one with cast(to: .float32)") {
    _ = Tensor.zeros([2]) * Tensor.zeros([2], dtype: .float64)
  },
  Mistake("+: the number 2.5 is not a value of int64; convert the tensor with cast(to:)") {
    _ = Tensor.zeros([2], dtype: .int64) + 2.5
  },
  Mistake("*: the number 256.0 is not a value of uint8") { _ = Tensor.zeros([2], dtype: .uint8) * 256 },
  Mistake("-: the number -1.0 is not a value of uint8") { _ = Tensor.zeros([2], dtype: .uint8) - -1 },
  Mistake("+: the number 3000000000.0 is not a value of int32") { _ = Tensor.zeros([2], dtype: .int32) + 3e9 },
  Mistake("/: the number nan is not a value of int64") { _ = Tensor.zeros([2], dtype: .int64) / .nan },
  Mistake("tanh: wants float32 or float64, got int64 [2]; convert with cast(to: .float32)") {
    _ = Tensor.zeros([2], dtype: .int64).tanh()
  },
  Mistake("not: does not work on float32") { _ = !Tensor.zeros([2]) },
  Mistake("clamp: wants a lower bound, an upper bound or both") { _ = Tensor.zeros([2]).clamp() },
  Mistake("softplus: wants float32 or float64, got bool [2]") { _ = Tensor.zeros([2], dtype: .bool).softplus() },
  Mistake("maskedFill: the mask [3] does not broadcast to [2]") {
    _ = Tensor.zeros([2]).maskedFill(Tensor([true, true, false]), 1)
  },
  Mistake("+=: the right side [3, 2] does not broadcast to the left side's shape [2]") {
    var x = Tensor.zeros([2])
    x += Tensor.zeros([3, 2])
  },
  Mistake("*=: the right side [3, 2] does not broadcast to the left side's shape [2]") {
    var x = Tensor.zeros([2])
    x *= Tensor.zeros([3, 2])
  },
  Mistake("/=: types differ, got float32 [2] and int64 [2]") {
    var x = Tensor.zeros([2])
    x /= Tensor.zeros([2], dtype: .int64)
  },
  Mistake("+=: types differ, got float32 [2] and int64 [2]") {
    var x = Tensor.zeros([2])
    x += Tensor.zeros([2], dtype: .int64)
  },
  Mistake("where: the condition must be bool, got float32 [2]") {
    _ = Tensor.where(.zeros([2]), .zeros([2]), .ones([2]))
  },
  Mistake("where: shapes [2] and [3] do not broadcast together") {
    _ = Tensor.where(Tensor([true]), .zeros([2]), .ones([3]))
  },
  Mistake("where: the condition [3] does not broadcast with [2] and [2]") {
    _ = Tensor.where(Tensor([true, true, false]), .zeros([2]), .ones([2]))
  },
]

private let shapeMistakes = [
  Mistake("reshape: [2, 3] has 6 elements, [4] takes 4") { _ = Tensor.zeros([2, 3]).reshape([4] as Shape) },
  Mistake("reshape: the size at −1 in [4, -1] cannot be worked out for [2, 3], which has 6 elements") {
    _ = Tensor.zeros([2, 3]).reshape([4, -1] as [Int])
  },
  Mistake("reshape: the size at −1 in [0, -1] cannot be worked out for [0, 3], which has 0 elements") {
    _ = Tensor.zeros([0, 3]).reshape([0, -1] as [Int])
  },
  Mistake("reshape: sizes must not be negative, but for one −1 that is worked out, got [-1, -1]") {
    _ = Tensor.zeros([2, 3]).reshape([-1, -1] as [Int])
  },
  Mistake("transpose: axis -2 is out of range for shape [3]") { _ = Tensor.zeros([3]).transpose() },
  Mistake("transpose: axis 0 is out of range for shape [], which has no axes") { _ = Tensor(1).transpose(0, 0) },
  Mistake("permute: [0, 0] must name each of the 2 axes of [2, 3] once") {
    _ = Tensor.zeros([2, 3]).permute([0, 0])
  },
  Mistake("permute: [0] must name each of the 2 axes of [2, 3] once") { _ = Tensor.zeros([2, 3]).permute([0]) },
  Mistake("expand: [2, 3] does not broadcast to [3, 2]") { _ = Tensor.zeros([2, 3]).expand([3, 2]) },
  Mistake("expand: [2, 3] does not broadcast to [3]") { _ = Tensor.zeros([2, 3]).expand([3]) },
  Mistake("expand: size -1 of a new axis in [-1, 3] for [3]") { _ = Tensor.zeros([3]).expand([-1, 3]) },
  Mistake("unsqueeze: axis 3 is out of range for a new axis of shape [2]") {
    _ = Tensor.zeros([2]).unsqueeze(3)
  },
  Mistake("squeeze: axis 2 is out of range for shape [1, 2]") { _ = Tensor.zeros([1, 2]).squeeze(axes: [2]) },
]

private let indexMistakes = [
  Mistake("subscript: index 3 is out of range for axis 1 of shape [2, 3], which has 3 elements") {
    _ = Tensor.zeros([2, 3])[0, 3]
  },
  Mistake("subscript: index -3 is out of range for axis 0 of shape [2, 3], which has 2 elements") {
    _ = Tensor.zeros([2, 3])[-3]
  },
  Mistake("subscript: index 4 is out of range for axis 2 of shape [2, 3, 4], which has 4 elements") {
    _ = Tensor.zeros([2, 3, 4])[0, .newAxis, 0, 4]
  },
  Mistake("subscript: 3 indices for shape [2, 3], which has 2 axes") { _ = Tensor.zeros([2, 3])[0, 0, 0] },
  Mistake("subscript: more than one ellipsis") { _ = Tensor.zeros([2, 3])[.ellipsis, 0, .ellipsis] },
  Mistake("subscript: a step must not be 0") { _ = Tensor.zeros([2])[.stride(by: 0)] },
  Mistake("subscript: types differ, got float32 [2] and int64 []") {
    var x = Tensor.zeros([2])
    x[0] = Tensor(1, dtype: .int64)
  },
  Mistake("subscript: a value of shape [3] does not broadcast to the part it is set to, [2]") {
    var x = Tensor.zeros([4, 2])
    x[1] = Tensor.zeros([3])
  },
  Mistake("indexSelect: position 5 (number 1) is out of range for an axis of 3") {
    _ = Tensor.zeros([2, 3]).indexSelect(axis: 1, [0, 5])
  },
  Mistake("subscript: an index must be int64, int32 or bool, got float32 [2]") {
    _ = Tensor.zeros([2, 3])[Tensor([0, 1])]
  },
  Mistake("subscript: a mask [3] is no mask of the first axes of [2, 3]") {
    _ = Tensor.zeros([2, 3])[Tensor([true, false, true])]
  },
  Mistake("subscript: position -4 (number 1) is out of range for axis 1 of shape [2, 3], which has 3 elements") {
    _ = Tensor.zeros([2, 3])[[0, 1], [0, -4]]
  },
  Mistake("subscript: position 2 (number 0) is out of range for axis 0 of shape [2, 3]") {
    var x = Tensor.zeros([2, 3])
    x[[2]] = Tensor(1)
  },
  Mistake("subscript: 3 index tensors for shape [2, 3], which has 2 axes") { _ = Tensor.zeros([2, 3])[[0], [0], [0]] },
  Mistake("subscript: more than one list of positions among other indices; alone, as in x[rows, columns], they go") {
    _ = Tensor.zeros([2, 3, 4])[.all, [0, 1], [1, 2]]
  },
  Mistake("indexSelect: position 4 (number 1) is out of range for an axis of 4") {
    _ = Tensor.zeros([2, 3, 4])[.ellipsis, [1, 4]]
  },
  Mistake("subscript: index -5 is out of range for axis 2 of shape [2, 3, 4]") {
    var x = Tensor.zeros([2, 3, 4])
    x[.ellipsis, [-5]] = Tensor(1)
  },
  Mistake("subscript: a value of shape [3] does not broadcast to the part it is set to, [2, 2, 4]") {
    var x = Tensor.zeros([2, 3, 4])
    x[.all, [0, 1]] = Tensor.zeros([3])
  },
  Mistake("subscript: indices [2] and [3] do not broadcast together") {
    _ = Tensor.zeros([2, 3])[[0, 1], [0, 1, 2]]
  },
  Mistake("subscript: a mask stands alone, got one [2] beside other indices") {
    _ = Tensor.zeros([2, 3])[Tensor([true, false]), Tensor(0, dtype: .int64)]
  },
  Mistake("subscript: a value of shape [3] does not broadcast to the part it is set to, [2]") {
    var x = Tensor.zeros([2, 2])
    x[Tensor([[true, false], [false, true]])] = Tensor.zeros([3])
  },
  Mistake("subscript: types differ, got float32 [2] and float64 []; convert one with cast(to: .float32)") {
    var x = Tensor.zeros([2])
    x[x .> 0] = Tensor(1, dtype: .float64)
  },
  Mistake("subscript: a mask [3] is no mask of the first axes of [2]") {
    var x = Tensor.zeros([2])
    x[Tensor([true, false, true])] = Tensor(1)
  },
  Mistake("multinomial: weights must be finite and not negative, got [0.5, -1.0]") {
    _ = Tensor.multinomial(Tensor([[1, 2], [0.5, -1]]))
  },
  Mistake("multinomial: 2 of 1 weights above 0 cannot be drawn") {
    _ = Tensor.multinomial(Tensor([[1, 2], [1, 0]]), count: 2)
  },
  Mistake("indexSelect: axis 2 is out of range for shape [2, 3]") {
    _ = Tensor.zeros([2, 3]).indexSelect(axis: 2, [0])
  },
  Mistake("gather: position 3 (entry 1 of the index) is out of range for axis 1 of [2, 3]") {
    _ = Tensor.zeros([2, 3]).gather(axis: 1, index: Tensor([[0], [3]], dtype: .int64))
  },
  Mistake("gather: the index must be int64 or int32, got float32; convert with cast(to: .int64)") {
    _ = Tensor.zeros([2, 3]).gather(axis: 1, index: Tensor([[0]]))
  },
  Mistake("gather: the index [1] must have as many axes as the tensor [2, 3]") {
    _ = Tensor.zeros([2, 3]).gather(axis: 1, index: Tensor([0], dtype: .int64))
  },
  Mistake("gather: the index [3, 1] is larger than the tensor [2, 3] in axis 0") {
    _ = Tensor.zeros([2, 3]).gather(axis: 1, index: .zeros([3, 1], dtype: .int64))
  },
]

private let reductionMistakes = [
  Mistake("mean: axis 2 is out of range for shape [2, 3]") { _ = Tensor.ones([2, 3]).mean(axes: [2]) },
  Mistake("sum: axis 2 is out of range for shape [2, 3]") { _ = Tensor.zeros([2, 3]).sum(axes: [2]) },
  Mistake("sum: axis 1 is named twice in [1, -1]") { _ = Tensor.zeros([2, 3]).sum(axes: [1, -1]) },
  Mistake("mean: wants float32 or float64, got int64 [2]; convert with cast(to: .float32)") {
    _ = Tensor.zeros([2], dtype: .int64).mean()
  },
  Mistake("max: axis 1 of [2, 0] has no elements, so there is no max") { _ = Tensor.zeros([2, 0]).max() },
  Mistake("argmin: axis -1 of [2, 0] has no elements") { _ = Tensor.zeros([2, 0]).argmin(axis: -1) },
  Mistake("argmax: axis 2 is out of range for shape [2, 3]") { _ = Tensor.zeros([2, 3]).argmax(axis: 2) },
  Mistake("any: wants bool, got float32; compare first, as in x .!= 0") { _ = Tensor.zeros([2]).any() },
  Mistake("split: sizes [1, 3] must add up to 3, the size of axis 0 of [3, 2]") {
    _ = Tensor.zeros([3, 2]).split([1, 3])
  },
  Mistake("lowerTriangle: wants matrices, got shape [3]") { _ = Tensor.zeros([3]).lowerTriangle() },
  Mistake("topK: wants 0 to 3 elements of axis -1 of [3], got 4") { _ = Tensor.zeros([3]).topK(4) },
  Mistake("variance: wants float32 or float64, got int64 [3]") { _ = Tensor.zeros([3], dtype: .int64).variance() },
  Mistake("norm: axis 1 is out of range for shape [3]") { _ = Tensor.zeros([3]).norm(1, axes: [1]) },
  Mistake("softmax: axis 1 is out of range for shape [2]") { _ = Tensor.zeros([2]).softmax(axis: 1) },
]

private let productMistakes = [
  Mistake("matmul: [32, 784] · [100, 10]: inner sizes 784 and 100 differ") {
    _ = Tensor.zeros([32, 784]).matmul(.zeros([100, 10]))
  },
  Mistake("matmul: [3] · [2]: inner sizes 3 and 2 differ") { _ = Tensor.zeros([3]) • .zeros([2]) },
  Mistake("matmul: [2, 3, 4] · [3, 4, 5]: batch sizes [2] and [3] do not broadcast") {
    _ = Tensor.zeros([2, 3, 4]).matmul(.zeros([3, 4, 5]))
  },
  Mistake("matmul: [] · [2]: both need at least one axis; to scale by a single value use *") {
    _ = Tensor(1).matmul(.zeros([2]))
  },
  Mistake("matmul: types differ, got float32 [2, 2] and float64 [2, 2]") {
    _ = Tensor.zeros([2, 2]).matmul(.zeros([2, 2], dtype: .float64))
  },
  Mistake("matmul: wants float32 or float64, got int64; convert with cast(to: .float32)") {
    _ = Tensor.zeros([2, 2], dtype: .int64).matmul(.zeros([2, 2], dtype: .int64))
  },
]

private let joiningMistakes = [
  Mistake("concatenate: wants at least one tensor") { _ = Tensor.concatenate([]) },
  Mistake("concatenate: tensor 1 has shape [2, 4], which differs from [2, 3] outside axis 0") {
    _ = Tensor.concatenate([.zeros([2, 3]), .zeros([2, 4])])
  },
  Mistake("concatenate: types differ, got float32 [2] and int64 [2]") {
    _ = Tensor.concatenate([.zeros([2]), .zeros([2], dtype: .int64)])
  },
  Mistake("concatenate: axis 0 is out of range for shape [], which has no axes") {
    _ = Tensor.concatenate([Tensor(1), Tensor(2)])
  },
  Mistake("stack: wants at least one tensor") { _ = Tensor.stack([]) },
  Mistake("stack: tensor 1 has shape [3], the first [2]") { _ = Tensor.stack([.zeros([2]), .zeros([3])]) },
  Mistake("stack: types differ, got float32 [2] and uint8 [2]") {
    _ = Tensor.stack([.zeros([2]), .zeros([2], dtype: .uint8)])
  },
  Mistake("stack: axis 2 is out of range for a new axis of shape [2]") { _ = Tensor.stack([.zeros([2])], axis: 2) },
]

private let otherMistakes = [
  Mistake("item: wants a tensor of one element, got shape [2]") { _ = Tensor.zeros([2]).item() },
  Mistake("isClose: types differ, got float32 [1] and float64 [1]") {
    _ = Tensor.zeros([1]).isClose(to: .zeros([1], dtype: .float64))
  },
  Mistake("isClose: shapes [2] and [3] do not broadcast together") { _ = Tensor.zeros([2]).isClose(to: .zeros([3])) },
  Mistake("isClose: tolerances must not be negative, got -1.0 and 1e-08") {
    _ = Tensor.zeros([2]).allClose(to: .zeros([2]), relativeTolerance: -1)
  },
  Mistake("bincount: wants a vector of whole numbers, got float32 [2]") { _ = Tensor.zeros([2]).bincount() },
  Mistake("bincount: numbers must not be negative, got -3 (number 1)") {
    _ = Tensor([1, -3], dtype: .int64).bincount()
  },
  Mistake("bincount: wants a weight for each of 2 numbers, got [3]") {
    _ = Tensor([1, 3], dtype: .int64).bincount(weights: .ones([3]))
  },
  Mistake("histogram: wants at least one bin, got 0") { _ = Tensor.zeros([2]).histogram(bins: 0) },
  Mistake("histogram: the range must be finite, got 0.0 to inf") { _ = Tensor([0, .infinity] as [Float]).histogram() },
  Mistake("&: does not work on float32; convert with cast(to:)") { _ = Tensor.ones([2]) & Tensor.ones([2]) },
  Mistake("<<: the number 300 is not a value of uint8; convert the tensor with cast(to:)") {
    _ = Tensor.ones([2], dtype: .uint8) << 300
  },
  Mistake("|: types differ, got int32 [2] and int64 [2]") {
    _ = Tensor.ones([2], dtype: .int32) | Tensor.ones([2], dtype: .int64)
  },
  Mistake("gcd: does not work on float64; convert with cast(to:)") {
    _ = Tensor.ones([2], dtype: .float64).gcd(.ones([2], dtype: .float64))
  },
  Mistake("&=: the right side [2] does not broadcast to the left side's shape [1]") {
    var x = Tensor.ones([1], dtype: .int64)
    x &= Tensor.ones([2], dtype: .int64)
  },
  Mistake("unflatten: axis 1 of [2, 6] cannot be divided into [4, -1]") {
    _ = Tensor.zeros([2, 6]).unflatten(axis: 1, [4, -1])
  },
  Mistake("moveAxis: axis 2 is out of range for shape [2, 3]") { _ = Tensor.zeros([2, 3]).moveAxis(0, to: 2) },
  Mistake("isIn: types differ, got int64 [2] and float32 [1]") { _ = Tensor.ones([2], dtype: .int64).isIn([1]) },
  Mistake("hannWindow: the length must not be negative, got -1") { _ = Tensor.hannWindow(-1) },
  Mistake("kaiserWindow: wants float32 or float64, got int64") { _ = Tensor.kaiserWindow(3, dtype: .int64) },
  Mistake("logspace: the count must not be negative, got -1") { _ = Tensor.logspace(0, 1, count: -1) },
  Mistake("meshgrid: wants vectors, got [2, 2]") { _ = Tensor.meshgrid([.zeros([2]), .zeros([2, 2])]) },
  Mistake("randomIntegers: the range 3..<3 is empty") { _ = Tensor.randomIntegers([2], in: 3..<3) },
  Mistake("randomIntegers: the range 0..<257 has numbers that are not values of uint8") {
    _ = Tensor.randomIntegers([2], in: 0..<257, dtype: .uint8)
  },
  Mistake("randomIntegers: wants a whole-number type, got float32") {
    _ = Tensor.randomIntegers([2], in: 0..<2, dtype: .float32)
  },
  Mistake("randomNormal: the standard deviation must not be negative, got -1.0") {
    _ = Tensor.randomNormal([2], standardDeviation: -1)
  },
  Mistake("randomUniform: the lower bound must not be above the upper one, got 1.0 and 0.0") {
    _ = Tensor.randomUniform([2], low: 1, high: 0)
  },
  Mistake("randomNormal: wants float32 or float64, got int64") { _ = Tensor.randomNormal([2], dtype: .int64) },
  Mistake("bernoulli: a probability lies between 0 and 1, got 1.5") { _ = Tensor.bernoulli([2], probability: 1.5) },
  Mistake("permutation: the count must not be negative, got -1") { _ = Tensor.randomPermutation(-1) },
  Mistake("integer(in:): the range 2..<2 is empty") { _ = RandomGenerator(seed: 0).integer(in: 2..<2) },
  Mistake("Memory.cacheLimit: must not be negative, got -1") { Memory.cacheLimit = -1 },
  Mistake("Parallelism.threads: must be at least 1, got 0") { Parallelism.threads = 0 },
]
