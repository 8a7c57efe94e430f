import Autograd
import Testing

/// Transforms: functions to their derivatives.
@Suite struct TransformTests {
  private let x = Variable(numbers(0.5, -1, 2))

  // MARK: Forms of inputs

  @Test func oneInput() {
    #expect(gradient(at: x) { x in (x * x).sum() }.value == numbers(1, -2, 4))
    let (value, found) = valueAndGradient(at: x) { x in (x * x).sum() }
    #expect(value.item() == 5.25 && found.value == numbers(1, -2, 4))
  }

  @Test func severalInputs() {
    let (dx, dy) = gradient(at: x, Variable(numbers(1, 2, 3))) { x, y in (x * y * y).sum() }
    #expect(dx.value == numbers(1, 4, 9))
    #expect(dy.value == numbers(1, -4, 12))
  }

  @Test func arraysDictionariesAndOptionals() {
    let list = gradient(at: [x, x]) { ($0[0] * $0[1] * 2).sum() }
    #expect(list.map(\.value) == [x.value * 2, x.value * 2])
    let named = gradient(at: ["b": x, "a": Variable(numbers(3))]) { ($0["a"]! * $0["b"]!).sum() }
    #expect(named["a"]?.value == numbers(1.5) && named["b"]?.value == numbers(3, 3, 3))
    let bias: Variable? = nil
    let (dx, none) = gradient(at: x, bias) { x, bias in bias.map { (x + $0).sum() } ?? (x * 3).sum() }
    #expect(dx.value == numbers(3, 3, 3) && none == nil)
  }

  private struct Line: VariableTree {
    var slope, offset: Variable
    func mapVariables(_ transform: (Variable) -> Variable) -> Line {
      Line(slope: transform(slope), offset: transform(offset))
    }
  }

  @Test func aTypeOfOnesOwn() {
    let line = Line(slope: single(2), offset: single(1))
    let found = gradient(at: line) { line in (line.slope * x + line.offset).square().sum() }
    // Σ 2 (2x + 1) x and Σ 2 (2x + 1) for x = ½, −1, 2
    #expect(found.slope.item() == 24 && found.offset.item() == 12)
  }

  @Test func anInputWithoutPartGetsZeros() {
    let (dx, dy) = gradient(at: x, Variable(Tensor.ones([2, 2]))) { x, _ in x.sum() }
    #expect(dx.value == numbers(1, 1, 1) && dy.value == Tensor.zeros([2, 2]))
    #expect(gradient(at: x) { _ in single(3) }.value == numbers(0, 0, 0))
    #expect(gradient(at: x) { $0.detach().sum() }.value == numbers(0, 0, 0))
    #expect(gradient(at: x) { $0.stopGradient().sum() + $0.sum() * 2 }.value == numbers(2, 2, 2))
  }

  @Test func asFunctions() {
    let slope = gradient(of: { (x: Variable) in x.sin() })
    let curvature = gradient(of: slope)
    #expect(slope(single(0.3)).item() == single(0.3).cos().item())
    #expect(curvature(single(0.3)).item() == -single(0.3).sin().item())
    let product = gradient(of: { (x: Variable, y: Variable) in x * y })
    #expect(product(single(2), single(5)).0.item() == 5)
    let squares = jacobian(of: { (x: Variable) in x * x })
    let found = squares(Variable(numbers(3, 4)))
    #expect(found.value == Tensor([[6.0, 0], [0, 8]], dtype: .float64))
    let cubes = hessian(of: { ($0 * $0 * $0).sum() })
    #expect(cubes(Variable(numbers(1, 2))).value == Tensor([[6.0, 0], [0, 12]], dtype: .float64))
  }

  @Test func errorsPass() {
    struct Failure: Error {}
    #expect(throws: Failure.self) { try gradient(at: x) { _ in throw Failure() } }
    #expect(!gradient(at: x) { $0.sum() }.requiresGrad)  // the depth of transforms is what it was
  }

  // MARK: Side effects

  @Test func gradientsOfLeavesStay() {
    let (w, v) = (leaf(1, 2, 3), leaf(4, 5, 6))
    v.grad = Variable(numbers(7, 8, 9))
    #expect(gradient(at: w) { w in (w * v * x).sum() }.value == v.value * x.value)
    #expect(w.grad == nil && v.grad?.value == numbers(7, 8, 9))
    _ = jacobian(at: w) { $0 * v }
    _ = hessian(at: w) { ($0 * v * $0).sum() }
    _ = jvp(at: w, along: x) { $0 * v }
    #expect(w.grad == nil && v.grad?.value == numbers(7, 8, 9))
  }

