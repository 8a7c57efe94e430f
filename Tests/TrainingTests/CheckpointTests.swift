import Datasets
import Foundation
import NN
import Optim
import Testing
import Training

/// A run of a few epochs with everything that has state: dropout, momentum, a schedule, a weight average,
/// shuffled batches.
private struct Run {
  // Separate streams, since other tests draw from the default one at the same time.
  let dropping: RandomGenerator, noise: RandomGenerator
  let net: Sequential
  let optimizer: Optimizer
  let scheduler: Scheduler
  let average: WeightAverage
  let checkpoint: Checkpoint
  let epochs: Int
  private let sampler = BatchSampler(count: 60, batchSize: 8, seed: 5)

  /// The run of a fresh process: the same model, but random streams in another state.
  init(_ path: String, start: UInt64 = 7, epochs: Int = 2) {
    self.epochs = epochs
    (dropping, noise) = (RandomGenerator(seed: start), RandomGenerator(seed: start + 1))
    net = Sequential(Linear(8, 16), ReLU(), Dropout(0.3, generator: dropping), Linear(16, 3))
    for parameter in net.parameters {
      parameter.element.value = .randomNormal(parameter.element.shape, generator: RandomGenerator(seed: 4))
    }
    optimizer = NAdam(net.parameters, learningRate: 0.01)
    scheduler = Scheduler(optimizer, .cosine(over: 20))
    average = WeightAverage(net.parameters, .exponential(decay: 0.9))
    checkpoint = Checkpoint(
      path, model: net, optimizer: optimizer, also: ["schedule": scheduler, "average": average],
      generators: [dropping, noise])
  }

  /// Trains to the end of the last epoch or for `limit` batches, and saves after each batch.
  func train(limit: Int = .max, saves: Bool = true) throws {
    var position = try checkpoint.resume()
    var seen = 0
    while position.epoch < epochs {
      for indices in sampler.batches(epoch: position.epoch).dropFirst(position.batch) {
        if seen == limit { return }
        let inputs = Tensor.stack(indices.map { Tensor.full([8], Double($0) / 60) })
        let noise = Tensor.randomNormal(inputs.shape, standardDeviation: 0.1, generator: noise)
        let labels = Tensor(indices.map { $0 / 20 }, shape: [indices.count])
        optimizer.step { crossEntropy(net(inputs + noise), labels) }
        scheduler.step()
        average.update()
        seen += 1
        position.batch += 1
        if saves { try checkpoint.save(at: position) }
      }
      position = .init(epoch: position.epoch + 1)
      if saves { try checkpoint.save(at: position) }
    }
  }

  /// Every bit of the run's state.
  var bits: [String: [UInt64]] {
    var tensors = optimizer.stateDict().merging(net.stateDict()) { first, _ in first }
    for (key, tensor) in average.stateDict() { tensors["average " + key] = tensor }
    tensors["rate"] = Tensor([optimizer.learningRate])
    var bits = tensors.mapValues { $0.scalars(as: Double.self).map(\.bitPattern) }
    for (number, generator) in [dropping, noise].enumerated() {
      bits["stream \(number)"] = [generator.state.seed, generator.state.offset]
    }
    return bits
  }

  /// The names of state that differs from that of a run that was never stopped.
  func differences(from expected: [String: [UInt64]]) -> [String] {
    let bits = bits
    return Set(bits.keys).union(expected.keys).filter { bits[$0] != expected[$0] }.sorted()
  }
}

@Suite struct CheckpointTests {
  private let path = FileManager.default.temporaryDirectory
    .appending(path: "checkpoint-\(UUID().uuidString).safetensors").path

