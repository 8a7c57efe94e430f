import NN
import Optim
import Testing

/// Every number of the course notebooks 1 to 3, which `Examples/Backprop` and `Examples/Modules` show, and what
/// notebooks 4 and 5 say about layers, unless it is tested elsewhere.
@Suite struct NotebookTests {
  // MARK: 1 and 2: layers as functions

  @Test func affineForward() {
    let x = Tensor.linspace(-0.1, 0.5, count: 240, dtype: .float64).reshape([2, 4, 5, 6])
    let w = Tensor.linspace(-0.2, 0.3, count: 360, dtype: .float64).reshape([120, 3])
    let b = Tensor.linspace(-0.3, 0.1, count: 3, dtype: .float64)
    let y = Variable(x).flatten(startAxis: 1) • Variable(w) + Variable(b)
    let expected = float64([[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]])
    #expect(relativeError(y.value, expected) < 2e-9)
  }

  @Test func affineBackward() {
    let generator = RandomGenerator(seed: 1)
    func normal(_ shape: Shape) -> Tensor { .randomNormal(shape, dtype: .float64, generator: generator) }
    let (x, w, b, dy) = (normal([10, 2, 3]), normal([6, 5]), normal([5]), normal([10, 5]))
    let leaves = [x, w, b].map { Variable($0, requiresGrad: true) }
    let affine = { (v: [Variable]) in v[0].flatten(startAxis: 1) • v[1] + v[2] }
    affine(leaves).backward(gradient: dy)
    for (place, point) in [x, w, b].enumerated() {
      let numeric = numericalGradient(
        { moved in
          var inputs = [x, w, b].map { Variable($0) }
          inputs[place] = Variable(moved)
          return affine(inputs).value
        }, at: point, upstream: dy)
      #expect(relativeError(numeric, leaves[place].grad!.value) < 5e-8)
    }
    #expect(checkGradients(at: [x, w, b], affine).relativeError < 1e-9)
  }

  @Test func reluForwardAndBackward() {
    let x = Variable(Tensor.linspace(-0.5, 0.5, count: 12, dtype: .float64).reshape([3, 4]), requiresGrad: true)
    let expected = float64([
      [0, 0, 0, 0], [0, 0, 0.04545455, 0.13636364], [0.22727273, 0.31818182, 0.40909091, 0.5],
    ])
    #expect(relativeError(x.relu().value, expected) < 5e-8)
    let away = Tensor.randomNormal([10, 10], dtype: .float64, generator: RandomGenerator(seed: 2))
    #expect(away.abs().min().item() > 2e-3, "the points must stay away from the kink")
    #expect(checkGradients(at: [away]) { $0[0].relu() }.relativeError < 1e-11)
  }

  @Test func softmaxLoss() {
    let scores = Tensor.randomNormal(
      [50, 10], standardDeviation: 0.001, dtype: .float64, generator: RandomGenerator(seed: 3))
    let labels = (0..<50).map { $0 % 10 }
    // Scores near 0 give every class the same probability, so the loss is log 10.
    #expect(abs(crossEntropy(Variable(scores), labels).item() - 2.302585) < 1e-3)
    #expect(checkGradients(at: [scores]) { crossEntropy($0[0], labels) }.relativeError < 1e-7)
    let numeric = numericalGradient({ crossEntropy(Variable($0), labels).value }, at: scores)
    let leaf = Variable(scores, requiresGrad: true)
    crossEntropy(leaf, labels).backward()
    #expect(relativeError(numeric, leaf.grad!.value) < 1e-7)
  }

  @Test func softmaxLossOfLargeScores() {
    let scores = Variable([[1e4, 0, -1e4], [-1e4, 1e4, 0]], dtype: .float64, requiresGrad: true)
    let loss = crossEntropy(scores, [0, 2])
    loss.backward()
    #expect(loss.item() == 5_000)
    expectClose(scores.grad?.value, float64([[0, 0, 0], [0, 0.5, -0.5]]))
  }

  @Test func twoLayerNetChecksOut() {
    let net = Sequential(
      Linear(4, 10, dtype: .float64, generator: RandomGenerator(seed: 4)), ReLU(),
      Linear(10, 3, dtype: .float64, generator: RandomGenerator(seed: 5)))
    let x = Tensor.randomNormal([5, 4], standardDeviation: 10, dtype: .float64, generator: RandomGenerator(seed: 6))
    let labels = [0, 1, 2, 2, 1]
    crossEntropy(net(x), labels).backward()
    for (name, parameter) in net.parameters.map({ ($0.name, $0.element) }) {
      let start = parameter.value
      let numeric = numericalGradient(
        { moved in
          parameter.value = moved
          return crossEntropy(net(x), labels).value
        }, at: start)
      parameter.value = start
      #expect(relativeError(numeric, parameter.grad!.value) < 1e-6, "\(name)")
    }
  }

