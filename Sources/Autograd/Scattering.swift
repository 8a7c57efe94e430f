// Elements brought together at positions that an index names along an axis.

extension Variable {
  /// Combines elements of `source` with the elements here that `index` points to along an axis:
  /// y[index[i][j]][j] is the sum, mean, product, maximum or minimum of x at that position and all source[i][j]
  /// that point to it, for axis 0. With `includesSelf` false x is left out, and stays where nothing points to.
  ///
  /// Messages along the edges of a graph with n nodes, for features [n, f] and edges from `sources` to `targets`:
  /// ```swift
  /// let messages = features[sources]                                   // [edges, f]
  /// let index = targets.unsqueeze(1).expand(messages.shape)
  /// let means = zeros.scatterReduce(axis: 0, index: index, messages, .mean, includesSelf: false)  // [n, f]
  /// ```
  /// Equal maxima (or minima) share the gradient evenly. The gradient of a product is right where factors are
  /// 0; its second derivative stops where several are. `index` is int64 or int32, of the same rank, and no
  /// larger than `source` or, in the other axes, this. Stops for a position out of range, naming it.
  /// PyTorch's `scatter_reduce`.
  public func scatterReduce(
    axis: Int, index: Tensor, _ source: Variable, _ reduction: ScatterReduction, includesSelf: Bool = true
  ) -> Variable {
    requireFloat(named: "scatterReduce")
    let value = tensor.scatterReduce(axis: axis, index: index, source.tensor, reduction, includesSelf: includesSelf)
    let plan = ScatterPlan(
      axis: axis, index: index, reduction: reduction, includesSelf: includesSelf, source: source.tensor)
    return record(
      .scatterReduce, self, source, value,
      { [x = snapshot, source = source.snapshot] dy in plan.gradient(ofSelf: x, source, value, dy) },
      { [x = snapshot, source = source.snapshot] dy in plan.gradient(ofSource: source, x, value, dy) })
  }
}

/// The arguments of a `scatterReduce`, for its rules.
private struct ScatterPlan {
  let axis: Int
  let index: Tensor
  let reduction: ScatterReduction
  let includesSelf: Bool
  let source: Tensor

  /// The gradient of the tensor that was scattered to.
  func gradient(ofSelf x: Variable, _ source: Variable, _ value: Tensor, _ dy: Variable) -> Variable {
    if !includesSelf { return dy.replacing(where: counts(x) .> 0, with: 0) }
    switch reduction {
    case .sum: return dy
    case .mean: return dy / divisors(x)
    case .prod:
      // Of all that came, without a division.
      return dy * Variable(x.tensor.onesLike()).scatterReduce(axis: axis, index: index, source, .prod)
    case .max, .min:
      let isChosen = (x.tensor .== value).cast(to: dy.dtype)
      return dy * Variable(isChosen / chosenCounts(x, source, value))
    }
  }

  /// The gradient of the source.
  func gradient(ofSource source: Variable, _ x: Variable, _ value: Tensor, _ dy: Variable) -> Variable {
    let part = gradient(ofNamed: source.slice(corner), x, value, dy)
    if part.shape == self.source.shape { return part }
    // What the index does not name has no part in the result.
    return part.pad(zip(self.source.shape, part.shape).reversed().flatMap { [0, $0 - $1] })
  }

  private func gradient(ofNamed source: Variable, _ x: Variable, _ value: Tensor, _ dy: Variable) -> Variable {
    switch reduction {
    case .sum: return gathered(dy)
    case .mean: return gathered(dy / divisors(x))
    case .prod: return gradient(ofFactors: source, x, dy)
    case .max, .min:
      let isChosen = (source.tensor .== value.gather(axis: axis, index: index)).cast(to: dy.dtype)
      return gathered(dy / Variable(chosenCounts(x, source, value))) * Variable(isChosen)
    }
  }

  /// The product of the other factors: the whole product divided by the factor, or, for the only 0 among them, the
  /// product with 1 in its stead.
  private func gradient(ofFactors source: Variable, _ x: Variable, _ dy: Variable) -> Variable {
    let product = x.scatterReduce(axis: axis, index: index, source, .prod, includesSelf: includesSelf)
    let isZero = source.tensor .== 0
    if isZero.any().item() == 0 { return gathered(dy * product) / source }
    var zeros = Tensor.zeros(x.shape, dtype: x.dtype)
    zeros.scatterAdd(axis: axis, index: index, isZero.cast(to: x.dtype))
    require(
      !ThreadState.current.isRecording || (zeros .> 1).any().item() == 0,
      "scatterReduce: products of several zeros have no second derivative here")
    let ones = source.replacing(where: isZero, with: 1)
    let others = x.scatterReduce(axis: axis, index: index, ones, .prod, includesSelf: includesSelf)
    let isAlone = isZero .& (zeros.gather(axis: axis, index: index) .== 1)
    return .where(isAlone, gathered(dy * others), gathered(dy * product) / ones)
  }

  /// How many elements equal the maximum (or minimum) at each position.
  private func chosenCounts(_ x: Variable, _ source: Variable, _ value: Tensor) -> Tensor {
    var counts = includesSelf ? (x.tensor .== value).cast(to: x.dtype) : Tensor.zeros(x.shape, dtype: x.dtype)
    let isChosen = source.tensor.slice(corner) .== value.gather(axis: axis, index: index)
    counts.scatterAdd(axis: axis, index: index, isChosen.cast(to: x.dtype))
    // Places of which none is asked for, and NaN, which equals nothing.
    return counts.clamp(min: 1)
  }

  private func gathered(_ dy: Variable) -> Variable { dy.gather(axis: axis, index: index) }
  /// The part of the source that the index covers.
  private var corner: [TensorIndex] { index.shape.map { .slice(from: 0, to: $0, step: 1) } }

  /// How many elements of the source point to each position.
  private func counts(_ x: Variable) -> Tensor { x.tensor.scatterCounts(axis: axis, index: index, of: source) }

  private func divisors(_ x: Variable) -> Variable {
    Variable((includesSelf ? counts(x) + 1 : counts(x).clamp(min: 1)).cast(to: x.dtype))
  }
}
