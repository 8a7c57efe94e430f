import Foundation
import NN
import Optim
import Testing

/// Trainings that PyTorch began go on here as they do there: Tests/Fixtures/torch/trainings.py wrote both.
@Suite struct PyTorchStateTests {
  private let file: TorchArchive
  private var checkpoint: TorchArchive.Value { file["checkpoint"] }

  init() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/torch/trainings.pt")
    file = try TorchArchive(contentsOfFile: path.standardizedFileURL.path)
  }

  /// sin((seed + 7 · place)²), as the script has it.
  private func numbers(_ shape: Shape, _ seed: Int) -> Tensor {
    let values = (0..<shape.elementCount).map { place in
      let x = Double(seed + 7 * place)
      return sin(x * x)
    }
    return Tensor(values).reshape(shape)
  }

  private func take(_ steps: Range<Int>, with optimizer: Optimizer, of variables: [Variable]) {
    for step in steps {
      for (place, p) in variables.enumerated() where place < variables.count - 1 || step >= 30 {
        p.grad = Variable(numbers(p.shape, 1 + 5 * step + 3 * place).cast(to: p.dtype))
      }
      optimizer.step()
    }
  }

  private func expect(
    _ found: [Variable], _ expected: TorchArchive.Value, within tolerance: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try expected.elements
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    for (found, expected) in zip(found, expected) {
      let error = largestError(found.value, try expected.tensor)
      #expect(error < tolerance, "\(found.dtype)", sourceLocation: sourceLocation)
    }
  }

  // MARK: - Rules

  /// A rule for the first of some parameters, with a group for the rest.
  private static func grouped(_ name: String, _ make: @escaping @Sendable ([Named<Variable>]) -> Optimizer) -> Rule {
    Rule(name) { registry in
      let optimizer = make([registry[0]])
      optimizer.add(Array(registry[1...]))
      return optimizer
    }
  }

  static let rules: [Rule] = [
    grouped("SGD") { SGD($0) },
    grouped("Momentum") { SGD($0, momentum: 0.7, dampening: 0.4) },
    grouped("Nesterov") { Nesterov($0) },
    grouped("Adam") { Adam($0, beta1: 0.5, beta2: 0.99, epsilon: 1e-6) },
    grouped("Adam, amsgrad") { Adam($0, beta2: 0.5, amsgrad: true, maximize: true) },
    grouped("AdamW") { AdamW($0) },
    grouped("NAdam") { NAdam($0, momentumDecay: 0.3, decouplesWeightDecay: true) },
    grouped("RAdam") { RAdam($0, beta2: 0.9) },
    grouped("Adamax") { Adamax($0) },
    grouped("Adagrad") { Adagrad($0, learningRateDecay: 0.1, initialSum: 0.3) },
    grouped("Adadelta") { Adadelta($0, rho: 0.8) },
    grouped("RMSprop") { RMSprop($0, alpha: 0.9, epsilon: 1e-3) },
    grouped("RMSprop, all") { RMSprop($0, alpha: 0.9, epsilon: 1e-3, momentum: 0.7, centered: true) },
    grouped("Rprop") { Rprop($0, sizes: 1e-3...0.2) },
    grouped("ASGD") { ASGD($0, lambda: 0.1, start: 5) },
    grouped("Adafactor") { Adafactor($0, clip: 2) },
    grouped("Muon") { Muon($0, scale: .likeAdamW) },
  ]

  /// Rules whose second group has options of its own.
  static let pairs: [Rule] = [
    Rule("SGD, two") {
      let optimizer = SGD([$0[0]], learningRate: 0.05, momentum: 0.9, nesterov: true)
      optimizer.add(SGD(Array($0[1...]), learningRate: 0.03, weightDecay: 0.2))
      return optimizer
    },
    Rule("Adam, two") {
      let optimizer = Adam([$0[0]], learningRate: 0.01)
      optimizer.add(
        Adam(
          Array($0[1...]), learningRate: 0.03, beta1: 0.5, beta2: 0.9, epsilon: 1e-4, weightDecay: 0.2, amsgrad: true))
      return optimizer
    },
    Rule("RMSprop, two") {
      let optimizer = RMSprop([$0[0]], epsilon: 1e-3)
      optimizer.add(
        RMSprop(
          Array($0[1...]), learningRate: 0.03, alpha: 0.8, epsilon: 1e-3, momentum: 0.5, centered: true,
          weightDecay: 0.2))
      return optimizer
    },
  ]

  /// 20 steps after the saved ones; rates, decays and momentum are the file's.
  @Test(arguments: rules + pairs) func rulesGoOn(rule: Rule) throws {
    let saved = file["trainings"][rule.testDescription]
    for (type, key, tolerance) in [(DType.float64, "later", 1e-12), (.float32, "inFloat32", 3e-6)] {
      for isFused in [true, false] {
        let variables = try saved["parameters"].elements.map {
          Variable(try $0.tensor.cast(to: type), requiresGrad: true)
        }
        let registry = variables.enumerated().map { Named(name: "\($0)", element: $1) }
        let optimizer = rule.make(registry)
        optimizer.isFused = isFused
        try optimizer.load(fromPyTorch: saved["optimizer"])
        take(25..<45, with: optimizer, of: variables)
        try expect(variables, saved[key], within: tolerance)
      }
    }
  }

  /// The saved steps themselves.
  @Test(arguments: pairs) func groupsHaveOptionsOfTheirOwn(rule: Rule) throws {
    for isFused in [true, false] {
      let variables = [[2, 3], [3], [2, 2]].enumerated().map {
        Variable(numbers(Shape($1), 2 + 3 * $0), requiresGrad: true)
      }
      let optimizer = rule.make(variables.enumerated().map { Named(name: "\($0)", element: $1) })
      optimizer.isFused = isFused
      take(0..<25, with: optimizer, of: variables)
      try expect(variables, file["trainings"][rule.testDescription]["parameters"], within: 1e-12)
    }
  }

  @Test func quasiNewtonGoesOn() throws {
    let saved = file["trainings"]["LBFGS"]
    let variables = try saved["parameters"].elements.map { Variable(try $0.tensor, requiresGrad: true) }
    let (x, y) = (variables[0], variables[1])
    let optimizer = LBFGS(named(x, y), maxIterations: 3, historySize: 4, lineSearch: .strongWolfe)
    try optimizer.load(fromPyTorch: saved["optimizer"])
    for _ in 0..<2 {
      optimizer.step { (x.sin() * y.cos()).sum() + 0.1 * (x * x).sum() + 0.1 * (y * y).sum() }
    }
    try expect(variables, saved["later"], within: 1e-12)
    #expect(throws: StateError.self) { try optimizer.load(fromPyTorch: saved["optimizer"], order: ["1", "0"]) }
  }

  // MARK: - A checkpoint

  /// The script's network; in PyTorch's order `gain` comes first.
  private final class Net: Module {
    let body = Linear(3, 3, dtype: .float64)
    let gain = Variable(Tensor.ones([3], dtype: .float64), requiresGrad: true)
    let norm = BatchNorm1D(3, dtype: .float64)
    let head = Linear(3, 2, dtype: .float64)
    override func forward(_ x: Variable) -> Variable { head(norm(body(x).tanh() * gain)) }
  }

  private func optimizer(of net: Net) -> AdamW {
    let optimizer = AdamW(net.parameters, learningRate: 0.01, beta2: 0.95)
    optimizer.separate { !$0.hasSuffix("weight") || $0.hasPrefix("norm") }
    return optimizer
  }

  @Test func aCheckpointGoesOn() throws {
    let net = Net()
    try net.load(checkpoint["model"].tensors)
    let optimizer = optimizer(of: net)
    let scheduler = Scheduler(
      optimizer, .oneCycle(largest: 0.05, steps: 20), momentum: .oneCycleMomentum(steps: 20))
    try optimizer.load(fromPyTorch: checkpoint["optimizer"], order: checkpoint["model"].keys)
    let rates = optimizer.groups.map(\.learningRate) + [optimizer.momentum]
    try scheduler.load(fromPyTorch: checkpoint["scheduler"])
    for (a, b) in zip(rates, optimizer.groups.map(\.learningRate) + [optimizer.momentum]) {
      #expect(abs(a - b) < 1e-15)
    }
    #expect(optimizer.groups.map(\.weightDecay) == [0.1, 0.01] && optimizer.stepCount == 8)
    let first = try checkpoint["epoch"].integer
    for (step, expected) in try checkpoint["losses"].elements.enumerated() {
      let loss = optimizer.step {
        (net(numbers([4, 3], 1 + first + step)) - numbers([4, 2], 2 + first + step)).square().mean()
      }
      scheduler.step()
      #expect(abs(loss - (try expected.number)) < 1e-12, "step \(step)")
    }
  }

  /// Names that PyTorch saved tell the order without being asked.
  @Test func savedNamesTellTheOrder() throws {
    let net = Net()
    let optimizer = SGD(net.parameters, momentum: 0.9)
    try optimizer.load(fromPyTorch: checkpoint["named"])
    let names = try checkpoint["named"]["param_groups"][0]["param_names"].elements.map { try $0.text }
    #expect(names.prefix(2) == ["gain", "body.weight"])
    let state = optimizer.stateDict()
    for (number, name) in names.enumerated() {
      #expect(try state[name + "/momentum"] == checkpoint["named"]["state"][number]["momentum_buffer"].tensor)
    }
    let other = SGD(net.parameters, momentum: 0.9)
    try other.load(
      fromPyTorch: checkpoint["named"], order: names.map { "module._orig_mod." + $0 } + ["other"], under: "module")
    #expect(other.stateDict() == state)
  }

  // MARK: - Schedules

  @Test(arguments: ["step", "multiStep", "sequential", "chained"]) func schedulesGoOn(name: String) throws {
    let schedules: [String: Schedule] = [
      "step": .step(every: 3, factor: 0.5), "multiStep": .multiStep(at: [2, 9, 12]),
      "sequential": .sequential([.linear(), .cosine(over: 15)], at: [5]),
      "chained": .chained([.constant(until: 9), .exponential(factor: 0.9)]),
    ]
    let optimizer = SGD(named(Variable([0], requiresGrad: true)), learningRate: 7)
    let scheduler = Scheduler(optimizer, try #require(schedules[name]))
    try scheduler.load(fromPyTorch: file["schedules"][name]["scheduler"])
    for rate in try file["schedules"][name]["rates"].elements {
      #expect(abs(optimizer.learningRate - (try rate.number)) < 1e-15)
      scheduler.step()
    }
  }

  @Test func plateausGoOn() throws {
    let saved = file["schedules"]["plateau"]
    let optimizer = SGD(named(Variable([0], requiresGrad: true)))
    let scheduler = PlateauScheduler(optimizer, factor: 0.5, patience: 1, cooldown: 2)
    try optimizer.load(fromPyTorch: saved["optimizer"])
    try scheduler.load(fromPyTorch: saved["scheduler"])
    for (step, rate) in try saved["rates"].elements.enumerated() {
      #expect(optimizer.learningRate == (try rate.number))
      scheduler.step(1 + sin(Double((8 + step) * (8 + step))))
    }
  }

  // MARK: - What does not fit

  /// The sentence of the error with which an optimizer refuses a training of the file.
  private func refusal(of name: String, _ make: ([Named<Variable>]) -> Optimizer, _ shapes: [Shape]? = nil) throws
    -> String
  {
    let registry = (shapes ?? [[2, 3], [3], [2, 2]]).enumerated().map {
      Named(name: "p\($0)", element: Variable(.zeros($1, dtype: .float64), requiresGrad: true))
    }
    let optimizer = make(Array(registry.prefix(1)))
    optimizer.add(Array(registry.dropFirst()))
    let before = optimizer.stateDict()
    var sentence = ""
    do { try optimizer.load(fromPyTorch: file["trainings"][name]["optimizer"]) } catch { sentence = "\(error)" }
    #expect(optimizer.stateDict() == before)
    return sentence.replacing("trainings.\(name).optimizer.", with: "")
  }

  @Test func anotherRuleIsNamedAsTheReason() throws {
    let rules: [(String, ([Named<Variable>]) -> Optimizer, String)] = [
      ("SGD", { Adam($0) }, "Adam: the saved state is that of another rule: param_groups.0 has no betas"),
      ("Adam", { SGD($0) }, "SGD: the saved state is that of another rule: param_groups.0 has no momentum"),
      (
        "Adam", { RAdam($0, beta1: 0.8, beta2: 0.99, epsilon: 1e-6) },
        "RAdam: the saved state is that of another rule: param_groups.0 has amsgrad"
      ),
      (
        "Adam", { Adamax($0, beta1: 0.8, beta2: 0.99, epsilon: 1e-6) },
        "Adamax: the saved state is that of another rule: state.0, of p0, has exp_avg_sq"
      ),
      ("RMSprop", { Lion($0) }, "Lion: PyTorch has no such rule, whose state could be read"),
    ]
    for (name, make, sentence) in rules { #expect(try refusal(of: name, make) == sentence) }
  }

  @Test func otherOptionsAreNamed() throws {
    let options: [(String, ([Named<Variable>]) -> Optimizer, String)] = [
      ("Adam", { Adam($0) }, "Adam: the saved param_groups.0.betas is 0.8, 0.99, expected 0.8, 0.999"),
      ("AdamW", { Adam($0) }, "Adam: the saved param_groups.0.decoupled_weight_decay is true, expected false"),
      ("Adam, amsgrad", { Adam($0, beta2: 0.5) }, "Adam: the saved param_groups.0.amsgrad is true, expected false"),
      (
        "Adam, amsgrad", { Adam($0, beta2: 0.5, amsgrad: true) },
        "Adam: the saved param_groups.0.maximize is true, expected false"
      ),
      ("SGD", { Momentum($0) }, "Momentum: the saved param_groups.0.momentum is 0.0, expected 0.9"),
      ("SGD, two", { Nesterov($0) }, "Nesterov: the saved param_groups.1.momentum is 0.0, expected 0.9"),
      ("Adafactor", { Adafactor($0) }, "Adafactor: the saved param_groups.0.d is 2.0, expected 1.0"),
    ]
    for (name, make, sentence) in options { #expect(try refusal(of: name, make) == sentence) }
  }

  @Test func otherCountsAndShapesAreNamed() throws {
    let make = { (registry: [Named<Variable>]) in AdamW(registry) }
    #expect(
      try refusal(of: "AdamW", make, [[2, 3], [3]])
        == "AdamW: the saved param_groups.1.params is 2 parameters, expected 1 parameter")
    #expect(
      try refusal(of: "AdamW", make, [[3, 2], [3], [2, 2]])
        == "AdamW: the saved state.0.exp_avg, of p0, is [2, 3], expected [3, 2]")
    let optimizer = AdamW(named(Variable(Tensor.zeros([2, 3]), requiresGrad: true)))
    let saved = file["trainings"]["AdamW"]["optimizer"]
    func sentence(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(
      sentence { try optimizer.load(fromPyTorch: saved) }
        == "AdamW: the saved param_groups is 2 groups, expected 1 group")
    optimizer.add([])
    #expect(
      sentence { try optimizer.load(fromPyTorch: saved, order: ["weight"]) }
        == "AdamW: the saved state has no parameter 0")
    #expect(
      sentence { try optimizer.load(fromPyTorch: file["optimiser"]) }
        .hasSuffix("trainings.pt, entry optimiser.param_groups: expected a list, found nothing"))
  }
}
