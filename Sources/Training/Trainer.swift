import Datasets
import NN
import Optim

/// Trains a model on batches, measures it, and informs callbacks.
///
/// ```swift
/// let trainer = Trainer(net, loss: CrossEntropyLoss(), optimizer: Adam(net.parameters), metrics: [.accuracy])
/// let history = try trainer.fit(
///   DataLoader(training, batchSize: 128, seed: 1), epochs: 10, validation: validation,
///   callbacks: [EarlyStopping(patience: 3)])
/// ```
///
/// It does nothing that a loop of your own could not do; every part works without it.
public final class Trainer {
  /// What is trained.
  public let model: Module
  /// The loss of outputs and targets that is minimized: a mean over the batch.
  public let loss: Loss
  /// Updates the parameters.
  public let optimizer: Optimizer
  /// What is measured besides the loss, in training and validation.
  public let metrics: [Metric]
  /// All measurements so far.
  public internal(set) var history = History()
  /// The current epoch, or the last one, counted from 1; 0 before the first.
  public internal(set) var epoch = 0
  /// Epochs completed, and batches of the next one. A checkpoint saves it.
  public internal(set) var position = Checkpoint.Position(epoch: 0)
  /// Steps taken in all.
  public var step: Int { optimizer.stepCount }
  /// Why training stopped before its last epoch; nil if it did not.
  public private(set) var stopReason: String?

  /// Loss and metrics of the current epoch.
  var measures: Measures
  /// The observers, while training is on.
  private(set) var callbacks: [Callback] = []
  /// The states of a resumed run's callbacks, by their names, until `fit` passes them on.
  var remembered: [String: [String: Tensor]] = [:]
  private let terminal: Terminal
  private let write: (String) -> Void

  /// Creates a trainer.
  /// - Parameters:
  ///   - model: What is trained.
  ///   - loss: Compares the model's outputs with the targets.
  ///   - optimizer: Holds the model's parameters, or some of them.
  ///   - metrics: What is reported beside the loss.
  ///   - terminal: Where progress is shown; nil for nowhere.
  public convenience init(
    _ model: Module, loss: Loss, optimizer: Optimizer, metrics: [Metric] = [], terminal: Terminal? = .current
  ) {
    self.init(
      model, loss: loss, optimizer: optimizer, metrics: metrics, terminal: terminal ?? Terminal(isInteractive: false),
      write: { if terminal != nil { Terminal.write($0) } })
  }

  package init(
    _ model: Module, loss: Loss, optimizer: Optimizer, metrics: [Metric], terminal: Terminal,
    write: @escaping (String) -> Void
  ) {
    (self.model, self.loss, self.optimizer, self.metrics) = (model, loss, optimizer, metrics)
    (self.terminal, self.write) = (terminal, write)
    measures = Measures(metrics)
  }

  /// Ends the training at the end of the current batch or epoch.
  public func stopTraining(_ reason: String) { stopReason = stopReason ?? reason }

  /// Trains until `epochs` epochs are completed in all, and returns what was measured.
  ///
  /// Epochs completed before count: a trainer whose state was loaded continues where that state was saved, in the
  /// middle of an epoch if need be, and a second call with a larger number continues training. The learning rate at
  /// each epoch's end is among the figures. Callbacks are called in the given order, and `fitEnded` in reverse order,
  /// on each of them whatever others throw. A run that was saved after the last batch of `training` throws a
  /// `PositionError`.
  /// - Parameters:
  ///   - training: The batches.
  ///   - epochs: The number of passes over them, in all.
  ///   - validation: What the model is measured on after each epoch.
  ///   - callbacks: The observers.
  @discardableResult
  public func fit(
    _ training: DataLoader, epochs: Int, validation: (any Dataset)? = nil, callbacks: [Callback] = []
  ) throws -> History {
    require(
      training.batchCount > 0,
      "Trainer: the training set of \(training.dataset.count) samples makes no batch of \(training.sampler.batchSize)")
    require(validation?.count != 0, "Trainer: the validation set has no samples; nil validates on none")
    try position.check(batchCount: training.batchCount)
    stopReason = nil
    self.callbacks = callbacks
    defer { self.callbacks = [] }
    for (name, callback) in namedCallbacks {
      if let state = remembered.removeValue(forKey: name) { try callback.load(state) }
    }
    try run(endingWith: callbacks.reversed().map { callback in { try callback.fitEnded(self) } }) {
      for callback in callbacks { try callback.fitBegan(self) }
      while position.epoch < epochs, stopReason == nil {
        try train(position.epoch + 1, on: training, validation, until: epochs, callbacks)
      }
      if let stopReason { write("stopped in epoch \(epoch): \(stopReason)\n") }
    }
    return history
  }

  /// Trains on part of a set and validates on the rest, split at random by the seed.
  @discardableResult
  public func fit(
    _ set: some Dataset, epochs: Int, batchSize: Int = 32, validationSplit: Double = 0, seed: UInt64 = 0,
    callbacks: [Callback] = []
  ) throws -> History {
    let (training, validation) = set.split(testFraction: validationSplit, seed: seed)
    return try fit(
      DataLoader(training, batchSize: batchSize, seed: seed), epochs: epochs,
      validation: validation.count > 0 ? validation : nil, callbacks: callbacks)
  }

