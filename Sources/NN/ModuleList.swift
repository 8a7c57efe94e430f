/// Collects the modules of a container: `Sequential { Linear(2, 4); ReLU() }`, with `if` and `for`.
@resultBuilder
public enum ModuleBuilder {
  /// A module.
  public static func buildExpression(_ module: Module) -> [Module] { [module] }
  /// Several modules.
  public static func buildExpression(_ modules: [Module]) -> [Module] { modules }
  /// Modules one after another.
  public static func buildBlock(_ parts: [Module]...) -> [Module] { parts.flatMap { $0 } }
  /// Modules that an `if` may leave out.
  public static func buildOptional(_ modules: [Module]?) -> [Module] { modules ?? [] }
  /// Modules of an `if`.
  public static func buildEither(first modules: [Module]) -> [Module] { modules }
  /// Modules of an `else`.
  public static func buildEither(second modules: [Module]) -> [Module] { modules }
  /// Modules of a loop.
  public static func buildArray(_ parts: [[Module]]) -> [Module] { parts.flatMap { $0 } }
}

/// Modules in a list, named by their positions: `0.weight`. The module that holds the list defines how they are used.
///
/// An array of modules works too; its modules are found under the name of the property. PyTorch's `ModuleList`.
public class ModuleList: Module, Sequence {
  /// The modules in order.
  @exclusivity(unchecked) public private(set) var layers: [Module]

  /// Creates a list from an array of modules.
  public required init(_ layers: [Module]) { self.layers = layers }

  /// Creates a list from the given modules.
  public convenience init(_ layers: Module...) { self.init(layers) }

  /// Creates a list from a block with one module per line.
  public convenience init(@ModuleBuilder _ layers: () -> [Module]) { self.init(layers()) }

  public override func pathName(ofProperty label: String) -> String? { label == "layers" ? nil : label }

  /// How many modules there are.
  public var count: Int { layers.count }

  /// The modules in order, for loops.
  public func makeIterator() -> IndexingIterator<[Module]> { layers.makeIterator() }

  /// One of the modules.
  public subscript(position: Int) -> Module {
    get {
      check(position, isIn: layers.indices)
      return layers[position]
    }
    set {
      check(position, isIn: layers.indices)
      layers[position] = newValue
    }
  }

  /// The modules at some positions, in a container of their own that shares them: `autoencoder[..<8]` is the encoder.
  public subscript(range: some RangeExpression<Int>) -> Self { Self(Array(layers[checked(range)])) }

  /// Adds a module at the end.
  public func append(_ module: Module) { layers.append(module) }

  /// Adds the modules of another container, or an array's, at the end.
  public func append(contentsOf modules: some Sequence<Module>) { layers.append(contentsOf: modules) }

  /// Adds a module before the one at a position, or at the end.
  public func insert(_ module: Module, at position: Int) {
    check(position, isIn: 0..<(count + 1))
    layers.insert(module, at: position)
  }

  /// Removes a module.
  @discardableResult
  public func remove(at position: Int) -> Module {
    check(position, isIn: layers.indices)
    return layers.remove(at: position)
  }

  /// Removes the modules at some positions: `net.removeSubrange(8...)` cuts off a decoder.
  public func removeSubrange(_ range: some RangeExpression<Int>) { layers.removeSubrange(checked(range)) }

  private func check(_ position: Int, isIn range: Range<Int>) {
    require(
      range.contains(position),
      "\(type(of: self)): there is no layer \(position) among \(count), numbered from 0")
  }

  private func checked(_ range: some RangeExpression<Int>) -> Range<Int> {
    // Resolved against all integers first: against fewer layers, `5...` would be an invalid
    // range, for which Swift traps.
    let positions = range.relative(to: Int.min..<Int.max)
    let end = positions.upperBound == .max ? count : positions.upperBound
    let start = positions.lowerBound == .min ? 0 : positions.lowerBound
    require(
      start >= 0 && start <= end && end <= count,
      "\(type(of: self)): there are no layers \(start)..<\(end) among \(count), numbered from 0")
    return start..<end
  }
}

/// Stops for a number of layers that no memory can hold, which would be allocated one by one.
func requirePossible(layers: Int, of name: String) {
  require(layers <= 1 << 16, "\(name): the number of layers must be at most \(1 << 16), got \(layers)")
}
