import Tensors

/// How a learning rate changes over time: a function of its initial value and of the step, counted from 0.
///
/// ```swift
/// let scheduler = Scheduler(optimizer, .step(every: 3, factor: 0.5))  // halve every 3 epochs
/// for epoch in 0..<30 {
///   …
///   scheduler.step()
/// }
/// ```
///
/// Whether a step is an epoch or a batch is the caller's choice. Each schedule is PyTorch's scheduler of a similar
/// name, in closed form, so that any step can be computed directly: `Schedule.cosine(over: 10).rate(at: 3, from:
/// 0.1)`. For a schedule of your own write `.lambda { step in … }`, or `Schedule { base, step in … }` if it is not a
/// multiple of the base.
public struct Schedule: Sendable {
  private typealias Formula = @Sendable (_ base: Double, _ step: Int) -> Double
  private let formula: Formula
  /// The last step that has a rate; nil if there is none.
  let end: Int?
  /// The formula after another schedule in a sequence, of the last rate of that one; nil if it starts from the base.
  private let sequel: Formula?

  /// Creates a schedule from its formula.
  public init(_ formula: @escaping @Sendable (_ base: Double, _ step: Int) -> Double) {
    self.init(until: nil, formula)
  }

  private init(until end: Int?, sequel: Formula? = nil, _ formula: @escaping Formula) {
    (self.end, self.sequel, self.formula) = (end, sequel, formula)
  }

  /// The learning rate at a step, counted from 0, of an optimizer that began with `base`.
  public func rate(at step: Int, from base: Double) -> Double { formula(base, step) }
}

// MARK: - Steps and powers

extension Schedule {
  /// base · factor(step): PyTorch's LambdaLR.
  public static func lambda(_ factor: @escaping @Sendable (_ step: Int) -> Double) -> Schedule {
    Schedule { base, step in base * factor(step) }
  }

  /// The previous rate times factor(step), from step 1 on: base · factor(1) ⋯ factor(step). In `sequential`, after
  /// another schedule, it continues from the last rate of that one, from step 0 on. PyTorch's MultiplicativeLR. Each
  /// rate is computed from the beginning, so a step costs `step` calls.
  public static func multiplicative(_ factor: @escaping @Sendable (_ step: Int) -> Double) -> Schedule {
    @Sendable func product(_ rate: Double, _ steps: ClosedRange<Int>) -> Double {
      steps.reduce(rate) { $0 * factor($1) }
    }
    return Schedule(until: nil, sequel: { product($0, 0...$1) }) { base, step in
      step < 1 ? base : product(base, 1...step)
    }
  }

  /// base · factor^⌊step / period⌋: PyTorch's StepLR.
  public static func step(every period: Int, factor: Double = 0.1) -> Schedule {
    checkCount("step", "every", period)
    return lambda { pow(factor, $0 / period) }
  }

  /// base · factor for each milestone reached, twice for one that is listed twice: PyTorch's MultiStepLR.
  public static func multiStep(at milestones: [Int], factor: Double = 0.1) -> Schedule {
    lambda { step in pow(factor, milestones.count { $0 <= step }) }
  }

  /// base · factor until `steps`, then base: PyTorch's ConstantLR.
  public static func constant(factor: Double = 1.0 / 3, until steps: Int = 5) -> Schedule {
    lambda { $0 < steps ? factor : 1 }
  }

  /// base · factor^step: PyTorch's ExponentialLR.
  public static func exponential(factor: Double) -> Schedule { lambda { pow(factor, $0) } }

  /// base times a factor that moves linearly from `start` to `end` within `steps`, and stays: PyTorch's LinearLR.
  public static func linear(from start: Double = 1.0 / 3, to end: Double = 1, over steps: Int = 5) -> Schedule {
    checkCount("linear", "over", steps)
    return lambda { start + (end - start) * Double(Swift.min($0, steps)) / Double(steps) }
  }

  /// base · min(1, (step + 1) / steps): increases linearly to base, which is reached at the last of `steps` steps.
  public static func warmUp(over steps: Int) -> Schedule {
    checkCount("warmUp", "over", steps)
    return lambda { Swift.min(1, (Double($0) + 1) / Double(steps)) }
  }

