// Functions that keep or replace elements depending on where they lie, and gates. Gradients
// pass where elements are kept.

extension Variable {
  /// x for x > threshold, else a number: dx = dy there, else 0. PyTorch's `threshold`.
  public func threshold(_ threshold: Double, _ number: Double) -> Variable {
    requireFloat(named: "threshold")
    return replacing(where: tensor .<= threshold, with: number)
  }

  /// x where |x| > bound, else 0: dx = dy there, else 0. Stops for a negative bound. PyTorch's `hardshrink`.
  public func hardShrink(_ bound: Double = 0.5) -> Variable {
    requireFloat(named: "hardShrink")
    require(bound >= 0, "hardShrink: the bound must not be negative, got \(bound)")
    // NaN stays as it is and gets no gradient, as in PyTorch; adding 0 makes −0 a 0.
    return .where(tensor.abs() .> bound, self, Variable(tensor * 0 + 0))
  }

  /// x − bound for x > bound, x + bound for x < −bound, else 0: dx = dy where |x| > bound, else 0. The proximal step of
  /// the L1 norm. Stops for a negative bound. PyTorch's `softshrink`.
  public func softShrink(_ bound: Double = 0.5) -> Variable {
    requireFloat(named: "softShrink")
    require(bound >= 0, "softShrink: the bound must not be negative, got \(bound)")
    let kept = hardShrink(bound)
    return kept - kept.sign() * bound
  }

  /// a · sigmoid(b), where a is the first half and b the second half of an axis, which becomes half as long.
  ///
  /// Stops unless the axis is of even length. Dauphin et al. 2017; PyTorch's `glu`.
  public func glu(axis: Int = -1) -> Variable {
    requireFloat(named: "glu")
    let along = shape.checkedAxis(axis, op: "glu")
    require(shape[along] % 2 == 0, "glu: axis \(axis) of \(shape) cannot be halved")
    let half = shape[along] / 2
    return slice(axis: along, to: half) * slice(axis: along, from: half).sigmoid()
  }
}
