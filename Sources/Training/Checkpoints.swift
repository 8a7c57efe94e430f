import NN
import Optim

/// Saves a run while it trains: every given number of batches, at each epoch's end, and when training ends
/// for any reason.
///
/// ```swift
/// let checkpoint = Checkpoint("run.safetensors", model: net, optimizer: optimizer, also: ["schedule": scheduler])
/// try trainer.resume(checkpoint)
/// try trainer.fit(loader, epochs: 10, callbacks: [ScheduleCallback(scheduler), Checkpointing(checkpoint)])
/// ```
///
/// List it last, so that it saves what other callbacks have changed. The history and the states of the other callbacks
/// are saved, too: a resumed run ends with the same bits as one that was never stopped, and stops where that would.
public final class Checkpointing: Callback {
  private let checkpoint: Checkpoint
  private let interval: Int?

  /// Saves to a checkpoint's file; if `interval` is given, also every that many batches.
  public init(_ checkpoint: Checkpoint, everyBatches interval: Int? = nil) {
    require((interval ?? 1) > 0, "Checkpointing: the interval must be positive, got \(interval ?? 1)")
    (self.checkpoint, self.interval) = (checkpoint, interval)
  }

  public override func batchEnded(_ trainer: Trainer, loss: Double) throws {
    if let interval, trainer.step % interval == 0 { try checkpoint.save(at: trainer.position, trainer) }
  }
  public override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) throws {
    try checkpoint.save(at: trainer.position, trainer)
  }
  public override func fitEnded(_ trainer: Trainer) throws { try checkpoint.save(at: trainer.position, trainer) }
}

/// Keeps the model of the best epoch so far in a file, by one of the epoch's figures.
///
/// A run resumed from a checkpoint knows which value it has to beat.
public final class BestModel: Callback {
  private let path: String
  private var best: BestFigure

  /// Writes parameters and buffers to a safetensors file.
  /// - Parameters:
  ///   - path: The file.
  ///   - figure: The name of the figure that is watched.
  ///   - isBetterLarger: Whether larger is better; nil for what the trainer's metric of that name says. Smaller losses
  ///     are better.
  public init(_ path: String, watching figure: String = "validation loss", isBetterLarger: Bool? = nil) {
    self.path = path
    best = BestFigure(name: figure, isBetterLarger: isBetterLarger)
  }

  public override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) throws {
    if best.isBeaten(in: epoch, of: trainer) { try trainer.model.save(toFile: path) }
  }

  public override func stateDict() -> [String: Tensor] { best.state }

  public override func load(_ state: [String: Tensor]) throws(StateError) {
    var reader = StateReader(state, of: "BestModel")
    try best.load(&reader)
    try reader.finish()
  }
}
