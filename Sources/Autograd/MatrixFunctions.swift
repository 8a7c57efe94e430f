// Norms, ranks and functions of matrices [..., m, n], composed of products, systems and decompositions.

/// A norm of a matrix.
public enum MatrixNorm: Sendable, Equatable {
  /// The root of the sum of squares.
  case frobenius
  /// The sum of the singular values.
  case nuclear
  /// The largest singular value, or the smallest.
  case largestSingularValue, smallestSingularValue
  /// The largest sum of sizes in a column, or the smallest: PyTorch's 1 and −1.
  case largestColumnSum, smallestColumnSum
  /// The largest sum of sizes in a row, or the smallest: PyTorch's ∞ and −∞.
  case largestRowSum, smallestRowSum
}

extension Variable {
  /// A norm of each matrix: [..., m, n] gives [...]. PyTorch's `linalg.matrix_norm`.
  public func matrixNorm(_ norm: MatrixNorm = .frobenius, keepDims: Bool = false) -> Variable {
    checkMatrices("matrixNorm")
    let kept =
      switch norm {
      case .frobenius: self.norm(axes: [-2, -1], keepDims: true)
      case .nuclear: svd().s.sum(axes: [-1], keepDims: true).unsqueeze(-1)
      case .largestSingularValue: svd().s.max(axes: [-1], keepDims: true).unsqueeze(-1)
      case .smallestSingularValue: svd().s.min(axes: [-1], keepDims: true).unsqueeze(-1)
      case .largestColumnSum: abs().sum(axes: [-2], keepDims: true).max(axes: [-1], keepDims: true)
      case .smallestColumnSum: abs().sum(axes: [-2], keepDims: true).min(axes: [-1], keepDims: true)
      case .largestRowSum: abs().sum(axes: [-1], keepDims: true).max(axes: [-2], keepDims: true)
      case .smallestRowSum: abs().sum(axes: [-1], keepDims: true).min(axes: [-2], keepDims: true)
      }
    return keepDims ? kept : kept.reshape(Shape(shape.dropLast(2)))
  }

  /// How much each matrix [..., n, n] can enlarge a relative error: ‖A‖ · ‖A⁻¹‖; for singular values, of
  /// [..., m, n] too, the quotient of the largest and the smallest, or the other way round, and infinite for
  /// a singular matrix, at which other norms stop. PyTorch's `linalg.cond`.
  public func conditionNumber(_ norm: MatrixNorm = .largestSingularValue) -> Variable {
    switch norm {
    case .largestSingularValue, .smallestSingularValue:
      checkMatrices("conditionNumber")
      let s = svd().s
      let (first, last) = (s.select(axis: -1, 0), s.select(axis: -1, -1))
      return norm == .largestSingularValue ? first / last : last / first
    default:
      checkSquare(named: "conditionNumber")
      return matrixNorm(norm) * inverse().matrixNorm(norm)
    }
  }

  /// How many singular values of each matrix [..., m, n] are above a limit (int64 [...]): `tolerance` · the
  /// largest, by default max(m, n) times the type's rounding unit. PyTorch's `linalg.matrix_rank(rtol=)`.
  public func matrixRank(tolerance: Double? = nil) -> Tensor {
    checkMatrices("matrixRank")
    let s = tensor.singularValueDecomposition().s
    if s.elementCount == 0 { return .zeros(Shape(shape.dropLast(2)), dtype: .int64) }
    return (s .> s.max(axes: [-1], keepDims: true) * (tolerance ?? smallestShare)).cast(to: .int64).sum(axes: [-1])
  }

  /// The share of its largest singular value below which another is no more than rounding.
  var smallestShare: Double {
    Double(Swift.max(shape[-1], shape[-2])) * (dtype == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne)
  }

  /// The logarithm of the determinant of each matrix: [..., n, n] gives [...]. −∞ for 0, NaN below. PyTorch's `logdet`.
  public func logdet() -> Variable {
    checkSquare(named: "logdet")
    let (sign, size) = slogdet()
    return size.replacing(where: sign .< 0, with: .nan)
  }

  /// The exponential of each matrix [..., n, n]: 1 + A + A²/2 + A³/6 + … PyTorch's `matrix_exp`.
  ///
  /// A Padé approximant of degree 13 of A / 2ˢ, squared s times, for the s that makes its largest column sum
  /// at most 5.37 (Higham 2005).
  public func matrixExp() -> Variable {
    checkSquare(named: "matrixExp")
    if elementCount == 0 { return self * 1 }
    // The quotient loses a digit of float32.
    if dtype == .float32 { return cast(to: .float64).matrixExp().cast(to: .float32) }
    let sizes = detach().matrixNorm(.largestColumnSum, keepDims: true).tensor
    let turns = (sizes / 5.371920351148152).log2().ceil().clamp(min: 0)
    let most = turns.max().item()
    if !most.isFinite { return self * .nan }
    var result = (self * Variable(Tensor.pow(0.5, turns))).padeExp()
    for turn in 0..<Int(most) { result = .where(turns .> Double(turn), result.matmul(result), result) }
    return result
  }

