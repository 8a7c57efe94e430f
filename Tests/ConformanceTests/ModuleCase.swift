import NN

/// One case of `modules`: a layer with its state, the expected outputs, and the buffers afterwards.
struct ModuleCase: SuiteCase {
  let name: String
  let module: String
  let arguments: [String: JSON]
  let state: [String: String]
  let training: Bool
  let inputs: [String]
  let keywordInputs: [String: String]
  let callArguments: [String: JSON]
  let outputs: [String]
  let cotangents: [String?]
  let inputGradients: [String?]
  let parameterGradients: [String: String]
  let stateAfter: [String: String]?
  let rtol, atol, rtol64, atol64: Double

  var op: String { module }

  private enum CodingKeys: String, CodingKey {
    case name, module, arguments, state, training, inputs, outputs, cotangents, rtol, atol, rtol64, atol64
    case keywordInputs = "keyword_inputs"
    case callArguments = "call_arguments"
    case inputGradients = "input_gradients"
    case parameterGradients = "parameter_gradients"
    case stateAfter = "state_after"
  }
}

/// A module under test and how to call it.
struct ModuleUnderTest {
  let module: Module
  /// Maps positional and keyword inputs to all outputs.
  let call: ([Variable], [String: Variable]) -> [Variable]

  /// A module with one input.
  init(_ module: Module) { self.init(module) { inputs, _ in [module(inputs[0])] } }

  init(_ module: Module, call: @escaping ([Variable], [String: Variable]) -> [Variable]) {
    (self.module, self.call) = (module, call)
  }
}

/// Makes our counterpart of PyTorch's module. Each family has a table in a file of its own; nil if no
/// table has the name.
private func build(_ a: Arguments, _ type: DType) throws -> ModuleUnderTest? {
  let families: [(Arguments, DType) throws -> ModuleUnderTest?] = [layerModule, sequenceModule]
  for family in families {
    if let module = try family(a, type) { return module }
  }
  return nil
}

/// Outputs, gradients of inputs and parameters, and buffers. Returns the largest error.
func moduleAnswers(_ testCase: ModuleCase, _ tensors: [String: Tensor], _ type: DType) throws -> Double {
  func tensor(_ key: String) throws -> Tensor {
    guard let tensor = tensors[key] else { throw Complaint("no tensor \(key)") }
    return tensor.dtype == .float64 ? tensor.cast(to: type) : tensor
  }
  let arguments = Arguments(testCase.module, testCase.arguments)
  guard let tested = try build(arguments, type) else { throw Complaint("the module is not known") }
  guard arguments.unknown.isEmpty else {
    throw Complaint("not known to the builder: \(arguments.unknown.joined(separator: ", "))")
  }
  let module = tested.module
  try module.load(try testCase.state.mapValues(tensor))
  module.train(testCase.training)
  let before = module.stateDict()

  let inputs = try zip(testCase.inputs, testCase.inputGradients).map { key, gradient in
    Variable(try tensor(key), requiresGrad: gradient != nil)
  }
  let keywords = try testCase.keywordInputs.mapValues { Variable(try tensor($0)) }
  let outputs = tested.call(inputs, keywords)
  guard outputs.count == testCase.outputs.count else {
    throw Complaint("\(outputs.count) outputs, expected \(testCase.outputs.count)")
  }
  let tolerance = Tolerance(testCase, type)
  var largest = 0.0
  for (number, (output, key)) in zip(outputs, testCase.outputs).enumerated() {
    largest = try max(largest, tolerance.error("output \(number)", output.value, tensors[key]))
  }
  try seeded(outputs, testCase.cotangents, tensors, type, outer: "none").backward()
  for (number, (input, key)) in zip(inputs, testCase.inputGradients).enumerated() {
    guard let key else { continue }
    let found = input.grad?.value ?? input.value.zerosLike()
    largest = try max(largest, tolerance.error("gradient of input \(number)", found, tensors[key]))
  }
  for parameter in module.parameters {
    guard let key = testCase.parameterGradients[parameter.name] else {
      throw Complaint("the case stores no gradient of \(parameter.name)")
    }
    let found = parameter.element.grad?.value ?? parameter.element.value.zerosLike()
    largest = try max(largest, tolerance.error("gradient of \(parameter.name)", found, tensors[key]))
  }
  guard module.parameters.count == testCase.parameterGradients.count else {
    throw Complaint(
      "parameters \(module.parameters.map(\.name)), expected \(testCase.parameterGradients.keys.sorted())")
  }
  for buffer in module.buffers {
    let expected = testCase.stateAfter?[buffer.name].map { tensors[$0] } ?? before[buffer.name]
    largest = try max(largest, tolerance.error("buffer \(buffer.name)", buffer.element.value, expected))
  }
  return largest
}
