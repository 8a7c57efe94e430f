import Autograd

// Rows of the table of ops: shapes, indexing and products, and their misuse.

let morePlaceRows: [OpRow] = repeatRows + pixelRows + cornerRows + chosenRows + sumOfProductRows

let morePlaceDerivatives: [DerivativePart] = [(.diagonalBackward, { $0.diagonal() })]

private let repeatRows: [OpRow] = [
  .one(.flip, "", [[3, 4], [4, 2, 2], [0, 2]]) { $0.flip(axes: [0]) },
  .one(.flip, "all axes", [[3, 4], [2, 2], [2, 0]]) { $0.flip(axes: [-1, 0]) },
  .one(.roll, "", [[3, 4], [4, 2]]) { $0.roll([1, -3], axes: [0, -1]) },
  .one(.roll, "flattened", [[3, 4], [5]]) { $0.roll([4]) },
  .one(.expand, "repeated", [[2, 3], [3], [1, 2]]) { $0.repeated([2, 1, 3]) },
  .one(.expand, "repeatInterleaved", [[2, 3], [3], []]) { $0.repeatInterleaved(2) },
  .one(.expand, "repeatInterleaved, an axis", [[2, 3], [2, 1, 2]]) { $0.repeatInterleaved(3, axis: 1) },
  .one(.indexSelect, "repeatInterleaved, by counts", [[3, 2], [3]]) { $0.repeatInterleaved([2, 0, 1], axis: 0) },
  .one(.slice, "split", [[5, 2], [3]]) { x in
    x.split(2).enumerated().map { Double($0 + 1) * $1.sum() }.reduce(Variable(Tensor.zeros([], dtype: x.dtype)), +)
  },
  .one(.slice, "chunk", [[2, 5], [1, 3]]) { $0.chunk(2, axis: 1)[1] },
  .one(.slice, "select", [[2, 5], [3, 2, 2]]) { $0.select(axis: 1, -1) },
  .one(.slice, "by an axis", [[2, 5], [3, 4, 2]]) { $0.slice(axis: 1, from: -3, to: nil, step: 2) },
  .one(.pad, "", [[3, 2], [2, 3, 2], [0, 2]]) { $0.pad([1, 2, 0, 1], mode: .constant(0.5)) },
  .one(.pad, "cutting off", [[3, 4], [2, 3, 4]]) { $0.pad([-1, 2, 1, -2]) },
  .one(.indexSelect, "pad, reflect", [[3, 4], [2, 3, 3]]) { $0.pad([2, 1, 1, 2], mode: .reflect) },
  .one(.indexSelect, "pad, replicate", [[3, 4], [2, 1]]) { $0.pad([2, 1], mode: .replicate) },
  .one(.indexSelect, "pad, circular", [[3, 4], [2, 3, 2]]) { $0.pad([2, 1, 0, 2], mode: .circular) },
]

private let pixelRows: [OpRow] = [
  .one(.permute, "pixelShuffle", [[1, 8, 1, 3], [4, 2, 2], [2, 0, 3, 3]]) { $0.pixelShuffle(2) },
  .one(.permute, "pixelUnshuffle", [[1, 2, 4, 2], [2, 2, 6]]) { $0.pixelUnshuffle(2) },
]

private let cornerRows: [OpRow] = [
  .one(.triangle, "lower", [[3, 4], [2, 3, 3], [0, 2]]) { $0.lowerTriangle(offset: 1) },
  .one(.triangle, "upper", [[3, 4], [2, 3, 3]]) { $0.upperTriangle(offset: -1) },
  .one(.diagonal, "", [[3, 4], [4, 2], [2, 3, 2], [0, 2]]) { $0.diagonal() },
  .one(.diagonal, "of the last axes", [[2, 3, 4], [2, 3, 3]]) { $0.diagonal(offset: 1, axis1: -2, axis2: -1) },
  .one(.diagonal, "empty", [[2, 3]]) { $0.diagonal(offset: 5) },
  .one(.diagonal, "trace", [[3, 3], [2, 4]]) { $0.trace() },
]

