import Autograd
import Testing

/// Decompositions of matrices whose rows or columns depend on each other, and of very large and very small ones.
@Suite struct DegenerateMatrixTests {
  /// The largest |a − b|.
  private func distance(_ a: Tensor, _ b: Tensor) -> Double { (a - b).abs().max().item() }

  /// How far the rows of a matrix are from length 1 and right angles.
  private func skewness(_ rows: Tensor) -> Double {
    distance(rows • rows.transpose(), .eye(rows.shape[0], dtype: rows.dtype))
  }

  /// A = U · diag(s) · Vh with orthonormal vectors, as far as float32 goes.
  private func expectSVD(_ a: Tensor, sourceLocation: SourceLocation = #_sourceLocation) {
    let (u, s, vh) = Variable(a).svd()
    let size = s.value.max().item()
    #expect(distance((u * s.unsqueeze(-2)).matmul(vh).value, a) <= 1e-5 * size, sourceLocation: sourceLocation)
    #expect(skewness(u.value.transpose()) < 1e-5, sourceLocation: sourceLocation)
    #expect(skewness(vh.value) < 1e-5, sourceLocation: sourceLocation)
  }

  /// A column of zeros leaves a singular value whose square is out of range.
  @Test(arguments: 0..<30) func columnOfZeros(_ seed: Int) {
    var a = Tensor.randomNormal([33, 5], generator: RandomGenerator(seed: UInt64(seed)))
    a[.all, 1] = Tensor(0)
    expectSVD(a)
  }

  /// Of n singular values all but one are what rounding makes of 0.
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

  /// torch.linalg.qr of a column that begins with 0 has a negative R, as of any that does not begin below 0.
  @Test func signWhereTheFirstElementIsZero() {
    let (q, r) = Variable([[0], [3], [4]]).qr()
    #expect(r.value.item() == -5)
    #expect(distance(q.value, [[0], [-0.6], [-0.8]]) < 1e-7)
  }
}
