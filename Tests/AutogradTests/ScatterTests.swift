import Autograd
import Testing

/// Elements that come together at places, running extremes and windows, against PyTorch's numbers (float64).
@Suite struct ScatterTests {
  private func matrix(_ values: [[Double]]) -> Tensor { Tensor(values) }
  private func whole(_ values: TensorLiteral) -> Tensor { Tensor(values, dtype: .int64) }

  struct Case: Sendable, CustomTestStringConvertible {
    let reduction: ScatterReduction
    let includesSelf: Bool
    let value: [[Double]]
    let ofSelf: [[Double]]
    let ofSource: [[Double]]
    var testDescription: String { "\(reduction), \(includesSelf)" }
  }

  // x.scatter_reduce(0, index, source, reduction, include_self), and gradients of arange(1, 10).reshape(3,
  // 3); of the largest and smallest without itself PyTorch takes that for one more to share with where it
  // equals them, 3 here.
  static let cases = [
    Case(
      reduction: .sum, includesSelf: true, value: [[0, 7, 3], [4, 5, 6], [9, 7, 6]],
      ofSelf: [[1, 2, 3], [4, 5, 6], [7, 8, 9]], ofSource: [[7, 2, 9], [7, 5, 9]]),
    Case(
      reduction: .sum, includesSelf: false, value: [[0, 5, 3], [4, 0, 6], [6, 7, 4]],
      ofSelf: [[1, 0, 3], [4, 0, 6], [0, 8, 0]], ofSource: [[7, 2, 9], [7, 5, 9]]),
    Case(
      reduction: .mean, includesSelf: true, value: [[0, 3.5, 3], [4, 2.5, 6], [3, 7, 2]],
      ofSelf: [[1, 1, 3], [4, 2.5, 6], [7.0 / 3, 8, 3]], ofSource: [[7.0 / 3, 1, 3], [7.0 / 3, 2.5, 3]]),
    Case(
      reduction: .mean, includesSelf: false, value: [[0, 5, 3], [4, 0, 6], [3, 7, 2]],
      ofSelf: [[1, 0, 3], [4, 0, 6], [0, 8, 0]], ofSource: [[3.5, 2, 4.5], [3.5, 5, 4.5]]),
    Case(
      reduction: .prod, includesSelf: true, value: [[0, 10, 3], [4, 0, 6], [27, 7, 8]],
      ofSelf: [[1, 10, 3], [4, 0, 6], [63, 8, 36]], ofSource: [[63, 4, 36], [63, 25, 36]]),
    Case(
      reduction: .prod, includesSelf: false, value: [[0, 5, 3], [4, 0, 6], [9, 7, 4]],
      ofSelf: [[1, 0, 3], [4, 0, 6], [0, 8, 0]], ofSource: [[21, 2, 18], [21, 5, 18]]),
    Case(
      reduction: .max, includesSelf: true, value: [[0, 5, 3], [4, 5, 6], [3, 7, 2]],
      ofSelf: [[1, 0, 3], [4, 5, 6], [7.0 / 3, 8, 3]], ofSource: [[7.0 / 3, 2, 3], [7.0 / 3, 0, 3]]),
    Case(
      reduction: .max, includesSelf: false, value: [[0, 5, 3], [4, 0, 6], [3, 7, 2]],
      ofSelf: [[1, 0, 3], [4, 0, 6], [0, 8, 0]], ofSource: [[3.5, 2, 4.5], [3.5, 5, 4.5]]),
    Case(
      reduction: .min, includesSelf: true, value: [[0, 2, 3], [4, 0, 6], [3, 7, 2]],
      ofSelf: [[1, 2, 3], [4, 0, 6], [7.0 / 3, 8, 3]], ofSource: [[7.0 / 3, 0, 3], [7.0 / 3, 5, 3]]),
  ]

  @Test(arguments: cases) func takenInAtPlaces(_ c: Case) {
    let x = Variable(matrix([[0, 2, 3], [4, 5, 6], [3, 7, 2]]), requiresGrad: true)
    let source = Variable(matrix([[3, 5, 2], [3, 0, 2]]), requiresGrad: true)
    let index = whole([[2, 0, 2], [2, 1, 2]])
    let y = x.scatterReduce(axis: 0, index: index, source, c.reduction, includesSelf: c.includesSelf)
    #expect(y.value == Tensor(c.value))
    y.backward(gradient: Tensor.arange(1, 10, dtype: .float64).reshape([3, 3]))
    #expect(x.grad?.value.allClose(to: Tensor(c.ofSelf), relativeTolerance: 1e-15) == true)
    #expect(source.grad?.value.allClose(to: Tensor(c.ofSource), relativeTolerance: 1e-15) == true)
    for type in [DType.float32, .int32, .int64, .uint8] where c.reduction != .mean || type == .float32 {
      let whole = x.value.cast(to: type).scatterReduce(
        axis: 0, index: index.cast(to: .int32), source.value.cast(to: type), c.reduction, includesSelf: c.includesSelf)
      #expect(whole == y.value.cast(to: type), "\(type)")
    }
  }

