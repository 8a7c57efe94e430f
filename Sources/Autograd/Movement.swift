// Other shapes for the same elements. Views where possible; each rule undoes the movement.

extension Variable {
  /// The same elements in row-major order with other sizes, of which one may be −1 and is inferred. Stops when their
  /// number would change. PyTorch's `reshape`.
  public func reshape(_ sizes: [Int]) -> Variable { reshape(tensor.reshape(sizes)) }

  /// The same elements in row-major order with other sizes.
  public func reshape(_ shape: Shape) -> Variable {
    shape == self.shape ? self : reshape(tensor.reshape(shape))
  }

  private func reshape(_ value: Tensor) -> Variable {
    record(.reshape, self, value, { [shape] dy in dy.reshape(shape) })
  }

  /// Two axes exchanged, by default the last two. A view. Stops for an axis that does not exist.
  public func transpose(_ first: Int = -2, _ second: Int = -1) -> Variable {
    record(.transpose, self, tensor.transpose(first, second), { dy in dy.transpose(first, second) })
  }

  /// The axes in another order: `x.permute([2, 0, 1])` puts the last one first. A view.
  /// Stops unless each is named once.
  public func permute(_ axes: [Int]) -> Variable {
    record(
      .permute, self, tensor.permute(axes),
      { [rank] dy in
        var back = Array(0..<rank)
        for (to, from) in axes.enumerated() { back[from < 0 ? from + rank : from] = to }
        return dy.permute(back)
      })
  }

  /// Repeats axes of size 1, and new ones in front, to the sizes of `shape`. A view; dx sums over the repetitions.
  ///
  /// −1 keeps an axis as it is. Stops when a size other than 1 would change. PyTorch's `expand`.
  public func expand(_ sizes: [Int]) -> Variable { expand(shape.expanding(to: sizes)) }

  /// Repeats axes of size 1, and new ones in front, to the sizes of `shape`.
  public func expand(_ shape: Shape) -> Variable {
    if shape == self.shape { return self }
    // The walk sums the gradient back to the input's shape, as it does for every op that broadcasts.
    return record(.expand, self, tensor.expand(shape), { dy in dy })
  }

  /// Some axes in reverse order. A view. PyTorch's `flip`.
  public func flip(axes: [Int]) -> Variable {
    record(.flip, self, tensor.flip(axes: axes), { dy in dy.flip(axes: axes) })
  }

  /// Elements shifted along an axis; what is shifted out at the end comes in at the beginning. PyTorch's `roll`.
  public func roll(_ shift: Int, axis: Int) -> Variable {
    let along = shape.checkedAxis(axis, op: "roll")
    let shift = shift % Swift.max(shape[along], 1)
    return record(.roll, self, tensor.roll(shift, axis: along), { dy in dy.roll(-shift, axis: along) })
  }

  /// A new axis of size 1 before `axis`; −1 puts it at the end. A view.
  public func unsqueeze(_ axis: Int) -> Variable {
    record(.unsqueeze, self, tensor.unsqueeze(axis), { [shape] dy in dy.reshape(shape) })
  }

  /// Without axes of size 1: those named, or all. A named axis of another size stays. A view.
  public func squeeze(axes: [Int]? = nil) -> Variable {
    record(.squeeze, self, tensor.squeeze(axes: axes), { [shape] dy in dy.reshape(shape) })
  }

  /// Elements converted to another float type; the gradient is converted back. To other types only where no gradient is
  /// required; stops otherwise.
  public func cast(to type: DType) -> Variable {
    if type == dtype { return self }
    require(
      type.isFloatingPoint || !requiresGrad, "cast: no gradient passes through \(type); use value.cast(to: .\(type))")
    return record(.cast, self, tensor.cast(to: type), { [dtype] dy in dy.cast(to: dtype) })
  }
}
