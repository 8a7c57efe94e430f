// Eigenvalues, singular values and orthogonal factors, on stacks of matrices. An op has one result, so each part is an op
// whose rule needs the other parts: they are recorded with the values that are known.

extension Variable {
  /// Eigenvalues [..., n], ascending, and eigenvectors (the columns of [..., n, n]) of symmetric matrices; reads the lower
  /// triangle.
  ///
  /// dA = V (diag(dw) + F ∘ (Vᵀ dV)) Vᵀ made symmetric, Fᵢⱼ = 1 / (wⱼ − wᵢ). Vectors have a gradient only where all values
  /// differ, and their sign is arbitrary: differentiate what does not depend on it. PyTorch's `linalg.eigh`.
  public func eigh() -> (values: Variable, vectors: Variable) {
    checkSquare(.eigenvalues)
    let (values, vectors) = tensor.symmetricEigenpairs()
    return eigenpairs(values, vectors)
  }

  /// Eigenvalues alone; their gradient needs no distinct values, but the vectors, which are else not worked out. PyTorch's
  /// `linalg.eigvalsh`.
  public func eigvalsh() -> Variable {
    checkSquare(.eigenvalues)
    if requiresGrad, ThreadState.current.isRecording { return eigh().values }
    return Variable(tensor.symmetricEigenvalues())
  }

  private func eigenpairs(_ values: Tensor, _ vectors: Tensor) -> (values: Variable, vectors: Variable) {
    let w = record(
      .eigenvalues, self, values,
      { [x = snapshot] dw in
        let v = x.eigenpairs(values, vectors).vectors
        return v.matmul(dw.unsqueeze(-1) * v.transpose())
      })
    let v = record(
      .eigenvectors, self, vectors,
      { [x = snapshot] dv in
        let (w, v) = x.eigenpairs(values, vectors)
        let inner = (v.transpose().matmul(dv)) * w.inverseDifferences()
        let da = v.matmul(inner).matmul(v.transpose())
        return (da + da.transpose()) * 0.5
      })
    return (w, v)
  }

  /// 1 / (wⱼ − wᵢ), 0 on the diagonal.
  private func inverseDifferences() -> Variable {
    let n = shape[-1]
    let isDiagonal = Tensor.eye(n, dtype: .float32) .== 1
    return (unsqueeze(-2) - unsqueeze(-1)).replacing(where: isDiagonal, with: .infinity).reciprocal()
  }

  /// The thin singular value decomposition A = U · diag(s) · Vh of [..., m, n]: U [..., m, k], s [..., k] descending,
  /// Vh [..., k, n], k = min(m, n).
  ///
  /// Vectors have a gradient only where all values differ and none is 0, and their sign is arbitrary: differentiate what does
  /// not depend on it. The gradient of s is U · diag(ds) · Vh. PyTorch's `linalg.svd(full_matrices=False)`.
  public func svd() -> (u: Variable, s: Variable, vh: Variable) {
    requireFloat(.singularValues)
    require(rank >= 2, "svd: wants matrices [..., m, n], got \(shape)")
    let known = tensor.singularValueDecomposition()
    return svd(known)
  }

  private typealias KnownSVD = (u: Tensor, s: Tensor, vh: Tensor)

  private func svd(_ known: KnownSVD) -> (u: Variable, s: Variable, vh: Variable) {
    let s = record(
      .singularValues, self, known.s,
      { [x = snapshot] ds in
        let (u, _, vh) = x.svd(known)
        return (u * ds.unsqueeze(-2)).matmul(vh)
      })
    let u = record(
      .leftSingularVectors, self, known.u,
      { [x = snapshot] du in
        let (u, s, vh) = x.svd(known)
        let inner = u.transpose().matmul(du)
        let turned = (inner - inner.transpose()) * s.inverseSquareDifferences()
        let outside = (du - u.matmul(inner)) / s.unsqueeze(-2)
        return (u.matmul(turned * s.unsqueeze(-2)) + outside).matmul(vh)
      })
    let vh = record(
      .rightSingularVectors, self, known.vh,
      { [x = snapshot] dvh in
        let (u, s, vh) = x.svd(known)
        let (v, dv) = (vh.transpose(), dvh.transpose())
        let inner = v.transpose().matmul(dv)
        let turned = (inner - inner.transpose()) * s.inverseSquareDifferences()
        let outside = (dv - v.matmul(inner)).transpose() / s.unsqueeze(-1)
        return u.matmul((turned * s.unsqueeze(-1)).matmul(vh) + outside)
      })
    return (u, s, vh)
  }

