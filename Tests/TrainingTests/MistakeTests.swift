import Datasets
import NN
import Optim
import Testing
import Training

private func trainer(_ layers: Module..., loss: Loss = MSELoss()) -> Trainer {
  let net = Sequential(layers)
  return Trainer(net, loss: loss, optimizer: SGD(net.parameters, learningRate: 0.1), terminal: nil)
}

private func fit(_ trainer: Trainer, _ inputs: Tensor, _ targets: Tensor, validation: TensorDataset? = nil) throws {
  try trainer.fit(
    DataLoader(TensorDataset(inputs: inputs, targets: targets), batchSize: 4), epochs: 1, validation: validation)
}

/// A misuse of the library, and the message that the program stops with.
private let mistakes: [(sentence: String, make: @Sendable () throws -> Void)] = [
  (
    "ConfusionMatrix: the number of classes must not be negative, got -1", { _ = ConfusionMatrix(classCount: -1) }
  ),
  (
    "TerminalImage: 4 pixels do not make a picture of 4611686018427387904 × 4",
    { _ = TerminalImage([0, 0, 0, 0], width: 1 << 62, height: 4) }
  ),
  (
    "Trainer: the training set of 0 samples makes no batch of 4",
    { try fit(trainer(Linear(3, 1)), .ones([0, 3]), .ones([0, 1])) }
  ),
  (
    "Trainer: the validation set has no samples; nil validates on none",
    {
      let empty = TensorDataset(inputs: .ones([0, 3]), targets: .ones([0, 1]))
      try fit(trainer(Linear(3, 1)), .ones([8, 3]), .ones([8, 1]), validation: empty)
    }
  ),
  (
    "Trainer: the set to evaluate on has no samples",
    { _ = trainer(Linear(3, 1)).evaluate(TensorDataset(inputs: .ones([0, 3]), targets: .ones([0, 1]))) }
  ),
  (
    "1 (Linear 3 -> 1): wants 3 features in the last axis, got [4, 5]",
    { try fit(trainer(ReLU(), Linear(3, 1)), .ones([8, 5]), .ones([8, 1])) }
  ),
  (
    "0 (Conv2D 1 -> 2, 3×3): wants [N, 1, H, W], got [4, 3, 5, 5]",
    { try fit(trainer(Conv2D(1, 2, kernel: 3)), .ones([8, 3, 5, 5]), .ones([8, 1])) }
  ),
  (
    "mse: prediction [4, 1] and target [4, 2] must have one shape",
    { try fit(trainer(Linear(3, 1)), .ones([8, 3]), .ones([8, 2])) }
  ),
  (
    "crossEntropy: label 2 in row 1 is out of range for 2 classes",
    {
      let labels = Tensor([0, 1, 0, 1, 0, 2, 0, 1], dtype: .int64)
      try fit(trainer(Linear(3, 2), loss: CrossEntropyLoss()), .ones([8, 3]), labels)
    }
  ),
  (
    "accuracy: label 7 is out of range for 2 classes",
    {
      var metric = Metric.accuracy
      metric.add(.zeros([1, 2]), Tensor([7], dtype: .int64))
    }
  ),
  (
    "sizes: wants equally many numbers to sum for every batch, got 2 after 3",
    {
      var metric = Metric("sizes", isBetterLarger: true) { outputs, _ in Array(repeating: 1, count: outputs.shape[0]) }
      metric.add(.zeros([3]), .zeros([3]))
      metric.add(.zeros([2]), .zeros([2]))
    }
  ),
  ("text: the number of decimals must not be negative, got -1", { _ = 1.5.text(decimals: -1) }),
  (
    "out of memory: 9223372036854775807 bytes",
    {
      var chart = Chart(title: "bins")
      chart.addHistogram("x", of: [1], bins: .max)
    }
  ),
  (
    "predict: a batch has at least one sample, got batchSize 0",
    { _ = trainer(Linear(3, 1)).predict(.ones([2, 3]), batchSize: 0) }
  ),
  (
    "Chart: a field is [rows, columns] of at least one place, got [1, 0]",
    {
      var chart = Chart(title: "empty")
      chart.addField(.zeros([1, 0]), x: 0...1, y: 0...1)
    }
  ),
  ("EarlyStopping: patience must not be negative, got -1", { _ = EarlyStopping(patience: -1) }),
]

@Suite struct MistakeTests {
  @Test(arguments: mistakes.indices) func saysWhatIsWrong(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      try mistakes[number].make()
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains(mistakes[number].sentence))
  }
}
