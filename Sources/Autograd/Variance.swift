// Variances and norms over some axes; `axes: nil` means all, with `keepDims` reduced axes stay with size 1.

extension Variable {
  /// Variance over some axes: Σ (x − mean)² / (n − correction). dx = dy · 2 (x − mean) / (n − correction).
  ///
  /// `correction` 1 is the unbiased estimate, 0 the mean square. PyTorch's `var`.
  public func variance(axes: [Int]? = nil, correction: Double = 1, keepDims: Bool = false) -> Variable {
    requireFloat(.variance)
    let plan = Deviations(shape, axes, correction, "variance")
    let value = plan.variance(of: tensor)
    return record(
      .variance, self, value.reshape(shape.reducing(plan.axes, keepDims: keepDims)),
      { [x = snapshot] dy in dy.reshape(value.shape) * x.centred(plan) * (2 / plan.divisor) })
  }

  /// Standard deviation over some axes: the root of the variance. dx = dy · (x − mean) / ((n − correction) · y), 0
  /// where y is 0. PyTorch's `std`.
  public func standardDeviation(axes: [Int]? = nil, correction: Double = 1, keepDims: Bool = false) -> Variable {
    requireFloat(.standardDeviation)
    let plan = Deviations(shape, axes, correction, "standardDeviation")
    let value = plan.variance(of: tensor).sqrt()
    return recordUnary(
      .standardDeviation, value.reshape(shape.reducing(plan.axes, keepDims: keepDims)), keeping: .output
    ) { [x = snapshot] y, dy in
      dy.reshape(value.shape).quotientOrFlat(y.reshape(value.shape)) * x.centred(plan) / plan.divisor
    }
  }

  /// The covariance matrix of variables [variables, observations]: C = (x − mean) · (x − mean)ᵀ / (n − correction), of
  /// shape [variables, variables]; for a vector of observations its variance. PyTorch's `cov`.
  public func covariance(correction: Double = 1) -> Variable {
    requireFloat(named: "covariance")
    require(rank == 1 || rank == 2, "covariance: wants [variables, observations] or a vector, got \(shape)")
    let rows = rank == 2 ? self : unsqueeze(0)
    let centred = rows - rows.mean(axes: [1], keepDims: true)
    let products = centred.matmul(centred.transpose()) / Swift.max(Double(shape[-1]) - correction, 0)
    return rank == 2 ? products : products.reshape([] as Shape)
  }

  /// Pearson's correlation matrix of variables [variables, observations]: Rᵢⱼ = Cᵢⱼ / √(Cᵢᵢ · Cⱼⱼ) with the covariances
  /// C; 1 for a vector. PyTorch's `corrcoef`.
  public func correlation() -> Variable {
    let products = covariance()
    if rank == 1 { return products / products }
    let deviations = products.diagonal().sqrt()
    return (products / deviations.unsqueeze(1) / deviations.unsqueeze(0)).clamp(min: -1, max: 1)
  }

  /// The p-norm over some axes: (Σ |x|ᵖ)^(1/p); p ∞ is the largest |x|, −∞ the smallest, 0 counts what is not 0.
  ///
  /// dx = dy · sign x · (|x| / y)ᵖ⁻¹, 0 where x is 0; for ±∞ shared evenly by all that are largest. PyTorch's
  /// `linalg.vector_norm`.
  public func norm(_ p: Double = 2, axes: [Int]? = nil, keepDims: Bool = false) -> Variable {
    requireFloat(.norm)
    requireOrder(p, "norm")
    let along = shape.checkedAxes(axes, op: "norm")
    switch p {
    case 1: return abs().sum(axes: axes, keepDims: keepDims)
    case .infinity: return abs().max(axes: axes, keepDims: keepDims)
    case -.infinity: return abs().min(axes: axes, keepDims: keepDims)
    case 0: return Variable(tensor.norm(0, axes: axes, keepDims: keepDims))
    default: break
    }
    let value = tensor.norm(p, axes: axes, keepDims: keepDims)
    return recordUnary(.norm, value, keeping: .output) {
      [x = snapshot, kept = shape.reducing(along, keepDims: true)] y, dy in
      let (y, dy) = (y.reshape(kept), dy.reshape(kept))
      if p == 2 { return dy.quotientOrFlat(y) * x }
      let isZero = x.tensor .== 0
      let ratio = x.abs().quotientOrZero(y).replacing(where: isZero, with: 1)
      return (dy * ratio.pow(p - 1) * x.sign()).replacing(where: isZero, with: 0)
    }
  }

  private func centred(_ plan: Deviations) -> Variable { self - mean(axes: plan.list, keepDims: true) }
}
