import NN
import Optim
import Testing

/// Misuse of optimizers and schedules, and the message for each.
@Suite struct MistakeTests {
  @Test(arguments: mistakes.indices) func stopsWithASentence(index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      mistakes[index].commit()
    }
    expectSentence(result, mistakes[index].sentence)
  }

  /// A parameter without a gradient does not stop the program; a warning names it once.
  @Test func whatNoGradientReachesIsNamedOnce() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      let (used, lost, frozen, late) = (leaf, leaf, leaf, leaf)
      let optimizer = Adam([
        Named(name: "used", element: used), Named(name: "lost", element: lost), Named(name: "frozen", element: frozen),
        Named(name: "late", element: late),
      ])
      optimizer.separate(isFrozen: true) { $0 == "frozen" }
      for step in 1...25 {
        used.grad = Variable(Tensor([1]))
        if step == 9 { late.grad = Variable(Tensor([1])) }
        optimizer.step()
      }
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      words == "warning: Adam: in the first 10 steps no gradient has reached lost; does the loss depend on them?\n")
  }
}

private var leaf: Variable { Variable([1], requiresGrad: true) }
private var sgd: SGD { SGD(named(leaf), learningRate: 0.1) }

private let mistakes = [
  Mistake("SGD: the registry is empty; does the model have parameters?") {
    _ = SGD(ReLU().parameters, learningRate: 0.1)
  },
  Mistake("Adam: the parameter 0 is there twice") {
    let layer = leaf
    Adam(named(layer)).add(named(layer))
  },
  Mistake("SGD: the parameter 0 is there twice") {
    let layer = leaf
    SGD(named(layer)).add(Adam(named(layer)))
  },
  Mistake("LBFGS: steps all its parameters together; it cannot be combined with another optimizer") {
    Adam(named(leaf)).add(LBFGS(named(leaf)))
  },
  Mistake(
    "SGD: separate: parameters of different rules fit; separate them before adding one optimizer to another"
  ) {
    let optimizer = sgd
    optimizer.add(Adam(named(leaf)))
    optimizer.separate { _ in true }
  },
  Mistake("SGD: twice is an op's result; only what it was computed from can be optimized") {
    _ = SGD([Named(name: "twice", element: Variable([1, 2], requiresGrad: true) * 2)], learningRate: 0.1)
  },
  Mistake("Adam: separate: no parameter's name fits") { Adam(named(leaf)).separate(isFrozen: true) { $0 == "bias" } },
  Mistake("Adam: the learning rate must be finite and not negative, got -0.1") {
    _ = Adam(named(leaf), learningRate: -0.1)
  },
  Mistake("SGD: the learning rate must be finite and not negative, got nan") { sgd.learningRate = .nan },
  Mistake("Lion: the weight decay must be finite and not negative, got -1.0") {
    _ = Lion(named(leaf), weightDecay: -1)
  },
  Mistake("SGD: momentum must be finite and not negative, got -0.5") {
    _ = SGD(named(leaf), learningRate: 0.1, momentum: -0.5)
  },
  Mistake("SGD: Nesterov's form needs momentum and no dampening, got momentum 0.0 and dampening 0.0") {
    _ = SGD(named(leaf), learningRate: 0.1, nesterov: true)
  },
  Mistake("AdamW: beta1 lies between 0 and 1 (exclusive), got 1.0") { _ = AdamW(named(leaf), beta1: 1) },
  Mistake("Adamax: beta2 lies between 0 and 1 (exclusive), got -0.1") { _ = Adamax(named(leaf), beta2: -0.1) },
  Mistake("RMSprop: epsilon must be finite and not negative, got -1.0") { _ = RMSprop(named(leaf), epsilon: -1) },
  Mistake("Rprop: wants 0 < shrinkage < 1 < growth, got 1.5 and 1.2") { _ = Rprop(named(leaf), shrinkage: 1.5) },
  Mistake("LBFGS: all groups have one learning rate and no weight decay, got rates [1.0, 0.5] and decays [0.0, 0.0]") {
    let (p, q) = (leaf, leaf)
    let optimizer = LBFGS(named(p))
    optimizer.add(named(q), learningRate: 0.5)
    optimizer.step { p * q }
  },
  Mistake("Muon: parameters must be matrices, got shape [1]; give others to another optimizer") {
    _ = Muon(named(leaf))
  },
  Mistake("LBFGS: a step evaluates the loss itself; write optimizer.step { loss }") { LBFGS(named(leaf)).step() },
  Mistake("SGD: step: the closure has called backward() on its loss; it is to compute and return the loss alone") {
    let p = leaf
    SGD(named(p)).step {
      let loss = (p * p).sum()
      loss.backward()
      return loss
    }
  },
  Mistake("Lazy: has no update rule; override update(_:gradient:state:learningRate:)") {
    final class Lazy: Optimizer {}
    let p = leaf
    p.grad = Variable(Tensor([1]))
    Lazy(named(p), learningRate: 1).step()
  },
  Mistake("SGD: two parameters are called 0; only unique names can be saved") {
    _ = SGD(named(leaf) + named(leaf)).stateDict()
  },
  Mistake("Schedule.step: every must be at least 1, got 0") { _ = Schedule.step(every: 0) },
  Mistake("Schedule.sequential: wants one milestone fewer than schedules, got 2 for 2") {
    _ = Schedule.sequential([.warmUp(over: 5), .cosine(over: 5)], at: [5, 10])
  },
  Mistake("Schedule.oneCycle: step 21 is past the 20 steps of the cycle") {
    let scheduler = Scheduler(sgd, .oneCycle(largest: 1, steps: 20))
    for _ in 0..<21 { scheduler.step() }
  },
  Mistake("Scheduler: Adagrad has no momentum to be scheduled") {
    _ = Scheduler(Adagrad(named(leaf)), .constant(), momentum: .oneCycleMomentum(steps: 20))
  },
  Mistake("SGD: momentum cannot become 0.9 after 0.0; begin with another one") { sgd.momentum = 0.9 },
  Mistake("PlateauScheduler: patience and cooldown must not be negative, got -1 and 0") {
    _ = PlateauScheduler(sgd, patience: -1)
  },
  Mistake("PlateauScheduler: the factor lies between 0 and 1 (exclusive), got 1.5") {
    _ = PlateauScheduler(sgd, factor: 1.5)
  },
  Mistake("WeightAverage: the decay lies between 0 and 1, got 2.0") {
    _ = WeightAverage(named(leaf), .exponential(decay: 2))
  },
]
