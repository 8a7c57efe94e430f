import NN
import Optim
import Testing

/// Schedules beyond what ConformanceTests compares with PyTorch.
@Suite struct ScheduleTests {
  private func optimizer(_ rate: Double = 1) -> SGD {
    SGD(named(Variable([1], requiresGrad: true), Variable([1], requiresGrad: true)), learningRate: rate)
  }

  /// Notebook 4: "halve the learning rate every 3 epochs".
  @Test func halvedEveryThreeEpochs() {
    let optimizer = optimizer(0.8)
    let scheduler = Scheduler(optimizer, .step(every: 3, factor: 0.5))
    let rates = (0..<8).map { _ in
      defer { scheduler.step() }
      return optimizer.learningRate
    }
    #expect(rates == [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2])
  }

  @Test func everyGroupGoesFromItsOwnRate() {
    let optimizer = optimizer(1)
    optimizer.separate(learningRate: 0.1) { $0 == "1" }
    let scheduler = Scheduler(optimizer, .exponential(factor: 0.5))
    scheduler.step()
    optimizer.add([Named(name: "late", element: Variable([1], requiresGrad: true))], learningRate: 8)
    scheduler.step()
    #expect(optimizer.groups.map(\.learningRate) == [0.25, 0.025, 2])
  }

  @Test func formulasCanBeLookedAt() {
    let schedule = Schedule.sequential(
      [.warmUp(over: 4), .cosine(over: 10, to: 0.1), .constant(factor: 0.5)], at: [4, 14])
    let rates = [0, 3, 4, 9, 13, 14, 18, 19].map { schedule.rate(at: $0, from: 1) }
    for (rate, expected) in zip(rates, [0.25, 1, 1, 0.55, 0.1220245676671, 0.5, 0.5, 1]) {
      #expect(abs(rate - expected) < 1e-12)
    }
    #expect(Schedule.lambda { 1 / Double($0 + 1) }.rate(at: 3, from: 2) == 0.5)
    #expect(Schedule { base, step in base + Double(step) }.rate(at: 3, from: 2) == 5)
  }

  /// torch.optim.swa_utils.SWALR(SGD(p, lr=0.1), swa_lr=0.05, anneal_epochs=4), then with anneal_strategy="linear".
  @Test func annealingStays() {
    for (curve, expected) in [
      (Schedule.Curve.cosine, [0.1, 0.09267766952966369, 0.075, 0.05732233047033631, 0.05, 0.05]),
      (.line, [0.1, 0.0875, 0.075, 0.0625, 0.05, 0.05]),
    ] {
      for (step, rate) in expected.enumerated() {
        let found = Schedule.annealing(to: 0.05, over: 4, curve: curve).rate(at: step, from: 0.1)
        #expect(abs(found - rate) < 1e-15, "step \(step)")
      }
    }
  }

  /// torch.optim.lr_scheduler of SGD(p, lr=0.5): MultiplicativeLR(o, lambda t: 1 - 0.1 * t / (t + 1)), then
  /// ChainedScheduler of LinearLR(o, 0.25, 1, 4), ExponentialLR(o, 0.9), MultiStepLR(o, [3, 5], 0.5), then of
  /// ConstantLR(o, 0.1, 2), CosineAnnealingLR(o, 6).
  @Test func productsOfFactors() {
    for (schedule, expected) in [
      (
        Schedule.multiplicative { 1 - 0.1 * Double($0) / Double($0 + 1) },
        [
          0.5, 0.475, 0.4433333333333333, 0.4100833333333333, 0.37727666666666665, 0.3458369444444444,
          0.31619377777777774, 0.2885268222222222,
        ]
      ),
      (
        .chained([.linear(from: 0.25, over: 4), .exponential(factor: 0.9), .multiStep(at: [3, 5], factor: 0.5)]),
        [
          0.125, 0.196875, 0.253125, 0.148078125, 0.16402500000000003, 0.07381125000000002, 0.06643012500000002,
          0.05978711250000002,
        ]
      ),
      (
        .chained([.constant(factor: 0.1, until: 2), .cosine(over: 6)]),
        [
          0.05, 0.046650635094610975, 0.37500000000000006, 0.25, 0.12500000000000006, 0.03349364905389032, 0,
          0.03349364905389032,
        ]
      ),
    ] {
      for (step, rate) in expected.enumerated() {
        #expect(abs(schedule.rate(at: step, from: 0.5) - rate) < 1e-15, "step \(step)")
      }
    }
  }

