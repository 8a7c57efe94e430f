import Foundation
import NN
import Optim
import Testing

@Suite struct OptimizerTests {
  @Test(arguments: Trajectory.all.indices) func fiveStepsArePyTorchs(index: Int) {
    let rule = Trajectory.all[index]
    let p = Variable([1, -2, 3], dtype: .float64, requiresGrad: true)
    let optimizer = rule.optimizer(named(p))
    for (step, expected) in rule.points.enumerated() {
      let slope = cos(2 * Double(step) + 1)
      p.grad = Variable(p.value * p.value * slope)
      optimizer.step()
      for (found, wanted) in zip(p.value.scalars(as: Double.self), expected) {
        #expect(abs(found - wanted) < 1e-12, "\(rule.name), step \(step)")
      }
    }
  }

  @Test func aParameterWithoutGradientStays() {
    let (p, q) = (Variable([1, 2], requiresGrad: true), Variable([3, 4], requiresGrad: true))
    let optimizer = Adam(named(p, q), learningRate: 0.1)
    p.grad = Variable([1, 1])
    optimizer.step()
    #expect(p.value != Tensor([1, 2]) && q.value == Tensor([3, 4]))
    // Its first step is bias-corrected as a first step, however late it comes: Adam's has the length of
    // the learning rate.
    q.grad = Variable([1, -1])
    p.grad = nil
    optimizer.step()
    #expect(relativeError(q.value, Tensor([2.9, 4.1])) < 1e-6)
  }

  @Test func theLearningRateCanChange() {
    let p = Variable([1], dtype: .float64, requiresGrad: true)
    let optimizer = SGD(named(p), learningRate: 0.5)
    p.grad = Variable([1], dtype: .float64)
    optimizer.step()
    optimizer.learningRate = 0.125
    optimizer.step()
    optimizer.learningRate = 0
    optimizer.step()
    #expect(p.value.item() == 0.375)
  }

  @Test func zeroGradClearsAll() {
    let p = Variable([1], requiresGrad: true)
    let optimizer = SGD(named(p), learningRate: 1)
    p.grad = Variable([1])
    optimizer.zeroGrad()
    #expect(p.grad == nil)
  }

  @Test func aStepLeavesOldValuesAlone() {
    let p = Variable([1, 2], requiresGrad: true)
    let before = p.value
    for optimizer in [SGD(named(p), learningRate: 1, momentum: 0.9), Adam(named(p))] {
      p.grad = Variable([1, 1])
      optimizer.step()
      #expect(before == Tensor([1, 2]) && p.value != before)
      #expect(p.grad?.value == Tensor([1, 1]))
    }
  }

  @Test func stridedParametersAndGradients() {
    let p = Variable(Tensor([[1, 2], [3, 4]]).transpose(), requiresGrad: true)
    let optimizer = SGD(named(p), learningRate: 1)
    p.grad = Variable(Tensor([[10], [20]]).expand([2, 2]))
    optimizer.step()
    #expect(p.value == Tensor([[-9, -7], [-18, -16]]))
  }

