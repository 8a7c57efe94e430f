/// A model or a part of one: something with parameters that maps variables to variables.
///
/// Declare what it has; nothing needs to be listed a second time:
///
/// ```swift
/// final class Net: Module {
///   let hidden = Linear(64, 100)
///   let output = Linear(100, 10)
///   override func callAsFunction(_ x: Variable) -> Variable { output(hidden(x).relu()) }
/// }
/// ```
///
/// Properties that are leaf variables requiring a gradient are parameters, other leaf variables are buffers, and modules
/// (also in arrays, dictionaries and optionals) are children. They are found by reflection in the order of declaration
/// and named by their path: `hidden.weight`.
open class Module {
  /// Whether the module behaves as in training (dropout drops) or as in use. Set by `train()` and `eval()`.
  public private(set) var isTraining = true

  /// For subclasses.
  public init() {}

  /// The module's output for one input.
  ///
  /// Stops unless overridden; a module of several inputs declares a `callAsFunction` of its own.
  open func callAsFunction(_ x: Variable) -> Variable {
    stop("\(type(of: self)): has no callAsFunction for one input; override it, or call the one it declares")
  }

  /// The output for a tensor that needs no gradient, as data do not.
  public final func callAsFunction(_ x: Tensor) -> Variable { self(Variable(x)) }

  /// What a listing shows for this module: its type, or in layers their sizes too.
  open var summary: String { "\(type(of: self))" }

  /// Whether modules in an array of this one are named by their position alone (`0.weight`), as in PyTorch's containers.
  var namesByPosition: Bool { false }

  /// Lets the module and all below it behave as in training.
  @discardableResult
  public func train(_ isTraining: Bool = true) -> Self {
    for module in modules { module.element.isTraining = isTraining }
    return self
  }

  /// Lets the module and all below it behave as in use: dropout passes everything on.
  @discardableResult
  public func eval() -> Self { train(false) }
}

// MARK: - What it has

/// A part of a model under its path, such as `encoder.0.weight`.
public struct Named<Element> {
  /// Property names and positions, joined by dots; empty for the model itself.
  public let name: String
  /// The part.
  public let element: Element

  /// A part under a name of one's own, such as a variable that an optimizer is to change outside any model.
  public init(name: String, element: Element) {
    self.name = name
    self.element = element
  }
}

extension Named: Sendable where Element: Sendable {}

extension Module {
  /// The parameter registry: every parameter with its path, in the order of declaration, each shared one once.
  ///
  /// Optimizers, checkpoints, summaries and initializers walk this list and nothing else. Parameters frozen with
  /// `requiresGrad = false` are buffers for as long as they are.
  public var parameters: [Named<Variable>] { variables.filter { $0.element.requiresGrad } }

  /// Variables that belong to the model and are not trained.
  public var buffers: [Named<Variable>] { variables.filter { !$0.element.requiresGrad } }

  /// This module and all below it, parents first, each once.
  public var modules: [Named<Module>] { walked().modules }

  /// The modules that this one holds itself.
  public var children: [Named<Module>] { Array(walked(depth: 1).modules.dropFirst()) }

  /// Clears all gradients.
  public func zeroGrad() {
    for parameter in parameters { parameter.element.grad = nil }
  }

  private var variables: [Named<Variable>] { walked().variables }

  private func walked(depth: Int = .max) -> ReflectionWalk {
    var walk = ReflectionWalk()
    walk.visit(self, name: "", depth: depth)
    return walk
  }
}

/// Finds modules and leaf variables in the stored properties of a module, of its superclasses, and of what these hold.
private struct ReflectionWalk {
  private(set) var modules: [Named<Module>] = []
  private(set) var variables: [Named<Variable>] = []
  private var seen: Set<ObjectIdentifier> = []

  /// Notes a module and, `depth` levels down, what it holds.
  mutating func visit(_ module: Module, name: String, depth: Int) {
    guard seen.insert(ObjectIdentifier(module)).inserted else { return }
    modules.append(Named(name: name, element: module))
    if depth == 0 { return }
    var levels: [Mirror] = []
    var level: Mirror? = Mirror(reflecting: module)
    while let mirror = level {
      levels.append(mirror)
      level = mirror.superclassMirror
    }
    for child in levels.reversed().flatMap(\.children) {
      let label = module.namesByPosition && child.value is [Module] ? nil : child.label
      visit(child.value, name: Self.path(name, label), depth: depth - 1)
    }
  }

  private mutating func visit(_ value: Any, name: String, depth: Int) {
    if let module = value as? Module {
      visit(module, name: name, depth: depth)
    } else if let variable = value as? Variable {
      if variable.isLeaf, seen.insert(ObjectIdentifier(variable)).inserted {
        variables.append(Named(name: name, element: variable))
      }
    } else {
      visitParts(of: Mirror(reflecting: value), name: name, depth: depth)
    }
  }

  private mutating func visitParts(of mirror: Mirror, name: String, depth: Int) {
    switch mirror.displayStyle {
    case .collection, .tuple:
      if Self.plainArrays.contains(ObjectIdentifier(mirror.subjectType)) { return }
      for (position, child) in mirror.children.enumerated() {
        visit(child.value, name: Self.path(name, "\(position)"), depth: depth)
      }
    case .dictionary:
      // A dictionary has no order of its own, so its keys give one.
      let pairs = mirror.children.map { Array(Mirror(reflecting: $0.value).children) }
      for pair in pairs.sorted(by: { "\($0[0].value)" < "\($1[0].value)" }) {
        visit(pair[1].value, name: Self.path(name, "\(pair[0].value)"), depth: depth)
      }
    case .optional:
      for child in mirror.children { visit(child.value, name: name, depth: depth) }
    case .struct:
      for child in mirror.children { visit(child.value, name: Self.path(name, child.label), depth: depth) }
    default:
      break
    }
  }

  /// Arrays that hold nothing but numbers or words: a million of them need no look each.
  private static let plainArrays: Set<ObjectIdentifier> = [
    ObjectIdentifier([Double].self), ObjectIdentifier([Float].self), ObjectIdentifier([Int].self),
    ObjectIdentifier([Int32].self), ObjectIdentifier([UInt8].self), ObjectIdentifier([Bool].self),
    ObjectIdentifier([String].self),
  ]

  /// A property wrapper's storage `_x` is named `x`; lazy storage keeps the property's name.
  private static func path(_ prefix: String, _ label: String?) -> String {
    var label = label ?? ""
    for mark in ["$__lazy_storage_$_", "_"] where label.hasPrefix(mark) { label.removeFirst(mark.count) }
    return prefix.isEmpty ? label : label.isEmpty ? prefix : prefix + "." + label
  }
}

extension Module: CustomStringConvertible {
  /// The module's summary, and that of its children indented below it with their names.
  public var description: String {
    let children = children
    if children.isEmpty { return summary }
    let lines = children.map { child in
      "  (\(child.name)): " + child.element.description.split(separator: "\n").joined(separator: "\n  ")
    }
    return ([summary] + lines).joined(separator: "\n")
  }
}
