import Autograd
import Testing

/// A tensor's functions give the values of a variable's.
@Suite struct TensorFunctionTests {
  struct Row: Sendable {
    let name: String
    let ofTensor: @Sendable (Tensor, Tensor) -> [Tensor]
    let ofVariable: @Sendable (Variable, Variable) -> [Variable]

    init(
      _ name: String, _ ofTensor: @escaping @Sendable (Tensor, Tensor) -> [Tensor],
      _ ofVariable: @escaping @Sendable (Variable, Variable) -> [Variable]
    ) {
      (self.name, self.ofTensor, self.ofVariable) = (name, ofTensor, ofVariable)
    }

    /// Of the first alone.
    init(
      _ name: String, _ ofTensor: @escaping @Sendable (Tensor) -> [Tensor],
      _ ofVariable: @escaping @Sendable (Variable) -> [Variable]
    ) {
      self.init(name, { x, _ in ofTensor(x) }, { x, _ in ofVariable(x) })
    }
  }

  /// Of two matrices [3, 3].
  private static let ofMatrices: [Row] = [
    Row("bmm", { [$0.unsqueeze(0).bmm($1.unsqueeze(0))] }, { [$0.unsqueeze(0).bmm($1.unsqueeze(0))] }),
    Row("dot", { [$0[0].dot($1[0])] }, { [$0[0].dot($1[0])] }),
    Row("outer", { [$0[0].outer($1[0])] }, { [$0[0].outer($1[0])] }),
    Row("linear", { [$0.linear(weight: $1, bias: $1[0])] }, { [$0.linear(weight: $1, bias: $1[0])] }),
    Row("einsum", { [Tensor.einsum("ij,kj->ki", $0, $1)] }, { [Variable.einsum("ij,kj->ki", $0, $1)] }),
    Row("kron", { [$0.kron($1)] }, { [$0.kron($1)] }),
    Row("cross", { [$0.cross($1, axis: 0)] }, { [$0.cross($1, axis: 0)] }),
    Row("tensordot", { [$0.tensordot($1, axes: 1)] }, { [$0.tensordot($1, axes: 1)] }),
    Row("vander", { [$0.vander(columns: 2)] }, { [$0.vander(columns: 2)] }),
    Row("inverse", { [$0.inverse()] }, { [$0.inverse()] }),
    Row("solve", { [$0.solve($1)] }, { [$0.solve($1)] }),
    Row(
      "solveTriangular", { [$0.solveTriangular($1, upper: true, left: false, unitriangular: true)] },
      { [$0.solveTriangular($1, upper: true, left: false, unitriangular: true)] }
    ),
    Row("det", { [$0.det()] }, { [$0.det()] }),
    Row(
      "slogdet", { [$0.slogdet().sign, $0.slogdet().logAbsDet] },
      { [Variable($0.slogdet().sign), $0.slogdet().logAbsDet] }
    ),
    Row("logdet", { [$0.logdet()] }, { [$0.logdet()] }),
    Row("cholesky", { [$0.cholesky(upper: true)] }, { [$0.cholesky(upper: true)] }),
    Row("choleskySolve", { [$0.choleskySolve($1, upper: true)] }, { [$0.choleskySolve($1, upper: true)] }),
    Row("choleskyInverse", { [$0.choleskyInverse(upper: true)] }, { [$0.choleskyInverse(upper: true)] }),
    Row("lu", { [$0.lu().p, $0.lu().l, $0.lu().u] }, { [Variable($0.lu().p), $0.lu().l, $0.lu().u] }),
    Row("eigh", { [$0.eigh().values, $0.eigh().vectors] }, { [$0.eigh().values, $0.eigh().vectors] }),
    Row("eigvalsh", { [$0.eigvalsh()] }, { [$0.eigvalsh()] }),
    Row("svd", { [$0.svd().u, $0.svd().s, $0.svd().vh] }, { [$0.svd().u, $0.svd().s, $0.svd().vh] }),
    Row("qr", { [$0.qr().q, $0.qr().r] }, { [$0.qr().q, $0.qr().r] }),
    Row("pinv", { [$0.pinv(relativeTolerance: 0.3)] }, { [$0.pinv(relativeTolerance: 0.3)] }),
    Row("lstsq", { [$0.lstsq($1, relativeTolerance: 0.3)] }, { [$0.lstsq($1, relativeTolerance: 0.3)] }),
    Row("matrixPower", { [$0.matrixPower(-2)] }, { [$0.matrixPower(-2)] }),
    Row("matrixExp", { [$0.matrixExp()] }, { [$0.matrixExp()] }),
    Row("matrixNorm", { [$0.matrixNorm(.nuclear, keepDims: true)] }, { [$0.matrixNorm(.nuclear, keepDims: true)] }),
    Row("conditionNumber", { [$0.conditionNumber(.largestRowSum)] }, { [$0.conditionNumber(.largestRowSum)] }),
    Row("matrixRank", { [$0.matrixRank(tolerance: 0.3)] }, { [Variable($0.matrixRank(tolerance: 0.3))] }),
    Row("blockDiag", { [Tensor.blockDiag([$0, $1[0]])] }, { [Variable.blockDiag([$0, $1[0]])] }),
    Row("diag", { [$0.diag(offset: 1)] }, { [$0.diag(offset: 1)] }),
    Row("trace", { [$0.trace()] }, { [$0.trace()] }),
    Row("cdist", { [$0.cdist($1, 1)] }, { [$0.cdist($1, 1)] }),
    Row("pdist", { [$0.pdist(1)] }, { [$0.pdist(1)] }),
    Row("renorm", { [$0.renorm(1, axis: 1, maxNorm: 3)] }, { [$0.renorm(1, axis: 1, maxNorm: 3)] }),
    Row("normalize", { [$0.normalize(1, axis: 0, epsilon: 9)] }, { [$0.normalize(1, axis: 0, epsilon: 9)] }),
    Row(
      "cosineSimilarity", { [$0.cosineSimilarity($1, axis: 0, epsilon: 9)] },
      { [$0.cosineSimilarity($1, axis: 0, epsilon: 9)] }
    ),
    Row(
      "pairwiseDistance", { [$0.pairwiseDistance($1, 1, epsilon: 0.5, keepDims: true)] },
      { [$0.pairwiseDistance($1, 1, epsilon: 0.5, keepDims: true)] }
    ),
  ]

