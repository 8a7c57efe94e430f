import NN
import Optim

/// One case of `optimizers`: an update rule with given gradients, LBFGS on a quadratic function, or gradient clipping.
struct OptimizerCase: SuiteCase {
  let name: String
  let optimizer: String
  let arguments: [String: JSON]
  let parameters: [String]?
  let gradients: [[String]]?
  let trajectory: [[String]]
  // For clip_grad_norm_.
  let totalNorms: String?
  // For LBFGS.
  let matrix, vector: String?
  let rtol, atol, rtol64, atol64: Double

  var op: String { optimizer }

  private enum CodingKeys: String, CodingKey {
    case name, optimizer, arguments, parameters, gradients, trajectory, matrix, vector, rtol, atol, rtol64, atol64
    case totalNorms = "total_norms"
  }
}

/// Runs the trajectory with the fused steps and with the unfused rules. Returns the largest error.
func optimizerAnswers(_ testCase: OptimizerCase, _ tensors: [String: Tensor], _ type: DType) throws -> Double {
  let run = Run(testCase: testCase, tensors: tensors, type: type, tolerance: Tolerance(testCase, type))
  switch testCase.op {
  case "clip_grad_norm_", "clip_grad_value_": return try run.clip()
  case "LBFGS": return try run.minimize()
  default: return try max(run.follow(fused: true), run.follow(fused: false))
  }
}

private struct Run {
  let testCase: OptimizerCase
  let tensors: [String: Tensor]
  let type: DType
  let tolerance: Tolerance

  func tensor(_ key: String?) throws -> Tensor {
    guard let key, let tensor = tensors[key] else { throw Complaint("no tensor \(key ?? "")") }
    return tensor.cast(to: type)
  }

  func leaves(_ keys: [String]?) throws -> [Named<Variable>] {
    try (keys ?? []).enumerated().map {
      Named(name: "\($0)", element: Variable(try tensor($1), requiresGrad: true))
    }
  }

  func largestError(_ what: String, _ found: [Tensor], _ keys: [String]) throws -> Double {
    guard found.count == keys.count else { throw Complaint("\(what): \(found.count) tensors, not \(keys.count)") }
    return try zip(found, keys).enumerated().map { number, pair in
      try tolerance.error("\(what), tensor \(number)", pair.0, tensors[pair.1])
    }.max() ?? 0
  }

  func make(_ parameters: [Named<Variable>]) throws -> Optimizer {
    let arguments = Arguments(testCase.op, testCase.arguments)
    guard let optimizer = try optimizer(arguments, parameters) else { throw Complaint("the optimizer is not known") }
    guard arguments.unknown.isEmpty else { throw Complaint("not known: \(arguments.unknown.joined(separator: ", "))") }
    return optimizer
  }

  func follow(fused: Bool) throws -> Double {
    let parameters = try leaves(testCase.parameters)
    let optimizer = try make(parameters)
    optimizer.isFused = fused
    var largest = 0.0
    for (step, (gradients, expected)) in zip(testCase.gradients ?? [], testCase.trajectory).enumerated() {
      for (parameter, key) in zip(parameters, gradients) { parameter.element.grad = Variable(try tensor(key)) }
      optimizer.step()
      let what = "step \(step + 1)\(fused ? "" : " as it reads")"
      largest = try max(largest, largestError(what, parameters.map(\.element.value), expected))
    }
    return largest
  }

  /// ½ xᵀA x − bᵀx.
  func minimize() throws -> Double {
    let parameters = try leaves(testCase.parameters)
    let x = parameters[0].element
    let (a, b) = (Variable(try tensor(testCase.matrix)), Variable(try tensor(testCase.vector)))
    let optimizer = try make(parameters)
    var largest = 0.0
    for (step, expected) in testCase.trajectory.enumerated() {
      optimizer.step { 0.5 * (x • (a • x)) - b • x }
      largest = try max(largest, largestError("step \(step + 1)", [x.value], expected))
    }
    return largest
  }

  func clip() throws -> Double {
    let arguments = Arguments(testCase.op, testCase.arguments)
    var (largest, norms) = (0.0, [Double]())
    for (row, (gradients, expected)) in zip(testCase.gradients ?? [], testCase.trajectory).enumerated() {
      let parameters = try leaves(gradients)
      for parameter in parameters { parameter.element.grad = Variable(parameter.element.value) }
      if testCase.op == "clip_grad_value_" {
        clipGradValue(parameters, to: arguments.double("clip_value"))
      } else {
        norms.append(
          clipGradNorm(
            parameters, to: arguments.double("max_norm"), type: arguments.double("norm_type", default: 2)))
      }
      largest = try max(
        largest, largestError("row \(row)", parameters.compactMap { $0.element.grad?.value }, expected))
    }
    guard arguments.unknown.isEmpty else { throw Complaint("not known: \(arguments.unknown.joined(separator: ", "))") }
    if let key = testCase.totalNorms {
      largest = try max(largest, tolerance.error("the norms", Tensor(norms), tensors[key]))
    }
    return largest
  }
}
