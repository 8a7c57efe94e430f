import Autograd
import Testing

/// Decompositions compared with PyTorch's numbers (float64).
@Suite struct DecompositionTests {
  private func expectClose(_ found: Tensor?, _ expected: Tensor, sourceLocation: SourceLocation = #_sourceLocation) {
    guard let found, found.shape == expected.shape else {
      Issue.record("shape \(String(describing: found?.shape)), not \(expected.shape)", sourceLocation: sourceLocation)
      return
    }
    #expect((found - expected).abs().max().item() < 1e-14, sourceLocation: sourceLocation)
  }

  /// q, r = torch.linalg.qr(A); (q * dq).sum() + (r * dr).sum(), dq = arange(8) / 8 − ½, dr = arange(16) / 8 − 1
  @Test func wideOrthogonalTimesTriangular() {
    let a = Variable(
      Tensor(
        [1, 2, 3, -1, 4, 5, 7, 2, 0.5, -1, 2, 1, -3, 1, 1, 0.25] as [Double], shape: [2, 2, 4]), requiresGrad: true)
    let (q, r) = a.qr()
    expectClose(
      q.value,
      Tensor(
        [
          -0.24253562503633308, -0.97014250014533199, -0.97014250014533199, 0.24253562503633286, -0.16439898730535729,
          0.98639392383214397, 0.98639392383214397, 0.16439898730535685,
        ], shape: [2, 2, 2]))
    expectClose(
      r.value,
      Tensor(
        [
          -4.12310562561766059, -5.33578375079932599, -7.51860437612632282, -1.69774937525433089, 0,
          -0.72760687510899924, -1.21267812518166629, 1.45521375021799781, -3.04138126514910923, 1.15079291113750148,
          0.65759594922142939, 0.08219949365267876, 0, -0.82199493652678735, 2.13718683496964479, 1.02749367065848318,
        ], shape: [2, 2, 4]))
    let dq = Tensor.arange(0, 8, dtype: .float64).reshape([2, 2, 2] as Shape) / 8 - 0.5
    let dr = Tensor.arange(0, 16, dtype: .float64).reshape([2, 2, 4] as Shape) / 8 - 1
    ((q * Variable(dq)).sum() + (r * Variable(dr)).sum()).backward()
    expectClose(
      a.grad?.value,
      Tensor(
        [
          -0.52073825375447935, 0.57602210946129095, 0.42443734381358278, 0.27285257816587466, 1.16096096984303498,
          0.75792382823854065, 0.66697296884991575, 0.57602210946129084, 0.25159709881529380, 0.59594632898192024,
          0.69869569604776871, 0.80144506311361696, 0.04193284980254885, 0.22604860754486603, 0.36989772143705363,
          0.51374683532924126,
        ], shape: [2, 2, 4]))
  }

  /// The part of R's gradient that applies to A directly must not go through R₁⁻ᵀ and back: float32 would lose digits.
  @Test(arguments: 0..<40) func wideGradientInFloat32(_ seed: Int) {
    let generator = RandomGenerator(seed: UInt64(seed))
    let a = Tensor.randomNormal([3, 5], generator: generator)
    let dq = Tensor.randomNormal([3, 3], generator: generator)
    let dr = Tensor.randomNormal([3, 5], generator: generator)
    func gradient(_ type: DType) -> Tensor {
      let x = Variable(a.cast(to: type), requiresGrad: true)
      let (q, r) = x.qr()
      ((q * Variable(dq.cast(to: type))).sum() + (r * Variable(dr.cast(to: type))).sum()).backward()
      return (x.grad?.value ?? .zeros([])).cast(to: .float64)
    }
    let exact = gradient(.float64)
    let error = (gradient(.float32) - exact).abs().max().item() / exact.abs().max().item()
    #expect(error < 1e-6)
  }

