import Kernels

extension Tensor {
  /// exp(x − max) / Σ exp(x − max) along an axis. Stops unless the elements are floats. PyTorch's `softmax`.
  public func softmax(axis: Int = -1) -> Tensor { alongAxis("softmax", axis, ag_softmax) }

  /// x − log Σ exp(x) along an axis, without overflow. Stops unless the elements are floats. PyTorch's `log_softmax`.
  public func logSoftmax(axis: Int = -1) -> Tensor { alongAxis("logSoftmax", axis, ag_log_softmax) }

  /// y · (dy − Σ dy·y) for y = softmax(x).
  package func softmaxBackward(_ dy: Tensor, axis: Int) -> Tensor {
    alongAxis("softmax", axis, dy, ag_softmax_backward)
  }

  /// dy − exp(y) · Σ dy for y = logSoftmax(x).
  package func logSoftmaxBackward(_ dy: Tensor, axis: Int) -> Tensor {
    alongAxis("logSoftmax", axis, dy, ag_log_softmax_backward)
  }

  private func alongAxis(
    _ op: String, _ axis: Int,
    _ kernel: (ag_dtype, Int, Int, Int, UnsafeRawPointer, UnsafeMutableRawPointer) -> Void
  ) -> Tensor {
    requireFloat(named: op)
    let block = shape.softmaxBlock(op, axis)
    let result = Tensor(uninitialized: shape, dtype: dtype)
    if elementCount == 0 { return result }
    contiguous().withPointer { x in
      result.withWritablePointer { kernel(dtype.kernel, block.outer, block.count, block.inner, x, $0) }
    }
    return result
  }

  private func alongAxis(
    _ op: String, _ axis: Int, _ dy: Tensor,
    _ kernel: (ag_dtype, Int, Int, Int, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer) -> Void
  ) -> Tensor {
    let block = shape.softmaxBlock(op, axis)
    let result = Tensor(uninitialized: shape, dtype: dtype)
    if elementCount == 0 { return result }
    contiguous().withPointer { y in
      dy.contiguous().withPointer { dy in
        result.withWritablePointer { kernel(dtype.kernel, block.outer, block.count, block.inner, y, dy, $0) }
      }
    }
    return result
  }
}

extension Shape {
  /// The block of one axis; a scalar counts as a row of one element.
  fileprivate func softmaxBlock(_ op: String, _ axis: Int) -> (outer: Int, count: Int, inner: Int) {
    if rank == 0, axis == 0 || axis == -1 { return (1, 1, 1) }
    let checked = checkedAxis(axis, op: op)
    return block(around: checked..<(checked + 1))
  }
}
