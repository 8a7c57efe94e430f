import Datasets
import Foundation
import NN
import Optim
import Testing

import Training

/// Makes a trainer of a linear model, and a buffer of what it prints.
private func makeTrainer(
  _ layers: [Module]? = nil, rate: Double = 0.1, metrics: [Metric] = [.meanAbsoluteError]
) -> (trainer: Trainer, output: () -> String) {
  let net = Sequential(layers ?? [Linear(1, 1, generator: RandomGenerator(seed: 3))])
  let text = Guarded("")
  let trainer = Trainer(
    net, loss: MSELoss(), optimizer: SGD(net.parameters, learningRate: rate), metrics: metrics,
    terminal: Terminal(isInteractive: false), write: { line in text.withLock { $0 += line } })
  return (trainer, { text.withLock { $0 } })
}

private func loader(seed: UInt64 = 1) -> DataLoader { DataLoader(line, batchSize: 8, seed: seed) }

private struct Broken: Error {}

/// Records the calls that it receives.
private final class Witness: Callback {
  var words: [String] = []
  var stopsInBatch: Int?
  var throwsInEpoch: Int?

  override func fitBegan(_ trainer: Trainer) { words.append("begin") }
  override func epochBegan(_ trainer: Trainer) { words.append("epoch \(trainer.epoch)") }
  override func gradientsFound(_ trainer: Trainer, batch: Batch, loss: Double) { words.append("gradients") }
  override func batchEnded(_ trainer: Trainer, loss: Double) {
    words.append("step \(trainer.step)")
    if trainer.step == stopsInBatch { trainer.stopTraining("enough") }
  }
  override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) throws {
    words.append("done \(epoch.number)")
    if epoch.number == throwsInEpoch { throw Broken() }
  }
  override func fitEnded(_ trainer: Trainer) { words.append("end") }
}

@Suite struct TrainerTests {
  @Test func doesWhatALoopByHandDoes() throws {
    let (trainer, _) = makeTrainer()
    try trainer.fit(loader(), epochs: 3)
    let net = Linear(1, 1, generator: RandomGenerator(seed: 3))
    let optimizer = SGD(net.parameters, learningRate: 0.1)
    for epoch in 1...3 {
      for batch in loader().epoch(epoch) {
        optimizer.zeroGrad()
        mse(net(batch.inputs), Variable(batch.targets)).backward()
        optimizer.step()
      }
    }
    #expect(trainer.model.parameters.map(\.element.value) == net.parameters.map(\.element.value))
  }

  @Test func measuresWhatItIsAskedTo() throws {
    let (trainer, output) = makeTrainer()
    let history = try trainer.fit(loader(), epochs: 30, validation: line)
    #expect(history.names == ["loss", "mae", "validation loss", "validation mae", "learning rate"])
    #expect(history["validation loss"].count == 30)
    #expect((history["validation loss"].last ?? 1) < 1e-3)
    let (value, figures) = (history.epochs[29]["validation mae"], trainer.evaluate(line))
    #expect(figures.map(\.name) == ["loss", "mae"] && figures[1].value == value)
    #expect(output().split(separator: "\n").count == 30)
    #expect(output().contains("epoch 30/30: loss 0.0"))
    #expect(history.best("loss")?.number == 30)
    let predictions = trainer.predict(line.inputs, batchSize: 7)
    #expect(predictions.shape == [40, 1] && predictions == trainer.model(line.inputs).value)
  }

