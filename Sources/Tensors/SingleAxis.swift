// Reductions over one axis, which is what most calls want: `x.sum(axis: 1)` is `x.sum(axes: [1])`. (`max(axis:)` and
// `min(axis:)` return positions too, and are in Sorting.swift.)

extension TensorLike {
  /// Sum over one axis. See `sum(axes:keepDims:)`.
  public func sum(axis: Int, keepDims: Bool = false) -> Self { sum(axes: [axis], keepDims: keepDims) }

  /// Arithmetic mean over one axis. See `mean(axes:keepDims:)`.
  public func mean(axis: Int, keepDims: Bool = false) -> Self { mean(axes: [axis], keepDims: keepDims) }

  /// Product over one axis. See `prod(axes:keepDims:)`.
  public func prod(axis: Int, keepDims: Bool = false) -> Self { prod(axes: [axis], keepDims: keepDims) }

  /// log Σ exp(x) over one axis. See `logSumExp(axes:keepDims:)`.
  public func logSumExp(axis: Int, keepDims: Bool = false) -> Self { logSumExp(axes: [axis], keepDims: keepDims) }

  /// Variance over one axis. See `variance(axes:correction:keepDims:)`.
  public func variance(axis: Int, correction: Double = 1, keepDims: Bool = false) -> Self {
    variance(axes: [axis], correction: correction, keepDims: keepDims)
  }

  /// Standard deviation over one axis. See `standardDeviation(axes:correction:keepDims:)`.
  public func standardDeviation(axis: Int, correction: Double = 1, keepDims: Bool = false) -> Self {
    standardDeviation(axes: [axis], correction: correction, keepDims: keepDims)
  }

  /// The p-norm over one axis. See `norm(_:axes:keepDims:)`.
  public func norm(_ p: Double = 2, axis: Int, keepDims: Bool = false) -> Self {
    norm(p, axes: [axis], keepDims: keepDims)
  }

  /// Without one axis, if its size is 1; an axis of another size stays, as in PyTorch's `squeeze`.
  public func squeeze(_ axis: Int) -> Self { squeeze(axes: [axis]) }
}

extension Tensor {
  /// Whether any element along one axis of a bool tensor is true. See `any(axes:keepDims:)`.
  public func any(axis: Int, keepDims: Bool = false) -> Tensor { any(axes: [axis], keepDims: keepDims) }

  /// Whether all elements along one axis of a bool tensor are true. See `all(axes:keepDims:)`.
  public func all(axis: Int, keepDims: Bool = false) -> Tensor { all(axes: [axis], keepDims: keepDims) }
}
