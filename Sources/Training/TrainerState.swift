import NN
import Optim

extension Trainer: Stateful {
  /// Where training stands: epoch, batch and steps. The history is not part of it.
  public func stateDict() -> [String: Tensor] {
    ["epoch": Tensor(epoch), "batch": Tensor(batch), "step": Tensor(step)]
  }

  /// Takes over where another trainer stood; `fit` goes on from there, in the middle of an epoch if need be. The figures of
  /// an epoch that is gone on with are those of its remaining batches.
  public func load(_ state: [String: Tensor]) throws(StateError) {
    var reader = StateReader(state, of: "Trainer")
    let loaded = (try reader.count("epoch"), try reader.count("batch"), try reader.count("step"))
    try reader.finish()
    (epoch, batch, step) = loaded
  }
}

/// Saves a checkpoint while a trainer trains.
///
/// ```swift
/// let checkpoint = Checkpoint("run.safetensors", model: net, optimizer: optimizer, also: ["trainer": trainer])
/// _ = try checkpoint.resume()
/// try trainer.fit(loader, epochs: 100, callbacks: [CheckpointCallback(checkpoint)])
/// ```
///
/// The trainer is one of the checkpoint's parts, as are schedulers. Name this callback last, so that what the others do after
/// a batch or an epoch, such as a schedule's step, is saved with it.
public final class CheckpointCallback: Callback {
  private let checkpoint: Checkpoint
  private let interval: Int?

  /// Saves after each epoch and, if said, after every so many steps.
  public init(_ checkpoint: Checkpoint, everySteps interval: Int? = nil) {
    require(interval ?? 1 >= 1, "CheckpointCallback: everySteps must be at least 1, got \(interval ?? 1)")
    (self.checkpoint, self.interval) = (checkpoint, interval)
  }

  public override func batchEnded(_ trainer: Trainer, loss: Double) throws {
    guard let interval, trainer.step % interval == 0 else { return }
    try checkpoint.save(at: .init(epoch: trainer.epoch - 1, batch: trainer.batch))
  }

  public override func epochEnded(_ trainer: Trainer, _ epoch: History.Epoch) throws {
    try checkpoint.save(at: .init(epoch: trainer.epoch))
  }
}
