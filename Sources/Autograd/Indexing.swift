// Some of the elements, and their gradients: zeros everywhere else.

extension Variable {
  // Disfavored so that arrays alone, as in x[[0, 1], [2, 0]], pick elements; Swift 6.2 finds that ambiguous otherwise.

  /// Part of the value, as a view: `x[0]`, `x[.ellipsis, 1..<3]`, `x[-1, .newAxis, .stride(by: 2)]`; or, with a list of
  /// positions among the indices, `x[.all, [2, 0]]`, a copy.
  ///
  /// `TensorIndex` lists what the brackets take. A position named twice gets both gradients.
  /// Stops for an index out of range.
  @_disfavoredOverload
  public subscript(_ indices: any TensorIndexable...) -> Variable { slice(indices.map(\.tensorIndex)) }

  /// The part that a list of indices picks, as they stand in the brackets of `x[…]`: a view, but
  /// with a list of positions a copy.
  public func slice(_ indices: [TensorIndex]) -> Variable {
    if let list = PositionList(among: indices, rank: rank) {
      return slice(list.indices(with: .all)).indexSelect(axis: list.axis, list.positions)
    }
    return record(.slice, self, tensor.view(of: indices), rule: .part(indices))
  }

  /// Zeros of `shape` with this variable where `indices` point; its adjoint is the slice.
  func sliceBackward(_ shape: Shape, _ indices: [TensorIndex]) -> Variable {
    record(.sliceBackward, self, .zeros(shape, with: tensor, at: indices), { g in g.slice(indices) })
  }

  /// The slices of one axis at given positions, in that order; a position named twice gets both gradients.
  ///
  /// Negative positions count from the end. Stops for one out of range, naming it. PyTorch's `index_select`.
  public func indexSelect(axis: Int, _ positions: [Int]) -> Variable {
    record(
      .indexSelect, self, tensor.indexSelect(axis: axis, positions),
      { [shape] dy in dy.indexAdd(shape, axis: axis, positions) })
  }

  /// Rows by their numbers: `x[[2, 0]]` is `x.indexSelect(axis: 0, [2, 0])`.
  public subscript(_ rows: [Int]) -> Variable { indexSelect(axis: 0, rows) }

  /// Rows by number or by mask, as PyTorch's `x[index]`: an int64 or int32 `index` of any shape [...] gives
  /// [..., rest...] of [rows, rest...], negative numbers counting from the end; a bool one, of the first axes'
  /// shape, the rows where it is true.
  ///
  /// A row named twice gets both gradients. Stops for a number out of range, naming it,
  /// and for a mask of another shape.
  public subscript(_ index: Tensor) -> Variable { rows(RowPlan(index, shape)) }

  /// The elements at several numbers, one for each of the first axes, as PyTorch's `x[rows, columns]`: indices, int64
  /// or int32, that broadcast to [...] give [..., rest...] of [rows, columns, rest...].
  ///
  /// `scores[Tensor.arange(n, dtype: .int64), labels]` is one score of each row. A position named twice gets
  /// both gradients. A mask cannot be combined with others, and to index other axes than the first, bring them
  /// to the front with `permute`.
  public subscript(_ first: Tensor, _ second: Tensor, _ more: Tensor...) -> Variable {
    rows(RowPlan([first, second] + more, shape))
  }

  /// The same with arrays: `x[[0, 1], [2, 0]]` are the elements, or the parts, at [0, 2] and [1, 0].
  public subscript(_ first: [Int], _ second: [Int], _ more: [Int]...) -> Variable {
    rows(RowPlan(([first, second] + more).map { Tensor($0) }, shape))
  }

  private func rows(_ plan: RowPlan) -> Variable {
    let picked = (plan.source == shape ? self : reshape(plan.source)).indexSelect(axis: 0, plan.positions)
    return picked.shape == plan.result ? picked : picked.reshape(plan.result)
  }

