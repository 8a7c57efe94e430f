// Functions of tensors: what is written for variables, without a gradient, for which nothing is recorded.

// MARK: - Shapes and positions

extension Tensor {
  /// Elements added around some axes: a pair of counts for each axis from the last one backwards; see `Variable.pad`.
  /// PyTorch's `pad`.
  public func pad(_ padding: [Int], mode: Variable.PaddingMode = .constant(0)) -> Tensor {
    Variable(self).pad(padding, mode: mode).value
  }

  /// A vector [n] as the diagonal of a matrix [n + |offset|, n + |offset|]; of a matrix its diagonal. PyTorch's `diag`.
  public func diag(offset: Int = 0) -> Tensor { Variable(self).diag(offset: offset).value }

  /// The sum of a matrix's main diagonal. PyTorch's `trace`.
  public func trace() -> Tensor { Variable(self).trace().value }

  /// Matrices along the diagonal of a matrix of zeros; a vector counts as a row. PyTorch's `block_diag`.
  public static func blockDiag(_ blocks: [Tensor]) -> Tensor { Variable.blockDiag(blocks.map { Variable($0) }).value }

  /// [..., C · r², H, W] rearranged to [..., C, H · r, W · r]. PyTorch's `pixel_shuffle`.
  public func pixelShuffle(_ factor: Int) -> Tensor { Variable(self).pixelShuffle(factor).value }

  /// [..., C, H · r, W · r] rearranged to [..., C · r², H, W]. PyTorch's `pixel_unshuffle`.
  public func pixelUnshuffle(_ factor: Int) -> Tensor { Variable(self).pixelUnshuffle(factor).value }

  /// One element per entry of `indices` along an axis, or of the flattened tensor; see `Variable.takeAlong`. PyTorch's
  /// `take_along_dim`.
  public func takeAlong(_ indices: Tensor, axis: Int? = nil) -> Tensor {
    Variable(self).takeAlong(indices, axis: axis).value
  }

  /// Rows of this table [rows, width] by number: indices of any shape [...] give [..., width]. PyTorch's `embedding`.
  public func embedding(_ indices: Tensor) -> Tensor { Variable(self).embedding(indices).value }

  /// Rows of this table [rows, width] by number, combined by bags; see `Variable.embeddingBag`. PyTorch's
  /// `embedding_bag`.
  public func embeddingBag(
    _ indices: Tensor, offsets: [Int]? = nil, mode: Variable.BagMode = .mean, paddingIndex: Int? = nil,
    weights: Tensor? = nil
  ) -> Tensor {
    Variable(self).embeddingBag(
      indices, offsets: offsets, mode: mode, paddingIndex: paddingIndex, weights: weights.map { Variable($0) }
    ).value
  }
}

// MARK: - Functions of each element

extension Tensor {
  /// Part of the way to `end`: self + weight · (end − self); shapes broadcast. PyTorch's `lerp`.
  public func lerp(to end: Tensor, weight: Tensor) -> Tensor {
    Variable(self).lerp(to: Variable(end), weight: Variable(weight)).value
  }

  /// x for x > threshold, else a number. PyTorch's `threshold`.
  public func threshold(_ threshold: Double, _ number: Double) -> Tensor {
    Variable(self).threshold(threshold, number).value
  }

  /// x where |x| > bound, else 0. PyTorch's `hardshrink`.
  public func hardShrink(_ bound: Double = 0.5) -> Tensor { Variable(self).hardShrink(bound).value }

  /// x − bound for x > bound, x + bound for x < −bound, else 0. PyTorch's `softshrink`.
  public func softShrink(_ bound: Double = 0.5) -> Tensor { Variable(self).softShrink(bound).value }

  /// a · sigmoid(b), where a is the first half and b the second half of an axis. PyTorch's `glu`.
  public func glu(axis: Int = -1) -> Tensor { Variable(self).glu(axis: axis).value }
}

