import NN

/// Products of matrices and vectors, attention, distances.
var productOps: [Workload] {
  [
    op("matmul", [.square(), .square()]) { $0[0] • $0[1] },
    op("matmul_vector", [.square(), Operand(1000)]) { $0[0] • $0[1] },
    op("bmm", [Operand(16, 250, 250), Operand(16, 250, 250)]) { $0[0].bmm($0[1]) },
    op("dot", [Operand(1_000_000), Operand(1_000_000)]) { $0[0].dot($0[1]) },
    op("outer", [Operand(1000), Operand(1000)]) { $0[0].outer($0[1]) },
    op("einsum", [Operand(16, 250, 250), Operand(16, 250, 250)]) { Variable.einsum("bij,bjk->bik", $0) },
    op("einsum_rows", [.square(), .square()]) { Variable.einsum("ij,ij->i", $0) },
    op("linear", [.square(), .square(), Operand(1000)]) { $0[0].linear(weight: $0[1], bias: $0[2]) },
    op("bilinear", [Operand(100, 100), Operand(100, 100), Operand(100, 100, 100), Operand(100)]) {
      $0[0].bilinear($0[1], weight: $0[2], bias: $0[3])
    },
    op("scaled_dot_product_attention", [heads, heads, heads]) {
      Variable.scaledDotProductAttention(query: $0[0], key: $0[1], value: $0[2])
    },
    op("scaled_dot_product_attention_causal", [heads, heads, heads]) {
      Variable.scaledDotProductAttention(query: $0[0], key: $0[1], value: $0[2], isCausal: true)
    },
    op("cosine_similarity", [.square(), .square()]) { $0[0].cosineSimilarity($0[1]) },
    op("pairwise_distance", [.square(), .square()]) { $0[0].pairwiseDistance($0[1]) },
    op("cdist", [Operand(1000, 64), Operand(1000, 64)]) { $0[0].cdist($0[1]) },
    op("cdist_p1", [Operand(1000, 64), Operand(1000, 64)]) { $0[0].cdist($0[1], 1) },
    unaryOp("normalize") { $0.normalize() },
  ]
}

/// Eight sequences of 128 positions, eight heads of 64.
private let heads = Operand(8, 8, 128, 64)

/// Normalization of rows and of images.
var normalizationOps: [Workload] {
  [
    op("layer_norm", [Operand(2048, 512), Operand(512), Operand(512)]) {
      $0[0].layerNorm([512], weight: $0[1], bias: $0[2])
    },
    op("rms_norm", [Operand(2048, 512), Operand(512)]) { $0[0].rmsNorm([512], weight: $0[1]) },
    op("batch_norm", [images, Operand(64), Operand(64)]) { $0[0].batchNorm(weight: $0[1], bias: $0[2]).output },
    Workload("op_batch_norm_eval") {
      let (mean, variance) = (Tensor.randomNormal([64]), Tensor.randomUniform([64], low: 0.5, high: 2))
      return opStep([images, Operand(64), Operand(64)].map { $0.leaf() }) {
        $0[0].batchNorm(mean: mean, variance: variance, weight: $0[1], bias: $0[2])
      }
    },
    op("group_norm", [images, Operand(64), Operand(64)]) { $0[0].groupNorm(groups: 8, weight: $0[1], bias: $0[2]) },
    op("instance_norm", [images, Operand(64), Operand(64)]) { $0[0].instanceNorm(weight: $0[1], bias: $0[2]) },
    op("local_response_norm", [images]) { $0[0].localResponseNorm(5) },
  ]
}

/// Linear algebra, on matrices whose determinants neither underflow nor overflow.
var linearAlgebraOps: [Workload] {
  [
    unaryOp("inverse") { $0.inverse() },
    unaryOp("det", in: -0.09...0.09) { $0.det() },
    unaryOp("slogdet") { $0.slogdet().logAbsDet },
    op("solve", [.square(), .square()]) { $0[0].solve($0[1]) },
    op("inverse_batch", [Operand(1000, 32, 32)]) { $0[0].inverse() },
    Workload("op_solve_triangular") {
      let a = (Tensor.randomUniform([1000, 1000]) + Tensor.eye(1000) * 1000)
      return opStep([Variable(a, requiresGrad: true), Operand.square().leaf()]) {
        $0[0].solveTriangular($0[1], upper: true)
      }
    },
    ofSymmetric("cholesky", [1000, 1000]) { $0.cholesky() },
    ofSymmetric("cholesky_batch", [1000, 32, 32]) { $0.cholesky() },
    ofSymmetric("eigvalsh", [4, 500, 500]) { $0.eigvalsh() },
    ofSymmetric("eigh", [4, 500, 500]) { $0.eigh().vectors },
    op("svd", [Operand(4, 500, 500)]) { $0[0].svd().s },
    op("qr", [Operand(4, 500, 500)]) { $0[0].qr().q },
  ]
}

/// A function of symmetric positive definite matrices.
private func ofSymmetric(_ name: String, _ shape: Shape, _ function: @escaping (Variable) -> Variable) -> Workload {
  Workload("op_" + name) {
    let a = Tensor.randomNormal(shape)
    let n = Double(shape[-1])
    let product = a.matmul(a.transpose()) / n + Tensor.eye(shape[-1])
    return opStep([Variable(product, requiresGrad: true)]) { function($0[0]) }
  }
}

/// [N, C, H, W]
let images = Operand(16, 64, 32, 32)