  // MARK: 3: modules

  private static let weight = float64([[0.9, 0.3], [0.2, 0.8]])

  @Test func aSigmoidLayer() {
    let net = Sequential(Linear(weight: Self.weight), Sigmoid())
    let y = net(float64([1, 0.5]))
    #expect(relativeError(y.value, float64([0.7408, 0.6457])) < 5e-5)
    // 1 / (1 + e^−1.05), 1 / (1 + e^−0.6)
    expectClose(y.value, float64([0.740774899182154, 0.6456563062257954]), tolerance: 1e-15)
  }

  @Test func tripleLoopAndMatrixForm() {
    let generator = RandomGenerator(seed: 7)
    let (x, w) = (
      Tensor.randomNormal([7, 5], dtype: .float64, generator: generator),
      Tensor.randomNormal([3, 5], dtype: .float64, generator: generator)
    )
    let (xs, ws) = (x.scalars(as: Double.self), w.scalars(as: Double.self))
    var y = [Double](repeating: 0, count: 21)
    for i in 0..<7 { for j in 0..<3 { for k in 0..<5 { y[i * 3 + j] += xs[i * 5 + k] * ws[j * 5 + k] } } }
    expectClose(Linear(weight: w)(x).value, Tensor(y, shape: [7, 3]), tolerance: 1e-14)
  }

  @Test func moduleGradientsEqualNumericalOnes() {
    let generator = RandomGenerator(seed: 8)
    let (x, target) = (
      Tensor.randomNormal([6, 2], dtype: .float64, generator: generator),
      Tensor.randomNormal([6, 2], dtype: .float64, generator: generator)
    )
    let layer = Linear(weight: Self.weight)
    let net = Sequential(layer, Sigmoid())
    let input = Variable(x, requiresGrad: true)
    mse(net(input), target).backward()
    let byInput = numericalGradient({ mse(net($0), target).value }, at: x)
    let byWeight = numericalGradient(
      { mse(Sequential(Linear(weight: $0), Sigmoid())(x), target).value }, at: Self.weight)
    #expect(relativeError(input.grad!.value, byInput) < 1e-8)
    #expect(relativeError(layer.weight.grad!.value, byWeight) < 1e-8)
  }

  // MARK: 4: a network library

  @Test func aPrintedNetListsItsLayers() {
    let net = Sequential(
      Linear(2, 4), ReLU(), LeakyReLU(), ELU(), Dropout(0.5), Linear(4, 2), Softmax(), LogSoftmax())
    #expect(
      "\(net)" == """
        Sequential
          (0): Linear 2 -> 4
          (1): ReLU
          (2): LeakyReLU 0.01
          (3): ELU 1.0
          (4): Dropout 0.5
          (5): Linear 4 -> 2
          (6): Softmax
          (7): LogSoftmax
        """)
  }

  // MARK: 5: convolutions

  /// What the notebook leaves unfinished: each input is multiplied by the 3×3 kernel and placed two apart; overlaps add
  /// up, and a border of 1 is cropped.
  @Test func transposedConvolutionWithStrideAndCropping() {
    let x = Variable(Tensor([[[[1, 2], [3, 4]]]]))
    let ones = Variable(Tensor.ones([1, 1, 3, 3]))
    #expect(
      x.convTranspose2d(ones, stride: 2).value
        == Tensor([[[[1, 1, 3, 2, 2], [1, 1, 3, 2, 2], [4, 4, 10, 6, 6], [3, 3, 7, 4, 4], [3, 3, 7, 4, 4]]]]))
    let cropped = x.convTranspose2d(ones, stride: 2, padding: 1).value
    #expect(cropped == Tensor([[[[1, 3, 2], [4, 10, 6], [3, 7, 4]]]]))
  }

  /// The deeper net: 28×28 pixels have become 49 features at the dense layers.
  @Test func theDeeperNetFits() {
    let net = Sequential(
      Conv2D(1, 1, kernel: 3, padding: .same), Conv2D(1, 1, kernel: 2, stride: 2),
      Conv2D(1, 1, kernel: 3, padding: .same), Conv2D(1, 1, kernel: 2, stride: 2), Flatten(),
      Linear(49, 20), ReLU(), Linear(20, 10), ReLU(), Softmax())
    let y = net(Tensor.ones([16, 1, 28, 28]))
    #expect(y.shape == [16, 10])
    expectClose(y.sum(axes: [1]).value, .ones([16]), tolerance: 1e-6)
    #expect(net.parameterCount == 2 * (9 + 1) + 2 * (4 + 1) + 49 * 20 + 20 + 20 * 10 + 10)
  }
}
