// Elements chosen by their order. Gradients go to the chosen elements.

extension Variable {
  /// The k largest elements of an axis (or smallest), in order, and their positions (int64). Among equal ones the first
  /// come first; in PyTorch's `topk` their order is undefined.
  ///
  /// Stops when the axis has fewer than k.
  public func topK(_ k: Int, axis: Int = -1, largest: Bool = true) -> Picked {
    let indices = tensor.topPositions(k, axis: axis, largest: largest)
    return (gather(axis: axis, index: indices), indices)
  }

  /// The quantile of a share (0 to 1) of an axis, or of all elements: interpolated linearly between the neighbours of
  /// position share · (n − 1) in order. NaN if there is one.
  ///
  /// The other values of `interpolation` give one of the neighbours, or their mean. The gradient is divided between the
  /// neighbours. Stops for a share outside 0...1 and for an axis without elements. PyTorch's `quantile`.
  public func quantile(
    _ share: Double, axis: Int? = nil, keepDims: Bool = false, interpolation: QuantileInterpolation = .linear
  ) -> Variable {
    quantile([share], axis: axis, keepDims: keepDims, interpolation: interpolation)[0]
  }

  /// The same for several shares, [shares, ...].
  public func quantile(
    _ shares: [Double], axis: Int? = nil, keepDims: Bool = false, interpolation: QuantileInterpolation = .linear
  ) -> Variable {
    requireFloat(named: "quantile")
    require(
      !shares.isEmpty && shares.allSatisfy { (0...1).contains($0) },
      "quantile: wants shares between 0 and 1, got \(shares)")
    let result = shape.reducing(shape.checkedAxes(axis.map { [$0] }, op: "quantile"), keepDims: keepDims)
    let (x, along) = axis.map { (self, shape.checkedAxis($0, op: "quantile")) } ?? (flatten(), 0)
    require(x.shape[along] > 0, "quantile: axis \(along) of \(x.shape) has no elements")
    let (sorted, last) = (x.sort(axis: along).values, x.shape[along] - 1)
    let end = sorted.select(axis: along, last)
    let isNaN = end.tensor.isNaN()
    return .stack(
      shares.map { share in
        // In the type of the elements, as in PyTorch.
        let position = dtype == .float32 ? Double(Float(share) * Float(last)) : share * Double(last)
        let value = interpolation.value(at: position) { sorted.select(axis: along, Swift.min($0, last)) }
        return Variable.where(isNaN, end, value).reshape(result)
      })
  }

  /// What a quantile is that lies between two elements.
  public enum QuantileInterpolation: Sendable, CaseIterable {
    /// On the straight line between the two.
    case linear
    /// The lower or the higher one.
    case lower, higher
    /// Their mean.
    case midpoint
    /// The nearer one; halfway between them the one at the even position.
    case nearest

    fileprivate func value(at position: Double, _ element: (Int) -> Variable) -> Variable {
      let (below, share) = (Int(position), position - position.rounded(.down))
      return switch self {
      case .linear: element(below).lerp(to: element(below + 1), weight: share)
      case .lower: element(below)
      case .higher: element(share == 0 ? below : below + 1)
      case .midpoint: element(below).lerp(to: element(share == 0 ? below : below + 1), weight: 0.5)
      case .nearest: element(Int(position.rounded(.toNearestOrEven)))
      }
    }
  }

  /// The positions (int64) that sort an axis, smallest first unless `descending`. Stable. No gradient.
  public func argsort(axis: Int = -1, descending: Bool = false) -> Tensor {
    tensor.argsort(axis: axis, descending: descending)
  }
}
