// Products and linear algebra of tensors: what is written for variables, without a gradient,
// for which nothing is recorded.

extension Tensor {
  /// Products of matrices in pairs: [b, m, k] · [b, k, n] gives [b, m, n]. PyTorch's `bmm`.
  public func bmm(_ other: Tensor) -> Tensor { Variable(self).bmm(Variable(other)).value }

  /// Σ of the products of two vectors' elements. PyTorch's `dot`.
  public func dot(_ other: Tensor) -> Tensor { Variable(self).dot(Variable(other)).value }

  /// All products of two vectors' elements: [m] and [n] give [m, n]. PyTorch's `outer`.
  public func outer(_ other: Tensor) -> Tensor { Variable(self).outer(Variable(other)).value }

  /// `x · wᵀ + b`: self [..., in], weight [out, in], bias [out]; returns [..., out]. PyTorch's `linear`.
  public func linear(weight: Tensor, bias: Tensor? = nil) -> Tensor {
    Variable(self).linear(weight: Variable(weight), bias: bias.map { Variable($0) }).value
  }

  /// Sums of products by index letters: "ij,jk->ik". PyTorch's `einsum`; see `Variable.einsum`.
  public static func einsum(_ equation: String, _ operands: Tensor...) -> Tensor {
    Variable.einsum(equation, operands.map { Variable($0) }).value
  }

  /// Every element times the whole of another: blocks xᵢⱼ · other. PyTorch's `kron`.
  public func kron(_ other: Tensor) -> Tensor { Variable(self).kron(Variable(other)).value }

  /// The vector product of vectors of three numbers along an axis; shapes broadcast. PyTorch's `linalg.cross`.
  public func cross(_ other: Tensor, axis: Int = -1) -> Tensor {
    Variable(self).cross(Variable(other), axis: axis).value
  }

  /// The sum of products over the last `axes` axes of this and the first of another. PyTorch's `tensordot`.
  public func tensordot(_ other: Tensor, axes: Int = 2) -> Tensor {
    Variable(self).tensordot(Variable(other), axes: axes).value
  }

  /// The powers 0 ..< columns (by default n) of each of n numbers: [..., n] gives [..., n, columns]. PyTorch's
  /// `linalg.vander`.
  public func vander(columns: Int? = nil) -> Tensor { Variable(self).vander(columns: columns).value }

  /// The inverse of each matrix [..., n, n]. Stops for a singular one. PyTorch's `inverse`.
  public func inverse() -> Tensor { Variable(self).inverse().value }

  /// The solution X of A · X = B for this A [..., n, n] and B [..., n, m] or [..., n]; batches broadcast. Stops for a
  /// singular matrix, naming it. PyTorch's `linalg.solve`.
  public func solve(_ b: Tensor) -> Tensor { Variable(self).solve(Variable(b)).value }

  /// The solution X of A · X = B for a triangular A (this), or of X · A = B unless `left`; batches broadcast. Reads
  /// only that triangle, and with `unitriangular` not its diagonal. PyTorch's `linalg.solve_triangular`.
  public func solveTriangular(_ b: Tensor, upper: Bool, left: Bool = true, unitriangular: Bool = false) -> Tensor {
    Variable(self).solveTriangular(Variable(b), upper: upper, left: left, unitriangular: unitriangular).value
  }

  /// The determinant of each matrix: [..., n, n] gives [...]. PyTorch's `det`.
  public func det() -> Tensor { Variable(self).det().value }

  /// The determinant's sign (1, −1 or 0) and the logarithm of its size (−∞ if 0). PyTorch's `slogdet`.
  public func slogdet() -> (sign: Tensor, logAbsDet: Tensor) {
    let (sign, size) = Variable(self).slogdet()
    return (sign, size.value)
  }

  /// The logarithm of the determinant of each matrix; −∞ for 0, NaN below. PyTorch's `logdet`.
  public func logdet() -> Tensor { Variable(self).logdet().value }

  /// Cholesky's factor L with A = L · Lᵀ of positive definite matrices, or Lᵀ with `upper`; reads the lower triangle.
  /// Stops for a matrix that is not positive definite. PyTorch's `cholesky`.
  public func cholesky(upper: Bool = false) -> Tensor { Variable(self).cholesky(upper: upper).value }