  @Test func callbacksAreToldInOrder() throws {
    let (trainer, _) = makeTrainer()
    let witness = Witness()
    try trainer.fit(DataLoader(line, batchSize: 20, seed: 1), epochs: 2, callbacks: [witness])
    #expect(
      witness.words == [
        "begin", "epoch 1", "gradients", "step 1", "gradients", "step 2", "done 1", "epoch 2", "gradients", "step 3",
        "gradients", "step 4", "done 2", "end",
      ])
  }

  @Test func stoppingEndsWithTheBatch() throws {
    let (trainer, output) = makeTrainer()
    let witness = Witness()
    witness.stopsInBatch = 7
    try trainer.fit(loader(), epochs: 9, callbacks: [witness])
    #expect(trainer.step == 7 && trainer.epoch == 2 && trainer.position.batch == 2 && trainer.history.epochs.count == 1)
    #expect(witness.words.suffix(2) == ["step 7", "end"])
    #expect(output().hasSuffix("stopped in epoch 2: enough\n"))
    // It continues with the batch that would have been next.
    witness.stopsInBatch = nil
    try trainer.fit(loader(), epochs: 3, callbacks: [witness])
    let (whole, _) = makeTrainer()
    try whole.fit(loader(), epochs: 3)
    #expect(trainer.step == 15)
    #expect(trainer.model.parameters.map(\.element.value) == whole.model.parameters.map(\.element.value))
  }

  @Test func anErrorEndsTrainingCleanly() {
    let (trainer, _) = makeTrainer()
    let witness = Witness()
    witness.throwsInEpoch = 1
    #expect(throws: Broken.self) { try trainer.fit(loader(), epochs: 9, callbacks: [witness]) }
    #expect(witness.words.last == "end" && trainer.epoch == 1)
  }

  @Test func validationSplitKeepsSamplesApart() throws {
    let (trainer, _) = makeTrainer()
    let history = try trainer.fit(line, epochs: 1, batchSize: 8, validationSplit: 0.25, seed: 1)
    #expect(history.epochs[0]["validation loss"] != nil)
    #expect(trainer.step == 4)
    let (other, _) = makeTrainer()
    #expect(try other.fit(line, epochs: 1).epochs[0]["validation loss"] == nil)
  }

  @Test func evaluationLeavesModesAlone() throws {
    let dropout = Dropout(0.5)
    let (trainer, _) = makeTrainer([Linear(1, 1), dropout])
    trainer.model.train()
    dropout.eval()
    #expect(trainer.predict(line.inputs) == trainer.predict(line.inputs))
    #expect(trainer.model.isTraining && !dropout.isTraining)
    dropout.train()
    #expect(trainer.predict(line.inputs) == trainer.predict(line.inputs))
    #expect(dropout.isTraining)
  }
}

@Suite struct CallbackTests {
  @Test func earlyStoppingBringsTheBestBack() throws {
    // The rate is so large that every step makes the loss worse.
    let (trainer, _) = makeTrainer(rate: 3)
    let before = trainer.model.stateDict()
    let history = try trainer.fit(
      loader(), epochs: 50, validation: line, callbacks: [EarlyStopping(patience: 2, restoresBest: true)])
    #expect(history.epochs.count == 4)
    #expect(trainer.stopReason == "validation loss was no better for 3 epochs")
    #expect(trainer.model.stateDict() != before)
    let best = history.epochs[0]["validation loss"] ?? .nan
    #expect(trainer.evaluate(line)[0].value == best)
  }

  @Test func metricsKnowWhatIsBetter() throws {
    let (trainer, _) = makeTrainer(metrics: [.r2])
    let stopping = EarlyStopping(watching: "validation r2", patience: 1, restoresBest: false)
    let r2 = try trainer.fit(loader(), epochs: 5, validation: line, callbacks: [stopping])["validation r2"]
    #expect(r2.count == 5 && r2 == r2.sorted())
  }

  @Test func schedulesStepByEpochOrBatch() throws {
    for (pace, expected) in [(ScheduleCallback.Pace.epoch, [0.05, 0.025]), (.batch, [0.1 / 32, 0.1 / 1_024])] {
      let (trainer, _) = makeTrainer()
      let scheduler = Scheduler(trainer.optimizer, .exponential(factor: 0.5))
      try trainer.fit(loader(), epochs: 2, callbacks: [ScheduleCallback(scheduler, every: pace)])
      #expect(abs(trainer.optimizer.learningRate - expected[1]) < 1e-12)
      #expect(trainer.history["learning rate"].count == 2)
    }
  }

