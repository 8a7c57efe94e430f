import Kernels

// Elements brought to places that an index names along an axis: the other way round than `gather` takes them.

/// How the elements for one position are combined.
public enum ScatterReduction: Sendable, CaseIterable { case sum, mean, prod, max, min }

extension Tensor {
  /// Adds the elements of `source` where `gather(axis:index:)` would read them: its adjoint. `source` may be larger
  /// than the index.
  package mutating func scatterAdd(axis: Int, index: Tensor, _ source: Tensor) {
    scatter("scatterAdd", AG_SCATTER_ADD, axis, index, source)
  }

  /// This with the elements of `source` where `index` points to along an axis: y[index[i][j]][j] = source[i][j] for
  /// axis 0; at a position named twice the last.
  ///
  /// `index` is int64 or int32, of the same rank, and no larger than `source` or, in the other axes, this. Stops for a
  /// position out of range, naming it. PyTorch's `scatter`.
  public func scatter(axis: Int, index: Tensor, _ source: Tensor) -> Tensor {
    putting(source, axis: axis, index: index, for: "scatter")
  }

  /// The same as part of another op, whose name errors have.
  package func putting(_ source: Tensor, axis: Int, index: Tensor, for op: String) -> Tensor {
    var result = self
    result.scatter(op, AG_SCATTER_PUT, axis, index, source)
    return result
  }

  /// Combines elements with those that point to them.
  private mutating func scatter(
    _ op: String, _ change: ag_scatter_op, _ axis: Int, _ index: Tensor, _ source: Tensor
  ) {
    if dtype != source.dtype { stopForTypes(op, self, source) }
    let plan = GatherPlan(op, shape, axis, index)
    require(
      source.rank == index.rank && zip(source.shape, index.shape).allSatisfy { $0 >= $1 },
      "\(op): the source \(source.shape) must be at least as large as the index \(index.shape)")
    if index.elementCount == 0 { return }
    let part = source.slice(index.shape.map { .slice(from: 0, to: $0, step: 1) }).contiguous()
    let type = dtype
    if let block = plan.wholeBlock, type.isFloatingPoint {
      let isRight = withMutablePointer { out in
        withExtendedLifetime(part) {
          ag_scatter_axis(
            change, type.kernel, block.outer, block.count, block.inner, block.indices, plan.positions,
            part.raw, out)
        }
      }
      if isRight { return }
    }
    withMutablePointer { out in
      func put<T: TensorScalar>(_: T.Type, _ take: (inout T, T) -> Void) {
        let out = out.assumingMemoryBound(to: T.self)
        part.withElements(of: T.self) { x in plan.forEach { from, to in take(&out[to], x[from]) } }
      }
      switch type {
      case .float32: put(Float.self, change.ofFloats())
      case .float64: put(Double.self, change.ofFloats())
      case .int32: put(Int32.self, change.ofIntegers())
      case .int64: put(Int64.self, change.ofIntegers())
      case .uint8: put(UInt8.self, change.ofIntegers())
      case .bool: stop("\(op): does not work on bool; convert with cast(to:)")
      }
    }
  }

  /// Combines elements of `source` with the elements here that `index` points to along an axis:
  /// y[index[i][j]][j] is the sum, mean, product, maximum or minimum of x at that position and all source[i][j]
  /// that point to it, for axis 0. With `includesSelf` false x is left out, and stays where nothing points to.
  ///
  /// `index` is int64 or int32, of the same rank, and no larger than `source` or, in the other axes, this.
  /// Means of integers are rounded down. Stops for a position out of range, naming it. PyTorch's
  /// `scatter_reduce`.
  public func scatterReduce(
    axis: Int, index: Tensor, _ source: Tensor, _ reduction: ScatterReduction, includesSelf: Bool = true
  ) -> Tensor {
    let needsCounts = !includesSelf || reduction == .mean
    let counts = needsCounts ? scatterCounts(axis: axis, index: index, of: source) : nil
    var result = self
    if let counts, !includesSelf { result = .where(counts .> 0, neutral(reduction), self) }
    result.scatter("scatterReduce", reduction.kernel, axis, index, source)
    guard reduction == .mean, let counts else { return result }
    let divisors = (includesSelf ? counts + 1 : counts.clamp(min: 1)).cast(to: dtype)
    return dtype.isFloatingPoint ? result / divisors : result.dividedDown(by: divisors)
  }

  /// How many elements point to each position. Stops as `scatterReduce` does.
  package func scatterCounts(axis: Int, index: Tensor, of source: Tensor) -> Tensor {
    if dtype != source.dtype { stopForTypes("scatterReduce", self, source) }
    require(dtype != .bool, "scatterReduce: does not work on bool; convert with cast(to:)")
    // In float32 by the kernel, where that can count so far.
    let type = index.elementCount < 1 << 24 ? DType.float32 : .float64
    var counts = Tensor.zeros(shape, dtype: type)
    counts.scatter("scatterReduce", AG_SCATTER_ADD, axis, index, .ones([], dtype: type).expand(index.shape))
    return counts
  }

  /// The value that changes no result of a reduction.
  private func neutral(_ reduction: ScatterReduction) -> Tensor {
    func limits<T: FixedWidthInteger>(_: T.Type) -> (Double, Double) { (Double(T.min), Double(T.max)) }
    let (low, high) =
      switch dtype {
      case .float32, .float64: (-Double.infinity, Double.infinity)
      case .int32: limits(Int32.self)
      case .int64: limits(Int64.self)
      case .uint8, .bool: limits(UInt8.self)
      }
    return switch reduction {
    case .sum, .mean: .full([], 0, dtype: dtype)
    case .prod: .full([], 1, dtype: dtype)
    case .max: .full([], low, dtype: dtype)
    case .min: .full([], high, dtype: dtype)
    }
  }

  /// Quotients of whole numbers, rounded down.
  private func dividedDown(by divisors: Tensor) -> Tensor {
    let quotient = self / divisors
    return quotient - ((quotient * divisors) .> self).cast(to: dtype)
  }
}

extension ScatterReduction {
  fileprivate var kernel: ag_scatter_op {
    switch self {
    case .sum, .mean: AG_SCATTER_ADD
    case .prod: AG_SCATTER_MULTIPLY
    case .max: AG_SCATTER_MAX
    case .min: AG_SCATTER_MIN
    }
  }
}

extension ag_scatter_op {
  fileprivate func ofFloats<T: BinaryFloatingPoint>() -> (inout T, T) -> Void {
    switch self {
    case AG_SCATTER_ADD: { $0 += $1 }
    case AG_SCATTER_MULTIPLY: { $0 *= $1 }
    case AG_SCATTER_MAX: { $0 = $1 > $0 || $1.isNaN ? $1 : $0 }
    case AG_SCATTER_MIN: { $0 = $1 < $0 || $1.isNaN ? $1 : $0 }
    default: { $0 = $1 }
    }
  }

  fileprivate func ofIntegers<T: FixedWidthInteger>() -> (inout T, T) -> Void {
    switch self {
    case AG_SCATTER_ADD: { $0 &+= $1 }
    case AG_SCATTER_MULTIPLY: { $0 &*= $1 }
    case AG_SCATTER_MAX: { $0 = Swift.max($0, $1) }
    case AG_SCATTER_MIN: { $0 = Swift.min($0, $1) }
    default: { $0 = $1 }
    }
  }
}
