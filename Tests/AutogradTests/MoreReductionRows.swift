import Autograd

// Rows of the table of ops: reductions, scans and sorting, and their misuse.

let moreReductionRows: [OpRow] = productRows + deviationRows + togetherRows + normRows + orderRows

let moreReductionDerivatives: [DerivativePart] = [(.recurrence, { $0.cumprod(axis: 1) })]

private let productRows: [OpRow] = [
  .one(.cumsum, "", [[2, 3], [4], [0, 2], [2, 2, 3]]) { $0.cumsum(axis: 0) },
  .one(.cumsum, "last axis", [[2, 3], [4], [2, 0], [2, 2, 3]]) { $0.cumsum(axis: -1) },
  .one(.cumprod, "", [[4, 2], [4], [1], [0, 2], [3, 2, 2]]) { $0.cumprod(axis: 0) },
  .one(.cumprod, "last axis", [[2, 4], [], [2, 0], [2, 2, 3]]) { $0.cumprod(axis: -1) },
  .one(.logCumSumExp, "", [[4, 2], [4], [1], [0, 2], [3, 2, 2]]) { $0.logCumSumExp(axis: 0) },
  .one(.logCumSumExp, "last axis", [[2, 4], [], [2, 0], [2, 2, 3]]) { $0.logCumSumExp(axis: -1) },
  .one(.gather, "cummax", [[4, 2], [4], [], [0, 2], [3, 2, 2]]) { $0.cummax(axis: 0).values },
  .one(.gather, "cummin, last axis", [[2, 4], [4], [2, 0], [2, 2, 3]]) { $0.cummin(axis: -1).values },
  // Each row holds one zero, or two: their gradients are the products of the others.
  .one(.cumprod, "with zeros", [[3, 4], [2, 3]]) { ($0 * zeros(like: $0)).cumprod(axis: 1) },
  .one(.prod, "with zeros", [[3, 4], [2, 3]]) { ($0 * zeros(like: $0)).prod(axes: [1]) },
  .one(.prod, "all axes", [[2, 3], [4], [0], [2, 0]]) { $0.prod() },
  .one(.prod, "first axis", [[3, 2], [4], [2, 0], [0, 2]]) { $0.prod(axes: [0]) },
  .one(.prod, "two axes, kept", [[2, 3, 2], [2, 1, 3]]) { $0.prod(axes: [0, -1], keepDims: true) },
]

private let deviationRows: [OpRow] = [
  .one(.variance, "all axes", [[2, 3], [4]]) { $0.variance() },
  .one(.variance, "last axis, kept", [[2, 3], [4], [0, 3]]) { $0.variance(axes: [-1], keepDims: true) },
  .one(.variance, "outer axes, correction 0", [[2, 3, 2]]) { $0.variance(axes: [0, 2], correction: 0) },
  .one(.standardDeviation, "all axes", [[2, 3], [4]]) { $0.standardDeviation() },
  .one(.standardDeviation, "last axis, kept", [[2, 3], [4], [0, 3]]) {
    $0.standardDeviation(axes: [-1], keepDims: true)
  },
  .one(.standardDeviation, "outer axes, correction 0", [[2, 3, 2]]) {
    $0.standardDeviation(axes: [0, 2], correction: 0)
  },
]

private let togetherRows: [OpRow] = [
  .one(.matmul, "covariance", [[3, 4], [5]]) { $0.covariance() },
  .one(.matmul, "correlation", [[3, 4], [2, 6]]) { $0.correlation() },
  .one(.subtract, "diff", [[3, 4], [5], [2, 1]]) { $0.diff(order: 2) },
]

private let normRows: [OpRow] = [
  .one(.norm, "", [[2, 3], [4], [], [0, 3]]) { $0.norm() },
  .one(.norm, "last axis, kept", [[2, 3], [4], [0, 3]]) { $0.norm(axes: [-1], keepDims: true) },
  .one(.norm, "outer axes", [[2, 3, 2]]) { $0.norm(axes: [0, 2]) },
  .one(.norm, "3", [[2, 3], [4]]) { $0.norm(3, axes: [-1]) },
  .one(.norm, "1.5", [[2, 3], [4]], 0.3...2) { $0.norm(1.5) },
  .one(.sum, "norm 1", [[2, 3], [4]]) { $0.norm(1, axes: [0]) },
  .one(.max, "norm ∞", [[2, 3], [4]]) { $0.norm(.infinity, axes: [-1]) },
  .one(.min, "norm −∞", [[2, 3], [4]]) { $0.norm(-.infinity, keepDims: true) },
]

private let orderRows: [OpRow] = [
  .one(.gather, "max of an axis", [[3, 4], [4], [2, 3, 2]]) { $0.max(axis: -1).values },
  .one(.gather, "min of an axis, kept", [[3, 4], [4], [2, 3, 2]]) { $0.min(axis: 0, keepDims: true).values },
  .one(.gather, "sort", [[3, 4], [5], [0, 2], [2, 3, 2]]) { $0.sort(axis: 0).values },
  .one(.gather, "sort, descending", [[3, 4], [5], [2, 0], [2, 40]]) { $0.sort(descending: true).values },
  .one(.gather, "median", [[3, 4], [5], [2, 3, 2]]) { $0.median(axis: -1).values },
  .one(.gather, "median of all, kept", [[3, 4], [2, 3, 2]]) { $0.median() * $0.median(axis: 0, keepDims: true).values },
  .one(.lerp, "quantile", [[3, 4], [5], [2, 3, 2]]) { $0.quantile([0.3, 0.8], axis: 0) },
  .one(.gather, "quantile, lower and higher", [[3, 4], [5]]) {
    $0.quantile([0.3, 0.8], axis: 0, interpolation: .lower) + $0.quantile([0.3, 0.8], axis: 0, interpolation: .higher)
  },
  .one(.lerp, "quantile, midpoint", [[3, 4], [5]]) { $0.quantile(0.3, axis: -1, interpolation: .midpoint) },
  .one(.gather, "quantile, nearest", [[3, 4], [5]]) { $0.quantile(0.3, axis: -1, interpolation: .nearest) },
  .one(.lerp, "quantile of all", [[3, 4], [2, 3]]) { $0.quantile(0.35, keepDims: true) },
  .one(.gather, "topK", [[3, 4], [5], [2, 3, 2]]) { $0.topK(2).values },
  .one(.gather, "topK, smallest", [[3, 4], [5]]) { $0.topK(3, axis: 0, largest: false).values },
]

