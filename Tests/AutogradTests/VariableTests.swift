import Autograd
import Testing

/// The properties of variables.
@Suite struct VariableTests {
  @Test func aLeafOfALiteral() {
    let x = Variable([[1, 2], [3, 4]], requiresGrad: true)
    #expect(x.shape == [2, 2] && x.rank == 2 && x.elementCount == 4 && x.dtype == .float32)
    #expect(x.isLeaf && x.requiresGrad && x.grad == nil)
    #expect(Variable([1, 2], dtype: .float64).dtype == .float64)
    #expect(Variable(Tensor([1.5] as [Double])).dtype == .float64)
  }

  @Test func resultsRequireAGradientIfAnOperandDoes() {
    let (x, y) = (Variable([1], requiresGrad: true), Variable([2]))
    #expect((x * y).requiresGrad && !(x * y).isLeaf)
    #expect(!(y * y).requiresGrad && (y * y).isLeaf)
  }

  @Test func requiresGradCanBeSetAndClearedOnLeaves() {
    let x = Variable([2])
    let before = x * x
    x.requiresGrad = true
    (x * x).backward()
    #expect(x.grad!.item() == 4)
    #expect(!before.requiresGrad)
    x.requiresGrad = false
    #expect(!(x * x).requiresGrad)
    #expect(x.grad!.item() == 4)
    x.requiresGrad = true
    (x * x).backward()
    #expect(x.grad!.item() == 8)
  }

  @Test func valueCanBeSetOnLeaves() {
    let x = Variable([1, 2], requiresGrad: true)
    x.value = Tensor([3, 4])
    x.value *= 2
    x.value[1] = Tensor(5.0).cast(to: .float32)
    #expect(x.value == Tensor([6, 5]))
    (x * x).sum().backward()
    #expect(x.grad!.value == Tensor([12, 10]))
  }

  @Test func aLeafWithoutGradientMayChangeItsShape() {
    let x = Variable([1, 2])
    x.value = Tensor([[1, 2, 3]])
    #expect(x.shape == [1, 3])
  }

  @Test func gradCanBeSetAndIsAddedTo() {
    let x = Variable([1, 2], requiresGrad: true)
    x.grad = Variable([10, 20])
    (x * 3).sum().backward()
    #expect(x.grad!.value == Tensor([13, 23]))
  }

  /// A gradient that was read keeps its numbers when later ones are added.
  @Test func aGradientTakenOutDoesNotChange() {
    let x = Variable([1, 2], requiresGrad: true)
    (x * 3).sum().backward()
    let (taken, tensor) = (x.grad!, x.grad!.value)
    (x * 3).sum().backward()
    #expect(taken.value == Tensor([3, 3]) && tensor == Tensor([3, 3]))
    #expect(x.grad!.value == Tensor([6, 6]))
  }

  /// Nor does the gradient that the caller passed in.
  @Test func theUpstreamGradientDoesNotChange() {
    let (x, upstream) = (Variable([1, 2], requiresGrad: true), Variable([5, 5]))
    for _ in 0..<2 { x.backward(gradient: upstream) }
    #expect(upstream.value == Tensor([5, 5]))
    #expect(x.grad!.value == Tensor([10, 10]))
  }

  /// Two leaves that receive the same gradient do not share its memory.
  @Test func leavesDoNotShareAGradient() {
    let (x, y) = (Variable([1, 2], requiresGrad: true), Variable([3, 4], requiresGrad: true))
    (x + y).backward(gradient: Tensor([1, 1]))
    (x * 2).sum().backward()
    #expect(x.grad!.value == Tensor([3, 3]))
    #expect(y.grad!.value == Tensor([1, 1]))
    y.grad!.value[0] = Tensor(9.0).cast(to: .float32)
    #expect(x.grad!.value == Tensor([3, 3]))
  }

  @Test func aGradientChangedByHandIsThatLeafsAlone() {
    let (x, y) = (Variable([1, 2], requiresGrad: true), Variable([3, 4], requiresGrad: true))
    (x + y).sum().backward()
    x.grad!.value *= 10
    #expect(x.grad!.value == Tensor([10, 10]))
    #expect(y.grad!.value == Tensor([1, 1]))
  }

  @Test func detachedValuesStopTheWalk() {
    let x = Variable([3], requiresGrad: true)
    (x * x.detach()).backward()
    #expect(x.grad!.item() == 3)
  }

  @Test func aDetachedLeafKeepsItsNumbers() {
    let x = Variable([3], requiresGrad: true)
    let copy = x.detach()
    x.value *= 2
    #expect(copy.item() == 3 && x.item() == 6)
  }

  @Test func retainGradKeepsTheGradientOfAResult() {
    let x = Variable([1, 2], requiresGrad: true)
    let (y, z) = (x * x, x * 2)
    y.retainGrad()
    (y * 3 + z).sum().backward()
    #expect(y.grad!.value == Tensor([3, 3]))
    #expect(x.grad!.value == Tensor([8, 14]))
  }

  @Test func retainGradOnTheLossAndOnALeaf() {
    let x = Variable([2], requiresGrad: true)
    let y = x * x
    x.retainGrad()
    y.retainGrad()
    y.backward()
    #expect(y.grad!.item() == 1 && x.grad!.item() == 4)
  }

  @Test func retainGradWithCreateGraph() {
    let x = Variable([2], requiresGrad: true)
    let y = x * x
    y.retainGrad()
    (y * y).backward(createGraph: true)
    y.grad!.backward()  // dy = 2y = 2x²
    #expect(x.grad!.item() == 32 + 8)
  }

  @Test func assignmentOperatorsLeaveOldNamesAlone() {
    let x = Variable([1, 2], requiresGrad: true)
    var y = x
    y += 1
    y *= y
    #expect(x.value == Tensor([1, 2]) && y.value == Tensor([4, 9]))
    y.sum().backward()
    #expect(x.grad!.value == Tensor([4, 6]))
  }

  @Test func descriptionSaysWhatMadeIt() {
    let x = Variable([1, 2], requiresGrad: true)
    #expect("\(x)" == "\(x.value), requires grad")
    #expect("\(x.relu())" == "\(x.value), by relu")
    #expect("\(x.detach())" == "\(x.value)")
  }
}
