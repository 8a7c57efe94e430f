import Autograd
import Foundation
import Testing

/// Gradients at singular points. The values are PyTorch 2.13's in float64: `torch.autograd.grad(y, x, ones_like(y))`,
/// and for `second` the gradient of the sum of those. Where PyTorch gives NaN but optimization could go on with a
/// gradient of 0, it is 0 here; the comment on the case says so.
struct Pole: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let inputs: [[Double]]
  let gradients: [[Double]]
  /// `nil` if the second derivative only has to be finite.
  let second: [[Double]]?
  let function: @Sendable ([Variable]) -> Variable

  init(
    _ name: String, at inputs: [Double]..., gradients: [[Double]], second: [[Double]]?,
    _ function: @escaping @Sendable ([Variable]) -> Variable
  ) {
    testDescription = name
    (self.inputs, self.gradients, self.second, self.function) = (inputs, gradients, second, function)
  }

  /// A function of one vector.
  static func one(
    _ name: String, at input: [Double], gradient: [Double], second: [Double]?,
    _ function: @escaping @Sendable (Variable) -> Variable
  ) -> Pole {
    Pole(name, at: input, gradients: [gradient], second: second.map { [$0] }) { function($0[0]) }
  }
}

private let infinity = Double.infinity
private let root = 0.5.squareRoot()

/// True poles: the slope is infinite, and is returned as such. Or the second derivative does not exist, as for equal
/// eigenvalues: any value would be wrong for some function of them.
private let poles: [Pole] = [
  .one("√x at 0", at: [0, 4], gradient: [infinity, 0.25], second: [-infinity, -0.03125]) { $0.sqrt() },
  .one("1/√x at 0", at: [0, 4], gradient: [-infinity, -0.0625], second: nil) { $0.rsqrt() },
  .one("log at 0", at: [0, 1], gradient: [infinity, 1], second: [-infinity, -1]) { $0.log() },
  .one("log(1 + x) at −1", at: [-1, 1], gradient: [infinity, 0.5], second: [-infinity, -0.25]) { $0.log1p() },
  .one("log₂ at 0", at: [0, 1], gradient: [infinity, 1 / log(2)], second: [-infinity, -1 / log(2)]) { $0.log2() },
  .one("1/x at 0", at: [0, 2], gradient: [-infinity, -0.25], second: [infinity, 0.25]) { $0.reciprocal() },
  .one("x½ at 0", at: [0, 4], gradient: [infinity, 0.25], second: [-infinity, -0.03125]) { $0.pow(0.5) },
  .one("x^1.5 at 0", at: [0, 4], gradient: [0, 3], second: [infinity, 0.375]) { $0.pow(1.5) },
  .one("acos at ±1", at: [1, -1, 0], gradient: [-infinity, -infinity, -1], second: nil) { $0.acos() },
  .one("asin at ±1", at: [1, -1, 0], gradient: [infinity, infinity, 1], second: nil) { $0.asin() },
  Pole("x / 0", at: [1, 0], [0, 2], gradients: [[infinity, 0.5], [-infinity, 0]], second: nil) { $0[0] / $0[1] },
  .one("equal eigenvalues", at: [2, 0, 0, 2], gradient: [1, 0, 0, 1], second: nil) {
    $0.reshape([2, 2]).eigh().values
  },
  .one("equal singular values", at: [2, 0, 0, 2], gradient: [1, 0, 0, 1], second: nil) { $0.reshape([2, 2]).svd().s },
]

