// Triangles and diagonals of matrices.

extension Variable {
  /// The elements on and below a diagonal of the last two axes, 0 above: `offset` 0 is the main diagonal, 1 the one above it.
  /// PyTorch's `tril`.
  public func lowerTriangle(offset: Int = 0) -> Variable {
    Variable.where(triangle("lowerTriangle", offset), self, Variable(Tensor.zeros([], dtype: dtype)))
  }

  /// The elements on and above a diagonal of the last two axes, 0 below. PyTorch's `triu`.
  public func upperTriangle(offset: Int = 0) -> Variable {
    Variable.where(triangle("upperTriangle", offset - 1), Variable(Tensor.zeros([], dtype: dtype)), self)
  }

  /// Where a matrix is on or below a diagonal.
  private func triangle(_ op: String, _ offset: Int) -> Tensor {
    require(rank >= 2, "\(op): wants matrices, got shape \(shape)")
    let rows = Tensor.arange(shape[-2], dtype: .int64).reshaped(to: [shape[-2], 1])
    return rows .>= Tensor.arange(shape[-1], dtype: .int64) - Double(offset)
  }

  /// The diagonal of two axes, which go away and come back as one at the end. A view.
  ///
  /// `offset` counts along `axis2`: above the main diagonal if positive. dx has dy on the diagonal. PyTorch's `diagonal`.
  public func diagonal(offset: Int = 0, axis1: Int = 0, axis2: Int = 1) -> Variable {
    record(
      .diagonal, self, tensor.diagonal(offset: offset, axis1, axis2),
      { [shape] dy in dy.diagonalBackward(shape, offset, axis1, axis2) })
  }

  /// Zeros of a shape with this on a diagonal. Its adjoint is the diagonal again.
  private func diagonalBackward(_ shape: Shape, _ offset: Int, _ axis1: Int, _ axis2: Int) -> Variable {
    record(
      .diagonalBackward, self, tensor.onDiagonal(of: shape, offset: offset, axis1, axis2),
      { g in g.diagonal(offset: offset, axis1: axis1, axis2: axis2) })
  }

  /// A vector [n] as the diagonal of a matrix [n + |offset|, n + |offset|]; of a matrix its diagonal. PyTorch's `diag`.
  public func diag(offset: Int = 0) -> Variable {
    require(rank == 1 || rank == 2, "diag: wants a vector or a matrix, got shape \(shape)")
    if rank == 2 { return diagonal(offset: offset) }
    let size = shape[0] + Swift.abs(offset)
    return diagonalBackward([size, size], offset, 0, 1)
  }

  /// The sum of a matrix's main diagonal. PyTorch's `trace`.
  public func trace() -> Variable {
    require(rank == 2, "trace: wants a matrix, got shape \(shape)")
    return diagonal().sum()
  }
}