  /// torch.optim.lr_scheduler with cycle_momentum: OneCycleLR(SGD(…, momentum=0.9), 1, total_steps=11,
  /// pct_start=0.3), the same of Adam with three_phase, anneal_strategy="linear", base_momentum=0.8,
  /// max_momentum=0.9, and CyclicLR(SGD(…), 0.1, 1, step_size_up=3, step_size_down=2) with mode="triangular2" and
  /// with mode="exp_range", gamma=0.9.
  @Test func momentumGoesTheOtherWay() {
    let p = named(Variable([1], requiresGrad: true))
    let cycle = Schedule.oneCycle(largest: 1, steps: 11)
    let cases: [(optimizer: any MomentumOptimizer, momentum: Schedule, expected: [Double])] = [
      (
        SGD(p, learningRate: 0.1, momentum: 0.9), .oneCycleMomentum(steps: 11),
        [
          0.95, 0.9101728006526316, 0.8541394349247273, 0.8520253513192751, 0.8615524737330319, 0.8773914046358657,
          0.8969419169589078, 0.9169944650791307, 0.9342570857483922, 0.9458958292626879, 0.95,
        ]
      ),
      (
        Adam(p), .oneCycleMomentum(from: 0.9, to: 0.8, steps: 11, curve: .line, isSymmetric: true),
        [0.9, 0.8565217391304348, 0.8130434782608696, 0.8304347826086957, 0.8739130434782609]
          + Array(repeating: 0.9, count: 6)
      ),
      (
        SGD(p, learningRate: 0.1, momentum: 0.9), .cyclic(from: 0.9, to: 0.8, up: 3, down: 2, height: .halved),
        [
          0.9, 0.8666666666666667, 0.8333333333333334, 0.8, 0.8500000000000001, 0.9, 0.8833333333333333,
          0.8666666666666667, 0.8500000000000001, 0.875, 0.9,
        ]
      ),
      (
        RMSprop(p, momentum: 0.9),
        .cyclic(from: 0.9, to: 0.8, up: 3, down: 2, height: .falling(factor: 0.9)),
        [
          0.9, 0.87, 0.8460000000000001, 0.8271000000000001, 0.867195, 0.9, 0.8822853, 0.8681135400000001,
          0.8569532790000001, 0.88062897555, 0.9,
        ]
      ),
    ]
    for (optimizer, momentum, expected) in cases {
      let scheduler = Scheduler(optimizer, cycle, momentum: momentum)
      for (step, value) in expected.enumerated() {
        #expect(abs(optimizer.momentum - value) < 1e-12, "\(type(of: optimizer)), step \(step)")
        if step < expected.count - 1 { scheduler.step() }
      }
    }
  }

  /// A scheduler that loads another's state continues from its momentum too.
  @Test func momentumIsRestored() throws {
    let optimizers = [0.9, 0.5].map { SGD(named(Variable([1], requiresGrad: true)), learningRate: 1, momentum: $0) }
    let schedulers = optimizers.map {
      Scheduler($0, .exponential(factor: 0.9), momentum: .exponential(factor: 0.5))
    }
    schedulers[0].step()
    schedulers[0].step()
    try schedulers[1].load(schedulers[0].stateDict())
    #expect(optimizers.map(\.momentum) == [0.225, 0.225])
  }

  /// A long schedule's rates are exact, since they are not accumulated step by step.
  @Test func restartsFarAway() {
    let schedule = Schedule.cosineRestarts(first: 7)
    #expect(schedule.rate(at: 7_000_000_000, from: 1) == 1)
    #expect(abs(Schedule.cosineRestarts(first: 1, factor: 2).rate(at: (1 << 40) - 1, from: 1) - 1) < 1e-12)
  }

  @Test func aPlateauTreatsNaNAsNoBetter() {
    let optimizer = optimizer(1)
    let scheduler = PlateauScheduler(optimizer, factor: 0.5, patience: 0)
    scheduler.step(3)
    scheduler.step(.nan)
    #expect(optimizer.learningRate == 0.5 && scheduler.best == 3)
  }
}
