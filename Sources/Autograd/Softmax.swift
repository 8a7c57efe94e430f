extension Variable {
  /// exp(x − max) / Σ exp(x − max) along an axis. dx = y · (dy − Σ dy·y). Keeps the output.
  public func softmax(axis: Int = -1) -> Variable {
    recordUnary(.softmax, tensor.softmax(axis: axis), keeping: .output) { y, dy in
      dy.softmaxBackward(y, axis: axis)
    }
  }

  /// x − log Σ exp(x) along an axis, without overflow. dx = dy − exp(y) · Σ dy. Keeps the output.
  public func logSoftmax(axis: Int = -1) -> Variable {
    recordUnary(.logSoftmax, tensor.logSoftmax(axis: axis), keeping: .output) { y, dy in
      dy.logSoftmaxBackward(y, axis: axis)
    }
  }

  /// A differentiable sample of the classes by their scores x along an axis: softmax((x + noise) / temperature), the
  /// noise being −log(−log u) of uniform u from `generator`.
  ///
  /// The lower the temperature, the closer to one-hot; with `hard` the value is one-hot while the gradient remains the
  /// softmax's. Stops unless the temperature is above 0. Jang et al. 2017; PyTorch's `gumbel_softmax`.
  public func gumbelSoftmax(
    temperature: Double = 1, hard: Bool = false, axis: Int = -1, generator: RandomGenerator = .default
  ) -> Variable {
    requireFloat(named: "gumbelSoftmax")
    require(temperature > 0, "gumbelSoftmax: the temperature must be above 0, got \(temperature)")
    let along = shape.checkedAxis(axis, op: "gumbelSoftmax")
    let uniform = Tensor.randomUniform(shape, dtype: dtype, generator: generator)
    let noise = -(-uniform.log()).log()
    let soft = ((self + Variable(noise)) / temperature).softmax(axis: along)
    if !hard { return soft }
    let classes = Tensor.arange(shape[along], dtype: .int64)
    let positions = classes.reshape(Shape([shape[along]] + Array(repeating: 1, count: rank - 1 - along)))
    return soft.replacingValue((positions .== soft.argmax(axis: along, keepDims: true)).cast(to: dtype))
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
