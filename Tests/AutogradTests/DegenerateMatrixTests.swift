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
  /// Matrices without rows, and stacks without matrices or of more empty ones than could be counted.
  @Test(arguments: [[0, 0], [3, 0, 0], [0, 3, 3], [1 << 50, 0, 0]] as [Shape])
  func squareMatricesWithoutElements(_ shape: Shape) {
    let b = Variable(Tensor.zeros(Shape(Array(shape.dropLast()) + [2]), dtype: .float64))
    expectGradient(of: shape, { $0.inverse() }, { $0.cholesky() }, { $0.solve(b) }, { $0.lstsq(b) })
    expectGradient(of: shape, { $0.solveTriangular(b, upper: true) }, { $0.matrixPower(3) }, { $0.matrixPower(-2) })
    expectGradient(of: shape, { $0.eigvalsh() }, { $0.eigh().vectors }, { $0.pinv() }, { $0.svd().s }, { $0.qr().q })
    if shape[0] < 1 << 50 { expectGradient(of: shape, { $0.det() }, { $0.slogdet().logAbsDet }) }
  }

  @Test(arguments: [[0, 2], [2, 0], [3, 0, 2], [0, 2, 3], [0, 3, 2], [3, 2, 0]] as [Shape])
  func matricesWithoutElements(_ shape: Shape) {
    let b = Variable(Tensor.zeros(Shape(Array(shape.dropLast()) + [2]), dtype: .float64))
    expectGradient(of: shape, { $0.pinv() }, { $0.lstsq(b) }, { $0.svd().u.sum() + $0.svd().vh.sum() }, { $0.qr().r })
  }

  /// Checks that first and second derivatives have the input's shape.
  private func expectGradient(
    of shape: Shape, _ functions: (Variable) -> Variable..., sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for f in functions {
      let x = Variable(Tensor.zeros(shape, dtype: .float64))
      #expect(gradient(at: x) { f($0).sum() }.shape == shape, sourceLocation: sourceLocation)
      let second = gradient(at: x) { x in gradient(at: x) { f($0).square().sum() }.square().sum() }
      #expect(second.shape == shape, sourceLocation: sourceLocation)
    }
  }

  @Test func signWhereTheFirstElementIsZero() {
    let (q, r) = Variable([[0], [3], [4]]).qr()
    #expect(r.value.item() == -5)
    #expect(distance(q.value, [[0], [-0.6], [-0.8]]) < 1e-7)
  }
}
