// Triangles and diagonals of matrices.

extension Variable {
  /// The elements on and below a diagonal of the last two axes, 0 above: `offset` 0 is the main diagonal, 1 the
  /// one above it. PyTorch's `tril`.
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
  /// `offset` counts along `axis2`: above the main diagonal if positive. dx has dy on the
  /// diagonal. PyTorch's `diagonal`.
  public func diagonal(offset: Int = 0, axis1: Int = 0, axis2: Int = 1) -> Variable {
    record(
      .diagonal, self, tensor.diagonal(offset: offset, axis1: axis1, axis2: axis2),
      { [shape] dy in dy.diagonalBackward(shape, offset, axis1, axis2) })
  }

  /// Vectors [..., n] as the diagonals of matrices of zeros, whose axes stand at `axis1` and `axis2` of the result; by
  /// default [..., n + |offset|, n + |offset|]. dx is the diagonal of dy. PyTorch's `diag_embed`.
  public func diagEmbed(offset: Int = 0, axis1: Int = -2, axis2: Int = -1) -> Variable {
    diagonalBackward(shape.diagEmbedded(offset, axis1, axis2), offset, axis1, axis2)
  }

  /// Matrices along the diagonal of a matrix of zeros; a vector counts as a row, a single value as a matrix of one.
  /// Stops for more than two axes and for types that differ. PyTorch's `block_diag`.
  public static func blockDiag(_ blocks: [Variable]) -> Variable {
    guard let first = blocks.first else { stop("blockDiag: wants at least one matrix") }
    for block in blocks {
      require(block.rank <= 2, "blockDiag: wants matrices, got \(block.shape)")
      if block.dtype != first.dtype { stopForTypes("blockDiag", first.tensor, block.tensor) }
    }
    let matrices = blocks.map { $0.rank == 2 ? $0 : $0.flatten().unsqueeze(0) }
    let width = matrices.reduce(0) { $0 + $1.shape[1] }
    var start = 0
    let rows = matrices.map { matrix in
      defer { start += matrix.shape[1] }
      return matrix.pad([start, width - start - matrix.shape[1]])
    }
    return concatenate(rows, axis: 0)
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
