import NN
import Optim
import Testing

/// Names variables 0, 1, ….
func named(_ variables: Variable...) -> [Named<Variable>] {
  variables.enumerated().map { Named(name: "\($0)", element: $1) }
}

/// Random numbers, the same on every run.
func noise(_ shape: Shape, seed: UInt64, dtype: DType = .float64) -> Tensor {
  .randomNormal(shape, dtype: dtype, generator: RandomGenerator(seed: seed))
}

/// The largest difference of two tensors of one shape, relative to the second one's element where that exceeds 1.
func largestError(_ found: Tensor, _ expected: Tensor) -> Double {
  let (found, expected) = (found.cast(to: .float64), expected.cast(to: .float64))
  if found.elementCount == 0 { return 0 }
  return ((found - expected) / expected.abs().clamp(min: 1)).abs().max().item()
}

/// A rule with some of its options.
struct Rule: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let make: @Sendable ([Named<Variable>]) -> Optimizer

  init(_ name: String, _ make: @escaping @Sendable ([Named<Variable>]) -> Optimizer) {
    (testDescription, self.make) = (name, make)
  }

  /// Every rule that has a fused step, with every option that changes its loop.
  static let all: [Rule] = [
    Rule("SGD") { SGD($0, learningRate: 0.1) },
    Rule("SGD, decay") { SGD($0, learningRate: 0.1, weightDecay: 0.1, maximize: true) },
    Rule("SGD, dampening") { SGD($0, learningRate: 0.1, momentum: 0.8, dampening: 0.3, weightDecay: 0.1) },
    Rule("Momentum") { Momentum($0, learningRate: 0.1) },
    Rule("Nesterov") { Nesterov($0, learningRate: 0.1, weightDecay: 0.1, maximize: true) },
    Rule("Adam") { Adam($0, learningRate: 0.1, weightDecay: 0.1) },
    Rule("Adam, amsgrad") { Adam($0, learningRate: 0.1, beta2: 0.5, amsgrad: true, maximize: true) },
    Rule("AdamW") { AdamW($0, learningRate: 0.1, weightDecay: 0.5) },
    Rule("AdamW, amsgrad") { AdamW($0, learningRate: 0.1, beta2: 0.5, amsgrad: true, maximize: true) },
    Rule("NAdam") { NAdam($0, learningRate: 0.1, weightDecay: 0.1) },
    Rule("NAdam, decoupled") { NAdam($0, learningRate: 0.1, weightDecay: 0.1, decouplesWeightDecay: true) },
    Rule("RAdam") { RAdam($0, learningRate: 0.1, weightDecay: 0.1) },
    Rule("RAdam, decoupled") {
      RAdam($0, learningRate: 0.1, beta2: 0.9, weightDecay: 0.1, decouplesWeightDecay: true, maximize: true)
    },
    Rule("Adamax") { Adamax($0, learningRate: 0.1, weightDecay: 0.1, maximize: true) },
    Rule("Adagrad") { Adagrad($0, learningRate: 0.1, learningRateDecay: 0.1, weightDecay: 0.1, maximize: true) },
    Rule("Adagrad, sum") { Adagrad($0, learningRate: 0.1, initialSum: 0.3) },
    Rule("Adadelta") { Adadelta($0, weightDecay: 0.1, maximize: true) },
    Rule("RMSprop") { RMSprop($0, learningRate: 0.1, weightDecay: 0.1, maximize: true) },
    Rule("RMSprop, centered") { RMSprop($0, learningRate: 0.01, alpha: 0.9, centered: true) },
    Rule("RMSprop, momentum") { RMSprop($0, learningRate: 0.01, momentum: 0.8) },
    Rule("RMSprop, both") { RMSprop($0, learningRate: 0.01, momentum: 0.8, centered: true) },
    Rule("Rprop") { Rprop($0, learningRate: 0.1, sizes: 0.01...0.2, maximize: true) },
    Rule("ASGD") { ASGD($0, learningRate: 0.1, lambda: 0.01, start: 2, weightDecay: 0.1, maximize: true) },
    Rule("Lion") { Lion($0, learningRate: 0.1, weightDecay: 0.1, maximize: true) },
    Rule("Adafactor") { Adafactor($0, learningRate: 0.1, weightDecay: 0.1, maximize: true) },
    Rule("Adafactor, least") { Adafactor($0, learningRate: 0.1, epsilon1: 0.5, epsilon2: 0.1, clip: 1.2) },
  ]
}

extension Rule {
  /// Every rule with its default options.
  static let defaults: [Rule] = [
    Rule("SGD") { SGD($0) }, Rule("Momentum") { Momentum($0) }, Rule("Nesterov") { Nesterov($0) },
    Rule("Adam") { Adam($0) }, Rule("AdamW") { AdamW($0) }, Rule("NAdam") { NAdam($0) }, Rule("RAdam") { RAdam($0) },
    Rule("Adamax") { Adamax($0) }, Rule("Adagrad") { Adagrad($0) }, Rule("Adadelta") { Adadelta($0) },
    Rule("RMSprop") { RMSprop($0) }, Rule("Rprop") { Rprop($0) }, Rule("ASGD") { ASGD($0) }, Rule("Lion") { Lion($0) },
    Rule("Adafactor") { Adafactor($0) }, Rule("LBFGS") { LBFGS($0) },
  ]
}

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