  @Test func nanIsTracedToItsOp() throws {
    let (trainer, _) = makeTrainer([FunctionLayer("Root") { ($0 - 10).sqrt() }, Linear(1, 1)])
    #expect {
      try trainer.fit(loader(), epochs: 2, callbacks: [NaNGuard()])
    } throws: { error in
      "\(error)".hasPrefix("epoch 1, batch 1: the loss is NaN; anomaly: sqrt made NaN of finite inputs of shape [8, 1]")
    }
    #expect(!Tape.detectsAnomalies && trainer.step == 0)
  }

  @Test func timeEnds() throws {
    let (trainer, _) = makeTrainer()
    try trainer.fit(loader(), epochs: 1_000_000, callbacks: [TimeLimit(.milliseconds(20))])
    #expect(trainer.stopReason?.contains("is up") == true)
  }

  @Test func clippingBoundsTheStep() throws {
    let (trainer, _) = makeTrainer()
    let before = trainer.model.parameters[0].element.value.item()
    try trainer.fit(DataLoader(line, batchSize: 40), epochs: 1, callbacks: [GradientClipping(norm: 0.01)])
    #expect(abs(trainer.model.parameters[0].element.value.item() - before) <= 0.1 * 0.01 + 1e-6)
  }

  /// Stopped in the middle of an epoch and continued by another trainer, a run ends with the same bits as one that
  /// was not stopped.
  @Test func checkpointsResumeBitForBit() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    func run(stoppingAt batch: Int?) throws -> [Tensor] {
      // A separate stream, since other tests draw from the default one at the same time.
      let generator = RandomGenerator(seed: 9)
      let net = Sequential(
        Linear(1, 8, generator: generator), Dropout(0.3, generator: generator), Linear(8, 1, generator: generator))
      let optimizer = Adam(net.parameters, learningRate: 0.01)
      let scheduler = Scheduler(optimizer, .exponential(factor: 0.9))
      let trainer = Trainer(net, loss: MSELoss(), optimizer: optimizer, terminal: nil)
      let checkpoint = Checkpoint(
        path, model: net, optimizer: optimizer, also: ["schedule": scheduler], generators: [generator])
      try trainer.resume(checkpoint)
      let witness = Witness()
      witness.stopsInBatch = batch
      try trainer.fit(
        loader(), epochs: 4, callbacks: [witness, ScheduleCallback(scheduler), Checkpointing(checkpoint)])
      #expect(trainer.position == (batch == nil ? .init(epoch: 4) : .init(epoch: 1, batch: 2)))
      return net.parameters.map(\.element.value)
    }
    let whole = try run(stoppingAt: nil)
    try FileManager.default.removeItem(atPath: path)
    let half = try run(stoppingAt: 7)
    #expect(half != whole)
    #expect(try run(stoppingAt: nil) == whole)
  }

  @Test func bestModelIsKept() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (trainer, _) = makeTrainer(rate: 3)
    let keeper = BestModel(path)
    try trainer.fit(loader(), epochs: 1, validation: line, callbacks: [keeper])
    let best = trainer.model.stateDict()
    // The rate is so large that every step makes the loss worse.
    try trainer.fit(loader(), epochs: 3, validation: line, callbacks: [keeper])
    #expect(trainer.model.stateDict() != best)
    try trainer.model.load(fromFile: path)
    #expect(trainer.model.stateDict() == best)
  }

  @Test func csvLogHasALineAnEpoch() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".csv")
    defer { try? FileManager.default.removeItem(at: url) }
    let (trainer, _) = makeTrainer()
    try trainer.fit(loader(), epochs: 2, validation: line, callbacks: [CSVLog(url)])
    try trainer.fit(loader(), epochs: 3, validation: line, callbacks: [CSVLog(url)])
    let table = try CSVTable(contentsOf: url)
    #expect(table.columns == ["epoch", "seconds"] + trainer.history.names)
    #expect(try table.numbers(of: "epoch") == [1, 2, 3])
    #expect(try table.numbers(of: "validation loss") == trainer.history["validation loss"])
    #expect(throws: FileError.self) {
      try trainer.fit(loader(), epochs: 4, callbacks: [CSVLog(URL(fileURLWithPath: "/no/such/log.csv"))])
    }
  }
}
