import Tensors
import Testing

/// Blocked matrix factorizations, checked by their defining properties.
@Suite struct FactorizationTests {
  /// The largest |a − b|.
  private func distance(_ a: Tensor, _ b: Tensor) -> Double { (a - b).abs().max().item() }

  private func random(_ shape: Shape, _ dtype: DType = .float64) -> Tensor {
    .randomNormal(shape, dtype: dtype, generator: RandomGenerator(seed: 3))
  }

  private func identity(_ n: Int) -> Tensor { .eye(n, dtype: .float64) }

  @Test(arguments: [[70, 45], [45, 70], [100, 33], [64, 64], [1, 40], [40, 1], [3, 50, 36]])
  func orthogonalTimesTriangular(_ sizes: [Int]) {
    let a = random(Shape(sizes))
    let (q, r) = a.qrFactors()
    let k = min(sizes[sizes.count - 1], sizes[sizes.count - 2])
    #expect(distance(q • r, a) < 1e-12)
    #expect(distance(q.transpose() • q, identity(k).expand(Shape(sizes.dropLast(2) + [k, k]))) < 1e-13)
    #expect(r == r.upperTriangle())
  }

  /// Sizes with one block, with halves of unequal size, and with more right-hand sides than one thread takes.
  @Test(arguments: [1, 5, 16, 17, 47, 100], [1, 600]) func systems(_ n: Int, _ m: Int) {
    let (a, b) = (random([2, n, n]) + identity(n) * 3, random([2, n, m]))
    let factors = LUFactors(a)
    #expect(distance(a • factors.solved(b, op: "solve"), b) < 1e-10)
    #expect(distance(a.transpose() • factors.transposed.solved(b, op: "solve"), b) < 1e-10)
    #expect(distance(a • factors.inverse(op: "inverse"), identity(n).expand(a.shape)) < 1e-11)
    #expect(factors.singular == nil)
  }

  /// det(L · U) is the product of U's diagonal; reversing the rows takes n (n − 1) / 2 exchanges.
  @Test(arguments: [1, 2, 7, 30, 50]) func determinants(_ n: Int) {
    let lower = random([n, n]).lowerTriangle(offset: -1) * 0.3 + identity(n)
    let upper = (random([n, n]) * 0.3).upperTriangle(offset: 1) - identity(n) * 1.25
    let factors = LUFactors((lower • upper)[.stride(by: -1)])
    let isNegative = (n * (n - 1) / 2 + n) % 2 == 1
    let size = (0..<n).reduce(1.0) { product, _ in product * 1.25 }
    #expect(abs(factors.determinants().item() / (isNegative ? -size : size) - 1) < 1e-11)
    let (sign, logSize) = factors.signsAndLogarithms()
    #expect(sign.item() == (isNegative ? -1 : 1) && abs(logSize.exp().item() / size - 1) < 1e-11)
  }

  @Test(arguments: [0, 3, 20, 39]) func columnsWithoutPivotAreNamed(_ column: Int) {
    var a = random([3, 40, 40])
    a[1, .all, column...] = a[1, .all, column..<(column + 1)] * 0
    let factors = LUFactors(a)
    #expect(factors.singular?.matrix == 1 && factors.singular?.column == column)
    #expect(factors.determinants()[1].item() == 0 && factors.determinants()[0].item() != 0)
  }

  @Test(arguments: [true, false], [true, false]) func triangularSystems(_ isUpper: Bool, _ isUnit: Bool) {
    let a = random([50, 50]) * 0.2 + identity(50) * 2
    let kept = isUnit ? (isUpper ? a.upperTriangle(offset: 1) : a.lowerTriangle(offset: -1)) + identity(50) : a
    let b = random([50, 300])
    let x = a.solvedTriangular(b, isUpper: isUpper, isUnit: isUnit)
    #expect(distance((isUpper ? kept.upperTriangle() : kept.lowerTriangle()) • x, b) < 1e-10)
  }

