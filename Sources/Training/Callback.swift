import Datasets
import NN
import Optim

/// Something that looks on while a model trains, and may act: log, save, stop.
///
/// Override what is of interest. Whatever a callback throws ends the training, after `fitEnded` was called on all of them.
///
/// ```swift
/// final class Shout: Callback {
///   override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) { print(epoch["loss"] ?? .nan) }
/// }
/// ```
open class Callback {
  /// For subclasses.
  public init() {}

  /// Training begins.
  open func fitBegan(_ trainer: Trainer) throws {}
  /// An epoch begins; `trainer.epoch` is its number.
  open func epochBegan(_ trainer: Trainer) throws {}
  /// The gradients of a batch are there, and the step is not taken yet: the place to clip them.
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

/// Stops when a figure has not become better for some epochs, and may bring the best parameters back.
public final class EarlyStopping: Callback {
  private let figure: String
  private let patience: Int
  private let smallestChange: Double
  private let isBetterLarger: Bool
  private let restoresBest: Bool
  private var best: (value: Double, state: [String: Tensor])?
  private var epochsSince = 0

  /// - Parameters:
  ///   - figure: What is watched; accuracies and other figures that are better when larger are known by the trainer's metrics.
  ///   - patience: How many epochs in a row may be no better.
  ///   - smallestChange: What is less does not count as better.
  ///   - isBetterLarger: Whether larger is better.
  ///   - restoresBest: Whether parameters and buffers are set back to the best epoch's at the end.
  public init(
    watching figure: String = "validation loss", patience: Int = 3, smallestChange: Double = 0,
    isBetterLarger: Bool = false, restoresBest: Bool = true
  ) {
    (self.figure, self.patience, self.smallestChange) = (figure, patience, smallestChange)
    (self.isBetterLarger, self.restoresBest) = (isBetterLarger, restoresBest)
  }

  public override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) {
    let value = trainer.figure(figure, of: epoch)
    let gain = best.map { isBetterLarger ? value - $0.value : $0.value - value } ?? .infinity
    if gain > smallestChange {
      // Tensors are values: this copies nothing until the next step changes a parameter.
      best = (value, trainer.model.stateDict())
      epochsSince = 0
    } else {
      epochsSince += 1
      if epochsSince > patience { trainer.stopTraining("\(figure) was no better for \(epochsSince) epochs") }
    }
  }

  public override func fitEnded(_ trainer: Trainer) throws {
    if restoresBest, let best { try trainer.model.load(best.state) }
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

/// Stops after a time.
public final class TimeLimit: Callback {
  private let limit: Duration
  private var end: ContinuousClock.Instant?

  /// Stops at the end of the first batch after so long.
  public init(_ limit: Duration) { self.limit = limit }

  public override func fitBegan(_ trainer: Trainer) { end = ContinuousClock.now + limit }
  public override func batchEnded(_ trainer: Trainer, loss: Double) {
    if let end, ContinuousClock.now >= end { trainer.stopTraining("the time of \(clockText(limit)) is up") }
  }
}
