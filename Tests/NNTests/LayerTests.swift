import Dispatch
import NN
import Testing

@Suite struct LayerTests {
  /// When several threads train at once, every batch counts, and no update is torn.
  @Test func runningStatisticsOfThreadsAllCount() {
    nonisolated(unsafe) let layer = BatchNorm1D(3, momentum: nil)
    DispatchQueue.concurrentPerform(iterations: 8) { number in
      let x = Variable(Tensor.arange(6).reshape([2, 3]) + Double(number))
      for _ in 0..<200 { _ = layer(x) }
    }
    #expect(layer.numBatchesTracked?.value.item() == 1_600)
    // The mean over all batches: 1.5, 2.5, 3.5 and the mean of 0 to 7.
    expectClose(layer.runningMean?.value.cast(to: .float64), float64([5, 6, 7]), tolerance: 1e-3)
  }

  // torch, float64: x = torch.arange(6.).reshape(2, 3) / 4 - 0.5; w = torch.arange(12.).reshape(4, 3) / 8 - 0.6
  // b = torch.tensor([0.1, -0.2, 0.3, -0.4]); y = F.linear(x, w, b);
  // (y * torch.arange(8.).reshape(2, 4)).sum().backward()
  @Test func linearIsPyTorchs() {
    let layer = Linear(
      weight: Tensor.arange(12, dtype: .float64).reshape([4, 3]) / 8 - 0.6, bias: float64([0.1, -0.2, 0.3, -0.4]))
    let x = Variable(Tensor.arange(6, dtype: .float64).reshape([2, 3]) / 4 - 0.5, requiresGrad: true)
    let y = layer(x)
    expectClose(
      y.value,
      float64([
        [0.5187499999999999, -0.06250000000000003, 0.15624999999999997, -0.8250000000000001],
        [-0.5499999999999999, -0.2875, 0.7750000000000001, 0.6375000000000001],
      ]))
    y.backward(gradient: Tensor.arange(8, dtype: .float64).reshape([2, 4]))
    expectClose(x.grad?.value, float64([[1.65, 2.4, 3.15], [1.05, 3.8, 6.55]]))
    expectClose(
      layer.weight.grad?.value, float64([[1, 2, 3], [0.75, 2.25, 3.75], [0.5, 2.5, 4.5], [0.25, 2.75, 5.25]]))
    expectClose(layer.bias?.grad?.value, float64([4, 6, 8, 10]))
  }

  @Test func linearTakesAnyLeadingAxes() {
    let layer = Linear(3, 2, dtype: .float64, generator: RandomGenerator(seed: 1))
    let x = Tensor.randomNormal([4, 5, 3], dtype: .float64, generator: RandomGenerator(seed: 2))
    let y = layer(x)
    #expect(y.shape == [4, 5, 2])
    expectClose(y.value[2], layer(x[2]).value)
    expectClose(y.value[2, 3], layer(x[2, 3]).value)
    #expect(layer(Tensor.zeros([0, 3], dtype: .float64)).shape == [0, 2])
  }

  @Test func linearChecksOut() {
    for bias in [true, false] {
      let layer = Linear(4, 3, bias: bias, dtype: .float64, generator: RandomGenerator(seed: 3))
      let x = Tensor.randomNormal([5, 4], dtype: .float64, generator: RandomGenerator(seed: 4))
      let inputs = [x, layer.weight.value] + (layer.bias.map { [$0.value] } ?? [])
      let check = checkGradients(at: inputs) { $0[0].linear(weight: $0[1], bias: $0.count > 2 ? $0[2] : nil) }
      #expect(check.relativeError < 1e-9, "\(check)")
    }
  }

  @Test func sequentialRunsInOrder() {
    let (first, second) = (Linear(3, 4), Linear(4, 2))
    let net = Sequential(first, ReLU(), second)
    let x = Tensor.randomNormal([5, 3], generator: RandomGenerator(seed: 5))
    #expect(net(x).value == second(first(x).relu()).value)
    #expect(net.count == 3 && net[2] === second)
    net.append(Softmax())
    expectClose(net(x).sum(axes: [1]).value, .ones([5]), tolerance: 1e-6)
    #expect(Sequential([])(x).value == x)
  }

