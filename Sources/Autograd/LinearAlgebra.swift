// Linear systems, determinants and Cholesky factors, on stacks of matrices [..., n, n]. Rules are products and
// solutions again, so derivatives of any order are available.

extension Variable {
  /// The inverse of each matrix [..., n, n]. dA = −Yᵀ · dY · Yᵀ. Stops for a singular one. PyTorch's `inverse`.
  public func inverse() -> Variable {
    checkSquare(.inverse)
    return inverse(by: LUFactors(tensor), for: .inverse)
  }

  /// The inverse from this matrix's factors, as part of the op that the caller named.
  private func inverse(by factors: LUFactors, for op: Op) -> Variable {
    recordUnary(.inverse, factors.inverse(op: op.rawValue), keeping: .output) { y, dy in
      let turned = y.transpose()
      return -turned.matmul(dy).matmul(turned)
    }
  }

  /// The solution X of A · X = B for this A [..., n, n] and B [..., n, m] or [..., n]; batches broadcast.
  ///
  /// dB = A⁻ᵀ · dX, dA = −dB · Xᵀ. Keeps the factors of A. Stops for a singular matrix,
  /// naming it. PyTorch's `linalg.solve`.
  public func solve(_ b: Variable) -> Variable {
    checkSquare(.solve)
    if b.rank > 0, b.shape == Shape(shape.dropLast()) { return solve(b.unsqueeze(-1)).squeeze(axes: [-1]) }
    let (a, b) = checkedSystem("solve", b)
    let factors = LUFactors(a.tensor)
    return a.solve(b, by: factors, factors.solved(b.tensor, op: "solve"))
  }

  /// The solution, computed already, as are this matrix's factors.
  private func solve(_ b: Variable, by factors: LUFactors, _ solution: Tensor) -> Variable {
    record(
      .solve, [self, b], solution,
      { [a = snapshot, b = b.snapshot] dx in
        let turned = factors.transposed
        let db = a.transpose().solve(dx, by: turned, turned.solved(dx.tensor, op: "solve"))
        let da = a.requiresGrad ? -db.matmul(a.solve(b, by: factors, solution).transpose()) : nil
        return [da, b.requiresGrad ? db : nil]
      })
  }

  /// The solution X of A · X = B for a triangular A (this), or of X · A = B unless `left`; batches broadcast.
  ///
  /// Reads only that triangle of A, and with `unitriangular` not its diagonal, which counts as ones; the gradient is 0
  /// elsewhere. PyTorch's `linalg.solve_triangular`.
  public func solveTriangular(
    _ b: Variable, upper: Bool, left: Bool = true, unitriangular: Bool = false
  ) -> Variable {
    checkSquare(.solveTriangular)
    if !left {
      require(b.rank >= 2, "solveTriangular: wants matrices, got \(shape) and \(b.shape)")
      return transpose().solveTriangular(b.transpose(), upper: !upper, unitriangular: unitriangular).transpose()
    }
    let (a, b) = checkedSystem("solveTriangular", b)
    return record(
      .solveTriangular, a, b, a.tensor.solvedTriangular(b.tensor, isUpper: upper, isUnit: unitriangular),
      { [a = a.snapshot, b = b.snapshot] dx in
        let x = a.solveTriangular(b, upper: upper, unitriangular: unitriangular)
        let db = a.transpose().solveTriangular(dx, upper: !upper, unitriangular: unitriangular)
        let da = -db.matmul(x.transpose()), offset = unitriangular ? 1 : 0
        return upper ? da.upperTriangle(offset: offset) : da.lowerTriangle(offset: -offset)
      },
      { [a = a.snapshot] dx in
        a.transpose().solveTriangular(dx, upper: !upper, unitriangular: unitriangular)
      })
  }

  /// The determinant of each matrix: [..., n, n] gives [...]. dA = dy · y · A⁻ᵀ; for a singular matrix the cofactors
  /// are computed one by one. PyTorch's `det`.
  public func det() -> Variable {
    checkSquare(.det)
    return det(by: LUFactors(tensor))
  }

  private func det(by factors: LUFactors) -> Variable {
    let value = factors.determinants()
    return record(
      .det, self, value, { [x = snapshot] dy in dy.unsqueeze(-1).unsqueeze(-1) * x.cofactors(value, factors) })
  }

