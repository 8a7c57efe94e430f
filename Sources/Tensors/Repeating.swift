// Repeating, shifting and splitting.

extension TensorLike {
  /// The whole tensor repeated along each axis: `repeats` has a count for each axis, and for new
  /// ones in front. PyTorch's `repeat`.
  public func repeated(_ repeats: [Int]) -> Self {
    require(
      repeats.count >= rank && repeats.allSatisfy { $0 >= 0 },
      "repeated: wants a count that is not negative for each axis of \(shape), got \(repeats)")
    var x = reshape(Shape(Array(repeating: 1, count: repeats.count - rank) + Array(shape)))
    for (axis, count) in repeats.enumerated() where count != 1 {
      let shape = x.shape.replacing(axis: axis, with: count.times(x.shape[axis]))
      x = x.along(axis, count, newAxis: axis).reshape(shape)
    }
    return x
  }

  /// Each element repeated in place along an axis, or, without one, along the flattened value. PyTorch's
  /// `repeat_interleave`.
  public func repeatInterleaved(_ count: Int, axis: Int? = nil) -> Self {
    require(count >= 0, "repeatInterleaved: the count must not be negative, got \(count)")
    guard let axis else { return flatten().repeatInterleaved(count, axis: 0) }
    let along = shape.checkedAxis(axis, op: "repeatInterleaved")
    let result = shape.replacing(axis: along, with: count.times(shape[along]))
    return self.along(along, count, newAxis: along + 1).reshape(result)
  }

  /// Each element repeated in place as often as its count says; there is one count for each position of the axis.
  public func repeatInterleaved(_ counts: [Int], axis: Int? = nil) -> Self {
    guard let axis else { return flatten().repeatInterleaved(counts, axis: 0) }
    let along = shape.checkedAxis(axis, op: "repeatInterleaved")
    require(
      counts.count == shape[along] && counts.allSatisfy { $0 >= 0 },
      "repeatInterleaved: wants \(shape[along]) counts that are not negative, "
        + "one for each position of axis \(axis) of \(shape), got \(counts)"
    )
    Memory.requireRoom(forNumbers: counts.reduce(0) { $0.plus($1) })
    let positions = counts.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
    return indexSelect(axis: along, positions)
  }

  /// Copies of the whole along a new axis; by concatenation if there are eight axes already, the most there can be.
  private func along(_ axis: Int, _ count: Int, newAxis: Int) -> Self {
    if rank < AxisValues.capacity {
      let wide = unsqueeze(newAxis)
      return wide.expand(wide.shape.replacing(axis: newAxis, with: count))
    }
    let block = shape[axis]
    Memory.requireRoom(forNumbers: count.times(block))
    let positions = (0..<(count * block)).map { newAxis == axis ? $0 % block : $0 / Swift.max(count, 1) }
    return indexSelect(axis: axis, positions)
  }

  /// Elements shifted along some axes or, without axes, along the flattened value; what is shifted out at the end comes
  /// in at the beginning. PyTorch's `roll`.
  public func roll(_ shifts: [Int], axes: [Int]? = nil) -> Self {
    guard let axes else {
      require(shifts.count == 1, "roll: without axes there is one shift, got \(shifts)")
      return flatten().roll(shifts, axes: [0]).reshape(shape)
    }
    require(shifts.count == axes.count, "roll: wants a shift for each axis, got \(shifts) for axes \(axes)")
    return zip(shifts, axes).reduce(self) { x, move in x.roll(move.0, axis: move.1) }
  }

  /// An axis cut into pieces of the given sizes, which add up to its own. Views. PyTorch's `split`.
  public func split(_ sizes: [Int], axis: Int = 0) -> [Self] {
    let along = shape.checkedAxis(axis, op: "split")
    require(
      sizes.allSatisfy { $0 >= 0 } && sizes.reduce(0, { $0.plus($1) }) == shape[along],
      "split: sizes \(sizes) must add up to \(shape[along]), the size of axis \(axis) of \(shape)")
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return slice(axis: along, from: start, to: start + size)
    }
  }

  /// An axis cut into pieces of equal size; the last may be smaller. Views. PyTorch's `split`.
  public func split(_ size: Int, axis: Int = 0) -> [Self] {
    let along = shape.checkedAxis(axis, op: "split")
    require(size > 0, "split: the size must be positive, got \(size)")
    let whole = shape[along]
    if whole == 0 { return [self] }
    return split(stride(from: 0, to: whole, by: size).map { Swift.min(size, whole - $0) }, axis: along)
  }

  /// An axis cut into at most `count` pieces of ⌈size / count⌉ each. Views. PyTorch's `chunk`.
  public func chunk(_ count: Int, axis: Int = 0) -> [Self] {
    let along = shape.checkedAxis(axis, op: "chunk")
    require(count > 0, "chunk: the number of pieces must be positive, got \(count)")
    if shape[along] == 0 { return split(Array(repeating: 0, count: count), axis: along) }
    return split((shape[along] - 1) / count + 1, axis: along)
  }

  /// Every `step`-th position of an axis from `from` up to but excluding `to`. Negative positions count from the end,
  /// and both are clipped as in Python. A view.
  public func slice(axis: Int, from: Int? = nil, to: Int? = nil, step: Int = 1) -> Self {
    let along = shape.checkedAxis(axis, op: "slice")
    return slice(Array(repeating: TensorIndex.all, count: along) + [.range(from, to, step: step)])
  }

  /// One position of an axis, which is dropped. A view. PyTorch's `select`.
  public func select(axis: Int, _ position: Int) -> Self {
    let along = shape.checkedAxis(axis, op: "select")
    require(
      position >= -shape[along] && position < shape[along],
      "select: position \(position) is out of range for axis \(axis) of \(shape)")
    return slice(Array(repeating: TensorIndex.all, count: along) + [position.tensorIndex])
  }
}
