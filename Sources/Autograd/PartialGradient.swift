/// A gradient that arrives in parts which are neighbours along one axis, as those of `split` and of a sequence's steps do.
///
/// Each part is written to its place, and what none has reached is set to 0 when the whole is wanted. (Zeros first and sums
/// after would go over all of the memory twice more.)
struct PartialGradient {
  /// Whose gradient it is, which lies there.
  let entry: TapeEntry
  private let axis: Int
  /// The places along the axis that have been written.
  private var written: Range<Int>

  /// Begins with the first part of a gradient, of which nothing has arrived; nil where that is not of one axis alone.
  init?(of entry: TapeEntry, _ part: Tensor, at indices: [TensorIndex]) {
    guard let (axis, range) = TensorIndex.onlyRange(of: indices, entry.shape) else { return nil }
    (self.entry, self.axis, written) = (entry, axis, range)
    let whole = Variable(Tensor(uninitialized: entry.shape, dtype: part.dtype))
    whole.tensor.assign(part, at: indices)
    entry.putArrived(whole)
  }

  /// Writes a part that is a neighbour of what has been written; says whether it is one.
  mutating func write(_ part: Tensor, at indices: [TensorIndex]) -> Bool {
    guard let (axis, range) = TensorIndex.onlyRange(of: indices, entry.shape), axis == self.axis,
      range.upperBound == written.lowerBound || range.lowerBound == written.upperBound,
      let whole = entry.takeArrived()
    else { return false }
    whole.tensor.assign(part, at: indices)
    entry.putArrived(whole)
    written = min(written.lowerBound, range.lowerBound)..<max(written.upperBound, range.upperBound)
    return true
  }

  /// Sets what no part has reached to 0.
  func complete() {
    guard let whole = entry.takeArrived() else { return }
    whole.tensor.clear(outside: written, axis: axis)
    entry.putArrived(whole)
  }
}