  /// A custom rule is one function.
  @Test func aRuleOfOnesOwn() {
    final class SignDescent: Optimizer {
      override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
        p -= learningRate * g.sign()
      }
    }
    let p = Variable([1, 1, 1], requiresGrad: true)
    p.grad = Variable([5, -0.1, 0])
    SignDescent(named(p), learningRate: 0.5).step()
    #expect(p.value == Tensor([0.5, 1.5, 1]))
  }

  /// A custom rule's state is saved and restored like the library's.
  @Test func aRuleOfOnesOwnWithAMemory() throws {
    final class Slow: Optimizer {
      override func initialState(for p: Tensor, learningRate: Double) -> State { State(["mean"], zerosLike: p) }
      override func update(_ p: inout Tensor, gradient g: Tensor, state s: inout State, learningRate: Double) {
        s["mean"] += (g - s["mean"]) / s.step
        p -= learningRate * s["mean"]
      }
    }
    let p = Variable([1], dtype: .float64, requiresGrad: true)
    let optimizer = Slow(named(p), learningRate: 1, weightDecay: 0.5, decouplesWeightDecay: true)
    for g in [1.0, 3] {
      p.grad = Variable(Tensor([g]))
      optimizer.step()
    }
    // 1 → 1 − 1 − 0.5 = −0.5 → −0.5 − 2 + 0.25
    #expect(p.value.item() == -2.25 && optimizer.stateDict()["0/mean"]?.item() == 2)
    let other = Slow(named(p), learningRate: 0)
    try other.load(optimizer.stateDict())
    #expect(other.learningRate == 1 && other.weightDecay == 0.5 && other.stateDict()["0/step"]?.item() == 2)
  }

  // MARK: - Groups

  @Test func groupsHaveTheirOwnRates() {
    let (a, b, c) = (
      Variable([1], requiresGrad: true), Variable([1], requiresGrad: true), Variable([1], requiresGrad: true)
    )
    let optimizer = SGD(named(a, b), learningRate: 0.5, weightDecay: 0.5)
    optimizer.separate(learningRate: 0.25, weightDecay: 0) { $0 == "1" }
    let late = optimizer.add([Named(name: "c", element: c)], isFrozen: true)
    #expect(optimizer.groups.map { $0.parameters.map(\.name) } == [["0"], ["1"], ["c"]])
    #expect(optimizer.parameters.map(\.name) == ["0", "1", "c"])
    for p in [a, b, c] { p.grad = Variable([1]) }
    optimizer.step()
    #expect([a, b, c].map { $0.value.item() } == [0.25, 0.75, 1])
    (late.isFrozen, late.learningRate) = (false, 1)
    optimizer.groups[0].isFrozen = true
    optimizer.step()
    #expect([a, b, c].map { $0.value.item() } == [0.25, 0.5, -0.5])
    optimizer.learningRate = 2
    #expect(optimizer.groups.map(\.learningRate) == [2, 2, 2])
  }

  /// Rules whose initial state depends on the learning rate use their group's.
  @Test(arguments: [true, false]) func memoriesBeginFromTheGroupsRate(isFused: Bool) {
    for rule in [
      Rprop(named(leaf(1), leaf(1)), learningRate: 0.5), ASGD(named(leaf(1), leaf(1)), learningRate: 0.5, lambda: 0),
    ] {
      rule.isFused = isFused
      rule.separate(learningRate: 0.25) { $0 == "1" }
      for parameter in rule.parameters { parameter.element.grad = Variable([1]) }
      rule.step()
      #expect(rule.parameters.map { $0.element.value.item() } == [0.5, 0.75], "\(type(of: rule))")
    }
  }

  private func leaf(_ value: Double) -> Variable {
    Variable(Tensor([value], shape: [1]).cast(to: .float32), requiresGrad: true)
  }

  /// The state of parameters moves with them into a new group.
  @Test func separatedParametersKeepTheirState() {
    let (p, q) = (Variable([1], requiresGrad: true), Variable([1], requiresGrad: true))
    let (plain, split) = (Momentum(named(p)), Momentum(named(q)))
    for step in 0..<4 {
      if step == 2 { split.separate { _ in true } }
      (p.grad, q.grad) = (Variable([1]), Variable([1]))
      plain.step()
      split.step()
    }
    #expect(p.value == q.value && split.groups.map { $0.parameters.count } == [0, 1])
  }

  // MARK: - Losses

  /// Each rule goes on as it would alone.
  @Test(arguments: [true, false]) func oneOptimizerStepsGroupsOfOthers(isFused: Bool) throws {
    func registry() -> [Named<Variable>] {
      named(
        Variable(noise([2, 3], seed: 1), requiresGrad: true), Variable(noise([3], seed: 2), requiresGrad: true),
        Variable(noise([4], seed: 3), requiresGrad: true))
    }
    func takeSteps(_ optimizers: [Optimizer], _ registry: [Named<Variable>]) {
      for step in 0..<6 {
        for optimizer in optimizers { optimizer.zeroGrad() }
        for (number, p) in registry.enumerated() {
          #expect(p.grad == nil)
          p.grad = Variable(noise(p.shape, seed: UInt64(10 * step + number)))
        }
        for optimizer in optimizers { optimizer.step() }
      }
    }
    func make(_ p: [Named<Variable>]) -> [Optimizer] {
      let asgd = ASGD([p[0]], learningRate: 0.1)
      let others = [Adam([p[1]], beta1: 0.5), SGD([p[2]], learningRate: 0.2, momentum: 0.9, maximize: true)]
      for optimizer in [asgd] + others { optimizer.isFused = isFused }
      return [asgd] + others
    }
    let (alone, together) = (registry(), registry())
    takeSteps(make(alone), alone)
    let optimizers = make(together)
    for other in optimizers.dropFirst() { optimizers[0].add(other) }
    takeSteps([optimizers[0]], together)
    for (a, b) in zip(alone, together) { #expect(a.value == b.value) }
    #expect(optimizers[0].groups.map(\.learningRate) == [0.1, 1e-3, 0.2])
    #expect((optimizers[0] as? ASGD)?.averages.map(\.name) == ["0"])
    // Saved and restored as one; a group that is split later keeps its rule.
    let last = registry()
    for (p, value) in zip(last, together) { p.value = value.value }
    let resumed = make(last)
    for other in resumed.dropFirst() { resumed[0].add(other) }
    try resumed[0].load(optimizers[0].stateDict())
    #expect(resumed[0].separate(learningRate: 0.3) { $0 == "2" }.learningRate == 0.3)
    optimizers[2].learningRate = 0.3
    takeSteps([optimizers[0]], together)
    takeSteps([resumed[0]], last)
    for (a, b) in zip(together, last) { #expect(a.value == b.value) }
  }

  /// The momentum of each rule follows the schedule from its own start.
  @Test func schedulesReachTheMomentumOfAddedRules() throws {
    func make() -> (Scheduler, [SGD]) {
      let rules = [0.8, 0.4].map { SGD(named(Variable([1], requiresGrad: true)), momentum: $0) }
      rules[0].add(rules[1])
      return (Scheduler(rules[0], .constant(), momentum: .exponential(factor: 0.5)), rules)
    }
    let (scheduler, rules) = make()
    scheduler.step()
    #expect(rules.map(\.momentum) == [0.4, 0.2])
    let (other, resumed) = make()
    try other.load(scheduler.stateDict())
    #expect(resumed.map(\.momentum) == [0.4, 0.2])
  }

  @Test func aStepWithALoss() {
    let p = Variable([2], dtype: .float64, requiresGrad: true)
    let optimizer = SGD(named(p), learningRate: 0.25)
    #expect(optimizer.step { p.square().sum() } == 4 && optimizer.step { p.square().sum() } == 1)
    #expect(p.value.item() == 0.5)
  }

  /// Gradients accumulated over parts of a batch, each loss divided by their number, give the step of the whole batch.
  @Test func gradientsOfPartsAddUp() {
    let x = noise([12, 3], seed: 1)
    let w = noise([3], seed: 2)
    func step(_ parts: Int) -> Tensor {
      let p = Variable(w, requiresGrad: true)
      let optimizer = Adam(named(p), learningRate: 0.1)
      for _ in 0..<3 {
        optimizer.zeroGrad()
        let size = 12 / parts
        for part in 0..<parts {
          let rows = Variable(x[part * size..<(part + 1) * size])
          ((rows • p - 1).square().mean() / parts).backward()
        }
        optimizer.step()
      }
      return p.value
    }
    #expect(relativeError(step(4), step(1)) < 1e-12)
  }

  @Test func defaultsArePyTorchs() {
    let rates = Rule.defaults.map { $0.make(named(Variable([1], requiresGrad: true))) }
      .map { "\(type(of: $0)) \($0.learningRate) \($0.weightDecay) \($0.maximize)" }
    #expect(
      rates == [
        "SGD 0.001 0.0 false", "Momentum 0.001 0.0 false", "Nesterov 0.001 0.0 false", "Adam 0.001 0.0 false",
        "AdamW 0.001 0.01 false", "NAdam 0.002 0.0 false", "RAdam 0.001 0.0 false", "Adamax 0.002 0.0 false",
        "Adagrad 0.01 0.0 false", "Adadelta 1.0 0.0 false", "RMSprop 0.01 0.0 false", "Rprop 0.01 0.0 false",
        "ASGD 0.01 0.0 false", "Lion 0.0001 0.0 false", "Adafactor 0.01 0.0 false", "LBFGS 1.0 0.0 false",
      ])
  }

  @Test func profilesListSteps() {
    let optimizer = Adam(named(Variable([1], requiresGrad: true)))
    let profile = Profile { for _ in 0..<2 { optimizer.step() } }
    #expect(profile["Adam.step"]?.calls == 2 && profile["Adam.step"]?.kind == .range)
  }
}