/// Ones with a zero in the first row and two in the last.
private func zeros(like x: Variable) -> Variable {
  let (rows, columns) = (x.shape[0], x.shape[1])
  let values = (0..<(rows * columns)).map { place in
    let (row, column) = (place / columns, place % columns)
    return (row == 0 && column == 1) || (row == rows - 1 && column != 0) ? 0.0 : 1.0
  }
  return Variable(Tensor(values, shape: x.shape).cast(to: x.dtype))
}

// MARK: - Mistakes

/// Reductions over axes, each called with an axis out of range, with a repeated axis, and with integers.
private let axisFunctions: [(name: String, function: @Sendable (Variable, [Int]) -> Variable)] = [
  ("prod", { $0.prod(axes: $1) }), ("variance", { $0.variance(axes: $1) }),
  ("standardDeviation", { $0.standardDeviation(axes: $1) }), ("norm", { $0.norm(axes: $1) }),
]

let moreReductionMistakes: [Mistake] =
  axisFunctions.flatMap { name, function in
    [
      Mistake("\(name): axis 2 is out of range for shape [2, 3]") { _ = function(variable([2, 3]), [2]) },
      Mistake("\(name): axis 1 is named twice in [1, -1]") { _ = function(variable([2, 3]), [1, -1]) },
      Mistake("\(name): wants float32 or float64, got int32 [2, 3]") { _ = function(variable([2, 3], .int32), [0]) },
    ]
  } + [
    Mistake("norm: the order must be a number, got NaN") { _ = variable([2]).norm(.nan) },
    Mistake("variance: the correction must be finite, got inf") { _ = variable([2]).variance(correction: .infinity) },
    Mistake("cumsum: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).cumsum(axis: 2) },
    Mistake("cumsum: wants float32 or float64, got int64 [2]") { _ = variable([2], .int64).cumsum(axis: 0) },
    Mistake("cumsum: axis -2 is out of range for shape [3]") { _ = variable([3]).cumsum(axis: -2) },
    Mistake("cumprod: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).cumprod(axis: 2) },
    Mistake("cumprod: wants float32 or float64, got bool [2]") { _ = variable([2], .bool).cumprod(axis: 0) },
    Mistake("cumprod: axis -2 is out of range for shape [3]") { _ = variable([3]).cumprod(axis: -2) },
    Mistake("logCumSumExp: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).logCumSumExp(axis: 2) },
    Mistake("logCumSumExp: wants float32 or float64, got int64 [2]") {
      _ = variable([2], .int64).logCumSumExp(axis: 0)
    },
    Mistake("logCumSumExp: axis 1 is out of range for shape [1]") { _ = variable([]).logCumSumExp(axis: 1) },
    Mistake("cummax: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).cummax(axis: 2) },
    Mistake("argmax: axis 1 is out of range for shape [3]") { _ = variable([3]).max(axis: 1) },
    Mistake("argmin: axis 0 of [0, 2] has no elements") { _ = variable([0, 2]).min(axis: 0) },
    Mistake("argmax: axis 1 of [2, 0] has no elements") { _ = variable([2, 0]).max(axis: 1) },
    Mistake("argsort: axis 1 is out of range for shape [3]") { _ = variable([3]).sort(axis: 1) },
    Mistake("argsort: axis -3 is out of range for shape [3, 2]") { _ = variable([3, 2]).sort(axis: -3) },
    Mistake("topK: wants 0 to 3 elements of axis -1 of [2, 3], got 4") { _ = variable([2, 3]).topK(4) },
    Mistake("topK: wants 0 to 3 elements of axis -1 of [2, 3], got -1") { _ = variable([2, 3]).topK(-1) },
    Mistake("topK: axis 2 is out of range for shape [2, 3]") { _ = variable([2, 3]).topK(1, axis: 2) },
    Mistake("oneHot: label 3 (number 1) is out of range for 3 classes") {
      _ = Tensor.oneHot(Tensor([0, 3], dtype: .int64), classes: 3)
    },
    Mistake("oneHot: label -1 (number 0) is out of range for 2 classes") {
      _ = Tensor.oneHot(Tensor([-1, 1], dtype: .int64))
    },
    Mistake("oneHot: labels must be int64 or int32, got float32 [2]") { _ = Tensor.oneHot(Tensor([0, 1])) },
    Mistake("oneHot: the number of classes must be positive, got 0") {
      _ = Tensor.oneHot(Tensor([0], dtype: .int64), classes: 0)
    },
    Mistake("oneHot: without labels the number of classes must be given") {
      _ = Tensor.oneHot(Tensor.zeros([0], dtype: .int64))
    },
  ]