/// The slope is finite, or does not exist and follows a convention.
private let finite: [Pole] = [
  .one("x² at 0", at: [0, 4], gradient: [0, 8], second: [2, 2]) { $0.pow(2) },
  .one("x³ at 0", at: [0, 4], gradient: [0, 48], second: [0, 24]) { $0.pow(3) },
  .one("|x| at 0", at: [0, -2], gradient: [0, -1], second: [0, 0]) { $0.abs() },
  // PyTorch's second derivative of norms at 0 is NaN.
  .one("norm of 0", at: [0, 0], gradient: [0, 0], second: [0, 0]) { $0.norm() },
  .one("norms of rows", at: [0, 0, 3, 4], gradient: [0, 0, 0.6, 0.8], second: [0, 0, 0.032, -0.024]) {
    $0.reshape([2, 2]).norm(axes: [1])
  },
  .one("1-norm at 0", at: [0, -2], gradient: [0, -1], second: [0, 0]) { $0.norm(1) },
  .one("3-norm of 0", at: [0, 0], gradient: [0, 0], second: [0, 0]) { $0.norm(3) },
  .one("3-norm with a 0", at: [0, 2], gradient: [0, 1], second: [0, 0]) { $0.norm(3) },
  .one("1.5-norm with a 0", at: [0, 2], gradient: [0, 1], second: [0, 0]) { $0.norm(1.5) },
  .one("½-norm with a 0", at: [0, 2], gradient: [0, 1], second: [0, 0]) { $0.norm(0.5) },
  .one("½-norm of 0", at: [0, 0], gradient: [0, 0], second: [0, 0]) { $0.norm(0.5) },
  .one("∞-norm with ties", at: [2, -2, 1], gradient: [0.5, -0.5, 0], second: [0, 0, 0]) { $0.norm(.infinity) },
  .one("∞-norm of 0", at: [0, 0], gradient: [0, 0], second: [0, 0]) { $0.norm(.infinity) },
  .one("−∞-norm with ties", at: [2, -2, 3], gradient: [0.5, -0.5, 0], second: [0, 0, 0]) { $0.norm(-.infinity) },
  .one("deviation of equals", at: [2, 2, 2], gradient: [0, 0, 0], second: [0, 0, 0]) { $0.standardDeviation() },
  .one(
    "deviations of rows", at: [2, 2, 1, 3], gradient: [0, 0, -root, root], second: [0, 0, 0, 0]
  ) { $0.reshape([2, 2]).standardDeviation(axes: [1]) },
  .one("deviation of one", at: [2], gradient: [0], second: [0]) { $0.standardDeviation(correction: 0) },
  .one("variance of equals", at: [2, 2, 2], gradient: [0, 0, 0], second: [0, 0, 0]) { $0.variance() },
  .one("product with a 0", at: [2, 0, 3], gradient: [0, 6, 0], second: [3, 5, 2]) { $0.prod() },
  .one("product with two 0s", at: [2, 0, 0], gradient: [0, 0, 0], second: [0, 2, 2]) { $0.prod() },
  .one("running product with 0s", at: [2, 0, 3, 0], gradient: [1, 8, 0, 0], second: [4, 12, 2, 6]) {
    $0.cumprod(axis: 0)
  },
  // PyTorch has no second derivative of cdist.
  Pole(
    "distances of equal rows", at: [1, 2], [1, 2, 4, 6], gradients: [[-0.6, -0.8], [0, 0, 0.6, 0.8]],
    second: [[0, 0], [0, 0, 0, 0]]
  ) { $0[0].reshape([1, 2]).cdist($0[1].reshape([2, 2])) },
  Pole(
    "1-distances of equal rows", at: [1, 2], [1, 2, 4, 6], gradients: [[-1, -1], [0, 0, 1, 1]],
    second: [[0, 0], [0, 0, 0, 0]]
  ) { $0[0].reshape([1, 2]).cdist($0[1].reshape([2, 2]), 1) },
  Pole(
    "pairwise distance of equals", at: [1, 2], [1, 2],
    gradients: [[root, root], [-root, -root]],
    second: nil
  ) { $0[0].reshape([1, 2]).pairwiseDistance($0[1].reshape([1, 2])) },
  // NaN in PyTorch.
  Pole(
    "pairwise distance of equals without ε", at: [1, 2], [1, 2], gradients: [[0, 0], [0, 0]],
    second: [[0, 0], [0, 0]]
  ) { $0[0].reshape([1, 2]).pairwiseDistance($0[1].reshape([1, 2]), epsilon: 0) },
  Pole(
    "cosine similarity of 0", at: [0, 0], [3, 4], gradients: [[6e7, 8e7], [0, 0]], second: nil
  ) { $0[0].reshape([1, 2]).cosineSimilarity($0[1].reshape([1, 2])) },
  Pole("cosine similarity of 0 and 0", at: [0, 0], [0, 0], gradients: [[0, 0], [0, 0]], second: nil) {
    $0[0].reshape([1, 2]).cosineSimilarity($0[1].reshape([1, 2]))
  },
  .one("normalized 0", at: [0, 0], gradient: [1e12, 1e12], second: nil) { $0.reshape([1, 2]).normalize() },
  .one("normalized", at: [3, 4], gradient: [0.032, -0.024], second: [-0.01888, 0.01216]) {
    $0.reshape([1, 2]).normalize()
  },
  // NaN in PyTorch; an entry of −∞ gets no gradient.
  .one("log-sum-exp of −∞ alone", at: [-infinity, -infinity], gradient: [0, 0], second: [0, 0]) { $0.logSumExp() },
  // The second derivative at the origin is NaN in PyTorch.
  Pole(
    "angle at the origin", at: [0, 0, 1], [0, -1, 0], gradients: [[0, -1, 0], [0, 0, -1]],
    second: [[0, -1, 1], [0, -1, 1]]
  ) { $0[0].atan2($0[1]) },
  Pole("0² and 0¹ by variables", at: [0, 0], [2, 1], gradients: [[0, 1], [0, 0]], second: nil) { $0[0].pow($0[1]) },
  Pole("0⁰ and 2⁰ by variables", at: [0, 2], [0, 0], gradients: [[0, 0], [0, log(2)]], second: nil) {
    $0[0].pow($0[1])
  },
  .one("softplus of ±1000", at: [-1000, 0, 1000], gradient: [0, 0.5, 1], second: [0, 0.25, 0]) { $0.softplus() },
  .one("clamp at its bounds", at: [-1, 1, 2], gradient: [1, 1, 0], second: [0, 0, 0]) { $0.clamp(min: -1, max: 1) },
  .one("largest of equals", at: [2, 2, 1], gradient: [0.5, 0.5, 0], second: [0, 0, 0]) { $0.max() },
  .one("first of the largest", at: [2, 2, 1], gradient: [1, 0, 0], second: [0, 0, 0]) { $0.max(axis: 0).values },
  .one("layer normalization of equals", at: [2, 2, 2], gradient: [0, 0, 0], second: [0, 0, 0]) { $0.layerNorm([3]) },
  .one("RMS normalization of 0", at: [0, 0], gradient: [316.2277660168379, 316.2277660168379], second: [0, 0]) {
    $0.rmsNorm([2], epsilon: 1e-5)
  },
  .one("determinant of a singular matrix", at: [1, 2, 2, 4], gradient: [4, -2, -2, 1], second: [1, -1, -1, 1]) {
    $0.reshape([2, 2]).det()
  },
  .one(
    "determinant of rank 2", at: [1, 2, 3, 4, 5, 6, 7, 8, 9], gradient: [-3, 6, -3, 6, -12, 6, -3, 6, -3], second: nil
  ) { $0.reshape([3, 3]).det() },
  // NaN in PyTorch; the sum of det's slopes of a 2×2 matrix has slopes (1, −1, −1, 1) everywhere.
  .one("determinant of 0", at: [0, 0, 0, 0], gradient: [0, 0, 0, 0], second: [1, -1, -1, 1]) {
    $0.reshape([2, 2]).det()
  },
]

