import Datasets
import Foundation
import NN
import Optim

/// Trains the LeNet of the workloads on MNIST's or Fashion-MNIST's files until it reaches a given test accuracy. The
/// same as Benchmarks/peers/time_to_accuracy.py.
struct TimeToAccuracy {
  let training: LabeledImages
  let test: LabeledImages
  let accuracy = 0.9
  /// Test accuracy is measured after every so many steps; the time that takes is included.
  let interval = 100

  init(folder: String) throws {
    (training, test) = try MNIST.load(from: URL(fileURLWithPath: folder))
  }

  struct Result {
    var steps: Int
    var seconds: Double
  }

  /// Batches of 128, Adam with a rate of 0.001, initial weights from the seed; nil if 20 epochs do not suffice.
  func run(seed: UInt64) -> Result? {
    RandomGenerator.seed(seed)
    let net = lenet()
    let optimizer = Adam(net.parameters, learningRate: 0.001)
    let loader = DataLoader(training, batchSize: 128, seed: seed, dropsLast: true)
    let start = ContinuousClock.now
    var steps = 0
    for epoch in 0..<20 {
      for batch in loader.epoch(epoch) {
        optimizer.zeroGrad()
        crossEntropy(net(batch.inputs), batch.targets).backward()
        optimizer.step()
        steps += 1
        if steps % interval == 0, testAccuracy(of: net) >= accuracy {
          return Result(steps: steps, seconds: (ContinuousClock.now - start) / .seconds(1))
        }
      }
    }
    return nil
  }

  private func testAccuracy(of net: Sequential) -> Double {
    net.eval()
    defer { net.train() }
    let size = 1000
    let right = withoutGradient {
      stride(from: 0, to: test.count, by: size).map { start in
        let range = start..<min(test.count, start + size)
        let predictions = net(test.images[range]).argmax(axis: 1).scalars(as: Int.self)
        return zip(predictions, test.labels[range]).count { $0 == $1 }
      }
    }
    return Double(right.reduce(0, +)) / Double(test.count)
  }
}
