// Factors of matrices by elimination, and systems that are solved with factors.

extension Variable {
  /// Factors of each matrix A = P · L · U of [..., m, n]: P [..., m, m] exchanges rows, L [..., m, k] has ones on its
  /// diagonal and zeros above, U [..., k, n] zeros below; k = min(m, n). PyTorch's `linalg.lu`.
  ///
  /// For the k rows and columns that L and U begin with dA = P · L⁻ᵀ · (Φ(Lᵀ · dL) + dU · Uᵀ) · U⁻ᵀ, where Φ takes what
  /// is below the diagonal, and of dU · Uᵀ what is not; the rest of L and of U are solutions. L and U have a rule each.
  public func lu() -> (p: Tensor, l: Variable, u: Variable) {
    checkMatrices("lu")
    let (m, n) = (shape[-2], shape[-1]), k = Swift.min(m, n)
    let factors = LUFactors(m < n ? tensor.sliced(axis: rank - 1, start: 0, count: m, step: 1) : tensor).parts()
    let p = (factors.order.unsqueeze(-2) .== Tensor.arange(m, dtype: .int64).unsqueeze(-1)).cast(to: dtype)
    let ordered = gather(axis: -2, index: factors.order.unsqueeze(-1).expand(shape))
    let corner = ordered.slice(axis: -2, to: k).slice(axis: -1, to: k)
    let known = (l: factors.lower.slice(axis: -2, to: k), u: factors.upper)
    let (l, u) = corner.luFactors(known)
    if m < n {
      let rest = l.solveTriangular(ordered.slice(axis: -1, from: k), upper: false, unitriangular: true)
      return (p, l, .concatenate([u, rest], axis: -1))
    }
    if m == n { return (p, l, u) }
    guard requiresGrad else { return (p, Variable(factors.lower), u) }
    let rest = u.solveTriangular(ordered.slice(axis: -2, from: k), upper: true, left: false)
    return (p, Variable.concatenate([l, rest], axis: -2).replacingValue(factors.lower), u)
  }

  /// The factors, known already, of square matrices whose rows need not be exchanged.
  private func luFactors(_ known: (l: Tensor, u: Tensor)) -> (l: Variable, u: Variable) {
    let l = record(
      .lowerFactor, self, known.l,
      { [x = snapshot] dl in
        let (l, u) = x.luFactors(known)
        return l.transpose().matmul(dl).lowerTriangle(offset: -1).betweenInverses(l, u)
      })
    let u = record(
      .upperFactor, self, known.u,
      { [x = snapshot] du in
        let (l, u) = x.luFactors(known)
        return du.matmul(u.transpose()).upperTriangle().betweenInverses(l, u)
      })
    return (l, u)
  }

  /// L⁻ᵀ · X · U⁻ᵀ
  private func betweenInverses(_ l: Variable, _ u: Variable) -> Variable {
    let left = l.transpose().solveTriangular(self, upper: true, unitriangular: true)
    return u.transpose().solveTriangular(left, upper: false, left: false)
  }

  /// The solution X of A · X = B for the A that this is Cholesky's factor of: L with A = L · Lᵀ, or Lᵀ with `upper`;
  /// only that triangle is read. B is [..., n, m]; batches broadcast. PyTorch's `cholesky_solve`.
  public func choleskySolve(_ b: Variable, upper: Bool = false) -> Variable {
    checkSquare(named: "choleskySolve")
    require(
      b.rank >= 2 && b.shape[-2] == shape[-1],
      "choleskySolve: a factor \(shape) wants a right side of \(shape[-1]) rows, got \(b.shape)")
    if dtype != b.dtype { stopForTypes("choleskySolve", tensor, b.tensor) }
    let (first, last) = upper ? (transpose(), self) : (self, transpose())
    return last.solveTriangular(first.solveTriangular(b, upper: false), upper: true)
  }

  /// The inverse of the A that this is Cholesky's factor of. PyTorch's `cholesky_inverse`.
  public func choleskyInverse(upper: Bool = false) -> Variable {
    checkSquare(named: "choleskyInverse")
    return choleskySolve(Variable(Tensor.eye(shape[-1], dtype: dtype)), upper: upper)
  }
}