  @Test func activationsAreTheirOps() {
    let x = Variable(Tensor.linspace(-3, 3, count: 12).reshape([3, 4]))
    let pairs: [(Module, Variable)] = [
      (ReLU(), x.relu()), (Sigmoid(), x.sigmoid()), (Tanh(), x.tanh()), (GELU(), x.gelu()),
      (LeakyReLU(negativeSlope: 0.2), x.leakyRelu(negativeSlope: 0.2)), (ELU(alpha: 2), x.elu(alpha: 2)),
      (Softmax(), x.softmax(axis: -1)), (LogSoftmax(axis: 0), x.logSoftmax(axis: 0)),
    ]
    for (layer, expected) in pairs { #expect(layer(x).value == expected.value, "\(layer)") }
    #expect(Flatten()(Tensor.zeros([2, 3, 4])).shape == [2, 12])
    #expect(Flatten(startAxis: 0)(Tensor.zeros([2, 3])).shape == [6])
  }

  @Test func modesReachAllChildren() {
    final class Net: Module {
      let branches = ["a": Sequential(Dropout(0.5), Sequential(Dropout(0.1)))]
      let last: Dropout? = Dropout(0.3)
    }
    let net = Net()
    #expect(net.modules.count == 6 && net.modules.allSatisfy { $0.element.isTraining })
    #expect(net.eval() === net)
    #expect(net.modules.allSatisfy { !$0.element.isTraining })
    net.train()
    #expect(net.modules.allSatisfy { $0.element.isTraining })
    net.last?.eval()
    #expect(net.isTraining && net.last?.isTraining == false)
  }

  @Test(arguments: [0, 0.1, 0.5, 0.9, 1]) func dropoutKeepsTheMean(probability: Double) {
    let layer = Dropout(probability, generator: RandomGenerator(seed: 6))
    let x = Variable(Tensor.ones([200_000], dtype: .float64), requiresGrad: true)
    let y = layer(x)
    let kept = 1 - probability
    let share = (y .!= 0).cast(to: .float64).mean().item()
    #expect(abs(share - kept) <= 5 * (kept * probability / 200_000).squareRoot())
    #expect(((y .== 0) .| ((y * kept - 1).abs() .< 1e-12)).all().item() == 1)
    // Dropped elements pass no gradient; kept ones scale it like the value.
    y.sum().backward()
    #expect(x.grad?.value == y.value)
  }

  @Test func dropoutInUseIsTheIdentity() {
    let layer = Dropout(0.7).eval()
    let x = Variable([1, 2, 3])
    #expect(layer(x) === x)
    #expect(Dropout(0)(x) === x)
  }

  @Test func dropoutDrawsAnewEachTime() {
    let layer = Dropout(0.5, generator: RandomGenerator(seed: 7))
    let x = Tensor.ones([100])
    let first = layer(x).value
    #expect(first != layer(x).value)
    #expect(first == Dropout(0.5, generator: RandomGenerator(seed: 7))(x).value)
  }

  @Test func wholeChannelsAreDropped() {
    let layer = Dropout2D(0.25, generator: RandomGenerator(seed: 12))
    let y = layer(Tensor.ones([40, 50, 2, 3], dtype: .float64)).value
    let sums = y.sum(axes: [2, 3])
    #expect(((sums .== 0) .| ((sums - 8).abs() .< 1e-12)).all().item() == 1)
    #expect(abs((sums .== 0).cast(to: .float64).mean().item() - 0.25) < 0.05)
    let x = Variable(.ones([2, 3, 4]))
    #expect(layer.eval()(x) === x)
  }

  // torch, float64: F.alpha_dropout(torch.zeros(1000), p, True).unique()
  @Test(arguments: [(0.1, -1.457738730518132, 0.16197097005757022), (0.4, -0.9106419695548393, 0.607094646369893)])
  func alphaDropoutKeepsMeanAndVariance(probability: Double, dropped low: Double, kept high: Double) {
    let generator = RandomGenerator(seed: 13)
    let x = Variable(.randomNormal([200_000], dtype: .float64, generator: generator), requiresGrad: true)
    let y = AlphaDropout(probability, generator: generator)(x)
    #expect(abs(y.mean().item()) < 0.015)
    #expect(abs(y.variance().item() - 1) < 0.03)
    // Dropped elements pass no gradient.
    y.sum().backward()
    let dropped = (x.grad!.value .== 0).cast(to: .float64)
    #expect(abs(dropped.mean().item() - probability) < 0.01)
    let ofZeros = AlphaDropout(probability, generator: generator)(Tensor.zeros([100], dtype: .float64)).value
    #expect(abs(ofZeros.min().item() - low) < 1e-14 && abs(ofZeros.max().item() - high) < 1e-14)
    #expect(AlphaDropout(1)(x).value == x.value.zerosLike())
  }

  @Test func cumulativeAveragesAreMeansOverBatches() {
    let layer = BatchNorm1D(2, momentum: nil, dtype: .float64)
    let batches = (0..<3).map { Tensor.randomNormal([4, 2], dtype: .float64, generator: RandomGenerator(seed: $0)) }
    for batch in batches { _ = layer(batch) }
    expectClose(layer.runningMean?.value, Tensor.concatenate(batches).mean(axes: [0]))
    #expect(layer.numBatchesTracked?.value == Tensor(3 as Int64))
    _ = layer.eval()(batches[0])
    #expect(layer.numBatchesTracked?.value == Tensor(3 as Int64))
  }

  @Test func shapesAreBroughtToOthers() {
    let x = Tensor.arange(12).reshape([2, 6])
    #expect(Unflatten(1, [2, 3])(x).value == x.reshape([2, 2, 3]))
    #expect(Unflatten(-1, [-1, 2])(x).shape == [2, 3, 2] && Unflatten(0, [2, 1])(x).shape == [2, 1, 6])
    #expect(Flatten(startAxis: 1, endAxis: 2)(Tensor.zeros([2, 3, 4, 5])).shape == [2, 12, 5])
    #expect(Pad([1, 0])(x).shape == [2, 7] && Identity()(x).value == x)
    #expect(Upsample(scale: 2)(Tensor.zeros([1, 1, 2, 3])).shape == [1, 1, 4, 6])
    #expect(GlobalAveragePool()(Tensor.ones([2, 3, 4, 5])).value == .ones([2, 3]))
  }

  @Test func embeddingsStartWithoutPadding() {
    let table = Embedding(4, 3, paddingIndex: -1)
    #expect(table.weight.value[3] == .zeros([3]) && table.weight.value[0] != .zeros([3]))
    let words = Tensor([[3, 0], [1, 1]], dtype: .int64)
    #expect(Embedding(weight: table.weight.value)(words).value == table(words).value)
    let y = table(words)
    #expect(y.shape == [2, 2, 3] && y.value[0, 1] == table.weight.value[0])
    y.sum().backward()
    #expect(table.weight.grad?.value == Tensor([[1, 1, 1], [2, 2, 2], [0, 0, 0], [0, 0, 0]]))
  }
}
