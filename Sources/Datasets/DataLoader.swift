import Dispatch
import Tensors

/// The batches of a set, shuffled anew for each epoch and prepared ahead on other threads while the model computes.
///
/// ```swift
/// let loader = DataLoader(training, batchSize: 128, seed: 1, augmentations: [.affine(rotation: 10, shift: 2)])
/// for epoch in 1...10 {
///   for batch in loader.epoch(epoch) { … net(batch.inputs), batch.targets … }
/// }
/// ```
///
/// A batch depends only on the seed, the epoch and its number in the epoch: not on how many batches are prepared at a
/// time, nor on those before it. Training that is resumed in the middle of an epoch sees what it would have seen
/// without the interruption.
public struct DataLoader: Sendable {
  /// The samples.
  public let dataset: any Dataset
  /// Which samples make up each batch: row 2 of batch 7 in epoch 3 is the sample `sampler.batches(epoch: 3)[7][2]`.
  public let sampler: BatchSampler
  /// How many batches are prepared ahead, each on one thread, which leaves the other threads to the model; 0 prepares a
  /// batch when it is asked for, on all threads.
  public let prefetch: Int
  /// The augmentations of each batch, in this order.
  public let augmentations: [Augmentation]

  /// Describes how a data set is iterated.
  /// - Parameters:
  ///   - dataset: The samples.
  ///   - batchSize: How many samples a batch has; the last may have fewer.
  ///   - seed: The seed of order and augmentation; nil keeps the samples in order and augments with seed 0.
  ///   - dropsLast: Whether an incomplete last batch is left out.
  ///   - prefetch: How many batches are prepared ahead.
  ///   - augmentations: What is done to each batch.
  public init(
    _ dataset: any Dataset, batchSize: Int, seed: UInt64? = nil, dropsLast: Bool = false, prefetch: Int = 2,
    augmentations: [Augmentation] = []
  ) {
    require(prefetch >= 0, "DataLoader: prefetch must not be negative, got \(prefetch)")
    require(batchSize > 0, "DataLoader: a batch has at least one sample, got batchSize \(batchSize)")
    self.dataset = dataset
    self.prefetch = prefetch
    self.augmentations = augmentations
    sampler = BatchSampler(count: dataset.count, batchSize: batchSize, seed: seed, dropsLast: dropsLast)
  }

  /// How many batches an epoch has.
  public var batchCount: Int { sampler.batchCount }

  /// The batches of an epoch, starting with one of them: a run that was stopped continues with the next batch.
  public func epoch(_ number: Int, from first: Int = 0) -> Epoch {
    require(
      number >= 0 && (0...batchCount).contains(first),
      "DataLoader: epoch \(number) from batch \(first): there are \(batchCount) batches, numbered from 0")
    return Epoch(loader: self, number: number, first: first)
  }

  /// One pass over the set.
  public struct Epoch: Sequence, Sendable {
    fileprivate let loader: DataLoader
    fileprivate let number: Int
    fileprivate let first: Int

    /// How many batches there are.
    public var underestimatedCount: Int { loader.batchCount - first }
    /// Starts preparing.
    public func makeIterator() -> Iterator { Iterator(self) }
  }

  /// Returns batches in order, while those ahead are being prepared.
  public struct Iterator: IteratorProtocol {
    private let epoch: Epoch
    private let positions: [[Int]]
    /// The first batch that is not being prepared.
    private var upcoming: Int
    /// The batches that follow, oldest first.
    private var ahead: [Preparation] = []

    fileprivate init(_ epoch: Epoch) {
      self.epoch = epoch
      positions = epoch.loader.sampler.batches(epoch: epoch.number)
      upcoming = epoch.first
    }

    /// The next batch, waited for if it is not ready; nil at the end of the epoch.
    public mutating func next() -> Batch? {
      let loader = epoch.loader
      if loader.prefetch == 0 {
        guard upcoming < positions.count else { return nil }
        defer { upcoming += 1 }
        return loader.prepare(positions[upcoming], epoch: epoch.number, batch: upcoming)
      }
      // One more than `prefetch`: the one that is returned now.
      while ahead.count <= loader.prefetch, upcoming < positions.count {
        ahead.append(Preparation(loader, positions[upcoming], epoch: epoch.number, batch: upcoming))
        upcoming += 1
      }
      return ahead.isEmpty ? nil : ahead.removeFirst().wait()
    }
  }

  fileprivate func prepare(_ positions: [Int], epoch: Int, batch number: Int) -> Batch {
    let whole = dataset.batch(at: positions)
    if augmentations.isEmpty { return whole }
    // A section of the stream for each batch, in another stream than the one that shuffles.
    let generator = RandomGenerator(seed: (sampler.seed ?? 0) ^ 0x9e37_79b9_7f4a_7c15)
    generator.state.offset = UInt64(epoch) << 48 | UInt64(number) << 24
    return augmentations.reduce(whole) { $1($0, generator) }
  }
}

/// A batch that is being prepared on another thread.
private final class Preparation: Sendable {
  private let result = Guarded<Batch?>(nil)
  private let isDone = DispatchSemaphore(value: 0)

  init(_ loader: DataLoader, _ positions: [Int], epoch: Int, batch: Int) {
    DispatchQueue.global(qos: .userInitiated).async { [self] in
      // Several batches are prepared in parallel already; the thread pool is left to the model.
      let prepared = Parallelism.alone { loader.prepare(positions, epoch: epoch, batch: batch) }
      result.withLock { $0 = prepared }
      isDone.signal()
    }
  }

  func wait() -> Batch? {
    isDone.wait()
    return result.withLock { $0 }
  }
}
