import NN

/// Sets an optimizer's learning rates by a schedule, each group's based on its initial rate.
///
/// The rate of step 0 is set at once; every `step()` sets the next. The momentum may have a schedule of its own:
///
/// ```swift
/// let scheduler = Scheduler(
///   optimizer, .oneCycle(largest: 0.1, steps: 500), momentum: .oneCycleMomentum(steps: 500))
/// ```
public final class Scheduler: Stateful {
  /// The optimizer whose rates are set.
  public let optimizer: Optimizer
  /// The schedule of the learning rate.
  public let schedule: Schedule
  /// The schedule of the momentum, if that changes.
  public let momentumSchedule: Schedule?
  /// How often `step()` was called.
  public private(set) var stepCount = 0
  private var bases: [Double]
  private var momentumBases: [Double] = []

  /// Starts a schedule and sets its first rate. Stops for a schedule of the momentum if the optimizer has none.
  public init(_ optimizer: Optimizer, _ schedule: Schedule, momentum: Schedule? = nil) {
    self.optimizer = optimizer
    self.schedule = schedule
    momentumSchedule = momentum
    bases = optimizer.groups.map(\.learningRate)
    if momentum != nil {
      momentumBases = rulesWithMomentum.map(\.momentum)
      require(!momentumBases.isEmpty, "Scheduler: \(type(of: optimizer)) has no momentum to be scheduled")
    }
    apply()
  }

  /// Sets the next rate.
  public func step() {
    stepCount += 1
    // Groups that were added later start from their present rate.
    bases += optimizer.groups.dropFirst(bases.count).map(\.learningRate)
    if momentumSchedule != nil {
      momentumBases += rulesWithMomentum.dropFirst(momentumBases.count).map(\.momentum)
    }
    apply()
  }

  /// The optimizer and those that were added to it, as far as they have a momentum.
  private var rulesWithMomentum: [any MomentumOptimizer] {
    optimizer.rules.compactMap { $0 as? any MomentumOptimizer }
  }

  private func apply() {
    for (group, base) in zip(optimizer.groups, bases) {
      group.learningRate = schedule.rate(at: stepCount, from: base)
    }
    if let momentumSchedule {
      for (rule, base) in zip(rulesWithMomentum, momentumBases) {
        rule.momentum = momentumSchedule.rate(at: stepCount, from: base)
      }
    }
  }

  /// The number of steps, and the initial rates and momentum; schedules are not saved.
  public func stateDict() -> [String: Tensor] {
    var state = ["step": Tensor(stepCount), "bases": Tensor(bases)]
    if momentumSchedule != nil { state["momentum"] = Tensor(momentumBases) }
    return state
  }

  /// Restores a state and sets the rate of its step. Throws for a step that the schedule does not reach, too.
  public func load(_ state: [String: Tensor]) throws(StateError) {
    var reader = StateReader(state, of: "Scheduler")
    let step = try reader.count("step")
    let loaded = try reader.rates("bases", count: bases.count)
    let momenta = momentumSchedule == nil ? [] : try reader.rates("momentum", count: momentumBases.count)
    try reader.finish()
    func invalid(_ key: String, _ found: Double) -> StateError { .invalid(owner: "Scheduler", key: key, found: found) }
    for end in [schedule.end, momentumSchedule?.end] where step > end ?? .max { throw invalid("step", Double(step)) }
    func isRate(_ rate: Double) -> Bool { rate >= 0 && rate.isFinite }
    for base in loaded where !isRate(schedule.rate(at: step, from: base)) { throw invalid("bases", base) }
    if let momentumSchedule {
      for base in momenta where !isRate(momentumSchedule.rate(at: step, from: base)) { throw invalid("momentum", base) }
    }
    (stepCount, bases, momentumBases) = (step, loaded, momenta)
    apply()
  }
}

/// Lowers an optimizer's learning rates when a metric stops improving: PyTorch's ReduceLROnPlateau.
///
/// ```swift
/// let scheduler = PlateauScheduler(optimizer, factor: 0.5, patience: 3)
/// for epoch in 0..<100 { …; scheduler.step(validationLoss) }
/// ```
///
/// When more than `patience` metrics in a row were no better than the best so far, each rate becomes max(rate · factor,
/// least), unless that changes it by `smallestChange` or less; the next `cooldown` metrics are not counted.
public final class PlateauScheduler: Stateful {
  /// What makes a metric better.
  public enum Goal: Sendable {
    /// Smaller, as losses are.
    case min
    /// Larger, as accuracies are.
    case max
  }

  /// By how much a metric must be better than the best.
  public enum Threshold: Sendable {
    /// This part of the best.
    case relative(Double)
    /// This much.
    case absolute(Double)
  }

  /// The optimizer whose rates are lowered.
  public let optimizer: Optimizer
  /// What makes a metric better, and by how much.
  public let goal: Goal
  /// By how much a metric must be better.
  public let threshold: Threshold
  /// What the rates are multiplied by.
  public let factor: Double
  /// How many metrics in a row may be no better.
  public let patience: Int
  /// How many metrics after a change are not counted.
  public let cooldown: Int
  /// The least rate.
  public let least: Double
  /// Rates are not changed by this or less.
  public let smallestChange: Double

  /// The best metric so far; infinite before the first.
  public private(set) var best: Double
  /// Metrics since the best that counted.
  public private(set) var badCount = 0
  private var cooling = 0

  /// Creates a scheduler with PyTorch's defaults.
  public init(
    _ optimizer: Optimizer, goal: Goal = .min, factor: Double = 0.1, patience: Int = 10,
    threshold: Threshold = .relative(1e-4), cooldown: Int = 0, least: Double = 0, smallestChange: Double = 1e-8
  ) {
    require(factor > 0 && factor < 1, "PlateauScheduler: the factor lies between 0 and 1 (exclusive), got \(factor)")
    require(
      patience >= 0 && cooldown >= 0,
      "PlateauScheduler: patience and cooldown must not be negative, got \(patience) and \(cooldown)")
    self.optimizer = optimizer
    self.goal = goal
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.cooldown = cooldown
    self.least = least
    self.smallestChange = smallestChange
    best = goal == .min ? .infinity : -.infinity
  }

  /// Takes the next metric into account.
  public func step(_ metric: Double) {
    if isBetter(metric) { (best, badCount) = (metric, 0) } else { badCount += 1 }
    if cooling > 0 { (cooling, badCount) = (cooling - 1, 0) }
    if badCount <= patience { return }
    for group in optimizer.groups {
      let lowered = Swift.max(group.learningRate * factor, least)
      if group.learningRate - lowered > smallestChange { group.learningRate = lowered }
    }
    (cooling, badCount) = (cooldown, 0)
  }

  private func isBetter(_ metric: Double) -> Bool {
    switch (goal, threshold) {
    case (.min, .relative(let part)): metric < best * (1 - part)
    case (.min, .absolute(let amount)): metric < best - amount
    case (.max, .relative(let part)): metric > best * (1 + part)
    case (.max, .absolute(let amount)): metric > best + amount
    }
  }

  /// The best metric and the counts; the rates themselves are the optimizer's state.
  public func stateDict() -> [String: Tensor] {
    ["best": Tensor(best), "badCount": Tensor(badCount), "cooling": Tensor(cooling)]
  }

  /// Restores a state.
  public func load(_ state: [String: Tensor]) throws(StateError) {
    var reader = StateReader(state, of: "PlateauScheduler")
    let best = try reader.double("best")
    let counts = (try reader.count("badCount"), try reader.count("cooling"))
    try reader.finish()
    (self.best, badCount, cooling) = (best, counts.0, counts.1)
  }
}
