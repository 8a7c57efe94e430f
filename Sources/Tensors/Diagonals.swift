import Kernels

extension Tensor {
  /// The diagonal of two axes, which go away and come back as one at the end. A view.
  public func diagonal(offset: Int = 0, _ axis1: Int = 0, _ axis2: Int = 1) -> Tensor {
    let (first, second) = (shape.checkedAxis(axis1, op: "diagonal"), shape.checkedAxis(axis2, op: "diagonal"))
    require(first != second, "diagonal: axis \(axis1) and axis \(axis2) of \(shape) are the same")
    let (rows, columns) = (shape[first] + Swift.min(offset, 0), shape[second] - Swift.max(offset, 0))
    let count = Swift.max(0, Swift.min(rows, columns))
    var (sizes, steps) = (shape.sizes, strides)
    for axis in [Swift.max(first, second), Swift.min(first, second)] {
      sizes.remove(at: axis)
      steps.remove(at: axis)
    }
    sizes.append(count)
    steps.append(strides[first] + strides[second])
    let start = Swift.max(offset, 0) * strides[second] - Swift.min(offset, 0) * strides[first]
    return view(shape: Shape(checked: sizes), strides: steps, offset: count > 0 ? start : 0)
  }

  /// Zeros of a shape with this tensor on a diagonal: the adjoint of `diagonal`.
  package func onDiagonal(of shape: Shape, offset: Int, _ axis1: Int, _ axis2: Int) -> Tensor {
    let result = Tensor.zeros(shape, dtype: dtype)
    let target = result.diagonal(offset: offset, axis1, axis2)
    if elementCount > 0 { target.withWritablePointer { copyElements(to: $0, strides: target.strides) } }
    return result
  }

  /// Elements added before and after each axis, or cut off where negative.
  package func padded(_ before: AxisValues, _ after: AxisValues, _ number: Double) -> Tensor {
    let sizes = (0..<rank).map { shape[$0] + before[$0] + after[$0] }
    let result = Tensor.full(Shape(sizes), number, dtype: dtype)
    // What stays of this tensor, and its place in the result.
    var (source, target) = (self, result)
    for axis in 0..<rank {
      let (skipped, cut) = (Swift.max(0, -before[axis]), Swift.max(0, -after[axis]))
      let count = Swift.max(0, shape[axis] - skipped - cut)
      source = source.sliced(axis: axis, start: skipped, count: count, step: 1)
      target = target.sliced(axis: axis, start: Swift.max(0, before[axis]), count: count, step: 1)
    }
    if source.elementCount > 0 {
      target.withWritablePointer { source.copyElements(to: $0, strides: target.strides) }
    }
    return result
  }

  /// The places (in row-major order) of the true elements of a bool tensor.
  package func truePlaces() -> [Int] {
    let values = contiguous()
    return [Int](unsafeUninitializedCapacity: elementCount) { places, count in
      guard let start = places.baseAddress else { return }
      start.withMemoryRebound(to: Int64.self, capacity: elementCount) { start in
        values.withElements(of: UInt8.self) { count = ag_true_places(elementCount, $0, start) }
      }
    }
  }

  /// Matrices with zeros beyond a diagonal: with `isLower` above it, else below.
  package func triangle(offset: Int, isLower: Bool) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    let x = contiguous()
    let (rows, columns) = (shape[-2], shape[-1])
    withExtendedLifetime(x) {
      ag_triangle(
        dtype.kernel, shape.dropLast(2).reduce(1, *), rows, columns, offset, isLower, x.raw, result.raw)
    }
    return result
  }

  /// Elements moved along an axis, round its end to the beginning.
  package func rolled(axis: Int, by shift: Int) -> Tensor {
    let size = shape[axis]
    let start = size == 0 ? 0 : (shift % size + size) % size
    if start == 0 { return self }
    func part(_ from: Int, _ count: Int) -> Tensor { sliced(axis: axis, start: from, count: count, step: 1) }
    return .concatenate([part(size - start, start), part(0, size - start)], axis: axis)
  }
}
