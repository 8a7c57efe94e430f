import Foundation
import Synchronization

/// Makes Ctrl-C end training at the end of the batch, so that checkpoints and logs are written; a second Ctrl-C ends
/// the program at once.
public final class Interruption: Callback {
  private static let count = Atomic<Int>(0)

  public override func fitBegan(_ trainer: Trainer) {
    Self.count.store(0, ordering: .relaxed)
    // A signal handler may do no more than change a number, and remove itself.
    signal(SIGINT) { _ in
      Interruption.count.wrappingAdd(1, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
  }

  public override func batchEnded(_ trainer: Trainer, loss: Double) {
    if Self.count.load(ordering: .relaxed) > 0 { trainer.stopTraining("interrupted") }
  }

  public override func fitEnded(_ trainer: Trainer) { signal(SIGINT, SIG_DFL) }
}
