extension Tensor {
  /// Elements added before and after each axis, or cut off where negative.
  package func padded(_ before: AxisValues, _ after: AxisValues, _ number: Double) -> Tensor {
    let sizes = (0..<rank).map { shape[$0].plus(before[$0]).plus(after[$0]) }
    let isLarger = before.contains { $0 > 0 } || after.contains { $0 > 0 }
    let result =
      isLarger ? Tensor.full(Shape(sizes), number, dtype: dtype) : Tensor(uninitialized: Shape(sizes), dtype: dtype)
    // What remains of this tensor, and its part of the result.
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
}