  @Test(arguments: [1, 5, 8, 11, 16]) func aResumedRunEndsWithTheSameBits(stop: Int) throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let whole = Run(path)
    try whole.train(saves: false)
    let expected = whole.bits
    try Run(path).train(limit: stop)
    let resumed = Run(path, start: 99)
    try resumed.train()
    #expect(resumed.differences(from: expected) == [])
  }

  /// A run that is killed at any moment, mostly while saving, resumes from either the old file or the new one.
  ///
  /// `CHECKPOINT_KILLS` sets the number of kills.
  @Test func aKilledRunEndsWithTheSameBits() async throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let kills = ProcessInfo.processInfo.environment["CHECKPOINT_KILLS"].flatMap { Int($0) } ?? 4
    let epochs = kills / 2 + 1  // so that something is left to do at the last kill
    let whole = Run(path, epochs: epochs)
    try whole.train(saves: false)
    let expected = whole.bits
    try Run(path).train(limit: 1)
    for _ in 0..<kills {
      let delay = UInt32.random(in: 0..<40_000)
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = path as String, epochs = epochs as Int, delay = delay as UInt32] in
        let run = Run(path, start: 99, epochs: epochs)
        Thread.detachNewThread {
          usleep(delay)
          kill(getpid(), SIGKILL)
        }
        try run.train()
        while true { pause() }
      }
    }
    let resumed = Run(path, start: 99, epochs: epochs)
    try resumed.train()
    #expect(resumed.differences(from: expected) == [])
  }

  @Test func whereThereIsNoFileARunBegins() throws {
    #expect(try Run(path).checkpoint.resume() == .init(epoch: 0, batch: 0))
  }

  /// A file that does not fit changes nothing, not even the parts that do fit.
  @Test func aFileThatDoesNotFitChangesNothing() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Run(path).train(limit: 3)
    var file = try Safetensors(contentsOfFile: path)
    file.tensors["schedule/step"] = nil
    try file.write(toFile: path)
    let run = Run(path, start: 99)
    let before = run.bits
    #expect(throws: StateError.missing(owner: "Scheduler", key: "step")) { try run.checkpoint.resume() }
    #expect(run.differences(from: before) == [])

    file.tensors["run/position"] = Tensor([1, 2])
    try file.write(toFile: path)
    #expect(
      throws: FileError(
        file: path, place: .tensor("run/position"), expected: "int64 [2]", found: "float32 [2]")
    ) { try run.checkpoint.resume() }
    #expect(run.differences(from: before) == [])
    file.tensors["run/position"] = Tensor([1, -2], dtype: .int64)
    try file.write(toFile: path)
    #expect(
      throws: FileError(
        file: path, place: .tensor("run/position"), expected: "an epoch and a batch that can be counted on from",
        found: "[1, -2]")
    ) { try run.checkpoint.resume() }
  }

  @Test func theFileNamesItsParts() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Run(path).train(limit: 1)
    let file = try Safetensors(contentsOfFile: path)
    for key in ["model/0.weight", "optimizer/0.weight/m", "schedule/step", "average/updates", "run/position"] {
      #expect(file.tensors[key] != nil, "\(key)")
    }
    #expect(file.tensors["run/position"] == Tensor([0, 1], dtype: .int64))
  }

  /// A trainer stopped in the middle of an epoch, with a schedule and shuffled batches.
  @Test(arguments: [3, 5, 8]) func aTrainerGoesOnWhereAnotherStopped(stop: Int) throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let loader = DataLoader(line, batchSize: 8, seed: 1)
    func train(until stop: Int?, savesTo path: String) throws -> (Trainer, [String: Tensor]) {
      let net = Sequential(Linear(1, 4, generator: RandomGenerator(seed: 3)), Tanh(), Linear(4, 1))
      net[2].parameters[0].element.value = .ones([1, 4])
      net[2].parameters[1].element.value = .zeros([1])
      let optimizer = Adam(net.parameters, learningRate: 0.1)
      let scheduler = Scheduler(optimizer, .exponential(factor: 0.9))
      let trainer = Trainer(net, loss: MSELoss(), optimizer: optimizer, terminal: nil)
      let checkpoint = Checkpoint(
        path, model: net, optimizer: optimizer, also: ["schedule": scheduler], generators: [])
      try trainer.resume(checkpoint)
      var callbacks = [ScheduleCallback(scheduler, every: .batch), Checkpointing(checkpoint, everyBatches: 1)]
      if let stop { callbacks.append(Stop(stop)) }
      try trainer.fit(loader, epochs: 2, callbacks: callbacks)
      return (trainer, net.stateDict().merging(optimizer.stateDict()) { first, _ in first })
    }
    let (_, expected) = try train(until: nil, savesTo: path + ".whole")
    defer { try? FileManager.default.removeItem(atPath: path + ".whole") }
    _ = try train(until: stop, savesTo: path)
    let (trainer, found) = try train(until: nil, savesTo: path)
    #expect(found == expected && trainer.step == 10 && trainer.position == .init(epoch: 2))
  }
}