  /// The vectors of small singular values, found after thousands of rotations, have length 1 too.
  @Test func singularVectorsKeepTheirLength() {
    let n = 60
    func orthogonal(_ seed: UInt64) -> Variable {
      Variable(Tensor.randomNormal([n, n], dtype: .float64, generator: RandomGenerator(seed: seed))).qr().q
    }
    let values = Variable((Tensor.arange(0, Double(n), dtype: .float64) * (-14 / Double(n))).exp())
    let a = (orthogonal(1) * values).matmul(orthogonal(2)).cast(to: .float32)
    let (u, _, vh) = a.svd()
    for x in [u.transpose(), vh] {
      let lengths = x.value.cast(to: .float64).square().sum(axes: [1])
      #expect((lengths - 1).abs().max().item() < 1.5e-6)
    }
  }

  /// Without a gradient, eigenvalues are computed alone; with one, they come with the vectors.
  @Test(arguments: [1, 2, 30]) func eigenvaluesWithAndWithoutVectors(_ n: Int) {
    let b = Tensor.randomNormal([2, n, n], dtype: .float64, generator: RandomGenerator(seed: 9))
    let a = b + b.transpose()
    let alone = Variable(a).eigvalsh(), withVectors = Variable(a, requiresGrad: true).eigvalsh()
    #expect(!alone.requiresGrad && withVectors.requiresGrad)
    #expect((alone.value - withVectors.value).abs().max().item() < 1e-12)
  }

  /// Columns of zeros, as at the edges of images, make A rank-deficient, so that some rows of R have no
  /// direction of their own. Compared with `torch.linalg.svdvals` in float64; at two of the scales, squares
  /// would overflow or underflow.
  @Test(arguments: [DType.float32, .float64], [1, 1e-25, 1e25]) func columnsOfZeros(_ type: DType, _ scale: Double) {
    let rows = Tensor.arange(12, dtype: .float64).reshape([12, 1] as Shape)
    var a = (rows * Tensor.arange(9, dtype: .float64)).cos()
    for column in [0, 4, 8] { a[.all, column] = .zeros([12], dtype: .float64) }
    let (u, s, vh) = Variable((a * scale).cast(to: type)).svd()
    let found = s.value.cast(to: .float64) / scale
    let expected: [Double] = [
      2.958523364694414, 2.7653767924374417, 2.4916830521188675, 2.3553293218719755, 2.310027004866759,
      1.868421906115554, 0, 0, 0,
    ]
    let error = type == .float32 ? 1e-6 : 1e-14
    #expect((found - Tensor(expected)).abs().max().item() < 5 * error)
    let product = (u * s).matmul(vh).value.cast(to: .float64) / scale
    #expect((product - a).abs().max().item() < 2 * error)
    for x in [u.transpose(), vh] {
      let angles = x.matmul(x.transpose()).value.cast(to: .float64) - Tensor.eye(9, dtype: .float64)
      #expect(angles.abs().max().item() < error)
    }
  }

  // A = torch.cos(torch.arange(12.)).reshape(4, 3), b = torch.sin(torch.arange(8.)).reshape(4, 2):
  // torch.linalg.lstsq(A, b), and with the driver gelsd of Aᵀ and b[:3], and of [[1, 2], [2, 4], [3, 6]] and [1, 1, 2]
  @Test func leastSquares() {
    let a = Variable(Tensor.arange(12, dtype: .float64).cos().reshape([4, 3]))
    let b = Variable(Tensor.arange(8, dtype: .float64).sin().reshape([4, 2]))
    expectClose(
      a.lstsq(b).value,
      Tensor(
        [
          -0.3606738403607442, 0.515260548843574, 0.15676051866380508, -1.795831477568083, 0.5300699797670234,
          -2.455844325404822,
        ], shape: [3, 2]))
    expectClose(
      a.transpose().lstsq(b[..<3]).value,
      Tensor(
        [
          0.3347867731049817, 1.73367108765612, -0.20528567673111106, -0.7178090844582501, 0.0716757861417075,
          -0.31241987244551517, 0.06336869579465368, 1.336395743478106,
        ], shape: [4, 2]))
    let deficient = Variable(Tensor([[1, 2], [2, 4], [3, 6]] as [[Double]]))
    expectClose(deficient.lstsq(Variable(numbers(1, 1, 2))).value, numbers(0.12857142857142861, 0.2571428571428571))
  }
}