  /// The function's argument is a new variable: the captured original is a constant.
  @Test func capturedVariablesAreConstants() {
    let w = leaf(2)
    #expect(gradient(at: w) { $0 * w }.item() == 2)
    #expect(gradient(at: w) { $0 * $0 }.item() == 4)
  }

  @Test func insideWithoutGradient() {
    let w = leaf(3)
    let found = withoutGradient { gradient(at: w) { $0 * $0 * w } }
    #expect(found.item() == 18 && !found.requiresGrad)
    #expect(withoutGradient { gradient(at: w, createGraph: true) { $0 * $0 } }.requiresGrad)
  }

  @Test func insideAsynchronousWithoutGradient() async {
    let w = leaf(3)
    let found = await withoutGradient { () async in gradient(at: w) { $0 * $0 } }
    #expect(found.item() == 6 && !found.requiresGrad)
  }

  @Test func graphsAreMadeWhenAskedOrNeeded() {
    let w = leaf(3)
    #expect(!gradient(at: x) { ($0 * w).sum() }.requiresGrad)
    #expect(gradient(at: w) { $0 * $0 }.requiresGrad)  // w requires a gradient, so does what depends on it
    let penalty = gradient(at: x, createGraph: true) { ($0 * $0 * w).sum() }.square().sum()
    penalty.backward()  // Σ (2xw)², by w: Σ 8x²w
    #expect(w.grad?.item() == 8 * 5.25 * 3)
  }

  @Test func aValueKeepsItsGraphWithTheGradient() {
    let w = leaf(3)
    let (value, found) = valueAndGradient(at: w) { $0 * $0 * $0 }
    (value + found).backward()  // w³ + 3w²
    #expect(w.grad?.item() == 27.0 + 18)
  }

  // MARK: Nesting

  @Test func derivativesOfDerivatives() {
    func derivative(_ order: Int, _ f: @escaping (Variable) -> Variable) -> (Variable) -> Variable {
      order == 0 ? f : derivative(order - 1, gradient(of: f))
    }
    let found = (0...6).map { derivative($0) { $0.pow(5) }(single(2)).item() }
    #expect(found == [32, 80, 160, 240, 240, 120, 0])
  }

  @Test func aFunctionThatDifferentiatesItself() {
    // f(x) = x · d/dy (y³ x) at y = x is 3x⁴; f' = 12x³
    let found = gradient(at: single(2)) { x in x * gradient(at: x) { y in y.pow(3) * x } }
    #expect(found.item() == 12 * 8)
  }

  /// The inner point does not depend on the outer one, but the inner function does.
  @Test func anInnerFunctionThatCapturesTheOuterInput() {
    let found = gradient(at: single(3)) { a in gradient(at: single(5)) { x in a * a * x * x } }
    #expect(found.item() == 2 * 3 * 2 * 5)  // d/da 2a²x
  }

  /// The standard example of perturbation confusion: d/dx (x · d/dy (x + y)) = 1.
  @Test func derivativesAreNotConfused() {
    #expect(gradient(at: single(1)) { x in x * gradient(at: single(1)) { y in x + y } }.item() == 1)
  }

  @Test func aHessianIsTheJacobianOfTheGradient() {
    func f(_ x: Variable) -> Variable { (x.exp() * x[0]).sum() + x.prod() }
    let nested = jacobian(at: x) { x in gradient(at: x, of: f) }
    #expect(relativeError(nested.value, hessian(at: x, of: f).value) < 1e-15)
    let other = gradient(at: x) { x in hessian(at: x, of: f).sum() }
    let difference = numericalGradient({ hessian(at: Variable($0), of: f).value }, at: x.value)
    #expect(relativeError(other.value, difference) < 1e-8)
  }

  @Test func jvpOfJvp() {
    let one = single(1)
    let found = jvp(at: single(2), along: one) { x in jvp(at: x, along: one) { $0.pow(4) }.derivative }
    #expect(found.value.item() == 32 && found.derivative.item() == 48)
  }

  @Test func jvpOfGradientIsAHessianVectorProduct() {
    func f(_ x: Variable) -> Variable { (x.sin() * x.flip(axes: [0])).sum() }
    let v = Variable(numbers(1, -2, 0.5))
    let product = hessianVectorProduct(at: x, along: v, of: f)
    #expect(relativeError(product.value, jvp(at: x, along: v) { gradient(at: $0, of: f) }.derivative.value) < 1e-14)
    #expect(relativeError(product.value, hessian(at: x, of: f).matmul(v).value) < 1e-14)
  }

  // MARK: vjp and jvp

