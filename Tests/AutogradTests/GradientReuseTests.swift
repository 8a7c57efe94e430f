import Autograd
import Testing

/// Rules may compute in the memory of the gradient they are handed: nobody who can still see it may notice.
@Suite struct GradientReuseTests {
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

  /// Both sides of a sum get the very same gradient.
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
}
