import NN

/// Saves a run while it trains: every so many batches, at each epoch's end, and when training ends for whatever reason.
///
/// ```swift
/// let checkpoint = Checkpoint("run.safetensors", model: net, optimizer: optimizer, also: ["schedule": scheduler])
/// try trainer.resume(checkpoint)
/// try trainer.fit(loader, epochs: 10, callbacks: [ScheduleCallback(scheduler), Checkpointing(checkpoint)])
/// ```
///
/// Name it last, so that what others change is saved as they left it. A run that was resumed ends with the bits of one
/// that was never stopped.
public final class Checkpointing: Callback {
  private let checkpoint: Checkpoint
  private let interval: Int?

  /// Saves to a checkpoint's file, every `interval` batches too if that is given.
  public init(_ checkpoint: Checkpoint, everyBatches interval: Int? = nil) {
    require((interval ?? 1) > 0, "Checkpointing: the interval must be positive, got \(interval ?? 1)")
    (self.checkpoint, self.interval) = (checkpoint, interval)
  }

  public override func batchEnded(_ trainer: Trainer, loss: Double) throws {
    if let interval, trainer.step % interval == 0 { try checkpoint.save(at: trainer.position) }
  }
  public override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) throws {
    try checkpoint.save(at: trainer.position)
  }
  public override func fitEnded(_ trainer: Trainer) throws { try checkpoint.save(at: trainer.position) }
}

/// Keeps the model of the best epoch so far in a file, by one of the epoch's figures.
public final class BestModel: Callback {
  private let path: String
  private let figure: String
  private let isBetterLarger: Bool
  private var best: Double?

  /// Writes parameters and buffers to a safetensors file.
  public init(_ path: String, watching figure: String = "validation loss", isBetterLarger: Bool = false) {
    (self.path, self.figure, self.isBetterLarger) = (path, figure, isBetterLarger)
  }

  public override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) throws {
    let value = trainer.figure(figure, of: epoch)
    if let best, isBetterLarger ? value <= best : value >= best { return }
    best = value
    try trainer.model.save(toFile: path)
  }
}

extension Trainer {
  /// Takes a run up where a checkpoint's file was saved; begins anew where there is no file. Call it before `fit`.
  ///
  /// The history begins anew, too. Throws what `Checkpoint.resume()` throws.
  public func resume(_ checkpoint: Checkpoint) throws { position = try checkpoint.resume() }
}
