import NN
import Testing

@Suite struct InitializerTests {
  /// Each rule with the standard deviation that it should have for a weight [300, 200, 3]: fan-in 600, fan-out 900.
  static let rules: [(name: String, make: @Sendable () -> Initializer, deviation: Double, bound: Double?)] = [
    ("torch", { .torchDefault(fanIn: 600) }, (1 / 1800.0).squareRoot(), (1 / 600.0).squareRoot()),
    ("Xavier uniform", { .xavierUniform() }, (2 / 1500.0).squareRoot(), (6 / 1500.0).squareRoot()),
    ("Xavier normal", { .xavierNormal(gain: 2) }, 2 * (2 / 1500.0).squareRoot(), nil),
    ("He uniform", { .heUniform() }, (2 / 600.0).squareRoot(), (6 / 600.0).squareRoot()),
    ("He normal", { .heNormal() }, (2 / 600.0).squareRoot(), nil),
    ("LeCun uniform", { .lecunUniform() }, (1 / 600.0).squareRoot(), (3 / 600.0).squareRoot()),
    ("LeCun normal", { .lecunNormal() }, (1 / 600.0).squareRoot(), nil),
    (
      "He by fan out", { .heUniform(.tanh, fan: .outgoing) }, 5 / 3 / 900.0.squareRoot(),
      5 / 3 * (3 / 900.0).squareRoot()
    ),
    ("He for slopes", { .heNormal(.leakyRelu(slope: 0.5)) }, (1.6 / 600).squareRoot(), nil),
    // √(1 − 4 φ(2) / (2 Φ(2) − 1)) of the normal one's deviation
    ("truncated normal", { .truncatedNormal(0.5) }, 0.5 * 0.8796256610342398, 1),
    ("truncated closely", { .truncatedNormal(1, bound: 0.5) }, 0.2838822900443272, 0.5),
    ("uniform", { .uniform(0.3) }, 0.3 / 3.0.squareRoot(), 0.3),
    ("normal", { .normal(0.02) }, 0.02, nil),
  ]

  @Test(arguments: rules.indices) func meanAndDeviationAreThePromised(index: Int) {
    let rule = Self.rules[index]
    let x = rule.make()([300, 200, 3], dtype: .float64, generator: RandomGenerator(seed: 8))
    #expect(x.dtype == .float64 && x.shape == [300, 200, 3])
    // Five standard errors of 180,000 draws.
    #expect(abs(x.mean().item()) < 5 * rule.deviation / 424, "\(rule.name)")
    #expect(abs((x * x).mean().item().squareRoot() / rule.deviation - 1) < 0.01, "\(rule.name)")
    if let bound = rule.bound {
      let largest = x.abs().max().item()
      #expect(largest <= bound && largest > 0.999 * bound, "\(rule.name)")
    }
  }

  @Test(arguments: [[40, 60], [60, 40], [8, 3, 2, 2], [1, 1]] as [Shape]) func orthogonalRowsOrColumns(shape: Shape) {
    let x = Initializer.orthogonal(gain: 3)(shape, dtype: .float64, generator: RandomGenerator(seed: 9))
    #expect(x.shape == shape)
    let matrix = x.reshape([shape[0], -1])
    let short = matrix.shape[0] <= matrix.shape[1] ? matrix : matrix.transpose()
    expectClose(short • short.transpose(), Tensor.eye(short.shape[0], dtype: .float64) * 9, tolerance: 1e-12)
  }

  @Test func sparseColumnsHaveTheirPartOfZeros() {
    let x = Initializer.sparse(0.35, standardDeviation: 0.2)(
      [40, 500], dtype: .float64, generator: RandomGenerator(seed: 10))
    #expect((x .== 0).cast(to: .int64).sum(axes: [0]) == .full([500], 14, dtype: .int64))
    #expect(abs((x * x).sum().item() / 13_000 / 0.04 - 1) < 0.07)
    // The nonzero rows differ from column to column.
    #expect((x .== 0).cast(to: .int64).sum(axes: [1]).min().item() < 220)
  }

  @Test func diracHandsChannelsOn() {
    let x = Tensor.randomNormal([2, 3, 5, 4], dtype: .float64, generator: RandomGenerator(seed: 11))
    let kernel = Initializer.dirac()([4, 3, 3, 3], dtype: .float64)
    let y = Variable(x).conv2d(Variable(kernel), padding: 1).value
    expectClose(y[.all, 0..<3], x)
    #expect(y[.all, 3] == .zeros([2, 5, 4], dtype: .float64))
    // torch.nn.init.dirac_(torch.empty(4, 2, 3), groups=2): ones at (0, 0, 1), (1, 1, 1), (2, 0, 1), (3, 1, 1)
    let grouped = Initializer.dirac(groups: 2)([4, 2, 3])
    #expect(grouped.sum().item() == 4)
    for (row, column) in [(0, 0), (1, 1), (2, 0), (3, 1)] { #expect(grouped[row, column, 1].item() == 1) }
  }

  // torch.nn.init.calculate_gain
  @Test func gainsArePyTorchs() {
    typealias Kind = Initializer.Nonlinearity
    let gains = [Kind.linear, .sigmoid, .tanh, .relu, .leakyRelu(slope: 0.2), .selu].map(\.gain)
    #expect(gains == [1, 1, 1.6666666666666667, 1.4142135623730951, 1.3867504905630728, 0.75])
  }

  @Test func parametersAreFilled() {
    let net = Sequential(Linear(3, 2), ReLU(), Linear(2, 1))
    net.apply { module in
      if let layer = module as? Linear { Initializer.constant(2).fill(layer.weight) }
    }
    #expect(
      net.parameters.filter { $0.name.hasSuffix("weight") }.allSatisfy {
        $0.element.value == .full($0.element.shape, 2)
      })
  }

  @Test func constantsAreConstant() {
    #expect(Initializer.zeros([2, 3]) == .zeros([2, 3]))
    #expect(Initializer.constant(0.5)([4]) == .full([4], 0.5) && Initializer.ones([2]) == .ones([2]))
    let shifted = Initializer.uniform(2, 3)([500])
    #expect(shifted.min().item() >= 2 && shifted.max().item() < 3)
    let about = Initializer.normal(0.1, mean: 7)([500])
    #expect(abs(about.mean().item() - 7) < 0.03)
    let bias = Initializer.zeros.parameter([3])
    #expect(bias.requiresGrad && bias.isLeaf && bias.dtype == .float32)
  }

  @Test func theGeneratorDecides() {
    func layer(_ seed: UInt64) -> Linear { Linear(7, 5, generator: RandomGenerator(seed: seed)) }
    #expect(layer(1).weight.value == layer(1).weight.value)
    #expect(layer(1).weight.value != layer(2).weight.value)
    let bound = (1 / 7.0).squareRoot()
    #expect(layer(3).weight.value.abs().max().item() <= bound)
    #expect((layer(3).bias?.value.abs().max().item() ?? 1) <= bound)
  }
}