  /// base · (1 − step / steps)^power, then 0: PyTorch's PolynomialLR.
  public static func polynomial(over steps: Int = 5, power: Double = 1) -> Schedule {
    checkCount("polynomial", "over", steps)
    return lambda { pow(1 - Double(Swift.min($0, steps)) / Double(steps), power) }
  }
}

// MARK: - Cosines and cycles

extension Schedule {
  /// Half a cosine from base to `end` within `steps`, and up again after that: PyTorch's CosineAnnealingLR. Loshchilov
  /// and Hutter 2017, without restarts.
  public static func cosine(over steps: Int, to end: Double = 0) -> Schedule {
    checkCount("cosine", "over", steps)
    return Schedule { base, step in Curve.cosine.between(base, end, Double(step) / Double(steps)) }
  }

  /// From base to `rate` within `steps`, then constant, as weight averaging needs it: PyTorch's SWALR.
  /// Izmailov et al. 2018.
  public static func annealing(to rate: Double, over steps: Int = 10, curve: Curve = .cosine) -> Schedule {
    checkCount("annealing", "over", steps)
    return Schedule { base, step in curve.between(base, rate, Swift.min(1, Double(step) / Double(steps))) }
  }

  /// Half a cosine from base to `end` within `first` steps, again within `first` · `factor`, and so on: PyTorch's
  /// CosineAnnealingWarmRestarts. Loshchilov and Hutter 2017.
  public static func cosineRestarts(first: Int, factor: Int = 1, to end: Double = 0) -> Schedule {
    checkCount("cosineRestarts", "first", first)
    checkCount("cosineRestarts", "factor", factor)
    return Schedule { base, step in
      var (position, length) = (step, first)
      if factor == 1 { position %= first }
      while position >= length {
        position -= length
        length = length.times(factor)
      }
      return Curve.cosine.between(base, end, Double(position) / Double(length))
    }
  }

  /// The curve between two rates.
  public enum Curve: Sendable {
    /// Half a cosine.
    case cosine
    /// A line.
    case line

    func between(_ start: Double, _ end: Double, _ part: Double) -> Double {
      switch self {
      case .cosine: end + (start - end) * (1 + Platform.cosine(.pi * part)) / 2
      case .line: start + (end - start) * part
      }
    }
  }

  /// Up from largest / `startDivisor` to `largest` in the first `rise` share of `steps`, and down to largest /
  /// startDivisor / `endDivisor` in the rest: PyTorch's OneCycleLR. Smith and Topin 2018.
  ///
  /// With `isSymmetric` (PyTorch's `three_phase`) it goes down to the start in the same time as up, then to the end.
  /// The optimizer's own rate does not matter. The end is reached at step `steps` − 1. Stops for a step beyond `steps`.
  public static func oneCycle(
    largest: Double, steps: Int, rise: Double = 0.3, curve: Curve = .cosine, startDivisor: Double = 25,
    endDivisor: Double = 1e4, isSymmetric: Bool = false
  ) -> Schedule {
    let start = largest / startDivisor
    return oneCycle([start, largest] + (isSymmetric ? [start] : []) + [start / endDivisor], steps, rise, curve)
  }

  /// The momentum that goes with `oneCycle` of the same arguments: down from `high` to `low` while the rate goes
  /// up, and back, as PyTorch's OneCycleLR does with `cycle_momentum`. Its counterpart for `cyclic` is
  /// `.cyclic(from: 0.9, to: 0.8, …)`.
  public static func oneCycleMomentum(
    from high: Double = 0.95, to low: Double = 0.85, steps: Int, rise: Double = 0.3, curve: Curve = .cosine,
    isSymmetric: Bool = false
  ) -> Schedule {
    oneCycle([high, low, high] + (isSymmetric ? [high] : []), steps, rise, curve)
  }

