import NN
import Testing

@Suite struct InitializerTests {
  /// Each rule with the standard deviation that it promises for a weight [300, 200, 3]: fan in 600, fan out 900.
  static let rules: [(name: String, make: @Sendable () -> Initializer, deviation: Double, bound: Double?)] = [
    ("torch", { .torchDefault(fanIn: 600) }, (1 / 1800.0).squareRoot(), (1 / 600.0).squareRoot()),
    ("Xavier uniform", { .xavierUniform() }, (2 / 1500.0).squareRoot(), (6 / 1500.0).squareRoot()),
    ("Xavier normal", { .xavierNormal(gain: 2) }, 2 * (2 / 1500.0).squareRoot(), nil),
    ("He uniform", { .heUniform }, (2 / 600.0).squareRoot(), (6 / 600.0).squareRoot()),
    ("He normal", { .heNormal }, (2 / 600.0).squareRoot(), nil),
    ("LeCun uniform", { .lecunUniform }, (1 / 600.0).squareRoot(), (3 / 600.0).squareRoot()),
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
      let largest = x.mapped(.abs).max().item()
      #expect(largest <= bound && largest > 0.999 * bound, "\(rule.name)")
    }
  }

  @Test func constantsAreConstant() {
    #expect(Initializer.zeros([2, 3]) == .zeros([2, 3]))
    #expect(Initializer.constant(0.5)([4]) == .full([4], 0.5))
    let bias = Initializer.zeros.parameter([3])
    #expect(bias.requiresGrad && bias.isLeaf && bias.dtype == .float32)
  }

  @Test func theGeneratorDecides() {
    func layer(_ seed: UInt64) -> Linear { Linear(7, 5, generator: RandomGenerator(seed: seed)) }
    #expect(layer(1).weight.value == layer(1).weight.value)
    #expect(layer(1).weight.value != layer(2).weight.value)
    let bound = (1 / 7.0).squareRoot()
    #expect(layer(3).weight.value.mapped(.abs).max().item() <= bound)
    #expect((layer(3).bias?.value.mapped(.abs).max().item() ?? 1) <= bound)
  }
}
