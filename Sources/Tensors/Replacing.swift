// Parts replaced: a new value, in which a gradient passes to what stayed and to what was put in its place.

extension TensorLike {
  /// This with a number at some positions of an axis: `x.indexFill(axis: 0, [0, -1], 1)`. The gradient is 0 there.
  ///
  /// Negative positions count from the end. Stops for one out of range, naming it. PyTorch's `index_fill`.
  public func indexFill(axis: Int, _ positions: [Int], _ number: Double) -> Self {
    let sources = sources(axis, positions, "indexFill")
    return maskedFill(Tensor(sources.map { $0 != nil }, shape: column(axis, sources.count)), number)
  }

  /// This with the slices of `source` at some positions of an axis; at one that is named twice the last. The
  /// gradient of what was replaced is 0.
  ///
  /// Negative positions count from the end. Stops for one out of range, naming it, and unless `source` has this shape
  /// but for the axis, which has a slice for each position. PyTorch's `index_copy`.
  public func indexCopy(axis: Int, _ positions: [Int], _ source: Self) -> Self {
    let sources = sources(axis, positions, "indexCopy")
    if rank == 0 { return flatten().indexCopy(axis: 0, positions, source.flatten()).reshape(shape) }
    let along = shape.checkedAxis(axis, op: "indexCopy")
    let slices = shape.replacing(axis: along, with: positions.count)
    require(source.shape == slices, "indexCopy: wants a source \(slices), got \(source.shape)")
    if value.dtype != source.value.dtype { stopForTypes("indexCopy", value, source.value) }
    let order = sources.enumerated().map { $1.map { shape[along] + $0 } ?? $0 }
    return Self.concatenate([self, source], axis: along).indexSelect(axis: along, order)
  }

  /// This with the elements of `source`, in order, where a bool mask is true; the mask broadcasts. The gradient of what
  /// was replaced, and of elements that were not needed, is 0.
  ///
  /// Stops when `source` has fewer elements than the mask has true ones. PyTorch's `masked_scatter`.
  public func maskedScatter(_ mask: Tensor, _ source: Self) -> Self {
    require(mask.dtype == .bool, "maskedScatter: the mask must be bool, got \(mask.dtype) \(mask.shape)")
    if value.dtype != source.value.dtype { stopForTypes("maskedScatter", value, source.value) }
    guard let both = Shape.broadcast(shape, mask.shape) else {
      stop("maskedScatter: the mask \(mask.shape) does not broadcast with \(shape)")
    }
    let places = mask.expand(both).truePlaces(), count = both.elementCount
    require(
      places.count <= source.shape.elementCount,
      "maskedScatter: the mask \(mask.shape) wants \(places.count) elements, the source \(source.shape) has fewer")
    var order = Array(0..<count)
    for (number, place) in places.enumerated() { order[place] = count + number }
    let all = Self.concatenate([expand(both).flatten(), source.flatten()], axis: 0)
    return all.indexSelect(axis: 0, order).reshape(both)
  }

  /// For each position of an axis the number of the last of `positions` that names it.
  private func sources(_ axis: Int, _ positions: [Int], _ op: String) -> [Int?] {
    let size = rank == 0 && (axis == 0 || axis == -1) ? 1 : shape[shape.checkedAxis(axis, op: op)]
    var sources = [Int?](repeating: nil, count: size)
    for (number, position) in positions.enumerated() {
      require(
        position >= -size && position < size,
        "\(op): position \(position) (number \(number)) is out of range for an axis of \(size)")
      sources[position < 0 ? position + size : position] = number
    }
    return sources
  }

  /// The shape that has the size of an axis, and 1 elsewhere.
  private func column(_ axis: Int, _ size: Int) -> Shape {
    Shape((0..<rank).map { $0 == (axis < 0 ? axis + rank : axis) ? size : 1 })
  }
}
