import NN
import Optim
import Testing

/// Schedules beyond PyTorch's cases, which ConformanceTests holds.
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

  /// torch.optim.lr_scheduler of SGD(p, lr=0.5): MultiplicativeLR(o, lambda t: 1 - 0.1 * t / (t + 1)), then ChainedScheduler of
  /// LinearLR(o, 0.25, 1, 4), ExponentialLR(o, 0.9), MultiStepLR(o, [3, 5], 0.5), then of ConstantLR(o, 0.1, 2),
  /// CosineAnnealingLR(o, 6).
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

  /// A long schedule's rates stay exact: they are not multiplied up step by step.
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
