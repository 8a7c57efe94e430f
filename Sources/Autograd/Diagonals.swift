// Triangles and diagonals of matrices.

extension Variable {
  /// The elements on and below a diagonal of the last two axes, 0 above: `offset` 0 is the main diagonal, 1 the one above it.
  /// PyTorch's `tril`.
  public func lowerTriangle(offset: Int = 0) -> Variable { triangle("lowerTriangle", offset, isLower: true) }

  /// The elements on and above a diagonal of the last two axes, 0 below. PyTorch's `triu`.
  public func upperTriangle(offset: Int = 0) -> Variable { triangle("upperTriangle", offset, isLower: false) }

  /// A triangle. It is its own adjoint.
  private func triangle(_ name: String, _ offset: Int, isLower: Bool) -> Variable {
    record(
      .triangle, self, tensor.triangle(name, offset, isLower: isLower),
      { dy in dy.triangle(name, offset, isLower: isLower) })
  }

  /// The diagonal of two axes, which are replaced by one axis at the end. A view.
  ///
  /// `offset` counts along `axis2`: above the main diagonal if positive. dx has dy on the diagonal. PyTorch's `diagonal`.
  public func diagonal(offset: Int = 0, axis1: Int = 0, axis2: Int = 1) -> Variable {
    record(
      .diagonal, self, tensor.diagonal(offset: offset, axis1: axis1, axis2: axis2),
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
    let size = Int(clamping: UInt(shape[0]) + offset.magnitude)
    return diagonalBackward([size, size], offset, 0, 1)
  }

  /// The sum of a matrix's main diagonal. PyTorch's `trace`.
  public func trace() -> Variable {
    requireFloat(named: "trace")
    require(rank == 2, "trace: wants a matrix, got shape \(shape)")
    return diagonal().sum()
  }
}
