import Datasets
import Foundation
import NN
import Optim
import Testing
import Training

/// A run whose validation loss goes up and down, with all callbacks that decide by earlier measurements.
private struct Run {
  let trainer: Trainer
  let checkpoint: Checkpoint
  let stopping = EarlyStopping(patience: 2, smallestChange: 1e-4)
  let bestPath: String

  /// `start` is the initial state of the dropout stream.
  init(_ folder: URL, start: UInt64 = 7, metrics: [Metric] = [.meanAbsoluteError, .r2]) {
    let generator = RandomGenerator(seed: start)
    let net = Sequential(
      Linear(1, 8, generator: RandomGenerator(seed: 3)), Tanh(), Dropout(0.4, generator: generator),
      Linear(8, 1, generator: RandomGenerator(seed: 4)))
    let optimizer = Adam(net.parameters, learningRate: 0.1)
    trainer = Trainer(net, loss: MSELoss(), optimizer: optimizer, metrics: metrics, terminal: nil)
    checkpoint = Checkpoint(
      folder.appending(path: "run.safetensors").path, model: net, optimizer: optimizer, generators: [generator])
    bestPath = folder.appending(path: "best.safetensors").path
  }

  static let training = set(seed: 1), validation = set(seed: 2)

  private static func set(seed: UInt64) -> TensorDataset {
    let generator = RandomGenerator(seed: seed)
    let x = Tensor.randomUniform([24, 1], low: -2, high: 2, generator: generator)
    return TensorDataset(inputs: x, targets: x * x + .randomNormal([24, 1], generator: generator))
  }

  func fit(stoppingAt batch: Int? = nil, log: URL? = nil) throws {
    try trainer.resume(checkpoint)
    var callbacks: [Callback] = [stopping, BestModel(bestPath)]
    if let log { callbacks.append(CSVLog(log)) }
    if let batch { callbacks.append(Stop(batch)) }
    callbacks.append(Checkpointing(checkpoint))
    try trainer.fit(
      DataLoader(Self.training, batchSize: 8, seed: 1), epochs: 40, validation: Self.validation, callbacks: callbacks)
  }

  /// The complete result of the run, to the bit; times excluded.
  func outcome() throws -> [String: [UInt64]] {
    var bits = trainer.model.stateDict().mapValues { $0.scalars(as: Double.self).map(\.bitPattern) }
    for (key, tensor) in try Safetensors(contentsOfFile: bestPath).tensors {
      bits["best " + key] = tensor.scalars(as: Double.self).map(\.bitPattern)
    }
    for name in trainer.history.names { bits["history " + name] = trainer.history[name].map(\.bitPattern) }
    bits["epochs"] = trainer.history.epochs.map { UInt64($0.number) } + [UInt64(trainer.position.epoch)]
    bits["names \(trainer.history.names)"] = []
    bits["end: \(trainer.stopReason ?? "none")"] = []
    return bits
  }
}

@Suite struct ResumeTests {
  /// Stopped within and between epochs, and continued once more after its end, a run measures, keeps and
  /// decides the same.
  @Test(arguments: [1, 5, 6, 11]) func aResumedRunMeasuresAndDecidesTheSame(step: Int) throws {
    try withFolder { folder in
      let whole = Run(folder)
      try whole.fit()
      let expected = try whole.outcome()
      #expect(whole.trainer.stopReason == "validation loss was no better for 3 epochs")
      let log = folder.appending(path: "log.csv")
      for path in [whole.checkpoint.path, whole.bestPath] { try FileManager.default.removeItem(atPath: path) }
      let part = Run(folder)
      try part.fit(stoppingAt: step, log: log)
      #expect(part.trainer.stopReason == "for the test")
      for _ in 1...2 {
        let resumed = Run(folder, start: 99)
        try resumed.fit(log: log)
        let found = try resumed.outcome()
        #expect(found == expected)
      }
      let table = try CSVTable(contentsOf: log)
      let (errors, epochs) = try (table.numbers(of: "mae"), table.numbers(of: "epoch"))
      #expect(errors == whole.trainer.history["mae"])
      #expect(epochs == (1...whole.trainer.history.epochs.count).map(Double.init))
    }
  }

