import Autograd
import Testing

@Suite struct JacobianTests {
  private let x = Variable(spread([2, 3]))

  /// The Jacobian column by column, by finite differences.
  private func differences(of f: (Variable) -> Variable, at x: Tensor) -> Tensor {
    let m = f(Variable(x)).elementCount
    let rows = (0..<m).map { row in
      numericalGradient({ f(Variable($0)).value.reshape([m])[row] }, at: x)
    }
    return Tensor.stack(rows).reshape(Shape(Array(f(Variable(x)).shape) + Array(x.shape)))
  }

  @Test func shapesAreOutputThenInput() {
    let found = jacobian(at: x) { x in x.matmul(Variable(spread([3, 4], place: 1))) }
    #expect(found.shape == [2, 4, 2, 3])
    let single = jacobian(at: x) { $0.sum() }
    #expect(single.value == Tensor.ones([2, 3], dtype: .float64))
    #expect(jacobian(at: single) { $0 * $0[0, 0] }.shape == [2, 3, 2, 3])
  }

  @Test func matchesDifferences() {
    let functions: [(Variable) -> Variable] = [
      { $0.tanh() }, { $0.softmax() * $0.sum() }, { $0.exp().sum(axes: [0]) }, { $0.transpose().matmul($0) },
      { $0[1] * $0[0, 2] },
    ]
    for f in functions {
      #expect(relativeError(jacobian(at: x, of: f).value, differences(of: f, at: x.value)) < 1e-6)
    }
  }

  /// With few inputs and many outputs the Jacobian is computed column by column; the numbers are the same.
  @Test func rowsAndColumnsAgree() {
    let (a, b) = (Variable(spread([2])), Variable(spread([], place: 1)))
    let w = Variable(spread([3, 4, 2], place: 2))
    func f(_ a: Variable, _ b: Variable) -> Variable { ((w * a).sum(axes: [-1]) * b).sin() }
    let (byA, byB) = jacobian(at: a, b, of: f)  // 12 outputs, 3 inputs
    #expect(byA.shape == [3, 4, 2] && byB.shape == [3, 4])
    #expect(relativeError(byA.value, differences(of: { f($0, b) }, at: a.value)) < 1e-7)
    #expect(relativeError(byB.value, differences(of: { f(a, $0) }, at: b.value)) < 1e-7)
    for row in 0..<3 {  // 4 outputs
      #expect(relativeError(jacobian(at: a, b) { f($0, $1)[row] }.0.value, byA.value[row]) < 1e-13)
    }
  }

  @Test func partsThatDoNotDependAreZero() {
    let (a, b) = (Variable(spread([2])), Variable(spread([3], place: 1)))
    let (byA, byB) = jacobian(at: a, b) { a, _ in a * 2 }
    #expect(
      byA.value == Tensor([[2.0, 0], [0, 2]], dtype: .float64) && byB.value == Tensor.zeros([2, 3], dtype: .float64))
    let many = jacobian(at: a, b) { a, _ in Variable.concatenate([a, a, a, a, a, a]) }.1  // by columns
    #expect(many.value == Tensor.zeros([12, 3], dtype: .float64))
    #expect(jacobian(at: a) { _ in b }.value == Tensor.zeros([3, 2], dtype: .float64))
  }

  @Test func emptyInputsAndOutputs() {
    let zeros = Variable(Tensor.zeros([0, 2]))
    #expect(jacobian(at: zeros) { $0.sum(axes: [0]) }.shape == [2, 0, 2] as Shape)
    #expect(jacobian(at: x) { $0[0..<0] }.shape == [0, 3, 2, 3] as Shape)
    #expect(perSampleJacobian(at: zeros) { $0 * 2 }.shape == [0, 2, 2] as Shape)
  }

  @Test func canBeDifferentiated() {
    let found = gradient(at: x) { x in jacobian(at: x) { $0 * $0 * $0 }.square().sum() }  // Σ 9x⁴
    #expect(relativeError(found.value, (x * x * x * 36).value) < 1e-14)
    let few = Variable(numbers(2))
    let byColumns = gradient(at: few) { x in jacobian(at: x) { $0.expand([5]).pow(3) }.sum() }  // 5 · 3x²
    #expect(byColumns.value == numbers(60))
  }

  @Test func ofRecordedValues() {
    let (w, b) = (Variable(spread([3, 2]), requiresGrad: true), leaf(1, 2, 3))
    let y = Variable(spread([4, 2], place: 1)).linear(weight: w, bias: b)
    let found = jacobian(of: y, withRespectTo: [w, b])
    #expect(found.map(\.shape) == [[4, 3, 3, 2], [4, 3, 3]])
    #expect(found[1].value[0] == Tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]], dtype: .float64))
    #expect(w.grad == nil && Tape.listing(of: y) == "1  linear  [4, 3]")  // the graph was let go
  }

  // MARK: Per-sample Jacobians

  @Test func eachSampleHasItsJacobian() {
    let (x, w) = (Variable(spread([4, 3])), Variable(spread([2, 3], place: 1)))
    func layer(_ x: Variable) -> Variable { x.linear(weight: w).tanh() }
    let found = perSampleJacobian(at: x, of: layer)
    #expect(found.shape == [4, 2, 3])
    for sample in 0..<4 {
      let alone = jacobian(at: x[sample...sample], of: layer).reshape([2, 3])
      #expect(relativeError(found.value[sample], alone.value) < 1e-14)
    }
    let whole = jacobian(at: x, of: layer)
    for sample in 0..<4 { #expect(relativeError(whole[sample, .all, sample].value, found.value[sample]) < 1e-14) }
  }

  @Test func eachSampleOfAnImage() {
    let (x, w) = (Variable(spread([2, 1, 3, 3])), Variable(spread([2, 1, 2, 2], place: 1)))
    let found = perSampleJacobian(at: x) { $0.conv2d(w).relu() }
    #expect(found.shape == [2, 2, 2, 2, 1, 3, 3])
    let numeric = differences(of: { $0.conv2d(w).relu() }, at: x.value[1...1])
    #expect(relativeError(found.value[1], numeric.reshape([2, 2, 2, 1, 3, 3])) < 1e-6)
  }

  // MARK: Hessians

  @Test func hessianInBlocks() {
    let (a, b) = (Variable(numbers(1, 2)), Variable(numbers(3)))
    let blocks = hessian(at: [a, b]) { ($0[0] * $0[0] * $0[1]).sum() }  // (a₀² + a₁²) b
    #expect(blocks[0][0].value == Tensor([[6.0, 0], [0, 6]], dtype: .float64))
    #expect(
      blocks[0][1].value == Tensor([[2.0], [4]], dtype: .float64)
        && blocks[1][0].value == Tensor([[2.0, 4]], dtype: .float64))
    #expect(blocks[1][1].value == Tensor([[0.0]], dtype: .float64))
  }

  @Test func hessianMatchesDifferences() {
    func f(_ x: Variable) -> Variable { x.softmax().log().square().sum() * x.norm() }
    let found = hessian(at: x, of: f)
    #expect(found.shape == [2, 3, 2, 3])
    #expect(relativeError(found.value, differences(of: { gradient(at: $0, of: f) }, at: x.value)) < 1e-6)
  }
}
