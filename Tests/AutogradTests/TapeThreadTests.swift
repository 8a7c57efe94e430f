import Autograd
import Foundation
import Testing

/// Which thread or task sees whose tape, gradients and scopes.
@Suite struct TapeThreadTests {
  @Test func gradientsFromAllThreadsReachASharedLeaf() async {
    let (threads, steps) = (8, 200)
    let w = Variable(Tensor.ones([100]), requiresGrad: true)
    await onThreads(threads) { _ in
      for _ in 0..<steps { (w * 3).sum().backward() }
    }
    #expect(w.grad!.value == Tensor.full([100], Double(3 * threads * steps)))
  }

  @Test func graphsOfTheirOwnStayApart() async {
    await onThreads(6) { number in
      let generator = RandomGenerator(seed: UInt64(number))
      for _ in 0..<50 {
        let x = Variable(Tensor.randomNormal([5, 4], dtype: .float64, generator: generator), requiresGrad: true)
        let w = Variable(Tensor.randomNormal([3, 4], dtype: .float64, generator: generator), requiresGrad: true)
        let y = x.linear(weight: w).tanh()
        y.sum().backward()
        let dy = 1 - y.value * y.value
        #expect(relativeError(x.grad!.value, dy.matmul(w.value)) < 1e-9)
        #expect(relativeError(w.grad!.value, dy.transpose().matmul(x.value)) < 1e-9)
      }
    }
  }

  /// A trunk built on one thread is used on others; their ops are ordered after the trunk's there too.
  @Test func graphsMayCrossThreads() async {
    let x = Variable([1, 2], requiresGrad: true)
    let trunk = (0..<300).reduce(x) { y, _ in y * 1 }
    let loss = await onThread(stackSize: 1 << 20) { (trunk * trunk + trunk).sum() }
    loss.backward()
    #expect(x.grad!.value == Tensor([3, 5]))
  }

  @Test func entriesOfEndedThreadsAreCounted() async {
    await #expect(processExitsWith: .success) {
      let x = Variable([1, 2], requiresGrad: true)
      var held: Variable? = await onThread(stackSize: 1 << 20) { (x * x).tanh() }
      #expect(Tape.count == 2)
      held = nil
      #expect(Tape.count == 0)
      _ = held
    }
  }

  // MARK: withoutGradient

  @Test func nothingIsRecordedInside() {
    let x = Variable([2], requiresGrad: true)
    let y = withoutGradient { x * x }
    #expect(!y.requiresGrad && y.isLeaf)
    #expect((x * y).requiresGrad)
  }

  @Test func scopesNest() {
    let x = Variable([2], requiresGrad: true)
    withoutGradient {
      withoutGradient { #expect(!(x * x).requiresGrad) }
      #expect(!(x * x).requiresGrad)
    }
    #expect((x * x).requiresGrad)
  }

  @Test func aScopeEndsWhenItsBodyThrows() {
    struct Failure: Error {}
    let x = Variable([2], requiresGrad: true)
    #expect(throws: Failure.self) { try withoutGradient { throw Failure() } }
    #expect((x * x).requiresGrad)
  }

  @Test func backwardWorksInsideAScope() {
    let x = Variable([2], requiresGrad: true)
    let y = x * x * x
    withoutGradient { y.backward(createGraph: true) }
    #expect(x.grad!.item() == 12 && x.grad!.requiresGrad)
  }

  @Test func leavesCanBeChangedInside() {
    let x = Variable([2], requiresGrad: true)
    withoutGradient { x.value -= Tensor([1]) }
    #expect(x.item() == 1 && x.requiresGrad)
  }

  @Test func aScopeConcernsItsThreadAlone() async {
    let x = Variable([2], requiresGrad: true)
    let (isInside, isDone) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    async let inside: Bool = onThread(stackSize: 1 << 20) {
      withoutGradient {
        isInside.signal()
        isDone.wait()
        return (x * x).requiresGrad
      }
    }
    let outside = await onThread(stackSize: 1 << 20) {
      isInside.wait()
      defer { isDone.signal() }
      return (x * x).requiresGrad
    }
    #expect(await inside == false)
    #expect(outside)
  }

  @Test func anAsynchronousScopeHoldsAcrossAwaits() async {
    let x = Variable([2], requiresGrad: true)
    await withoutGradient {
      for _ in 0..<20 {
        await Task.yield()
        #expect(!(x * x).requiresGrad)
      }
      withoutGradient { #expect(!(x * x).requiresGrad) }
      #expect(!(x * x).requiresGrad)
    }
    #expect((x * x).requiresGrad)
  }

  @Test func anAsynchronousScopeHoldsInChildTasks() async {
    let x = Variable([2], requiresGrad: true)
    let recorded = await withoutGradient {
      await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<10 {
          group.addTask {
            await Task.yield()
            return (x * x).requiresGrad
          }
        }
        return await group.contains(true)
      }
    }
    #expect(!recorded)
  }

  @Test func anAsynchronousScopeDoesNotConcernOtherTasks() async {
    let x = Variable([2], requiresGrad: true)
    let other = Task.detached {
      var recorded = true
      for _ in 0..<50 {
        await Task.yield()
        recorded = recorded && (x * x).requiresGrad
      }
      return recorded
    }
    await withoutGradient {
      for _ in 0..<50 { await Task.yield() }
    }
    #expect(await other.value)
  }

  @Test func createGraphRecordsInAnAsynchronousScope() async {
    let x = Variable([2], requiresGrad: true)
    let y = x * x * x
    await withoutGradient {
      await Task.yield()
      y.backward(createGraph: true)
      #expect(!(x * x).requiresGrad)
    }
    #expect(x.grad!.item() == 12 && x.grad!.requiresGrad)
  }

  @Test func backwardStaysUnrecordedInAnAsynchronousScope() async {
    let x = Variable([2], requiresGrad: true)
    let y = x * x
    await withoutGradient {
      await Task.yield()
      y.backward()
    }
    #expect(x.grad!.item() == 4 && !x.grad!.requiresGrad)
  }

  // MARK: Bits

  /// A net large enough that its products and elementwise functions are split among threads.
  @Test func gradientsHaveTheSameBitsForAnyNumberOfThreads() async {
    await #expect(processExitsWith: .success) {
      func gradients(threads: Int) -> [Tensor] {
        Parallelism.threads = threads
        let generator = RandomGenerator(seed: 3)
        func parameter(_ shape: Shape) -> Variable {
          Variable(Tensor.randomNormal(shape, standardDeviation: 0.1, generator: generator), requiresGrad: true)
        }
        let leaves = [
          parameter([256, 301]), parameter([257, 301]), parameter([257]), parameter([10, 257]), parameter([10]),
        ]
        let hidden = leaves[0].linear(weight: leaves[1], bias: leaves[2]).tanh()
        let scores = hidden.linear(weight: leaves[3], bias: leaves[4])
        let large = (leaves[0].reshape([-1, 1]) * leaves[2]).sigmoid().mean()
        (scores.crossEntropy(labels(for: scores)).mean() + large).backward()
        return [scores.value, large.value] + leaves.map { $0.grad!.value }
      }
      let one = gradients(threads: 1)
      for threads in [2, 3, 4] { #expect(gradients(threads: threads) == one) }
    }
  }
}