  @Test(arguments: [1, 2, 3, 33, 80]) func eigenpairsOfSymmetricMatrices(_ n: Int) {
    let b = random([2, n, n])
    let a = b + b.transpose()
    let (values, vectors) = a.symmetricEigenpairs()
    #expect(distance(a • vectors, vectors * values.unsqueeze(1)) < 1e-11)
    #expect(distance(vectors.transpose() • vectors, identity(n).expand([2, n, n])) < 1e-12)
    #expect((values[.ellipsis, 1...] .>= values[.ellipsis, ..<(-1)]).all().item() == 1)
  }

  @Test func eigenpairsOfDiagonalMatrices() {
    let (values, vectors) = (identity(40) * 3).symmetricEigenpairs()
    #expect(values == Tensor.full([40], 3, dtype: .float64) && vectors.abs().sum().item() == 40)
  }

  @Test(arguments: [[70, 50], [50, 70], [65, 65], [2, 40, 33]]) func singularValues(_ sizes: [Int]) {
    let a = random(Shape(sizes))
    let (u, s, vh) = a.singularValueDecomposition()
    let k = min(sizes[sizes.count - 1], sizes[sizes.count - 2])
    let ones = identity(k).expand(Shape(sizes.dropLast(2) + [k, k]))
    #expect(distance((u * s.unsqueeze(-2)) • vh, a) < 1e-12)
    #expect(distance(u.transpose() • u, ones) < 1e-12 && distance(vh • vh.transpose(), ones) < 1e-12)
    #expect((s[.ellipsis, 1...] .<= s[.ellipsis, ..<(-1)]).all().item() == 1)
  }

  @Test func smallSingularValuesKeepTheirDigits() {
    // A = U · diag(s) with s from 1 to 10⁻¹⁵: too small for the eigenvalues of A · Aᵀ to resolve.
    let n = 40
    let (u, _) = random([n, n]).qrFactors()
    let exact = (0..<n).map { 1 / Double(sign: .plus, exponent: $0 * 5 / 4, significand: 1) }
    let (_, s, _) = (u * Tensor(exact)).singularValueDecomposition()
    for (found, value) in zip(s.scalars(as: Double.self), exact) { #expect(abs(found / value - 1) < 1e-9) }
  }

  @Test func singularValuesOfMatricesWithoutFullRank() {
    let a = random([40, 3]) • random([3, 36])
    let (u, s, vh) = a.singularValueDecomposition()
    #expect(distance((u * s.unsqueeze(0)) • vh, a) < 1e-12)
    #expect(distance(u.transpose() • u, identity(36)) < 1e-12 && distance(vh • vh.transpose(), identity(36)) < 1e-12)
    let (u0, s0, vh0) = Tensor.zeros([5, 4], dtype: .float64).singularValueDecomposition()
    #expect(s0 == Tensor.zeros([4], dtype: .float64))
    #expect(
      distance(u0.transpose() • u0, identity(4)) < 1e-15 && distance(vh0 • vh0.transpose(), identity(4)) < 1e-15)
  }

  @Test func floats() {
    let a = random([60, 50], .float32)
    let (u, s, vh) = a.singularValueDecomposition()
    #expect(distance((u * s.unsqueeze(0)) • vh, a) < 2e-5)
    let (q, r) = a.qrFactors()
    #expect(distance(q • r, a) < 2e-5)
    let symmetric = a.transpose() • a
    let (values, vectors) = symmetric.symmetricEigenpairs()
    #expect(distance(symmetric • vectors, vectors * values.unsqueeze(0)) < 2e-3)
  }

  @Test func stacksOnThreadsGiveTheSameBits() {
    let a = random([5, 40, 40])
    let before = Parallelism.threads
    defer { Parallelism.threads = before }
    Parallelism.threads = 1
    let (one, other) = (LUFactors(a).solved(a.transpose(), op: "solve"), a.singularValueDecomposition().s)
    Parallelism.threads = 3
    #expect(LUFactors(a).solved(a.transpose(), op: "solve") == one && a.singularValueDecomposition().s == other)
  }
}
