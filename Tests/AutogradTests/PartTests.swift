import Autograd
import Testing

/// Gradients of slices are accumulated in place when nobody else holds the sum.
@Suite struct PartTests {
  /// Rows 0 to 2 doubled, rows 2 to 4 squared, every third column, one element, and the whole: overlapping parts.
  private func function(_ x: Variable) -> Variable {
    let parts = [
      (x[0..<3] * 2).sum(), x[2..<5].square().sum(), x[.ellipsis, .stride(by: 3)].sum(), x[1, 1] * 5, x[4].sum(),
      x[.stride(by: -2), 10...].sum(), x.sum(), x.split(50, axis: 1).reduce(single(0)) { $0 + ($1 * $1).sum() },
    ]
    return parts.reduce(single(0)) { $0 + $1 }
  }

  private func expected(_ x: Double, _ row: Int, _ column: Int) -> Double {
    var slope = 1 + 2 * x
    if row < 3 { slope += 2 }
    if row >= 2 && row < 5 { slope += 2 * x }
    if column % 3 == 0 { slope += 1 }
    if row == 1 && column == 1 { slope += 5 }
    if row == 4 { slope += 1 }
    if row % 2 == 0 && column >= 10 { slope += 1 }
    return slope
  }

  @Test(arguments: [true, false], [true, false]) func overlappingParts(_ ofLeaf: Bool, _ createGraph: Bool) {
    let (rows, columns) = (5, 200)
    let x = Variable(spread([rows, columns]), requiresGrad: true)
    function(ofLeaf ? x : x * 1).backward(createGraph: createGraph)
    let (values, found) = (x.value.scalars(as: Double.self), x.grad?.value.scalars(as: Double.self) ?? [])
    #expect(found.count == rows * columns)
    for (place, (x, slope)) in zip(values, found).enumerated() {
      #expect(abs(slope - expected(x, place / columns, place % columns)) < 1e-12)
    }
  }

  @Test func gradientsHeldElsewhereStayAsTheyAre() {
    let x = Variable([1, 2, 3, 4], requiresGrad: true)
    x[0..<2].sum().backward()
    let first = x.grad?.value
    (x[1..<3].sum() + x[2...].sum()).backward()
    #expect(first == Tensor([1, 1, 0, 0]))
    #expect(x.grad?.value == Tensor([1, 2, 2, 1]))
  }
}