  private static let places = Tensor([[2, 0, 1]], dtype: .int64)

  private static let others: [Row] = [
    Row("pad", { [$0.pad([1, 2], mode: .circular)] }, { [$0.pad([1, 2], mode: .circular)] }),
    Row("takeAlong", { [$0.takeAlong(places, axis: 0)] }, { [$0.takeAlong(places, axis: 0)] }),
    Row("embedding", { [$0.embedding(places)] }, { [$0.embedding(places)] }),
    Row(
      "embeddingBag", { [$0.embeddingBag(places, mode: .sum, paddingIndex: 1, weights: $1[..<1])] },
      { [$0.embeddingBag(places, mode: .sum, paddingIndex: 1, weights: $1[..<1])] }
    ),
    Row(
      "embeddingBag with offsets", { [$0.embeddingBag(places[0], offsets: [0, 1], mode: .max)] },
      { [$0.embeddingBag(places[0], offsets: [0, 1], mode: .max)] }
    ),
    Row(
      "pixelShuffle", { [$0.tile([4, 1, 1]).pixelShuffle(2), $0.tile([2, 2]).unsqueeze(0).pixelUnshuffle(2)] },
      { [$0.tile([4, 1, 1]).pixelShuffle(2), $0.tile([2, 2]).unsqueeze(0).pixelUnshuffle(2)] }
    ),
    Row("lerp", { [$0.lerp(to: $1, weight: $0)] }, { [$0.lerp(to: $1, weight: $0)] }),
    Row("lerp by a number", { [$0.lerp(to: $1[0], weight: 0.3)] }, { [$0.lerp(to: $1[0], weight: 0.3)] }),
    Row("threshold", { [$0.threshold(1, 7)] }, { [$0.threshold(1, 7)] }),
    Row("hardShrink", { [$0.hardShrink(1)] }, { [$0.hardShrink(1)] }),
    Row("softShrink", { [$0.softShrink(1)] }, { [$0.softShrink(1)] }),
    Row("glu", { [$0.tile([1, 2]).glu()] }, { [$0.tile([1, 2]).glu()] }),
    Row(
      "quantile",
      { [$0.quantile(0.3, axis: 1, keepDims: true, interpolation: .higher), $0.quantile([0.2, 0.9])] },
      { [$0.quantile(0.3, axis: 1, keepDims: true, interpolation: .higher), $0.quantile([0.2, 0.9])] }
    ),
    Row("covariance", { [$0.covariance(correction: 0)] }, { [$0.covariance(correction: 0)] }),
    Row("correlation", { [$0.correlation()] }, { [$0.correlation()] }),
    Row("diff", { [$0.diff(order: 2, axis: 0)] }, { [$0.diff(order: 2, axis: 0)] }),
    Row(
      "trapezoid", { [$0.trapezoid(dx: 2, axis: 0), $0.trapezoid(at: $1)] },
      { [$0.trapezoid(dx: 2, axis: 0), $0.trapezoid(at: $1)] }),
    Row("scatter", { [$0.scatter(axis: 0, index: places, $1)] }, { [$0.scatter(axis: 0, index: places, $1)] }),
    Row(
      "nanMean", { [$0.nanMean(axes: [0], keepDims: true)] }, { [$0.nanMean(axes: [0], keepDims: true)] }),
    Row("diagEmbed", { [$0.diagEmbed(offset: 1, axis2: 0)] }, { [$0.diagEmbed(offset: 1, axis2: 0)] }),
    Row(
      "remainders", { [$0.remainder($1), $0.fmod($1), $0.floorDivide($1)] },
      { [$0.remainder($1), $0.fmod($1), $0.floorDivide($1)] }),
    Row(
      "remainders by a number", { [$0.remainder(2), $0.fmod(2), $0.floorDivide(2)] },
      { [$0.remainder(2), $0.fmod(2), $0.floorDivide(2)] }),
    Row(
      "choices", { [$0.fmax($1), $0.fmin($1), $0.copySign($1), $0.heaviside($1)] },
      { [$0.fmax($1), $0.fmin($1), $0.copySign($1), $0.heaviside($1)] }),
  ]

