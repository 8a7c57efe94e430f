import Autograd
import Testing

/// Factors by elimination, systems solved with factors, distances and norms of rows: PyTorch's numbers (float64).
@Suite struct FactorTests {
  private let a = Tensor([[1, 2, 3, 4], [-5, 6, 7, 8], [10, 2, -1, 0.5]] as [[Double]])
  private let rows = Variable(Tensor([[3, 1], [-1, 2], [0.5, 0.25], [-1, 4]] as [[Double]]), requiresGrad: true)

  private func expectClose(
    _ found: Tensor?, _ expected: [[Double]], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let isClose = found?.allClose(to: Tensor(expected), relativeTolerance: 1e-13, absoluteTolerance: 1e-13)
    #expect(isClose == true, "\(String(describing: found))", sourceLocation: sourceLocation)
  }

  private func counting(_ shape: Shape) -> Tensor {
    .arange(1, Double(shape.elementCount) + 1, dtype: .float64).reshape(shape)
  }

  // p, l, u = torch.linalg.lu(a); torch.autograd.grad([l, u], a, [1, 2, …; 1, 2, …, its rows in reverse order])
  @Test func factorsByElimination() {
    let x = Variable(a, requiresGrad: true)
    let (p, l, u) = x.lu()
    expectClose(p, [[0, 0, 1], [0, 1, 0], [1, 0, 0]])
    expectClose(l.value, [[1, 0, 0], [-0.5, 1, 0], [0.1, 0.2571428571428571, 1]])
    expectClose(
      u.value, [[10, 2, -1, 0.5], [0, 7, 6.5, 8.25], [0, 0, 1.4285714285714288, 1.8285714285714292]])
    let sum = (l * counting(l.shape)).sum() + (u * counting(u.shape).flip(axes: [0])).sum()
    sum.backward()
    expectClose(
      x.grad?.value,
      [
        [2.0714285714285716, -6.357142857142857, 3, 4],
        [-0.8526530612244898, 7.634693877551021, 6.228571428571429, 6.9714285714285715],
        [8.366530612244897, 14.453061224489797, 13.814285714285713, 15.085714285714285],
      ])
  }

  // The same for its transpose.
  @Test func factorsOfTallMatrices() {
    let x = Variable(a.transpose(), requiresGrad: true)
    let (p, l, u) = x.lu()
    expectClose(p, [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]])
    expectClose(
      l.value,
      [[1, 0, 0], [0.25, 1, 0], [0.5, -0.2857142857142857, 1], [0.75, -0.14285714285714285, 0.007812499999999972]])
    expectClose(u.value, [[4, 8, 0.5], [0, -7, 9.875], [0, 0, 4.571428571428571]])
    ((l * counting(l.shape)).sum() + (u * counting(u.shape).flip(axes: [0])).sum()).backward()
    expectClose(
      x.grad?.value,
      [
        [-12.261115872130098, 6.17891521843112, 7.226283482142857],
        [-4.743146623883928, 3.060355050223214, 2.9794921875],
        [-2.0915178571428568, 2.1316964285714284, 2.625],
        [14.005490672831638, 3.3263213488520385, 3.7349330357142843],
      ])
  }

  @Test(arguments: [[3, 3], [70, 70], [90, 40], [40, 90], [2, 0], [0, 2], [2, 3, 5, 4], [0, 3, 3]])
  func theProductOfTheFactorsIsTheMatrix(sizes: [Int]) {
    let x = Tensor.randomNormal(Shape(sizes), dtype: .float64, generator: RandomGenerator(seed: 3))
    let (p, l, u) = Variable(x).lu()
    #expect(p.matmul(l.value).matmul(u.value).allClose(to: x, relativeTolerance: 1e-12, absoluteTolerance: 1e-12))
    #expect(l.value.lowerTriangle() == l.value && u.value.upperTriangle() == u.value)
    #expect((l.value.abs() .<= 1).all().item() == 1)
  }

  /// A column of zeros is no obstacle to factors, and needs no NaN in the tall ones.
  @Test func singularMatricesHaveFactors() {
    let x = Tensor([[0, 2], [0, 3], [0, 1]] as [[Double]])
    let (p, l, u) = Variable(x, requiresGrad: true).lu()
    #expect(p.matmul(l.value).matmul(u.value) == x)
  }

  // torch.cholesky_solve(b, l), torch.cholesky_inverse(l) with l = torch.linalg.cholesky(a @ a.T)
  @Test func systemsSolvedWithCholeskysFactor() {
    let l = Variable(a.matmul(a.transpose())).cholesky()
    let b = Variable(counting([3, 2]))
    let x = [
      [-1.0304204575236766, -0.8408776067992026], [0.4555580515930941, 0.38631173012841963],
      [0.352240817701897, 0.3113557227900698],
    ]
    expectClose(l.choleskySolve(b).value, x)
    expectClose(l.transpose().choleskySolve(b, upper: true).value, x)
    expectClose(
      l.choleskyInverse().value,
      [
        [0.6227301658616918, -0.2563929761503602, -0.17679433898685762],
        [-0.2563929761503602, 0.11189112284248709, 0.07525553184319861],
        [-0.17679433898685762, 0.07525553184319861, 0.06065371223183176],
      ])
  }

  // torch.pdist(rows, p) for 1, 2 and inf, and the gradient for p = 1
  @Test func distancesOfPairsOfRows() {
    expectClose(rows.pdist(1).value.unsqueeze(0), [[5, 3.25, 7, 3.25, 2, 5.25]])
    expectClose(
      rows.pdist().value.unsqueeze(0),
      [[4.123105625617661, 2.6100766272276377, 5, 2.3048861143232218, 2, 4.038873605350878]])
    expectClose(rows.pdist(.infinity).value.unsqueeze(0), [[4, 2.5, 4, 1.75, 2, 3.75]])
    rows.pdist(1).backward(gradient: counting([6]))
    expectClose(rows.grad?.value, [[6, -2], [-5, 0], [8, -12], [-9, 14]])
  }

  // torch.renorm(rows, 2, 0, 2)
  @Test func rowsOfLimitedNorm() {
    let y = rows.renorm(2, axis: 0, maxNorm: 2)
    expectClose(
      y.value,
      [
        [1.8973665361010292, 0.6324555120336764], [-0.8944271509999177, 1.7888543019998353], [0.5, 0.25],
        [-0.48507123830796034, 1.9402849532318414],
      ])
    y.backward(gradient: counting([4, 2]))
    expectClose(
      rows.grad?.value,
      [
        [-0.31622772601684007, 0.948683278050514], [3.5777085639996744, 1.7888543819998282], [5, 6],
        [4.10883870718992, 1.0272097503268884],
      ])
  }

  /// The order that takes the fewest multiplications changes only rounding.
  @Test func productsOfSeveralMatrices() {
    let sizes = [30, 1, 40, 10, 25, 1]
    let chain = zip(sizes, sizes.dropFirst()).enumerated().map { number, size in
      Tensor.randomNormal([size.0, size.1], dtype: .float64, generator: RandomGenerator(seed: UInt64(number)))
    }
    let product = chain.dropFirst().reduce(chain[0]) { $0.matmul($1) }
    #expect(Tensor.multiDot(chain).allClose(to: product, relativeTolerance: 1e-12))
    #expect(Tensor.multiDot([chain[1][0]] + chain[2...]).shape == [1])
    #expect(Tensor.multiDot([chain[1][0], chain[2], chain[3], chain[4][.all, 0]]).shape == [])
    #expect(Tensor.multiDot([Tensor.zeros([2, 0]), .zeros([0, 3])]) == .zeros([2, 3]))
  }
}
