/// Layers one after another.
///
/// ```swift
/// let net = Sequential(Linear(64, 100), ReLU(), Linear(100, 10))
/// let deep = Sequential {
///   for _ in 1...8 { Linear(64, 64); ReLU() }
///   Linear(64, 10)
/// }
/// let features = net[..<2]
/// ```
///
/// PyTorch's `Sequential`: slices share their layers with the whole.
public final class Sequential: ModuleList {
  public override func forward(_ x: Variable) -> Variable { layers.reduce(x) { $1($0) } }
}

/// A residual block: y = x + body(x), or shortcut(x) + body(x) where their shapes differ. He et al. 2016.
public final class Residual: Module {
  /// The branch that is added.
  public let body: Module
  /// The branch that it is added to, if not the input itself.
  public let shortcut: Module?

  /// Creates a residual block from a body, and a shortcut that brings the input to the shape of the body's output.
  public init(_ body: Module, shortcut: Module? = nil) { (self.body, self.shortcut) = (body, shortcut) }

  /// Creates a residual block whose body is a block with one module per line.
  public convenience init(shortcut: Module? = nil, @ModuleBuilder _ body: () -> [Module]) {
    self.init(Sequential(body()), shortcut: shortcut)
  }

  public override func forward(_ x: Variable) -> Variable {
    let (added, base) = (body(x), shortcut?(x) ?? x)
    require(
      added.shape == base.shape,
      "wants a body that keeps the shape \(base.shape), or a shortcut to the same shape; the body gives \(added.shape)")
    return base + added
  }
}
