import Autograd
import Testing

/// Numbers up to Int.max where they are valid: strides, offsets and steps that skip past the end.
@Suite struct LargeNumberTests {
  private let huge = [1 << 31, 1 << 62, Int.max]
  private let x = Variable(Tensor.arange(16).reshape([1, 1, 4, 4]), requiresGrad: true)

  @Test func aLongStrideIsOneWindow() {
    let w = Variable(Tensor([[[[1, 2], [3, 4]]]]), requiresGrad: true)
    for stride in huge {
      let y = x.conv2d(w, stride: Pair(stride, stride), exact: true)
      #expect(y.value == Tensor([[[[34]]]]))
      x.grad = nil
      w.grad = nil
      y.sum().backward()
      #expect(w.grad?.value == x.value[.ellipsis, 0..<2, 0..<2])
      #expect(x.grad?.value.sum().item() == 10)
      #expect(x.maxPool2d(2, stride: Pair(stride, stride)).value == Tensor([[[[5]]]]))
      #expect(x.avgPool2d(2, stride: Pair(stride, stride)).value == Tensor([[[[2.5]]]]))
    }
  }

  @Test func aDilationOfOneElementIsNone() {
    for dilation in huge {
      #expect(x.conv2d(Variable(.ones([1, 1, 1, 1])), dilation: Pair(dilation, dilation)).value == x.value)
    }
  }

  /// A window costs as much as the pixels that it covers; visiting all of its places would take hours.
  @Test func aHugeWindowCostsWhatTheImageDoes() {
    let image = Variable(-Tensor.arange(9).reshape([1, 1, 3, 3]) - 1, requiresGrad: true)
    let kernel = 1 << 33
    let whole = image.avgPool2d(Pair(kernel), stride: Pair(kernel), ceilMode: true)
    #expect(whole.value == Tensor([[[[-5]]]]))
    whole.sum().backward()
    #expect(image.grad?.value == Tensor.full([1, 1, 3, 3], 1.0 / 9))
    let padded = image.avgPool2d(Pair(kernel), stride: 1, padding: Pair(kernel / 2), countsPadding: false)
    #expect(padded.value == Tensor.full([1, 1, 4, 4], -5))
    for (stride, size) in [(1, 4), (kernel / 2, 1)] {
      let largest = image.maxPool2d(Pair(kernel), stride: Pair(stride), padding: Pair(kernel / 2))
      #expect(largest.value == Tensor.full([1, 1, size, size], -1))
    }
    let dilated = image.maxPool2d(3, stride: 1, padding: Pair(kernel), dilation: Pair(kernel))
    #expect(dilated.value == image.value)
  }

  /// If one size is 0, the others may be of any size.
  @Test func emptyTensorsHaveAnySize() {
    let ops: [(Variable) -> Variable] = [
      { $0.exp() * $0 }, { $0.softmax(axis: 0) }, { $0.softmax() }, { $0.logSoftmax(axis: 0) }, { $0.cumsum(axis: 0) },
      { $0.cumprod(axis: -1) }, { $0.lowerTriangle() }, { $0.flip(axes: [0]) }, { $0.transpose().reshape([0]) },
      { $0.groupNorm(groups: 1) }, { $0.diagonal(offset: 3) },
    ]
    for shape in [[0, 1 << 31], [1 << 62, 0], [0, .max, .max], [.max, .max, 0]] {
      for op in ops {
        let x = Variable(.zeros(Shape(shape)), requiresGrad: true)
        let y = op(x)
        #expect(y.elementCount == 0)
        y.sum().backward()
        #expect(x.grad?.shape == x.shape)
      }
      let x = Variable(.zeros(Shape(shape)))
      #expect(x.qr().r.shape.last == shape.last && x.svd().s.elementCount == 0)
    }
  }

  @Test func beyondAMatrixThereIsNoDiagonal() {
    let m = Variable(Tensor.ones([2, 3]), requiresGrad: true)
    for offset in huge + [Int.min, -Int.max] {
      let y = m.diagonal(offset: offset)
      #expect(y.shape == [0])
      y.sum().backward()
    }
    #expect(m.grad?.value == Tensor.zeros([2, 3]))
  }

  @Test func shiftsGoRoundAnyNumberOfTimes() {
    let v = Variable([1, 2, 3], requiresGrad: true)
    let y = v.roll([.min], axes: [0])
    #expect(y.value == v.roll([.min % 3], axes: [0]).value)
    (y * Variable([1, 2, 3])).sum().backward()
    #expect(v.grad?.value.sum().item() == 6)
  }

  @Test func piecesAndSlicesEndWithTheAxis() {
    let v = Variable([1, 2, 3])
    #expect(v.chunk(.max).count == 3)
    #expect(v[...Int.max].value == v.value)
    #expect(v[1...Int.max].value == Tensor([2, 3]))
  }

  @Test func powersOfTheLeastNumber() {
    #expect(Variable(Tensor.eye(2)).matrixPower(.min).value == Tensor.eye(2))
  }
}

/// A NaN among the errors is never lost.
@Suite struct CheckOfNaNTests {
  @Test func relativeErrorsPassNaNOn() {
    #expect(relativeError(Tensor([.init(floatLiteral: .nan), 1]), Tensor([1, 2])).isNaN)
    #expect(relativeError(Tensor([1, .init(floatLiteral: .nan)]), Tensor([2, 1])).isNaN)
  }

  @Test func aRuleOfNaNFailsForEveryInput() {
    let broken = CustomFunction("broken") { x in
      .init([x[0].value + x[1].value]) { dy in [dy[0], dy[0] * .nan] }
    }
    let check = checkGradients(at: [Tensor([1, 2]), Tensor([3, 4])]) { broken($0[0], $0[1]) }
    #expect(!(check.relativeError <= 1e-6))
  }
}