  /// Checkpoints without a history load: older ones, and those of hand-written loops.
  @Test func aFileWithoutHistoryLoads() throws {
    try withFolder { folder in
      let run = Run(folder)
      try run.checkpoint.save(at: .init(epoch: 3, batch: 1))
      let resumed = Run(folder)
      try resumed.trainer.resume(resumed.checkpoint)
      #expect(resumed.trainer.position == .init(epoch: 3, batch: 1) && resumed.trainer.epoch == 4)
      #expect(resumed.trainer.history.epochs.isEmpty)
    }
  }

  /// A run cannot resume with fewer batches per epoch than the checkpoint has already seen.
  @Test func aRunSavedBehindTheLastBatchIsAnError() throws {
    try withFolder { folder in
      let run = Run(folder)
      try run.checkpoint.save(at: .init(epoch: 1, batch: 4))
      #expect(throws: PositionError(position: .init(epoch: 1, batch: 4), batchCount: 3)) { try run.fit() }
      do { try run.fit() } catch {
        #expect(
          "\(error)" == "the run was saved after 4 batches of epoch 2, and epochs now have 3; resume with the data and "
            + "batch size it was saved with")
      }
      #expect(run.trainer.step == 0 && run.trainer.history.epochs.isEmpty)
    }
  }

  /// Impossible sums and times in a checkpoint are errors at loading, not failures later.
  @Test func damagedMeasuresAreErrors() throws {
    try withFolder { folder in
      let run = Run(folder, metrics: [.accuracy, .f1, .r2])
      try run.checkpoint.save(at: .init(epoch: 0, batch: 1))
      let file = try Safetensors(contentsOfFile: run.checkpoint.path)
      func measures(_ changes: [String: Tensor]) throws {
        var file = file
        let sound: [String: Tensor] = [
          "loss": Tensor(1.0 as Double), "seconds": Tensor(1.0 as Double),
          "samples": Tensor([8], dtype: .int64)[0], "0/accuracy": .zeros([2], dtype: .float64),
          "1/f1": .zeros([4], dtype: .float64), "2/r2": .zeros([4], dtype: .float64),
        ]
        for (key, tensor) in sound.merging(changes, uniquingKeysWith: { $1 }) {
          file.tensors["run/trainer/measures/" + key] = tensor
        }
        try file.write(toFile: run.checkpoint.path)
        try run.trainer.resume(run.checkpoint)
      }
      try measures([:])
      for change in [
        ["0/accuracy": Tensor.zeros([3], dtype: .float64)], ["1/f1": .zeros([3], dtype: .float64)],
        ["1/f1": .full([4], .nan, dtype: .float64)], ["2/r2": .zeros([0], dtype: .float64)],
        ["seconds": Tensor(Double.nan)], ["seconds": Tensor(1e300 as Double)],
      ] {
        #expect(throws: StateError.self) { try measures(change) }
      }
    }
  }

  /// Whatever a checkpoint's tensors hold, the run resumes or ends with an error.
  @Test func noTensorOfACheckpointIsACrash() throws {
    func run(_ path: String) throws -> (trainer: Trainer, checkpoint: Checkpoint) {
      let net = Sequential(Linear(1, 2), BatchNorm1D(2), Linear(2, 1))
      let optimizer = Adam(net.parameters, learningRate: 0.01)
      let scheduler = Scheduler(optimizer, .oneCycle(largest: 0.1, steps: 8), momentum: .oneCycleMomentum(steps: 8))
      let trainer = Trainer(net, loss: MSELoss(), optimizer: optimizer, metrics: [.meanAbsoluteError], terminal: nil)
      let checkpoint = Checkpoint(path, model: net, optimizer: optimizer, also: ["schedule": scheduler], generators: [])
      return (trainer, checkpoint)
    }
    func fit(_ run: (trainer: Trainer, checkpoint: Checkpoint), stoppingAt step: Int?) throws {
      var callbacks: [Callback] = [EarlyStopping(watching: "loss"), Checkpointing(run.checkpoint)]
      if let step { callbacks.insert(Stop(step), at: 0) }
      try run.trainer.fit(DataLoader(Self.few, batchSize: 8), epochs: 2, callbacks: callbacks)
    }
    try withFolder { folder in
      let path = folder.appending(path: "run.safetensors").path
      try fit(run(path), stoppingAt: 4)
      let sound = try Safetensors(contentsOfFile: path)
      for (key, tensor) in sound.tensors.sorted(by: { $0.key < $1.key }) {
        let nonsense: [Tensor] =
          tensor.dtype == .int64
          ? [tensor - 100, .full(tensor.shape, 0x1p53, dtype: .int64), .full(tensor.shape, -0x1p63, dtype: .int64)]
          : [.full(tensor.shape, .nan, dtype: tensor.dtype), tensor - 1e9, tensor * 1e30 + 1e30]
        for other in nonsense + [tensor.unsqueeze(0), tensor.cast(to: .uint8), .zeros([0], dtype: tensor.dtype)] {
          var file = sound
          file.tensors[key] = other
          try file.write(toFile: path)
          let resumed = try run(path)
          do {
            try resumed.trainer.resume(resumed.checkpoint)
            try fit(resumed, stoppingAt: nil)
          } catch {
            #expect(!"\(error)".contains("\n") && "\(error)".count > 20)
          }
        }
      }
    }
  }

  private static let few = TensorDataset(inputs: .ones([24, 1]), targets: .ones([24, 1]))

  @Test func timesGoOn() throws {
    try withFolder { folder in
      let run = Run(folder)
      try run.fit(stoppingAt: 4)
      let resumed = Run(folder)
      try resumed.trainer.resume(resumed.checkpoint)
      #expect(resumed.trainer.history.epochs.map(\.seconds) == run.trainer.history.epochs.map(\.seconds))
    }
  }

  /// A history that does not fit is an error, and changes nothing.
  @Test func aHistoryThatDoesNotFitChangesNothing() throws {
    try withFolder { folder in
      try Run(folder).fit(stoppingAt: 4)
      let other = Run(folder, metrics: [.meanSquaredError])
      let before = other.trainer.model.stateDict()
      #expect {
        try other.trainer.resume(other.checkpoint)
      } throws: {
        "\($0)" == "Trainer's epoch under way: the saved state has no 0/mse"
      }
      #expect(other.trainer.model.stateDict() == before && other.trainer.position == .init(epoch: 0))

      let fitting = Run(folder)
      var file = try Safetensors(contentsOfFile: fitting.checkpoint.path)
      for (table, sentence) in [
        (Tensor([[1.0, 2], [7, 3]], dtype: .float64), "History: the saved 0/loss cannot be 7.0"),
        (Tensor([[0.5, 2]], dtype: .float64), "History: the saved 0/loss cannot be 0.5"),
        (Tensor([1]), "History: the saved 0/loss is float32 [1], expected float64 [1, 2]"),
      ] {
        file.tensors["run/trainer/history/0/loss"] = table
        try file.write(toFile: fitting.checkpoint.path)
        #expect(throws: (any Error).self) { try fitting.trainer.resume(fitting.checkpoint) }
        do { try fitting.trainer.resume(fitting.checkpoint) } catch { #expect("\(error)" == sentence) }
        #expect(fitting.trainer.history.epochs.isEmpty && fitting.trainer.step == 0)
      }
    }
  }

  /// The first error is the one thrown, and every callback is told of the end, the last callback first.
  @Test func everyCallbackHearsOfTheEnd() throws {
    final class Ending: Callback {
      struct Problem: Error, Equatable { let number: Int }
      nonisolated(unsafe) static var order: [Int] = []
      let number: Int
      init(_ number: Int) { self.number = number }
      override func fitEnded(_ trainer: Trainer) throws {
        Self.order.append(number)
        throw Problem(number: number)
      }
    }
    try withFolder { folder in
      #expect(throws: Ending.Problem(number: 3)) {
        try Run(folder).trainer.fit(
          DataLoader(Run.training, batchSize: 8), epochs: 1, callbacks: [Ending(1), Ending(2), Ending(3)])
      }
      #expect(Ending.order == [3, 2, 1])
    }
  }

  /// NaN is never the best measurement.
  @Test func nanIsNoBestFigure() throws {
    try withFolder { folder in
      let path = folder.appending(path: "best.safetensors").path
      let net = Sequential(Linear(1, 1, generator: RandomGenerator(seed: 3)))
      let trainer = Trainer(net, loss: MSELoss(), optimizer: SGD(net.parameters, learningRate: 1e30), terminal: nil)
      try trainer.fit(
        DataLoader(Run.training, batchSize: 8), epochs: 2, validation: Run.validation, callbacks: [BestModel(path)])
      #expect(trainer.history["validation loss"].map(\.isNaN) == [true, true])
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }
}
