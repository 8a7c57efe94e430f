// The same elements in other arrangements, and several of them together.

extension TensorLike {
  /// The whole tensor repeated along its last axes: `repeats` has a count for each of them, and for new ones
  /// in front. PyTorch's `tile`.
  public func tile(_ repeats: [Int]) -> Self {
    repeated(Array(repeating: 1, count: Swift.max(0, rank - repeats.count)) + repeats)
  }

  /// The plane of two axes turned by 90°, `times` times, from the first axis towards the second. PyTorch's `rot90`.
  public func rot90(_ times: Int = 1, axes: (Int, Int) = (0, 1)) -> Self {
    let (a, b) = (shape.checkedAxis(axes.0, op: "rot90"), shape.checkedAxis(axes.1, op: "rot90"))
    require(a != b, "rot90: wants two axes, got \(axes.0) twice in \(shape)")
    switch (times % 4 + 4) % 4 {
    case 1: return flip(axes: [b]).transpose(a, b)
    case 2: return flip(axes: [a, b])
    case 3: return transpose(a, b).flip(axes: [b])
    default: return self
    }
  }

  /// Elements by their numbers in row-major order: an int64 or int32 `index` of any shape gives a result of that shape.
  ///
  /// Negative numbers count from the end. Stops for one out of range, naming it. PyTorch's `take`.
  public func take(_ index: Tensor) -> Self {
    let numbers = index.reshape([index.elementCount] as Shape), count = shape.elementCount
    require(
      index.dtype == .int64 || index.dtype == .int32,
      "take: the index must be int64 or int32, got \(index.dtype) \(index.shape); convert with cast(to: .int64)")
    var positions = numbers.cast(to: .int64)
    if positions.elementCount > 0 {
      let (lowest, highest) = (Int(positions.min().item()), Int(positions.max().item()))
      if lowest < -count || highest >= count {
        let number = lowest < -count ? lowest : highest
        let entry = positions.scalars(as: Int.self).firstIndex(of: number) ?? 0
        stop("take: position \(number) (entry \(entry) of the index) is out of range for \(count) elements")
      }
      if lowest < 0 { positions = .where(positions .< 0, positions + Double(count), positions) }
    }
    return reshape([count] as Shape).gather(axis: 0, index: positions).reshape(index.shape)
  }

  /// Windows of `size` elements of an axis, which start `step` apart, on a new last axis: [..., n, ...] gives
  /// [..., (n − size) / step + 1, ..., size]. What lies in several windows gets all their gradients.
  /// PyTorch's `Tensor.unfold`.
  public func unfold(axis: Int, size: Int, step: Int) -> Self {
    if rank == 0 { return unsqueeze(0).unfold(axis: axis, size: size, step: step).select(axis: 0, 0) }
    let along = shape.checkedAxis(axis, op: "unfold")
    require(
      size >= 0 && size <= shape[along],
      "unfold: a window of \(size) does not fit axis \(axis) of \(shape), which has \(shape[along]) elements")
    require(step > 0, "unfold: the step must be positive, got \(step)")
    let count = (shape[along] - size) / step + 1
    let positions = (0..<count).flatMap { ($0 * step)..<($0 * step + size) }
    let (before, behind) = (Array(shape.prefix(along)), Array(shape.dropFirst(along + 1)))
    let windows = indexSelect(axis: along, positions).reshape(Shape(before + [count, size] + behind))
    return windows.permute((0...rank).filter { $0 != along + 1 } + [along + 1])
  }

  /// All choices of `count` elements of a vector, in order: [choices, count]. PyTorch's `combinations`.
  public func combinations(_ count: Int = 2, withReplacement: Bool = false) -> Self {
    require(rank == 1 && count >= 1, "combinations: wants a vector and a count from 1 on, got \(shape) and \(count)")
    var choices: [[Int]] = [[]]
    for _ in 0..<count {
      choices = choices.flatMap { choice in
        let first = choice.last.map { withReplacement ? $0 : $0 + 1 } ?? 0
        return (first..<Swift.max(first, shape[0])).map { choice + [$0] }
      }
    }
    return indexSelect(axis: 0, choices.flatMap { $0 }).reshape([choices.count, count] as Shape)
  }

  /// A whole slice of `source` for each position of an axis, taken in as `scatterReduce` does single elements:
  /// `x.indexReduce(axis: 0, rows, values, .max)`. PyTorch's `index_reduce`.
  public func indexReduce(
    axis: Int, _ positions: [Int], _ source: Self, _ reduction: ScatterReduction, includesSelf: Bool = true
  ) -> Self {
    let along = shape.checkedAxis(axis, op: "indexReduce")
    let slices = shape.replacing(axis: along, with: positions.count)
    require(source.shape == slices, "indexReduce: wants a source \(slices), got \(source.shape)")
    let index = Tensor(positions.map { $0 < 0 ? $0 + shape[along] : $0 })
    let column = Shape((0..<rank).map { $0 == along ? positions.count : 1 })
    return scatterReduce(
      axis: along, index: index.reshape(column).expand(slices), source, reduction, includesSelf: includesSelf)
  }
}

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
