// Views of the same elements: no copy, except where reshaping cannot be a view.

extension Tensor {
  /// The same elements in row-major order with other sizes, of which one may be −1 and is inferred.
  ///
  /// A view where the strides allow it, else a copy. Stops when the number of elements would change.
  public func reshape(_ sizes: [Int]) -> Tensor { reshape(inferring(sizes)) }

  /// The same elements in row-major order with other sizes.
  public func reshape(_ shape: Shape) -> Tensor {
    if shape == self.shape { return self }
    require(
      shape.elementCount == elementCount,
      "reshape: \(self.shape) has \(elementCount) elements, \(shape) takes \(shape.elementCount)")
    if let strides = strides(reshapedTo: shape) { return view(shape: shape, strides: strides) }
    return copied().view(shape: shape, strides: shape.denseStrides)
  }

  private func inferring(_ sizes: [Int]) -> Shape {
    require(
      sizes.allSatisfy { $0 >= -1 } && sizes.count { $0 == -1 } <= 1,
      "reshape: sizes must not be negative, but for one −1 that is worked out, got \(sizes)")
    guard let unknown = sizes.firstIndex(of: -1) else { return Shape(sizes) }
    var known = sizes
    known[unknown] = 1
    let count = Shape(known).elementCount
    require(
      count > 0 && elementCount % count == 0,
      "reshape: the size at −1 in \(sizes) cannot be worked out for \(shape), which has \(elementCount) elements")
    known[unknown] = elementCount / count
    return Shape(known)
  }

  /// The strides that read these elements in `newShape` without a copy, if there are any.
  private func strides(reshapedTo newShape: Shape) -> AxisValues? {
    if isContiguous || elementCount == 0 { return newShape.denseStrides }
    // Runs of old axes that merge into one must each be split exactly into new axes.
    var result = AxisValues(repeating: 0, count: newShape.rank)
    var new = newShape.rank - 1
    var old = rank - 1
    while old >= 0 {
      var groupSize = shape.sizes[old]
      let step = strides[old]
      while old > 0, shape.sizes[old - 1] == 1 || strides[old - 1] == strides[old] * shape.sizes[old] {
        if shape.sizes[old - 1] == 1 { return nil }  // rare: let the copy handle it
        old -= 1
        groupSize *= shape.sizes[old]
      }
      var covered = 1
      while new >= 0, covered < groupSize || newShape.sizes[new] == 1 {
        result[new] = step * covered
        covered *= newShape.sizes[new]
        new -= 1
      }
      if covered != groupSize { return nil }
      old -= 1
    }
    return new < 0 ? result : nil
  }

  /// Two axes exchanged; by default the last two.
  ///
  /// A view. Stops for an axis that does not exist.
  public func transpose(_ first: Int = -2, _ second: Int = -1) -> Tensor {
    let a = shape.checkedAxis(first, op: "transpose")
    let b = shape.checkedAxis(second, op: "transpose")
    var (sizes, steps) = (shape.sizes, strides)
    sizes.swapAt(a, b)
    steps.swapAt(a, b)
    return view(shape: Shape(checked: sizes), strides: steps)
  }

  /// The axes in another order: `x.permute([2, 0, 1])` puts the last axis first.
  ///
  /// A view. Stops unless each axis is named once.
  public func permute(_ axes: [Int]) -> Tensor {
    let order = axes.map { shape.checkedAxis($0, op: "permute") }
    require(
      order.sorted() == Array(0..<rank), "permute: \(axes) must name each of the \(rank) axes of \(shape) once")
    return view(shape: Shape(order.map { shape.sizes[$0] }), strides: AxisValues(order.map { strides[$0] }))
  }

  /// Repeats axes of size 1, and new ones in front, to these sizes: NumPy's broadcasting. −1 keeps an axis as it is.
  ///
  /// A view in which a repeated element exists only once. Stops when a size other than 1 would
  /// change. PyTorch's `expand`.
  public func expand(_ sizes: [Int]) -> Tensor { expand(shape.expanding(to: sizes)) }

  /// Repeats axes of size 1, and new ones in front, to the sizes of `shape`.
  public func expand(_ shape: Shape) -> Tensor {
    if shape == self.shape { return self }
    require(
      Shape.broadcast(self.shape, shape) == shape,
      "expand: \(self.shape) does not broadcast to \(shape); aligned at the end, sizes must be equal or 1")
    return view(shape: shape, strides: strides(broadcastTo: shape))
  }

  /// A new axis of size 1 before `axis`; −1 puts it at the end.
  public func unsqueeze(_ axis: Int) -> Tensor {
    require(
      axis >= -rank - 1 && axis <= rank, "unsqueeze: axis \(axis) is out of range for a new axis of shape \(shape)")
    let position = axis < 0 ? axis + rank + 1 : axis
    var (sizes, steps) = (shape.sizes, strides)
    sizes.insert(1, at: position)
    steps.insert(0, at: position)
    return view(shape: Shape(sizes), strides: steps)
  }

  /// Without axes of size 1: those named, or all of them. A named axis of another size stays.
  public func squeeze(axes: [Int]? = nil) -> Tensor {
    let named = shape.checkedAxes(axes, op: "squeeze")
    var (sizes, steps) = (AxisValues(), AxisValues())
    for axis in 0..<rank where shape.sizes[axis] != 1 || !named.contains(axis) {
      sizes.append(shape.sizes[axis])
      steps.append(strides[axis])
    }
    return view(shape: Shape(checked: sizes), strides: steps)
  }

  /// Some axes in reverse order. A view. PyTorch's `flip`.
  public func flip(axes: [Int]) -> Tensor {
    let along = shape.checkedAxes(axes, op: "flip")
    return slice((0..<rank).map { along.contains($0) ? .stride(by: -1) : .all })
  }

  /// Elements shifted along an axis; what is shifted out at the end comes in at the beginning. PyTorch's `roll`.
  public func roll(_ shift: Int, axis: Int) -> Tensor {
    let axis = shape.checkedAxis(axis, op: "roll")
    let size = shape[axis]
    let start = size == 0 ? 0 : (shift % size + size) % size
    if start == 0 { return self }
    func part(_ from: Int, _ count: Int) -> Tensor { sliced(axis: axis, start: from, count: count, step: 1) }
    return .concatenate([part(size - start, start), part(0, size - start)], axis: axis)
  }

  /// Elements `start`, `start + step`, … of one axis, `count` of them; the caller has checked the range.
  package func sliced(axis: Int, start: Int, count: Int, step: Int) -> Tensor {
    let sizes = shape.replacing(axis: axis, with: count)
    if count == 0 || elementCount == 0 { return view(shape: sizes, strides: strides) }
    var steps = strides
    if count > 1 { steps[axis] *= step }  // with one element the step, of any size, is not used
    return view(shape: sizes, strides: steps, offset: start * strides[axis])
  }
}

extension Shape {
  /// Sizes to expand this to, in which −1 keeps an axis as it is.
  package func expanding(to sizes: [Int]) -> Shape {
    let added = sizes.count - rank
    return Shape(
      sizes.enumerated().map { axis, size in
        require(
          size >= 0 || (size == -1 && axis >= added), "expand: size \(size) of a new axis in \(sizes) for \(self)")
        return size == -1 ? self[axis - added] : size
      })
  }
}
