// Elements chosen by their order. Gradients go to the elements that were chosen.

extension Variable {
  /// Values that were picked along an axis, and where they stood.
  public typealias Picked = (values: Variable, indices: Tensor)

  /// The largest element along one axis and its position (int64). Of equal ones it is the first, which gets all of the
  /// gradient.
  ///
  /// PyTorch's `max(dim)`. To share the gradient among equals use `max(axes:)`.
  public func max(axis: Int, keepDims: Bool = false) -> Picked {
    picked(tensor.argmax(axis: axis, keepDims: true), axis, keepDims)
  }

  /// The smallest element along one axis and its position (int64). Of equal ones it is the first, which gets all of the
  /// gradient.
  ///
  /// PyTorch's `min(dim)`.
  public func min(axis: Int, keepDims: Bool = false) -> Picked {
    picked(tensor.argmin(axis: axis, keepDims: true), axis, keepDims)
  }

  /// The elements of an axis in order, smallest first unless `descending`, and where they stood (int64). Equal ones keep
  /// their order; NaN counts as largest. PyTorch's `sort(stable=True)`.
  public func sort(axis: Int = -1, descending: Bool = false) -> Picked {
    let indices = tensor.argsort(axis: axis, descending: descending)
    return rank == 0 ? (self, indices) : (gather(axis: axis, index: indices), indices)
  }

  /// The k largest elements of an axis (or smallest), in order, and where they stood (int64). Of equal ones the first come
  /// first; PyTorch's `topk` leaves that to its partial sort, in which equal ones have no order.
  ///
  /// Stops when the axis has fewer than k.
  public func topK(_ k: Int, axis: Int = -1, largest: Bool = true) -> Picked {
    let along = shape.checkedAxis(axis, op: "topK")
    require(
      k >= 0 && k <= shape[along], "topK: wants 0 to \(shape[along]) elements of axis \(axis) of \(shape), got \(k)")
    let indices = tensor.topPositions(k, axis: along, largest: largest)
    return (gather(axis: along, index: indices), indices)
  }

  private func picked(_ kept: Tensor, _ axis: Int, _ keepDims: Bool) -> Picked {
    if rank == 0 { return (self, kept.reshape([] as Shape)) }
    let values = gather(axis: axis, index: kept)
    return keepDims ? (values, kept) : (values.squeeze(axes: [axis]), kept.squeeze(axes: [axis]))
  }
}
