import NN
import Optim
import Testing

/// Optimizer states saved and restored through a file's bytes.
@Suite struct StateTests {
  private func saved(_ part: some Stateful) throws -> [String: Tensor] {
    try Safetensors(bytes: Safetensors(tensors: part.stateDict()).encoded()).tensors
  }

  /// A restored rule continues with the same bits.
  @Test(arguments: Rule.all) func aRestoredRuleGoesOnBitForBit(rule: Rule) throws {
    func registry(_ p: Tensor, _ q: Tensor) -> [Named<Variable>] {
      named(Variable(p, requiresGrad: true), Variable(q, requiresGrad: true))
    }
    func train(_ optimizer: Optimizer, _ steps: Range<Int>) {
      for step in steps {
        for (number, parameter) in optimizer.parameters.enumerated() where step > 1 || number == 0 {
          parameter.element.grad = Variable(
            noise(parameter.element.shape, seed: UInt64(step * 10 + number), dtype: .float32))
        }
        optimizer.step()
      }
    }
    let whole = rule.make(registry(noise([4, 5], seed: 1, dtype: .float32), noise([3], seed: 2, dtype: .float32)))
    whole.separate(learningRate: 0.03) { $0 == "1" }
    train(whole, 0..<4)
    let state = try saved(whole)
    let values = whole.parameters.map(\.element.value)
    let resumed = rule.make(registry(values[0], values[1]))
    resumed.separate { $0 == "1" }
    try resumed.load(state)
    train(whole, 4..<8)
    train(resumed, 4..<8)
    for (a, b) in zip(whole.parameters, resumed.parameters) { #expect(a.element.value == b.element.value) }
    #expect(resumed.groups[1].learningRate == 0.03)
  }

  /// A step count beyond the end of a schedule that has been shortened.
  @Test func aStepBehindTheEndOfAScheduleIsAnError() throws {
    func scheduler(_ schedule: Schedule) -> Scheduler {
      Scheduler(SGD(named(Variable([1], requiresGrad: true)), learningRate: 0.1), schedule)
    }
    let long = scheduler(.oneCycle(largest: 1, steps: 20))
    for _ in 0..<15 { long.step() }
    let cycle = Schedule.oneCycle(largest: 1, steps: 10)
    for short in [
      cycle, .chained([.constant(), cycle]), .sequential([cycle, .constant()], at: [30]),
      .sequential([.constant(), cycle], at: [4]),
    ] {
      #expect(throws: StateError.invalid(owner: "Scheduler", key: "step", found: 15)) {
        try scheduler(short).load(long.stateDict())
      }
    }
    for enough in [Schedule.sequential([cycle, .constant()], at: [10]), .sequential([.constant(), cycle], at: [5])] {
      try scheduler(enough).load(long.stateDict())
    }
    var state = long.stateDict()
    state["bases"] = Tensor([1e308], dtype: .float64)
    #expect(throws: StateError.invalid(owner: "Scheduler", key: "bases", found: 1e308)) {
      try scheduler(.lambda { _ in 10 }).load(state)
    }
  }

  /// Pairs beyond the history size are dropped, also after loading a state with more of them.
  @Test func aMemoryThatHasBecomeSmallerStaysSo() throws {
    let w = Variable([3, -2, 1], requiresGrad: true)
    func loss() -> Variable { (w * w * w * w).sum() + (w * Variable([1, 2, 3])).sum() }
    let large = LBFGS(named(w), learningRate: 0.1, maxIterations: 8)
    large.step(loss)
    let small = LBFGS(named(w), learningRate: 0.1, maxIterations: 3, historySize: 2)
    try small.load(large.stateDict())
    small.step(loss)
    #expect(small.stateDict()["pairs"] == Tensor([2], dtype: .int64)[0] && small.stepCount == 2)
  }

  @Test func aStateThatDoesNotFitChangesNothing() throws {
    let p = Variable([1, 2], requiresGrad: true)
    let optimizer = Adam(named(p))
    p.grad = Variable([1, 1])
    optimizer.step()
    let state = optimizer.stateDict()

    func expectError(_ error: StateError, _ change: (inout [String: Tensor]) -> Void) {
      var state = state
      state["groups/0"] = Tensor([9.0, 9, 0], dtype: .float64)
      change(&state)
      #expect(throws: error) { try optimizer.load(state) }
      #expect(optimizer.learningRate == 1e-3)
    }
    expectError(.missing(owner: "Adam", key: "0/v")) { $0["0/v"] = nil }
    expectError(.mismatch(owner: "Adam", key: "0/m", expected: "float32 [2]", found: "float32 [3]")) {
      $0["0/m"] = Tensor([1, 2, 3])
    }
    expectError(.mismatch(owner: "Adam", key: "0/step", expected: "int64 []", found: "float32 []")) {
      $0["0/step"] = Tensor(1)
    }
    expectError(.unexpected(owner: "Adam", keys: ["0/vMax", "1/step"])) {
      $0["1/step"] = Tensor(0)
      $0["0/vMax"] = Tensor(0)
    }
    #expect("\(StateError.missing(owner: "Adam", key: "0/v"))" == "Adam: the saved state has no 0/v")
    #expect(
      "\(StateError.unexpected(owner: "Adam", keys: ["a", "b"]))"
        == "Adam: the saved state has what does not belong here: a, b")
  }

  @Test func numbersThatNoRateCanBe() throws {
    let optimizer = SGD(named(Variable([1], requiresGrad: true)))
    var state = optimizer.stateDict()
    state["groups/0"] = Tensor([-1.0, 0, 0], dtype: .float64)
    #expect(throws: StateError.self) { try optimizer.load(state) }
    #expect(optimizer.learningRate == 1e-3)
    state = optimizer.stateDict()
    state["0/step"] = Tensor(-3 as Int)
    #expect(throws: StateError.self) { try optimizer.load(state) }
  }

  @Test func schedulersGoOn() throws {
    let optimizer = SGD(named(Variable([1], requiresGrad: true)), learningRate: 0.1)
    let scheduler = Scheduler(optimizer, .cosine(over: 10))
    for _ in 0..<3 { scheduler.step() }
    let other = SGD(named(Variable([1], requiresGrad: true)), learningRate: 5)
    let resumed = Scheduler(other, .cosine(over: 10))
    try resumed.load(saved(scheduler))
    #expect(other.learningRate == optimizer.learningRate && resumed.stepCount == 3)
    scheduler.step()
    resumed.step()
    #expect(other.learningRate == optimizer.learningRate)
  }

  @Test func plateausGoOn() throws {
    let metrics = [3.0, 2, 2, 2.5, 2, 2, 1.5, 1.6, 1.7, 1.8, 1.9, 2]
    func rates(resumedAfter stop: Int?) throws -> [Double] {
      var optimizer = SGD(named(Variable([1], requiresGrad: true)), learningRate: 1)
      var scheduler = PlateauScheduler(optimizer, factor: 0.5, patience: 1, cooldown: 1)
      return try metrics.enumerated().map { step, metric in
        if step == stop {
          let (rate, state) = (optimizer.learningRate, try saved(scheduler))
          optimizer = SGD(named(Variable([1], requiresGrad: true)), learningRate: rate)
          scheduler = PlateauScheduler(optimizer, factor: 0.5, patience: 1, cooldown: 1)
          try scheduler.load(state)
        }
        scheduler.step(metric)
        return optimizer.learningRate
      }
    }
    let whole = try rates(resumedAfter: nil)
    #expect(whole.last == 0.125)
    for stop in metrics.indices { #expect(try rates(resumedAfter: stop) == whole) }
  }

  /// A damaged count that the next step could not increment.
  @Test func countsLeaveRoomToCountOn() throws {
    let x = Variable([1], requiresGrad: true)
    let optimizer = Adam(named(x))
    x.grad = Variable(Tensor([1]))
    optimizer.step()
    var state = optimizer.stateDict()
    let key = try #require(state.keys.first { $0.hasSuffix("/step") })
    state[key] = Tensor(Int.max)
    #expect(throws: StateError.self) { try optimizer.load(state) }
    optimizer.step()
  }
}
