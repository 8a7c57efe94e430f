// Sequences of different lengths in one batch, for recurrent layers and attention.

/// Sequences of different lengths, each [steps, rest...], as one variable: [T, N, rest...], or [N, T, rest...] with
/// `batchFirst`, where T is the most steps that one has. After a sequence's end comes `paddingValue`.
///
/// ```swift
/// let x = padSequence([a, b])                                    // a is [5, 3], b is [2, 3]: [5, 2, 3]
/// let (y, last) = lstm(x, mask: sequenceMask(lengths: [5, 2]))   // as PyTorch's packed sequences
/// let parts = unpadSequence(y, lengths: [5, 2])                  // [5, hidden] and [2, hidden]
/// ```
///
/// Each sequence gets its part of the gradient. Stops for an empty list, and for types or shapes after the first axis
/// that differ. PyTorch's `pad_sequence`.
public func padSequence(_ sequences: [Variable], batchFirst: Bool = false, paddingValue: Double = 0) -> Variable {
  guard let first = sequences.first else { stop("padSequence: wants at least one sequence") }
  for (number, sequence) in sequences.enumerated() {
    if sequence.dtype != first.dtype { stopForTypes("padSequence", first.value, sequence.value) }
    require(
      sequence.rank > 0 && first.rank > 0 && sequence.shape.dropFirst().elementsEqual(first.shape.dropFirst()),
      "padSequence: sequence \(number) has shape \(sequence.shape), which does not go with \(first.shape): "
        + "only the first axis, the steps, may differ")
  }
  let steps = sequences.map { $0.shape[0] }.max() ?? 0
  let padded = sequences.map { x in
    x.pad(Array(repeating: 0, count: 2 * x.rank - 1) + [steps - x.shape[0]], mode: .constant(paddingValue))
  }
  return .stack(padded, axis: batchFirst ? 0 : 1)
}

/// The same for tensors, of any type: sentences of token numbers, for instance.
public func padSequence(_ sequences: [Tensor], batchFirst: Bool = false, paddingValue: Double = 0) -> Tensor {
  padSequence(sequences.map { Variable($0) }, batchFirst: batchFirst, paddingValue: paddingValue).value
}

/// The sequences that a batch [T, N, rest...], or [N, T, rest...] with `batchFirst`, was made of: the
/// first `lengths[n]` steps of each.
///
/// Stops unless there is a length from 0 to T for each sequence. PyTorch's `unpad_sequence`.
public func unpadSequence(_ batch: Variable, lengths: [Int], batchFirst: Bool = false) -> [Variable] {
  require(
    batch.rank >= 2, "unpadSequence: wants \(batchFirst ? "[N, T, ...]" : "[T, N, ...]"), got \(batch.shape)")
  let rows = batchFirst ? batch : batch.transpose(0, 1)
  require(
    lengths.count == rows.shape[0] && lengths.allSatisfy { (0...rows.shape[1]).contains($0) },
    "unpadSequence: wants a length from 0 to \(rows.shape[1]) for each of \(rows.shape[0]) sequences, got \(lengths)")
  return lengths.enumerated().map { row, length in rows[row, ..<length] }
}

/// Which steps belong to sequences of given lengths: bool [N, T], true in the first `lengths[n]` positions of row n.
///
/// T defaults to the largest length. For the `mask` of recurrent layers; its inverse, `!sequenceMask(lengths: ...)`, is
/// a `keyPaddingMask` of attention. Stops for a length outside 0...T.
public func sequenceMask(lengths: [Int], steps: Int? = nil) -> Tensor {
  let steps = steps ?? lengths.max() ?? 0
  require(
    lengths.allSatisfy { $0 >= 0 && $0 <= steps }, "sequenceMask: lengths lie between 0 and \(steps), got \(lengths)")
  let ends = Tensor(lengths.map(Int64.init), shape: [lengths.count, 1])
  return Tensor.arange(steps, dtype: .int64) .< ends
}