private let chosenRows: [OpRow] = [
  .one(.where, "maskedFill", [[3, 4], [2, 3, 4]]) { $0.maskedFill(oddPlaces([3, 4]), 2.5) },
  .one(.indexSelect, "maskedSelect", [[3, 4], [4], [2, 3, 4]]) { $0.maskedSelect(oddPlaces([3, 4])) },
  .one(.indexSelect, "embedding", [[5, 3], [4, 1]]) {
    $0.embedding(Tensor([[3, 0, 3], [1, 2, 0]], dtype: .int64))
  },
  // The padding row's value is used, but it gets no gradient; multiplying by a constant keeps the
  // differences consistent.
  .one(.where, "embedding with padding", [[5, 3]]) { x in
    let y = x.embedding(Tensor([3, 0, 1], dtype: .int64), paddingIndex: 3)
    return y * Variable(Tensor([[0, 0, 0], [1, 2, 3], [3, 2, 1]]).cast(to: x.dtype))
  },
  OpRow(.scatterAdd, "", [[[3, 4], [2, 3]], [[4, 3], [2, 3]], [[3, 3], [3, 5]]]) { x in
    x[0].scatterAdd(axis: 0, index: Tensor([[2, 0, 2], [2, 1, 0]], dtype: .int64), x[1])
  },
  .one(.indexSelect, "by several indices", [[3, 4], [3, 3, 2]]) {
    $0[Tensor([[2], [0]], dtype: .int64), Tensor([1, -1, 1], dtype: .int64)]
  },
  .one(.indexSelect, "by arrays, a place twice", [[3, 4], [3, 3, 2]]) { $0[[2, 0, 2], [1, 2, 1]] },
  .one(.indexSelect, "positions among other indices", [[3, 4], [2, 4, 3]]) { $0[1..., [2, 0, -2]] },
  .one(.indexSelect, "positions of the last axis", [[3, 4], [2, 2, 4]]) { $0[.ellipsis, [3, 3]] },
  OpRow(.where, "indexPut", [[[3, 4], [2, 4]], [[3, 2, 2], [1, 2]]]) {
    $0[0].indexPut([Tensor([2, 0], dtype: .int64)], $0[1])
  },
  OpRow(.where, "indexPut, a place twice", [[[3, 4], [3]], [[3, 4, 2], [3, 2]]]) {
    $0[0].indexPut([Tensor([2, 0, 2], dtype: .int64), Tensor([1, -1, 1], dtype: .int64)], $0[1])
  },
  OpRow(.where, "indexPut by a mask", [[[3, 4], []]]) { $0[0].indexPut([oddPlaces([3, 4])], $0[1]) },
  OpRow(.add, "indexPut, accumulating", [[[3, 4], [3]], [[3, 4, 2], [3, 2]]]) {
    $0[0].indexPut(
      [Tensor([2, 0, 2], dtype: .int64), Tensor([1, 3, 1], dtype: .int64)], $0[1], accumulate: true)
  },
  OpRow(.where, "scatter", [[[3, 4], [2, 3]], [[3, 3], [3, 5]]]) { x in
    x[0].scatter(axis: 0, index: Tensor([[2, 0, 2], [2, 1, 0]], dtype: .int64), x[1])
  },
  .one(.gather, "takeAlong", [[2, 3, 4], [2, 1, 4]]) {
    $0.takeAlong(Tensor([[[1, 0]], [[3, 3]]], dtype: .int64), axis: -1)
  },
  .one(.gather, "takeAlong, flattened", [[3, 4], [6]]) { $0.takeAlong(Tensor([[5, 0], [2, 5]], dtype: .int64)) },
]