// MARK: - Statistics

extension Tensor {
  /// The quantile of a share (0 to 1) of an axis, or of all elements; see `Variable.quantile`. PyTorch's `quantile`.
  public func quantile(
    _ share: Double, axis: Int? = nil, keepDims: Bool = false,
    interpolation: Variable.QuantileInterpolation = .linear
  ) -> Tensor {
    Variable(self).quantile(share, axis: axis, keepDims: keepDims, interpolation: interpolation).value
  }

  /// The same for several shares, [shares, ...].
  public func quantile(
    _ shares: [Double], axis: Int? = nil, keepDims: Bool = false,
    interpolation: Variable.QuantileInterpolation = .linear
  ) -> Tensor {
    Variable(self).quantile(shares, axis: axis, keepDims: keepDims, interpolation: interpolation).value
  }

  /// The covariance matrix of variables [variables, observations]; of a vector its variance. PyTorch's `cov`.
  public func covariance(correction: Double = 1) -> Tensor { Variable(self).covariance(correction: correction).value }

  /// Pearson's correlation matrix of variables [variables, observations]. PyTorch's `corrcoef`.
  public func correlation() -> Tensor { Variable(self).correlation().value }

  /// Differences of neighbours along an axis, taken `order` times. PyTorch's `diff`.
  public func diff(order: Int = 1, axis: Int = -1) -> Tensor { Variable(self).diff(order: order, axis: axis).value }

  /// The area under points along an axis by the trapezoidal rule, `dx` being their distance. PyTorch's `trapezoid`.
  public func trapezoid(dx: Double = 1, axis: Int = -1) -> Tensor { Variable(self).trapezoid(dx: dx, axis: axis).value }

  /// The same for points at positions `x`, a vector or of this shape.
  public func trapezoid(at x: Tensor, axis: Int = -1) -> Tensor {
    Variable(self).trapezoid(at: Variable(x), axis: axis).value
  }
}

// MARK: - Lengths and distances

extension Tensor {
  /// x / max(‖x‖ₚ, ε) along an axis: vectors of length 1. PyTorch's `normalize`.
  public func normalize(_ p: Double = 2, axis: Int = 1, epsilon: Double = 1e-12) -> Tensor {
    Variable(self).normalize(p, axis: axis, epsilon: epsilon).value
  }

  /// The cosine of the angle between vectors along an axis; shapes broadcast. PyTorch's `cosine_similarity`.
  public func cosineSimilarity(_ other: Tensor, axis: Int = 1, epsilon: Double = 1e-8) -> Tensor {
    Variable(self).cosineSimilarity(Variable(other), axis: axis, epsilon: epsilon).value
  }

  /// ‖x − y + ε‖ₚ over the last axis; shapes broadcast. PyTorch's `pairwise_distance`.
  public func pairwiseDistance(
    _ other: Tensor, _ p: Double = 2, epsilon: Double = 1e-6, keepDims: Bool = false
  ) -> Tensor {
    Variable(self).pairwiseDistance(Variable(other), p, epsilon: epsilon, keepDims: keepDims).value
  }

  /// The p-norm distance of each row to each row of another: [..., m, d] and [..., n, d] give [..., m, n]. PyTorch's
  /// `cdist`.
  public func cdist(_ other: Tensor, _ p: Double = 2) -> Tensor { Variable(self).cdist(Variable(other), p).value }

  /// The p-norm distance of each row of a matrix [n, d] to each later row: [n (n − 1) / 2]. PyTorch's `pdist`.
  public func pdist(_ p: Double = 2) -> Tensor { Variable(self).pdist(p).value }

  /// The slices of an axis, those whose p-norm is above `maxNorm` scaled down to it. PyTorch's `renorm`.
  public func renorm(_ p: Double, axis: Int, maxNorm: Double) -> Tensor {
    Variable(self).renorm(p, axis: axis, maxNorm: maxNorm).value
  }
}
