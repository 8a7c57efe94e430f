import Datasets
import Tensors
import Testing

/// Numbers and their squares, fetched one by one.
private struct Squares: Dataset {
  let count: Int
  subscript(position: Int) -> Sample {
    Sample(input: Tensor([Double(position)]), target: Tensor(position * position))
  }
}

/// All inputs of an epoch's batches.
private func inputs(_ loader: DataLoader, epoch: Int, from first: Int = 0) -> [[Double]] {
  loader.epoch(epoch, from: first).map { $0.inputs.scalars(as: Double.self) }
}

@Suite struct DataLoaderTests {
  @Test func everySampleComesOnceWithItsTarget() {
    let loader = DataLoader(Squares(count: 10), batchSize: 3, seed: 4)
    let batches = Array(loader.epoch(1))
    #expect(batches.map(\.count) == [3, 3, 3, 1] && loader.batchCount == 4)
    #expect(batches[0].inputs.shape == [3, 1] && batches[0].targets.shape == [3])
    let pairs = batches.flatMap { zip($0.inputs.scalars(as: Int.self), $0.targets.scalars(as: Int.self)) }
    #expect(pairs.map(\.0).sorted() == Array(0..<10))
    #expect(pairs.allSatisfy { $0 * $0 == $1 })
  }

  @Test func orderDependsOnSeedAndEpochOnly() {
    func order(_ prefetch: Int, epoch: Int, seed: UInt64? = 4) -> [[Double]] {
      inputs(DataLoader(Squares(count: 50), batchSize: 7, seed: seed, prefetch: prefetch), epoch: epoch)
    }
    #expect(order(0, epoch: 3) == order(1, epoch: 3))
    #expect(order(0, epoch: 3) == order(9, epoch: 3))
    #expect(order(2, epoch: 3) != order(2, epoch: 4))
    #expect(order(2, epoch: 3) != order(2, epoch: 3, seed: 5))
    #expect(order(2, epoch: 3, seed: nil).flatMap { $0 } == (0..<50).map(Double.init))
  }

  @Test func epochGoesOnFromABatch() {
    let loader = DataLoader(Squares(count: 50), batchSize: 7, seed: 4, augmentations: [.draws])
    #expect(inputs(loader, epoch: 2, from: 3) == Array(inputs(loader, epoch: 2)[3...]))
    #expect(inputs(loader, epoch: 2, from: loader.batchCount).isEmpty)
  }

  @Test func augmentationDependsOnSeedEpochAndBatchOnly() {
    func augmented(_ prefetch: Int, epoch: Int) -> [[Double]] {
      inputs(
        DataLoader(Squares(count: 40), batchSize: 8, seed: 1, prefetch: prefetch, augmentations: [.draws]), epoch: epoch
      )
    }
    #expect(augmented(0, epoch: 1) == augmented(5, epoch: 1))
    #expect(augmented(0, epoch: 1) != augmented(0, epoch: 2))
    let batches = augmented(2, epoch: 1)
    #expect(batches[0] != batches[1])
  }

  @Test func anIteratorThatIsDroppedLeavesNothingWaiting() {
    let loader = DataLoader(Squares(count: 1_000), batchSize: 10, seed: 1, prefetch: 4)
    for _ in 0..<50 {
      var iterator = loader.epoch(0).makeIterator()
      #expect(iterator.next()?.count == 10)
    }
  }

  @Test func emptySetHasNoBatches() {
    #expect(inputs(DataLoader(Squares(count: 0), batchSize: 4), epoch: 0).isEmpty)
  }

  @Test func tensorsAndImagesAreFetchedAtOnce() throws {
    let set = TensorDataset(inputs: .arange(6).reshape([3, 2]), targets: Tensor([7, 8, 9], shape: [3]))
    let batch = set.batch(at: [2, 0])
    #expect(batch.inputs == [[4, 5], [0, 1]] && batch.targets == Tensor([9, 7], dtype: .int64))
    #expect(set[1].input == [2, 3] && set[1].target == Tensor(8, dtype: .int64))
    let digits = try Digits.load()
    let some = digits.batch(at: [5, 6])
    #expect(some.inputs == digits[[5, 6]].images && some.targets == digits[[5, 6]].targets)
    #expect(digits[5].input == digits.images[5] && digits[5].target == Tensor(digits.labels[5]))
  }

  @Test func subsetsCopyNothing() {
    let (train, test) = Squares(count: 10).split(testFraction: 0.3, seed: 2)
    #expect((train.count, test.count) == (7, 3))
    #expect((train.positions + test.positions).sorted() == Array(0..<10))
    #expect(test.batch(at: [1]).inputs.item() == Double(test.positions[1]))
    #expect(test.subset([2, 0])[0].input == test[2].input)
  }
}

extension Augmentation {
  /// Adds a random number to a whole batch.
  fileprivate static var draws: Augmentation {
    Augmentation { batch, generator in
      Batch(
        inputs: batch.inputs + Tensor.randomUniform([], dtype: batch.inputs.dtype, generator: generator),
        targets: batch.targets)
    }
  }
}
