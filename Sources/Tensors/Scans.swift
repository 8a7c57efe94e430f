import Kernels

// Running values along an axis: each combines the element at its place with the value before it.

extension Tensor {
  /// Running sums along an axis: yₖ = x₀ + … + xₖ. Integers are summed in int64. PyTorch's `cumsum`.
  public func cumsum(axis: Int) -> Tensor { cumsum(axis: axis, reversed: false) }

  /// The same, from the end with `reversed`.
  package func cumsum(axis: Int, reversed: Bool) -> Tensor { scanned("cumsum", AG_SCAN_SUM, axis, reversed) }

  /// Running products along an axis: yₖ = x₀ · … · xₖ. Integers are multiplied in int64. PyTorch's `cumprod`.
  public func cumprod(axis: Int) -> Tensor { scanned("cumprod", AG_SCAN_PRODUCT, axis, false) }

  /// Logarithms of running sums of exponentials along an axis: yₖ = log(exp x₀ + … + exp xₖ), without
  /// overflow. PyTorch's `logcumsumexp`.
  public func logCumSumExp(axis: Int) -> Tensor {
    floats("logCumSumExp").scanned("logCumSumExp", AG_SCAN_LOGSUMEXP, axis, false)
  }

  /// Running maximum along an axis: the largest of x₀ … xₖ, and its position (int64).
  ///
  /// Of equal elements it is the last. After a NaN all are NaN. PyTorch's `cummax`.
  public func cummax(axis: Int) -> Picked { runningExtreme("cummax", axis, largest: true) }

  /// Running minimum along an axis: the smallest of x₀ … xₖ, and its position (int64).
  ///
  /// Of equal elements it is the last. After a NaN all are NaN. PyTorch's `cummin`.
  public func cummin(axis: Int) -> Picked { runningExtreme("cummin", axis, largest: false) }

  private func runningExtreme(_ name: String, _ axis: Int, largest: Bool) -> Picked {
    let places = Tensor(uninitialized: shape, dtype: .int64)
    if rank == 0, axis == 0 || axis == -1 { return (self, .zeros([], dtype: .int64)) }
    let along = shape.checkedAxis(axis, op: name)
    let (outer, count, inner) = shape.block(around: along..<(along + 1))
    let (x, values) = (contiguous(), Tensor(uninitialized: shape, dtype: dtype))
    withExtendedLifetime(x) {
      ag_running_extreme(
        dtype.kernel, outer, count, inner, largest, x.raw, values.raw,
        places.raw.assumingMemoryBound(to: Int64.self))
    }
    return (values, places)
  }

  private func scanned(_ name: String, _ op: ag_scan_op, _ axis: Int, _ reversed: Bool) -> Tensor {
    let source = cast(to: dtype.isFloatingPoint ? dtype : .int64)
    if rank == 0, axis == 0 || axis == -1 { return source }
    return source.scan(op, shape.checkedAxis(axis, op: name), reversed)
  }

  /// s with sₖ = xₖ + aₖ · sₖ₋₁ along an axis (sₖ₊₁ with `reversed`), s being 0 outside. `a` has this
  /// tensor's shape and float type.
  package func recurrence(times a: Tensor, axis: Int, reversed: Bool) -> Tensor {
    scan(AG_SCAN_RECURRENCE, axis, reversed, a.contiguous())
  }

  private func scan(_ op: ag_scan_op, _ axis: Int, _ reversed: Bool, _ a: Tensor? = nil) -> Tensor {
    let (outer, count, inner) = shape.block(around: axis..<(axis + 1))
    let result = Tensor(uninitialized: shape, dtype: dtype)
    if elementCount == 0 { return result }
    let x = contiguous()
    withExtendedLifetime((x, a)) {
      ag_scan(op, dtype.kernel, outer, count, inner, reversed, x.raw, a?.raw, result.raw)
    }
    return result
  }
}