  @Test func valuesAreThoseOfVariables() {
    // Positive definite, with other elements on both sides of the diagonal.
    let a = Tensor([[4, 1, -0.5], [1.5, 3, 0.25], [-1, 0.5, 2]], dtype: .float64)
    let b = Tensor([[0.5, -2, 1], [3, 0.75, -1], [2, 1, -0.25]], dtype: .float64)
    for row in Self.ofMatrices + Self.others {
      #expect(row.ofTensor(a, b) == row.ofVariable(Variable(a), Variable(b)).map(\.value), "\(row.name)")
    }
  }

  @Test func wholeNumbersMoveToo() {
    let x = Tensor([[1, 2], [3, 4]], dtype: .int64)
    #expect(x.diag() == Tensor([1, 4], dtype: .int64) && x.embedding(Tensor([1], dtype: .int64)) == x[1...])
    #expect(Tensor.blockDiag([x[0], x[1]]) == Tensor([[1, 2, 0, 0], [0, 0, 3, 4]], dtype: .int64))
    #expect(x.pad([1, 0]) == Tensor([[0, 1, 2], [0, 3, 4]], dtype: .int64))
    #expect(x.scatter(axis: 0, index: x[..<1] - 1, x * 10) == Tensor([[10, 2], [3, 20]], dtype: .int64))
  }
}
