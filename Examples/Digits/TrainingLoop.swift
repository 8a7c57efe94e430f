import Datasets
import NN
import Optim
import Training

/// The losses of each epoch.
struct History {
  var training: [Double] = []
  var test: [Double] = []
}

/// Trains a network and prints its progress.
func train(_ net: Sequential, on training: LabeledImages, testing test: LabeledImages, plan: Plan) -> History {
  let optimizer = plan.makeOptimizer(for: net)
  let sampler = BatchSampler(count: training.count, batchSize: plan.batchSize, seed: plan.seed)
  var history = History()
  var bar = ProgressBar("training", total: plan.epochs * sampler.batchCount)

  for epoch in 1...plan.epochs {
    var lossSum = 0.0
    for indices in sampler.batches(epoch: epoch) {
      let batch = training[indices]
      let loss = crossEntropy(net(batch.vectors), batch.targets)
      optimizer.zeroGrad()
      loss.backward()
      optimizer.step()
      lossSum += loss.item() * Double(batch.count)
      bar.advance()
    }
    let result = evaluate(net, on: test)
    history.training.append(lossSum / Double(training.count))
    history.test.append(result.loss)
    // About ten lines, including the last epoch's, however many epochs there are.
    if epoch == plan.epochs || epoch % max(1, plan.epochs / 10) == 0 {
      let number = String(repeating: " ", count: String(plan.epochs).count - String(epoch).count) + String(epoch)
      let accuracy = result.accuracy(test.labels)
      bar.print(
        """
        epoch \(number): training loss \(history.training[epoch - 1].text(decimals: 4)), \
        test loss \(result.loss.text(decimals: 4)), test accuracy \((100 * accuracy).text(decimals: 2)) %
        """)
    }
  }
  bar.finish()
  return history
}

/// A network's loss and predictions on a set.
struct Evaluation {
  var loss: Double
  var predictions: [Int]

  /// The share of correct predictions.
  func accuracy(_ labels: [Int]) -> Double {
    Double(zip(labels, predictions).count { $0 == $1 }) / Double(labels.count)
  }
}

/// Runs a network over a set without training it.
func evaluate(_ net: Sequential, on set: LabeledImages) -> Evaluation {
  var lossSum = 0.0
  var predictions: [Int] = []
  net.eval()
  defer { net.train() }
  withoutGradient {
    for indices in BatchSampler(count: set.count, batchSize: 1_000, seed: nil).batches(epoch: 0) {
      let batch = set[indices]
      let scores = net(batch.vectors)
      lossSum += crossEntropy(scores, batch.targets).item() * Double(batch.count)
      predictions += scores.value.argmax(axis: 1).scalars(as: Int.self)
    }
  }
  return Evaluation(loss: lossSum / Double(set.count), predictions: predictions)
}