  @Test func aPullbackCanBeUsedAgain() {
    let (y, pullback) = vjp(at: x) { $0 * $0 }
    #expect(y.value == numbers(0.25, 1, 4) && !y.requiresGrad)
    #expect(pullback(Variable(numbers(1, 1, 1))).value == numbers(1, -2, 4))
    #expect(pullback(Variable(numbers(1, 0, 10))).value == numbers(1, 0, 40))
  }

  @Test func aPullbackCanBeDifferentiated() {
    let (_, pullback) = vjp(at: x) { $0 * $0 }
    let found = gradient(at: Variable(numbers(1, 1, 1))) { u in pullback(u).sum() }
    #expect(found.value == numbers(1, -2, 4))
  }

  @Test func severalOutputs() {
    let (y, pullback) = vjp(at: x) { x in [x * 2, x.sum()] }
    #expect(y[1].item() == 1.5)
    #expect(pullback([Variable(numbers(1, 0, 0)), single(10)]).value == numbers(12, 10, 10))
    let (_, derivative) = jvp(at: x, along: Variable(numbers(1, 2, 3))) { x in [x * 2, x.sum(), x.detach()] }
    #expect(derivative.map(\.value) == [numbers(2, 4, 6), single(6).value, numbers(0, 0, 0)])
  }

  @Test func jvpOfSeveralInputs() {
    let (value, derivative) = jvp(at: x, single(3), along: Variable(numbers(1, 0, 1)), single(2)) { x, a in x * a }
    #expect(value.value == numbers(1.5, -3, 6))
    #expect(derivative.value == numbers(3 + 1, -2, 3 + 4))
  }

  @Test func jvpByItsDirection() {
    let found = gradient(at: Variable(numbers(1, 1, 1))) { v in jvp(at: x, along: v) { $0 * $0 }.derivative.sum() }
    #expect(found.value == numbers(1, -2, 4))
  }

  /// J · v is computed from a gradient at u = 0, but special cases for zero gradients must not affect it.
  @Test func jvpAtPoles() {
    let found = jvp(at: Variable(numbers(4)), along: Variable(numbers(1))) { $0.sqrt() }
    #expect(found.derivative.value == numbers(0.25))
    #expect(
      jvp(at: Variable(numbers(0)), along: Variable(numbers(1))) { 1 / ($0 + 2) }.derivative.value == numbers(-0.25))
  }

  // MARK: With respect to recorded values

  @Test func gradientsOfChosenInputs() {
    let (a, b) = (leaf(2), leaf(3))
    let middle = a * b
    let y = middle * middle * a
    let found = gradients(of: [y], withRespectTo: [middle, a], retainGraph: true)
    #expect(found[0]?.item() == 2.0 * 6 * 2)
    #expect(found[1]?.item() == 36.0 + 24 * 3)  // what lies behind an input counts for another one
    #expect(gradients(of: [y], withRespectTo: [middle])[0]?.item() == 24)
    #expect(a.grad == nil && b.grad == nil)
  }

  @Test func gradientsOfSeveralOutputsAddUp() {
    let x = leaf(1, 2)
    let found = gradients(
      of: [x * 2, x.sum()], withRespectTo: [x], upstream: [Variable(numbers(1, 10)), single(100)])
    #expect(found[0]?.value == numbers(102, 120))
  }

  @Test func gradientsThatNoOutputReaches() {
    let (a, b) = (leaf(2), leaf(3))
    #expect(gradients(of: [a * a], withRespectTo: [b, a]).map { $0?.item() } == [nil, 4])
    #expect(gradient(of: a * a, withRespectTo: [b, a]).map { $0.item() } == [0, 4])
  }

  @Test func gradientsOfAnOutputByItself() {
    let (x, upstream) = (leaf(2), single(5))
    let y = x * x
    let found = gradients(of: [y, x], withRespectTo: [y, x, x], upstream: [upstream, single(1)])
    #expect(found.map { $0?.item() } == [5, 21, 21])
    #expect(upstream.item() == 5)
  }

  /// Only the graph between inputs and output is freed; the rest can still be differentiated.
  @Test func onlyTheWayIsLetGo() {
    let (a, b) = (leaf(2), leaf(3))
    let left = a.exp()
    let y = left * b.tanh()
    _ = gradients(of: [y], withRespectTo: [b])
    left.backward()
    #expect(a.grad?.item() == left.item())
  }

  @Test func aRetainedGraphServesAgain() {
    let x = leaf(2)
    let y = x.tanh() * x
    let first = gradients(of: [y], withRespectTo: [x], retainGraph: true)[0]?.item()
    #expect(first == gradients(of: [y], withRespectTo: [x])[0]?.item())
  }

  @Test func createdGraphsReachOtherLeaves() {
    let (x, w) = (leaf(2), leaf(3))
    let dx = gradients(of: [x * x * w], withRespectTo: [x], createGraph: true)[0]!
    dx.backward()
    #expect(w.grad?.item() == 4 && x.grad?.item() == 6)
  }

  @Test func hessianVectorProductsOfRecordedValues() {
    let (x, w) = (leaf(1, 2), leaf(3, 4))
    let loss = (x * x * w).sum()
    let found = hessianVectorProduct(
      of: loss, withRespectTo: [x, w], along: [Variable(numbers(1, 1)), Variable(numbers(1, 0))])
    #expect(found.map(\.value) == [numbers(6 + 2, 8), numbers(2, 4)])
    #expect(x.grad == nil && w.grad == nil)
  }

  /// A linear function's gradient is constant.
  @Test func hessianVectorProductsOfLinearFunctions() {
    #expect(hessianVectorProduct(at: x, along: x) { $0.sum() }.value == numbers(0, 0, 0))
    #expect(hessian(at: x) { $0.sum() }.value == Tensor.zeros([3, 3], dtype: .float64))
  }

  @Test func aDeepChain() async {
    let found = await onThread(stackSize: 512 << 10) {
      gradient(at: single(1)) { x in
        var y = x
        for _ in 0..<100_000 { y = y * 1.00001 }
        return y
      }.item()
    }
    #expect(abs(found - 2.718268) < 1e-4)  // (1 + 10⁻⁵)^100000
  }
}

