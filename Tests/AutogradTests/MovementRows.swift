import Autograd

// Rows of the table of ops: movement (reshaping, slicing, joining).

let movementRows: [OpRow] = [
  .one(.reshape, "", [[3, 4], [2, 6], [12], [2, 2, 3]]) { $0.reshape([2, -1, 3]) },
  .one(.reshape, "without axes", [[1], [1, 1]]) { $0.reshape([]) },
  .one(.reshape, "nothing", [[0, 3], [2, 0]]) { $0.reshape([3, 0, 2] as Shape) },
  .one(.reshape, "flatten", [[2, 3, 2], [4], [], [2, 0]]) { $0.flatten() },
  .one(.reshape, "flatten some axes", [[2, 3, 2, 1], [2, 0, 3]]) { $0.flatten(startAxis: 1, endAxis: -1) },
  .one(.transpose, "", [[3, 4], [2, 2, 3], [0, 3]]) { $0.transpose() },
  .one(.transpose, "outer axes", [[3, 2, 2], [2, 0, 3]]) { $0.transpose(0, -1) },
  .one(.permute, "", [[2, 3, 4], [1, 2, 3], [2, 0, 3]]) { $0.permute([2, 0, 1]) },
  .one(.permute, "from the end", [[2, 3, 4]]) { $0.permute([-2, -1, 0]) },
  .one(.expand, "", [[3, 1], [1], [], [1, 4]]) { $0.expand([2, 3, 4]) },
  .one(.expand, "to nothing", [[1, 3], [3]]) { $0.expand([0, 3]) },
  .one(.unsqueeze, "", [[3, 2], [], [4], [0, 2]]) { $0.unsqueeze(0) },
  .one(.unsqueeze, "at the end", [[3, 2], [], [4]]) { $0.unsqueeze(-1) },
  .one(.squeeze, "", [[2, 1, 3, 1], [1], [1, 1], [], [0, 1]]) { $0.squeeze() },
  .one(.squeeze, "some axes", [[2, 1, 3, 1], [1, 1], [2, 3]]) { $0.squeeze(axes: [-1, 0]) },
  // The value is put right by hand, because differences would drown in float32's rounding. Gradients are rounded too.
  OpRow(.cast, "", [[[2, 3]], [[]], [[0, 2]]], tolerance: 1e-6, secondOrderTolerance: 1e-4) { operands in
    let x = operands[0]
    let rounded = x.cast(to: .float32).cast(to: .float64)
    return rounded + (x.detach() - rounded.detach())
  },
]

let indexingRows: [OpRow] = [
  .one(.slice, "one element", [[3, 4], [2], [2, 0]]) { $0[-1] },
  .one(.slice, "ranges", [[3, 4], [4, 2, 3]]) { $0[1..., 0...1] },
  .one(.slice, "steps", [[5, 4], [3, 3, 3]]) { $0[.stride(by: -2), .range(0, nil, step: 2)] },
  .one(.slice, "last axis and new axes", [[3, 4], [2, 3], [2, 2, 2]]) { $0[.ellipsis, .newAxis, 1] },
  .one(.slice, "everything", [[3, 4], [2], [0, 2]]) { $0[.all] },
  .one(.slice, "nothing", [[3, 4], [2]]) { $0[2..<2] },
  .one(.indexSelect, "", [[3, 4], [4, 2, 2], [3, 0]]) { $0.indexSelect(axis: 0, [2, 0, 2, -1]) },
  .one(.indexSelect, "last axis", [[3, 4], [2, 2], [0, 3]]) { $0.indexSelect(axis: -1, [1, 1, -2]) },
  .one(.indexSelect, "nothing", [[3, 4], [2]]) { $0.indexSelect(axis: 0, []) },
  .one(.indexSelect, "rows by a tensor", [[3, 4], [2, 2, 2], [3]]) {
    $0[Tensor([[1, 0, 1], [-1, 1, 0]], dtype: .int64)]
  },
  .one(.indexSelect, "rows by a mask", [[3, 4], [3]]) { $0[Tensor([true, false, true])] },
  .one(.indexSelect, "a mask of two axes", [[2, 3, 2], [2, 3]]) {
    $0[Tensor([[true, false, true], [false, true, true]])]
  },
  .one(.gather, "", [[3, 4], [2, 5], [2, 1]]) { x in
    x.gather(axis: 1, index: positions([2, 3], below: x.shape[1]))
  },
  .one(.gather, "first axis, int32", [[3, 4], [5, 2]]) { x in
    x.gather(axis: 0, index: positions([4, 2], below: x.shape[0]).cast(to: .int32))
  },
  .one(.gather, "nothing", [[3, 4], [2, 0]]) { $0.gather(axis: 1, index: positions([2, 0], below: 1)) },
  .binary(.where) { Variable.where(checkers(Shape.broadcast($0.shape, $1.shape)!), $0, $1) },
  .binary(.where, "a broadcast condition") { x, y in
    Variable.where(checkers([5, 1, 1, 1]), x, y)
  },
  OpRow(
    .concatenate, "", [[[2, 3], [1, 3]], [[4], [2]], [[0, 2], [3, 2]], [[2, 2], [0, 2], [1, 2]], [[2, 3]]]
  ) {
    Variable.concatenate($0)
  },
  OpRow(.concatenate, "last axis", [[[2, 3], [2, 1]], [[1, 2, 2], [1, 2, 3]], [[0, 2], [0, 1]]]) {
    Variable.concatenate($0, axis: -1)
  },
  OpRow(.stack, "", [[[2, 3], [2, 3]], [[], []], [[4], [4], [4]], [[0, 2], [0, 2]]]) { Variable.stack($0) },
  OpRow(.stack, "last axis", [[[2, 3], [2, 3]], [[], []], [[2], [2]]]) { Variable.stack($0, axis: -1) },
]

/// Positions for `gather`, some of them twice.
private func positions(_ shape: Shape, below count: Int) -> Tensor {
  Tensor((0..<shape.elementCount).map { ($0 * 5 + 2) % count }, shape: shape)
}

/// Booleans in a repeating pattern, two of three true.
private func checkers(_ shape: Shape) -> Tensor {
  Tensor((0..<shape.elementCount).map { $0 % 3 != 1 }, shape: shape)
}
