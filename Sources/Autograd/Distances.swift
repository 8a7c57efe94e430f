// Lengths, angles and distances of vectors along an axis.

extension Variable {
  /// x / max(‖x‖ₚ, ε) along an axis: vectors of length 1. PyTorch's `normalize`.
  public func normalize(_ p: Double = 2, axis: Int = 1, epsilon: Double = 1e-12) -> Variable {
    requireFloat(named: "normalize")
    requireOrder(p, "normalize")
    let along = shape.checkedAxis(axis, op: "normalize")
    return self / norm(p, axes: [along], keepDims: true).clamp(min: epsilon)
  }

  /// The cosine of the angle between vectors along an axis: x · y / (max(‖x‖, ε) · max(‖y‖, ε)); shapes broadcast.
  ///
  /// PyTorch's `cosine_similarity`.
  public func cosineSimilarity(_ other: Variable, axis: Int = 1, epsilon: Double = 1e-8) -> Variable {
    let both = broadcastShape(with: other, "cosineSimilarity")
    let along = both.checkedAxis(axis, op: "cosineSimilarity")
    let (x, y) = (expand(both), other.expand(both))
    let lengths = x.norm(axes: [along]).clamp(min: epsilon) * y.norm(axes: [along]).clamp(min: epsilon)
    return (x * y).sum(axes: [along]) / lengths
  }

  /// ‖x − y + ε‖ₚ over the last axis; shapes broadcast. PyTorch's `pairwise_distance`.
  public func pairwiseDistance(
    _ other: Variable, _ p: Double = 2, epsilon: Double = 1e-6, keepDims: Bool = false
  ) -> Variable {
    _ = broadcastShape(with: other, "pairwiseDistance")
    requireOrder(p, "pairwiseDistance")
    let difference = self - other + epsilon
    require(difference.rank > 0, "pairwiseDistance: wants vectors, got \(shape) and \(other.shape)")
    return difference.norm(p, axes: [-1], keepDims: keepDims)
  }

  /// The p-norm distance of each row to each row of another: [..., m, d] and [..., n, d] give [..., m, n]; batches
  /// broadcast. Equal rows get gradient 0.
  ///
  /// One pass for p 1 and 2: dx = Σ dy · (x − y) / ‖x − y‖, or Σ dy · sign (x − y). Other orders need memory for m · n
  /// · d numbers. PyTorch's `cdist`.
  public func cdist(_ other: Variable, _ p: Double = 2) -> Variable {
    require(
      rank >= 2 && other.rank >= 2 && shape[-1] == other.shape[-1],
      "cdist: wants rows of one length, [..., m, d] and [..., n, d], got \(shape) and \(other.shape)")
    requireFloat(named: "cdist")
    requireOrder(p, "cdist")
    if dtype != other.dtype { stopForTypes("cdist", tensor, other.tensor) }
    guard let batch = Shape.broadcast(Shape(shape.dropLast(2)), Shape(other.shape.dropLast(2))) else {
      stop("cdist: batches of rows \(shape) and \(other.shape) do not broadcast together")
    }
    guard p == 1 || p == 2 else { return differenceNorms(other, p) }
    return expand(Shape(Array(batch) + shape.suffix(2)))
      .rowDistances(other.expand(Shape(Array(batch) + other.shape.suffix(2))), Int(p))
  }

  /// The p-norm distance of each row of a matrix [n, d] to each later row, in order: [n (n − 1) / 2]. Equal rows get
  /// gradient 0. PyTorch's `pdist`.
  public func pdist(_ p: Double = 2) -> Variable {
    require(rank == 2, "pdist: wants rows [n, d], got \(shape)")
    requireFloat(named: "pdist")
    requireOrder(p, "pdist")
    let isLater = Tensor.ones([shape[0], shape[0]], dtype: .uint8).upperTriangle(offset: 1) .== 1
    return cdist(self, p).maskedSelect(isLater)
  }

  /// The slices of an axis, those whose p-norm is above `maxNorm` scaled down to it: by maxNorm / (‖x‖ₚ + 10⁻⁷).
  ///
  /// Stops for fewer than two axes, and for an order or a norm that is not positive. PyTorch's `renorm`.
  public func renorm(_ p: Double, axis: Int, maxNorm: Double) -> Variable {
    requireFloat(named: "renorm")
    require(rank >= 2, "renorm: wants slices, so at least two axes, got \(shape)")
    require(p > 0 && maxNorm >= 0, "renorm: wants a positive order and norm, got \(p) and \(maxNorm)")
    let along = shape.checkedAxis(axis, op: "renorm")
    let norms = norm(p, axes: (0..<rank).filter { $0 != along }, keepDims: true)
    let isShort = norms.tensor .<= maxNorm
    return self * (maxNorm / (norms + 1e-7)).replacing(where: isShort, with: 1)
  }

  /// The broadcast shape of both; stops unless they are of one float type and broadcast.
  func broadcastShape(with other: Variable, _ op: String) -> Shape {
    requireFloat(named: op)
    if dtype != other.dtype { stopForTypes(op, tensor, other.tensor) }
    guard let both = Shape.broadcast(shape, other.shape) else { stopForShapes(op, tensor, other.tensor) }
    return both
  }

  private func rowDistances(_ other: Variable, _ p: Int) -> Variable {
    let value = tensor.distances(other.tensor, p: p)
    return record(
      .cdist, [self, other], value,
      { [x = snapshot, y = other.snapshot] dy in
        let zero = Tensor.zeros([], dtype: value.dtype)
        let factors = p == 1 ? dy.tensor : .where(value .== 0, zero, dy.tensor / value)
        let dx = x.tensor.distancesBackward(y.tensor, p: p, factors: factors)
        let dOther = y.tensor.distancesBackward(x.tensor, p: p, factors: factors.transpose())
        guard ThreadState.current.isRecording else { return [Variable(dx), Variable(dOther)] }
        return Variable.gradients(
          of: { $0[0].differenceNorms($0[1], Double(p)) }, at: [x, y], dy, values: [dx, dOther])
      })
  }

  /// The same in ops.
  private func differenceNorms(_ other: Variable, _ p: Double) -> Variable {
    (unsqueeze(-2) - other.unsqueeze(-3)).norm(p, axes: [-1])
  }
}
