import NN
import Testing

/// What the fifth notebook requires of each layer: per-sample Jacobians by the input and by each parameter, checked
/// against finite differences.
@Suite struct LayerJacobianTests {
  private let layers: [(name: String, layer: Module, input: Shape)] = [
    ("dense", Linear(3, 2, dtype: .float64, generator: RandomGenerator(seed: 1)), [4, 3]),
    ("convolution", Conv2D(2, 3, kernel: 2, dtype: .float64, generator: RandomGenerator(seed: 2)), [2, 2, 3, 3]),
    ("relu", ReLU(), [3, 4]), ("softmax", Softmax(), [3, 4]), ("flatten", Flatten(), [2, 2, 3]),
    ("pooling", MaxPool2D(2), [2, 1, 4, 4]),
  ]

  @Test func byTheInput() {
    for (name, layer, shape) in layers {
      let x = Tensor.randomNormal(shape, dtype: .float64, generator: RandomGenerator(seed: 5))
      let found = perSampleJacobian(at: Variable(x)) { layer($0) }
      let sample = Shape(layer(x).shape.dropFirst())
      #expect(found.shape == Shape([shape[0]] + Array(sample) + shape.dropFirst()), "\(name)")
      for number in 0..<shape[0] {
        let one = x[number...number]
        for place in 0..<sample.elementCount {
          let numeric = numericalGradient({ layer($0).value.reshape([-1])[place] }, at: one)
          let row = found.value[number].reshape([sample.elementCount, -1])[place]
          #expect((row - numeric.reshape([-1])).abs().max().item() < 1e-8, "\(name)")
        }
      }
    }
  }

  @Test func byTheParameters() {
    for (name, layer, shape) in layers {
      let x = Tensor.randomNormal(shape, dtype: .float64, generator: RandomGenerator(seed: 6))
      let y = layer(x)
      let found = jacobian(of: y, withRespectTo: layer.parameters)
      #expect(found.map(\.name) == layer.parameters.map(\.name))
      for (parameter, jacobian) in zip(layer.parameters, found) {
        #expect(jacobian.element.shape == Shape(Array(y.shape) + Array(parameter.element.shape)))
        let value = parameter.element.value
        for place in 0..<y.elementCount {
          let numeric = numericalGradient(
            { moved in
              parameter.element.value = moved
              defer { parameter.element.value = value }
              return layer(x).value.reshape([-1])[place]
            }, at: value)
          let row = jacobian.element.value.reshape([y.elementCount, -1])[place]
          #expect((row - numeric.reshape([-1])).abs().max().item() < 1e-8, "\(name) \(parameter.name)")
        }
      }
    }
  }
}

/// Transforms with respect to a model's parameters.
@Suite struct ParameterTransformTests {
  private let net = Sequential(
    Linear(3, 4, dtype: .float64, generator: RandomGenerator(seed: 1)), Tanh(),
    Linear(4, 2, dtype: .float64, generator: RandomGenerator(seed: 2)))
  private let x = Tensor.randomNormal([5, 3], dtype: .float64, generator: RandomGenerator(seed: 3))

  @Test func gradientsUnderTheParametersNames() {
    let found = gradient(of: net(x).square().mean(), withRespectTo: net.parameters)
    #expect(found.map(\.name) == ["0.weight", "0.bias", "2.weight", "2.bias"])
    for parameter in net.parameters { #expect(parameter.element.grad == nil) }
    net(x).square().mean().backward()
    #expect(found.map(\.element.value) == net.parameters.map { $0.element.grad!.value })
  }

  /// H · v against the difference of gradients along v.
  @Test func hessianVectorProducts() {
    let direction = net.parameters.enumerated().map { number, parameter in
      Named(
        name: parameter.name,
        element: Variable(
          Tensor.randomNormal(
            parameter.element.shape, dtype: .float64, generator: RandomGenerator(seed: UInt64(number)))))
    }
    func loss() -> Variable { net(x).square().mean() }
    let found = hessianVectorProduct(of: loss(), withRespectTo: net.parameters, along: direction)
    func gradients(_ step: Double) -> [Tensor] {
      for (parameter, direction) in zip(net.parameters, direction) {
        parameter.element.value += direction.element.value * step
      }
      return gradient(of: loss(), withRespectTo: net.parameters).map(\.element.value)
    }
    let (after, before) = (gradients(1e-5), gradients(-2e-5))
    for (found, pair) in zip(found, zip(after, before)) {
      #expect((found.element.value - (pair.0 - pair.1) / 2e-5).abs().max().item() < 1e-8)
    }
  }

  /// Running statistics are updated once, although the layer runs twice.
  @Test func aCheckpointedBatchNormalization() {
    let layer = BatchNorm1D(3, dtype: .float64)
    let twin = BatchNorm1D(3, dtype: .float64)
    checkpoint { layer(Variable(x)) }.square().sum().backward()
    twin(Variable(x)).square().sum().backward()
    #expect(layer.buffers.map(\.element.value) == twin.buffers.map(\.element.value))
    #expect(layer.parameters.map { $0.element.grad?.value } == twin.parameters.map { $0.element.grad?.value })
  }

  @Test func aCheckpointedModelTrainsTheSame() {
    let plain = gradient(of: net(x).square().mean(), withRespectTo: net.parameters)
    let checkpointed = gradient(of: checkpoint { net(x) }.square().mean(), withRespectTo: net.parameters)
    #expect(plain.map(\.element.value) == checkpointed.map(\.element.value))
  }
}