  @Test func productsOfSeveralZeros() {
    let x = leaf(2, 3), source = leaf(0, 4, 0, 5)
    x.scatterReduce(axis: 0, index: whole([0, 0, 0, 1]), source, .prod).sum().backward()
    #expect(source.grad?.value == numbers(0, 0, 0, 3) && x.grad?.value == numbers(0, 5))
    // One zero has a second derivative: of 2·a·b·c by b and c at a = 0 nothing, by a and c 2·b.
    let factors = leaf(0, 4, 7)
    let h = hessian(at: factors) {
      Variable(numbers(2)).scatterReduce(axis: 0, index: whole([0, 0, 0]), $0, .prod).sum()
    }
    #expect(h.value == matrix([[0, 14, 8], [14, 0, 0], [8, 0, 0]]))
  }

  // torch.tensor([5, -5, 7]).scatter_reduce(0, [0, 0, 1, 1], [2, 3, -2, -3], "mean"), and with NaN
  @Test func wholeNumbersAndNaN() {
    let x = whole([5, -5, 7])
    #expect(x.scatterReduce(axis: 0, index: whole([0, 0, 1, 1]), whole([2, 3, -2, -3]), .mean) == whole([3, -4, 7]))
    #expect(
      x.scatterReduce(axis: 0, index: whole([0, 0, 1]), whole([2, 3, -2]), .max, includesSelf: false)
        == whole([3, -2, 7]))
    let found = numbers(1, .nan, 2).scatterReduce(axis: 0, index: whole([0, 0, 2]), numbers(.nan, 3, 1), .max)
    #expect(found.isNaN() == Tensor([true, true, false]) && found[2].item() == 2)
    let rows = Tensor.zeros([3, 2]).indexReduce(
      axis: 0, [2, -1, 0], Tensor([[1, 5], [4, 2], [-1, -1]]), .max, includesSelf: false)
    #expect(rows == Tensor([[-1, -1], [0, 0], [4, 5]]))
  }

  // torch.cummax, torch.cummin; torch.logcumsumexp
  @Test func runningExtremes() {
    let x = matrix([[1, 3, 3, 2], [.nan, 0, -1, .nan], [2, 2, 5, 5]])
    #expect(x.cummax(axis: 0).indices == whole([[0, 0, 0, 0], [1, 0, 0, 1], [1, 0, 2, 1]]))
    #expect(x.cummax(axis: -1).indices == whole([[0, 1, 2, 2], [0, 0, 0, 3], [0, 1, 2, 3]]))
    #expect(x.cummin(axis: 0).indices == whole([[0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1]]))
    #expect(x.transpose().cummin(axis: 0).indices.transpose() == whole([[0, 0, 0, 0], [0, 0, 0, 3], [0, 1, 1, 1]]))
    let (values, indices) = x.cummin(axis: 1)
    #expect(
      values.allClose(to: x.gather(axis: 1, index: indices), equalNaN: true) && values[1].isNaN().all().item() == 1)
    #expect(whole([3, 1, 1, 4]).cummin(axis: 0) == (whole([3, 1, 1, 1]), whole([0, 1, 2, 2])))
    #expect(Tensor([false, true, false]).cummax(axis: 0).values == Tensor([false, true, true]))
    #expect(numbers(2)[0].cummax(axis: -1).indices == Tensor(0, dtype: .int64))
  }

  @Test func runningLogarithmsOfSums() {
    let infinity = Double.infinity
    let x = Variable(matrix([[-infinity, -infinity, 1, 2], [0, 1000, -1000, 0]]), requiresGrad: true)
    let y = x.logCumSumExp(axis: 1)
    let expected = matrix([[-infinity, -infinity, 1, 2.313261687518223], [0, 1000, 1000, 1000]])
    #expect(y.value.allClose(to: expected, relativeTolerance: 1e-15))
    y.backward(gradient: matrix([[1, 2, 3, 4], [1, -2, 3, -4]]))
    // PyTorch's is NaN where all is −∞ so far.
    let gradient = matrix([[0, 0, 4.07576568547998, 2.9242343145200187], [1, -3, 0, 0]])
    #expect(x.grad?.value.allClose(to: gradient, relativeTolerance: 1e-15) == true)
    let high = Variable(matrix([[1, 2, infinity, 3]]), requiresGrad: true)
    high.logCumSumExp(axis: 1).backward(gradient: matrix([[1, 2, 3, 4]]))
    // As in PyTorch, what comes before ∞ has a gradient, and what comes after has none.
    let sides: Tensor = [1.537882842739990, 1.462117157260010, 0]
    #expect(high.grad?.value[0][[0, 1, 3]].allClose(to: sides.cast(to: .float64), relativeTolerance: 1e-6) == true)
    // Second derivatives know differences alone; exp 800 is ∞.
    let second = { (x: Tensor) in
      hessian(at: Variable(x)) { ($0.logCumSumExp(axis: 0) * Tensor([1, 2, 3], dtype: .float64)).sum() }
    }
    let low = Tensor([0, -1, 1.5], dtype: .float64)
    #expect(second(low + 800).value.allClose(to: second(low).value, relativeTolerance: 1e-12))
  }

  // torch.rot90, torch.take, torch.tile, Tensor.unfold, torch.combinations, torch.cartesian_prod
  @Test func arrangements() {
    let x = Tensor.arange(6, dtype: .int64).reshape([2, 3])
    #expect(x.rot90() == whole([[2, 5], [1, 4], [0, 3]]) && x.rot90(-1) == whole([[3, 0], [4, 1], [5, 2]]))
    #expect(x.rot90(3, axes: (1, 0)) == x.rot90() && x.rot90(6) == x.flip(axes: [0, 1]) && x.rot90(-4) == x)
    #expect(x.take(whole([[0, -1], [4, 0]])) == whole([[0, 5], [4, 0]]))
    #expect(x.tile([2]) == whole([[0, 1, 2, 0, 1, 2], [3, 4, 5, 3, 4, 5]]) && x.tile([2, 1, 2]).shape == [2, 2, 6])
    let seven = Tensor.arange(7, dtype: .int64)
    #expect(seven.unfold(axis: 0, size: 3, step: 2) == whole([[0, 1, 2], [2, 3, 4], [4, 5, 6]]))
    let rows = Tensor.arange(8, dtype: .int64).reshape([4, 2])
    #expect(
      rows.unfold(axis: -2, size: 2, step: 1) == whole([[[0, 2], [1, 3]], [[2, 4], [3, 5]], [[4, 6], [5, 7]]]))
    #expect(Tensor.zeros([2, 0]).unfold(axis: 1, size: 0, step: 1).shape == [2, 1, 0])
    #expect(seven[..<3].combinations() == whole([[0, 1], [0, 2], [1, 2]]))
    #expect(
      seven[..<2].combinations(3, withReplacement: true) == whole([[0, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 1]]))
    #expect(
      Tensor.cartesianProduct([whole([1, 2]), whole([3, 4, 5])])
        == whole([[1, 3], [1, 4], [1, 5], [2, 3], [2, 4], [2, 5]]))
  }

  // torch.searchsorted, torch.bucketize
  @Test func placesAmongSorted() {
    let sorted = Tensor([1, 3, 3, 5]), values = Tensor([[0, 1, 3], [4, 5, .nan]] as [[Float]])
    #expect(sorted.searchSorted(values) == whole([[0, 0, 1], [3, 3, 4]]))
    #expect(values.bucketize(sorted, side: .right) == whole([[0, 1, 3], [3, 4, 4]]))
    #expect(sorted.searchSorted(values.transpose(), side: .right) == whole([[0, 3], [1, 4], [3, 4]]))
    for type in [DType.float32, .float64, .int32, .int64, .uint8] {
      let rows = Tensor([[1, 3, 5], [2, 4, 6]], dtype: type)
      #expect(rows.searchSorted(Tensor([[3, 6], [3, 6]], dtype: type)) == whole([[1, 3], [1, 2]]))
      #expect(rows[0].searchSorted(Tensor(3, dtype: type)) == Tensor(1, dtype: .int64))
    }
    #expect(Tensor.zeros([0]).searchSorted(Tensor([1, 2])) == whole([0, 0]))
    #expect(sorted.searchSorted(Tensor.zeros([2, 0])).shape == [2, 0])
    let many = Tensor.randomUniform([1000], generator: RandomGenerator(seed: 3)).sort().values
    let found = many.searchSorted(many + 0)
    #expect(found == Tensor.arange(1000, dtype: .int64))
  }
}

