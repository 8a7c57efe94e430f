import Autograd
import Foundation
import Testing

/// A function at a point where its derivative is a convention, or where a naive formula gives NaN.
struct SpecialCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let inputs: [[Double]]
  let values: [Double]
  let gradients: [[Double]]
  /// 1 unless given.
  let upstream: Double
  let function: @Sendable ([Variable]) -> Variable

  init(
    _ name: String, at inputs: [Double]..., gives values: [Double], gradients: [[Double]], upstream: Double = 1,
    _ function: @escaping @Sendable ([Variable]) -> Variable
  ) {
    testDescription = name
    (self.inputs, self.values, self.gradients, self.upstream) = (inputs, values, gradients, upstream)
    self.function = function
  }

  static func unary(
    _ name: String, at input: [Double], gives values: [Double], gradient: [Double], upstream: Double = 1,
    _ function: @escaping @Sendable (Variable) -> Variable
  ) -> SpecialCase {
    SpecialCase(name, at: input, gives: values, gradients: [gradient], upstream: upstream) { function($0[0]) }
  }
}

private let infinity = Double.infinity

private func full(_ number: Double, like x: Variable) -> Variable {
  Variable(Tensor.full(x.shape, number, dtype: x.dtype))
}

/// Derivatives by PyTorch's conventions: a fixed value at kinks, shared among ties.
private let kinks: [SpecialCase] = [
  .unary("relu at 0", at: [0, -0.0], gives: [0, 0], gradient: [0, 0]) { $0.relu() },
  .unary("leakyRelu at 0", at: [0], gives: [0], gradient: [0.1]) { $0.leakyRelu(negativeSlope: 0.1) },
  .unary("hardSwish at ±3", at: [-3, 3], gives: [0, 3], gradient: [0, 1]) { $0.hardSwish() },
  .unary("elu at 0", at: [0], gives: [0], gradient: [1]) { $0.elu() },
  .unary("abs at 0", at: [0, -0.0, -2], gives: [0, 0, 2], gradient: [0, 0, -1]) { $0.abs() },
  .unary("max with ties", at: [2, 1, 2, 2], gives: [2], gradient: [1.0 / 3, 0, 1.0 / 3, 1.0 / 3]) { $0.max() },
  .unary("min with ties", at: [-1, 1, -1, 2], gives: [-1], gradient: [0.5, 0, 0.5, 0]) { $0.min() },
  .unary("max over equal rows", at: [1, 1, 3, 3], gives: [1, 3], gradient: [0.5, 0.5, 0.5, 0.5]) {
    $0.reshape([2, 2]).max(axes: [1])
  },
  SpecialCase(
    "maximum at ties", at: [1, 2, 5], [1, 3, 4], gives: [1, 3, 5], gradients: [[0.5, 0, 1], [0.5, 1, 0]]
  ) {
    $0[0].maximum($0[1])
  },
  SpecialCase(
    "minimum at ties", at: [1, 2, 5], [1, 3, 4], gives: [1, 2, 4], gradients: [[0.5, 1, 0], [0.5, 0, 1]]
  ) {
    $0[0].minimum($0[1])
  },
  .unary("maximum of a value and itself", at: [3], gives: [3], gradient: [1]) { $0.maximum($0) },
]

private let powers: [SpecialCase] = [
  .unary("x⁰ at 0", at: [0, 2, -3], gives: [1, 1, 1], gradient: [0, 0, 0]) { $0.pow(0) },
  .unary("x¹ at 0", at: [0, -2], gives: [0, -2], gradient: [1, 1]) { $0.pow(1) },
  .unary("x² at 0", at: [0, -2], gives: [0, 4], gradient: [0, -4]) { $0.pow(2) },
  .unary("x³ of negative numbers", at: [-2], gives: [-8], gradient: [12]) { $0.pow(3) },
  .unary("x½ at 0", at: [0, 4], gives: [0, 2], gradient: [infinity, 0.25]) { $0.pow(0.5) },
  SpecialCase("0⁰", at: [0], [0], gives: [1], gradients: [[0], [0]]) { $0[0].pow($0[1]) },
  SpecialCase("0² by a variable", at: [0], [2], gives: [0], gradients: [[0], [0]]) { $0[0].pow($0[1]) },
  SpecialCase("0½ by a variable", at: [0], [0.5], gives: [0], gradients: [[infinity], [0]]) { $0[0].pow($0[1]) },
  SpecialCase("0¹ by a variable", at: [0], [1], gives: [0], gradients: [[1], [0]]) { $0[0].pow($0[1]) },
  .unary("a power of 0", at: [0, 2], gives: [1, 0], gradient: [0, 0]) { Variable.pow(0, $0) },
  .unary("a power of 2", at: [3], gives: [8], gradient: [8 * log(2)]) { Variable.pow(2, $0) },
]

