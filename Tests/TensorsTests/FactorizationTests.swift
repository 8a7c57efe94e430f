import Tensors
import Testing

/// Factorizations of matrices that take several blocks, held against what defines them.
@Suite struct FactorizationTests {
  /// The largest size of an element of a − b.
  private func distance(_ a: Tensor, _ b: Tensor) -> Double { (a - b).mapped(.abs).max().item() }

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
    #expect(distance(q.transposed() • q, identity(k).expanded(to: Shape(sizes.dropLast(2) + [k, k]))) < 1e-13)
    #expect(r == r.triangle(offset: 0, isLower: false))
  }

  @Test(arguments: [1, 2, 3, 33, 80]) func eigenpairsOfSymmetricMatrices(_ n: Int) {
    let b = random([2, n, n])
    let a = b + b.transposed()
    let (values, vectors) = a.symmetricEigenpairs()
    #expect(distance(a • vectors, vectors * values.expandingDims(at: 1)) < 1e-11)
    #expect(distance(vectors.transposed() • vectors, identity(n).expanded(to: [2, n, n])) < 1e-12)
    #expect((values[.ellipsis, 1...] .>= values[.ellipsis, ..<(-1)]).all().item() == 1)
  }

  @Test func eigenpairsOfDiagonalMatrices() {
    let (values, vectors) = (identity(40) * 3).symmetricEigenpairs()
    #expect(values == Tensor.full([40], 3, dtype: .float64) && vectors.mapped(.abs).sum().item() == 40)
  }

  @Test(arguments: [[70, 50], [50, 70], [65, 65], [2, 40, 33]]) func singularValues(_ sizes: [Int]) {
    let a = random(Shape(sizes))
    let (u, s, vh) = a.singularValueDecomposition()
    let k = min(sizes[sizes.count - 1], sizes[sizes.count - 2])
    let ones = identity(k).expanded(to: Shape(sizes.dropLast(2) + [k, k]))
    #expect(distance((u * s.expandingDims(at: -2)) • vh, a) < 1e-12)
    #expect(distance(u.transposed() • u, ones) < 1e-12 && distance(vh • vh.transposed(), ones) < 1e-12)
    #expect((s[.ellipsis, 1...] .<= s[.ellipsis, ..<(-1)]).all().item() == 1)
  }

  @Test func smallSingularValuesKeepTheirDigits() {
    // A = U · diag(s) with s from 1 to 10⁻¹⁵: beyond what eigenvalues of A · Aᵀ could show.
    let n = 40
    let (u, _) = random([n, n]).qrFactors()
    let exact = (0..<n).map { 1 / Double(sign: .plus, exponent: $0 * 5 / 4, significand: 1) }
    let (_, s, _) = (u * Tensor(exact)).singularValueDecomposition()
    for (found, value) in zip(s.scalars(as: Double.self), exact) { #expect(abs(found / value - 1) < 1e-9) }
  }

  @Test func singularValuesOfMatricesWithoutFullRank() {
    let a = random([40, 3]) • random([3, 36])
    let (u, s, vh) = a.singularValueDecomposition()
    #expect(distance((u * s.expandingDims(at: 0)) • vh, a) < 1e-12)
    #expect(distance(u.transposed() • u, identity(36)) < 1e-12 && distance(vh • vh.transposed(), identity(36)) < 1e-12)
    let (u0, s0, vh0) = Tensor.zeros([5, 4], dtype: .float64).singularValueDecomposition()
    #expect(s0 == Tensor.zeros([4], dtype: .float64))
    #expect(
      distance(u0.transposed() • u0, identity(4)) < 1e-15 && distance(vh0 • vh0.transposed(), identity(4)) < 1e-15)
  }

  @Test func floats() {
    let a = random([60, 50], .float32)
    let (u, s, vh) = a.singularValueDecomposition()
    #expect(distance((u * s.expandingDims(at: 0)) • vh, a) < 2e-5)
    let (q, r) = a.qrFactors()
    #expect(distance(q • r, a) < 2e-5)
    let symmetric = a.transposed() • a
    let (values, vectors) = symmetric.symmetricEigenpairs()
    #expect(distance(symmetric • vectors, vectors * values.expandingDims(at: 0)) < 2e-3)
  }

  @Test func stacksOnThreadsGiveTheSameBits() {
    let a = random([5, 40, 40])
    let before = Parallelism.threads
    defer { Parallelism.threads = before }
    Parallelism.threads = 1
    let (one, other) = (a.solved(a.transposed()), a.singularValueDecomposition().s)
    Parallelism.threads = 3
    #expect(a.solved(a.transposed()) == one && a.singularValueDecomposition().s == other)
  }
}
