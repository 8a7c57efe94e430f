import NN

/// Principal components: the directions in which a set of vectors varies most, from the eigenvectors of its covariance.
struct PCA {
  /// [D]
  let mean: Tensor
  /// The directions as columns, [D, components].
  let directions: Tensor

  /// Finds the directions of vectors [N, D].
  init(_ vectors: Tensor, components: Int) {
    mean = vectors.mean(axis: 0)
    let centred = vectors - mean
    let covariance = centred.transpose().matmul(centred) / Double(vectors.shape[0])
    // Eigenvalues come in ascending order.
    let vectors = covariance.eigh().vectors
    directions = vectors[.all, (-components)...]
  }

  /// The coordinates of vectors along the directions: [N, components].
  func encode(_ vectors: Tensor) -> Tensor { (vectors - mean).matmul(directions) }

  /// The vectors projected onto the directions: encoded and decoded again.
  func reconstruct(_ vectors: Tensor) -> Tensor { encode(vectors).matmul(directions.transpose()) + mean }
}
