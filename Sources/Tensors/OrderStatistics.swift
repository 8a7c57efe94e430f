import Kernels

// Elements chosen by their rank or by how often they occur, with their positions. A variable's gradient goes to the
// element that was chosen. NaN counts as larger than every number, as in PyTorch.

extension TensorLike {
  /// The k-th smallest element along an axis, counting from 1, and its position (int64); among equal ones they count in
  /// order of their positions.
  ///
  /// Stops unless the axis has k elements. PyTorch's `kthvalue`.
  public func kthValue(_ k: Int, axis: Int = -1, keepDims: Bool = false) -> Picked {
    let (along, count) = axisOfChoice("kthValue", axis)
    require(
      k >= 1 && k <= count,
      "kthValue: wants a number from 1 to \(count), the size of axis \(axis) of \(shape), got \(k)")
    if rank == 0 { return (self, argsort(axis: 0, descending: false)) }
    let place = Tensor.full(shape.replacing(axis: along, with: 1), Double(k - 1), dtype: .int64)
    return picked(value.positions(axis: along, ranks: place), along, keepDims)
  }

  /// The median along an axis (of an even number of elements the lower of the two in the middle) and its position
  /// (int64); the first NaN if there is one.
  ///
  /// Stops for an axis without elements. PyTorch's `median(dim)`.
  public func median(axis: Int, keepDims: Bool = false) -> Picked {
    let (along, count) = axisOfChoice("median", axis)
    if rank == 0 { return (self, argsort(axis: 0, descending: false)) }
    let numbers = numberCounts(along)
    let middle = Tensor.full([], Double((count - 1) / 2), dtype: .int64)
    return picked(
      value.positions(axis: along, ranks: .where(numbers .== Double(count), middle, numbers)), along, keepDims)
  }

  /// The median of all elements, of an even number the lower of the two in the middle. PyTorch's `median`.
  public func median() -> Self { flatten().median(axis: 0).values }

  /// The median of the numbers along an axis that are not NaN, and its position (int64); NaN if all are. PyTorch's
  /// `nanmedian(dim)`.
  public func nanMedian(axis: Int, keepDims: Bool = false) -> Picked {
    let (along, _) = axisOfChoice("nanMedian", axis)
    if rank == 0 { return (self, argsort(axis: 0, descending: false)) }
    let middle = (numberCounts(along) - 1).clamp(min: 0) / 2
    return picked(value.positions(axis: along, ranks: middle), along, keepDims)
  }

  /// The median of all elements that are not NaN. PyTorch's `nanmedian`.
  public func nanMedian() -> Self { flatten().nanMedian(axis: 0).values }

  /// The most frequent element along an axis, of several the smallest, and the last of its positions (int64). Each NaN
  /// is a value of its own.
  ///
  /// Stops for an axis without elements. PyTorch's `mode`.
  public func mode(axis: Int = -1, keepDims: Bool = false) -> Picked {
    let (along, count) = axisOfChoice("mode", axis)
    if rank == 0 { return (self, argsort(axis: 0, descending: false)) }
    let order = argsort(axis: along, descending: false)
    let sorted = value.gather(axis: along, index: order)
    let isNew = sorted.slice(axis: along, from: 1) .!= sorted.slice(axis: along, to: -1)
    // How long the run of equal elements is that each element is in, up to it.
    let places = Tensor.arange(count, dtype: .int64).reshape(Shape((0..<rank).map { $0 == along ? count : 1 }))
    let first = Tensor.zeros(shape.replacing(axis: along, with: 1), dtype: .int64)
    let starts = isNew.cast(to: .int64) * places.slice(axis: along, from: 1)
    let lengths = places - Tensor.concatenate([first, starts], axis: along).cummax(axis: along).values
    let end = lengths.argmax(axis: along, keepDims: true)
    return picked(order.gather(axis: along, index: end), along, keepDims)
  }

  /// How many elements along an axis are not NaN; these come first in order.
  private func numberCounts(_ axis: Int) -> Tensor {
    (!value.isNaN()).cast(to: .int64).sum(axes: [axis], keepDims: true)
  }

  /// The axis, and how many elements it has; stops for none.
  private func axisOfChoice(_ op: String, _ axis: Int) -> (axis: Int, count: Int) {
    if rank == 0, axis == 0 || axis == -1 { return (0, 1) }
    let along = shape.checkedAxis(axis, op: op)
    require(shape[along] > 0, "\(op): axis \(axis) of \(shape) has no elements")
    return (along, shape[along])
  }
}

extension Tensor {
  /// The positions (int64) along an axis of the elements that have some ranks in its order, counting from 0; among
  /// equal ones the first come first. `ranks` (int64) has size 1 there.
  fileprivate func positions(axis: Int, ranks: Tensor) -> Tensor {
    let isLast = axis == rank - 1
    let rows = (isLast ? self : transpose(axis, -1)).contiguous(),
      places = (isLast ? ranks : ranks.transpose(axis, -1)).contiguous()
    let result = Tensor(uninitialized: places.shape, dtype: .int64)
    withExtendedLifetime((rows, places)) {
      ag_places_of_ranks(
        dtype.kernel, places.elementCount, shape[axis], places.elements(), rows.raw, result.elements())
    }
    return isLast ? result : result.transpose(axis, -1).contiguous()
  }
}
