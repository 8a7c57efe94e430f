// Running values along an axis: each takes in the element at its place and the value before it.

extension Tensor {
  /// Running sums along an axis; from the end with `reversed`. Whole numbers sum up in int64.
  package func cumulativeSum(axis: Int, reversed: Bool = false) -> Tensor {
    scanned("cumsum", axis) { block, x in
      switch x.dtype {
      case .float32: x.scan(Float.self, block, reversed) { $0 + $1 }
      case .float64: x.scan(Double.self, block, reversed) { $0 + $1 }
      default: x.scan(Int64.self, block, reversed) { $0 &+ $1 }
      }
    }
  }

  /// Running products along an axis. Whole numbers multiply in int64.
  package func cumulativeProduct(axis: Int) -> Tensor {
    scanned("cumprod", axis) { block, x in
      switch x.dtype {
      case .float32: x.scan(Float.self, block, false) { $0 * $1 }
      case .float64: x.scan(Double.self, block, false) { $0 * $1 }
      default: x.scan(Int64.self, block, false) { $0 &* $1 }
      }
    }
  }

  private func scanned(_ op: String, _ axis: Int, _ scan: (AxisBlock, Tensor) -> Tensor) -> Tensor {
    let source = cast(to: dtype.isFloatingPoint ? dtype : .int64).contiguous()
    if rank == 0, axis == 0 || axis == -1 { return source }
    return scan(AxisBlock(shape, axis: shape.checkedAxis(axis, op: op)), source)
  }

  @inline(__always)
  private func scan<T: TensorScalar>(
    _: T.Type, _ block: AxisBlock, _ reversed: Bool, _ combine: (T, T) -> T
  ) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    withElements(of: T.self) { x in
      result.withWritableElements(of: T.self) { out in
        block.forEachStep(reversed: reversed) { start, before in
          for i in 0..<block.inner {
            out[start + i] = before < 0 ? x[start + i] : combine(out[before + i], x[start + i])
          }
        }
      }
    }
    return result
  }

  /// s with sₖ = xₖ + aₖ · sₖ₋₁ along an axis (sₖ₊₁ with `reversed`), s being 0 outside. `a` has this tensor's shape and
  /// float type.
  package func recurrence(times a: Tensor, axis: Int, reversed: Bool) -> Tensor {
    let block = AxisBlock(shape, axis: axis)
    return dtype == .float32
      ? recurrence(Float.self, times: a, block, reversed) : recurrence(Double.self, times: a, block, reversed)
  }

  private func recurrence<T: TensorScalar & BinaryFloatingPoint>(
    _: T.Type, times a: Tensor, _ block: AxisBlock, _ reversed: Bool
  ) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    contiguous().withElements(of: T.self) { x in
      a.contiguous().withElements(of: T.self) { a in
        result.withWritableElements(of: T.self) { out in
          block.forEachStep(reversed: reversed) { start, before in
            for i in 0..<block.inner {
              out[start + i] = before < 0 ? x[start + i] : x[start + i] + a[start + i] * out[before + i]
            }
          }
        }
      }
    }
    return result
  }
}

/// A dense [outer, count, inner] that is walked along its middle axis.
struct AxisBlock {
  let outer, count, inner: Int

  init(_ shape: Shape, axis: Int) { (outer, count, inner) = shape.block(around: axis..<(axis + 1)) }

  /// Calls `body` with the place where each step begins and where the one before it began; −1 at the first.
  @inline(__always)
  func forEachStep(reversed: Bool, _ body: (Int, Int) -> Void) {
    for block in 0..<outer {
      var before = -1
      for step in 0..<count {
        let start = (block * count + (reversed ? count - 1 - step : step)) * inner
        body(start, before)
        before = start
      }
    }
  }
}

extension Tensor {
  /// Reads the elements of a dense tensor as what they are.
  @inline(__always)
  func withElements<T: TensorScalar, R>(of _: T.Type, _ body: (UnsafePointer<T>) -> R) -> R {
    withPointer { body($0.assumingMemoryBound(to: T.self)) }
  }

  /// Writes the elements of a tensor that was just made.
  @inline(__always)
  func withWritableElements<T: TensorScalar, R>(of _: T.Type, _ body: (UnsafeMutablePointer<T>) -> R) -> R {
    withWritablePointer { body($0.assumingMemoryBound(to: T.self)) }
  }
}
