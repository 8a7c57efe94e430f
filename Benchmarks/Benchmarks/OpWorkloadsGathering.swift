import NN

/// What comes together at positions, running values, search, windows, functions of matrices.
var gatheringOps: [Workload] {
  ScatterReduction.allCases.flatMap { reduction in
    [0, 1].map { axis in scatterReduce("\(reduction)", reduction, axis: axis) }
  } + [
    unaryOp("cummax_0") { $0.cummax(axis: 0).values },
    unaryOp("cummax_1") { $0.cummax(axis: 1).values },
    unaryOp("logcumsumexp_0") { $0.logCumSumExp(axis: 0) },
    unaryOp("logcumsumexp_1") { $0.logCumSumExp(axis: 1) },
    unaryOp("quantile_1") { $0.quantile(0.3, axis: 1) },
    Workload("op_searchsorted") {
      let sorted = Tensor.randomUniform([1000], low: -2, high: 2).sort().values
      let values = Tensor.randomUniform([1000, 1000], low: -2, high: 2)
      return { _ = sorted.searchSorted(values) }
    },
    Workload("op_bucketize") {
      let boundaries = Tensor.randomUniform([10], low: -2, high: 2).sort().values
      let values = Tensor.randomUniform([1000, 1000], low: -2, high: 2)
      return { _ = values.bucketize(boundaries) }
    },
    Workload("op_take") {
      let index = Tensor.randomIntegers([1000, 1000], in: 0..<1_000_000)
      return opStep([Operand.square().leaf()]) { $0[0].take(index) }
    },
    unaryOp("windows") { $0.unfold(axis: 1, size: 16, step: 8).reshape([-1]) },
    unaryOp("rot90") { $0.rot90().reshape([-1]) },
    unaryOp("trapezoid") { $0.trapezoid() },
    op("kron", [Operand(32, 32), Operand(32, 32)]) { $0[0].kron($0[1]) },
    op("cross", [Operand(333_333, 3), Operand(333_333, 3)]) { $0[0].cross($0[1]) },
    op("matrix_exp", [Operand(100, 32, 32, in: -0.1...0.1)]) { $0[0].matrixExp() },
    op("matrix_norm_nuclear", [Operand(4, 100, 100)]) { $0[0].matrixNorm(.nuclear) },
    op("channel_shuffle", [images]) { $0[0].channelShuffle(groups: 8) },
    op("interpolate_bicubic", [Operand(16, 64, 16, 16)]) { $0[0].interpolate(size: [32, 32], mode: .cubic) },
    op("grid_sample", [images, Operand(16, 32, 32, 2, in: -1.2...1.2)]) { $0[0].gridSample($0[1]) },
    op("grid_sample_bicubic", [images, Operand(16, 32, 32, 2, in: -1.2...1.2)]) {
      $0[0].gridSample($0[1], mode: .cubic, padding: .reflection)
    },
    op("max_unpool2d", [images]) {
      let (values, indices) = $0[0].maxPool2dWithIndices(2)
      return values.maxUnpool2d(indices, kernel: 2)
    },
  ]
    + Variable.BagMode.allCases.map { mode in
      Workload("op_embedding_bag_\(mode)") {
        let indices = Tensor.randomIntegers([1000, 10], in: 0..<10_000)
        return opStep([Operand(10_000, 100).leaf()]) { $0[0].embeddingBag(indices, mode: mode) }
      }
    }
}

private func scatterReduce(_ name: String, _ reduction: ScatterReduction, axis: Int) -> Workload {
  Workload("op_scatter_reduce_\(name)_\(axis)") {
    let index = Tensor.randomIntegers([1000, 1000], in: 0..<1000)
    let operand = Operand.square(in: 0.9...1.1)
    return opStep([operand.leaf(), operand.leaf()]) {
      $0[0].scatterReduce(axis: axis, index: index, $0[1], reduction)
    }
  }
}
