import Foundation
import NN
import Optim
import Testing

/// Long runs of optimizers and schedules with what happens in them: groups, gradients that are missing, rates that
/// change, a state that is saved and restored. Tests/Fixtures/optimizers/generate.py had PyTorch compute the numbers.
@Suite struct RunTests {
  private let runs: Runs

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/optimizers/runs.json")
    runs = try JSONDecoder().decode(Runs.self, from: Data(contentsOf: file))
  }

  /// 50 steps of each rule, fused and as it reads, in both types.
  @Test func optimizers() throws {
    for run in runs.runs {
      for fused in [true, false] {
        #expect(try run.error(.float64, fused: fused) < 1e-12, "\(run.name), fused: \(fused)")
        // As far as PyTorch's own float32 is from float64, and some.
        #expect(try run.error(.float32, fused: fused) < 3 * run.float32Error + 2e-6, "\(run.name), fused: \(fused)")
      }
    }
  }

  @Test func quasiNewton() throws {
    for search in runs.searches { try search.check() }
  }

  @Test func schedules() throws {
    for testCase in runs.schedules {
      let arguments = Arguments(testCase.scheduler, testCase.arguments)
      let parameters = [0, 1].map { Named(name: "\($0)", element: Variable([0], requiresGrad: true)) }
      let optimizer = SGD([parameters[0]], learningRate: 0.1, momentum: 0.9)
      optimizer.add([parameters[1]], learningRate: 0.04)
      let momentum = testCase.momentum == nil ? nil : try momentumSchedule(arguments)
      let scheduler = Scheduler(optimizer, try schedule(arguments), momentum: momentum)
      for (step, rates) in testCase.rates.enumerated() {
        var (found, expected) = (optimizer.groups.map(\.learningRate), rates)
        if let momentum = testCase.momentum {
          found.append(optimizer.momentum)
          expected.append(momentum[step])
        }
        for (a, b) in zip(found, expected) {
          #expect(abs(a - b) <= 1e-12 * max(abs(b), 1e-3), "\(testCase.scheduler), step \(step)")
        }
        scheduler.step()
      }
    }
  }

  @Test func plateaus() throws {
    for testCase in runs.plateaus {
      let optimizer = SGD([Named(name: "p", element: Variable([0], requiresGrad: true))], learningRate: 0.1)
      let scheduler = try plateau(Arguments("ReduceLROnPlateau", testCase.arguments), optimizer)
      for (step, (metric, rate)) in zip(testCase.metrics, testCase.rates).enumerated() {
        scheduler.step(metric)
        #expect(abs(optimizer.learningRate - rate) <= 1e-12 * rate, "\(testCase.arguments), step \(step)")
      }
    }
  }
}

private struct Runs: Decodable {
  let runs: [Run]
  let searches: [Search]
  let schedules: [Rates]
  let plateaus: [Plateau]

  struct Rates: Decodable {
    let scheduler: String
    let arguments: [String: JSON]
    let rates: [[Double]]
    let momentum: [Double]?
  }

  struct Plateau: Decodable {
    let arguments: [String: JSON]
    let metrics, rates: [Double]
  }
}

/// What stands in a start (kind 0) or a gradient (kind 1), as the script has it.
private func numbers(_ kind: Int, _ step: Int, _ parameter: Int, _ shape: Shape, _ type: DType = .float64) -> Tensor {
  let values = (0..<shape.elementCount).map { place in
    let x = Double(1 + 17 * kind + 5 * step + 3 * parameter + 7 * place)
    return sin(x * x)
  }
  return Tensor(values).reshape(shape).cast(to: type)
}

private struct Run: Decodable {
  let name, rule: String
  let arguments: [String: JSON]
  let shapes: [[Int]]
  let float32Error: Double
  let stored: [Int]
  let expected: [[[Double]]]

  /// The largest difference from what is stored; infinite if something is missing.
  func error(_ type: DType, fused: Bool) throws -> Double {
    var parameters = shapes.enumerated().map { numbers(0, 0, $0, Shape($1), type) }
    var (optimizer, variables) = try make(parameters, fused)
    var largest = 0.0
    for step in 1...50 {
      for (k, variable) in variables.enumerated() {
        variable.grad = (step + k) % 4 == 0 ? nil : Variable(numbers(1, step, k, variable.shape, type))
      }
      if step == 20 || step == 40 { for group in optimizer.groups { group.learningRate *= 0.5 } }
      optimizer.step()
      parameters = variables.map(\.value)
      if let place = stored.firstIndex(of: step) {
        for (found, expected) in zip(parameters, expected[place]) {
          let found = found.scalars(as: Double.self)
          if found.count != expected.count { return .infinity }
          for (a, b) in zip(found, expected) { largest = max(largest, abs(a - b) / max(1, abs(b))) }
        }
      }
      if step == 33 {
        let state = try Safetensors(bytes: Safetensors(tensors: optimizer.stateDict()).encoded()).tensors
        (optimizer, variables) = try make(parameters, fused)
        try optimizer.load(state)
      }
    }
    return largest
  }

  private func make(_ parameters: [Tensor], _ fused: Bool) throws -> (Optimizer, [Variable]) {
    let named = parameters.enumerated().map {
      Named(name: "\($0)", element: Variable($1, requiresGrad: true))
    }
    let halves = [0, 1].map { half in named.enumerated().filter { $0.offset % 2 == half }.map(\.element) }
    let a = Arguments(rule, arguments)
    guard let optimizer = try optimizer(a, halves[0]) else { throw Complaint("\(rule) is not known") }
    guard a.unknown.isEmpty else { throw Complaint("not known: \(a.unknown.joined(separator: ", "))") }
    optimizer.isFused = fused
    optimizer.add(halves[1], learningRate: 0.03, weightDecay: rule == "Rprop" ? 0 : 0.2)
    return (optimizer, named.map(\.element))
  }
}

private struct Search: Decodable {
  let kind: String
  let arguments: [String: JSON]
  let expected: [Point]

  struct Point: Decodable {
    let x, y: [Double]
    let loss: Double
    let evaluations: Int
  }

  func check() throws {
    let x = Variable(2 * numbers(0, 0, 0, [3]), requiresGrad: true)
    let y = Variable(numbers(0, 0, 1, [3]), requiresGrad: true)
    let rule = try #require(
      try optimizer(
        Arguments("LBFGS", arguments), [Named(name: "x", element: x), Named(name: "y", element: y)]))
    var evaluations = 0
    for (step, point) in expected.enumerated() {
      if step == 3 { rule.learningRate = 0.3 }
      let loss = rule.step {
        evaluations += 1
        return objective(x, y)
      }
      #expect(evaluations == point.evaluations, "\(kind) \(arguments), step \(step)")
      let found = x.value.scalars(as: Double.self) + y.value.scalars(as: Double.self) + [loss]
      for (a, b) in zip(found, point.x + point.y + [point.loss]) {
        #expect(abs(a - b) <= 1e-8 * max(1, abs(b)), "\(kind) \(arguments), step \(step)")
      }
    }
  }

  private func objective(_ x: Variable, _ y: Variable) -> Variable {
    switch kind {
    case "valley":
      let (head, tail) = (x[0..<2], x[1..<3])
      return (100 * (tail - head.square()).square() + (1 - head).square()).sum() + (y - 1).pow(4).sum()
    case "waves": return (x.sin() * y.cos()).sum() + 0.1 * (x * x).sum() + 0.1 * (y * y).sum()
    default: return (-x * Tensor([1, 2, 3], dtype: .float64)).exp().log1p().sum() + 0.05 * (x * x).sum()
    }
  }
}
