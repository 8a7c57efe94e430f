import NN
import Testing

/// Every layer's gradients, of its input and of each parameter, against central differences in float64.
@Suite struct LayerGradientTests {
  struct Layer: Sendable {
    let name: String
    let input: Shape
    let make: @Sendable (RandomGenerator) -> Module

    init(_ name: String, _ input: Shape, _ make: @escaping @Sendable (RandomGenerator) -> Module) {
      (self.name, self.input, self.make) = (name, input, make)
    }
  }

  static let layers = [
    Layer("Linear", [3, 4]) { Linear(4, 5, dtype: .float64, generator: $0) },
    Layer("Linear without bias", [2, 3, 4]) { Linear(4, 2, bias: false, dtype: .float64, generator: $0) },
    Layer("Conv2D", [2, 4, 5, 6]) {
      Conv2D(
        4, 6, kernel: [3, 2], stride: [2, 1], padding: 1, dilation: [1, 2], groups: 2, dtype: .float64, generator: $0)
    },
    Layer("Conv2D, same", [2, 1, 4, 5]) { Conv2D(1, 2, kernel: 3, padding: .same, dtype: .float64, generator: $0) },
    Layer("MaxPool2D", [2, 2, 5, 4]) { _ in MaxPool2D(2, ceilMode: true) },
    Layer("AvgPool2D", [2, 2, 5, 4]) { _ in AvgPool2D(3, stride: 2, padding: 1, countsPadding: false) },
    Layer("ReLU", [3, 4]) { _ in ReLU() },
    Layer("LeakyReLU", [3, 4]) { _ in LeakyReLU(negativeSlope: 0.2) },
    Layer("ELU", [3, 4]) { _ in ELU(alpha: 0.8) },
    Layer("GELU", [3, 4]) { _ in GELU() },
    Layer("Sigmoid", [3, 4]) { _ in Sigmoid() },
    Layer("Tanh", [3, 4]) { _ in Tanh() },
    Layer("Softmax", [3, 4]) { _ in Softmax() },
    Layer("LogSoftmax", [3, 4]) { _ in LogSoftmax(axis: 0) },
    Layer("Flatten", [2, 3, 2]) { _ in Flatten() },
    Layer("Dropout in use", [3, 4]) { _ in Dropout(0.5).eval() },
    Layer("Sequential", [3, 4]) {
      Sequential(Linear(4, 5, dtype: .float64, generator: $0), Tanh(), Linear(5, 2, dtype: .float64, generator: $0))
    },
  ]

  @Test(arguments: layers.indices) func gradientsMatchDifferences(_ number: Int) {
    let generator = RandomGenerator(seed: 17)
    let (layer, shape) = (Self.layers[number].make(generator), Self.layers[number].input)
    let x = Variable(Tensor.randomNormal(shape, dtype: .float64, generator: generator), requiresGrad: true)
    let y = layer(x)
    let upstream = Tensor.randomUniform(y.shape, low: -1, high: 1, dtype: .float64, generator: generator)
    y.backward(gradient: upstream)
    for leaf in [Named(name: "input", element: x)] + layer.parameters {
      let variable = leaf.element
      let before = variable.value
      let numeric = numericalGradient(
        {
          variable.value = $0
          return layer(x).value
        }, at: before, upstream: upstream)
      variable.value = before
      let difference = ((variable.grad?.value ?? before.zerosLike()) - numeric).mapped(.abs).max().item()
      let error = difference / max(numeric.mapped(.abs).max().item(), 1e-3)
      #expect(error <= 1e-7, "\(Self.layers[number].name), \(leaf.name): relative error \(error)")
    }
  }
}
