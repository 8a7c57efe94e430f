import Autograd
import Testing

/// Every op's derivatives, checked against finite differences.
@Suite struct GradientTests {
  @Test(arguments: opTable) func matchesDifferences(_ row: OpRow) {
    for shapes in row.samples {
      let check = checkGradients(at: row.operands(shapes), row.function)
      #expect(check.relativeError <= row.tolerance, "\(shapes): \(check)")
    }
  }

  @Test(arguments: opTable) func secondDerivativeMatchesDifferences(_ row: OpRow) {
    for shapes in row.samples {
      let check = checkSecondOrder(at: row.operands(shapes), row.function)
      #expect(check.relativeError <= row.secondOrderTolerance, "\(shapes): \(check)")
    }
  }

  /// The leaf is dense; the op sees a view of it.
  @Test(arguments: opTable, Layout.allCases) func matchesDifferencesThroughAView(_ row: OpRow, _ layout: Layout) {
    let wholes = row.operands(row.samples[0].map(layout.whole))
    let check = checkGradients(at: wholes) { row.function($0.map(layout.view)) }
    #expect(check.relativeError <= row.tolerance, "\(row.samples[0]): \(check)")
  }

  /// The leaf's own value is a view.
  @Test(arguments: opTable, Layout.allCases) func matchesDifferencesOfAStridedLeaf(_ row: OpRow, _ layout: Layout) {
    let views = row.operands(row.samples[0].map(layout.whole)).map { layout.view(Variable($0)).value }
    let check = checkGradients(at: views, row.function)
    #expect(check.relativeError <= row.tolerance, "\(row.samples[0]): \(check)")
  }

  /// The same variable for every operand where shapes allow it, and in any case the op used twice.
  @Test(arguments: opTable) func matchesDifferencesOfAnOperandUsedTwice(_ row: OpRow) {
    for shapes in row.samples where Set(shapes).count == 1 {
      let check = checkGradients(at: row.operands([shapes[0]])) { leaves in
        let operands = shapes.map { _ in leaves[0] }
        return row.function(operands) * (row.function(operands) + 1)
      }
      #expect(check.relativeError <= row.tolerance, "\(shapes): \(check)")
    }
  }

  @Test(arguments: opTable) func gradientHasTheShapeAndTypeOfItsInput(_ row: OpRow) {
    for shapes in row.samples {
      for type in [DType.float32, .float64] where row.op != .cast {
        let leaves = row.operands(shapes).map { Variable($0.cast(to: type), requiresGrad: true) }
        let y = row.function(leaves)
        #expect(y.dtype == type)
        y.backward(gradient: Tensor.ones(y.shape, dtype: type))
        for leaf in leaves {
          #expect(leaf.grad?.shape == leaf.shape, "\(shapes)")
          #expect(leaf.grad?.dtype == type, "\(shapes)")
        }
      }
    }
  }

  @Test(arguments: opTable) func float32GradientIsNearThatOfFloat64(_ row: OpRow) {
    for shapes in row.samples where row.op != .cast {
      let (single, double) = (gradients(row, shapes, .float32), gradients(row, shapes, .float64))
      for (single, double) in zip(single, double) where double.elementCount > 0 {
        let scale = max(1, abs(double).max().item())
        #expect(abs(single.cast(to: .float64) - double).max().item() <= 1e-4 * scale, "\(shapes)")
      }
    }
  }

  /// Recording the derivative changes none of its bits.
  @Test(arguments: opTable) func createGraphGivesTheSameBits(_ row: OpRow) {
    for shapes in row.samples {
      #expect(
        gradients(row, shapes, .float64, createGraph: true) == gradients(row, shapes, .float64), "\(shapes)")
    }
  }

  /// Each operand in turn requires a gradient; the others do not.
  @Test(arguments: opTable) func eachOperandAlone(_ row: OpRow) {
    let values = row.operands(row.samples[0])
    let all = gradients(row, row.samples[0], .float64)
    for place in values.indices {
      let operands = values.enumerated().map { Variable($1, requiresGrad: $0 == place) }
      let y = row.function(operands)
      y.backward(gradient: spread(y.shape, place: 5))
      for (number, operand) in operands.enumerated() {
        #expect(operand.grad?.value == (number == place ? all[place] : nil))
      }
    }
  }

  private func gradients(_ row: OpRow, _ shapes: [Shape], _ type: DType, createGraph: Bool = false) -> [Tensor] {
    let leaves = row.operands(shapes).map { Variable($0.cast(to: type), requiresGrad: true) }
    let y = row.function(leaves)
    y.backward(gradient: Variable(spread(y.shape, place: 5).cast(to: y.dtype)), createGraph: createGraph)
    return leaves.map { $0.grad?.value ?? .zeros($0.shape, dtype: type) }
  }

  private func abs(_ x: Tensor) -> Tensor { x.abs() }
}

