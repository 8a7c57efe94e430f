import NN

/// Reductions. The suffix names the axis of [1000, 1000] that is reduced: "_0" the first, "_1" the last, none both.
var reductionOps: [Workload] {
  reductions("sum") { $0.sum(axes: $1) } + reductions("mean") { $0.mean(axes: $1) }
    + reductions("amax") { $0.max(axes: $1) } + reductions("amin") { $0.min(axes: $1) }
    + reductions("var") { $0.variance(axes: $1) } + reductions("std") { $0.standardDeviation(axes: $1) }
    + reductions("logsumexp") { $0.logSumExp(axes: $1) } + reductions("norm") { $0.norm(axes: $1) }
    + [
      unaryOp("norm_p1_1") { $0.norm(1, axes: [1]) },
      unaryOp("norm_p3_1") { $0.norm(3, axes: [1]) },
      unaryOp("norm_inf_1") { $0.norm(.infinity, axes: [1]) },
      unaryOp("prod_1", in: 0.9...1.1) { $0.prod(axes: [1]) },
      unaryOp("prod_0", in: 0.9...1.1) { $0.prod(axes: [0]) },
      op("sum_middle", [Operand(100, 100, 100)]) { $0[0].sum(axes: [1]) },
      op("sum_outer", [Operand(100, 100, 100)]) { $0[0].sum(axes: [0, 2]) },
    ]
}

private func reductions(_ name: String, _ reduce: @escaping (Variable, [Int]?) -> Variable) -> [Workload] {
  [
    unaryOp(name) { reduce($0, nil) },
    unaryOp(name + "_0") { reduce($0, [0]) },
    unaryOp(name + "_1") { reduce($0, [1]) },
  ]
}

/// Scans, sorting and selection along an axis.
var orderOps: [Workload] {
  [
    forwardOp("argmax_1") { $0.argmax(axis: 1) },
    forwardOp("argmax_0") { $0.argmax(axis: 0) },
    forwardOp("argmin_1") { $0.argmin(axis: 1) },
    unaryOp("max_1") { $0.max(axis: 1).values },
    unaryOp("max_0") { $0.max(axis: 0).values },
    unaryOp("min_1") { $0.min(axis: 1).values },
    unaryOp("cumsum_1") { $0.cumsum(axis: 1) },
    unaryOp("cumsum_0") { $0.cumsum(axis: 0) },
    unaryOp("cumprod_1", in: 0.9...1.1) { $0.cumprod(axis: 1) },
    unaryOp("cumprod_0", in: 0.9...1.1) { $0.cumprod(axis: 0) },
    unaryOp("softmax_1") { $0.softmax(axis: 1) },
    unaryOp("softmax_0") { $0.softmax(axis: 0) },
    unaryOp("log_softmax_1") { $0.logSoftmax(axis: 1) },
    unaryOp("log_softmax_0") { $0.logSoftmax(axis: 0) },
    unaryOp("sort_1") { $0.sort(axis: 1).values },
    unaryOp("sort_0") { $0.sort(axis: 0).values },
    unaryOp("topk_1") { $0.topK(10, axis: 1).values },
    unaryOp("topk_0") { $0.topK(10, axis: 0).values },
    Workload("op_cross_entropy") {
      let labels = Tensor.randomIntegers([1000], in: 0..<1000)
      return opStep([Operand.square().leaf()]) { $0[0].crossEntropy(labels) }
    },
  ]
}
