// Writing to positions, as functions: a variable's value does not change, so the result is a new variable.

extension Variable {
  /// This with `values`, broadcast, at the positions that indices name: what `x[mask] = value` and
  /// `x[rows, columns] = values` make of a tensor.
  ///
  /// `indices` are what the brackets take: a bool mask or numbers (int64, int32), or numbers for each of the
  /// first axes. If a position is named twice, the last value stays, and it alone has a gradient; with
  /// `accumulate` all are added to what is there. dx is 0 where a value replaced x, else dy. Stops as the
  /// subscripts do. PyTorch's `index_put`.
  public func indexPut(_ indices: [Tensor], _ values: Variable, accumulate: Bool = false) -> Variable {
    requireFloat(named: "indexPut")
    require(!indices.isEmpty, "indexPut: wants at least one index")
    if dtype != values.dtype { stopForTypes("indexPut", tensor, values.tensor) }
    let plan =
      indices.count == 1 ? RowPlan(indices[0], shape, op: "indexPut") : RowPlan(indices, shape, op: "indexPut")
    require(
      Shape.broadcast(values.shape, plan.result) == plan.result,
      "indexPut: values of shape \(values.shape) do not broadcast to the part they are put in, \(plan.result)")
    let rest = plan.source.dropFirst()
    let rows = values.expand(plan.result).reshape(Shape([plan.positions.count] + rest))
    if accumulate { return self + rows.indexAdd(plan.source, axis: 0, plan.positions).reshape(shape) }
    // Which row is put at each position: the last one that names it.
    var chosen = [Int](repeating: -1, count: plan.source[0])
    for (number, position) in plan.positions.enumerated() { chosen[position] = number }
    let positions = chosen.indices.filter { chosen[$0] >= 0 }
    let isPut = Tensor(chosen.map { $0 >= 0 }, shape: Shape([chosen.count] + rest.map { _ in 1 }))
    let put = rows.indexSelect(axis: 0, positions.map { chosen[$0] }).indexAdd(plan.source, axis: 0, positions)
    return Variable.where(isPut, put, reshape(plan.source)).reshape(shape)
  }

  /// This with the elements of `source` where `index` points to along an axis:
  /// y[index[i][j]][j] = source[i][j] for axis 0.
  ///
  /// `index` is int64 or int32, of the same rank, and no larger than `source` or, in the other axes, this. A position
  /// named twice is as in `indexPut`. Stops for a position out of range, naming it. PyTorch's `scatter`.
  public func scatter(axis: Int, index: Tensor, _ source: Variable) -> Variable {
    requireFloat(named: "scatter")
    if dtype != source.dtype { stopForTypes("scatter", tensor, source.tensor) }
    // The number of the element that each entry points to; `gather` checks them all.
    let numbers = Tensor.arange(elementCount, dtype: .int64).reshape(shape)
    let positions = numbers.gather(axis: axis, index: index, for: "scatter")
    require(
      source.rank == index.rank && zip(source.shape, index.shape).allSatisfy { $0 >= $1 },
      "scatter: the source \(source.shape) must be at least as large as the index \(index.shape)")
    let part = source.slice(index.shape.map { .slice(from: 0, to: $0, step: 1) })
    return flatten().indexPut([positions.reshape([index.elementCount] as Shape)], part.flatten()).reshape(shape)
  }
}