/// The table is complete.
@Suite struct OpTableTests {
  @Test func everyOpHasARow() {
    let covered = Set(opTable.map(\.op)).union(derivativeOps.map(\.op))
    #expect(Set(Op.allCases).subtracting([.leaf]) == covered)
  }

  @Test func noOpIsBothARowAndADerivative() {
    #expect(Set(opTable.map(\.op)).isDisjoint(with: derivativeOps.map(\.op)))
  }

  /// Each row records the op that it is listed under.
  @Test(arguments: opTable) func aRowRecordsItsOp(_ row: OpRow) {
    let y = row.function(row.operands(row.samples[0]).map { Variable($0, requiresGrad: true) })
    #expect(ops(of: y).contains(row.op.rawValue))
  }

  /// Ops without a row occur in derivatives only, so that the second-order checks cover their rules.
  @Test(arguments: derivativeOps.indices) func derivativesAreMadeOf(_ number: Int) {
    let (op, function) = derivativeOps[number]
    let x = Variable(spread([2, 3]), requiresGrad: true)
    function(x).square().sum().backward(createGraph: true)
    #expect(ops(of: x.grad!).contains(op.rawValue))
  }

  private func ops(of variable: Variable) -> Set<String> {
    Set(Tape.listing(of: variable).split(separator: "\n").map { String($0.split(separator: " ")[1]) })
  }
}

/// The gradient checks can fail.
@Suite struct GradientCheckTests {
  /// A variable with the value of one function and the derivative of another.
  private func disguised(_ value: Variable, derivative: Variable) -> Variable {
    derivative + (value.detach() - derivative.detach())
  }

  @Test func aRightRulePasses() {
    let check = checkGradients(at: [spread([3, 3])]) { disguised($0[0].tanh(), derivative: $0[0].tanh()) }
    #expect(check.relativeError < 1e-9)
    #expect(check.description.hasPrefix("relative error "))
  }

  @Test func aRuleThatIsWrongByAFewTenThousandthsFails() {
    let check = checkGradients(at: [spread([3, 3])]) { disguised($0[0].tanh(), derivative: $0[0].tanh() * 1.0005) }
    #expect(check.relativeError > 4e-4)
    #expect(check.description.contains("by differences"))
  }

  @Test func aWrongPermutationFails() {
    let check = checkGradients(at: [spread([3, 3])]) { disguised($0[0].transpose(), derivative: $0[0]) }
    #expect(check.relativeError > 0.1)
  }

  @Test func integersArriveAsTheyAreAndHaveNoGradient() {
    let positions = Tensor([2, 0, 2], dtype: .int64)
    let check = checkGradients(at: [spread([3, 2]), positions]) { $0[0][$0[1].value] }
    #expect(check.relativeError < 1e-9 && check.analytic[1] == .zeros([3], dtype: .float64))
  }

  @Test func aMissingGradientFails() {
    let check = checkGradients(at: [spread([3]), spread([3], place: 1)]) { $0[0] * $0[1].detach() }
    #expect(check.relativeError > 0.1)
  }

  /// A rule dx = 2x that uses a detached x.
  @Test func aRuleThatCannotBeDifferentiatedFailsInSecondOrder() {
    func square(_ x: Variable) -> Variable { disguised(x * x, derivative: x * x.detach() * 2) }
    #expect(checkGradients(at: [spread([3])]) { square($0[0]) }.relativeError < 1e-9)
    #expect(checkSecondOrder(at: [spread([3])]) { square($0[0]) }.relativeError > 0.1)
  }

  @Test func numericalGradientOfTheNotebooks() {
    let x = spread([2, 3])
    let upstream = spread([2, 3], place: 1)
    let found = numericalGradient({ $0.exp() }, at: x, upstream: upstream)
    #expect(relativeError(found, x.exp() * upstream) < 1e-9)
    #expect(relativeError(numericalGradient({ $0 * $0 }, at: x), x * 2) < 1e-9)
  }

  @Test func relativeErrorIsThatOfTheNotebooks() {
    #expect(relativeError(Tensor([1.0, 2.0]), Tensor([1.0, 2.0])) == 0)
    #expect(abs(relativeError(Tensor([1.0, 3.0]), Tensor([1.0, 1.0])) - 0.5) < 1e-15)
    #expect(relativeError(Tensor([Double.nan]), Tensor([1.0])).isNaN)
    #expect(relativeError(Tensor.zeros([0]), Tensor.zeros([0])) == 0)
  }
}
