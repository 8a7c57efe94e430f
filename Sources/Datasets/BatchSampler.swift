import Tensors

/// Decides which samples make up each batch: every sample once per epoch, shuffled anew for each.
///
/// An epoch's batches depend only on the seed and the epoch's number, so training that is resumed at epoch 30 sees what
/// it would have seen without the interruption.
/// ```swift
/// for indices in sampler.batches(epoch: epoch) { let batch = training[indices] … }
/// ```
public struct BatchSampler: Sendable {
  /// How many samples there are.
  public let count: Int
  /// How many samples a batch has; the last may have fewer.
  public let batchSize: Int
  /// The seed of the shuffling; nil keeps the samples in order.
  public let seed: UInt64?
  /// Whether an incomplete last batch is left out.
  public let dropsLast: Bool

  /// Describes the batches of a set. Stops for a negative count or a batch of less than one sample.
  public init(count: Int, batchSize: Int, seed: UInt64?, dropsLast: Bool = false) {
    require(count >= 0, "BatchSampler: the count must not be negative, got \(count)")
    require(batchSize > 0, "BatchSampler: a batch has at least one sample, got batchSize \(batchSize)")
    self.count = count
    self.batchSize = batchSize
    self.seed = seed
    self.dropsLast = dropsLast
  }

  /// How many batches an epoch has.
  public var batchCount: Int { count / batchSize + (dropsLast || count % batchSize == 0 ? 0 : 1) }

  /// The batches of an epoch, counted from 0, as positions of samples.
  public func batches(epoch: Int) -> [[Int]] {
    let order = order(epoch: epoch)
    return (0..<batchCount).map { batch in
      Array(order[batch * batchSize..<min(count, (batch + 1) * batchSize)])
    }
  }

  private func order(epoch: Int) -> [Int] {
    Memory.requireRoom(forNumbers: count)
    guard let seed else { return Array(0..<count) }
    let generator = RandomGenerator(seed: seed)
    // Each epoch has its own section of the stream; the first section is left to other users of this seed.
    generator.state.offset = UInt64(bitPattern: Int64(epoch) &+ 1) << 32
    return generator.permutation(count)
  }
}