@Suite struct PoleTests {
  @Test(arguments: poles + finite) func gradientsAreThoseOfPyTorch(_ pole: Pole) {
    let leaves = pole.inputs.map { Variable(Tensor($0), requiresGrad: true) }
    let y = pole.function(leaves)
    let found = gradients(of: [y], withRespectTo: leaves, upstream: [ones(like: y)], createGraph: true)
    for (found, expected) in zip(found, pole.gradients) { expectNear(found, expected) }
    guard let second = pole.second else { return }
    let sum = found.compactMap { $0?.sum() }.reduce(single(0), +)
    for (leaf, expected) in zip(leaves, second) {
      expectNear(gradient(of: sum, withRespectTo: leaf, retainGraph: true), expected)
    }
  }

  @Test(arguments: finite) func secondDerivativesAreFinite(_ pole: Pole) {
    let points = pole.inputs.map { Variable(Tensor($0)) }
    let found = gradient(at: points) { points in
      gradient(at: points) { pole.function($0).sum() }.map { $0.sum() }.reduce(single(0), +)
    }
    for numbers in found.map({ $0.value.scalars(as: Double.self) }) {
      let areFinite = numbers.allSatisfy(\.isFinite)
      #expect(areFinite, "\(numbers)")
    }
  }

  /// A zero upstream gradient gives zero gradients, never 0 · ∞. PyTorch gives NaN at the poles.
  @Test(arguments: poles + finite) func nothingAskedNothingGiven(_ pole: Pole) {
    let leaves = pole.inputs.map { Variable(Tensor($0), requiresGrad: true) }
    let y = pole.function(leaves)
    for found in gradients(of: [y], withRespectTo: leaves, upstream: [ones(like: y) * 0]) {
      let numbers = found?.value.scalars(as: Double.self) ?? []
      let areZero = numbers.allSatisfy { $0 == 0 }
      #expect(areZero, "\(numbers)")
    }
  }

  private func ones(like y: Variable) -> Variable { Variable(Tensor.ones(y.shape, dtype: y.dtype)) }

  private func expectNear(
    _ found: Variable?, _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = found?.value.scalars(as: Double.self) ?? expected.map { _ in 0 }
    let isNear = zip(found, expected).allSatisfy { $0 == $1 || abs($0 - $1) <= 1e-12 * max(1, abs($1)) }
    #expect(isNear && found.count == expected.count, "\(found), not \(expected)", sourceLocation: sourceLocation)
  }
}
