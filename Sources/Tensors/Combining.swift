// Several tensors or variables made into one: grids, combinations, stacks and products.

extension TensorLike {
  /// The grid of several vectors: for each a view with an axis for every vector, along whose own axis its values run.
  ///
  /// `Tensor.meshgrid([x, y])` are two tensors [x, y], of row numbers and column numbers.
  /// PyTorch's `meshgrid(indexing="ij")`.
  public static func meshgrid(_ vectors: [Self]) -> [Self] {
    for vector in vectors where vector.rank != 1 { stop("meshgrid: wants vectors, got \(vector.shape)") }
    let grid = Shape(vectors.map(\.shape.elementCount))
    return vectors.enumerated().map { axis, vector in
      vector.reshape(Shape([grid[axis]] + Array(repeating: 1, count: vectors.count - 1 - axis))).expand(grid)
    }
  }

  /// All combinations of an element of each vector, in order: [n · m …, vectors]; a single vector stays as it is.
  /// PyTorch's `cartesian_prod`.
  public static func cartesianProduct(_ vectors: [Self]) -> Self {
    let grids = meshgrid(vectors).map { $0.flatten() }
    return grids.count == 1 ? grids[0] : stack(grids, axis: -1)
  }

  /// Side by side: along the second axis, vectors along their only one. PyTorch's `hstack`.
  public static func hstack(_ parts: [Self]) -> Self {
    let parts = parts.map { $0.rank == 0 ? $0.flatten() : $0 }
    return concatenate(parts, axis: parts.first?.rank == 1 ? 0 : 1)
  }

  /// One below the other: along the first axis, vectors as rows. PyTorch's `vstack`.
  public static func vstack(_ parts: [Self]) -> Self {
    concatenate(parts.map { $0.rank < 2 ? $0.flatten().unsqueeze(0) : $0 }, axis: 0)
  }

  /// The product of several matrices, in the order that takes the fewest multiplications; the first and the last may be
  /// vectors, a row and a column.
  ///
  /// Stops for fewer than two, and when inner sizes differ. PyTorch's `linalg.multi_dot` and `chain_matmul`.
  public static func multiDot(_ matrices: [Self]) -> Self {
    require(matrices.count >= 2, "multiDot: wants at least two matrices, got \(matrices.count)")
    for (number, matrix) in matrices.enumerated() {
      let isEnd = number == 0 || number == matrices.count - 1
      require(
        matrix.rank == 2 || (isEnd && matrix.rank == 1),
        "multiDot: wants matrices, and vectors only as the first and the last, got \(matrix.shape) (number \(number))")
    }
    let (first, last) = (matrices[0], matrices[matrices.count - 1])
    var chain = matrices
    if first.rank == 1 { chain[0] = first.unsqueeze(0) }
    if last.rank == 1 { chain[chain.count - 1] = last.unsqueeze(1) }
    for (left, right) in zip(chain, chain.dropFirst()) where left.shape[1] != right.shape[0] {
      stop("multiDot: \(left.shape) · \(right.shape): inner sizes \(left.shape[1]) and \(right.shape[0]) differ")
    }
    let product = MatrixChain(sizes: chain.map { $0.shape[0] } + [chain[chain.count - 1].shape[1]]).product(chain)
    let lost: [Int] = (first.rank == 1 ? [0] : []) + (last.rank == 1 ? [1] : [])
    return lost.isEmpty ? product : product.squeeze(axes: lost)
  }
}

/// The best order to multiply matrices in, matrix i being [sizes[i], sizes[i + 1]]: by dynamic programming.
private struct MatrixChain {
  /// Where the product of the matrices from the first to the last number is best divided.
  private var cuts: [[Int]]

  init(sizes: [Int]) {
    let count = sizes.count - 1
    var costs = Array(repeating: Array(repeating: 0.0, count: count), count: count)
    cuts = Array(repeating: Array(repeating: 0, count: count), count: count)
    for length in 1..<count {
      for first in 0..<(count - length) {
        let last = first + length
        let choices = (first..<last).map { cut in
          costs[first][cut] + costs[cut + 1][last]
            + Double(sizes[first]) * Double(sizes[cut + 1]) * Double(sizes[last + 1])
        }
        let best = choices.indices.min { choices[$0] < choices[$1] } ?? 0
        (costs[first][last], cuts[first][last]) = (choices[best], first + best)
      }
    }
  }

  func product<Matrix: TensorLike>(_ matrices: [Matrix]) -> Matrix { product(matrices, 0, matrices.count - 1) }

  private func product<Matrix: TensorLike>(_ matrices: [Matrix], _ first: Int, _ last: Int) -> Matrix {
    if first == last { return matrices[first] }
    let cut = cuts[first][last]
    return product(matrices, first, cut).matmul(product(matrices, cut + 1, last))
  }
}
