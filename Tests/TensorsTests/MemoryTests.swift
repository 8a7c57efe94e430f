import Tensors
import Testing

/// The memory pool's statistics are global, so each test runs in a separate process.
@Suite struct MemoryTests {
  @Test func liveReturnsToWhereItWas() async {
    await #expect(processExitsWith: .success) {
      let before = Memory.statistics.live
      do {
        let x = Tensor.zeros([1000])
        #expect(Memory.statistics.live - before >= 4000 && Memory.statistics.live - before < 5200)
        let held = Memory.statistics.live
        let views = [x.transpose(0, 0), x[3...], x.reshape([10, 100])]
        #expect(Memory.statistics.live == held, "views take no memory")
        withExtendedLifetime(views) {}
      }
      #expect(Memory.statistics.live == before)
      #expect(Memory.statistics.cached >= 4000)
    }
  }

  @Test func aViewKeepsItsBase() async {
    await #expect(processExitsWith: .success) {
      let before = Memory.statistics.live
      var row: Tensor? = Tensor.ones([100, 100])[7]
      #expect(Memory.statistics.live - before >= 40_000)
      #expect(row == .ones([100]))
      row = nil
      #expect(Memory.statistics.live == before)
    }
  }

  @Test func aSteadyLoopTakesNoNewMemory() async {
    await #expect(processExitsWith: .success) {
      func step(_ x: Tensor, _ w: inout Tensor) {
        let y = x.matmul(w).tanh()
        w.add(x.transpose().matmul(y * 2 - y[.stride(by: -1)]), scale: -1e-4)
      }
      let x = Tensor.randomNormal([64, 300])
      var w = Tensor.randomNormal([300, 300])
      for _ in 0..<5 { step(x, &w) }
      let settled = Memory.statistics
      for _ in 0..<300 { step(x, &w) }
      #expect(Memory.statistics.live == settled.live)
      #expect(Memory.statistics.cached == settled.cached)
      #expect(Memory.statistics.peak == settled.peak)
    }
  }

  @Test func theCacheKeepsToItsLimit() async {
    await #expect(processExitsWith: .success) {
      Memory.trim()
      Memory.cacheLimit = 100_000
      #expect(Memory.cacheLimit == 100_000)
      do { _ = (0..<20).map { Tensor.zeros([1000 + 50 * $0]) } }
      #expect(Memory.statistics.cached > 50_000 && Memory.statistics.cached <= 100_000)
      Memory.cacheLimit = 10_000
      #expect(Memory.statistics.cached <= 10_000)
      do { _ = Tensor.zeros([100_000]) }
      #expect(Memory.statistics.cached <= 10_000)
      Memory.cacheLimit = 0
      #expect(Memory.statistics.cached == 0)
      #expect(Tensor.ones([5000]).sum().item() == 5000)
      #expect(Memory.statistics.cached == 0)
    }
  }

  /// The pool keeps as much as tensors ever held at once, however much that is, and otherwise no more than 1 GiB.
  @Test func theCacheHoldsWhatTensorsOnceHeld() async {
    await #expect(processExitsWith: .success) {
      let (gibibyte, size) = (1 << 30, 700 << 20)
      func hold(_ sizes: [Int]) { _ = sizes.map { Tensor(uninitialized: [$0], dtype: .uint8) } }
      hold([size, size])
      let cached = Memory.statistics.cached
      #expect(Memory.cacheLimit == nil && cached >= 2 * size && cached > gibibyte)
      hold([size, size])
      #expect(Memory.statistics.cached == cached)
      let other = Tensor(uninitialized: [size / 2], dtype: .uint8), now = Memory.statistics
      #expect(now.live + now.cached <= now.peak, "a block of another size takes the place of one that was kept")
      withExtendedLifetime(other) {}
      Memory.trim()
      for step in 1...4 { hold([size / step]) }
      #expect(Memory.statistics.cached > gibibyte / 2 && Memory.statistics.cached <= gibibyte)
    }
  }

  @Test func trimGivesAllBack() async {
    await #expect(processExitsWith: .success) {
      do { _ = (1..<40).map { Tensor.zeros([$0 * 333]) } }
      #expect(Memory.statistics.cached > 0)
      let live = Memory.statistics.live
      Memory.trim()
      #expect(Memory.statistics.cached == 0 && Memory.statistics.live == live)
    }
  }

  /// The working memory of matrix products, for the calling thread and for the pool's threads.
  @Test(arguments: [1, 3]) func trimGivesWorkingMemoryBack(threads: Int) async {
    await #expect(processExitsWith: .success) { [threads] in
      Parallelism.threads = threads
      let a = Tensor.randomNormal([400, 500])
      let product = a.matmul(a.transpose())
      #expect(Memory.statistics.scratch > 0)
      Memory.trim()
      #expect(Memory.statistics.scratch == 0)
      #expect(a.matmul(a.transpose()) == product)
      #expect(Memory.statistics.scratch > 0)
    }
  }

  /// Working memory in use by another thread is freed when that thread next asks for some, not before.
  @Test func trimLeavesOperationsThatRunAlone() async {
    await #expect(processExitsWith: .success) {
      let a = Tensor.randomNormal([150, 300])
      let product = a.matmul(a.transpose())
      await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<3 { group.addTask { (0..<200).allSatisfy { _ in a.matmul(a.transpose()) == product } } }
        for _ in 0..<500 { Memory.trim() }
        for await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test func thePeakIsTheMostEverHeld() async {
    await #expect(processExitsWith: .success) {
      Memory.resetPeak()
      let before = Memory.statistics
      #expect(before.peak == before.live)
      do {
        let both = (Tensor.zeros([10_000]), Tensor.zeros([10_000]))
        withExtendedLifetime(both) {}
      }
      let after = Memory.statistics
      #expect(after.peak - before.live >= 80_000 && after.peak - before.live < 110_000)
      #expect(after.live == before.live)
      Memory.resetPeak()
      #expect(Memory.statistics.peak == before.live)
    }
  }

  @Test func manyThreadsShareThePool() async {
    await #expect(processExitsWith: .success) {
      let before = Memory.statistics.live
      await withTaskGroup(of: Bool.self) { group in
        for task in 0..<8 {
          group.addTask {
            (0..<300).allSatisfy { round in
              let x = Tensor.full([100 + 37 * (round % 50)], Double(task))
              return x.max().item() == Double(task) && x.min().item() == Double(task)
            }
          }
        }
        for await isRight in group { #expect(isRight) }
      }
      #expect(Memory.statistics.live == before)
    }
  }
}