private let sumOfProductRows: [OpRow] = [
  .product(.matmul, "bmm", [[[2, 2, 3], [2, 3, 2]], [[0, 2, 3], [0, 3, 2]]]) { $0[0].bmm($0[1]) },
  .product(.dot, "", [[[4], [4]], [[0], [0]]]) { $0[0].dot($0[1]) },
  .product(.multiply, "outer", [[[3], [4]], [[0], [2]]]) { $0[0].outer($0[1]) },
  .product(.matmul, "bilinear", [[[4, 2], [4, 3], [2, 2, 3], [2]], [[2], [3], [2, 2, 3], [2]]]) {
    $0[0].bilinear($0[1], weight: $0[2], bias: $0[3])
  },
  .product(.matmul, "einsum", [[[2, 3], [3, 4]], [[1, 3], [3, 1]]]) { Variable.einsum("ij,jk->ki", $0) },
  .product(.matmul, "einsum of three", [[[2, 3], [3, 4], [4, 2]]]) { Variable.einsum("ij,jk,kl->il", $0) },
  .product(.matmul, "einsum with an ellipsis", [[[2, 3, 4], [4, 2]], [[3, 4], [4, 2]]]) {
    Variable.einsum("...ij,jk->...ik", $0)
  },
  .product(.multiply, "einsum without sums", [[[2, 3], [2, 4]]]) { Variable.einsum("bi,bj->bij", $0) },
  .product(.diagonal, "einsum of a diagonal", [[[3, 3]], [[2, 2]]]) { Variable.einsum("ii->i", $0) },
  .product(.diagonal, "einsum, implicit", [[[3, 3, 2]]]) { Variable.einsum("iij", $0) },
  .product(.multiply, "einsum that broadcasts", [[[2, 1], [2, 3]], [[1, 3], [2, 3]]]) {
    Variable.einsum("ij,ij->ij", $0)
  },
]

private func oddPlaces(_ shape: Shape) -> Tensor {
  Tensor((0..<shape.elementCount).map { $0 % 2 == 1 }, shape: shape)
}

// MARK: - Mistakes

let morePlaceMistakes: [Mistake] = moveMistakes + choiceMistakes + einsumMistakes

private func whole(_ values: Int...) -> Tensor { Tensor(values) }

