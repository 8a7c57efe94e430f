import Kernels

extension Tensor {
  /// How the elements along an axis are combined into one.
  package enum Reduction: String {
    case sum, prod, max, min, logSumExp, sumOfSquares, any, all

    var kernel: ag_reduce_op {
      switch self {
      case .sum: AG_REDUCE_SUM
      case .prod: AG_REDUCE_PROD
      case .max: AG_REDUCE_MAX
      case .min: AG_REDUCE_MIN
      case .logSumExp: AG_REDUCE_LOGSUMEXP
      case .sumOfSquares: AG_REDUCE_SUM_SQUARES
      case .any: AG_REDUCE_ANY
      case .all: AG_REDUCE_ALL
      }
    }

    /// The type of the result: sums and products of integers are int64.
    func resultType(_ type: DType) -> DType {
      switch self {
      case .sum, .prod: type.isFloatingPoint ? type : .int64
      default: type
      }
    }
  }

  /// Elements along some axes (all of them for `nil`) reduced to one each; with `keepDims` the axes stay with size 1.
  package func reduced(_ reduction: Reduction, axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    let axes = shape.checkedAxes(axes, op: reduction.rawValue)
    if axes.isEmpty, reduction == .sumOfSquares { return square() }
    if axes.isEmpty { return cast(to: reduction.resultType(dtype)) }
    if reduction == .max || reduction == .min {
      for axis in 0..<rank where axes.contains(axis) {
        require(
          shape.sizes[axis] > 0,
          "\(reduction.rawValue): axis \(axis) of \(shape) has no elements, so there is no \(reduction.rawValue)")
      }
    }
    // Adjacent axes take one pass; every further run of them takes a pass over the result of the one before.
    var (result, rest) = (self, axes)
    var next = reduction
    while let run = rest.removeLastRun() {
      let left =
        rest.isEmpty
        ? shape.reducing(axes, keepDims: keepDims) : result.shape.reducing(AxisSet(run), keepDims: true)
      result = result.reducedOnce(next, run, to: left)
      if next == .sumOfSquares { next = .sum }
    }
    return result
  }

  /// One pass over adjacent axes.
  private func reducedOnce(_ reduction: Reduction, _ axes: Range<Int>, to resultShape: Shape) -> Tensor {
    let block = shape.block(around: axes)
    let result = Tensor(uninitialized: resultShape, dtype: reduction.resultType(dtype))
    contiguous().withPointer { x in
      result.withWritablePointer {
        ag_reduce(reduction.kernel, dtype.kernel, block.outer, block.count, block.inner, x, $0)
      }
    }
    return result
  }

  /// Sum over some axes, by default all; integers are summed in int64.
  public func sum(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    reduced(.sum, axes: axes, keepDims: keepDims)
  }

  /// Arithmetic mean over some axes, by default all; NaN over no elements.
  ///
  /// Stops for integers: cast them first.
  public func mean(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    requireFloat(named: "mean")
    _ = shape.checkedAxes(axes, op: "mean")
    var result = reduced(.sum, axes: axes, keepDims: keepDims)
    result.combine(.divide, Double(elementCount / Swift.max(result.elementCount, 1)))
    return result
  }

  /// Whether all elements of a float tensor are finite, and large enough to have full precision.
  package var areNormal: Bool {
    if elementCount == 0 { return true }
    let sizes = abs()
    let least = dtype == .float32 ? Double(Float.leastNormalMagnitude) : .leastNormalMagnitude
    return sizes.min().item() >= least && sizes.max().item() < .infinity
  }

  /// Largest element over some axes, by default all; NaN if there is one.
  public func max(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    reduced(.max, axes: axes, keepDims: keepDims)
  }

  /// Smallest element over some axes, by default all; NaN if there is one.
  public func min(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    reduced(.min, axes: axes, keepDims: keepDims)
  }

  /// Product over some axes, by default all, 1 over no elements; integers multiply in int64. PyTorch's `prod`.
  public func prod(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    reduced(.prod, axes: axes, keepDims: keepDims)
  }

  /// log Σ exp(x) over some axes, by default all, without overflow. Stops unless the elements are floats.
  public func logSumExp(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    requireFloat(named: "logSumExp")
    return reduced(.logSumExp, axes: axes, keepDims: keepDims)
  }

  /// Whether any element of a bool tensor is true.
  public func any(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    require(dtype == .bool, "any: wants bool, got \(dtype); compare first, as in x .!= 0")
    return reduced(.any, axes: axes, keepDims: keepDims)
  }

  /// Whether all elements of a bool tensor are true.
  public func all(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    require(dtype == .bool, "all: wants bool, got \(dtype); compare first, as in x .!= 0")
    return reduced(.all, axes: axes, keepDims: keepDims)
  }

  /// Position of the first largest element along an axis (int64), or in the flattened tensor without one.
  public func argmax(axis: Int? = nil, keepDims: Bool = false) -> Tensor {
    position("argmax", axis: axis, keepDims: keepDims, ag_argmax)
  }

  /// Position of the first smallest element along an axis (int64), or in the flattened tensor without one.
  public func argmin(axis: Int? = nil, keepDims: Bool = false) -> Tensor {
    position("argmin", axis: axis, keepDims: keepDims, ag_argmin)
  }

  private func position(
    _ op: String, axis: Int?, keepDims: Bool,
    _ kernel: (ag_dtype, Int, Int, Int, UnsafeRawPointer, UnsafeMutablePointer<Int64>) -> Void
  ) -> Tensor {
    guard let axis, rank > 0 || (axis != 0 && axis != -1) else {  // PyTorch accepts axis 0 of a single value
      let flat = reshape([elementCount] as Shape).position(op, axis: 0, keepDims: false, kernel)
      return keepDims ? flat.reshape(Shape(AxisValues(repeating: 1, count: rank))) : flat
    }
    let checked = shape.checkedAxis(axis, op: op)
    require(shape.sizes[checked] > 0, "\(op): axis \(axis) of \(shape) has no elements")
    let block = shape.block(around: checked..<(checked + 1))
    let kept = shape.reducing(AxisSet(checked..<(checked + 1)), keepDims: keepDims)
    let result = Tensor(uninitialized: kept, dtype: .int64)
    contiguous().withPointer { x in
      result.withWritablePointer {
        kernel(dtype.kernel, block.outer, block.count, block.inner, x, $0.assumingMemoryBound(to: Int64.self))
      }
    }
    return result
  }

  /// Sums over the axes along which `shape` was broadcast to this tensor's shape: the adjoint of `expand(_:)`.
  package func summed(to shape: Shape) -> Tensor {
    if shape == self.shape { return self }
    let shift = rank - shape.rank
    let axes = (0..<rank).filter { $0 < shift || shape.sizes[$0 - shift] == 1 && self.shape.sizes[$0] != 1 }
    return reduced(.sum, axes: axes, keepDims: true).reshape(shape)
  }
}