  /// The quotient of two polynomials that is nearest to the exponential for small matrices.
  private func padeExp() -> Variable {
    let b: [Double] = [
      64_764_752_532_480_000, 32_382_376_266_240_000, 7_771_770_303_897_600, 1_187_353_796_428_800, 129_060_195_264_000,
      10_559_470_521_600, 670_442_572_800, 33_522_128_640, 1_323_241_920, 40_840_800, 960_960, 16_380, 182, 1,
    ].map { $0 / 64_764_752_532_480_000 }
    let one = Variable(Tensor.eye(shape[-1], dtype: dtype))
    let a2 = matmul(self), a4 = a2.matmul(a2), a6 = a4.matmul(a2)
    let odd = a6.matmul(a6 * b[13] + a4 * b[11] + a2 * b[9]) + a6 * b[7] + a4 * b[5] + a2 * b[3] + one * b[1]
    let even = a6.matmul(a6 * b[12] + a4 * b[10] + a2 * b[8]) + a6 * b[6] + a4 * b[4] + a2 * b[2] + one * b[0]
    let u = matmul(odd)
    return (even - u).solve(even + u)
  }

  /// Every element times the whole of another: blocks xᵢⱼ · other, of the ranks' larger one. PyTorch's `kron`.
  public func kron(_ other: Variable) -> Variable {
    requireFloat(named: "kron")
    if dtype != other.dtype { stopForTypes("kron", tensor, other.tensor) }
    let rank = Swift.max(rank, other.rank)
    require(2 * rank <= AxisValues.capacity, "kron: wants at most 4 axes, got \(shape) and \(other.shape)")
    let (a, b) = (shape.leading(rank), other.shape.leading(rank))
    let products = flatten().outer(other.flatten()).reshape(Shape(a + b))
    return products.permute((0..<rank).flatMap { [$0, rank + $0] }).reshape(Shape(zip(a, b).map { $0 * $1 }))
  }

  /// The powers 0 ..< columns (by default n) of each of n numbers: [..., n] gives [..., n, columns].
  /// PyTorch's `linalg.vander`.
  public func vander(columns: Int? = nil) -> Variable {
    requireFloat(named: "vander")
    require(rank > 0, "vander: wants vectors [..., n], got \(shape)")
    let columns = columns ?? shape[-1]
    require(columns >= 0, "vander: the number of columns must not be negative, got \(columns)")
    return unsqueeze(-1).pow(Variable(Tensor.arange(columns, dtype: dtype)))
  }

  /// The vector product of vectors of three numbers along an axis; shapes broadcast. PyTorch's `linalg.cross`.
  public func cross(_ other: Variable, axis: Int = -1) -> Variable {
    requireFloat(named: "cross")
    if dtype != other.dtype { stopForTypes("cross", tensor, other.tensor) }
    let shape = broadcastShape(with: other, "cross"), along = shape.checkedAxis(axis, op: "cross")
    let (a, b) = (expand(shape), other.expand(shape))
    require(shape[along] == 3, "cross: wants three numbers along axis \(axis), got \(shape)")
    return a.roll(-1, axis: along) * b.roll(-2, axis: along) - a.roll(-2, axis: along) * b.roll(-1, axis: along)
  }

  /// The sum of products over the last `axes` axes of this and the first of another: [a..., k...] and
  /// [k..., b...] give [a..., b...]. PyTorch's `tensordot`.
  public func tensordot(_ other: Variable, axes: Int = 2) -> Variable {
    require(
      axes >= 0 && axes <= Swift.min(rank, other.rank) && shape.suffix(axes).elementsEqual(other.shape.prefix(axes)),
      "tensordot: the last \(axes) axes of \(shape) must be the first of \(other.shape)")
    let rows = Array(shape.dropLast(axes)), columns = Array(other.shape.dropFirst(axes))
    let inner = shape.suffix(axes).product
    return reshape([rows.product, inner] as Shape).matmul(other.reshape([inner, columns.product] as Shape))
      .reshape(Shape(rows + columns))
  }

  /// The area under points along an axis by the trapezoidal rule: their distance `dx` times the mean of
  /// neighbours, summed. PyTorch's `trapezoid`.
  public func trapezoid(dx: Double = 1, axis: Int = -1) -> Variable {
    requireFloat(named: "trapezoid")
    let along = shape.checkedAxis(axis, op: "trapezoid")
    if shape[along] < 2 { return sum(axes: [along]) * 0 }
    let ends = (tensor.select(axis: along, 0) + tensor.select(axis: along, -1)) * 0.5
    // A sum with weights of dx, and of dx / 2 at the ends, by which the gradient is multiplied in one pass.
    return record(
      .sum, self, (tensor.sum(axes: [along]) - ends) * dx,
      { [count = shape[along], sizes = (0..<rank).map { $0 == along ? shape[along] : 1 }, dtype] dy in
        var weights = Tensor.full([count], dx, dtype: dtype)
        (weights[0], weights[-1]) = (weights[0] * 0.5, weights[-1] * 0.5)
        return dy.unsqueeze(along) * Variable(weights.reshape(Shape(sizes)))
      })
  }

  /// The same for points at positions `x`, a vector or of this shape.
  public func trapezoid(at x: Variable, axis: Int = -1) -> Variable {
    requireFloat(named: "trapezoid")
    let along = shape.checkedAxis(axis, op: "trapezoid")
    let isVector = x.rank == 1 && x.shape[0] == shape[along]
    require(isVector || x.shape == shape, "trapezoid: wants points [\(shape[along])] or \(shape), got \(x.shape)")
    let points = isVector ? x.reshape(Shape((0..<rank).map { $0 == along ? shape[along] : 1 })) : x
    let means = (slice(axis: along, from: 1) + slice(axis: along, to: -1)) * 0.5
    return (means * points.diff(axis: along)).sum(axes: [along])
  }
}

extension Shape {
  /// The sizes with ones in front, for `rank` axes.
  fileprivate func leading(_ rank: Int) -> [Int] { Array(repeating: 1, count: rank - self.rank) + Array(self) }
}
