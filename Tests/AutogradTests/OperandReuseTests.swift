import Autograd
import Testing

/// Ops may write their result into an operand's memory when nobody else holds it, and derivative rules into their
/// upstream gradient's. Nobody who still holds either may see a change.
@Suite struct OperandReuseTests {
  @Test func theCallersGradientStays() {
    let x = leaf(1, 2)
    let upstream = Variable(numbers(3, 4))
    (x * 2).backward(gradient: upstream)
    #expect(upstream.value == numbers(3, 4))
    #expect(x.grad?.value == numbers(6, 8))
  }

  @Test func theCallersTensorStays() {
    let x = leaf(1, 2)
    let upstream = numbers(3, 4)
    (x * 2 / 4).backward(gradient: upstream)
    #expect(upstream == numbers(3, 4))
    #expect(x.grad?.value == numbers(1.5, 2))
  }

  @Test func aRetainedGradientStays() {
    let x = leaf(1, 2)
    let middle = x * 2
    middle.retainGrad()
    (middle * 3).sum().backward()
    #expect(middle.grad?.value == numbers(3, 3))
    #expect(x.grad?.value == numbers(6, 6))
  }

  /// Both operands of a sum receive the same upstream gradient object.
  @Test func aGradientOnItsWayToTwoStays() {
    let (a, b) = (leaf(1, 2), leaf(3, 4))
    ((a * 2) + (b * 5)).backward(gradient: numbers(1, 10))
    #expect(a.grad?.value == numbers(2, 20))
    #expect(b.grad?.value == numbers(5, 50))
  }

  @Test func aLeafsGradientThatSomebodyHoldsStays() {
    let x = leaf(2)
    let y = x * 3
    (y * 1).backward()
    let first = x.grad
    (x * 7).backward()
    #expect(first?.item() == 3)
    #expect(x.grad?.item() == 10)
  }

  @Test func theOtherFactorStays() {
    let (a, b) = (leaf(1, 2), leaf(3, 4))
    (a * b).backward(gradient: numbers(10, 100))
    #expect(a.grad?.value == numbers(30, 400))
    #expect(b.grad?.value == numbers(10, 200))
    #expect(a.value == numbers(1, 2))
    #expect(b.value == numbers(3, 4))
  }

  @Test func aRetainedGraphGivesTheSameTwice() {
    let x = leaf(1, 2)
    let loss = (x * 2 * x / 8).sum()
    loss.backward(retainGraph: true)
    let once = x.grad?.value
    x.grad = nil
    loss.backward()
    #expect(x.grad?.value == once)
  }

  @Test func derivativesOfDerivativesAreUntouched() {
    let x = leaf(2)
    (x * x * x).backward(createGraph: true)
    let first = x.grad
    x.grad = nil
    first?.backward()
    #expect(first?.item() == 12)
    #expect(x.grad?.item() == 12)
  }

  // MARK: Operands

  @Test func aNamedOperandStays() {
    let x = leaf(1, 2)
    let y = x * 2
    let z = (y + 1, y - x, y * 3, y / 4, -y, y * x.detach(), 5 - y)
    #expect(y.value == numbers(2, 4))
    #expect(z.0.value == numbers(3, 5) && z.1.value == numbers(1, 2) && z.2.value == numbers(6, 12))
    #expect(z.3.value == numbers(0.5, 1) && z.4.value == numbers(-2, -4) && z.5.value == numbers(2, 8))
    #expect(z.6.value == numbers(3, 1))
  }

  @Test func aTensorThatSomebodyHoldsStays() {
    var product = leaf(1, 2) * 2
    let held = product.value
    product = consume product + 1
    #expect(held == numbers(2, 4))
    #expect(product.value == numbers(3, 5))
  }

  /// exp saves its output, and the product saves its left operand.
  @Test func whatADerivativeKeepsStays() {
    let (x, w) = (leaf(0.5, 1), leaf(3, 4))
    ((x.exp() * 2 + 1) * w + 5).backward(gradient: numbers(1, 10))
    let e = [0.5, 1].map { Tensor([$0], dtype: .float64).exp().item() }
    #expect(isClose(x.grad, [e[0] * 2 * 3, e[1] * 2 * 4 * 10]))
    #expect(isClose(w.grad, [e[0] * 2 + 1, (e[1] * 2 + 1) * 10]))
  }

  @Test func aResultWhoseGradientIsAskedForStays() {
    let x = leaf(1, 2)
    func marked() -> Variable {
      let y = x * 2
      y.retainGrad()
      return y
    }
    let loss = marked() * 3 + 1
    loss.backward(gradient: numbers(1, 1))
    #expect(loss.value == numbers(7, 13))
    #expect(x.grad?.value == numbers(6, 6))
  }

  @Test func compoundAssignmentLeavesOtherNamesAlone() {
    var x = leaf(1, 2) * 1
    let before = x
    x += before
    x *= 2
    x -= 1
    #expect(before.value == numbers(1, 2))
    #expect(x.value == numbers(3, 7))
  }

  @Test func resultsWithoutRecordingRequireNoGradient() {
    let x = leaf(1, 2)
    let y = withoutGradient { (x * 2 + x) * x }
    #expect(!y.requiresGrad && y.isLeaf)
    #expect(y.value == numbers(3, 12))
    func product() -> Variable { x * 2 }
    let z = withoutGradient { product() + 1 }
    #expect(!z.requiresGrad)
  }

  /// A sum accumulated over a thousand products reuses its memory, yet has the full gradient.
  @Test func anAccumulatedSumHasItsWholeGradient() {
    let x = leaf(3, 4)
    var sum = x * 0
    for number in 1...1000 { sum += x * Double(number) }
    sum.backward(gradient: numbers(1, 2))
    #expect(x.grad?.value == numbers(500_500, 1_001_000))
  }
}

private func isClose(_ x: Variable?, _ expected: [Double]) -> Bool {
  guard let x else { return false }
  return zip(x.value.scalars(as: Double.self), expected).allSatisfy { abs($0 - $1) <= 1e-12 * abs($1) }
}
