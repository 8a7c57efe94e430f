// Eigenvalues, singular values and orthogonal factors, on stacks of matrices. An op has one result, so each factor is
// an op of its own, recorded with the value that is known; its rule needs the other factors.

extension Variable {
  /// Eigenvalues [..., n], ascending, and eigenvectors (the columns of [..., n, n]) of symmetric
  /// matrices; reads the lower triangle.
  ///
  /// dA = V (diag(dw) + F ∘ (Vᵀ dV)) Vᵀ made symmetric, Fᵢⱼ = 1 / (wⱼ − wᵢ). Vectors have a gradient only where all
  /// values differ, and their sign is arbitrary: differentiate what does not depend on it. PyTorch's `linalg.eigh`.
  public func eigh() -> (values: Variable, vectors: Variable) {
    checkSquare(.eigenvalues)
    let (values, vectors) = tensor.symmetricEigenpairs()
    return eigenpairs(values, vectors)
  }

  /// The eigenvalues alone. Their gradient exists for equal values too; it needs the vectors, which are computed only
  /// if a gradient is required. PyTorch's `linalg.eigvalsh`.
  public func eigvalsh() -> Variable {
    checkSquare(named: "eigvalsh")
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
  /// Vectors have a gradient only where all values differ and none is 0, and their sign is arbitrary: differentiate
  /// what does not depend on it. The gradient of s is U · diag(ds) · Vh. PyTorch's `linalg.svd(full_matrices=False)`.
  public func svd() -> (u: Variable, s: Variable, vh: Variable) {
    checkMatrices("svd")
    return svd(tensor.singularValueDecomposition())
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

  /// The thin QR factorization of [..., m, n]: Q [..., m, k] with orthonormal columns, R [..., k, n] upper triangular,
  /// k = min(m, n).
  ///
  /// Has a gradient where the first k columns A₁ = Q · R₁ are independent. With N = Qᵀ · dQ − dR · Rᵀ and L what
  /// is below the diagonal of N − Nᵀ, dA = Q · dR, and on the first k columns (Q · L + dQ − Q · Qᵀ · dQ) · R₁⁻ᵀ
  /// more, where the last two terms are 0 for m ≤ n. Q and R have a rule each, this one with the other's
  /// gradient 0. PyTorch's `linalg.qr`.
  public func qr() -> (q: Variable, r: Variable) {
    checkMatrices("qr")
    return qr(tensor.qrFactors())
  }

  private typealias KnownQR = (q: Tensor, r: Tensor)

  private func qr(_ known: KnownQR) -> (q: Variable, r: Variable) {
    let isTall = shape[-2] > shape[-1]
    let q = record(
      .qrQ, self, known.q,
      { [x = snapshot] dq in
        let (q, r) = x.qr(known)
        let n = q.transpose().matmul(dq)
        // For m > n, L − N is symmetric.
        let sum =
          isTall
          ? dq - q.matmul(n.upperTriangle() + n.upperTriangle(offset: 1).transpose()) : q.matmul(n.turning())
        return r.solvingFirstColumns(sum).padded(toColumns: x.shape[-1])
      })
    let r = record(
      .qrR, self, known.r,
      { [x = snapshot] dr in
        let ((q, r), dr) = (x.qr(known), dr.upperTriangle())
        // Solved before Q rotates it, and separately from dR, which thus keeps its digits.
        let first = r.solvingFirstColumns(-dr.matmul(r.transpose()).turning())
        return q.matmul(dr + first.padded(toColumns: x.shape[-1]))
      })
    return (q, r)
  }

  /// What is below the diagonal of N − Nᵀ.
  private func turning() -> Variable { (self - transpose()).lowerTriangle(offset: -1) }

  /// X · R₁⁻ᵀ for the square R₁ that this R begins with.
  private func solvingFirstColumns(_ x: Variable) -> Variable {
    slice(axis: -1, to: shape[-2]).solveTriangular(x.transpose(), upper: true).transpose()
  }

  /// Padded with columns of zeros.
  private func padded(toColumns count: Int) -> Variable {
    if shape[-1] == count { return self }
    let zeros = Tensor.zeros(Shape(Array(shape.dropLast()) + [count - shape[-1]]), dtype: dtype)
    return .concatenate([self, Variable(zeros)], axis: -1)
  }

  /// The pseudoinverse of matrices [..., m, n], by singular values; those up to `relativeTolerance` · max(s) count as
  /// 0. The tolerance defaults to max(m, n) times the type's rounding unit. PyTorch's `linalg.pinv`.
  public func pinv(relativeTolerance: Double? = nil) -> Variable {
    checkMatrices("pinv")
    let (u, s, vh) = svd()
    let rounding = dtype == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
    let limit = relativeTolerance ?? rounding * Double(Swift.max(shape[-1], shape[-2]))
    if s.elementCount == 0 { return transpose() * 0 }
    let isSmall = s.tensor .<= s.tensor.max(axes: [-1], keepDims: true) * limit
    let factors = s.replacing(where: isSmall, with: .infinity).reciprocal()
    return (vh.transpose() * factors.unsqueeze(-2)).matmul(u.transpose())
  }

  /// Least squares: the x [..., n, k], or [n], with the smallest ‖A · x − b‖ for this A [..., m, n] and b [..., m, k],
  /// or [m]; if there are several, the shortest. Uses the pseudoinverse, so that A may be of any rank.
  ///
  /// `relativeTolerance` is that of `pinv`. PyTorch's `linalg.lstsq`.
  public func lstsq(_ b: Variable, relativeTolerance: Double? = nil) -> Variable {
    checkMatrices("lstsq")
    if dtype != b.dtype { stopForTypes("lstsq", tensor, b.tensor) }
    let rows = b.rank == 1 ? b.shape[0] : b.rank == 0 ? nil : b.shape[-2]
    require(
      rows == shape[-2], "lstsq: \(shape) wants right sides [..., \(shape[-2]), k] or [\(shape[-2])], got \(b.shape)")
    return pinv(relativeTolerance: relativeTolerance).matmul(b)
  }

  /// Matrices [..., n, n] to a whole power, by repeated squaring; negative ones are powers of the inverse.
  public func matrixPower(_ exponent: Int) -> Variable {
    checkSquare(named: "matrixPower")
    if exponent == 0 { return Variable(Tensor.eye(shape[-1], dtype: dtype)).expand(shape) }
    var (result, power, rest) = (Variable?.none, exponent < 0 ? inverse() : self, exponent.magnitude)
    while true {
      if rest & 1 == 1 { result = result.map { $0.matmul(power) } ?? power }
      rest >>= 1
      if rest == 0 { return result ?? self }
      power = power.matmul(power)
    }
  }

  func checkMatrices(_ op: String) {
    requireFloat(named: op)
    require(rank >= 2, "\(op): wants matrices [..., m, n], got \(shape)")
  }
}