  /// Zeros of a shape with this added at positions of an axis. Its adjoint is `indexSelect` again.
  func indexAdd(_ shape: Shape, axis: Int, _ positions: [Int]) -> Variable {
    var value = Tensor.zeros(shape, dtype: dtype)
    value.indexAdd(axis: shape.checkedAxis(axis, op: "indexAdd"), positions, tensor)
    return record(.indexAdd, self, value, { g in g.indexSelect(axis: axis, positions) })
  }

  /// One element per entry of `index`, found along an axis: y[i][j] = x[index[i][j]][j] for axis 0, and so on.
  ///
  /// `index` is int64 or int32, of the same rank, no larger than this in the other axes. Stops for a position out of
  /// range, naming it. PyTorch's `gather`.
  public func gather(axis: Int, index: Tensor) -> Variable { gather(axis: axis, index: index, for: "gather") }

  /// The same, as part of the op that the caller named.
  func gather(axis: Int, index: Tensor, for op: String) -> Variable {
    record(
      .gather, self, tensor.gather(axis: axis, index: index, for: op),
      { [shape] dy in dy.scattered(over: shape, axis: axis, index: index) })
  }

  /// What a kernel has picked along an axis, and where; their adjoint is that of `gather`.
  func picked(by known: Tensor.Picked, _ axis: Int) -> Picked {
    if rank == 0 { return (self, known.indices) }
    let values = record(
      .gather, self, known.values, { [shape] dy in dy.scattered(over: shape, axis: axis, index: known.indices) })
    return (values, known.indices)
  }

  /// Zeros of a shape with this added where `index` points to. Its adjoint is `gather` again.
  private func scattered(over shape: Shape, axis: Int, index: Tensor) -> Variable {
    var value = Tensor.zeros(shape, dtype: dtype)
    value.scatterAdd(axis: axis, index: index, tensor)
    return record(.scatterAdd, self, value, { g in g.gather(axis: axis, index: index) })
  }

  /// `condition ? lhs : rhs` for each element, all three broadcast together. The side not taken gets gradient 0.
  ///
  /// Stops unless `condition` is bool and both sides have one type. PyTorch's `where`.
  public static func `where`(_ condition: Tensor, _ lhs: Variable, _ rhs: Variable) -> Variable {
    record(
      .where, lhs, rhs, .where(condition, lhs.tensor, rhs.tensor),
      { dy in .where(condition, dy, Variable(Tensor.zeros([], dtype: dy.dtype))) },
      { dy in .where(condition, Variable(Tensor.zeros([], dtype: dy.dtype)), dy) })
  }
}

// MARK: - Joining

extension Variable {
  /// Variables joined along an existing axis; they agree in all others. Each gets its part of the gradient.
  ///
  /// Stops for an empty list, or shapes or types that differ. PyTorch's `cat`.
  public static func concatenate(_ variables: [Variable], axis: Int = 0) -> Variable {
    record(
      .concatenate, variables, Tensor.concatenate(variables.map(\.tensor), axis: axis),
      { [shapes = variables.map(\.shape)] dy in
        let along = shapes[0].checkedAxis(axis, op: "concatenate")
        var start = 0
        return shapes.map { shape in
          defer { start += shape[along] }
          return dy.slice(TensorIndex.along(along, start..<(start + shape[along])))
        }
      })
  }

  /// Variables of one shape joined along a new axis. Stops for an empty list, or shapes or types that differ. PyTorch's
  /// `stack`.
  public static func stack(_ variables: [Variable], axis: Int = 0) -> Variable {
    record(
      .stack, variables, Tensor.stack(variables.map(\.tensor), axis: axis),
      { [count = variables.count] dy in
        let along = dy.shape.checkedAxis(axis, op: "stack")
        return (0..<count).map { dy.slice(TensorIndex.along(along, $0)) }
      })
  }
}

extension TensorIndex {
  /// Indices that touch one axis only.
  fileprivate static func along(_ axis: Int, _ index: any TensorIndexable) -> [TensorIndex] {
    Array(repeating: Range.whole, count: axis) + [index.tensorIndex]
  }
}

extension Range<Int> {
  fileprivate static var whole: TensorIndex { .slice(from: nil, to: nil, step: 1) }
}