  /// 1 / (sⱼ² − sᵢ²), 0 on the diagonal.
  private func inverseSquareDifferences() -> Variable { square().inverseDifferences() }

  /// The thin QR factorization of [..., m, n]: Q [..., m, k] with orthonormal columns, R [..., k, n] upper triangular.
  ///
  /// Has a gradient where the first k columns are independent: for m ≥ n with M = R · dRᵀ − dQᵀ · Q,
  /// dA = (dQ + Q · copy(M)) · R⁻ᵀ, copy(M) being M's lower triangle mirrored. More columns than rows are [A₁, A₂] with
  /// square A₁ = Q · R₁ and R = [R₁, Qᵀ · A₂]. PyTorch's `linalg.qr`.
  public func qr() -> (q: Variable, r: Variable) {
    requireFloat(.qrQ)
    require(rank >= 2, "qr: wants matrices [..., m, n], got \(shape)")
    let rows = shape[-2]
    if rows >= shape[-1] { return qr(tensor.qrFactors()) }
    let (left, right) = (slice(axis: -1, to: rows), slice(axis: -1, from: rows))
    let known = left.tensor.qrFactors()
    let (q, r) = left.qr(known)
    return (q, .concatenate([r, left.turning(right, known, known.q.transposed().matmul(right.tensor))], axis: -1))
  }

  private typealias KnownQR = (q: Tensor, r: Tensor)

  /// Qᵀ · B, which is known, for this square A = Q · R: dB = Q · dY, and with N = Y · dYᵀ dA = Q · L · R⁻ᵀ, L being the lower
  /// triangle of N − Nᵀ.
  private func turning(_ b: Variable, _ known: KnownQR, _ value: Tensor) -> Variable {
    record(
      .qrR, [self, b], value,
      { [a = snapshot, b = b.snapshot] dy in
        let ((q, r), y) = (a.qr(known), a.turning(b, known, value))
        let n = y.matmul(dy.transpose())
        let inner = (n - n.transpose()).lowerTriangle()
        return [r.solveTriangular(q.matmul(inner).transpose(), upper: true).transpose(), q.matmul(dy)]
      })
  }

  private func qr(_ known: KnownQR) -> (q: Variable, r: Variable) {
    func back(_ x: Variable, _ dq: Variable?, _ m: (Variable, Variable) -> Variable) -> Variable {
      let (q, r) = x.qr(known)
      let m = m(q, r)
      let sum = q.matmul(m.lowerTriangle() + m.lowerTriangle(offset: -1).transpose())
      return r.solveTriangular((dq.map { $0 + sum } ?? sum).transpose(), upper: true).transpose()
    }
    return (
      record(.qrQ, self, known.q, { [x = snapshot] dq in back(x, dq) { q, _ in -dq.transpose().matmul(q) } }),
      record(
        .qrR, self, known.r,
        { [x = snapshot] dr in back(x, nil) { _, r in r.matmul(dr.upperTriangle().transpose()) } })
    )
  }

  /// The pseudoinverse of matrices [..., m, n], by singular values; those below `relativeTolerance` · max(s) count as 0
  /// (max(m, n) · the type's rounding unless said). PyTorch's `linalg.pinv`.
  public func pinv(relativeTolerance: Double? = nil) -> Variable {
    let (u, s, vh) = svd()
    let rounding = dtype == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
    let limit = relativeTolerance ?? rounding * Double(Swift.max(shape[-1], shape[-2]))
    if s.elementCount == 0 { return transpose() * 0 }
    let isSmall = s.tensor .<= s.tensor.max(axes: [-1], keepDims: true) * limit
    let factors = s.replacing(where: isSmall, with: .infinity).reciprocal()
    return (vh.transpose() * factors.unsqueeze(-2)).matmul(u.transpose())
  }

  /// Matrices [..., n, n] to a whole power, by repeated squaring; negative ones are powers of the inverse.
  public func matrixPower(_ exponent: Int) -> Variable {
    checkSquare(.matmul)
    if exponent < 0 { return inverse().matrixPower(-exponent) }
    if exponent == 0 { return Variable(Tensor.eye(shape[-1], dtype: dtype)).expand(shape) }
    var (result, power, rest) = (Variable?.none, self, exponent)
    while true {
      if rest & 1 == 1 { result = result.map { $0.matmul(power) } ?? power }
      rest >>= 1
      if rest == 0 { return result ?? self }
      power = power.matmul(power)
    }
  }
}
