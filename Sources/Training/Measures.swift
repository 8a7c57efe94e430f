import NN
import Optim

/// The mean loss and the metrics over the batches so far.
struct Measures {
  /// How long the batches took.
  var seconds = 0.0
  private var (lossSum, count) = (0.0, 0)
  private var metrics: [Metric]

  init(_ metrics: [Metric]) { self.metrics = metrics }

  mutating func add(_ loss: Double, _ outputs: Tensor, _ targets: Tensor) {
    lossSum += loss * Double(targets.shape[0])
    count += targets.shape[0]
    for index in metrics.indices { metrics[index].add(outputs, targets) }
  }

  var figures: [(name: String, value: Double)] {
    [("loss", lossSum / Double(count))] + metrics.map { ($0.name, $0.value) }
  }

  var text: String { figures.map { "\($0.name) \($0.value.text(decimals: 4))" }.joined(separator: ", ") }
}

// MARK: - Saving and restoring

extension Measures {
  /// Empty before the first batch.
  var state: [String: Tensor] {
    if count == 0 { return [:] }
    var state = ["loss": Tensor(lossSum), "seconds": Tensor(seconds), "samples": Tensor(count)]
    for (number, metric) in metrics.enumerated() { state["\(number)/\(metric.name)"] = Tensor(metric.sums) }
    return state
  }

  /// Restores a state that was saved with the same metrics.
  init(_ metrics: [Metric], _ state: [String: Tensor]) throws(StateError) {
    self.init(metrics)
    if state.isEmpty { return }
    let owner = "Trainer's epoch under way"
    var reader = StateReader(state, of: owner)
    lossSum = try reader.double("loss")
    seconds = try reader.seconds("seconds")
    count = try reader.count("samples")
    for (number, metric) in metrics.enumerated() {
      let key = "\(number)/\(metric.name)"
      let sums = try reader.doubles(key)
      guard self.metrics[number].restore(sums) else {
        throw .mismatch(owner: owner, key: key, expected: "the metric's sums", found: "\(sums.prefix(9))")
      }
    }
    try reader.finish()
  }
}
