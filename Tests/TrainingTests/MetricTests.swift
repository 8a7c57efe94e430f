import NN
import Testing

import Training

/// A metric's value over batches.
private func value(_ metric: Metric, _ batches: [(outputs: Tensor, targets: Tensor)]) -> Double {
  var metric = metric
  for batch in batches { metric.add(batch.outputs, batch.targets) }
  return metric.value
}

private func labels(_ values: Int...) -> Tensor { Tensor(values, shape: [values.count]) }

/// Scores that predict 0, 2, 1 in the first batch and 2, 2 in the second, whose classes are 0, 1, 1 and 2, 0.
private let scored: [(outputs: Tensor, targets: Tensor)] = [
  ([[3, 1, 2], [0, 1, 2], [-1, 5, 4]], labels(0, 1, 1)), ([[0, 0, 1], [2, 1, 3]], labels(2, 0)),
]

@Suite struct MetricTests {
  @Test func sharesOfClasses() {
    #expect(value(.accuracy, scored) == 3.0 / 5)
    #expect(value(.topK(1), scored) == 3.0 / 5)
    #expect(value(.topK(2), scored) == 1)
    #expect(value(.accuracy, []).isNaN)
  }

  /// A NaN score ranks above all others, but is never a correct prediction.
  @Test func nanIsAmongTheFirst() {
    let scores = Tensor([1, Float.nan, 0], shape: [1, 3])
    #expect(value(.topK(1), [(Tensor.full([2, 3], .nan), labels(0, 1))]) == 0)
    #expect(value(.topK(1), [(scores, labels(0)), (scores, labels(1))]) == 0)
    #expect(value(.topK(2), [(scores, labels(0))]) == 1)
  }

  @Test func positionsAndProbabilitiesAreClassesToo() {
    // Two positions per sample: scores [N, C, positions].
    let outputs = Tensor([[[1, 0], [0, 1]], [[0, 2], [3, 1]]])
    #expect(value(.accuracy, [(outputs, Tensor([[0, 1], [1, 1]], dtype: .int64))]) == 3.0 / 4)
    #expect(value(.accuracy, [([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]])]) == 1.0 / 2)
  }

  /// scikit-learn 1.7: precision_score([0, 1, 1, 2, 0], [0, 2, 1, 2, 2], average="macro") and the related scores.
  @Test func scoresOfClasses() {
    #expect(abs(value(.precision, scored) - (1 + 1 + 1.0 / 3) / 3) < 1e-15)
    #expect(abs(value(.recall, scored) - (0.5 + 0.5 + 1) / 3) < 1e-15)
    #expect(abs(value(.f1, scored) - (2.0 / 3 + 2.0 / 3 + 0.5) / 3) < 1e-15)
    // A class that is neither predicted nor present scores 0.
    #expect(value(.f1, [([[1, 0, 0]], labels(0))]) == 1.0 / 3)
  }

  @Test func binaryAnswersLieOnASide() {
    #expect(value(.binaryAccuracy(), [([1, -1, 2], [1, 1, 1]), ([-3], [0])]) == 3.0 / 4)
    #expect(value(.binaryAccuracy(threshold: 0.5), [([0.6, 0.4], [0, 0])]) == 1.0 / 2)
  }

  @Test func perplexityIsOverAllBatches() {
    #expect(abs(value(.perplexity, [(Tensor.zeros([4, 7]), labels(0, 1, 2, 6))]) - 7) < 1e-5)
    // e^((log 2 + log 2 + 0) / 3): the second batch is predicted with certainty.
    let sure: [(outputs: Tensor, targets: Tensor)] = [
      (Tensor.zeros([2, 2]), labels(0, 1)), ([[1_000, 0]], labels(0)),
    ]
    #expect(abs(value(.perplexity, sure) - 1.5874010519681994) < 1e-6)
  }

  @Test func errorsOfNumbers() {
    let batches: [(outputs: Tensor, targets: Tensor)] = [([1, 2], [1, 4]), ([0], [3])]
    #expect(abs(value(.meanSquaredError, batches) - 13.0 / 3) < 1e-15)
    #expect(abs(value(.meanAbsoluteError, batches) - 5.0 / 3) < 1e-15)
    // Σ (target − 8/3)² = 14/3.
    #expect(abs(value(.r2, batches) - (1 - 13 / (14.0 / 3))) < 1e-14)
    #expect(value(.r2, [([1, 2], [5, 5])]).isNaN)
  }
}
