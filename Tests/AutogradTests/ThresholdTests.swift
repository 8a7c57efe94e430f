import Autograd
import Testing

/// Thresholds, gates and pixel shuffles, against PyTorch's numbers (float64).
@Suite struct ThresholdTests {
  private let x = Variable(
    Tensor([-2, -0.5, -0.2, 0, 0.3, 0.5, 1.5, .nan, .infinity, -.infinity] as [Double]), requiresGrad: true)

  private func check(
    _ y: Variable, _ value: [Double], _ gradient: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    y.backward(gradient: y.value.onesLike())
    #expect(
      y.value.allClose(to: Tensor(value), relativeTolerance: 1e-15, absoluteTolerance: 0, equalNaN: true),
      "\(y.value)", sourceLocation: sourceLocation)
    #expect(x.grad?.value == Tensor(gradient), sourceLocation: sourceLocation)
  }

  // F.threshold(x, 0.3, 20), F.hardshrink(x), F.softshrink(x, 0.4), torch.nan_to_num(x), and gradients of ones
  @Test func keptAndReplaced() {
    check(
      x.threshold(0.3, 20), [20, 20, 20, 20, 20, 0.5, 1.5, .nan, .infinity, 20], [0, 0, 0, 0, 0, 1, 1, 1, 1, 0])
  }

  @Test func shrunkHard() {
    check(x.hardShrink(), [-2, 0, 0, 0, 0, 0, 1.5, .nan, .infinity, -.infinity], [1, 0, 0, 0, 0, 0, 1, 0, 1, 1])
    #expect(x.hardShrink().value[1].item().sign == .plus)
  }

  @Test func shrunkSoftly() {
    check(
      x.softShrink(0.4), [-1.6, -0.09999999999999998, 0, 0, 0, 0.09999999999999998, 1.1, .nan, .infinity, -.infinity],
      [1, 1, 0, 0, 0, 1, 1, 0, 1, 1])
  }

  @Test func numbersForWhatIsNone() {
    let most = Double.greatestFiniteMagnitude
    check(x.nanToNum(), [-2, -0.5, -0.2, 0, 0.3, 0.5, 1.5, 0, most, -most], [1, 1, 1, 1, 1, 1, 1, 0, 0, 0])
    let single = Variable(x.value.cast(to: .float32)).nanToNum(1, infinity: 5).value[7...]
    #expect(single == Tensor([1, 5, -Float.greatestFiniteMagnitude]))
  }

  // F.glu(v, dim=1) with v = [[-2.75, 0.75, -1.75, 1.75]]
  @Test func gates() {
    let v = Variable([[-2.75, 0.75, -1.75, 1.75]] as Tensor).mapVariables { Variable($0.value.cast(to: .float64)) }
    let expected = numbers(-0.40712979458714604, 0.6389646014762329)
    #expect(v.glu().value[0].allClose(to: expected, relativeTolerance: 1e-15))
    #expect(v.transpose().glu(axis: 0).value.transpose()[0] == v.glu().value[0])
    #expect(Variable(Tensor.zeros([2, 0])).glu().shape == [2, 0])
  }

  // F.pixel_shuffle(arange(24).reshape(1, 8, 1, 3), 2), F.pixel_unshuffle(arange(16).reshape(1, 4, 4), 2)
  @Test func pixels() {
    let x = Variable(Tensor.arange(24).reshape([1, 8, 1, 3]))
    let y = x.pixelShuffle(2)
    #expect(
      y.value
        == Tensor([
          [
            [[0, 3, 1, 4, 2, 5], [6, 9, 7, 10, 8, 11]],
            [[12, 15, 13, 16, 14, 17], [18, 21, 19, 22, 20, 23]],
          ]
        ]))
    #expect(y.pixelUnshuffle(2).value == x.value)
    #expect(
      Variable(Tensor.arange(16).reshape([1, 4, 4])).pixelUnshuffle(2).value
        == Tensor([
          [[0, 2], [8, 10]], [[1, 3], [9, 11]], [[4, 6], [12, 14]], [[5, 7], [13, 15]],
        ]))
  }

  /// Hard samples choose each class with its probability, and have the gradients of soft ones.
  @Test func samplesOfClasses() {
    let (count, scores) = (40_000, Tensor([1, 2, 0.5], dtype: .float64))
    let rows = Variable(scores.expand([count, 3]), requiresGrad: true)
    func sample(hard: Bool) -> Variable {
      rows.gumbelSoftmax(temperature: 0.5, hard: hard, generator: RandomGenerator(seed: 3))
    }
    let (hard, soft) = (sample(hard: true), sample(hard: false))
    #expect(hard.value.unique().values == numbers(0, 1) && hard.value.sum(axes: [1]) == .ones([count], dtype: .float64))
    #expect(hard.argmax(axis: 1) == soft.argmax(axis: 1))
    // The deviation of a mean is 0.0025 at most.
    #expect(hard.value.mean(axes: [0]).allClose(to: scores.softmax(axis: -1), absoluteTolerance: 0.01))
    // torch: the mean of 200,000 soft samples is [0.2479, 0.5935, 0.1586].
    #expect(soft.value.mean(axes: [0]).allClose(to: numbers(0.2479, 0.5935, 0.1586), absoluteTolerance: 0.01))
    let upstream = spread([count, 3])
    hard.backward(gradient: upstream)
    let found = rows.grad?.value
    rows.grad = nil
    soft.backward(gradient: upstream)
    #expect(found == rows.grad?.value)
    // Not in the table of ops: the noise in float32 differs from that in float64.
    let check = checkGradients(at: [spread([3, 4])]) {
      $0[0].gumbelSoftmax(temperature: 0.7, axis: 0, generator: RandomGenerator(seed: 3))
    }
    #expect(check.relativeError < 1e-8)
    let column = Variable(scores.reshape([3, 1])).gumbelSoftmax(hard: true, axis: 0).value
    #expect(column.shape == [3, 1] && column.sum().item() == 1)
  }
}
