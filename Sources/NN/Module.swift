/// A model or a part of one: something with parameters that maps variables to variables.
///
/// Declare its parts and how they work together; nothing needs to be registered:
///
/// ```swift
/// final class Net: Module {
///   let hidden = Linear(64, 100)
///   let output = Linear(100, 10)
///   override func forward(_ x: Variable) -> Variable { output(hidden(x).relu()) }
/// }
/// let scores = Net()(images)
/// ```
///
/// It is a class because a parameter is one object however many layers, optimizers and names refer to it. `Model` finds
/// the parts of a module; a struct that only holds modules can be a `Model` too.
open class Module: Model {
  /// Whether the module is in training mode (dropout drops) or in evaluation mode. Set by `train()` and `eval()`.
  public internal(set) var isTraining = true
  /// Called before and after its work, if there are any.
  @exclusivity(unchecked) var hooks: ModuleHooks?

  /// For subclasses to call.
  public init() { LiveModules.insert(self) }

  deinit { LiveModules.remove(self) }

  /// What the module computes from one input: the function that subclasses write, and `callAsFunction` calls.
  ///
  /// Stops unless overridden; a module with several inputs or outputs declares a `callAsFunction` of its own instead,
  /// which is preferred to those below:
  ///
  /// ```swift
  /// func callAsFunction(_ words: Tensor) -> Variable { … }
  /// func callAsFunction(_ x: Variable) -> (mean: Variable, logVariance: Variable) { … }
  /// ```
  open func forward(_ x: Variable) -> Variable {
    stop("has no forward for one input; override it, or call the callAsFunction it declares")
  }

  /// The module's output for one input.
  @_disfavoredOverload
  public final func callAsFunction(_ x: Variable) -> Variable {
    named(on: x) { forward(hooks == nil ? x : passedThroughPreHooks(x)) }
  }

  /// Stops, in the layer's name, unless parameters can have this type.
  static func requireFloat(_ dtype: DType) {
    require(dtype.isFloatingPoint, "\(Self.self): parameters are float32 or float64, got \(dtype)")
  }

  /// What a listing shows for this module: its type, and for layers their sizes.
  open var summary: String { "\(type(of: self))" }

  /// The multiply-adds of one call, for `summary(inputShape:)`: those of the products and convolutions that this module
  /// computes itself.
  open func multiplyAdds(input: Shape, output: Shape) -> Int { 0 }

  /// The name of a property in paths; nil if its parts are named without it, like the layers of a container.
  ///
  /// In PyTorch's spelling unless overridden, so that PyTorch's files load: `runningMean` is `running_mean`.
  open func pathName(ofProperty label: String) -> String? { label.snakeCased }

  /// Runs the work of a call under this module's name: a mistake in it ends in a sentence that begins with the module's
  /// path, such as `encoder.0 (Linear 4 -> 2): wants 4 features in the last axis, got [5, 3]`.
  ///
  /// `callAsFunction` with one input does this for `forward`; a module with several inputs wraps its own work in it,
  /// and passes the input that `multiplyAdds` counts by.
  public final func atWork<Result>(on input: Variable? = nil, _ work: () throws -> Result) rethrows -> Result {
    try named(on: input) {
      if hooks != nil { requireNoPreHooks() }
      return try work()
    }
  }

  @inline(__always)
  private func named<Result>(on input: Variable?, _ work: () throws -> Result) rethrows -> Result {
    let slot = LiveModules.slot
    let outer = slot.address
    slot.address = Unmanaged.passUnretained(self).toOpaque()
    let profiler = Profiler.current
    profiler?.begin(module: ObjectIdentifier(self)) { LiveModules.name(of: self) }
    defer {
      slot.address = outer
      profiler?.end()
    }
    let result = try work()
    return hooks == nil ? result : passedThroughHooks(result, input)
  }
}

// Of the protocol, because a subclass could not declare a method of its own with this signature otherwise.
extension Model where Self: Module {
  /// The output for a tensor that needs no gradient, such as data.
  @_disfavoredOverload
  public func callAsFunction(_ x: Tensor) -> Variable { self(Variable(x)) }
}
