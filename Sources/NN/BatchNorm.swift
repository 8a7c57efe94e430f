// Normalization over a batch: training uses the batch's statistics and keeps running averages of them for evaluation.

/// Batch normalization of any rank: y = (x − mean) / √(variance + ε) · weight + bias, by channel.
///
/// In training, mean and (biased) variance are the batch's, and running ← (1 − momentum) · running + momentum · batch,
/// with the unbiased variance; without a momentum, running is the mean over all batches so far. In evaluation
/// (`eval()`) the running ones are used, or the batch's if none are tracked. If threads train one model at once, all
/// their batches count, in the order in which they arrive. Ioffe and Szegedy 2015.
public class BatchNorm: Module {
  /// [C], starts at 1
  public let weight: Variable?
  /// [C], starts at 0
  public let bias: Variable?
  /// Buffer [C], starts at 0
  public let runningMean: Variable?
  /// Buffer [C], starts at 1
  public let runningVar: Variable?
  /// Buffer [] of int64: batches seen in training
  public let numBatchesTracked: Variable?
  /// The weight of a new batch in the running statistics; nil for the mean over all batches.
  public var momentum: Double?
  /// Added to the variance, to avoid division by 0.
  public let epsilon: Double
  fileprivate let channels: Int
  /// Makes threads that train one model at once take turns.
  private let turn = Guarded(())

  /// Creates a layer for `channels` channels. `affine: false` leaves out weight and bias, `tracksStatistics: false` the
  /// buffers.
  public init(
    _ channels: Int, epsilon: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true,
    tracksStatistics: Bool = true, dtype: DType = .float32
  ) {
    require(channels > 0, "\(Self.self): wants at least one channel, got \(channels)")
    Self.requireFloat(dtype)
    (self.channels, self.epsilon, self.momentum) = (channels, epsilon, momentum)
    weight = affine ? Initializer.constant(1).parameter([channels], dtype: dtype) : nil
    bias = affine ? Initializer.zeros.parameter([channels], dtype: dtype) : nil
    runningMean = tracksStatistics ? Variable(.zeros([channels], dtype: dtype)) : nil
    runningVar = tracksStatistics ? Variable(.ones([channels], dtype: dtype)) : nil
    numBatchesTracked = tracksStatistics ? Variable(.zeros([], dtype: .int64)) : nil
  }

  /// How many axes an input may have.
  fileprivate var ranks: ClosedRange<Int> { 2...8 }
  /// The shapes of such inputs.
  fileprivate var shapes: String { "[N, \(channels), ...]" }

  public final override func forward(_ x: Variable) -> Variable {
    require(ranks.contains(x.rank) && x.shape[1] == channels, "wants \(shapes), got \(x.shape)")
    if !isTraining, let runningMean, let runningVar {
      let (mean, variance) = turn.withLock { _ in (runningMean.value, runningVar.value) }
      return x.batchNorm(mean: mean, variance: variance, weight: weight, bias: bias, epsilon: epsilon)
    }
    let count = Double(x.elementCount / channels)
    require(!isTraining || count > 1, "wants more than one value a channel to train with, got \(x.shape)")
    let batch = x.batchNorm(weight: weight, bias: bias, epsilon: epsilon)
    if isTraining { track(batch.mean, batch.variance * (count / (count - 1))) }
    return batch.output
  }

  /// Moves the running statistics towards those of a batch.
  private func track(_ mean: Tensor, _ variance: Tensor) {
    // When a checkpoint recomputes, this batch has been counted already.
    guard let runningMean, let runningVar, let numBatchesTracked, !Tape.isRecomputing else { return }
    turn.withLock { _ in
      numBatchesTracked.value += 1
      let share = momentum ?? 1 / numBatchesTracked.item()
      runningMean.value = runningMean.value * (1 - share) + mean * share
      runningVar.value = runningVar.value * (1 - share) + variance * share
    }
  }

  public override var summary: String { "\(type(of: self)) \(channels)" }
}

/// Batch normalization of features [N, C] or sequences [N, C, L]. PyTorch's `BatchNorm1d`.
public final class BatchNorm1D: BatchNorm {
  override var ranks: ClosedRange<Int> { 2...3 }
  override var shapes: String { "[N, \(channels)] or [N, \(channels), L]" }
}

/// Batch normalization of images [N, C, H, W]. PyTorch's `BatchNorm2d`.
public final class BatchNorm2D: BatchNorm {
  override var ranks: ClosedRange<Int> { 4...4 }
  override var shapes: String { "[N, \(channels), H, W]" }
}

/// Batch normalization of volumes [N, C, D, H, W]. PyTorch's `BatchNorm3d`.
public final class BatchNorm3D: BatchNorm {
  override var ranks: ClosedRange<Int> { 5...5 }
  override var shapes: String { "[N, \(channels), D, H, W]" }
}
