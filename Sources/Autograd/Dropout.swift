extension Variable {
  /// Sets elements to 0 with probability p, drawn from `generator`, and divides the others by 1 −
  /// p, which preserves the mean.
  ///
  /// dx = dy / (1 − p) where an element was kept, else 0. One byte per element is saved. Srivastava et
  /// al. 2014; PyTorch's `dropout`.
  public func dropout(_ probability: Double = 0.5, generator: RandomGenerator = .default) -> Variable {
    requireFloat(.dropout)
    require(probability >= 0 && probability <= 1, "dropout: a probability lies between 0 and 1, got \(probability)")
    if probability == 0 { return self }
    if probability == 1 { return self * 0 }
    let (value, mask) = tensor.dropout(keeping: 1 - probability, generator: generator)
    return record(.dropout, self, value, { dy in dy.dropout(mask: mask, keeping: 1 - probability) })
  }

  /// The same elements kept as before. It is its own adjoint.
  private func dropout(mask: Tensor, keeping probability: Double) -> Variable {
    record(
      .dropout, self, tensor.dropoutBackward(mask: mask, keeping: probability),
      { g in g.dropout(mask: mask, keeping: probability) })
  }

  /// x for x > 0, else a · x with an a for each element, drawn from lower...upper. Xu et al. 2015; PyTorch's
  /// `rrelu(training=True)`.
  public func rrelu(lower: Double = 1.0 / 8, upper: Double = 1.0 / 3, generator: RandomGenerator = .default) -> Variable
  {
    requireFloat(named: "rrelu")
    require(lower <= upper, "rrelu: the lower bound must not be above the upper one, got \(lower) and \(upper)")
    // Drawn as float64 for both types, so that they have the same slopes.
    let slopes = Tensor.randomUniform(shape, low: lower, high: upper, dtype: .float64, generator: generator)
    return self * Variable(.where(tensor .> 0, .ones([], dtype: dtype), slopes.cast(to: dtype)))
  }
}
