import NN

/// Ops that change shape or order. Where the op alone would return a view, the op after it forces a copy.
var shapeOps: [Workload] {
  [
    unaryOp("transpose") { $0.transpose() },
    unaryOp("transpose_copied") { $0.transpose().reshape([-1]) },
    op("permute_copied", [Operand(100, 100, 100)]) { $0[0].permute([2, 0, 1]).reshape([-1]) },
    op("permute_inner_copied", [Operand(100, 100, 100)]) { $0[0].permute([0, 2, 1]).reshape([-1]) },
    op("permute_outer_copied", [Operand(100, 100, 100)]) { $0[0].permute([1, 0, 2]).reshape([-1]) },
    unaryOp("reshape") { $0.reshape([500, 2000]) },
    op("flatten", [Operand(100, 100, 100)]) { $0[0].flatten(startAxis: 1) },
    op("squeeze", [Operand(1000, 1, 1000)]) { $0[0].squeeze(axes: [1]) },
    unaryOp("unsqueeze") { $0.unsqueeze(1) },
    op("expand", [Operand(1000, 1)]) { $0[0].expand([1000, 1000]) },
    op("expand_rows", [Operand(1, 1000)]) { $0[0].expand([1000, 1000]) },
    unaryOp("flip_0") { $0.flip(axes: [0]).reshape([-1]) },
    unaryOp("flip_1") { $0.flip(axes: [1]).reshape([-1]) },
    unaryOp("roll_0") { $0.roll([3], axes: [0]) },
    unaryOp("roll_1") { $0.roll([3], axes: [1]) },
    op("cat_0", [Operand(500, 1000), Operand(500, 1000)]) { Variable.concatenate($0, axis: 0) },
    op("cat_1", [Operand(1000, 500), Operand(1000, 500)]) { Variable.concatenate($0, axis: 1) },
    op("stack_0", [Operand(500, 1000), Operand(500, 1000)]) { Variable.stack($0, axis: 0) },
    op("stack_2", [Operand(500, 1000), Operand(500, 1000)]) { Variable.stack($0, axis: 2) },
    unaryOp("split") { sum($0.split(250, axis: 1)) },
    unaryOp("chunk") { sum($0.chunk(4, axis: 0)) },
    op("repeat", [Operand(500, 500)]) { $0[0].repeated([2, 2]) },
    op("repeat_interleave_0", [Operand(500, 1000)]) { $0[0].repeatInterleaved(2, axis: 0) },
    op("repeat_interleave_1", [Operand(1000, 500)]) { $0[0].repeatInterleaved(2, axis: 1) },
    unaryOp("pad_constant") { $0.pad([3, 3, 3, 3]) },
    unaryOp("pad_reflect") { $0.reshape([1, 1000, 1000]).pad([3, 3, 3, 3], mode: .reflect) },
    unaryOp("pad_replicate") { $0.reshape([1, 1000, 1000]).pad([3, 3, 3, 3], mode: .replicate) },
    unaryOp("pad_circular") { $0.reshape([1, 1000, 1000]).pad([3, 3, 3, 3], mode: .circular) },
  ]
}

private func sum(_ pieces: [Variable]) -> Variable { pieces.dropFirst().reduce(pieces[0], +) }

/// Selecting some of the elements, and gathering or scattering by index.
var placeOps: [Workload] {
  [
    unaryOp("slice_0") { $0.slice(axis: 0, from: 100, to: 900) },
    unaryOp("slice_1") { $0.slice(axis: 1, from: 100, to: 900) },
    unaryOp("slice_step") { $0.slice(axis: 1, step: 2).reshape([-1]) },
    unaryOp("select_0") { $0.select(axis: 0, 7) },
    unaryOp("select_1") { $0.select(axis: 1, 7) },
    withPositions("index_select_0") { x, places in x.indexSelect(axis: 0, places.scalars()) },
    withPositions("index_select_1") { x, places in x.indexSelect(axis: 1, places.scalars()) },
    withIndex("gather_0") { $0.gather(axis: 0, index: $1) },
    withIndex("gather_1") { $0.gather(axis: 1, index: $1) },
    withIndex("take_along_dim") { $0.takeAlong($1, axis: 1) },
    scatter("scatter_add_0", axis: 0),
    scatter("scatter_add_1", axis: 1),
    Workload("op_masked_fill") {
      let mask = randomMask()
      return opStep([Operand.square().leaf()]) { $0[0].maskedFill(mask, 1.5) }
    },
    Workload("op_masked_select") {
      let mask = randomMask()
      return opStep([Operand.square().leaf()]) { $0[0].maskedSelect(mask) }
    },
    unaryOp("tril") { $0.lowerTriangle() },
    unaryOp("triu") { $0.upperTriangle() },
    op("diag", [Operand(1000)]) { $0[0].diag() },
    unaryOp("diagonal") { $0.diagonal() },
    unaryOp("trace") { $0.trace() },
    Workload("op_one_hot") {
      let labels = Tensor.randomIntegers([10_000], in: 0..<100)
      return { _ = Tensor.oneHot(labels, classes: 100) }
    },
    Workload("op_embedding") {
      let indices = Tensor.randomIntegers([100, 100], in: 0..<10_000)
      return opStep([Operand(10_000, 100).leaf()]) { $0[0].embedding(indices) }
    },
  ]
}

private func withPositions(_ name: String, _ function: @escaping (Variable, Tensor) -> Variable) -> Workload {
  Workload("op_" + name) {
    let places = Tensor.randomIntegers([1000], in: 0..<1000)
    return opStep([Operand.square().leaf()]) { function($0[0], places) }
  }
}

private func withIndex(_ name: String, _ function: @escaping (Variable, Tensor) -> Variable) -> Workload {
  Workload("op_" + name) {
    let index = Tensor.randomIntegers([1000, 1000], in: 0..<1000)
    return opStep([Operand.square().leaf()]) { function($0[0], index) }
  }
}

private func scatter(_ name: String, axis: Int) -> Workload {
  Workload("op_" + name) {
    let index = Tensor.randomIntegers([1000, 1000], in: 0..<1000)
    return opStep([Operand.square().leaf(), Operand.square().leaf()]) {
      $0[0].scatterAdd(axis: axis, index: index, $0[1])
    }
  }
}
