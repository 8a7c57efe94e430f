// What a tensor contains: which values, where, and how often.

extension Tensor {
  /// The indices of all elements that are not 0 (or are true), in row-major order: int64
  /// [count, rank]. PyTorch's `nonzero`.
  public func nonzero() -> Tensor {
    let positions = (dtype == .bool ? self : self .!= 0).truePlaces()
    let steps = shape.denseStrides
    let indices = positions.flatMap { position in (0..<rank).map { position / steps[$0] % shape[$0] } }
    return Tensor(indices, shape: [positions.count, rank])
  }

  /// How many elements are not 0 (or are true) over some axes, by default all (int64). PyTorch's `count_nonzero`.
  public func countNonzero(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    _ = shape.checkedAxes(axes, op: "countNonzero")
    return (dtype == .bool ? self : self .!= 0).cast(to: .int64).sum(axes: axes, keepDims: keepDims)
  }

  /// The distinct values, in order; for each element the index of its value (int64, of this shape); and how often each
  /// value occurs (int64). Each NaN is a value of its own. PyTorch's `unique(return_inverse=True, return_counts=True)`.
  public func unique() -> (values: Tensor, inverse: Tensor, counts: Tensor) {
    let order = reshape([elementCount] as Shape).argsort()
    let (values, runs, counts) = reshape([elementCount] as Shape).gather(axis: 0, index: order).uniqueConsecutive()
    return (values, order.zerosLike().putting(runs, axis: 0, index: order, for: "unique").reshape(shape), counts)
  }

  /// The first value of each run of equal ones, in row-major order; for each element the index of its run (int64, of
  /// this shape); and how long each run is (int64). Each NaN is a value of its own. PyTorch's
  /// `unique_consecutive(return_inverse=True, return_counts=True)`.
  public func uniqueConsecutive() -> (values: Tensor, inverse: Tensor, counts: Tensor) {
    let flat = reshape([elementCount] as Shape)
    if elementCount == 0 { return (flat, .zeros(shape, dtype: .int64), .zeros([0], dtype: .int64)) }
    let isNew = Tensor.concatenate([Tensor([true]), flat[1...] .!= flat[..<(-1)]])
    let starts = Tensor(isNew.truePlaces())
    let counts = Tensor.concatenate([starts[1...], Tensor([elementCount])]) - starts
    return (flat.gather(axis: 0, index: starts), (isNew.cumsum(axis: 0) - 1).reshape(shape), counts)
  }

  /// Where elements equal one of `values`, of any shape, as bool of this shape. NaN equals nothing. PyTorch's `isin`.
  public func isIn(_ values: Tensor) -> Tensor {
    if dtype != values.dtype { stopForTypes("isIn", self, values) }
    if dtype == .bool { return cast(to: .uint8).isIn(values.cast(to: .uint8)) }
    let count = values.elementCount
    if count == 0 { return .zeros(shape, dtype: .bool) }
    let sorted = values.reshape([count] as Shape).sort().values
    let places = sorted.searchSorted(self).clamp(max: Double(count - 1))
    return sorted.take(places) .== self
  }

  /// How often each of the numbers 0, 1, … occurs in a vector of integers: int64 [largest + 1], or `minimumLength` if
  /// that is more; with `weights`, a vector as long, the sums of their weights.
  ///
  /// Stops for negative numbers, naming one. PyTorch's `bincount`.
  public func bincount(weights: Tensor? = nil, minimumLength: Int = 0) -> Tensor {
    require(
      rank == 1 && !dtype.isFloatingPoint && dtype != .bool,
      "bincount: wants a vector of whole numbers, got \(dtype) \(shape)")
    require(minimumLength >= 0, "bincount: the length must not be negative, got \(minimumLength)")
    let weights = weights ?? .ones(shape, dtype: .int64)
    require(
      weights.shape == shape, "bincount: wants a weight for each of \(elementCount) numbers, got \(weights.shape)")
    let numbers = scalars(as: Int.self)
    for (place, number) in numbers.enumerated() where number < 0 {
      stop("bincount: numbers must not be negative, got \(number) (number \(place))")
    }
    let length = Swift.max(minimumLength, numbers.max().map { $0.plus(1) } ?? 0)
    var sums = Tensor.zeros([length], dtype: weights.dtype)
    sums.scatterAdd(axis: 0, index: cast(to: .int64), weights)
    return sums
  }

  /// How many elements lie in each of `bins` equal parts of a range, both ends included: [bins], of this float type.
  ///
  /// The range defaults to that from the smallest to the largest element; if these are equal, it extends from 1 below
  /// to 1 above. What lies outside, and NaN, is not counted. Stops for a range that is not finite. PyTorch's `histc`.
  public func histogram(bins: Int = 100, range: ClosedRange<Double>? = nil) -> Tensor {
    require(bins > 0, "histogram: wants at least one bin, got \(bins)")
    requireFloat(named: "histogram")
    let range = range ?? (elementCount == 0 ? 0...0 : (min().item()...max().item()))
    require(
      range.lowerBound.isFinite && range.upperBound.isFinite,
      "histogram: the range must be finite, got \(range.lowerBound) to \(range.upperBound)")
    let isOne = range.lowerBound == range.upperBound
    let (low, high) = (range.lowerBound - (isOne ? 1 : 0), range.upperBound + (isOne ? 1 : 0))
    // The bin is computed in the elements' own type, as in PyTorch, so that elements on an edge fall into the same one.
    func counts<T: TensorScalar & BinaryFloatingPoint>(_: T.Type) -> [Int] {
      let (low, high) = (T(low), T(high))
      var counts = [Int](repeating: 0, count: bins)
      for value in scalars(as: T.self) where value >= low && value <= high {
        counts[Swift.min(Int((value - low) * T(bins) / (high - low)), bins - 1)] += 1
      }
      return counts
    }
    return Tensor(dtype == .float32 ? counts(Float.self) : counts(Double.self)).cast(to: dtype)
  }
}
