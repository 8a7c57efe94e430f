import Kernels

// Where numbers stand among others that are in order.

/// Where a value is inserted among equal ones: before or after them.
public enum SearchSide: Sendable { case left, right }

extension Tensor {
  /// The positions (int64) at which `values` would be inserted into this, whose last axis is in ascending
  /// order, to keep the order: the number of elements below each value, or with `.right` not above it. NaN is
  /// above everything.
  ///
  /// A vector is searched for values of any shape, [..., n] for values [..., m] row by row. Stops where the axes before
  /// the last differ, and for different types. PyTorch's `searchsorted`.
  public func searchSorted(_ values: Tensor, side: SearchSide = .left) -> Tensor {
    searchSorted(values, side, for: "searchSorted")
  }

  /// The number of the bucket (int64) that each element falls in. `boundaries`, a vector in ascending order, separate
  /// the buckets; a value on a boundary is in the bucket below it, or with `.right` in the one above. PyTorch's
  /// `bucketize`.
  public func bucketize(_ boundaries: Tensor, side: SearchSide = .left) -> Tensor {
    require(boundaries.rank == 1, "bucketize: wants a vector of boundaries, got \(boundaries.shape)")
    return boundaries.searchSorted(self, side, for: "bucketize")
  }

  private func searchSorted(_ values: Tensor, _ side: SearchSide, for op: String) -> Tensor {
    if dtype != values.dtype { stopForTypes(op, self, values) }
    let isVector = rank == 1
    require(
      isVector || (rank > 0 && rank == values.rank && shape.dropLast().elementsEqual(values.shape.dropLast())),
      "\(op): wants a vector, or for values \(values.shape) rows [..., n] of the same axes before the last, "
        + "got \(shape)"
    )
    let result = Tensor(uninitialized: values.shape, dtype: .int64)
    if values.elementCount == 0 { return result }
    let (sorted, values) = (contiguous(), values.contiguous())
    let width = isVector ? values.elementCount : values.shape[-1]
    withExtendedLifetime((sorted, values)) {
      ag_search_sorted(
        dtype.kernel, values.elementCount / width, shape[-1], width, !isVector, side == .right, sorted.raw, values.raw,
        result.raw.assumingMemoryBound(to: Int64.self))
    }
    return result
  }
}
