import NN
import Testing

/// First and second derivatives of every loss against differences, away from its kinks.
@Suite struct LossGradientTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let loss: @Sendable ([Variable]) -> Variable
    init(_ name: String, _ loss: @escaping @Sendable ([Variable]) -> Variable) {
      (testDescription, self.loss) = (name, loss)
    }
  }

  @Test(arguments: rows) func derivatives(_ row: Row) {
    let generator = RandomGenerator(seed: 11)
    let operands = (0..<3).map { _ in
      Tensor.randomUniform([4, 3], low: 0.1, high: 0.9, dtype: .float64, generator: generator)
    }
    let first = checkGradients(at: operands) { row.loss($0) }
    #expect(first.relativeError < 1e-7, "\(first)")
    let second = checkSecondOrder(at: operands) { row.loss($0) }
    #expect(second.relativeError < 1e-6, "\(second)")
  }

  private static let labels = Tensor([2, 0, 1, 2], dtype: .int64)
  private static let signs = Tensor([1, -1, 1, -1])
  private static let weight = float64([0.5, 2, 1])
  private static let signTable = Tensor([[1, -1, 1], [-1, 1, 1], [-1, -1, -1], [1, 1, -1]])

  static let rows: [Row] = [
    Row("mse") { mse($0[0], $0[1]) },
    Row("l1Loss") { l1Loss($0[0], $0[1]) },
    Row("smoothL1Loss") { smoothL1Loss($0[0], $0[1], beta: 0.3) },
    Row("huberLoss") { huberLoss($0[0], $0[1], delta: 0.3) },
    Row("gaussianNLLLoss") { gaussianNLLLoss($0[0], $0[1], variance: $0[2], isFull: true) },
    Row("poissonNLLLoss") { poissonNLLLoss($0[0], $0[1] * 2, isFull: true) },
    Row("poissonNLLLoss of rates") { poissonNLLLoss($0[0], $0[1], isLogarithm: false) },
    Row("crossEntropy") { crossEntropy($0[0], labels, weight: weight, ignoreIndex: 1, labelSmoothing: 0.1) },
    Row("crossEntropy of probabilities") {
      crossEntropy($0[0], probabilities: $0[1], weight: weight, labelSmoothing: 0.1)
    },
    Row("crossEntropy(ofProbabilities:)") { crossEntropy(ofProbabilities: $0[0], labels) },
    Row("nllLoss") { nllLoss($0[0], labels, weight: weight, ignoreIndex: 0) },
    Row("multiMarginLoss") { multiMarginLoss($0[0], labels, p: 2, margin: 1.5, weight: weight) },
    Row("binaryCrossEntropy") { binaryCrossEntropy($0[0], $0[1], weight: weight) },
    Row("binaryCrossEntropyWithLogits") {
      binaryCrossEntropyWithLogits($0[0], $0[1], weight: weight, positiveWeight: weight)
    },
    Row("multilabelSoftMarginLoss") { multilabelSoftMarginLoss($0[0], $0[1], weight: weight) },
    Row("klDivergence") { klDivergence($0[0], $0[1], reduction: .batchMean) },
    Row("klDivergence of logarithms") { klDivergence($0[0], $0[1], logTarget: true) },
    Row("hingeEmbeddingLoss") { hingeEmbeddingLoss($0[0], signTable) },
    Row("marginRankingLoss") { marginRankingLoss($0[0], $0[1], signTable, margin: 0.47) },
    Row("softMarginLoss") { softMarginLoss($0[0], signTable) },
    Row("tripletMarginLoss") { tripletMarginLoss(anchor: $0[0], positive: $0[1], negative: $0[2], swap: true) },
    Row("cosineEmbeddingLoss") { cosineEmbeddingLoss($0[0], $0[1], signs, margin: -0.5) },
    Row("ctcLoss") {
      ctcLoss(
        ($0[0] * 3).logSoftmax(axis: 1), targets: Tensor([1, 2], dtype: .int64), inputLengths: [4], targetLengths: [2])
    },
  ]
}
