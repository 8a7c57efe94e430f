import Autograd
import Testing

/// What the tape holds, and when it is freed. The count is global, so each test runs in a separate process.
@Suite struct TapeMemoryTests {
  @Test func anEntryLivesAsLongAsItsOutputCanBeReached() async {
    await #expect(processExitsWith: .success) {
      let x = Variable([1, 2], requiresGrad: true)
      var y: Variable? = x * x
      var z: Variable? = y!.exp()
      #expect(Tape.count == 2)
      y = nil
      #expect(Tape.count == 2)  // z reaches it
      z = nil
      #expect(Tape.count == 0)
      _ = z
    }
  }

  @Test func backwardLetsGoOnTheWay() async {
    await #expect(processExitsWith: .success) {
      let x = Variable(Tensor.ones([100_000]), requiresGrad: true)
      let loss = (x * 2).exp().tanh().sum()
      let held = Memory.statistics.live
      #expect(Tape.count == 4)
      loss.backward()
      #expect(Tape.count == 1)
      x.grad = nil
      #expect(Memory.statistics.live <= held - 2 * 400_000)  // what exp and tanh kept
    }
  }

  @Test func aRetainedGraphIsHeldByItsLoss() async {
    await #expect(processExitsWith: .success) {
      let x = Variable([1, 2], requiresGrad: true)
      var loss: Variable? = (x * x).tanh().sum()
      loss!.backward(retainGraph: true)
      #expect(Tape.count == 3)
      loss!.backward()
      #expect(Tape.count == 1)
      loss = nil
      #expect(Tape.count == 0)
    }
  }

  @Test func onlyWhatIsReachedIsLetGo() async {
    await #expect(processExitsWith: .success) {
      let x = Variable([1, 2], requiresGrad: true)
      let (loss, other) = ((x * x).sum(), (x * 2).exp())
      loss.backward()
      #expect(Tape.count == 3)  // the loss's own entry, and the two of the other
      other.backward(gradient: Tensor([1, 1]))
      #expect(Tape.count == 2)
    }
  }

  @Test func forwardPassesWithoutBackwardLeaveNothing() async {
    await #expect(processExitsWith: .success) {
      let w = Variable(Tensor.ones([40, 40]), requiresGrad: true)
      let b = Variable(Tensor.ones([40]), requiresGrad: true)
      let x = Variable(Tensor.ones([2, 40]))
      func pass() { _ = x.linear(weight: w, bias: b).tanh().sum() }
      for _ in 0..<100 { pass() }
      let before = Memory.statistics
      for _ in 0..<passes(10_000) { pass() }
      #expect(Tape.count == 0)
      #expect(Memory.statistics.live == before.live && Memory.statistics.peak == before.peak)
      #expect(Memory.statistics.cached == before.cached)
    }
  }

  @Test func aMillionForwardPassesLeaveNothing() async {
    await #expect(processExitsWith: .success) {
      let (w, x) = (Variable(Tensor.ones([]), requiresGrad: true), Variable(Tensor.ones([])))
      for _ in 0..<passes(1_000_000) { _ = w * x }
      #expect(Tape.count == 0)
      #expect(Memory.statistics.live == 0)
    }
  }

  /// `total += loss` keeps every step's graph; with `detach()`, or with numbers, it keeps none.
  @Test func totalsOfDetachedLossesKeepNoHistory() async {
    await #expect(processExitsWith: .success) {
      let w = Variable(Tensor.ones([100]), requiresGrad: true)
      var (total, number) = (Variable(0), 0.0)
      for step in 0..<1_000 {
        let loss = (w * w).sum()
        total += loss.detach()
        number += loss.item()
        if step % 2 == 0 { loss.backward() }
      }
      #expect(Tape.count == 0)
      #expect(total.item() == 100_000 && number == 100_000)
    }
  }

  /// Without `detach()` only the total holds the history; `backward()` frees all of it.
  @Test func aTotalThatWasNotDetachedGoesInOnePiece() async {
    await #expect(processExitsWith: .success) {
      let w = Variable(Tensor.ones([10]), requiresGrad: true)
      var total = Variable(0)
      for _ in 0..<1_000 { total += (w * w).sum() }
      #expect(Tape.count == 3_000)
      total.backward()
      #expect(w.grad!.value == Tensor.full([10], 2_000))
      #expect(Tape.count == 1)
    }
  }

  @Test func aStepThatThrowsLeavesNothing() async {
    await #expect(processExitsWith: .success) {
      struct Failure: Error {}
      let w = Variable(Tensor.ones([100]), requiresGrad: true)
      func step(_ number: Int) throws {
        let y = (w * w).exp()
        if number % 3 == 0 { throw Failure() }
        try withoutGradient {
          _ = y * 2
          if number % 3 == 1 { throw Failure() }
        }
        y.sum().backward()
      }
      try? step(2)
      let held = Memory.statistics.live
      for number in 0..<3_000 { try? step(number) }
      #expect(Tape.count == 0)
      #expect(Memory.statistics.live == held)
      #expect((w * w).requiresGrad)  // recording is on again
    }
  }

  @Test func gradientsWithGraphsMakeNoCycle() async {
    await #expect(processExitsWith: .success) {
      weak var leaf: Variable?
      do {
        let x = Variable([1, 2], requiresGrad: true)
        leaf = x
        let y = x.tanh()
        (y * y * x).sum().backward(createGraph: true)
        x.grad!.square().sum().backward(createGraph: true)
        #expect(x.grad!.requiresGrad)
      }
      #expect(leaf == nil)
      #expect(Tape.count == 0)
    }
  }

  @Test(arguments: [false, true]) func retainedGradientsWithGraphsMakeNoCycle(retainedLate: Bool) async {
    await #expect(processExitsWith: .success) { [retainedLate] in
      weak var result: Variable?
      do {
        let x = Variable([1, 2], requiresGrad: true)
        let y = x.tanh()
        result = y
        if !retainedLate { y.retainGrad() }
        let loss = (y * y * y).sum()
        if retainedLate { y.retainGrad() }
        loss.backward(createGraph: true)
        #expect(y.grad!.requiresGrad)
      }
      #expect(result == nil)
      #expect(Tape.count == 0)
    }
  }

  @Test func transformsLeaveNothing() async {
    await #expect(processExitsWith: .success) {
      struct Failure: Error {}
      weak var ended: Variable?
      do {
        let x = Variable([1, 2], requiresGrad: true)
        ended = x
        func f(_ x: Variable) -> Variable { (x.tanh() * x).sum() }
        func throwing(_ x: Variable) throws -> Variable {
          if f(x).item() > -1e9 { throw Failure() }
          return x
        }
        x.grad = gradient(at: x, createGraph: true, of: f)
        #expect(x.grad!.requiresGrad)
        _ = (hessian(at: x, of: f), jvp(at: x, along: x, of: f), jacobian(at: x) { $0.exp() })
        let (_, pullback) = vjp(at: x) { $0.exp() }
        _ = (pullback(x), pullback(x))
        _ = try? gradient(at: x, of: throwing)
        _ = gradients(of: [f(x)], withRespectTo: [x], createGraph: true)
      }
      #expect(ended == nil && Tape.count == 0)
    }
  }

  /// An op that saves its output does not keep itself alive.
  @Test func savedOutputsMakeNoCycle() async {
    await #expect(processExitsWith: .success) {
      for row in opTable {
        let leaves = row.operands(row.samples[0]).map { Variable($0, requiresGrad: true) }
        _ = row.function(leaves)
      }
      #expect(Tape.count == 0)
    }
  }

  @Test func trainingStepsAskForNoMemory() async {
    await #expect(processExitsWith: .success) {
      let x = Variable(Tensor.ones([32, 100]))
      let w = Variable(Tensor.full([50, 100], 0.01), requiresGrad: true)
      func step() {
        w.grad = nil
        x.linear(weight: w).relu().square().mean().backward()
        w.value.add(w.grad!.value, scale: -0.01)
      }
      for _ in 0..<5 { step() }
      let before = Memory.statistics
      for _ in 0..<200 { step() }
      let after = Memory.statistics
      #expect(after.live == before.live && after.peak == before.peak && after.cached == before.cached)
    }
  }
}

/// A number of repetitions; a tenth of it in debug builds.
private func passes(_ count: Int) -> Int {
  #if DEBUG
    count / 10
  #else
    count
  #endif
}
