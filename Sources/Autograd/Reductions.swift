// Reductions. `axes: nil` means all axes; with `keepDims` reduced axes stay with size 1.

extension Variable {
  /// Sum over some axes. dx = dy, repeated.
  public func sum(axes: [Int]? = nil, keepDims: Bool = false) -> Variable {
    requireFloat(.sum)
    return sum(axes: axes, value: tensor.sum(axes: axes, keepDims: keepDims))
  }

  /// The sum over some axes, whose value is known already.
  func sum(axes: [Int]?, value: Tensor) -> Variable {
    let kept = shape.reducing(shape.checkedAxes(axes, op: "sum"), keepDims: true)
    return record(.sum, self, value, { [shape] dy in dy.spread(kept, over: shape) })
  }

  /// Arithmetic mean over some axes. dx = dy / n, repeated.
  public func mean(axes: [Int]? = nil, keepDims: Bool = false) -> Variable {
    requireFloat(.mean)
    let kept = shape.reducing(shape.checkedAxes(axes, op: "mean"), keepDims: true)
    let count = Double(elementCount / Swift.max(kept.elementCount, 1))
    return record(
      .mean, self, tensor.mean(axes: axes, keepDims: keepDims),
      { [shape] (dy: consuming Variable) in (dy / count).spread(kept, over: shape) })
  }

  /// Arithmetic mean over some axes, by default all, of the elements that are not NaN; NaN if there are none. dx = 0
  /// for NaN, else dy / their number. PyTorch's `nanmean`.
  public func nanMean(axes: [Int]? = nil, keepDims: Bool = false) -> Variable {
    requireFloat(named: "nanMean")
    _ = shape.checkedAxes(axes, op: "nanMean")
    return nanSum(axes: axes, keepDims: keepDims) / Variable(tensor.numberCount(axes: axes, keepDims: keepDims))
  }

  /// A reduction's gradient, repeated over the axes that were reduced; `kept` has size 1 there.
  private func spread(_ kept: Shape, over shape: Shape) -> Variable {
    rank == 0 ? expand(shape) : reshape(kept).expand(shape)
  }

  /// Largest element over some axes. The gradient is shared evenly by all that are largest (PyTorch's `amax`).
  public func max(axes: [Int]? = nil, keepDims: Bool = false) -> Variable {
    extreme(.max, tensor.max(axes: axes, keepDims: true), axes, keepDims)
  }

  /// Smallest element over some axes. The gradient is shared evenly by all that are smallest (PyTorch's `amin`).
  public func min(axes: [Int]? = nil, keepDims: Bool = false) -> Variable {
    extreme(.min, tensor.min(axes: axes, keepDims: true), axes, keepDims)
  }

  private func extreme(_ op: Op, _ kept: Tensor, _ axes: [Int]?, _ keepDims: Bool) -> Variable {
    requireFloat(op)
    let shape = shape.reducing(shape.checkedAxes(axes, op: op.rawValue), keepDims: keepDims)
    return record(
      op, self, kept.reshape(shape),
      { [x = tensor] dy in
        let isChosen = (x .== kept).cast(to: x.dtype)
        return dy.reshape(kept.shape) * Variable(isChosen / isChosen.sum(axes: axes, keepDims: true))
      })
  }

  /// log Σ exp(x) over some axes, without overflow. dx = dy · softmax; an element −∞ gets 0.
  public func logSumExp(axes: [Int]? = nil, keepDims: Bool = false) -> Variable {
    requireFloat(.logSumExp)
    let kept = shape.reducing(shape.checkedAxes(axes, op: "logSumExp"), keepDims: true)
    let value = tensor.logSumExp(axes: axes, keepDims: keepDims)
    return recordUnary(.logSumExp, value, keeping: .output) { [x = snapshot] y, dy in
      // Where y is −∞, so is all of x. exp(x − 0) is 0 there, while exp(x − y) would be NaN.
      let finite = y.replacing(where: y.tensor .== -.infinity, with: 0)
      return dy.reshape(kept) * (x - finite.reshape(kept)).exp()
    }
  }

  /// Position of the first largest element along an axis, int64; in the flattened value without one. No gradient.
  public func argmax(axis: Int? = nil, keepDims: Bool = false) -> Tensor {
    tensor.argmax(axis: axis, keepDims: keepDims)
  }

  /// Position of the first smallest element along an axis, int64; in the flattened value without one. No gradient.
  public func argmin(axis: Int? = nil, keepDims: Bool = false) -> Tensor {
    tensor.argmin(axis: axis, keepDims: keepDims)
  }

  /// Undoes broadcasting: sums what was repeated, to the shape before. dx = dy, repeated.
  func sum(to shape: Shape) -> Variable {
    record(.sumToShape, self, tensor.summed(to: shape), { [from = self.shape] dy in dy.expand(from) })
  }
}
