import Datasets
import Foundation
import NN
import Optim
import Training

/// The update rules to choose from.
enum Rule: String, CaseIterable, OptionValue {
  case sgd, momentum, adam

  /// A learning rate that suits the rule.
  var usualLearningRate: Double {
    switch self {
    case .sgd: 0.5
    case .momentum: 0.1
    case .adam: 1e-3
    }
  }
}

/// The command-line options; nil where the data decide.
struct Settings: CommonSettings {
  var epochs: Int?
  var batchSize: Int?
  var optimizer: Rule?
  var learningRate: Double?
  var hidden: [Int]?
  var seed: UInt64 = 1
  var data: String?
  var svg = "loss.svg"
  var threads: Int?
}

/// All settings of a training run, with the defaults filled in.
struct Plan {
  let sizes: [Int]
  let rule: Rule
  let learningRate: Double
  let batchSize: Int
  let epochs: Int
  let seed: UInt64

  init(_ settings: Settings, pixels: Int, classes: Int) {
    let isSmall = settings.data == nil
    sizes = [pixels] + (settings.hidden ?? (isSmall ? [100] : [500, 300, 100])) + [classes]
    rule = settings.optimizer ?? (isSmall ? .sgd : .adam)
    learningRate = settings.learningRate ?? rule.usualLearningRate
    batchSize = settings.batchSize ?? (isSmall ? 20 : 128)
    epochs = settings.epochs ?? (isSmall ? 100 : 5)
    seed = settings.seed
  }

  /// The layers' sizes as text: `64-100-10`.
  var sizeText: String { sizes.map(String.init).joined(separator: "-") }

  /// Linear layers with ReLU between them.
  func makeNetwork() -> Sequential {
    let net = Sequential([])
    for (inputs, outputs) in zip(sizes, sizes.dropFirst()) {
      if net.count > 0 { net.append(ReLU()) }
      net.append(Linear(inputs, outputs))
    }
    return net
  }

  func makeOptimizer(for net: Module) -> Optimizer {
    switch rule {
    case .sgd: SGD(net.parameters, learningRate: learningRate)
    case .momentum: Momentum(net.parameters, learningRate: learningRate)
    case .adam: Adam(net.parameters, learningRate: learningRate)
    }
  }
}
