/// Layers one after another.
///
/// ```swift
/// let net = Sequential(Linear(64, 100), ReLU(), Linear(100, 10))
/// ```
public final class Sequential: Module {
  /// The layers in order.
  public private(set) var layers: [Module]

  /// From a list of layers.
  public convenience init(_ layers: Module...) { self.init(layers) }

  /// From an array of layers.
  public init(_ layers: [Module]) { self.layers = layers }

  override var namesByPosition: Bool { true }

  public override func forward(_ x: Variable) -> Variable { layers.reduce(x) { $1($0) } }

  /// One of the layers.
  public subscript(position: Int) -> Module {
    require(
      layers.indices.contains(position),
      "Sequential: there is no layer \(position) among \(layers.count), numbered from 0")
    return layers[position]
  }

  /// How many layers there are.
  public var count: Int { layers.count }

  /// Adds a layer at the end.
  public func append(_ layer: Module) { layers.append(layer) }
}
