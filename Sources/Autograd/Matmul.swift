extension Variable {
  /// Matrix product, with NumPy's rules for every rank.
  ///
  /// [m, k] · [k, n] gives [m, n]; a vector on the left is a row, on the right a column, and that axis is dropped from
  /// the result; leading axes are batches that broadcast. dA = dY · Bᵀ, dB = Aᵀ · dY, summed over broadcast batches.
  /// Stops when inner sizes, batches or types differ. NumPy's and PyTorch's `matmul`.
  public func matmul(_ other: Variable) -> Variable {
    record(
      .matmul, self, other, tensor.matmul(other.tensor),
      { [a = self.shape, b = other.snapshot] dy in
        let dY = dy.asMatrices(leftRank: a.rank, rightRank: b.rank)
        return dY.matmul(b.asColumns().transpose()).reduced(like: a, vectorAxis: -2)
      },
      { [a = snapshot, b = other.shape] dy in
        let dY = dy.asMatrices(leftRank: a.rank, rightRank: b.rank)
        // Batches that share one matrix are one tall product, so that no stack of products is built and summed.
        if b.rank == 2, a.rank > 2 { return a.asRows().rowsJoined().transpose().matmul(dY.rowsJoined()) }
        return a.asRows().transpose().matmul(dY).reduced(like: b, vectorAxis: -1)
      })
  }

  /// Products of matrices in pairs: [b, m, k] · [b, k, n] gives [b, m, n]. Stops when sizes or
  /// types differ. PyTorch's `bmm`.
  public func bmm(_ other: Variable) -> Variable {
    require(
      rank == 3 && other.rank == 3 && shape[0] == other.shape[0],
      "bmm: wants two stacks of equally many matrices, got \(shape) and \(other.shape)")
    if dtype != other.dtype { stopForTypes("bmm", tensor, other.tensor) }
    requireFloat(named: "bmm")
    require(
      shape[2] == other.shape[1],
      "bmm: \(shape) · \(other.shape): inner sizes \(shape[2]) and \(other.shape[1]) differ")
    return matmul(other)
  }

  /// Σ of the products of two vectors' elements. PyTorch's `dot`.
  public func dot(_ other: Variable) -> Variable {
    require(
      rank == 1 && shape == other.shape, "dot: wants two vectors of one length, got \(shape) and \(other.shape)")
    return record(
      .dot, self, other, tensor.matmul(other.tensor), { [y = other.snapshot] dy in dy * y },
      { [x = snapshot] dy in dy * x })
  }

  /// All products of two vectors' elements: [m] and [n] give [m, n]. dx = dY · y, dy = x · dY. PyTorch's `outer`.
  public func outer(_ other: Variable) -> Variable {
    require(rank == 1 && other.rank == 1, "outer: wants two vectors, got \(shape) and \(other.shape)")
    if dtype != other.dtype { stopForTypes("outer", tensor, other.tensor) }
    return record(
      .multiply, self, other, tensor.unsqueeze(1) * other.tensor, { [y = other.snapshot] dy in dy.matmul(y) },
      { [x = snapshot] dy in x.matmul(dy) })
  }

  /// A form that is linear in two inputs: yₒ = Σᵢⱼ xᵢ wₒᵢⱼ zⱼ + bₒ for self [..., i],
  /// `other` [..., j], weight [out, i, j].
  ///
  /// PyTorch's `bilinear`.
  public func bilinear(_ other: Variable, weight: Variable, bias: Variable? = nil) -> Variable {
    require(
      rank >= 1 && weight.rank == 3 && rank == other.rank && shape.dropLast().elementsEqual(other.shape.dropLast())
        && shape[-1] == weight.shape[1] && other.shape[-1] == weight.shape[2],
      "bilinear: inputs \(shape) and \(other.shape) do not fit a weight [out, in1, in2] = \(weight.shape)")
    for operand in [other, weight, bias].compactMap({ $0 }) where operand.dtype != dtype {
      stopForTypes("bilinear", tensor, operand.tensor)
    }
    let (count, first, second) = (weight.shape[0], weight.shape[1], weight.shape[2])
    let half = matmul(weight.permute([1, 0, 2]).reshape([first, count * second] as Shape))
    let split = half.reshape(Shape(Array(shape.dropLast()) + [count, second]))
    let sum = split.matmul(other.unsqueeze(-1)).squeeze(axes: [-1])
    return bias.map { sum + $0 } ?? sum
  }

  /// Matrix product; see `matmul(_:)`.
  public static func • (lhs: Variable, rhs: Variable) -> Variable { lhs.matmul(rhs) }

  /// `x · wᵀ + b` in one pass: self [..., in], weight [out, in], bias [out]; returns [..., out].
  ///
  /// dx = dy · w, dw = dyᵀ · x, db = Σ dy over rows. PyTorch's `linear`. Stops when the sizes do not fit.
  public func linear(weight: Variable, bias: Variable? = nil) -> Variable {
    checkLinear(weight, bias)
    let value = weight.withTensor { w in
      if rank == 2 { return withTensor { $0.affine(weight: w, bias: bias?.tensor) } }
      return tensor.reshape(rowsShape).affine(weight: w, bias: bias?.tensor)
        .reshape(shape.replacing(axis: rank - 1, with: w.shape[0]))
    }
    return record(
      .linear, self, weight, bias, value,
      {
        [
          x = weight.requiresGrad ? snapshot : nil, w = requiresGrad ? weight.snapshot : nil, shape,
          needsBias = bias?.requiresGrad == true
        ] dy in
        let dY = dy.rowsJoined()
        return (
          w.map { dY.matmul($0).reshape(shape) }, x.map { dY.transposedMatmul($0.rowsJoined()) },
          needsBias ? dY.sum(axes: [0]) : nil
        )
      })
  }

  /// `selfᵀ · other` for self [k, m], other [k, n]: gives [m, n]. The same as
  /// `transpose().matmul(other)`, but without a view.
  ///
  /// dself = other · dYᵀ, dother = self · dY.
  private func transposedMatmul(_ other: Variable) -> Variable {
    record(
      .matmul, self, other, withTensor { a in other.withTensor { a.transposedMatmul($0) } },
      { [b = other.snapshot] dy in b.matmul(dy.transpose()) }, { [a = snapshot] dy in a.matmul(dy) })
  }

  private func checkLinear(_ weight: Variable, _ bias: Variable?) {
    require(
      weight.rank == 2 && rank >= 1 && shape[-1] == weight.shape[1],
      "linear: the input \(shape) must end in the weight's second size, which is [out, in] = \(weight.shape)")
    if dtype != weight.dtype { stopForTypes("linear", tensor, weight.tensor) }
    guard let bias else { return }
    require(
      bias.rank == 1 && bias.shape[0] == weight.shape[0],
      "linear: the bias must have shape [\(weight.shape[0])], got \(bias.shape)")
    if dtype != bias.dtype { stopForTypes("linear", tensor, bias.tensor) }
  }

  /// A vector as a row.
  private func asRows() -> Variable { rank == 1 ? unsqueeze(0) : self }
  /// A vector as a column.
  private func asColumns() -> Variable { rank == 1 ? unsqueeze(1) : self }

  /// The gradient of a product, with the axes that vectors had lost.
  private func asMatrices(leftRank: Int, rightRank: Int) -> Variable {
    let columns = rightRank == 1 ? unsqueeze(-1) : self
    return leftRank == 1 ? columns.unsqueeze(-2) : columns
  }

  /// All leading axes as one: [rows, last].
  func rowsJoined() -> Variable {
    rank == 2 ? self : reshape(rowsShape)
  }

  private var rowsShape: Shape { [shape.dropLast().product, shape[-1]] }

  /// Sums a stack of gradients over broadcast batches, and drops a vector's extra axis.
  private func reduced(like shape: Shape, vectorAxis: Int) -> Variable {
    if shape.rank > 1 { return self.shape == shape ? self : sum(to: shape) }
    return squeeze(axes: [vectorAxis]).sum(to: shape)
  }
}
