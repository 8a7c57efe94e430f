import Kernels

// Order: positions that sort an axis. Equal elements keep their order; NaN counts as larger
// than every number, as in PyTorch.

extension TensorLike {
  /// Values that were picked along an axis, and their positions.
  public typealias Picked = (values: Self, indices: Tensor)

  /// The largest element along one axis and its position (int64). Among equal ones it is the first,
  /// which gets all of the gradient.
  ///
  /// PyTorch's `max(dim)`. To share the gradient among equals use `max(axes:)`.
  public func max(axis: Int, keepDims: Bool = false) -> Picked {
    picked(argmax(axis: axis, keepDims: true), axis, keepDims)
  }

  /// The smallest element along one axis and its position (int64). Among equal ones it is the first,
  /// which gets all of the gradient.
  ///
  /// PyTorch's `min(dim)`.
  public func min(axis: Int, keepDims: Bool = false) -> Picked {
    picked(argmin(axis: axis, keepDims: true), axis, keepDims)
  }

  /// The elements of an axis in order, smallest first unless `descending`, and their positions (int64). Equal ones keep
  /// their order; NaN counts as largest. PyTorch's `sort(stable=True)`.
  public func sort(axis: Int = -1, descending: Bool = false) -> Picked {
    let indices = argsort(axis: axis, descending: descending)
    return rank == 0 ? (self, indices) : (gather(axis: axis, index: indices), indices)
  }

  /// The elements at positions `kept`, which have kept the axis.
  package func picked(_ kept: Tensor, _ axis: Int, _ keepDims: Bool) -> Picked {
    if rank == 0 { return (self, kept.reshape([] as Shape)) }
    let values = gather(axis: axis, index: kept)
    return keepDims ? (values, kept) : (values.squeeze(axes: [axis]), kept.squeeze(axes: [axis]))
  }
}

extension Tensor {
  /// The k largest elements of an axis (or smallest), in order, and their positions (int64). Among equal ones the first
  /// come first; in PyTorch's `topk` their order is undefined.
  ///
  /// Stops when the axis has fewer than k.
  public func topK(_ k: Int, axis: Int = -1, largest: Bool = true) -> Picked {
    let indices = topPositions(k, axis: axis, largest: largest)
    return (gather(axis: axis, index: indices), indices)
  }

  /// The positions (int64) that sort an axis, smallest first unless `descending`. Stable.
  public func argsort(axis: Int = -1, descending: Bool = false) -> Tensor {
    if rank == 0, axis == 0 || axis == -1 { return Tensor.zeros([], dtype: .int64) }
    let axis = shape.checkedAxis(axis, op: "argsort")
    // With the axis last, so that each row is contiguous.
    let rows = axis == rank - 1 ? self : transpose(axis, -1)
    let sorted = rows.contiguous().argsortedRows(descending: descending)
    return axis == rank - 1 ? sorted : sorted.transpose(axis, -1).contiguous()
  }

  /// The positions of the first k elements along an axis in order, largest first with
  /// `largest`; among equal ones the first.
  package func topPositions(_ k: Int, axis named: Int, largest: Bool) -> Tensor {
    let axis = shape.checkedAxis(named, op: "topK")
    require(
      k >= 0 && k <= shape[axis], "topK: wants 0 to \(shape[axis]) elements of axis \(named) of \(shape), got \(k)")
    // A full sort is faster if much of it is wanted, and keys of more than 32 bits do not fit beside their positions.
    if k == 0 || elementCount == 0 || k > shape[axis] / 4 || dtype.byteCount > 4 || shape[axis] >= 1 << 32 {
      return argsort(axis: axis, descending: largest).sliced(axis: axis, start: 0, count: k, step: 1).contiguous()
    }
    let rows = (axis == rank - 1 ? self : transpose(axis, -1)).contiguous()
    let result = Tensor(uninitialized: rows.shape.replacing(axis: rank - 1, with: k), dtype: .int64)
    withExtendedLifetime(rows) {
      ag_top_k(
        dtype.kernel, elementCount / shape[axis], shape[axis], k, largest, rows.raw,
        result.raw.assumingMemoryBound(to: Int64.self))
    }
    return axis == rank - 1 ? result : result.transpose(axis, -1).contiguous()
  }

  private func argsortedRows(descending: Bool) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: .int64)
    if elementCount == 0 { return result }
    withExtendedLifetime(self) {
      ag_argsort(
        dtype.kernel, elementCount / shape[-1], shape[-1], descending, raw,
        result.raw.assumingMemoryBound(to: Int64.self))
    }
    return result
  }
}
