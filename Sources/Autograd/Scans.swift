// Running sums and products. The derivative of each of them is a linear recurrence, and so is that of the recurrence.

extension Variable {
  /// Running sums along an axis: yₖ = x₀ + … + xₖ. dx = running sums of dy from the end. PyTorch's `cumsum`.
  public func cumsum(axis: Int) -> Variable { cumsum(axis, reversed: false) }

  private func cumsum(_ axis: Int, reversed: Bool) -> Variable {
    requireFloat(.cumsum)
    return record(
      .cumsum, self, tensor.cumsum(axis: axis, reversed: reversed),
      { dy in dy.cumsum(axis, reversed: !reversed) })
  }

  /// Differences of neighbours along an axis, taken `order` times: yₖ = xₖ₊₁ − xₖ. Each time the axis gets
  /// shorter by one. PyTorch's `diff`.
  public func diff(order: Int = 1, axis: Int = -1) -> Variable {
    requireFloat(named: "diff")
    require(order >= 0, "diff: the order must not be negative, got \(order)")
    let along = shape.checkedAxis(axis, op: "diff")
    return (0..<Swift.min(order, shape[along])).reduce(self) { x, _ in
      x.slice(axis: along, from: 1) - x.slice(axis: along, to: -1)
    }
  }

  /// Running products along an axis: yₖ = x₀ · … · xₖ. PyTorch's `cumprod`.
  ///
  /// dxₖ = (x₀ · … · xₖ₋₁) · Sₖ with Sₖ = dyₖ + xₖ₊₁ · Sₖ₊₁: no division, so zeros have their true gradient.
  public func cumprod(axis: Int) -> Variable {
    requireFloat(.cumprod)
    if rank == 0 { return unsqueeze(0).cumprod(axis: axis).squeeze() }
    let along = shape.checkedAxis(axis, op: "cumprod")
    return record(
      .cumprod, self, tensor.cumprod(axis: along),
      { [x = snapshot] dy in
        x.exclusiveProduct(along) * dy.recurrence(times: x.shifted(along, by: -1, filling: 0), along, reversed: true)
      })
  }

  /// Running maximum along an axis: the largest of x₀ … xₖ, which gets the gradient, and its position (int64).
  ///
  /// Of equal elements it is the last. After a NaN all are NaN. PyTorch's `cummax`.
  public func cummax(axis: Int) -> Picked { picked(by: tensor.cummax(axis: axis), axis) }

  /// Running minimum along an axis: the smallest of x₀ … xₖ, which gets the gradient, and its position (int64).
  ///
  /// Of equal elements it is the last. After a NaN all are NaN. PyTorch's `cummin`.
  public func cummin(axis: Int) -> Picked { picked(by: tensor.cummin(axis: axis), axis) }

  /// Logarithms of running sums of exponentials along an axis: yₖ = log(exp x₀ + … + exp xₖ), without
  /// overflow. PyTorch's `logcumsumexp`.
  ///
  /// dxₖ = exp(xₖ − yₖ) · Sₖ with Sₖ = dyₖ + exp(yₖ − yₖ₊₁) · Sₖ₊₁, in which nothing overflows.
  public func logCumSumExp(axis: Int) -> Variable {
    requireFloat(.logCumSumExp)
    if rank == 0 { return unsqueeze(0).logCumSumExp(axis: axis).squeeze() }
    let along = shape.checkedAxis(axis, op: "logCumSumExp")
    return recordUnary(.logCumSumExp, tensor.logCumSumExp(axis: along), keeping: .output) { [x = snapshot] y, dy in
      // Bounded, since exp(∞ − ∞) would be NaN. Nothing comes after the last, so its factor is exp(−∞) = 0.
      let largest = y.dtype == .float32 ? Double(Float.greatestFiniteMagnitude) : .greatestFiniteMagnitude
      let finite = y.clamp(min: -largest, max: largest)
      let decay = (finite - finite.shifted(along, by: -1, filling: .infinity)).exp()
      return (x - finite).exp() * dy.recurrence(times: decay, along, reversed: true)
    }
  }

  /// Products over some axes, by default all; 1 over no elements. PyTorch's `prod`.
  ///
  /// dxₖ = dy · the product of all others: y / xₖ, or, where some y is 0, tiny or infinite, the products from both
  /// sides, so that zeros have their true gradient.
  public func prod(axes: [Int]? = nil, keepDims: Bool = false) -> Variable {
    requireFloat(.prod)
    let along = shape.checkedAxes(axes, op: "prod")
    // One axis after another; all axes together are flattened to one.
    if axes == nil, rank > 1 {
      let product = reshape([elementCount] as Shape).prod(axis: 0)
      return product.reshape(shape.reducing(along, keepDims: keepDims))
    }
    var product = self
    for axis in 0..<rank where along.contains(axis) { product = product.prod(axis: axis) }
    return product.reshape(shape.reducing(along, keepDims: keepDims))
  }

  /// The product over an axis, which stays with size 1.
  private func prod(axis: Int) -> Variable {
    let value = tensor.reduced(.prod, axes: [axis], keepDims: true)
    return recordUnary(.prod, value, keeping: .output) { [x = snapshot] y, dy in
      // Without zeros, and with nothing lost by underflow, the product of the others is y / x.
      if y.tensor.areNormal { return dy * y / x }
      return dy * (x.exclusiveProduct(axis) * x.flip(axes: [axis]).exclusiveProduct(axis).flip(axes: [axis]))
    }
  }

  /// The product of all elements before each: 1, x₀, x₀ · x₁, …
  private func exclusiveProduct(_ axis: Int) -> Variable { shifted(axis, by: 1, filling: 1).cumprod(axis: axis) }

  /// s with sₖ = xₖ + aₖ · sₖ₋₁ along an axis (sₖ₊₁ with `reversed`), s being 0 outside.
  ///
  /// With t the same recurrence of dy run backwards, its factors shifted: dx = t, daₖ = tₖ · sₖ₋₁.
  private func recurrence(times a: Variable, _ axis: Int, reversed: Bool) -> Variable {
    let back = reversed ? 1 : -1
    return record(
      .recurrence, self, a, tensor.recurrence(times: a.tensor, axis: axis, reversed: reversed),
      { [a = a.snapshot] dy in
        dy.recurrence(times: a.shifted(axis, by: back, filling: 0), axis, reversed: !reversed)
      },
      { [x = snapshot, a = a.snapshot] dy in
        let t = dy.recurrence(times: a.shifted(axis, by: back, filling: 0), axis, reversed: !reversed)
        return t * x.recurrence(times: a, axis, reversed: reversed).shifted(axis, by: -back, filling: 0)
      })
  }

  /// Elements moved by one along an axis, with a number where none comes from.
  private func shifted(_ axis: Int, by step: Int, filling number: Double) -> Variable {
    let count = shape[axis]
    if count == 0 { return self }
    let edge = Variable(Tensor.full(shape.replacing(axis: axis, with: 1), number, dtype: dtype))
    let all = Array(repeating: TensorIndex.all, count: axis)
    return step > 0
      ? .concatenate([edge, slice(all + [(..<(count - 1)).tensorIndex])], axis: axis)
      : .concatenate([slice(all + [(1...).tensorIndex]), edge], axis: axis)
  }
}
