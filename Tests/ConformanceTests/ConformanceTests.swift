import NN
import Testing

/// Every op, loss, module, second derivative, optimizer and schedule compared with PyTorch's answers, in
/// float64 and float32.
///
/// `CONFORMANCE_DIR` names another folder of cases in the same format.
@Suite struct ConformanceTests {
  @Test(.enabled(if: Suite<Case>.exists("ops"))) func ops() throws { try run("ops", firstOrder) }
  @Test(.enabled(if: Suite<Case>.exists("losses"))) func losses() throws { try run("losses", firstOrder) }
  @Test(.enabled(if: Suite<ModuleCase>.exists("modules"))) func modules() throws { try run("modules", moduleAnswers) }
  @Test(.enabled(if: Suite<Case>.exists("higher_order"))) func higherOrder() throws {
    try run("higher_order", secondOrder)
  }
  @Test(.enabled(if: Suite<OptimizerCase>.exists("optimizers"))) func optimizers() throws {
    try run("optimizers", optimizerAnswers)
  }
  @Test(.enabled(if: Suite<SchedulerCase>.exists("schedulers"))) func schedulers() throws {
    try run("schedulers", schedulerAnswers)
  }

  /// Runs all cases of a pair of files in both float types, and prints a line per op.
  private func run<C: SuiteCase>(_ name: String, _ check: (C, [String: Tensor], DType) throws -> Double) throws {
    let suite = try Suite<C>(name)
    var results: [String: (cases: Int, failed: Int, error: Double)] = [:]
    for testCase in suite.cases {
      var result = results[testCase.op] ?? (0, 0, 0)
      result.cases += 1
      for type in [DType.float64, .float32] {
        do {
          let error = try check(testCase, suite.tensors, type)
          if type == .float64 { result.error = max(result.error, error) }
        } catch {
          result.failed += 1
          Issue.record("\(testCase.name), \(type): \(error)")
        }
      }
      results[testCase.op] = result
    }
    for (op, result) in results.sorted(by: { $0.key < $1.key }) {
      let failed = result.failed > 0 ? ", \(result.failed) failed" : ""
      print("\(name)/\(op): \(result.cases) cases\(failed), largest error in float64 \(result.error)")
    }
  }
}

/// Outputs and gradients. Returns the largest error.
private func firstOrder(_ testCase: Case, _ tensors: [String: Tensor], _ type: DType) throws -> Double {
  let named = (testCase.gradients ?? [:]).filter { $0.value != .null }
  let arguments = try Arguments(testCase, tensors, type, differentiated: Set(named.keys))
  let outputs = try answer(arguments)
  guard outputs.count == testCase.outputs?.count else {
    throw Complaint("\(outputs.count) outputs, expected \(testCase.outputs?.count ?? 0)")
  }
  let tolerance = Tolerance(testCase, type)
  var largest = 0.0
  for (number, (output, key)) in zip(outputs, testCase.outputs ?? []).enumerated() {
    largest = try max(largest, tolerance.error("output \(number)", output.value, tensors[key]))
  }
  if named.isEmpty { return largest }
  // An op without a gradient leaves zeros.
  let sum = try seeded(outputs, testCase.cotangents ?? [], tensors, type, outer: "none")
  if sum.requiresGrad { sum.backward() }
  for (name, keys) in named {
    for (found, expected) in zip(arguments.gradients(name), try keys.tensors(in: tensors) ?? []) {
      largest = try max(largest, tolerance.error("gradient of \(name)", found, expected))
    }
  }
  return largest
}

/// Value, gradient and Hessian-vector product. Returns the largest error.
private func secondOrder(_ testCase: Case, _ tensors: [String: Tensor], _ type: DType) throws -> Double {
  let names = testCase.gradient ?? [:]
  let arguments = try Arguments(testCase, tensors, type, differentiated: Set(names.keys))
  let value = try seeded(answer(arguments), testCase.cotangents ?? [], tensors, type, outer: testCase.outer ?? "none")
  let tolerance = Tolerance(testCase, type)
  var largest = try tolerance.error("value", value.value, testCase.value.flatMap { tensors[$0] })
  value.backward(createGraph: true)
  var slope = Variable(Tensor.zeros([], dtype: type))
  for (name, keys) in names {
    let expected = try keys.tensors(in: tensors) ?? []
    let vectors = try testCase.vectors?[name]?.tensors(in: tensors) ?? []
    for (found, (expected, vector)) in zip(arguments.takeGradients(name), zip(expected, vectors)) {
      let found = found ?? Variable(Tensor.zeros(expected.shape, dtype: type))
      largest = try max(largest, tolerance.error("gradient of \(name)", found.value, expected))
      slope += (found * Variable(vector.cast(to: type))).sum()
    }
  }
  // Without a graph the function is piecewise linear, so its second derivatives are zero.
  if slope.requiresGrad { slope.backward() }
  for (name, keys) in testCase.hessianVectorProduct ?? [:] {
    for (found, expected) in zip(arguments.gradients(name), try keys.tensors(in: tensors) ?? []) {
      largest = try max(largest, tolerance.error("second derivative by \(name)", found, expected))
    }
  }
  return largest
}

/// The library's outputs for a case.
private func answer(_ arguments: Arguments) throws -> [Variable] {
  guard let outputs = try call(arguments) else { throw Complaint("the op \(arguments.op) is not known") }
  guard arguments.unknown.isEmpty else {
    throw Complaint("not known to the call of \(arguments.op): \(arguments.unknown.joined(separator: ", "))")
  }
  return outputs
}

/// Σ outputs · cotangents, or Σ outputs² · cotangents.
func seeded(
  _ outputs: [Variable], _ cotangents: [String?], _ tensors: [String: Tensor], _ type: DType, outer: String
) throws -> Variable {
  guard ["none", "square"].contains(outer) else { throw Complaint("outer \(outer) is not known") }
  var sum = Variable(Tensor.zeros([], dtype: type))
  for (output, key) in zip(outputs, cotangents) {
    guard let key else { continue }
    guard let cotangent = tensors[key] else { throw Complaint("no tensor \(key)") }
    let y = outer == "square" ? output * output : output
    sum += (y * Variable(cotangent.cast(to: type))).sum()
  }
  return sum
}

/// How far a result may be from the stored one.
struct Tolerance {
  let relative, absolute: Double

  init(_ testCase: some SuiteCase, _ type: DType) {
    (relative, absolute) =
      type == .float64 ? (testCase.rtol64, testCase.atol64) : (testCase.rtol, testCase.atol)
  }

  /// The largest absolute error. Throws if an error exceeds what the case allows.
  func error(_ what: String, _ found: Tensor, _ expected: Tensor?) throws -> Double {
    guard let expected else { throw Complaint("\(what): the case stores none") }
    guard found.shape == expected.shape else {
      throw Complaint("\(what) has shape \(found.shape), expected \(expected.shape)")
    }
    if !expected.dtype.isFloatingPoint, found.dtype != expected.dtype {
      throw Complaint("\(what) is \(found.dtype), expected \(expected.dtype)")
    }
    var largest = 0.0
    let pairs = zip(found.scalars(as: Double.self), expected.scalars(as: Double.self))
    for (place, (a, b)) in pairs.enumerated() where a != b {
      let error = abs(a - b)
      guard expected.dtype.isFloatingPoint, error <= absolute + relative * abs(b) else {
        throw Complaint("\(what)[\(place)] of shape \(found.shape) is \(a), expected \(b)")
      }
      largest = max(largest, error)
    }
    return largest
  }
}
