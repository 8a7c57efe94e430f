import NN
import Testing

/// A model as a function of its parameters.
@Suite struct StandInTests {
  private func net() -> Sequential {
    let net = Sequential(Linear(2, 3), Tanh(), Linear(3, 1)).cast(to: .float64)
    for p in net.parameters.map(\.element) {
      p.value = (Tensor.arange(p.elementCount, dtype: .float64) * 0.3 - 0.5).reshape(p.shape)
    }
    return net
  }

  /// The outer gradient of model-agnostic meta-learning (Finn et al. 2017), one inner step of rate 0.1:
  /// torch.func.functional_call with p − 0.1 · torch.autograd.grad(loss, parameters, create_graph=True), in float64.
  @Test func gradientsGoThroughAStep() {
    let net = net()
    let inner = mse(net(float64([[1, -1], [0.5, 2]])), float64([[1], [-1]]))
    let gradients = gradient(of: inner, withRespectTo: net.parameters, createGraph: true)
    let adapted = zip(net.parameters, gradients).map { p, g in
      Named(name: p.name, element: p.element - 0.1 * g.element)
    }
    let outer = net.withValues(adapted) { mse(net(float64([[0.25, 1]])), float64([[0.5]])) }
    outer.backward()
    #expect(abs(outer.item() - 0.5420280160842949) < 1e-14)
    let expected: [TensorLiteral] = [
      [
        [0.07851357882629054, 0.28250601200823056], [0.017493561221433696, 0.37526790371008323],
        [-0.11269596832920555, 0.1287165162236777],
      ],
      [0.36010906836529916, 0.3039628051627682, -0.10759754037622454],
      [[0.4827243052581339, -0.2867246872332902, -0.8893656366709706]],
      [-0.8876908739238072],
    ]
    for (p, numbers) in zip(net.parameters, expected) { expectClose(p.element.grad?.value, float64(numbers)) }
  }

  @Test func theModelIsItselfAfterwards() throws {
    struct Stop: Error {}
    let net = net()
    let before = net.stateDict()
    let loss = net(float64([[1, 2]])).sum()
    let zeros = Variable(float64([0]))
    #expect(throws: Stop.self) {
      try net.withValues([Named(name: "2.bias", element: zeros)]) {
        #expect(net.stateDict()["2.bias"] == float64([0]))
        // A graph recorded before still leads to the model's own parameters.
        loss.backward()
        throw Stop()
      }
    }
    #expect(net.stateDict() == before && net.parameters.allSatisfy { $0.element.isLeaf && $0.element.requiresGrad })
    #expect(net.parameters[3].element.grad?.value == float64([1]) && zeros.grad == nil)
  }

  /// Buffers are replaced too, such as the running mean of a batch normalization.
  @Test func buffersCanBeExchanged() {
    let norm = BatchNorm1D(1).eval()
    let mean = Variable([2], requiresGrad: true)
    let y = norm.withValues([Named(name: "running_mean", element: mean)]) { norm(Tensor([[5]])) }
    #expect(abs(y.item() - 3) < 1e-4 && norm.runningMean?.value == Tensor([0]))
  }

  @Test func typesOfAWholeModelChange() {
    let net = Sequential(Linear(2, 3), BatchNorm1D(3), LSTM(3, 2), Linear(2, 1))
    net[0].freeze()
    let before = net.stateDict()
    net.cast(to: .float64)
    let own = Variable(float64([[1, 2], [3, 4], [5, 0]]))
    #expect(net[1](net[0](own)).dtype == .float64)
    #expect(net.buffers.map(\.element.dtype) == [.float64, .float64, .int64])
    #expect(net[0].parameters.allSatisfy { !$0.element.requiresGrad })
    #expect(net[3].parameters.allSatisfy { $0.element.requiresGrad })
    #expect(net.parameters.count == 10 && net.cast(to: .float32).stateDict().keys == before.keys)
    #expect(net.stateDict().allSatisfy { before[$0]?.dtype == $1.dtype })
  }
}
