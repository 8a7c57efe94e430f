import Autograd
import Testing

/// Decompositions of rank-deficient matrices, and of very large and very small ones.
@Suite struct DegenerateMatrixTests {
  /// The largest |a − b|.
  private func distance(_ a: Tensor, _ b: Tensor) -> Double { (a - b).abs().max().item() }

  /// How far the rows of a matrix are from being orthonormal.
  private func skewness(_ rows: Tensor) -> Double {
    distance(rows • rows.transpose(), .eye(rows.shape[0], dtype: rows.dtype))
  }

  /// Checks that A = U · diag(s) · Vh with orthonormal vectors, to float32's precision.
  private func expectSVD(_ a: Tensor, sourceLocation: SourceLocation = #_sourceLocation) {
    let (u, s, vh) = Variable(a).svd()
    let size = s.value.max().item()
    #expect(distance((u * s.unsqueeze(-2)).matmul(vh).value, a) <= 1e-5 * size, sourceLocation: sourceLocation)
    #expect(skewness(u.value.transpose()) < 1e-5, sourceLocation: sourceLocation)
    #expect(skewness(vh.value) < 1e-5, sourceLocation: sourceLocation)
  }

  /// A column of zeros gives a singular value so small that its square underflows.
  @Test(arguments: 0..<30) func columnOfZeros(_ seed: Int) {
    var a = Tensor.randomNormal([33, 5], generator: RandomGenerator(seed: UInt64(seed)))
    a[.all, 1] = Tensor(0)
    expectSVD(a)
  }

  /// Of n singular values, all but one are 0 up to rounding.
  @Test(arguments: [2, 5, 13, 40]) func productOfTwoVectors(_ n: Int) {
    for seed in 0..<20 {
      let generator = RandomGenerator(seed: UInt64(seed))
      let column = Tensor.randomNormal([n, 1], generator: generator)
      expectSVD(column * Tensor.randomNormal([1, n], generator: generator))
    }
  }

  @Test(arguments: [1e-36, 1e-25, 1e25, 1e36]) func squaresOutOfRange(_ scale: Double) {
    let a = Tensor.randomNormal([6, 4], generator: RandomGenerator(seed: 1)) * scale
    expectSVD(a)
    let symmetric = a[0..<4] + a[0..<4].transpose()
    let (w, v) = Variable(symmetric).eigh()
    #expect(distance((v * w.unsqueeze(-2)).matmul(v.transpose()).value, symmetric) < 1e-5 * 4 * scale)
    #expect(skewness(v.value) < 1e-5)
  }

  /// torch.linalg.qr of a column whose first element is 0 has a negative R, as for any column whose first element
  /// is not negative.
  @Test func signWhereTheFirstElementIsZero() {
    let (q, r) = Variable([[0], [3], [4]]).qr()
    #expect(r.value.item() == -5)
    #expect(distance(q.value, [[0], [-0.6], [-0.8]]) < 1e-7)
  }
}
