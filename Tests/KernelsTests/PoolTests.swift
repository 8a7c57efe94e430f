import Foundation
import Kernels
import Synchronization
import Testing

/// Tests that set the process-wide number of threads, so they run one at a time.
@Suite(.serialized) struct ThreadCountTests {
  @Test(arguments: [1, 2, 3, 8]) func everyItemIsVisitedOnce(threads: Int32) {
    ag_set_thread_count(threads)
    defer { ag_set_thread_count(2) }
    #expect(ag_thread_count() == threads)
    for (count, grain) in [(0, 1), (1, 1), (1, 100), (99, 100), (100, 100), (101, 100), (1000, 1), (1000, 7), (5, 0)] {
      let visits = Visits(count)
      visits.visitInParallel(grain: grain)
      #expect(visits.counts.allSatisfy { $0 == 1 }, "\(count) items by \(grain), \(threads) threads")
    }
  }

  @Test(arguments: [1, 4]) func rangesDependOnCountAndGrainAlone(threads: Int32) {
    ag_set_thread_count(threads)
    defer { ag_set_thread_count(2) }
    let ends = Visits(103)
    ag_parallel_for(
      103, 10,
      { context, begin, end in
        let ends = Unmanaged<Visits>.fromOpaque(context!).takeUnretainedValue()
        ends.memory[begin] = end
      }, Unmanaged.passUnretained(ends).toOpaque())
    let expected = (0..<103).map { $0 % 10 == 0 ? min($0 + 10, 103) : 0 }
    #expect(ends.counts == expected)
  }

  @Test func aRegionInsideARegionRunsOnItsThread() {
    ag_set_thread_count(4)
    defer { ag_set_thread_count(2) }
    let visits = Visits(64)
    ag_parallel_for(
      8, 1,
      { context, begin, end in
        let visits = Unmanaged<Visits>.fromOpaque(context!).takeUnretainedValue()
        for part in begin..<end { visits.visitInParallel(8 * part..<8 * part + 8, grain: 3) }
      }, Unmanaged.passUnretained(visits).toOpaque())
    #expect(visits.counts.allSatisfy { $0 == 1 })
  }

  @Test func aCallerThatWorksAloneLeavesTheOthersOut() {
    ag_set_thread_count(4)
    defer { ag_set_thread_count(2) }
    let before = ag_work_alone(true)
    defer { _ = ag_work_alone(before) }
    let visitors = Visits(40)
    ag_parallel_for(
      40, 1,
      { context, begin, end in
        usleep(100)  // long enough for the other threads to arrive
        let visitors = Unmanaged<Visits>.fromOpaque(context!).takeUnretainedValue()
        visitors.memory[begin] = Int(bitPattern: Unmanaged.passUnretained(Thread.current).toOpaque())
      }, Unmanaged.passUnretained(visitors).toOpaque())
    #expect(Set(visitors.counts).count == 1)
  }

  @Test func callersOnSeveralThreadsDoNotWaitForEachOther() {
    ag_set_thread_count(3)
    defer { ag_set_thread_count(2) }
    let failures = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      for _ in 0..<200 {
        let visits = Visits(100)
        visits.visitInParallel(grain: 9)
        if visits.counts.contains(where: { $0 != 1 }) { failures.add(1, ordering: .relaxed) }
      }
    }
    #expect(failures.load(ordering: .relaxed) == 0)
  }

  @Test func workersWakeFromSleep() {
    ag_set_thread_count(4)
    defer { ag_set_thread_count(2) }
    for _ in 0..<3 {
      usleep(20_000)
      let visits = Visits(50)
      visits.visitInParallel(grain: 5)
      #expect(visits.counts.allSatisfy { $0 == 1 })
    }
  }

  @Test func threadCountIsAtLeastOne() {
    defer { ag_set_thread_count(2) }
    ag_set_thread_count(0)
    #expect(ag_thread_count() == 1)
    ag_set_thread_count(-3)
    #expect(ag_thread_count() == 1)
  }
}

/// How often each item was visited. Each item belongs to one range, so threads never share one.
private final class Visits: @unchecked Sendable {
  let memory: UnsafeMutablePointer<Int>
  let count: Int

  init(_ count: Int) {
    self.count = count
    memory = .allocate(capacity: max(count, 1))
    memory.initialize(repeating: 0, count: max(count, 1))
  }
  deinit { memory.deallocate() }

  var counts: [Int] { Array(UnsafeBufferPointer(start: memory, count: count)) }

  func visitInParallel(grain: Int) { visitInParallel(0..<count, grain: grain) }

  func visitInParallel(_ items: Range<Int>, grain: Int) {
    ag_parallel_for(
      items.count, grain,
      { context, begin, end in
        let memory = context!.assumingMemoryBound(to: Int.self)
        for item in begin..<end { memory[item] += 1 }
      }, memory + items.lowerBound)
  }
}
