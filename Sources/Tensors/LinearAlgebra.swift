// Linear algebra on stacks of matrices [..., n, n].

extension Tensor {
  /// The solution X of A · X = B for a triangular A, of which only that triangle is read (and
  /// with `isUnit` not its diagonal).
  package func solvedTriangular(_ b: Tensor, isUpper: Bool, isUnit: Bool) -> Tensor {
    let (n, m) = (shape[-1], b.shape[-1])
    let (a, result) = (contiguous(), b.copied())
    a.forEachMatrix(result) { (_, a: UnsafeMutablePointer<Float>, x) in
      Tensors.solveTriangular(n, m, a, n, 1, isUpper: isUpper, isUnit: isUnit, x)
    } or: { (_, a: UnsafeMutablePointer<Double>, x) in
      Tensors.solveTriangular(n, m, a, n, 1, isUpper: isUpper, isUnit: isUnit, x)
    }
    return result
  }

  /// The lower factor L of A = L · Lᵀ, from A's lower triangle. Stops for a matrix that is not positive definite.
  package func choleskyFactor() -> Tensor {
    let (n, result) = (shape[-1], copied())
    func check(_ number: Int, _ minor: Int?) {
      guard let minor else { return }
      stop(
        "cholesky: matrix \(number) of \(shape) is not positive definite: "
          + "its leading minor of order \(minor) is not positive"
      )
    }
    result.forEachMatrix(result) { (number, a: UnsafeMutablePointer<Float>, _) in
      check(number, factorizeCholesky(n, a))
    } or: { (number, a: UnsafeMutablePointer<Double>, _) in
      check(number, factorizeCholesky(n, a))
    }
    return result
  }

  /// Eigenvalues [..., n], ascending, and eigenvectors (columns of [..., n, n]) of symmetric matrices, from their lower
  /// triangles.
  package func symmetricEigenpairs() -> (values: Tensor, vectors: Tensor) {
    // A row of values above the rows of vectors.
    let (n, axis) = (shape[-1], rank - 2)
    let result = symmetricEigen(rows: n + 1)
    return (
      result.sliced(axis: axis, start: 0, count: 1, step: 1).reshape(Shape(shape.dropLast())),
      result.sliced(axis: axis, start: 1, count: n, step: 1).transpose().contiguous()
    )
  }

  /// The eigenvalues alone, which are much less work.
  package func symmetricEigenvalues() -> Tensor { symmetricEigen(rows: 1).reshape(Shape(shape.dropLast())) }

  /// A row of eigenvalues for each matrix and, with more rows, the eigenvectors below it.
  private func symmetricEigen(rows: Int) -> Tensor {
    // The lower triangle, transposed to an upper one.
    let (n, work) = (shape[-1], transpose().copied())
    let result = Tensor.zeros(Shape(Array(shape.dropLast(2)) + [rows, n]), dtype: dtype)
    func check(_ isDone: Bool) {
      require(isDone, "eigh: the algorithm did not converge; does the matrix hold NaN or infinity?")
    }
    work.forEachMatrix(result) { (_, a: UnsafeMutablePointer<Float>, out) in
      check(Tensors.symmetricEigen(n, a, out, rows > 1 ? out + n : nil))
    } or: { (_, a: UnsafeMutablePointer<Double>, out) in
      check(Tensors.symmetricEigen(n, a, out, rows > 1 ? out + n : nil))
    }
    return result
  }

  /// The thin singular value decomposition A = U · diag(s) · Vh of [..., m, n]: U [..., m, k], s [..., k] descending,
  /// Vh [..., k, n], k = min(m, n).
  package func singularValueDecomposition() -> (u: Tensor, s: Tensor, vh: Tensor) {
    let (m, n) = (shape[-2], shape[-1])
    if elementCount == 0 {
      let (k, batch) = (Swift.min(m, n), Array(shape.dropLast(2)))
      return (
        .zeros(Shape(batch + [m, k]), dtype: dtype), .zeros(Shape(batch + [k]), dtype: dtype),
        .zeros(Shape(batch + [k, n]), dtype: dtype)
      )
    }
    if m < n {
      let (u, s, vh) = transpose().singularValueDecomposition()
      return (vh.transpose().contiguous(), s, u.transpose().contiguous())
    }
    let columns = transpose().copied()
    let result = Tensor.zeros(Shape(Array(shape.dropLast(2)) + [n + 1, n]), dtype: dtype)
    columns.forEachMatrix(result) { (_, a: UnsafeMutablePointer<Float>, out) in
      singularValues(m, n, a, out, out + n)
    } or: { (_, a: UnsafeMutablePointer<Double>, out) in
      singularValues(m, n, a, out, out + n)
    }
    return (
      columns.transpose().contiguous(),
      result.sliced(axis: rank - 2, start: 0, count: 1, step: 1).reshape(Shape(Array(shape.dropLast(2)) + [n])),
      result.sliced(axis: rank - 2, start: 1, count: n, step: 1).contiguous()
    )
  }

  /// The thin QR factorization of [..., m, n]: Q [..., m, k], R [..., k, n], k = min(m, n).
  package func qrFactors() -> (q: Tensor, r: Tensor) {
    let (m, n) = (shape[-2], shape[-1])
    let (k, work, batch) = (Swift.min(m, n), copied(), Array(shape.dropLast(2)))
    if elementCount == 0 {
      return (.zeros(Shape(batch + [m, k]), dtype: dtype), .zeros(Shape(batch + [k, n]), dtype: dtype))
    }
    let both = Tensor.zeros(Shape(batch + [1, m * k + k * n]), dtype: dtype)
    work.forEachMatrix(both) { (_, a: UnsafeMutablePointer<Float>, out) in
      factorizeQR(m, n, a, out, out + m * k)
    } or: { (_, a: UnsafeMutablePointer<Double>, out) in
      factorizeQR(m, n, a, out, out + m * k)
    }
    let axis = rank - 1
    return (
      both.sliced(axis: axis, start: 0, count: m * k, step: 1).reshape(Shape(batch + [m, k])),
      both.sliced(axis: axis, start: m * k, count: k * n, step: 1).reshape(Shape(batch + [k, n]))
    )
  }

  /// Calls a body, by type, with each of this dense stack's matrices and the one at the same place in another stack; on
  /// several threads if there are enough matrices.
  func forEachMatrix(
    _ other: Tensor, _ single: (Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void,
    or double: (Int, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) {
    let (size, otherSize) = (shape[-1] * shape[-2], other.shape[-1] * other.shape[-2])
    let count = shape.dropLast(2).product
    if elementCount == 0 && other.elementCount == 0 { return }
    withExtendedLifetime((self, other)) {
      Parallelism.forEach(count) { number in
        if dtype == .float32 {
          let (a, b): (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) = (elements(), other.elements())
          single(number, a + number * size, b + number * otherSize)
        } else {
          let (a, b): (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) = (elements(), other.elements())
          double(number, a + number * size, b + number * otherSize)
        }
      }
    }
  }
}