private let moveMistakes: [Mistake] = [
  Mistake("flip: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).flip(axes: [2]) },
  Mistake("flip: axis 0 is named twice in [0, -2]") { _ = variable([2, 3]).flip(axes: [0, -2]) },
  Mistake("flip: axis 0 is out of range for shape [], which has no axes") { _ = variable([]).flip(axes: [0]) },
  Mistake("roll: wants a shift for each axis, got [1] for axes [0, 1]") {
    _ = variable([2, 3]).roll([1], axes: [0, 1])
  },
  Mistake("roll: without axes there is one shift, got [1, 2]") { _ = variable([2, 3]).roll([1, 2]) },
  Mistake("roll: axis 3 is out of range for shape [2, 3]") { _ = variable([2, 3]).roll([1], axes: [3]) },
  Mistake("repeated: wants a count that is not negative for each axis of [2, 3], got [2]") {
    _ = variable([2, 3]).repeated([2])
  },
  Mistake("repeated: wants a count that is not negative for each axis of [2], got [-1]") {
    _ = variable([2]).repeated([-1])
  },
  Mistake("repeatInterleaved: the count must not be negative, got -2") { _ = variable([2]).repeatInterleaved(-2) },
  Mistake("repeatInterleaved: wants 2 counts that are not negative") {
    _ = variable([2]).repeatInterleaved([1, 2, 3], axis: 0)
  },
  Mistake("split: sizes [1, 1] must add up to 3, the size of axis 1 of [2, 3]") {
    _ = variable([2, 3]).split([1, 1], axis: 1)
  },
  Mistake("split: the size must be positive, got 0") { _ = variable([2, 3]).split(0) },
  Mistake("split: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).split(1, axis: 2) },
  Mistake("chunk: the number of pieces must be positive, got 0") { _ = variable([2, 3]).chunk(0) },
  Mistake("chunk: axis -3 is out of range for shape [2, 3]") { _ = variable([2, 3]).chunk(2, axis: -3) },
  Mistake("select: position 3 is out of range for axis 1 of [2, 3]") { _ = variable([2, 3]).select(axis: 1, 3) },
  Mistake("select: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).select(axis: 2, 0) },
  Mistake("slice: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).slice(axis: 2, to: 1) },
  Mistake("expand: size -1 of a new axis in [-1, 3] for [3]") { _ = variable([3]).expand([-1, 3]) },
  Mistake("pad: wants a pair for each of at most 1 axes of [3], got [1, 1, 1, 1]") {
    _ = variable([3]).pad([1, 1, 1, 1])
  },
  Mistake("pad: wants a pair for each of at most 2 axes of [2, 3], got [1]") { _ = variable([2, 3]).pad([1]) },
  Mistake("pad: -2 and -2 cut more off axis 1 of [2, 3] than it has") { _ = variable([2, 3]).pad([-2, -2]) },
  Mistake("pad: reflect takes paddings of 0 to 2 for axis 1 of [2, 3], got 3 and 0") {
    _ = variable([2, 3]).pad([3, 0], mode: .reflect)
  },
  Mistake("pad: circular takes paddings of 0 to 3 for axis 1 of [2, 3], got 0 and 4") {
    _ = variable([2, 3]).pad([0, 4], mode: .circular)
  },
  Mistake("pad: replicate takes paddings of 0 to any number for axis 0 of [3], got -1 and 0") {
    _ = variable([3]).pad([-1, 0], mode: .replicate)
  },
]

private let choiceMistakes: [Mistake] = [
  Mistake("lowerTriangle: wants matrices, got shape [3]") { _ = variable([3]).lowerTriangle() },
  Mistake("upperTriangle: wants matrices, got shape []") { _ = variable([]).upperTriangle() },
  Mistake("diagonal: axis 0 and axis -2 of [2, 3] are the same") {
    _ = variable([2, 3]).diagonal(axis1: 0, axis2: -2)
  },
  Mistake("diagonal: axis 1 is out of range for shape [3]") { _ = variable([3]).diagonal() },
  Mistake("diag: wants a vector or a matrix, got shape [2, 2, 2]") { _ = variable([2, 2, 2]).diag() },
  Mistake("trace: wants a matrix, got shape [2]") { _ = variable([2]).trace() },
  Mistake("maskedFill: the mask must be bool, got float32 [2]") { _ = variable([2]).maskedFill(Tensor([1, 0]), 0) },
  Mistake("maskedFill: the mask [3] does not broadcast to [2]") {
    _ = variable([2]).maskedFill(Tensor([true, false, true]), 0)
  },
  Mistake("maskedSelect: the mask must be bool, got int64 [1]") { _ = variable([2]).maskedSelect(whole(1)) },
  Mistake("maskedSelect: the mask [3] does not broadcast with [2]") {
    _ = variable([2]).maskedSelect(Tensor([true, false, true]))
  },
  Mistake("scatterAdd: position 3 (entry 1 of the index) is out of range for axis 0 of [3]") {
    _ = variable([3]).scatterAdd(axis: 0, index: whole(0, 3), variable([2]))
  },
  Mistake("scatterAdd: the source [1] must be at least as large as the index [2]") {
    _ = variable([3]).scatterAdd(axis: 0, index: whole(0, 1), variable([1]))
  },
  Mistake("scatterAdd: types differ, got float32 [3] and float64 [2]") {
    _ = variable([3]).scatterAdd(axis: 0, index: whole(0, 1), variable([2], .float64))
  },
  Mistake("subscript: position 3 (number 1) is out of range for axis 1 of shape [2, 3], which has 3 elements") {
    _ = variable([2, 3])[[0, 1], [0, 3]]
  },
  Mistake("indexPut: wants at least one index") { _ = variable([2]).indexPut([], variable([])) },
  Mistake("indexPut: position 3 (number 1) is out of range for axis 0 of shape [3], which has 3 elements") {
    _ = variable([3]).indexPut([whole(0, 3)], variable([]))
  },
  Mistake("indexPut: values of shape [3] do not broadcast to the part they are put in, [2]") {
    _ = variable([3]).indexPut([whole(0, 1)], variable([3]))
  },
  Mistake("scatter: position 3 (entry 1 of the index) is out of range for axis 0 of [3]") {
    _ = variable([3]).scatter(axis: 0, index: whole(0, 3), variable([2]))
  },
  Mistake("scatter: the source [1] must be at least as large as the index [2]") {
    _ = variable([3]).scatter(axis: 0, index: whole(0, 1), variable([1]))
  },
  Mistake("takeAlong: position -1 (entry 1 of the index) is out of range for axis 1 of [2, 3]") {
    _ = variable([2, 3]).takeAlong(Tensor([[0, -1]], dtype: .int64), axis: 1)
  },
  Mistake("takeAlong: indices [2] must have as many axes as the value [2, 3]") {
    _ = variable([2, 3]).takeAlong(whole(0, 1), axis: 0)
  },
  Mistake("takeAlong: position 6 (entry 0 of the index) is out of range for axis 0 of [6]") {
    _ = variable([2, 3]).takeAlong(whole(6))
  },
  Mistake("embedding: index 5 (number 1) is out of range for a table of 5 rows") {
    _ = variable([5, 2]).embedding(whole(0, 5))
  },
  Mistake("embedding: index -1 (number 0) is out of range for a table of 5 rows") {
    _ = variable([5, 2]).embedding(whole(-1))
  },
  Mistake("embedding: the table must be [rows, width], got [5]") { _ = variable([5]).embedding(whole(0)) },
  Mistake("embedding: indices must be int64 or int32, got float32 [1]") {
    _ = variable([5, 2]).embedding(Tensor([0]))
  },
  Mistake("embedding: padding index 5 is out of range for a table of 5 rows") {
    _ = variable([5, 2]).embedding(whole(0), paddingIndex: 5)
  },
]

private let einsumMistakes: [Mistake] = [
  Mistake("bmm: wants two stacks of equally many matrices, got [2, 3] and [3, 2]") {
    _ = variable([2, 3]).bmm(variable([3, 2]))
  },
  Mistake("dot: wants two vectors of one length, got [2] and [3]") { _ = variable([2]).dot(variable([3])) },
  Mistake("outer: wants two vectors, got [2, 1] and [3]") { _ = variable([2, 1]).outer(variable([3])) },
  Mistake("bilinear: inputs [4, 2] and [4, 2] do not fit a weight [out, in1, in2] = [2, 2, 3]") {
    _ = variable([4, 2]).bilinear(variable([4, 2]), weight: variable([2, 2, 3]))
  },
  Mistake("einsum \"ij,jk\" names 2 operands, got 1") { _ = Variable.einsum("ij,jk", variable([2, 3])) },
  Mistake("einsum \"ij\": 'ij' names 2 axes, operand 0 of shape [2] has 1") {
    _ = Variable.einsum("ij", variable([2]))
  },
  Mistake("einsum \"ij->ik\": 'k' of the result is in no operand") { _ = Variable.einsum("ij->ik", variable([2, 3])) },
  Mistake("einsum \"ij->ii\": 'i' is twice in the result") { _ = Variable.einsum("ij->ii", variable([2, 3])) },
  Mistake("einsum \"ij,jk\": 'j' has size 3 in one place and 4 in another") {
    _ = Variable.einsum("ij,jk", variable([2, 3]), variable([4, 2]))
  },
  Mistake("einsum \"i1\": '1' is no letter") { _ = Variable.einsum("i1", variable([2, 3])) },
  Mistake("einsum \"i->j->i\" has more than one arrow") { _ = Variable.einsum("i->j->i", variable([2])) },
  Mistake("einsum \"...i...\": operand 0 of shape [2] has more than one ellipsis") {
    _ = Variable.einsum("...i...", variable([2]))
  },
]