/// Transforms over every op.
@Suite struct TransformTableTests {
  /// ⟨u, J v⟩ = ⟨Jᵀ u, v⟩
  @Test(arguments: opTable) func jvpAndVjpAgree(_ row: OpRow) {
    for shapes in row.samples {
      let operands = row.operands(shapes).map { Variable($0) }
      let directions = shapes.enumerated().map { Variable(spread($1, place: 7 + $0)) }
      let (y, dy) = jvp(at: operands, along: directions, of: row.function)
      let u = Variable(spread(y.shape, place: 4))
      let (sameY, pullback) = vjp(at: operands, of: row.function)
      #expect(y.value == sameY.value)
      let left = (u * dy).sum().item()
      let right = zip(pullback(u), directions).reduce(0) { $0 + ($1.0 * $1.1).sum().item() }
      #expect(abs(left - right) <= 1e-2 * row.tolerance * max(1, abs(left)), "\(shapes): \(left) and \(right)")
    }
  }

  /// H v against differences of the gradient along v.
  @Test(arguments: opTable) func hessianVectorProductMatchesDifferences(_ row: OpRow) {
    for shapes in row.samples {
      let points = row.operands(shapes)
      let directions = shapes.enumerated().map { spread($1, over: -1...1, place: 7 + $0) }
      func loss(_ operands: [Variable]) -> Variable { row.function(operands).square().sum() }
      let found = hessianVectorProduct(
        at: points.map { Variable($0) }, along: directions.map { Variable($0) }, of: loss)
      func gradients(_ step: Double) -> [Tensor] {
        gradient(at: zip(points, directions).map { Variable($0 + $1 * step) }, of: loss).map(\.value)
      }
      let (near, far) = ((gradients(1e-4), gradients(-1e-4)), (gradients(2e-4), gradients(-2e-4)))
      for number in found.indices where found[number].elementCount > 0 {
        let expected =
          ((near.0[number] - near.1[number]) * 8 - (far.0[number] - far.1[number])) / 12e-4
        let scale = max(1, expected.abs().max().item())
        let error = (found[number].value - expected).abs().max().item() / scale
        #expect(error <= 10 * row.secondOrderTolerance, "\(shapes): \(error)")
      }
    }
  }

  @Test(arguments: opTable) func gradientsOfChosenInputsAreThoseOfBackward(_ row: OpRow) {
    for shapes in row.samples {
      let leaves = row.operands(shapes).map { Variable($0, requiresGrad: true) }
      let y = row.function(leaves)
      let u = Variable(spread(y.shape, place: 5))
      for place in leaves.indices {
        let found = gradients(of: [y], withRespectTo: [leaves[place]], upstream: [u], retainGraph: true)
        let alone = row.function(leaves.enumerated().map { $0 == place ? $1 : $1.detach() })
        alone.backward(gradient: u)
        #expect(found[0]?.value == leaves[place].grad?.value, "\(shapes)")
      }
    }
  }
}
