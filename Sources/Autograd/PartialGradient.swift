/// A gradient that arrives in parts that are adjacent along one axis, as those of `split` and of a sequence's steps.
///
/// Each part is written to its position, and the rest is set to 0 when the whole is needed. (Starting from zeros and
/// adding would take two more passes over all of the memory.)
struct PartialGradient {
  /// The entry whose gradient it is, and which stores it.
  let entry: TapeEntry
  private let axis: Int
  /// The range along the axis that has been written.
  private var written: Range<Int>

  /// Begins with the first part of a gradient, of which nothing has arrived; `nil` if it is not a range of one axis.
  init?(of entry: TapeEntry, _ part: Tensor, at indices: [TensorIndex]) {
    guard let (axis, range) = TensorIndex.onlyRange(of: indices, entry.shape) else { return nil }
    (self.entry, self.axis, written) = (entry, axis, range)
    let whole = Variable(Tensor(uninitialized: entry.shape, dtype: part.dtype))
    whole.tensor.assign(part, at: indices)
    entry.putArrived(whole)
  }

  /// Writes a part if it is adjacent to what has been written; returns whether it is.
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

  /// Sets the rest to 0.
  func complete() {
    guard let whole = entry.takeArrived() else { return }
    whole.tensor.clear(outside: written, axis: axis)
    entry.putArrived(whole)
  }
}
