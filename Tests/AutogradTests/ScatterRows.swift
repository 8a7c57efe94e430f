import Autograd

// The rows of the table of ops for what comes together at places and for functions of matrices, and what
// their users get wrong.

let scatterRows: [OpRow] =
  ScatterReduction.allCases.flatMap { reduction in
    [true, false].flatMap { includesSelf in
      let form = "\(reduction)\(includesSelf ? "" : ", without itself")"
      return [
        OpRow(.scatterReduce, form, [[[3, 4], [2, 3]], [[3, 3], [3, 5]]], tolerance: 1e-7) { x in
          x[0].scatterReduce(axis: 0, index: rows, x[1], reduction, includesSelf: includesSelf)
        },
        OpRow(.scatterReduce, form + ", last axis", [[[2, 3], [2, 3]], [[2, 5], [2, 3]]], tolerance: 1e-7) { x in
          x[0].scatterReduce(axis: -1, index: rows, x[1], reduction, includesSelf: includesSelf)
        },
      ]
    }
  } + [
    OpRow(.scatterReduce, "indexReduce", [[[3, 4], [2, 4]], [[3, 2, 2], [2, 2, 2]]]) {
      $0[0].indexReduce(axis: 0, [2, -1], $0[1], .max)
    },
    OpRow(.scatterReduce, "nothing", [[[0, 3], [0, 3]], [[2, 0], [2, 0]]]) {
      $0[0].scatterReduce(axis: 0, index: Tensor.zeros($0[1].shape, dtype: .int64), $0[1], .prod)
    },
    .one(.gather, "take", [[2, 3], [6], [3, 2, 2]]) { $0.take(Tensor([[0, -1], [5, 0]], dtype: .int64)) },
    .one(.indexSelect, "unfold", [[5, 2], [6], [4, 2, 2]]) { $0.unfold(axis: 0, size: 3, step: 1) },
    .one(.indexSelect, "unfold with gaps, last axis", [[2, 5], [6], [0, 4]]) { $0.unfold(axis: -1, size: 2, step: 3) },
    .one(.indexSelect, "unfold one number", [[]]) { $0.unfold(axis: 0, size: 1, step: 1) },
    .one(.flip, "rot90", [[2, 3], [3, 3, 2]]) { $0.rot90(-1, axes: (1, 0)) },
    .one(.expand, "tile", [[2, 3], [3], [2, 1, 2]]) { $0.tile([2, 2]) },
    .one(.indexSelect, "combinations", [[4], [2], [0]]) { $0.combinations(withReplacement: true) },
  ]

/// Places along either axis, one of them twice.
private let rows = Tensor([[2, 0, 2], [2, 1, 0]], dtype: .int64)

let matrixFunctionRows: [OpRow] = [
  .one(.norm, "matrixNorm", [[2, 3], [2, 3, 3]]) { $0.matrixNorm() },
  .one(.singularValues, "matrixNorm, nuclear", [[2, 3], [2, 3, 2]]) { $0.matrixNorm(.nuclear, keepDims: true) },
  .one(.singularValues, "matrixNorm, largest", [[2, 3], [2, 3, 2]]) { $0.matrixNorm(.largestSingularValue) },
  .one(.singularValues, "matrixNorm, smallest", [[2, 3], [2, 3, 2]]) { $0.matrixNorm(.smallestSingularValue) },
  .one(.max, "matrixNorm, columns", [[2, 3], [2, 3, 2]]) { $0.matrixNorm(.largestColumnSum) },
  .one(.min, "matrixNorm, columns", [[3, 2], [2, 3, 2]]) { $0.matrixNorm(.smallestColumnSum, keepDims: true) },
  .one(.max, "matrixNorm, rows", [[2, 3], [2, 3, 2]]) { $0.matrixNorm(.largestRowSum, keepDims: true) },
  .one(.min, "matrixNorm, rows", [[2, 3], [2, 3, 2]]) { $0.matrixNorm(.smallestRowSum) },
  .one(.divide, "conditionNumber", [[3, 3], [2, 3, 2]]) { wellConditioned($0).conditionNumber() },
  .one(.inverse, "conditionNumber", [[3, 3], [2, 2, 2]]) { wellConditioned($0).conditionNumber(.frobenius) },
  .one(.slogdet, "logdet", [[3, 3], [2, 2, 2]]) { wellConditioned($0).logdet() },
  .one(.solve, "matrixExp", [[3, 3], [2, 2, 2], [1, 1], [0, 0]]) { $0.matrixExp() },
  OpRow(.solve, "matrixExp, squared", [[[2, 2]]], tolerance: 1e-7, secondOrderTolerance: 1e-6) {
    ($0[0] * Variable(Tensor([3.0, 7]).reshape([2, 1, 1]).cast(to: $0[0].dtype))).matrixExp() * 1e-3
  },
  OpRow(.multiply, "kron", [[[2, 3], [2, 2]], [[3], [2, 2]], [[2, 2], []], [[0, 2], [3, 1]]]) { $0[0].kron($0[1]) },
  .one(.pow, "vander", [[3], [2, 3]], 0.3...2) { $0.vander(columns: 4) },
  OpRow(.roll, "cross", [[[2, 3], [2, 3]], [[3], [4, 3]]]) { $0[0].cross($0[1]) },
  OpRow(.matmul, "tensordot", [[[2, 3, 2], [3, 2, 4]], [[3, 2], [3, 2]]]) { $0[0].tensordot($0[1]) },
  .one(.sum, "trapezoid", [[3, 4], [5], [2, 1], [0, 3]]) { $0.trapezoid(dx: 0.5) },
  OpRow(.subtract, "trapezoid at places", [[[3, 4], [4]], [[2, 3], [2, 3]]]) { $0[0].trapezoid(at: $0[1]) },
]