/// Inputs for which a naive formula overflows although the result is finite.
private let extremes: [SpecialCase] = [
  .unary("tanh of ±1000", at: [-1000, 1000], gives: [-1, 1], gradient: [0, 0]) { $0.tanh() },
  .unary("sigmoid of ±1000", at: [-1000, 1000], gives: [0, 1], gradient: [0, 0]) { $0.sigmoid() },
  .unary("logSigmoid of ±1000", at: [-1000, 1000], gives: [-1000, 0], gradient: [1, 0]) { $0.logSigmoid() },
  .unary("softplus of ±1000", at: [-1000, 1000], gives: [0, 1000], gradient: [0, 1]) { $0.softplus() },
  .unary("elu of ±1000", at: [-1000, 1000], gives: [-1, 1000], gradient: [0, 1]) { $0.elu() },
  .unary("gelu of ±1000", at: [-1000, 1000], gives: [0, 1000], gradient: [0, 1]) { $0.gelu() },
  .unary("silu of ±1000", at: [-1000, 1000], gives: [0, 1000], gradient: [0, 1]) { $0.silu() },
  .unary("softmax of ±10⁴", at: [-1e4, 1e4, 0], gives: [0, 1, 0], gradient: [0, 0, 0]) { $0.softmax() },
  .unary("logSoftmax of ±10⁴", at: [-1e4, 1e4], gives: [-2e4, 0], gradient: [1, -1]) { $0.logSoftmax() },
  .unary("logSumExp of ±10⁴", at: [-1e4, 1e4], gives: [1e4], gradient: [0, 1]) { $0.logSumExp() },
  .unary("crossEntropy of ±10⁴", at: [-1e4, 1e4], gives: [2e4], gradient: [-1, 1]) {
    $0.reshape([1, 2]).crossEntropy(Tensor([0], dtype: .int64))
  },
  .unary("logSumExp with −∞", at: [-infinity, 0, 0], gives: [log(2)], gradient: [0, 0.5, 0.5]) { $0.logSumExp() },
  .unary("logSumExp of −∞ alone", at: [-infinity, -infinity], gives: [-infinity], gradient: [0, 0]) {
    $0.logSumExp()
  },
  .unary("softmax with −∞", at: [-infinity, 1, 1], gives: [0, 0.5, 0.5], gradient: [0, 0, 0]) { $0.softmax() },
  .unary("exp of 1000", at: [1000, -1000], gives: [infinity, 0], gradient: [infinity, 0]) { $0.exp() },
]

/// A zero upstream gradient gives a zero gradient, even where the slope is infinite.
private let idle: [SpecialCase] = [
  .unary("sqrt at 0", at: [0, 4], gives: [0, 2], gradient: [infinity, 0.25]) { $0.sqrt() },
  .unary("sqrt at 0, nothing asked", at: [0, 4], gives: [0, 2], gradient: [0, 0], upstream: 0) { $0.sqrt() },
  .unary("log at 0, nothing asked", at: [0, 1], gives: [-infinity, 0], gradient: [0, 0], upstream: 0) { $0.log() },
  .unary("1 / x at 0, nothing asked", at: [0, 2], gives: [infinity, 0.5], gradient: [0, 0], upstream: 0) { 1 / $0 },
  .unary("reciprocal at 0, nothing asked", at: [0, 2], gives: [infinity, 0.5], gradient: [0, 0], upstream: 0) {
    $0.reciprocal()
  },
  .unary("x to the half at 0, nothing asked", at: [0, 4], gives: [0, 2], gradient: [0, 0], upstream: 0) { $0.pow(0.5) },
  .unary("x to the −1 at 0, nothing asked", at: [0, 2], gives: [infinity, 0.5], gradient: [0, 0], upstream: 0) {
    $0.pow(-1)
  },
  .unary("where hides log at 0", at: [0, 1], gives: [7, 0], gradient: [0, 1]) { x in
    Variable.where(x .> 0, x.log(), full(7, like: x))
  },
  .unary("where: the branch not taken is √0", at: [0, 4], gives: [7, 2], gradient: [0, 0.25]) { x in
    Variable.where(x .> 0, x.sqrt(), full(7, like: x))
  },
  .unary("where: the branch not taken is infinite", at: [0, 2], gives: [0, 0.5], gradient: [0, -0.25]) { x in
    let safe = Variable.where(x .> 0, x, full(1, like: x))
    return Variable.where(x .> 0, 1 / safe, full(0, like: x))
  },
  SpecialCase(
    "where: the side not taken holds infinity and NaN", at: [1, 2], [infinity, .nan], gives: [1, 2],
    gradients: [[1, 1], [0, 0]]
  ) { Variable.where(Tensor([true, true]), $0[0], $0[1]) },
  .unary("relu of −∞", at: [-infinity], gives: [0], gradient: [0]) { $0.relu() },
]

