import Autograd
import Testing

/// A misuse of the library, and the message that the program stops with.
struct Mistake: Sendable {
  let sentence: String
  let make: @Sendable () -> Void

  init(_ sentence: String, _ make: @escaping @Sendable () -> Void) {
    self.sentence = sentence
    self.make = make
  }
}

/// All mistakes of the families.
let mistakes: [Mistake] =
  tapeMistakes + elementwiseMistakes + productMistakes + imageMistakes + placeMistakes + moreFunctionMistakes
  + moreReductionMistakes + morePlaceMistakes + windowMistakes + normalizationMistakes + linearAlgebraMistakes
  + recurrentMistakes + typeMistakes + moreMistakes + composedMistakes + transformMistakes + customMistakes
  + hookMistakes + scatterMistakes
  + checkpointMistakes + remainderMistakes + replacingMistakes + factorMistakes

/// Each mistake is made in a separate process, whose message to standard error is checked.
@Suite struct ErrorTests {
  @Test(arguments: mistakes.indices) func saysWhatIsWrong(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      mistakes[number].make()
    }
    expectSentence(result, mistakes[number].sentence)
  }
}

/// An operand of ones.
func variable(_ shape: Shape, _ type: DType = .float32) -> Variable {
  Variable(Tensor.ones(shape, dtype: type), requiresGrad: type.isFloatingPoint)
}

private let tapeMistakes: [Mistake] = [
  Mistake(
    "backward: wants a single value, got shape [2, 3]; reduce it with sum() or mean(), or pass gradient:"
  ) { (variable([2, 3]) * 2).backward() },
  Mistake("backward: this variable of shape [] requires no gradient; no leaf it was computed from has requiresGrad") {
    variable([2]).detach().sum().backward()
  },
  Mistake("or it was computed inside withoutGradient") {
    withoutGradient { variable([2]).sum() }.backward()
  },
  Mistake(
    "backward: the graph of this sum of shape [] was let go by an earlier backward(); "
      + "pass retainGraph: true to that one to walk it again"
  ) {
    let loss = variable([2]).sum()
    loss.backward()
    loss.backward()
  },
  Mistake("backward: the graph of this tanh of shape [2] was let go by an earlier backward()") {
    let trunk = variable([2]).tanh()
    trunk.sum().backward()
    trunk.exp().sum().backward()
  },
  Mistake("backward: the gradient must be float32 [2, 3] like the value, got float32 [3]") {
    (variable([2, 3]) * 2).backward(gradient: Tensor.ones([3]))
  },
  Mistake("backward: the gradient must be float32 [2] like the value, got float64 [2]") {
    (variable([2]) * 2).backward(gradient: Tensor.ones([2], dtype: .float64))
  },
  Mistake("value: only a leaf's value can be set; this variable is the result of relu") {
    variable([2]).relu().value = Tensor.ones([2])
  },
  Mistake("value: a leaf that requires a gradient keeps its shape and type, float32 [2]; got float32 [3]") {
    variable([2]).value = Tensor.ones([3])
  },
  Mistake("value: a leaf that requires a gradient keeps its shape and type, float32 [2]; got float64 [2]") {
    variable([2]).value = Tensor.ones([2], dtype: .float64)
  },
  Mistake("grad: wants float32 [2] like the value, got float32 [3]") { variable([2]).grad = variable([3]) },
  Mistake("grad: wants float32 [2] like the value, got float64 [2]") { variable([2]).grad = variable([2], .float64) },
  Mistake("requiresGrad: wants float32 or float64, got int64; cast the value first") {
    _ = Variable([1, 2], dtype: .int64, requiresGrad: true)
  },
  Mistake("requiresGrad: wants float32 or float64, got bool") { variable([2], .bool).requiresGrad = true },
  Mistake("requiresGrad: cannot be cleared on the result of tanh; use detach()") {
    variable([2]).tanh().requiresGrad = false
  },
  Mistake("grad: no gradient is kept for this result of tanh; call retainGrad() on it before backward()") {
    let y = variable([2]).tanh()
    y.sum().backward()
    _ = y.grad
  },
  Mistake("retainGrad: this variable of shape [2] requires no gradient, so none will reach it") {
    variable([2]).detach().retainGrad()
  },
  Mistake("item: wants a tensor of one element, got shape [2]") { _ = variable([2]).item() },
  Mistake("relativeError: shapes [2] and [3] differ") { _ = relativeError(Tensor.ones([2]), Tensor.ones([3])) },
]