  /// The solution X of A · X = B for the A that this is Cholesky's factor of. PyTorch's `cholesky_solve`.
  public func choleskySolve(_ b: Tensor, upper: Bool = false) -> Tensor {
    Variable(self).choleskySolve(Variable(b), upper: upper).value
  }

  /// The inverse of the A that this is Cholesky's factor of. PyTorch's `cholesky_inverse`.
  public func choleskyInverse(upper: Bool = false) -> Tensor { Variable(self).choleskyInverse(upper: upper).value }

  /// Factors of each matrix A = P · L · U of [..., m, n]; see `Variable.lu()`. PyTorch's `linalg.lu`.
  public func lu() -> (p: Tensor, l: Tensor, u: Tensor) {
    let (p, l, u) = Variable(self).lu()
    return (p, l.value, u.value)
  }

  /// Eigenvalues [..., n], ascending, and eigenvectors (the columns of [..., n, n]) of symmetric matrices; reads the
  /// lower triangle. PyTorch's `linalg.eigh`.
  public func eigh() -> (values: Tensor, vectors: Tensor) {
    let (values, vectors) = Variable(self).eigh()
    return (values.value, vectors.value)
  }

  /// The eigenvalues alone. PyTorch's `linalg.eigvalsh`.
  public func eigvalsh() -> Tensor { Variable(self).eigvalsh().value }

  /// The thin singular value decomposition A = U · diag(s) · Vh of [..., m, n]: U [..., m, k], s [..., k] descending,
  /// Vh [..., k, n], k = min(m, n). PyTorch's `linalg.svd(full_matrices=False)`.
  public func svd() -> (u: Tensor, s: Tensor, vh: Tensor) {
    let (u, s, vh) = Variable(self).svd()
    return (u.value, s.value, vh.value)
  }

  /// The thin factors A = Q · R of [..., m, n]: Q [..., m, k], R [..., k, n], k = min(m, n). PyTorch's `linalg.qr`.
  public func qr() -> (q: Tensor, r: Tensor) {
    let (q, r) = Variable(self).qr()
    return (q.value, r.value)
  }

  /// The pseudoinverse of matrices [..., m, n]; singular values up to `relativeTolerance` · max(s) count
  /// as 0. PyTorch's `linalg.pinv`.
  public func pinv(relativeTolerance: Double? = nil) -> Tensor {
    Variable(self).pinv(relativeTolerance: relativeTolerance).value
  }

  /// Least squares: the x [..., n, k], or [n], with the smallest ‖A · x − b‖ for this A [..., m, n], and of several the
  /// shortest. PyTorch's `linalg.lstsq`.
  public func lstsq(_ b: Tensor, relativeTolerance: Double? = nil) -> Tensor {
    Variable(self).lstsq(Variable(b), relativeTolerance: relativeTolerance).value
  }

  /// Matrices [..., n, n] to a whole power; negative ones are powers of the inverse. PyTorch's `linalg.matrix_power`.
  public func matrixPower(_ exponent: Int) -> Tensor { Variable(self).matrixPower(exponent).value }

  /// The exponential of each matrix [..., n, n]: 1 + A + A²/2 + A³/6 + … PyTorch's `matrix_exp`.
  public func matrixExp() -> Tensor { Variable(self).matrixExp().value }

  /// A norm of each matrix: [..., m, n] gives [...]. PyTorch's `linalg.matrix_norm`.
  public func matrixNorm(_ norm: MatrixNorm = .frobenius, keepDims: Bool = false) -> Tensor {
    Variable(self).matrixNorm(norm, keepDims: keepDims).value
  }

  /// How much each matrix can enlarge a relative error; see `Variable.conditionNumber`. PyTorch's `linalg.cond`.
  public func conditionNumber(_ norm: MatrixNorm = .largestSingularValue) -> Tensor {
    Variable(self).conditionNumber(norm).value
  }

  /// How many singular values of each matrix [..., m, n] are above `tolerance` · the largest (int64 [...]). PyTorch's
  /// `linalg.matrix_rank(rtol=)`.
  public func matrixRank(tolerance: Double? = nil) -> Tensor { Variable(self).matrixRank(tolerance: tolerance) }
}
