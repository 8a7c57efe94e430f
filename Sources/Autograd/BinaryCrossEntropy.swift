extension Variable {
  /// −(t log x + (1 − t) log(1 − x)) for probabilities x and truths t of one shape, each logarithm at least −100.
  ///
  /// dx = dy · (x − t) / max(x (1 − x), 10⁻¹²), dt = dy · (log(1 − x) − log x) with the same bound. A rule of its own,
  /// because the bounds of value and slope differ, as in PyTorch's `binary_cross_entropy`. Stops for a probability
  /// below 0 or above 1; NaN stays NaN.
  public func binaryCrossEntropy(_ target: Variable) -> Variable {
    requireFloat(.binaryCrossEntropy)
    require(
      shape == target.shape && dtype == target.dtype,
      "binaryCrossEntropy: probabilities \(dtype) \(shape) and target \(target.dtype) \(target.shape) must agree")
    let (x, t) = (tensor, target.tensor)
    let ofTrue = x.log().clamp(min: -100, max: 0)
    let ofFalse = (-x).log1p().clamp(min: -100, max: 0)
    let losses = (t - 1) * ofFalse - t * ofTrue
    // Outside of 0...1 one of the logarithms is NaN, and so is the sum, which costs 2 % of a test of each element.
    if losses.sum().item().isNaN { x.requireProbabilities("binaryCrossEntropy") }
    return record(
      .binaryCrossEntropy, self, target, losses,
      { [x = snapshot, t = target.snapshot] dy in dy * (x - t) / (x * (1 - x)).clamp(min: 1e-12) },
      { [x = snapshot] dy in dy * ((-x).log1p().clamp(min: -100) - x.log().clamp(min: -100)) })
  }
}

extension Tensor {
  fileprivate func requireProbabilities(_ op: String) {
    let values = scalars(as: Double.self)
    if let index = values.firstIndex(where: { $0 < 0 || $0 > 1 }) {
      stop("\(op): probabilities lie between 0 and 1, got \(values[index]) (number \(index) of \(shape))")
    }
  }
}
