import Datasets
import NN
import Optim

/// An observer of training that may act: log, save, stop.
///
/// Override the methods of interest. Whatever a callback throws ends the training, after `fitEnded` has been called
/// on all of them.
///
/// ```swift
/// final class Shout: Callback {
///   override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) { print(epoch["loss"] ?? .nan) }
/// }
/// ```
open class Callback: Stateful {
  /// For subclasses to call.
  public init() {}

  /// The state that a run resumed from a checkpoint needs; nothing, unless overridden.
  open func stateDict() -> [String: Tensor] { [:] }
  /// Restores what `stateDict()` returned; called before `fitBegan`.
  open func load(_ state: [String: Tensor]) throws(StateError) {}

  /// Training begins.
  open func fitBegan(_ trainer: Trainer) throws {}
  /// An epoch begins; `trainer.epoch` is its number.
  open func epochBegan(_ trainer: Trainer) throws {}
  /// The gradients of a batch have been computed, and the step has not been taken yet: the place to clip them.
  open func gradientsFound(_ trainer: Trainer, batch: Batch, loss: Double) throws {}
  /// A step was taken; `trainer.step` counts them.
  open func batchEnded(_ trainer: Trainer, loss: Double) throws {}
  /// An epoch ended, validation included; its figures are the last in `trainer.history`.
  open func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) throws {}
  /// Training ends, whatever ended it.
  open func fitEnded(_ trainer: Trainer) throws {}
}

/// Steps a schedule after each epoch or each batch.
public final class ScheduleCallback: Callback {
  /// When the schedule steps.
  public enum Pace: Sendable { case epoch, batch }

  private let pace: Pace
  private let stepSchedule: (Trainer, History.Epoch?) -> Void

  /// Steps a scheduler.
  public init(_ scheduler: Scheduler, every pace: Pace = .epoch) {
    self.pace = pace
    stepSchedule = { _, _ in scheduler.step() }
  }

  /// Steps a plateau scheduler after each epoch by one of the epoch's figures.
  public init(_ scheduler: PlateauScheduler, watching figure: String = "validation loss") {
    pace = .epoch
    stepSchedule = { _, epoch in
      guard let value = epoch?[figure] else {
        stop("ScheduleCallback: no figure '\(figure)' was measured, only \(epoch?.figures.map(\.name) ?? [])")
      }
      scheduler.step(value)
    }
  }

  public override func batchEnded(_ trainer: Trainer, loss: Double) { if pace == .batch { stepSchedule(trainer, nil) } }
  public override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) {
    if pace == .epoch { stepSchedule(trainer, epoch) }
  }
}

/// The best value so far of one of the epochs' figures.
struct BestFigure {
  let name: String
  /// nil for what the trainer's metrics say.
  private let isBetterLarger: Bool?
  private let smallestChange: Double
  private var value: Double?

  init(name: String, isBetterLarger: Bool?, smallestChange: Double = 0) {
    (self.name, self.isBetterLarger, self.smallestChange) = (name, isBetterLarger, smallestChange)
  }

  /// Whether an epoch's value is better by more than the smallest change, and so the new best; NaN never is.
  mutating func isBeaten(in epoch: History.Epoch, of trainer: Trainer) -> Bool {
    let other = trainer.figure(name, of: epoch)
    let isBetterLarger = isBetterLarger ?? trainer.isBetterLarger(name)
    let gain = value.map { isBetterLarger ? other - $0 : $0 - other } ?? .infinity
    if other.isNaN || !(gain > smallestChange) { return false }
    value = other
    return true
  }

  /// Empty before the first value.
  var state: [String: Tensor] { value.map { ["best": Tensor($0)] } ?? [:] }

  mutating func load(_ reader: inout StateReader) throws(StateError) {
    value = try reader.optional("best", like: .zeros([], dtype: .float64))?.item()
  }
}

/// Stops when a figure has not improved for some epochs, and can restore the best parameters.
public final class EarlyStopping: Callback {
  private let patience: Int
  private let restoresBest: Bool
  private var best: BestFigure
  private var bestModel: [String: Tensor] = [:]
  private var epochsSince = 0

  /// Watches one of the epochs' figures.
  /// - Parameters:
  ///   - figure: The figure's name.
  ///   - patience: How many epochs in a row may be no better.
  ///   - smallestChange: An improvement must be larger than this to count.
  ///   - isBetterLarger: Whether larger is better; nil for what the trainer's metric of that name says. Smaller losses
  ///     are better.
  ///   - restoresBest: Whether parameters and buffers are set back to the best epoch's at the end.
  public init(
    watching figure: String = "validation loss", patience: Int = 3, smallestChange: Double = 0,
    isBetterLarger: Bool? = nil, restoresBest: Bool = true
  ) {
    require(patience >= 0, "EarlyStopping: patience must not be negative, got \(patience)")
    (self.patience, self.restoresBest) = (patience, restoresBest)
    best = BestFigure(name: figure, isBetterLarger: isBetterLarger, smallestChange: smallestChange)
  }

  /// A run that had already ended when it was saved ends at once.
  public override func fitBegan(_ trainer: Trainer) { stopIfPatienceIsOver(trainer) }

  public override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) {
    if best.isBeaten(in: epoch, of: trainer) {
      // Tensors are values: this copies nothing until the next step changes a parameter.
      if restoresBest { bestModel = trainer.model.stateDict() }
      epochsSince = 0
    } else {
      epochsSince += 1
      stopIfPatienceIsOver(trainer)
    }
  }

  private func stopIfPatienceIsOver(_ trainer: Trainer) {
    if epochsSince > patience { trainer.stopTraining("\(best.name) was no better for \(epochsSince) epochs") }
  }

  public override func fitEnded(_ trainer: Trainer) throws {
    if !bestModel.isEmpty { try trainer.model.load(bestModel) }
  }

  /// The best value and model so far, and the number of epochs since.
  public override func stateDict() -> [String: Tensor] {
    var state = best.state
    state["epochs since"] = Tensor(epochsSince)
    state.add(bestModel, under: "model")
    return state
  }

  public override func load(_ state: [String: Tensor]) throws(StateError) {
    let model = state.entries(under: "model")
    var reader = StateReader(state.filter { !$0.key.hasPrefix("model/") }, of: "EarlyStopping")
    let since = try reader.count("epochs since")
    try best.load(&reader)
    try reader.finish()
    (epochsSince, bestModel) = (since, restoresBest ? model : [:])
  }
}

/// Scales all gradients down together where their norm is larger than allowed.
public final class GradientClipping: Callback {
  private let largest: Double

  /// Clips to a global norm.
  public init(norm largest: Double) { self.largest = largest }

  public override func gradientsFound(_ trainer: Trainer, batch: Batch, loss: Double) {
    clipGradNorm(trainer.optimizer.parameters, to: largest)
  }
}

/// Stops training after a given time.
public final class TimeLimit: Callback {
  private let limit: Duration
  private var end: ContinuousClock.Instant?

  /// Stops at the end of the first batch after the given time.
  public init(_ limit: Duration) { self.limit = limit }

  public override func fitBegan(_ trainer: Trainer) { end = ContinuousClock.now + limit }
  public override func batchEnded(_ trainer: Trainer, loss: Double) {
    if let end, ContinuousClock.now >= end { trainer.stopTraining("the time of \(clockText(limit)) is up") }
  }
}
