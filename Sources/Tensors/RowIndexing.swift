// Subscripts by numbers and by masks: they read copies and write in place. All positions are
// checked before a row is written.

extension Tensor {
  /// Rows by their numbers: `x[[2, 0]]` is `x.indexSelect(axis: 0, [2, 0])`.
  ///
  /// Setting copies `newValue`, broadcast, into those rows; if a row is named twice, the last value stays.
  public subscript(_ rows: [Int]) -> Tensor {
    get { indexSelect(axis: 0, rows) }
    set { self[Tensor(rows)] = newValue }
  }

  /// Rows by number or by mask, as PyTorch's `x[index]`: an int64 or int32 `index` of any shape [...] gives
  /// [..., rest...] of [rows, rest...], negative numbers counting from the end; a bool one, of the first axes'
  /// shape, the rows where it is true.
  ///
  /// Setting copies `newValue`, broadcast to the shape that getting has, into those rows; if a row is named twice, the
  /// last value stays: `x[x .< 0] = Tensor(0)`. Stops for a number out of range, naming it, for a mask of another
  /// shape, and for a new value of another type or one that does not broadcast.
  public subscript(_ index: Tensor) -> Tensor {
    get { rows(RowPlan(index, shape)) }
    set {
      if index.dtype == .bool && newValue.rank == 0 {
        setAll(where: index, to: newValue)
      } else {
        setRows(RowPlan(index, shape), to: newValue)
      }
    }
  }

  /// The elements at several numbers, one for each of the first axes, as PyTorch's `x[rows, columns]`: indices, int64
  /// or int32, that broadcast to [...] give [..., rest...] of [rows, columns, rest...].
  ///
  /// `x[Tensor.arange(n, dtype: .int64), labels]` is one score of each row. Setting, negative numbers and mistakes
  /// are as with one index. A mask cannot be combined with others, and to index other axes than the first, bring them
  /// to the front with `permute`.
  public subscript(_ first: Tensor, _ second: Tensor, _ more: Tensor...) -> Tensor {
    get { rows(RowPlan([first, second] + more, shape)) }
    set { setRows(RowPlan([first, second] + more, shape), to: newValue) }
  }

  /// The same with arrays: `x[[0, 1], [2, 0]]` are the elements, or the parts, at [0, 2] and [1, 0].
  public subscript(_ first: [Int], _ second: [Int], _ more: [Int]...) -> Tensor {
    get { rows(RowPlan(([first, second] + more).map { Tensor($0) }, shape)) }
    set { setRows(RowPlan(([first, second] + more).map { Tensor($0) }, shape), to: newValue) }
  }

  private func rows(_ plan: RowPlan) -> Tensor {
    reshape(plan.source).indexSelect(axis: 0, plan.positions).reshape(plan.result)
  }

  private mutating func setRows(_ plan: RowPlan, to value: Tensor) {
    if dtype != value.dtype { stopForTypes("subscript", self, value) }
    let source = value.broadcast(toPart: plan.result).contiguous()
    let byteCount = plan.source.dropFirst().reduce(dtype.byteCount, *)
    withMutablePointer { out in
      source.withPointer { start in
        for (number, position) in plan.positions.enumerated() {
          (out + position * byteCount).copyMemory(from: start + number * byteCount, byteCount: byteCount)
        }
      }
    }
  }

  /// Sets the rows where a mask of the first axes is true to one value, without a list of positions.
  private mutating func setAll(where mask: Tensor, to value: Tensor) {
    if dtype != value.dtype { stopForTypes("subscript", self, value) }
    RowPlan.requireMask(mask, shape, "subscript")
    let rest = Array(repeating: 1, count: rank - mask.rank)
    self = .where(mask.reshape(Shape(Array(mask.shape) + rest)), value, self)
  }
}

/// The rows that index tensors select.
package struct RowPlan {
  /// The shape whose first axis the positions count, and that of the rows.
  package let source, result: Shape
  /// The rows.
  package let positions: [Int]

  /// The rows of a shape that one index selects, by number or by mask.
  package init(_ index: Tensor, _ shape: Shape, op: String = "subscript") {
    self = index.dtype == .bool ? RowPlan(mask: index, shape, op) : RowPlan([index], shape, op: op)
  }

  private init(mask: Tensor, _ shape: Shape, _ op: String) {
    RowPlan.requireMask(mask, shape, op)
    let rest = shape.dropFirst(mask.rank)
    positions = mask.truePlaces()
    (source, result) = (Shape([mask.elementCount] + rest), Shape([positions.count] + rest))
  }

  /// The same with a number for each of the first axes.
  package init(_ indices: [Tensor], _ shape: Shape, op: String = "subscript") {
    require(
      indices.count <= shape.rank,
      shape.rank == 0
        ? "\(op): a single value has no rows"
        : "\(op): \(indices.count) index tensors for shape \(shape), which has \(shape.rank) axes")
    for index in indices where index.dtype != .int64 && index.dtype != .int32 {
      stop(
        index.dtype == .bool
          ? "\(op): a mask stands alone, got one \(index.shape) beside other indices"
          : "\(op): an index must be int64, int32 or bool, got \(index.dtype) \(index.shape); convert with cast(to:)"
      )
    }
    let shapes = indices.map(\.shape)
    guard let common = Shape.broadcast(shapes) else {
      stop("\(op): indices \(shapes.map(\.description).joined(separator: " and ")) do not broadcast together")
    }
    var (places, count) = ([Int](repeating: 0, count: common.elementCount), 1)
    for (axis, index) in indices.enumerated() {
      let size = shape[axis]
      count = count.times(size)
      for (number, position) in index.expand(common).scalars(as: Int.self).enumerated() {
        require(
          position >= -size && position < size,
          "\(op): position \(position) (number \(number)) is out of range for axis \(axis) of shape \(shape), "
            + "which has \(size) elements")
        places[number] = places[number].times(size).plus(position < 0 ? position + size : position)
      }
    }
    positions = places
    let rest = shape.dropFirst(indices.count)
    (source, result) = (Shape([count] + rest), Shape(Array(common) + rest))
  }

  /// Stops unless a mask has the shape of the first axes.
  fileprivate static func requireMask(_ mask: Tensor, _ shape: Shape, _ op: String) {
    require(shape.rank > 0, "\(op): a single value has no rows")
    require(
      mask.rank > 0 && mask.rank <= shape.rank && mask.shape.elementsEqual(shape.prefix(mask.rank)),
      "\(op): a mask \(mask.shape) is no mask of the first axes of \(shape)")
  }
}