@Suite struct SpecialValueTests {
  @Test func determinantsWhosePartialProductsAreOutOfRange() {
    let x = Variable(Tensor([1e30, -1e30, 1e-30, 1e-30], shape: [4]), requiresGrad: true)
    x.cast(to: .float32).diag().det().backward()
    let gradient = x.grad?.value.scalars(as: Double.self) ?? []
    for (found, expected) in zip(gradient, [-1e-30, 1e-30, -1e30, -1e30]) {
      #expect(Swift.abs(found / expected - 1) < 1e-6)
    }
    #expect(gradient.count == 4)
  }

  @Test(arguments: kinks + powers + extremes + idle, [DType.float64, .float32])
  func valueAndGradient(_ special: SpecialCase, _ type: DType) {
    let leaves = special.inputs.map { Variable(Tensor($0).cast(to: type), requiresGrad: true) }
    let y = special.function(leaves)
    check(y.value, special.values)
    y.backward(gradient: Tensor.full(y.shape, special.upstream, dtype: y.dtype))
    for (leaf, expected) in zip(leaves, special.gradients) { check(leaf.grad!.value, expected) }
  }

  /// The second derivative at a kink is 0, never NaN.
  @Test(arguments: kinks) func secondDerivativeIsFinite(_ special: SpecialCase) {
    let leaves = special.inputs.map { Variable(Tensor($0), requiresGrad: true) }
    special.function(leaves).square().sum().backward(createGraph: true)
    let gradients = leaves.map { $0.grad! }
    for leaf in leaves { leaf.grad = nil }
    gradients.map { $0.square().sum() }.reduce(Variable(0, dtype: .float64), +).backward()
    for leaf in leaves { #expect(leaf.grad?.value.scalars(as: Double.self).allSatisfy(\.isFinite) ?? true) }
  }

  private func check(_ found: Tensor, _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation) {
    let found = found.scalars(as: Double.self)
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    for (found, expected) in zip(found, expected) where found != expected {
      let isNear = abs(found - expected) <= 1e-6 * max(1, abs(expected))
      #expect(isNear, "\(found), not \(expected)", sourceLocation: sourceLocation)
    }
  }
}

/// Every comparison with NaN is false. The gradient still passes, as in PyTorch.
@Suite struct GradientAtNaNTests {
  private func gradients(_ function: (Variable, Variable) -> Variable) -> [[Float]] {
    let x = Variable(Tensor([.nan, 1, -1, .nan] as [Float]), requiresGrad: true)
    let y = Variable(Tensor([2, .nan, 1, .nan] as [Float]), requiresGrad: true)
    function(x, y).backward(gradient: Tensor([2, 3, 4, 5] as [Float]))
    return [x, y].map { $0.grad?.value.scalars() ?? [] }
  }

  @Test func maximumAndMinimum() {
    #expect(gradients { $0.maximum($1) } == [[2, 3, 0, 5], [2, 3, 4, 5]])
    #expect(gradients { $0.minimum($1) } == [[2, 3, 4, 5], [2, 3, 0, 5]])
  }

  @Test func relu() {
    #expect(gradients { x, _ in x.relu() }[0] == [2, 3, 0, 5])
  }
}

/// Ops without a derivative return tensors, or variables that require no gradient.
@Suite struct WithoutDerivativeTests {
  let x = Variable([[1, 5, 2], [7, 0, 7]], requiresGrad: true)

  @Test func positionsOfExtremes() {
    #expect(x.argmax(axis: 1) == Tensor([1, 0], dtype: .int64))
    #expect(x.argmin(axis: 0) == Tensor([0, 1, 0], dtype: .int64))
    #expect(x.argmax() == Tensor(3, dtype: .int64))
  }

  @Test func comparison() {
    #expect((x .> 2) == Tensor([[false, true, false], [true, false, true]]))
    #expect((x .<= x).all().item() == 1)
    #expect((x .== 7).cast(to: .int64).sum().item() == 2)
  }

  @Test func detachedValues() {
    #expect(!x.detach().requiresGrad)
    #expect(!(x.detach() * 2).requiresGrad)
  }
}
