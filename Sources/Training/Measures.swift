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

// MARK: - Saved and restored

extension Measures {
  /// Empty before the first batch.
  var state: [String: Tensor] {
    if count == 0 { return [:] }
    var state = ["loss": Tensor(lossSum), "seconds": Tensor(seconds), "samples": Tensor(count)]
    for (number, metric) in metrics.enumerated() { state["\(number)/\(metric.name)"] = Tensor(metric.sums) }
    return state
  }

  /// Restores a state that measures of the same metrics returned.
  init(_ metrics: [Metric], _ state: [String: Tensor]) throws(StateError) {
    self.init(metrics)
    if state.isEmpty { return }
    var reader = StateReader(state, of: "Trainer's epoch under way")
    lossSum = try reader.double("loss")
    seconds = try reader.double("seconds")
    count = try reader.count("samples")
    for (number, metric) in metrics.enumerated() {
      self.metrics[number].sums = try reader.doubles("\(number)/\(metric.name)")
    }
    try reader.finish()
  }
}
