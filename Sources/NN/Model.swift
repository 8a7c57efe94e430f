/// A value whose modules and variables are found by reflection: a `Module`, or a struct of modules.
///
/// Properties that are leaf variables are parameters if they require a gradient, or did before they were frozen; other
/// leaf variables are buffers. Modules and models (also in arrays, dictionaries, tuples, optionals, enums and structs)
/// are searched in turn. All are found in the order of declaration and named by their path, in PyTorch's spelling:
/// `hidden.weight`, and `output_layer.weight` for a property `outputLayer`.
///
/// ```swift
/// struct Autoencoder: Model {
///   let encoder = Linear(784, 30), decoder = Linear(30, 784)
///   func callAsFunction(_ x: Variable) -> Variable { decoder(encoder(x).relu()) }
/// }
/// ```
///
/// A struct has no training mode of its own, and in messages paths begin at the modules that it holds.
public protocol Model: CustomStringConvertible {}

/// A part of a model under its path, such as `encoder.0.weight`.
public struct Named<Element> {
  /// Property names and positions, joined by dots; empty for the model itself.
  public let name: String
  /// The part.
  public let element: Element

  /// Creates a part with a name of your own, such as for a variable outside any model that an optimizer is to update.
  public init(name: String, element: Element) {
    self.name = name
    self.element = element
  }
}

extension Named: Sendable where Element: Sendable {}

extension Named: CustomStringConvertible {
  /// The path and the part: `bias: [0., 1.] float32 [2], requires grad`.
  public var description: String { name.isEmpty ? "\(element)" : "\(name): \(element)" }
}

extension Named where Element == Variable {
  /// The parameter's value, which can be set: a step of gradient descent by hand is
  ///
  /// ```swift
  /// for p in net.parameters { if let g = p.grad { p.value -= 0.1 * g.value } }
  /// ```
  public var value: Tensor {
    get { element.value }
    nonmutating _modify { yield &element.value }
  }

  /// The parameter's gradient, which can be set.
  public var grad: Variable? {
    get { element.grad }
    nonmutating set { element.grad = newValue }
  }

  /// Whether the parameter is trained or frozen, which can be set.
  public var requiresGrad: Bool {
    get { element.requiresGrad }
    nonmutating set { element.requiresGrad = newValue }
  }

  /// The parameter's shape.
  public var shape: Shape { element.shape }
}

// MARK: - Parts

extension Model {
  /// The parameter registry: every parameter with its path, in the order of declaration, each shared one once.
  ///
  /// Optimizers, checkpoints, summaries and initializers go through this list and nothing else. It contains frozen
  /// parameters, too; they get no gradient, so optimizers skip them.
  public var parameters: [Named<Variable>] { variables.filter { $0.element.isParameter } }

  /// Variables that belong to the model and are not trained, such as running means.
  public var buffers: [Named<Variable>] { variables.filter { !$0.element.isParameter } }

  /// This module, if it is one, and all below it, parents first, each once.
  public var modules: [Named<Module>] { walked().modules }

  /// The modules that are direct parts of this model.
  public var children: [Named<Module>] { walked(depth: 1).modules.filter { !$0.name.isEmpty } }

  /// The number of elements of all parameters, frozen ones included.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.element.elementCount } }

  private var variables: [Named<Variable>] { walked().variables }

  /// All parts.
  func walked(depth: Int = .max) -> ReflectionWalk { ReflectionWalk(of: self, depth: depth) }
}

// MARK: - Operations

extension Model {
  /// Puts all modules into training mode, or with `false` into evaluation mode.
  @discardableResult
  public func train(_ isTraining: Bool = true) -> Self { apply { $0.isTraining = isTraining } }

  /// Puts all modules into evaluation mode: dropout is the identity, batch normalization uses its running statistics.
  @discardableResult
  public func eval() -> Self { train(false) }

  /// Freezes all parameters: they require no gradient until `unfreeze()`, and their `grad` is cleared.
  @discardableResult
  public func freeze() -> Self { requireGradients(false) }

  /// Makes all parameters require a gradient again.
  @discardableResult
  public func unfreeze() -> Self { requireGradients(true) }

  /// Calls `body` with every module, children before parents: to initialize, to set options.
  @discardableResult
  public func apply(_ body: (Module) throws -> Void) rethrows -> Self {
    for module in modules.reversed() { try body(module.element) }
    return self
  }

  /// Converts parameters and buffers of float types to another float type, and clears gradients:
  /// PyTorch's `double()` and `float()`.
  ///
  /// Do this before the first step of an optimizer, whose state has the parameters' types.
  @discardableResult
  public func cast(to type: DType) -> Self {
    require(type.isFloatingPoint, "cast: parameters are float32 or float64, got \(type)")
    for variable in variables.map(\.element) where variable.dtype.isFloatingPoint && variable.dtype != type {
      let isTrained = variable.requiresGrad
      (variable.requiresGrad, variable.grad) = (false, nil)
      variable.value = variable.value.cast(to: type)
      variable.requiresGrad = isTrained
    }
    return self
  }

  /// Clears all gradients.
  public func zeroGrad() {
    for parameter in parameters { parameter.element.grad = nil }
  }

  private func requireGradients(_ isTrained: Bool) -> Self {
    for parameter in parameters {
      parameter.element.requiresGrad = isTrained
      if !isTrained { parameter.element.grad = nil }
    }
    return self
  }
}

extension Model {
  /// The model's own line, followed by those of its children, indented and named.
  public var description: String {
    let lines = children.map { child in
      "  (\(child.name)): " + child.element.description.split(separator: "\n").joined(separator: "\n  ")
    }
    return ([(self as? Module)?.summary ?? "\(type(of: self))"] + lines).joined(separator: "\n")
  }
}
