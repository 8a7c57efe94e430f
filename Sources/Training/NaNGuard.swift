import Datasets
import NN

/// A loss or gradient that is not finite: when it occurred, and which op produced it.
public struct NumberError: Error, Sendable, CustomStringConvertible {
  /// Where in the training it occurred.
  public let epoch, batch: Int
  /// What was not finite, and which op produced it from finite numbers.
  public let cause: String
  /// The sentence, on one line.
  public var description: String { "epoch \(epoch), batch \(batch): \(cause)" }
}

/// Ends training, before the step is taken, when a loss or a gradient is not finite, and says which op produced it.
///
/// To find the op, the batch is computed once more with `Tape.detectsAnomalies` on. With dropout the numbers may then
/// differ, and the error reports only what was seen the first time.
public final class NaNGuard: Callback {
  public override func gradientsFound(_ trainer: Trainer, batch: Batch, loss: Double) throws {
    let stray = trainer.optimizer.parameters.first { parameter in
      parameter.element.grad.map { !($0.value * 0).sum().item().isZero } ?? false
    }
    if loss.isFinite && stray == nil { return }
    let what =
      loss.isFinite
      ? "the gradient of \(stray?.name ?? "") is not finite" : "the loss is \(loss.isNaN ? "NaN" : "infinite")"
    let op = firstAnomaly { trainer.loss(trainer.model(batch.inputs), batch.targets).backward() }
    throw NumberError(
      epoch: trainer.epoch, batch: trainer.position.batch + 1, cause: what + (op.map { "; \($0)" } ?? ""))
  }

  /// The tape's report of the first op whose result is not finite.
  private func firstAnomaly(_ body: () -> Void) -> String? {
    let found = Guarded<String?>(nil)
    let (wasOn, handler) = (Tape.detectsAnomalies, Tape.anomalyHandler)
    Tape.anomalyHandler = { sentence in found.withLock { $0 = $0 ?? sentence } }
    Tape.detectsAnomalies = true
    defer { (Tape.detectsAnomalies, Tape.anomalyHandler) = (wasOn, handler) }
    body()
    return found.withLock { $0 }
  }
}
