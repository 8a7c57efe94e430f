import Autograd
import Testing

/// The guarantees of a backward pass.
@Suite struct TapeTests {
  // MARK: Which ops are walked

  @Test func onlyWhatTheLossReachesIsWalked() {
    let x = leaf(2, 3)
    let shared = x * x
    let (loss, other) = (shared.sum(), (x * 10).sum())
    loss.backward()
    #expect(x.grad!.value == numbers(4.0, 6.0))
    other.backward()
    #expect(x.grad!.value == numbers(14.0, 16.0))
  }

  /// Visiting every path would take 2⁶⁰ steps.
  @Test func eachOpIsWalkedOnce() {
    let x = leaf(1)
    var y = x
    for _ in 0..<60 { y = y + y }
    y.backward()
    #expect(x.grad!.item() == 0x1p60)
  }

  /// An op is visited after all ops that use its value, however long the chain between them.
  @Test func newestOpsAreWalkedFirst() {
    let x = leaf(3)
    let y = x * x
    let z = (y * 2).exp().log() + y * y + x  // 2y + y² + x
    z.backward()
    #expect(abs(x.grad!.item() - (4 * 3 + 4 * 27 + 1)) < 1e-9)
  }

  @Test func aDiamondSumsBothWays() {
    let x = leaf(0.5, -1)
    let y = x.tanh()
    (y.sin() * y.cos()).sum().backward()
    let expected = x.value.scalars(as: Double.self).map { x in
      let y = single(x).tanh().item()
      return (1 - y * y) * single(2 * y).cos().item()
    }
    #expect(relativeError(x.grad!.value, Tensor(expected)) < 1e-14)
  }

  @Test func aValueUsedManyTimesCollectsAll() {
    let x = leaf(1, 2)
    (0..<1_000).map { x * Double($0) }.reduce(leaf(0, 0), +).sum().backward()
    #expect(x.grad!.value == numbers(499_500, 499_500))
  }

  @Test func anOldValueCanBeUsedMuchLater() {
    let x = leaf(2)
    let old = x * x
    var y = leaf(1)
    for _ in 0..<500 { y = y * 1 }
    (y * old).backward()
    #expect(x.grad!.item() == 4)
  }

  // MARK: Once, or again

  @Test func gradientsAddUpOnLeaves() {
    let x = leaf(3)
    for _ in 0..<3 { (x * x).backward() }
    #expect(x.grad!.item() == 18)
    x.grad = nil
    (x * x).backward()
    #expect(x.grad!.item() == 6)
  }

  @Test func aRetainedGraphCanBeWalkedAgain() {
    let x = leaf(3)
    let y = x.tanh().exp() * x
    y.backward(retainGraph: true)
    let once = x.grad!.value
    y.backward(retainGraph: true)
    y.backward()
    #expect(relativeError(x.grad!.value, once * 3) < 1e-15)
  }

  /// Two losses on a shared trunk work if the first backward pass retains the graph.
  @Test func twoLossesOnOneTrunkNeedItRetained() {
    let x = leaf(2)
    let trunk = x * x
    let (first, second) = (trunk * 3, trunk.exp())
    first.backward(retainGraph: true)
    second.backward()
    #expect(abs(x.grad!.item() - (12 + 4 * single(4).exp().item())) < 1e-9)
  }

  @Test func anUpstreamGradientWeighsTheValue() {
    let x = leaf(1, 2, 3)
    (x * x).backward(gradient: numbers(1.0, 0.0, -1.0))
    #expect(x.grad!.value == numbers(2.0, 0.0, -6.0))
  }

  @Test func backwardOnALeafIsItsOwnGradient() {
    let x = leaf(5)
    x.backward()
    x.backward()
    #expect(x.grad!.item() == 2)
  }

  // MARK: Values at the time of recording

  /// After the op ran, every operand that it saved is changed; the gradient is still that of the old values.
  @Test(arguments: opTable) func changedLeavesDoNotChangeGradients(_ row: OpRow) {
    let values = row.operands(row.samples[0])
    func gradients(changing: Bool) -> [Tensor?] {
      let leaves = values.map { Variable($0, requiresGrad: true) }
      let y = row.function(leaves)
      if changing {
        for leaf in leaves {
          leaf.value = leaf.value * -3 + 7
          leaf.value += Tensor.ones(leaf.shape, dtype: leaf.dtype)
        }
      }
      y.backward(gradient: spread(y.shape, place: 5))
      return leaves.map { $0.grad?.value }
    }
    #expect(gradients(changing: true) == gradients(changing: false))
  }

  @Test func valuesChangedInPlaceAreCopiedFirst() {
    let (x, w) = (leaf(1, 2), leaf(3, 4))
    let y = (x * w).sum()
    w.value[0] = single(100).value
    y.backward()
    #expect(x.grad!.value == numbers(3.0, 4.0))
    #expect(w.value == numbers(100.0, 4.0))
  }

  // MARK: Derivatives of any order

  @Test func everyDerivativeOfAPower() {
    let x = leaf(2)
    #expect(derivatives(of: x.pow(5), at: x, upTo: 6) == [80, 160, 240, 240, 120, 0])
  }

  @Test func fourDerivativesOfTanh() {
    let x = leaf(0.5)
    let y = single(0.5).tanh().item()
    let first = 1 - y * y
    let expected = [
      first, -2 * y * first, first * (6 * y * y - 2), first * (16 * y - 24 * y * y * y),
    ]
    for (found, expected) in zip(derivatives(of: x.tanh(), at: x, upTo: 4), expected) {
      #expect(abs(found - expected) < 1e-13)
    }
  }

  @Test func derivativesOfProductsMix() {
    let (x, y) = (leaf(2), leaf(3))
    (x * x * y * y * y).backward(createGraph: true)
    let dx = x.grad!
    (x.grad, y.grad) = (nil, nil)
    dx.backward()  // 2xy³
    #expect(x.grad!.item() == 54)
    #expect(y.grad!.item() == 108)
  }

  @Test func gradientsHaveNoGraphUnlessAsked() {
    let x = leaf(2)
    (x * x * x).backward()
    #expect(!x.grad!.requiresGrad)
    x.grad = nil
    (x * x * x).backward(createGraph: true)
    #expect(x.grad!.requiresGrad)
  }

  /// The first, second, … derivative of a single value, up to the given order.
  private func derivatives(of y: Variable, at x: Variable, upTo order: Int) -> [Double] {
    var (function, found) = (y, [Double]())
    for _ in 0..<order {
      x.grad = nil
      guard function.requiresGrad else { return found + [0] }
      function.backward(createGraph: true)
      function = x.grad ?? Variable(Tensor.zeros(x.shape, dtype: x.dtype))
      found.append(function.item())
    }
    return found
  }
}
