import Tensors
import Testing

import Datasets

@Suite struct SplitTests {
  @Test(arguments: [(1_797, 0.3, 540), (100, 0.07, 7), (10, 0.25, 3), (5, 0, 0), (5, 1, 5), (0, 0.3, 0)])
  func partsMakeTheWhole(count: Int, fraction: Double, testCount: Int) {
    let split = trainTestIndices(count: count, testFraction: fraction, seed: 3)
    #expect(split.test.count == testCount)
    #expect((split.train + split.test).sorted() == Array(0..<count))
  }

  @Test func seedDecides() {
    func split(_ seed: UInt64) -> [Int] { trainTestIndices(count: 100, testFraction: 0.3, seed: seed).test }
    #expect(split(1) == split(1))
    #expect(split(1) != split(2))
  }

  @Test func setsAreSplitWithTheirLabels() throws {
    let digits = try Digits.load()
    let (train, test) = digits.trainTestSplit(testFraction: 0.3, seed: 7)
    #expect((train.count, test.count) == (1_257, 540))
    let indices = trainTestIndices(count: digits.count, testFraction: 0.3, seed: 7)
    #expect(test.labels == indices.test.map { digits.labels[$0] })
    #expect(test.images[0] == digits.images[indices.test[0]])
  }

  @Test func strataAreSharedOut() {
    let strata = (0..<100).map { $0 < 90 ? 0 : 1 }
    let split = trainTestIndices(strata: strata, testFraction: 0.2, seed: 3)
    #expect((split.train + split.test).sorted() == Array(0..<100))
    #expect(split.test.count { strata[$0] == 0 } == 18 && split.test.count { strata[$0] == 1 } == 2)
    #expect(split.test != split.test.sorted())
    #expect(trainTestIndices(strata: [], testFraction: 0.5, seed: 1).train.isEmpty)
  }

  @Test(arguments: [(10, 3), (5, 5), (1_797, 10)]) func foldsAreEachTheTestOnce(count: Int, folds: Int) {
    let rounds = Array(KFold(count: count, folds: folds, seed: 4))
    #expect(rounds.count == folds)
    #expect(rounds.flatMap(\.test).sorted() == Array(0..<count))
    for (train, test) in rounds {
      #expect((train + test).sorted() == Array(0..<count))
      #expect((count / folds...count / folds + 1).contains(test.count))
    }
  }

  @Test func fractionOutsideStopsTheProgram() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = trainTestIndices(count: 3, testFraction: 30, seed: 1)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("trainTestIndices: testFraction lies between 0 and 1, got 30.0"))
  }
}

@Suite struct BatchSamplerTests {
  @Test func everySampleComesOnceAnEpoch() {
    let sampler = BatchSampler(count: 1_257, batchSize: 100, seed: 5)
    let batches = sampler.batches(epoch: 0)
    #expect(batches.count == 13 && sampler.batchCount == 13)
    #expect(batches.map(\.count) == Array(repeating: 100, count: 12) + [57])
    #expect(batches.flatMap { $0 }.sorted() == Array(0..<1_257))
  }

  @Test func lastPartCanBeLeftOut() {
    #expect(BatchSampler(count: 10, batchSize: 4, seed: 5, dropsLast: true).batches(epoch: 0).map(\.count) == [4, 4])
    #expect(BatchSampler(count: 8, batchSize: 4, seed: 5, dropsLast: true).batchCount == 2)
    #expect(BatchSampler(count: 3, batchSize: 4, seed: 5).batches(epoch: 0).map(\.count) == [3])
    #expect(BatchSampler(count: 0, batchSize: 4, seed: 5).batches(epoch: 0).isEmpty)
  }

  @Test func epochsDifferAndRepeat() {
    let sampler = BatchSampler(count: 100, batchSize: 10, seed: 5)
    #expect(sampler.batches(epoch: 30) == sampler.batches(epoch: 30))
    #expect(sampler.batches(epoch: 30) != sampler.batches(epoch: 31))
    #expect(BatchSampler(count: 100, batchSize: 10, seed: 6).batches(epoch: 30) != sampler.batches(epoch: 30))
    #expect(BatchSampler(count: 4, batchSize: 2, seed: nil).batches(epoch: 9) == [[0, 1], [2, 3]])
  }
}
