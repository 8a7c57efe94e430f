// Variances and norms over some axes; `axes: nil` means all, with `keepDims` reduced axes stay with size 1. All stop
// unless the elements are floats.

extension Tensor {
  /// Variance over some axes: Σ (x − mean)² / (n − correction). `correction` 1 is the
  /// unbiased estimate, 0 the mean square.
  ///
  /// PyTorch's `var`.
  public func variance(axes: [Int]? = nil, correction: Double = 1, keepDims: Bool = false) -> Tensor {
    deviation("variance", axes, correction, keepDims)
  }

  /// Standard deviation over some axes: the root of the variance. PyTorch's `std`.
  public func standardDeviation(axes: [Int]? = nil, correction: Double = 1, keepDims: Bool = false) -> Tensor {
    deviation("standardDeviation", axes, correction, keepDims).sqrt()
  }

  private func deviation(_ op: String, _ axes: [Int]?, _ correction: Double, _ keepDims: Bool) -> Tensor {
    requireFloat(named: op)
    let plan = Deviations(shape, axes, correction, op)
    return plan.variance(of: self).reshape(shape.reducing(plan.axes, keepDims: keepDims))
  }

  /// The p-norm over some axes: (Σ |x|ᵖ)^(1/p); p ∞ is the largest |x|, −∞ the smallest, 0 counts what is not 0.
  ///
  /// PyTorch's `linalg.vector_norm`.
  public func norm(_ p: Double = 2, axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    requireFloat(named: "norm")
    requireOrder(p, "norm")
    _ = shape.checkedAxes(axes, op: "norm")
    switch p {
    case 0: return (self .!= 0).cast(to: dtype).sum(axes: axes, keepDims: keepDims)
    case 1: return abs().sum(axes: axes, keepDims: keepDims)
    case 2: return reduced(.sumOfSquares, axes: axes, keepDims: keepDims).sqrt()
    case .infinity: return abs().max(axes: axes, keepDims: keepDims)
    case -.infinity: return abs().min(axes: axes, keepDims: keepDims)
    default: return abs().pow(p).sum(axes: axes, keepDims: keepDims).pow(1 / p)
    }
  }
}

/// Stops for NaN, which is no order of a norm, under the name that the caller used.
package func requireOrder(_ p: Double, _ op: @autoclosure () -> String) {
  require(!p.isNaN, "\(op()): the order must be a number, got NaN")
}

/// Shared by variance and standard deviation: the axes, and the divisor n − correction.
package struct Deviations: Sendable {
  package let axes: AxisSet
  package let divisor: Double
  /// The axes in order.
  package let list: [Int]

  package init(_ shape: Shape, _ axes: [Int]?, _ correction: Double, _ op: String) {
    self.axes = shape.checkedAxes(axes, op: op)
    let chosen = self.axes
    list = (0..<shape.rank).filter { chosen.contains($0) }
    let count = list.reduce(1) { $0 * shape[$1] }
    require(correction.isFinite, "\(op): the correction must be finite, got \(correction)")
    divisor = Swift.max(Double(count) - correction, 0)
  }

  /// The variance; the reduced axes stay with size 1.
  package func variance(of x: Tensor) -> Tensor {
    let centred = x - x.mean(axes: list, keepDims: true)
    return centred.reduced(.sumOfSquares, axes: list, keepDims: true) / divisor
  }
}