  /// From each rate to the next: a first and perhaps a second part of `rise` · `steps`, and the rest.
  private static func oneCycle(_ rates: [Double], _ steps: Int, _ rise: Double, _ curve: Curve) -> Schedule {
    checkCount("oneCycle", "steps", steps)
    require(rise >= 0 && rise <= 1, "Schedule.oneCycle: rise is a part from 0 to 1, got \(rise)")
    let turns = (1..<(rates.count - 1)).map { Double($0) * (rise * Double(steps) - 1) }
    let ends = [0] + turns + [Double(steps) - 1]
    return Schedule(until: steps) { _, step in
      require(step <= steps, "Schedule.oneCycle: step \(step) is past the \(steps) steps of the cycle")
      let t = Double(step)
      let next = (turns.firstIndex { t <= $0 } ?? turns.count) + 1
      let part = (t - ends[next - 1]) / (ends[next] - ends[next - 1])
      return curve.between(rates[next - 1], rates[next], part)
    }
  }

  /// How the height of cycles changes.
  public enum CycleHeight: Sendable {
    /// It stays: PyTorch's `triangular`.
    case same
    /// Half as high each time: PyTorch's `triangular2`.
    case halved
    /// Times this factor with every step: PyTorch's `exp_range`.
    case falling(factor: Double)
  }

  /// Linearly up and down between two rates, over and over: PyTorch's CyclicLR. Smith 2017.
  ///
  /// `up` and `down` count steps; `down` defaults to `up`. The optimizer's own rate does not matter.
  public static func cyclic(
    from low: Double, to high: Double, up: Int = 2000, down: Int? = nil, height: CycleHeight = .same
  ) -> Schedule {
    checkCount("cyclic", "up", up)
    checkCount("cyclic", "down", down ?? up)
    let length = Double(up) + Double(down ?? up)
    return Schedule { _, step in
      let cycle = (Double(step) / length).rounded(.down)
      let position = Double(step) - cycle * length
      let part = position <= Double(up) ? position / Double(up) : (length - position) / (length - Double(up))
      let scale =
        switch height {
        case .same: 1.0
        case .halved: pow(0.5, cycle)
        case .falling(let factor): pow(factor, step)
        }
      return low + (high - low) * part * scale
    }
  }
}

// MARK: - Several schedules

extension Schedule {
  /// Each schedule from its milestone on, where its steps count from 0: PyTorch's SequentialLR.
  ///
  /// `.sequential([.warmUp(over: 5), .cosine(over: 95)], at: [5])`
  public static func sequential(_ schedules: [Schedule], at milestones: [Int]) -> Schedule {
    require(
      schedules.count == milestones.count + 1,
      "Schedule.sequential: wants one milestone fewer than schedules, got \(milestones.count) for \(schedules.count)")
    require(
      milestones.first ?? 0 >= 0 && zip(milestones, milestones.dropFirst()).allSatisfy { $0 <= $1 },
      "Schedule.sequential: milestones must not be negative nor fall, got \(milestones)")
    let ends = zip(schedules, zip([0] + milestones, milestones + [.max])).compactMap { schedule, span in
      schedule.end.map { span.0.plus($0) }.flatMap { $0 < span.1 ? $0 : nil }
    }
    @Sendable func rate(_ base: Double, _ step: Int) -> Double {
      let current = milestones.count { $0 <= step }
      if current == 0 { return schedules[0].rate(at: step, from: base) }
      let (schedule, start) = (schedules[current], milestones[current - 1])
      if let sequel = schedule.sequel, start > 0 { return sequel(rate(base, start - 1), step - start) }
      return schedule.rate(at: step - start, from: base)
    }
    return Schedule(until: ends.min(), rate)
  }

  /// All schedules applied in turn, each to the rate that the one before it gives: if they are multiples of the base,
  /// the product of their factors, as with PyTorch's ChainedScheduler. (There LambdaLR and CosineAnnealingWarmRestarts
  /// override the schedules before them, and CosineAnnealingLR does when its rate starts to rise; here none does.)
  ///
  /// `.chained([.linear(over: 5), .exponential(factor: 0.99)])`
  public static func chained(_ schedules: [Schedule]) -> Schedule {
    Schedule(until: schedules.compactMap(\.end).min()) { base, step in
      schedules.reduce(base) { $1.rate(at: step, from: $0) }
    }
  }

  private static func checkCount(_ schedule: String, _ name: String, _ value: Int) {
    require(value >= 1, "Schedule.\(schedule): \(name) must be at least 1, got \(value)")
  }
}