  /// The determinant's sign (1, −1 or 0, without gradient) and the logarithm of its size (−∞
  /// if 0): d log|det A| = dy · A⁻ᵀ.
  ///
  /// PyTorch's `slogdet`. Stops when the gradient of a singular matrix is wanted, as there is none.
  public func slogdet() -> (sign: Tensor, logAbsDet: Variable) {
    checkSquare(.slogdet)
    let factors = LUFactors(tensor)
    let (sign, size) = factors.signsAndLogarithms()
    let y = record(
      .slogdet, self, size,
      { [x = snapshot] dy in
        dy.unsqueeze(-1).unsqueeze(-1) * x.inverse(by: factors, for: .slogdet).transpose()
      })
    return (sign, y)
  }

  /// Cholesky's factor L with A = L · Lᵀ of positive definite matrices, or Lᵀ with `upper`; reads the lower triangle.
  ///
  /// dA = ½ (S + Sᵀ), S = L⁻ᵀ · Φ(Lᵀ · dL) · L⁻¹, Φ taking the lower triangle with half of its diagonal: symmetric,
  /// whatever triangle was read (Murray 2016). Stops for a matrix that is not positive definite. PyTorch's `cholesky`.
  public func cholesky(upper: Bool = false) -> Variable {
    checkSquare(.cholesky)
    if upper { return cholesky().transpose() }
    return recordUnary(.cholesky, tensor.choleskyFactor(), keeping: .output) { l, dl in
      let product = l.transpose().matmul(dl.lowerTriangle())
      let half = (product.lowerTriangle() + product.lowerTriangle(offset: -1)) * 0.5
      let left = l.transpose().solveTriangular(half, upper: true)
      let s = l.solveTriangular(left, upper: false, left: false)
      return (s + s.transpose()) * 0.5
    }
  }
}

// MARK: - Shared

extension Variable {
  /// The derivative of the determinant, whose value is known: y · A⁻ᵀ or, where y is 0 or lost in rounding,
  /// the determinants of all minors.
  private func cofactors(_ determinants: Tensor, _ factors: LUFactors) -> Variable {
    let isRegular = determinants.scalars(as: Double.self).allSatisfy { $0 != 0 && $0.isFinite }
    if isRegular {
      return det(by: factors).unsqueeze(-1).unsqueeze(-1) * inverse(by: factors, for: .det).transpose()
    }
    let n = shape[-1]
    if n == 1 { return Variable(tensor.onesLike()) + self * 0 }
    let batch = Array(shape.dropLast(2))
    let minors = (0..<n).flatMap { row in
      let others = indexSelect(axis: -2, (0..<n).filter { $0 != row })
      return (0..<n).map { column in others.indexSelect(axis: -1, (0..<n).filter { $0 != column }) }
    }
    let signs = Tensor((0..<(n * n)).map { ($0 / n + $0 % n) % 2 == 0 ? 1.0 : -1.0 }).cast(to: dtype)
    let values = Variable.stack(minors, axis: -3).det() * Variable(signs)
    return values.reshape(Shape(batch + [n, n]))
  }

  /// Both sides of a system with the same batches.
  private func checkedSystem(_ op: String, _ b: Variable) -> (Variable, Variable) {
    require(
      b.rank >= 2 && b.shape[-2] == shape[-1],
      "\(op): a matrix \(shape) wants a right side of \(shape[-1]) rows, got \(b.shape)")
    if dtype != b.dtype { stopForTypes(op, tensor, b.tensor) }
    guard let batch = Shape.broadcast(Shape(shape.dropLast(2)), Shape(b.shape.dropLast(2))) else {
      stop("\(op): batches of \(shape) and \(b.shape) do not broadcast")
    }
    return (
      expand(Shape(Array(batch) + Array(shape.suffix(2)))), b.expand(Shape(Array(batch) + Array(b.shape.suffix(2))))
    )
  }

  func checkSquare(_ op: Op) { checkSquare(named: op.rawValue) }

  /// The same for a composition of other ops, under the name that the caller used.
  func checkSquare(named op: String) {
    requireFloat(named: op)
    require(rank >= 2 && shape[-1] == shape[-2], "\(op): wants square matrices [..., n, n], got \(shape)")
  }
}
