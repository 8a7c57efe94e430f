extension Variable {
  /// exp(x − max) / Σ exp(x − max) along an axis. dx = y · (dy − Σ dy·y). Keeps the output.
  public func softmax(axis: Int = -1) -> Variable {
    requireFloat(.softmax)
    return recordUnary(.softmax, tensor.softmax(axis: axis), keeping: .output) { y, dy in
      dy.softmaxBackward(y, axis: axis)
    }
  }

  /// x − log Σ exp(x) along an axis, without overflow. dx = dy − exp(y) · Σ dy. Keeps the output.
  public func logSoftmax(axis: Int = -1) -> Variable {
    requireFloat(.logSoftmax)
    return recordUnary(.logSoftmax, tensor.logSoftmax(axis: axis), keeping: .output) { y, dy in
      dy.logSoftmaxBackward(y, axis: axis)
    }
  }

  /// y · (dy − Σ dy·y) in one pass. It is its own adjoint in dy.
  private func softmaxBackward(_ y: Variable, axis: Int) -> Variable {
    record(
      .softmaxBackward, self, y, y.tensor.softmaxBackward(tensor, axis: axis),
      { [y = y.snapshot] g in g.softmaxBackward(y, axis: axis) },
      { [dy = snapshot, y = y.snapshot] g in
        let (along, total) = (y.sumAxes(axis), g * y)
        return g * (dy - (dy * y).sum(axes: along, keepDims: true)) - dy * total.sum(axes: along, keepDims: true)
      })
  }

  /// dy − exp(y) · Σ dy in one pass. Adjoint in dy: g − Σ g·exp(y); in y: −g · exp(y) · Σ dy.
  private func logSoftmaxBackward(_ y: Variable, axis: Int) -> Variable {
    record(
      .logSoftmaxBackward, self, y, y.tensor.logSoftmaxBackward(tensor, axis: axis),
      { [y = y.snapshot] g in g - (g * y.exp()).sum(axes: y.sumAxes(axis), keepDims: true) },
      { [dy = snapshot, y = y.snapshot] g in
        -g * y.exp() * dy.sum(axes: y.sumAxes(axis), keepDims: true)
      })
  }

  /// The axis to sum over; a value without axes has none.
  private func sumAxes(_ axis: Int) -> [Int] { rank == 0 ? [] : [axis] }
}
