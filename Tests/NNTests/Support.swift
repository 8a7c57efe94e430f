import NN
import Testing

/// A misuse of the library, and the message that the program stops with.
struct Mistake: Sendable {
  let sentence: String
  let commit: @Sendable () -> Void

  init(_ sentence: String, _ commit: @escaping @Sendable () -> Void) {
    self.sentence = sentence
    self.commit = commit
  }
}

/// Checks that a process wrote a message to standard error.
func expectSentence(
  _ result: ExitTest.Result?, _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  #expect(words.contains(sentence), sourceLocation: sourceLocation)
}

/// Whether all elements of two tensors of one shape differ by at most `tolerance`.
func expectClose(
  _ found: Tensor?, _ expected: Tensor, tolerance: Double = 1e-12, sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let found, found.shape == expected.shape else {
    Issue.record(
      "shape \(found.map { "\($0.shape)" } ?? "none"), not \(expected.shape)", sourceLocation: sourceLocation)
    return
  }
  let error = (found.cast(to: .float64) - expected.cast(to: .float64)).abs()
  #expect(
    error.elementCount == 0 || error.max().item() <= tolerance, "found \(found), expected \(expected)",
    sourceLocation: sourceLocation)
}

/// A float64 tensor from nested literals, for reference numbers.
func float64(_ literal: TensorLiteral) -> Tensor { Tensor(literal, dtype: .float64) }