private let elementwiseMistakes: [Mistake] = [
  Mistake(
    "+: shapes [2, 3] and [2] do not broadcast together; aligned at the end, sizes must be equal or 1"
  ) { _ = variable([2, 3]) + variable([2]) },
  Mistake("-: shapes [2, 3] and [3, 2] do not broadcast together") { _ = variable([2, 3]) - variable([3, 2]) },
  Mistake("*: shapes [4] and [5] do not broadcast together") { _ = variable([4]) * variable([5]) },
  Mistake("/: shapes [0] and [2] do not broadcast together") { _ = variable([0]) / variable([2]) },
  Mistake("maximum: shapes [4] and [5] do not broadcast together") { _ = variable([4]).maximum(variable([5])) },
  Mistake("minimum: shapes [4] and [5] do not broadcast together") { _ = variable([4]).minimum(variable([5])) },
  Mistake("pow: shapes [4] and [5] do not broadcast together") { _ = variable([4]).pow(variable([5])) },
  Mistake(
    "+: types differ, got float32 [2] and float64 [3]; convert one with cast(to: .float32)"
  ) { _ = variable([2]) + variable([3], .float64) },
  Mistake("-: shapes [2] and [3] do not broadcast together") { _ = variable([2]) - variable([3]) },
  Mistake("*: types differ, got float64 [2] and int64 [2]; convert one with cast(to: .float64)") {
    _ = variable([2], .float64) * variable([2], .int64)
  },
  Mistake("pow: types differ, got float32 [2] and float64 [2]") { _ = variable([2]).pow(variable([2], .float64)) },
  Mistake("maximum: types differ, got float32 [2] and int64 [2]") { _ = variable([2]).maximum(variable([2], .int64)) },
  Mistake("exp: wants float32 or float64, got int64 [2]; convert with cast(to: .float32)") {
    _ = variable([2], .int64).exp()
  },
  Mistake("tanh: wants float32 or float64, got bool [2, 2]") { _ = variable([2, 2], .bool).tanh() },
  Mistake("sqrt: wants float32 or float64, got uint8 [2]") { _ = variable([2], .uint8).sqrt() },
  Mistake("relu: wants float32 or float64, got int32 [2]") { _ = variable([2], .int32).relu() },
  Mistake("elu: wants float32 or float64, got int32 [2]") { _ = variable([2], .int32).elu() },
  Mistake("leakyRelu: wants float32 or float64, got int32 [2]") { _ = variable([2], .int32).leakyRelu() },
  Mistake("pow: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).pow(2) },
  Mistake("cast: no gradient passes through int64; use value.cast(to: .int64)") { _ = variable([2]).cast(to: .int64) },
]

private let productMistakes: [Mistake] = [
  Mistake("matrixPower: wants square matrices [..., n, n], got [2, 3]") { _ = variable([2, 3]).matrixPower(2) },
  Mistake("eigvalsh: wants square matrices [..., n, n], got [2, 3]") { _ = variable([2, 3]).eigvalsh() },
  Mistake("trace: wants float32 or float64, got int64 [2, 2]") { _ = variable([2, 2], .int64).trace() },
  Mistake("einsum \"ij,jk->ik\": sums want float32 or float64, got int64; convert with cast(to: .float32)") {
    _ = Variable.einsum("ij,jk->ik", variable([2, 3], .int64), variable([3, 2], .int64))
  },
  Mistake("einsum \"i...->...\": sums want float32 or float64, got bool; convert with cast(to: .float32)") {
    _ = Variable.einsum("i...->...", variable([2, 3], .bool))
  },
  Mistake("einsum: types differ, got float32 [2, 3] and float64 [3, 2]") {
    _ = Variable.einsum("ij,jk->ik", variable([2, 3]), variable([3, 2], .float64))
  },
  Mistake("attentionWeights: batches [2] and [3] do not broadcast") {
    _ = Variable.attentionWeights(query: variable([2, 4, 5]), key: variable([3, 4, 5]))
  },
  Mistake("scaledDotProductAttention: batches [2] and [2] and [3] do not broadcast") {
    _ = Variable.scaledDotProductAttention(
      query: variable([2, 4, 5]), key: variable([2, 4, 5]), value: variable([3, 4, 5]))
  },
  Mistake("cdist: the order must be a number, got NaN") { _ = variable([2, 3]).cdist(variable([2, 3]), .nan) },
  Mistake("normalize: the order must be a number, got NaN") { _ = variable([2, 3]).normalize(.nan) },
  Mistake("numericalGradient: the upstream gradient must have the result's shape [2], got [3]") {
    _ = numericalGradient({ $0 }, at: .ones([2]), upstream: .ones([3]))
  },
  Mistake("matmul: [32, 784] · [100, 10]: inner sizes 784 and 100 differ") {
    _ = variable([32, 784]).matmul(variable([100, 10]))
  },
  Mistake("matmul: [3] · [4]: inner sizes 3 and 4 differ") { _ = variable([3]) • variable([4]) },
  Mistake("matmul: [2, 4, 3] · [3, 3, 4]: batch sizes [2] and [3] do not broadcast") {
    _ = variable([2, 4, 3]).matmul(variable([3, 3, 4]))
  },
  Mistake("matmul: [] · [2, 2]: both need at least one axis; to scale by a single value use *") {
    _ = variable([]).matmul(variable([2, 2]))
  },
  Mistake("matmul: types differ, got float32 [2, 2] and float64 [2, 2]; convert one with cast(to: .float32)") {
    _ = variable([2, 2]).matmul(variable([2, 2], .float64))
  },
  Mistake("matmul: wants float32 or float64, got int64") {
    _ = variable([2, 2], .int64).matmul(variable([2, 2], .int64))
  },
  Mistake("linear: the input [8, 5] must end in the weight's second size, which is [out, in] = [3, 4]") {
    _ = variable([8, 5]).linear(weight: variable([3, 4]))
  },
  Mistake("linear: the input [] must end in the weight's second size") {
    _ = variable([]).linear(weight: variable([3, 4]))
  },
  Mistake("linear: the bias must have shape [3], got [4]") {
    _ = variable([8, 4]).linear(weight: variable([3, 4]), bias: variable([4]))
  },
  Mistake("linear: types differ, got float32 [8, 4] and float64 [3, 4]") {
    _ = variable([8, 4]).linear(weight: variable([3, 4], .float64))
  },
  Mistake("sum: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).sum(axes: [2]) },
  Mistake("sum: axis 1 is named twice in [1, -1]") { _ = variable([2, 3]).sum(axes: [1, -1]) },
  Mistake("sum: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).sum() },
  Mistake("mean: axis -3 is out of range for shape [2, 3]") { _ = variable([2, 3]).mean(axes: [-3]) },
  Mistake("mean: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).mean() },
  Mistake("max: axis 1 of [2, 0] has no elements, so there is no max") { _ = variable([2, 0]).max(axes: [1]) },
  Mistake("min: axis 0 of [0] has no elements, so there is no min") { _ = variable([0]).min() },
  Mistake("max: axis 1 is out of range for shape [2]") { _ = variable([2]).max(axes: [1]) },
  Mistake("logSumExp: axis 1 is out of range for shape [2]") { _ = variable([2]).logSumExp(axes: [1]) },
  Mistake("softmax: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).softmax(axis: 2) },
  Mistake("softmax: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).softmax() },
  Mistake("logSoftmax: axis -3 is out of range for shape [2, 3]") { _ = variable([2, 3]).logSoftmax(axis: -3) },
  Mistake("crossEntropy: the scores must be [N, classes], got [3]") { _ = variable([3]).crossEntropy(Tensor([0])) },
  Mistake("crossEntropy: the labels must be [2], one for each row of the scores [2, 3], got [3]") {
    _ = variable([2, 3]).crossEntropy(Tensor([0, 1, 2], dtype: .int64))
  },
  Mistake("crossEntropy: label 3 in row 1 is out of range for 3 classes") {
    _ = variable([2, 3]).crossEntropy(Tensor([0, 3], dtype: .int64))
  },
  Mistake("crossEntropy: label -1 in row 0 is out of range for 3 classes") {
    _ = variable([2, 3]).crossEntropy(Tensor([-1, 0], dtype: .int32))
  },
  Mistake("crossEntropy: labels must be int64 or int32, got float32") {
    _ = variable([2, 3]).crossEntropy(Tensor([0, 1]))
  },
]

private let imageMistakes: [Mistake] = [
  Mistake("conv2d: 1 channels of 9223372036854775807×4 padded pixels are more than can be worked with") {
    _ = variable([1, 1, 4, 4]).conv2d(
      variable([1, 1, 1, 1]), stride: Pair(.max, 1), padding: .sides(top: .max, left: 0, bottom: .max, right: 0))
  },
  Mistake("conv2d: the kernel spans 9223372036854775807×1 pixels") {
    _ = variable([1, 1, 4, 4]).conv2d(variable([1, 1, 3, 1]), dilation: Pair(1 << 62, 1))
  },
  Mistake("maxPool2d: padding must be at most half of the kernel") {
    _ = variable([1, 1, 4, 4]).maxPool2d(2, padding: Pair(1 << 62, 0))
  },
  Mistake("interpolate: the axes behind [N, C] must not be empty, got [1, 1, 0]") {
    _ = variable([1, 1, 0]).interpolate(size: [2])
  },
  Mistake(
    "conv2d: wants an input [N, C, H, W] and a weight [out, C / groups, height, width], got [4, 4] and [1, 1, 2, 2]"
  ) { _ = variable([4, 4]).conv2d(variable([1, 1, 2, 2])) },
  Mistake("conv2d: the weight [2, 3, 2, 2] in 1 groups wants 3 channels") {
    _ = variable([1, 2, 4, 4]).conv2d(variable([2, 3, 2, 2]))
  },
  Mistake("conv2d: the kernel spans 5×5 pixels") { _ = variable([1, 1, 4, 4]).conv2d(variable([1, 1, 5, 5])) },
  Mistake("conv2d: stride, dilation and groups must be at least 1") {
    _ = variable([1, 1, 4, 4]).conv2d(variable([1, 1, 2, 2]), stride: 0)
  },
  Mistake("conv2d: the bias must have shape [2], got [3]") {
    _ = variable([1, 1, 4, 4]).conv2d(variable([2, 1, 2, 2]), bias: variable([3]))
  },
  Mistake("conv2d: types differ, got float32 [1, 1, 4, 4] and float64 [1, 1, 2, 2]") {
    _ = variable([1, 1, 4, 4]).conv2d(variable([1, 1, 2, 2], .float64))
  },
  Mistake("maxPool2d: wants an input [N, C, H, W], got [4, 4]") { _ = variable([4, 4]).maxPool2d(2) },
  Mistake("maxPool2d: kernel, stride and dilation must be at least 1") {
    _ = variable([1, 1, 4, 4]).maxPool2d(2, stride: 0)
  },
  Mistake("maxPool2d: padding must be at most half of the kernel") {
    _ = variable([1, 1, 4, 4]).maxPool2d(2, padding: 2)
  },
  Mistake("avgPool2d: a kernel that spans 3 does not fit 2 pixels with padding 0") {
    _ = variable([1, 1, 2, 2]).avgPool2d(3)
  },
  Mistake("avgPool2d: wants float32 or float64, got int64 [1, 1, 2, 2]") {
    _ = variable([1, 1, 2, 2], .int64).avgPool2d(2)
  },
  Mistake("avgPool2d: the divisor must not be 0") { _ = variable([1, 1, 2, 2]).avgPool2d(2, divisor: 0) },
]

private let placeMistakes: [Mistake] = [
  Mistake("split: sizes [9223372036854775807, 3] must add up to 2") { _ = variable([2]).split([.max, 3]) },
  Mistake("a tensor of shape [2, 9223372036854775807, 3] has more elements than can be addressed") {
    _ = variable([2, 3]).repeated([1, .max])
  },
  Mistake("out of memory") { _ = variable([1]).repeatInterleaved([1 << 62], axis: 0) },
  Mistake("reshape: [2, 3] has 6 elements, [4, 2] takes 8") { _ = variable([2, 3]).reshape([4, 2]) },
  Mistake("reshape: the size at −1 in [4, -1] cannot be worked out for [2, 3], which has 6 elements") {
    _ = variable([2, 3]).reshape([4, -1])
  },
  Mistake("reshape: sizes must not be negative, but for one −1 that is worked out, got [-1, -1]") {
    _ = variable([2, 3]).reshape([-1, -1])
  },
  Mistake("flatten: axis 2 comes after axis 0 in [2, 3, 4]") {
    _ = variable([2, 3, 4]).flatten(startAxis: 2, endAxis: 0)
  },
  Mistake("flatten: axis 3 is out of range for shape [2, 3]") { _ = variable([2, 3]).flatten(startAxis: 3) },
  Mistake("transpose: axis -2 is out of range for shape [3]") { _ = variable([3]).transpose() },
  Mistake("transpose: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).transpose(0, 2) },
  Mistake("permute: [0, 0] must name each of the 2 axes of [2, 3] once") { _ = variable([2, 3]).permute([0, 0]) },
  Mistake("permute: [1] must name each of the 2 axes of [2, 3] once") { _ = variable([2, 3]).permute([1]) },
  Mistake("permute: axis 5 is out of range for shape [2, 3]") { _ = variable([2, 3]).permute([5, 0]) },
  Mistake("expand: [2, 3] does not broadcast to [2, 4]; aligned at the end, sizes must be equal or 1") {
    _ = variable([2, 3]).expand([2, 4])
  },
  Mistake("expand: [2, 3] does not broadcast to [3]") { _ = variable([2, 3]).expand([3]) },
  Mistake("unsqueeze: axis 3 is out of range for a new axis of shape [2]") { _ = variable([2]).unsqueeze(3) },
  Mistake("squeeze: axis 1 is out of range for shape [2]") { _ = variable([2]).squeeze(axes: [1]) },
  Mistake("subscript: index 3 is out of range for axis 0 of shape [3, 2], which has 3 elements") {
    _ = variable([3, 2])[3]
  },
  Mistake("subscript: index -3 is out of range for axis 1 of shape [3, 2], which has 2 elements") {
    _ = variable([3, 2])[0, -3]
  },
  Mistake("subscript: 3 indices for shape [3, 2], which has 2 axes") { _ = variable([3, 2])[0, 0, 0] },
  Mistake("subscript: more than one ellipsis") { _ = variable([3, 2])[.ellipsis, .ellipsis] },
  Mistake("subscript: a step must not be 0") { _ = variable([3])[.stride(by: 0)] },
  Mistake("indexSelect: position 3 (number 1) is out of range for an axis of 3") {
    _ = variable([3, 2]).indexSelect(axis: 0, [0, 3])
  },
  Mistake("indexSelect: position -4 (number 0) is out of range for an axis of 3") {
    _ = variable([3, 2]).indexSelect(axis: 0, [-4])
  },
  Mistake("indexSelect: axis 2 is out of range for shape [3, 2]") { _ = variable([3, 2]).indexSelect(axis: 2, [0]) },
  Mistake("gather: position 2 (entry 1 of the index) is out of range for axis 1 of [3, 2]") {
    _ = variable([3, 2]).gather(axis: 1, index: Tensor([[0, 2]], dtype: .int64))
  },
  Mistake("gather: position -1 (entry 0 of the index) is out of range for axis 0 of [3]") {
    _ = variable([3]).gather(axis: 0, index: Tensor([-1], dtype: .int64))
  },
  Mistake("gather: the index [1] must have as many axes as the tensor [3, 2]") {
    _ = variable([3, 2]).gather(axis: 1, index: Tensor([0], dtype: .int64))
  },
  Mistake("gather: the index [4, 1] is larger than the tensor [3, 2] in axis 0") {
    _ = variable([3, 2]).gather(axis: 1, index: Tensor.zeros([4, 1], dtype: .int64))
  },
  Mistake("gather: the index must be int64 or int32, got float32; convert with cast(to: .int64)") {
    _ = variable([3]).gather(axis: 0, index: Tensor([0]))
  },
  Mistake("where: the condition must be bool, got float32 [2]") {
    _ = Variable.where(Tensor([0, 1]), variable([2]), variable([2]))
  },
  Mistake("where: shapes [2] and [3] do not broadcast together") {
    _ = Variable.where(Tensor([true]), variable([2]), variable([3]))
  },
  Mistake("where: the condition [3] does not broadcast with [2] and [2]") {
    _ = Variable.where(Tensor([true, true, true]), variable([2]), variable([2]))
  },
  Mistake("where: types differ, got float32 [2] and float64 [2]") {
    _ = Variable.where(Tensor([true]), variable([2]), variable([2], .float64))
  },
  Mistake("concatenate: wants at least one tensor") { _ = Variable.concatenate([]) },
  Mistake("concatenate: tensor 1 has shape [3, 2], which differs from [2, 3] outside axis 0") {
    _ = Variable.concatenate([variable([2, 3]), variable([3, 2])])
  },
  Mistake("concatenate: types differ, got float32 [2] and float64 [2]") {
    _ = Variable.concatenate([variable([2]), variable([2], .float64)])
  },
  Mistake("concatenate: axis 0 is out of range for shape [], which has no axes") {
    _ = Variable.concatenate([variable([]), variable([])])
  },
  Mistake("stack: tensor 1 has shape [3], the first [2]") { _ = Variable.stack([variable([2]), variable([3])]) },
  Mistake("stack: wants at least one tensor") { _ = Variable.stack([]) },
  Mistake("stack: axis 3 is out of range for a new axis of shape [2]") {
    _ = Variable.stack([variable([2]), variable([2])], axis: 3)
  },
  Mistake("stack: types differ, got float32 [2] and float64 [2]") {
    _ = Variable.stack([variable([2]), variable([2], .float64)])
  },
]