  /// Loss and metrics of a set under their names, with the model in evaluation mode.
  public func evaluate(_ set: any Dataset, batchSize: Int = 256) -> [(name: String, value: Double)] {
    require(set.count > 0, "Trainer: the set to evaluate on has no samples")
    var measures = Measures(metrics)
    inUse {
      for batch in DataLoader(set, batchSize: batchSize).epoch(0) {
        let outputs = model(batch.inputs)
        measures.add(loss(outputs, batch.targets).item(), outputs.value, batch.targets)
      }
    }
    return measures.figures
  }

  /// The model's outputs for inputs [N, ...], in evaluation mode: [N, ...].
  public func predict(_ inputs: Tensor, batchSize: Int = 256) -> Tensor {
    require(inputs.rank > 0 && inputs.shape[0] > 0, "predict: wants at least one sample [N, ...], got \(inputs.shape)")
    require(batchSize > 0, "predict: a batch has at least one sample, got batchSize \(batchSize)")
    return inUse {
      Tensor.concatenate(
        stride(from: 0, to: inputs.shape[0], by: batchSize).map { start in
          model(inputs[start..<min(inputs.shape[0], start + batchSize)]).value
        })
    }
  }

  /// One of an epoch's figures; stops when it was not measured.
  func figure(_ name: String, of epoch: History.Epoch) -> Double {
    guard let value = epoch[name] else {
      stop("Trainer: no figure '\(name)' was measured, only \(epoch.figures.map(\.name).joined(separator: ", "))")
    }
    return value
  }

  /// Whether a figure is better when it is larger, according to its metric.
  func isBetterLarger(_ figure: String) -> Bool {
    metrics.contains { $0.isBetterLarger && [$0.name, "validation " + $0.name].contains(figure) }
  }
}

// MARK: - One epoch

extension Trainer {
  private func train(
    _ number: Int, on training: DataLoader, _ validation: (any Dataset)?, until last: Int, _ callbacks: [Callback]
  ) throws {
    let clock = ContinuousClock()
    let start = clock.now
    epoch = number
    for callback in callbacks { try callback.epochBegan(self) }
    model.train()
    if position.batch == 0 { measures = Measures(metrics) }
    let secondsBefore = measures.seconds
    var bar = ProgressBar("epoch \(number)/\(last)", total: training.batchCount, terminal: terminal, write: write)
    bar.advance(by: position.batch)
    for samples in training.epoch(number, from: position.batch) {
      let value = try trainOnce(samples, callbacks)
      measures.seconds = secondsBefore + (clock.now - start).seconds
      bar.advance(note: terminal.isInteractive ? measures.text : nil)
      for callback in callbacks { try callback.batchEnded(self, loss: value) }
      if stopReason != nil { break }
    }
    // An interrupted epoch is not part of the history, and continues with its next batch.
    guard position.batch == training.batchCount else { return bar.clear() }
    position = .init(epoch: number)
    var figures = measures.figures
    if let validation { figures += evaluate(validation).map { ("validation " + $0.name, $0.value) } }
    figures.append(("learning rate", optimizer.learningRate))
    let record = History.Epoch(number: number, seconds: secondsBefore + (clock.now - start).seconds, figures: figures)
    history.epochs.append(record)
    bar.finish(record.text(of: last))
    for callback in callbacks { try callback.epochEnded(self, record) }
  }

  private func trainOnce(_ samples: Batch, _ callbacks: [Callback]) throws -> Double {
    optimizer.zeroGrad()
    let outputs = model(samples.inputs)
    let loss = loss(outputs, samples.targets)
    loss.backward()
    let value = loss.item()
    for callback in callbacks { try callback.gradientsFound(self, batch: samples, loss: value) }
    optimizer.step()
    position.batch += 1
    measures.add(value, outputs.value, samples.targets)
    return value
  }

  /// Runs `body` without recording and with the model in evaluation mode, and then restores every module's mode.
  private func inUse<Result>(_ body: () throws -> Result) rethrows -> Result {
    let modes = model.modules.map { ($0.element, $0.element.isTraining) }
    model.eval()
    // Parents come first, so that a child's own mode is set last.
    defer { for (module, isTraining) in modes { module.train(isTraining) } }
    return try withoutGradient(body)
  }
}

extension History.Epoch {
  /// The line that stays: `epoch  3/10: loss 0.1203, accuracy 0.9641, validation loss 0.1420 · 1.2 s`.
  func text(of last: Int) -> String {
    let width = String(last).count
    let shown = figures.filter { $0.name != "learning rate" }.map { "\($0.name) \($0.value.text(decimals: 4))" }
    return "epoch \(String(number).paddedLeft(to: width))/\(last): \(shown.joined(separator: ", ")) · "
      + clockText(.seconds(seconds))
  }
}

/// Runs `body` and then every one of `endings`, whatever any of them throws; the first error is thrown on.
private func run(endingWith endings: [() throws -> Void], _ body: () throws -> Void) throws {
  var first: (any Error)?
  func attempt(_ step: () throws -> Void) {
    do { try step() } catch { first = first ?? error }
  }
  attempt(body)
  for ending in endings { attempt(ending) }
  if let first { throw first }
}