/// Functions of matrices, against PyTorch's numbers (float64).
@Suite struct MatrixFunctionTests {
  private func matrix(_ values: TensorLiteral) -> Variable { Variable(Tensor(values, dtype: .float64)) }

  // torch.linalg.matrix_norm(m, ord) for fro, nuc, 2, −2, 1, −1, ∞, −∞; torch.linalg.cond(a, p) for None,
  // fro, nuc, 1, ∞, −2
  @Test func normsAndConditionNumbers() {
    let m = matrix([[1, -2, 3], [4, 0.5, -6]])
    let norms: [(MatrixNorm, Double)] = [
      (.frobenius, 8.139410298049853), (.nuclear, 10.548038193887411), (.largestSingularValue, 7.578302622266295),
      (.smallestSingularValue, 2.9697355716211162), (.largestColumnSum, 9), (.smallestColumnSum, 2.5),
      (.largestRowSum, 10.5), (.smallestRowSum, 6),
    ]
    for (norm, value) in norms {
      #expect(abs(m.matrixNorm(norm).item() - value) < 1e-14, "\(norm)")
      #expect(Variable.stack([m, m]).matrixNorm(norm, keepDims: true).shape == [2, 1, 1])
    }
    let a = matrix([[4, 1], [2, 3]])
    let conditions: [(MatrixNorm, Double)] = [
      (.largestSingularValue, 2.6180339887498945), (.frobenius, 3), (.nuclear, 5), (.largestColumnSum, 3),
      (.largestRowSum, 3), (.smallestSingularValue, 0.3819660112501052),
    ]
    for (norm, value) in conditions { #expect(abs(a.conditionNumber(norm).item() - value) < 1e-14, "\(norm)") }
    #expect(matrix([[1, 0], [0, 0]]).conditionNumber().item() == .infinity)
  }

  @Test func ranksAndDeterminants() {
    let stack = matrix([[[1, 2], [2, 4]], [[1, 0], [0, 1]], [[0, 0], [0, 0]]])
    #expect(stack.matrixRank() == Tensor([1, 2, 0], dtype: .int64))
    #expect(stack.matrixRank(tolerance: 2) == Tensor([0, 0, 0], dtype: .int64))
    let determinants = matrix([[[4, 1], [2, 3]], [[2, 3], [4, 1]], [[1, 1], [1, 1]]]).logdet()
    #expect(determinants.value.allClose(to: numbers(2.302585092994046, .nan, -.infinity), equalNaN: true))
  }

  // mpmath.expm
  @Test func exponentials() {
    let y = matrix([[[0, 1], [-1, 0]], [[10, -3], [4, 2]], [[0, 0], [0, 0]]]).matrixExp()
    let expected: Tensor = Tensor(
      [
        [[0.5403023058681398, 0.8414709848078965], [-0.8414709848078965, 0.5403023058681398]],
        [[4444.13790554602, -2194.769877756438], [2926.3598370085842, -1408.5817684711478]], [[1, 0], [0, 1]],
      ], dtype: .float64)
    #expect(y.value.allClose(to: expected, relativeTolerance: 1e-14, absoluteTolerance: 0), "\(y.value)")
    #expect(Variable(Tensor([[Float(3)]])).matrixExp().item() == Double(Float(20.085537)))
    #expect(Variable(numbers(.nan, 0, 0, 1).reshape([2, 2])).matrixExp().value.isNaN().all().item() == 1)
  }

  // torch.kron, torch.linalg.vander, torch.linalg.cross, torch.tensordot, torch.trapezoid
  @Test func productsAndAreas() {
    let m = matrix([[1, -2, 3], [4, 0.5, -6]])
    #expect(m.kron(matrix([1, 2])).value == matrix([[1, 2, -2, -4, 3, 6], [4, 8, 0.5, 1, -6, -12]]).value)
    #expect(matrix([0, 2, -3]).vander().value == matrix([[1, 0, 0], [1, 2, 4], [1, -3, 9]]).value)
    #expect(
      matrix([1, 2, 3]).cross(matrix([[4, 5, 6], [0, 1, 0]])).value == matrix([[-3, 6, -3], [-3, 0, 1]]).value)
    #expect(m.tensordot(m).item() == m.square().sum().item() && m.tensordot(matrix([2]), axes: 0).shape == [2, 3, 1])
    let y = matrix([[1, 2, 4], [0, 3, 1]])
    #expect(y.trapezoid(dx: 0.5).value == numbers(2.25, 1.75))
    #expect(y.trapezoid(at: matrix([0, 1, 3])).value == numbers(7.5, 5.5))
    #expect(y.transpose().trapezoid(at: matrix([0, 1, 3]), axis: 0).value == numbers(7.5, 5.5))
    #expect(matrix([5]).trapezoid().item() == 0)
  }
}