/// This with more on its diagonal, so that no two singular values are near and the determinant is positive.
private func wellConditioned(_ x: Variable) -> Variable {
  let (m, n) = (x.shape[-2], x.shape[-1])
  let values = (0..<(m * n)).map { $0 / n == $0 % n ? 5 + 2 * Double($0 % n) : 0 }
  return x + Variable(Tensor(values, shape: [m, n]).cast(to: x.dtype))
}

// MARK: - Mistakes

let scatterMistakes: [Mistake] = [
  Mistake("scatterReduce: position 3 (entry 1 of the index) is out of range for axis 0 of [3]") {
    _ = variable([3]).scatterReduce(axis: 0, index: whole([0, 3]), variable([2]), .max)
  },
  Mistake("scatterReduce: the source [1] must be at least as large as the index [2]") {
    _ = variable([3]).scatterReduce(axis: 0, index: whole([0, 1]), variable([1]), .mean)
  },
  Mistake("scatterReduce: types differ, got float32 [3] and float64 [2]") {
    _ = variable([3]).scatterReduce(axis: 0, index: whole([0, 1]), variable([2], .float64), .sum, includesSelf: false)
  },
  Mistake("scatterReduce: does not work on bool; convert with cast(to:)") {
    let x = Tensor([true])
    _ = x.scatterReduce(axis: 0, index: Tensor([0], dtype: .int64), x, .mean)
  },
  Mistake("scatterReduce: products of several zeros have no second derivative here") {
    let zeros = Variable(Tensor.zeros([2]), requiresGrad: true)
    zeros.scatterReduce(axis: 0, index: whole([0, 0]), zeros, .prod).sum().backward(createGraph: true)
  },
  Mistake("indexReduce: wants a source [2, 3], got [2, 2]") {
    _ = variable([4, 3]).indexReduce(axis: 0, [0, 1], variable([2, 2]), .sum)
  },
  Mistake("take: position 6 (entry 1 of the index) is out of range for 6 elements") {
    _ = variable([2, 3]).take(whole([-6, 6]))
  },
  Mistake("take: the index must be int64 or int32, got float32 [1]") { _ = variable([2, 3]).take(Tensor([0])) },
  Mistake("unfold: a window of 4 does not fit axis 1 of [2, 3], which has 3 elements") {
    _ = variable([2, 3]).unfold(axis: 1, size: 4, step: 1)
  },
  Mistake("unfold: the step must be positive, got 0") { _ = variable([2, 3]).unfold(axis: 1, size: 2, step: 0) },
  Mistake("rot90: wants two axes, got 1 twice in [2, 3]") { _ = variable([2, 3]).rot90(axes: (1, -1)) },
  Mistake("combinations: wants a vector and a count from 1 on, got [2, 2] and 2") {
    _ = variable([2, 2]).combinations()
  },
  Mistake("searchSorted: types differ, got float32 [2] and int64 [1]") {
    _ = Tensor([1, 2]).searchSorted(Tensor([1], dtype: .int64))
  },
  Mistake(
    "searchSorted: wants a vector, or for values [3, 2] rows [..., n] of the same axes before the last, got [2, 4]"
  ) {
    _ = Tensor.zeros([2, 4]).searchSorted(.zeros([3, 2]))
  },
  Mistake("bucketize: wants a vector of boundaries, got [1, 2]") { _ = Tensor([1]).bucketize([[1, 2]]) },
  Mistake("matrixNorm: wants matrices [..., m, n], got [3]") { _ = variable([3]).matrixNorm() },
  Mistake("conditionNumber: wants square matrices [..., n, n], got [2, 3]") {
    _ = variable([2, 3]).conditionNumber(.nuclear)
  },
  Mistake("matrixExp: wants square matrices [..., n, n], got [2, 3]") { _ = variable([2, 3]).matrixExp() },
  Mistake("kron: types differ, got float32 [2] and float64 [2]") { _ = variable([2]).kron(variable([2], .float64)) },
  Mistake("cross: wants three numbers along axis -1, got [3, 2]") { _ = variable([3, 2]).cross(variable([2])) },
  Mistake("tensordot: the last 2 axes of [2, 3] must be the first of [3, 2]") {
    _ = variable([2, 3]).tensordot(variable([3, 2]))
  },
  Mistake("trapezoid: wants points [3] or [2, 3], got [2]") { _ = variable([2, 3]).trapezoid(at: variable([2])) },
]

private func whole(_ values: TensorLiteral) -> Tensor { Tensor(values, dtype: .int64) }
