import NN
import Testing

@Suite struct LossTests {
  // torch, float64: F.cross_entropy(scores, labels, reduction=...) and torch.autograd.grad of the mean
  private static let scores = float64([[0.5, -1, 2], [1, 1, 1], [-0.25, 0.75, 0], [1, 0, -1]])
  private static let labels = [2, 0, 1, 2]

  @Test func crossEntropyIsPyTorchs() {
    let scores = Variable(Self.scores, requiresGrad: true)
    expectClose(
      crossEntropy(scores, Self.labels, reduction: .none).value,
      float64([0.24131129665715703, 1.0986122886681098, 0.609899255028596, 2.4076059644443806]))
    expectClose(crossEntropy(scores, Self.labels, reduction: .sum).value, float64(4.357428804798244))
    let loss = crossEntropy(scores, Tensor(Self.labels).cast(to: .int32))
    expectClose(loss.value, float64(1.089357201199561))
    loss.backward()
    expectClose(
      scores.grad?.value,
      float64([
        [0.04382259803500917, 0.009778143317671862, -0.05360074135268103],
        [-0.16666666666666669, 0.08333333333333333, 0.08333333333333333],
        [0.04997693819038179, -0.11414859707506428, 0.06417165888468249],
        [0.16631023894370545, 0.06118211776369941, -0.2274923567074049],
      ]))
  }

  @Test(arguments: [DType.float32, .float64]) func largeScoresDoNotOverflow(dtype: DType) {
    let scores = Variable((Self.scores * 1e4).cast(to: dtype), requiresGrad: true)
    let tolerance = dtype == .float32 ? 1e-3 : 1e-10
    expectClose(
      crossEntropy(scores, Self.labels, reduction: .none).value, float64([0, 1.0986122886681098, 0, 20000]),
      tolerance: tolerance)
    let loss = crossEntropy(scores, Self.labels)
    expectClose(loss.value, float64(5000.274653072167), tolerance: tolerance)
    loss.backward()
    expectClose(
      scores.grad?.value,
      float64([
        [0, 0, 0], [-0.16666666666666669, 0.08333333333333333, 0.08333333333333333], [0, 0, 0], [0.25, 0, -0.25],
      ]), tolerance: dtype == .float32 ? 1e-7 : 1e-12)
  }

  @Test func crossEntropyIsLogSoftmaxAndGather() {
    let scores = Tensor.randomNormal([6, 4], dtype: .float64, generator: RandomGenerator(seed: 9))
    let labels = [3, 0, 2, 1, 1, 3]
    let index = Tensor(labels).reshape([6, 1])
    let composed = -Variable(scores).logSoftmax(axis: 1).gather(axis: 1, index: index).mean()
    expectClose(crossEntropy(Variable(scores), labels).value, composed.value)
    let check = checkGradients(at: [scores]) { crossEntropy($0[0], labels) }
    #expect(check.relativeError < 1e-9, "\(check)")
    let second = checkSecondOrder(at: [scores]) { crossEntropy($0[0], labels, reduction: .none) }
    #expect(second.relativeError < 1e-8, "\(second)")
  }

  // torch, float64: F.mse_loss([[1.5, -2], [0.25, 3]], [[1, 1], [0, -1]], reduction=...)
  @Test func meanSquaredErrorIsPyTorchs() {
    let prediction = Variable([[1.5, -2], [0.25, 3]], dtype: .float64, requiresGrad: true)
    let target = float64([[1, 1], [0, -1]])
    expectClose(mse(prediction, target, reduction: .none).value, float64([[0.25, 9], [0.0625, 16]]))
    expectClose(mse(prediction, target, reduction: .sum).value, float64(25.3125))
    // Notebook 4: summed over each example, averaged over the batch of two
    expectClose(mse(prediction, target, reduction: .batchMean).value, float64(12.65625))
    expectClose(MSELoss(reduction: .batchMean)(prediction, target).value, float64(12.65625))
    let loss = mse(prediction, target)
    expectClose(loss.value, float64(6.328125))
    loss.backward()
    expectClose(prediction.grad?.value, float64([[0.25, -1.5], [0.125, 2]]))
    let (a, b) = (Tensor.randomNormal([3, 2]), Tensor.randomNormal([3, 2]))
    #expect(checkGradients(at: [a, b]) { mse($0[0], $0[1]) }.relativeError < 1e-9)
  }

  @Test func layersOfSeveralVariablesHandOnTheirOptions() {
    let generator = RandomGenerator(seed: 3)
    let x = (0..<3).map { _ in Variable(.randomNormal([3, 4], dtype: .float64, generator: generator)) }
    let variance = x[2].square()
    expectClose(
      GaussianNLLLoss(isFull: true, epsilon: 0.5, reduction: .sum)(x[0], x[1], variance: variance).value,
      gaussianNLLLoss(x[0], x[1], variance: variance, isFull: true, epsilon: 0.5, reduction: .sum).value)
    expectClose(
      TripletMarginLoss(margin: 3, p: 1, epsilon: 0.1, swap: true, reduction: .sum)(
        anchor: x[0], positive: x[1], negative: x[2]
      ).value,
      tripletMarginLoss(
        anchor: x[0], positive: x[1], negative: x[2], margin: 3, p: 1, epsilon: 0.1, swap: true, reduction: .sum
      ).value)
    let (scores, targets) = (x[0].unsqueeze(1).logSoftmax(axis: 2), Tensor([[1, 1, 2]], dtype: .int64))
    expectClose(
      CTCLoss(blank: 3, zeroInfinity: true, reduction: .sum)(
        scores, targets: targets, inputLengths: [3], targetLengths: [3]
      ).value,
      ctcLoss(
        scores, targets: targets, inputLengths: [3], targetLengths: [3], blank: 3, zeroInfinity: true, reduction: .sum
      ).value)
  }
}
