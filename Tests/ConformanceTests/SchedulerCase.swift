import NN
import Optim

/// One case of `schedulers`: the learning rates of an optimizer after each step.
struct SchedulerCase: SuiteCase {
  let name: String
  let scheduler: String
  let arguments: [String: JSON]
  let baseRate: Double
  let metrics: [Double]?
  let learningRates: [Double]
  let rtol, atol, rtol64, atol64: Double

  var op: String { scheduler }

  private enum CodingKeys: String, CodingKey {
    case name, scheduler, arguments, metrics, rtol, atol, rtol64, atol64
    case baseRate = "base_lr"
    case learningRates = "learning_rates"
  }
}

/// The learning rates. Returns the largest error.
func schedulerAnswers(_ testCase: SchedulerCase, _ tensors: [String: Tensor], _ type: DType) throws -> Double {
  let parameter = Variable(Tensor.zeros([1], dtype: type), requiresGrad: true)
  let optimizer = SGD([Named(name: "p", element: parameter)], learningRate: testCase.baseRate)
  let arguments = Arguments(testCase.op, testCase.arguments)
  var rates: [Double] = []
  if testCase.op == "ReduceLROnPlateau" {
    let scheduler = try plateau(arguments, optimizer)
    rates.append(optimizer.learningRate)
    for metric in testCase.metrics ?? [] {
      scheduler.step(metric)
      rates.append(optimizer.learningRate)
    }
  } else {
    let scheduler = Scheduler(optimizer, try schedule(arguments))
    rates.append(optimizer.learningRate)
    for _ in testCase.learningRates.dropFirst() {
      scheduler.step()
      rates.append(optimizer.learningRate)
    }
  }
  guard arguments.unknown.isEmpty else { throw Complaint("not known: \(arguments.unknown.joined(separator: ", "))") }
  return try Tolerance(testCase, type).error("the rates", Tensor(rates), Tensor(testCase.learningRates))
}

func plateau(_ a: Arguments, _ optimizer: Optimizer) throws -> PlateauScheduler {
  let threshold = a.double("threshold", default: 1e-4)
  return PlateauScheduler(
    optimizer, goal: a.string("mode", default: "min") == "min" ? .min : .max, factor: a.double("factor", default: 0.1),
    patience: a.int("patience", default: 10),
    threshold: a.string("threshold_mode", default: "rel") == "rel" ? .relative(threshold) : .absolute(threshold),
    cooldown: a.int("cooldown", default: 0), least: a.double("min_lr", default: 0),
    smallestChange: a.double("eps", default: 1e-8))
}

func schedule(_ a: Arguments) throws -> Schedule {
  switch a.op {
  case "StepLR": return .step(every: a.int("step_size"), factor: a.double("gamma", default: 0.1))
  case "MultiStepLR": return .multiStep(at: a.ints("milestones"), factor: a.double("gamma", default: 0.1))
  case "ConstantLR":
    return .constant(factor: a.double("factor", default: 1.0 / 3), until: a.int("total_iters", default: 5))
  case "LinearLR":
    return .linear(
      from: a.double("start_factor", default: 1.0 / 3), to: a.double("end_factor", default: 1),
      over: a.int("total_iters", default: 5))
  case "ExponentialLR": return .exponential(factor: a.double("gamma"))
  case "PolynomialLR":
    return .polynomial(over: a.int("total_iters", default: 5), power: a.double("power", default: 1))
  case "CosineAnnealingLR": return .cosine(over: a.int("T_max"), to: a.double("eta_min", default: 0))
  case "CosineAnnealingWarmRestarts":
    return .cosineRestarts(
      first: a.int("T_0"), factor: a.int("T_mult", default: 1), to: a.double("eta_min", default: 0))
  case "LambdaLR": return .warmUp(over: a.int("warmup_steps"))
  case "OneCycleLR": return oneCycle(a)
  case "CyclicLR": return try cyclic(a)
  case "MultiplicativeLR":
    let factor = a.double("factor")
    return .multiplicative { factor + 0.1 * Double($0 % 2) }
  case "SWALR":
    return .annealing(
      to: a.double("swa_lr"), over: a.int("anneal_epochs", default: 10),
      curve: a.string("anneal_strategy", default: "cos") == "cos" ? .cosine : .line)
  case "SequentialLR": return .sequential(try parts(a), at: a.ints("milestones"))
  case "ChainedScheduler": return .chained(try parts(a))
  default: throw Complaint("the scheduler is not known")
  }
}

private func parts(_ a: Arguments) throws -> [Schedule] {
  try a.objects("schedulers").map { object in
    guard case .string(let name) = object["scheduler"], case .object(let arguments) = object["arguments"] else {
      throw Complaint("a scheduler without name or arguments")
    }
    return try schedule(Arguments(name, arguments))
  }
}

private func oneCycle(_ a: Arguments) -> Schedule {
  _ = a.bool("cycle_momentum")
  let (epochs, perEpoch) = (a.optionalInt("epochs") ?? 0, a.optionalInt("steps_per_epoch") ?? 0)
  return .oneCycle(
    largest: a.double("max_lr"), steps: a.optionalInt("total_steps") ?? epochs * perEpoch,
    rise: a.double("pct_start", default: 0.3),
    curve: a.string("anneal_strategy", default: "cos") == "cos" ? .cosine : .line,
    startDivisor: a.double("div_factor", default: 25), endDivisor: a.double("final_div_factor", default: 1e4),
    isSymmetric: a.bool("three_phase"))
}

/// The momentum that goes with a cycle of the learning rate.
func momentumSchedule(_ a: Arguments) throws -> Schedule {
  let (high, low) = (a.double("max_momentum"), a.double("base_momentum"))
  if a.op == "CyclicLR" { return try cyclic(a, from: high, to: low) }
  return .oneCycleMomentum(
    from: high, to: low, steps: a.int("total_steps"), rise: a.double("pct_start", default: 0.3),
    curve: a.string("anneal_strategy", default: "cos") == "cos" ? .cosine : .line, isSymmetric: a.bool("three_phase"))
}

private func cyclic(_ a: Arguments, from low: Double? = nil, to high: Double? = nil) throws -> Schedule {
  _ = a.bool("cycle_momentum")
  let gamma = a.double("gamma", default: 1)
  let height: Schedule.CycleHeight =
    switch a.string("mode", default: "triangular") {
    case "triangular": .same
    case "triangular2": .halved
    case "exp_range": .falling(factor: gamma)
    default: throw Complaint("the mode is not known")
    }
  return .cyclic(
    from: low ?? a.double("base_lr"), to: high ?? a.double("max_lr"), up: a.int("step_size_up", default: 2000),
    down: a.optionalInt("step_size_down"), height: height)
}
