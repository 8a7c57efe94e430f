// How near vectors are to each other, as layers of two inputs.

/// The cosine of the angle between vectors along an axis (see `Variable.cosineSimilarity`). PyTorch's
/// `CosineSimilarity`.
public final class CosineSimilarity: Module {
  private let axis: Int
  private let epsilon: Double

  /// Creates the layer.
  public init(axis: Int = 1, epsilon: Double = 1e-8) { (self.axis, self.epsilon) = (axis, epsilon) }

  /// Inputs that broadcast, without their axis.
  public func callAsFunction(_ first: Variable, _ second: Variable) -> Variable {
    atWork { first.cosineSimilarity(second, axis: axis, epsilon: epsilon) }
  }
}

/// The distance of vectors along the last axis (see `Variable.pairwiseDistance`). PyTorch's `PairwiseDistance`.
public final class PairwiseDistance: Module {
  private let p, epsilon: Double
  private let keepDims: Bool

  /// Creates the layer of the norm with exponent `p`.
  public init(_ p: Double = 2, epsilon: Double = 1e-6, keepDims: Bool = false) {
    (self.p, self.epsilon, self.keepDims) = (p, epsilon, keepDims)
  }

  /// Inputs that broadcast, without their last axis.
  public func callAsFunction(_ first: Variable, _ second: Variable) -> Variable {
    atWork { first.pairwiseDistance(second, p, epsilon: epsilon, keepDims: keepDims) }
  }
}
