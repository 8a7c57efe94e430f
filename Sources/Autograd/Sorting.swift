// Elements chosen by their order. Gradients go to the elements that were chosen.

extension Variable {
  /// The k largest elements of an axis (or smallest), in order, and where they stood (int64). Of equal ones the first come
  /// first; PyTorch's `topk` leaves that to its partial sort, in which equal ones have no order.
  ///
  /// Stops when the axis has fewer than k.
  public func topK(_ k: Int, axis: Int = -1, largest: Bool = true) -> Picked {
    let indices = tensor.topPositions(k, axis: axis, largest: largest)
    return (gather(axis: axis, index: indices), indices)
  }

  /// The middle element of an axis in order, of an even number the lower one of the two, and where it stood (int64). NaN where
  /// there is one.
  ///
  /// Its gradient is that of the one element. Stops for an axis without elements. PyTorch's `median(dim)`.
  public func median(axis: Int, keepDims: Bool = false) -> Picked {
    if rank == 0 { return (self, argsort(axis: axis)) }
    let along = shape.checkedAxis(axis, op: "median")
    require(shape[along] > 0, "median: axis \(axis) of \(shape) has no elements")
    let order = argsort(axis: along)
    let middle = order.select(axis: along, (shape[along] - 1) / 2).unsqueeze(along)
    // NaN counts as largest, so that one would be the last.
    let last = order.select(axis: along, -1).unsqueeze(along)
    let isNaN = tensor.gather(axis: along, index: last).isNaN()
    return picked(.where(isNaN, last, middle), along, keepDims)
  }

  /// The middle element of all in order, of an even number the lower one of the two. PyTorch's `median`.
  public func median() -> Variable { flatten().median(axis: 0).values }

  /// The value that a share (0 to 1) of the elements of an axis, or of all, lies below: that on the straight line between the
  /// neighbours of place share · (n − 1) in order. NaN where there is one.
  ///
  /// The neighbours share the gradient. Stops for a share outside 0...1 and for an axis without elements. PyTorch's `quantile`.
  public func quantile(_ share: Double, axis: Int? = nil, keepDims: Bool = false) -> Variable {
    quantile([share], axis: axis, keepDims: keepDims)[0]
  }

  /// The same for several shares, [shares, ...].
  public func quantile(_ shares: [Double], axis: Int? = nil, keepDims: Bool = false) -> Variable {
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
        let place = dtype == .float32 ? Double(Float(share) * Float(last)) : share * Double(last)
        let below = sorted.select(axis: along, Int(place))
        let above = sorted.select(axis: along, Swift.min(Int(place) + 1, last))
        return Variable.where(isNaN, end, below.lerp(to: above, weight: place - place.rounded(.down))).reshape(result)
      })
  }

  /// The positions (int64) that sort an axis, smallest first unless `descending`. Stable. No gradient.
  public func argsort(axis: Int = -1, descending: Bool = false) -> Tensor {
    tensor.argsort(axis: axis, descending: descending)
  }
}
