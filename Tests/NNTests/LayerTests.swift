import NN
import Testing

@Suite struct LayerTests {
  // torch, float64: x = torch.arange(6.).reshape(2, 3) / 4 - 0.5; w = torch.arange(12.).reshape(4, 3) / 8 - 0.6
  // b = torch.tensor([0.1, -0.2, 0.3, -0.4]); y = F.linear(x, w, b); (y * torch.arange(8.).reshape(2, 4)).sum().backward()
  @Test func linearIsPyTorchs() {
    let layer = Linear(
      weight: Tensor.arange(12, dtype: .float64).reshaped(to: [4, 3]) / 8 - 0.6, bias: float64([0.1, -0.2, 0.3, -0.4]))
    let x = Variable(Tensor.arange(6, dtype: .float64).reshaped(to: [2, 3]) / 4 - 0.5, requiresGrad: true)
    let y = layer(x)
    expectClose(
      y.value,
      float64([
        [0.5187499999999999, -0.06250000000000003, 0.15624999999999997, -0.8250000000000001],
        [-0.5499999999999999, -0.2875, 0.7750000000000001, 0.6375000000000001],
      ]))
    y.backward(gradient: Tensor.arange(8, dtype: .float64).reshaped(to: [2, 4]))
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
    let x = Variable(Tensor.linspace(-3, 3, count: 12).reshaped(to: [3, 4]))
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
    // What was dropped passes no gradient, what was kept passes it scaled as the value was.
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
}
