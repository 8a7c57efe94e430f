// Elements chosen by a mask or by an index tensor.

extension Variable {
  /// This with a number wherever a bool mask is true; the mask broadcasts. The gradient is 0 there. PyTorch's
  /// `masked_fill`.
  public func maskedFill(_ mask: Tensor, _ number: Double) -> Variable {
    record(
      .where, self, tensor.maskedFill(mask, number), { dy in dy.replacing(where: mask, with: 0) })
  }

  /// This with the elements of `source` added where `index` points to along an axis; an element named twice gets both.
  ///
  /// y[index[i][j]][j] += source[i][j] for axis 0. `index` is int64 or int32 and no larger than `source`. Stops for a
  /// position out of range, naming it. PyTorch's `scatter_add`.
  public func scatterAdd(axis: Int, index: Tensor, _ source: Variable) -> Variable {
    var value = tensor
    value.scatterAdd(axis: axis, index: index, source.tensor)
    return record(
      .scatterAdd, self, source, value, { dy in dy },
      { [from = source.shape] dy in
        let part = dy.gather(axis: axis, index: index)
        if part.shape == from { return part }
        // Elements of the source that the index does not cover have no part in the result.
        return part.pad(zip(from, part.shape).reversed().flatMap { [0, $0 - $1] })
      })
  }

  /// One element per entry of `indices` along an axis, as `gather`, where both broadcast apart from that axis; without
  /// an axis from the flattened value. PyTorch's `take_along_dim`, NumPy's `take_along_axis`.
  public func takeAlong(_ indices: Tensor, axis: Int? = nil) -> Variable {
    guard let axis else {
      return flatten().gather(axis: 0, index: indices.reshape([indices.elementCount] as Shape), for: "takeAlong")
    }
    require(
      indices.rank == rank, "takeAlong: indices \(indices.shape) must have as many axes as the value \(shape)")
    let along = shape.checkedAxis(axis, op: "takeAlong")
    guard
      let common = Shape.broadcast(shape.replacing(axis: along, with: 1), indices.shape.replacing(axis: along, with: 1))
    else { stop("takeAlong: indices \(indices.shape) and value \(shape) differ outside axis \(axis)") }
    let index = indices.expand(common.replacing(axis: along, with: indices.shape[along]))
    return expand(common.replacing(axis: along, with: shape[along])).gather(axis: along, index: index, for: "takeAlong")
  }

  /// Rows of a table by number: this [rows, width], indices of any shape [...] give [..., width].
  ///
  /// The gradient of a row is the sum over its uses; the row `paddingIndex` (from the end if negative) gets none. Stops
  /// for an index out of range, naming it. PyTorch's `embedding`.
  public func embedding(_ indices: Tensor, paddingIndex: Int? = nil) -> Variable {
    require(rank == 2, "embedding: the table must be [rows, width], got \(shape)")
    require(
      indices.dtype == .int64 || indices.dtype == .int32,
      "embedding: indices must be int64 or int32, got \(indices.dtype) \(indices.shape); convert with cast(to: .int64)")
    let rows = shape[0]
    let positions = indices.scalars(as: Int.self)
    for (number, position) in positions.enumerated() where position < 0 || position >= rows {
      stop("embedding: index \(position) (number \(number)) is out of range for a table of \(rows) rows")
    }
    let picked = indexSelect(axis: 0, positions).reshape(Shape(Array(indices.shape) + [shape[1]]))
    guard let paddingIndex else { return picked }
    require(
      paddingIndex >= -rows && paddingIndex < rows,
      "embedding: padding index \(paddingIndex) is out of range for a table of \(rows) rows")
    let isPadding = (indices .== Double(paddingIndex < 0 ? paddingIndex + rows : paddingIndex)).unsqueeze(-1)
    return Variable.where(isPadding, picked.detach(), picked)
  }
}
