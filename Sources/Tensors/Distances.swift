import Kernels

extension Tensor {
  /// The distance of each row of this [..., m, d] to each row of another [..., n, d], [..., m, n]: for p 1 the sum of
  /// absolute differences, for p 2 the root of the sum of their squares. Batches and float types are equal.
  package func distances(_ other: Tensor, p: Int) -> Tensor {
    let (m, n, d) = (shape[-2], other.shape[-2], shape[-1])
    let result = Tensor(uninitialized: Shape(Array(shape.dropLast()) + [n]), dtype: dtype)
    let (x, y, size) = (contiguous(), other.transpose().contiguous(), dtype.byteCount)
    withExtendedLifetime((x, y)) {
      for batch in 0..<shape.dropLast(2).product {
        ag_distances(
          dtype.kernel, Int32(p), m, n, d, x.raw + batch * m * d * size, y.raw + batch * n * d * size,
          result.raw + batch * m * n * size)
      }
    }
    return result
  }

  /// For each row the sum over the other's rows of factors [..., m, n] · the differences, or for p 1 their signs.
  package func distancesBackward(_ other: Tensor, p: Int, factors: Tensor) -> Tensor {
    let (m, n, d) = (shape[-2], other.shape[-2], shape[-1])
    let result = Tensor(uninitialized: shape, dtype: dtype)
    let (x, y, factors, size) = (contiguous(), other.contiguous(), factors.contiguous(), dtype.byteCount)
    withExtendedLifetime((x, y, factors)) {
      for batch in 0..<shape.dropLast(2).product {
        ag_distances_backward(
          dtype.kernel, Int32(p), m, n, d, x.raw + batch * m * d * size, y.raw + batch * n * d * size,
          factors.raw + batch * m * n * size, result.raw + batch * m * d * size)
      }
    }
    return result
  }
}
