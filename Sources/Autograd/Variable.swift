/// A tensor that remembers how it was computed, so that gradients can be found by walking back.
///
/// ```swift
/// let w = Variable([2, 3], requiresGrad: true)
/// let loss = (w * w).sum()
/// loss.backward()
/// print(w.grad!)  // [4., 6.]
/// ```
///
/// A variable is either a leaf, made from a tensor, or the result of an op. If a leaf requires a gradient, so do all
/// results that depend on it, and these have an entry on the tape. Variables are references: two names for one
/// parameter share its value and its gradient.
public final class Variable: @unchecked Sendable {
  // Sendable as parameters must be, to be trained from several threads: gradients that reach a leaf are added under a
  // lock, and changing a value while another thread computes with it is the caller's error, as it is in PyTorch.

  @exclusivity(unchecked) package var tensor: Tensor
  /// This variable's entry on the tape; `nil` when it requires no gradient.
  @exclusivity(unchecked) var entry: TapeEntry?
  /// Whether the entry's observer points here, and not to another variable that stands for the same entry.
  @exclusivity(unchecked) private var isObserved = false
  /// Whether this is a leaf that requires a gradient, or did before it was frozen.
  @exclusivity(unchecked) package private(set) var isParameter = false
  @exclusivity(unchecked) var held = Held()

  /// A separate struct, because a class that has a field of its own type is deinitialized by a loop, which costs
  /// more than the release itself.
  struct Held {
    var gradient: Variable?

    /// Takes out the gradient, to which the caller then has the only reference.
    mutating func take() -> Variable? {
      defer { gradient = nil }
      return gradient
    }
  }

  /// Creates a leaf. Only float types can require a gradient.
  public init(_ value: Tensor, requiresGrad: Bool = false) {
    tensor = value
    if requiresGrad { self.requiresGrad = true }
  }

  /// Creates a leaf from nested literals: `Variable([[1, 2], [3, 4]], requiresGrad: true)`; float32 by default.
  public convenience init(_ literal: TensorLiteral, dtype: DType? = nil, requiresGrad: Bool = false) {
    self.init(Tensor(literal, dtype: dtype), requiresGrad: requiresGrad)
  }

  /// The result of an op, or another variable for the value of an entry. Takes over one reference to the entry.
  init(_ value: Tensor, entry: TapeEntry?) {
    tensor = value
    self.entry = entry
  }

  deinit {
    guard let entry else { return }
    if isObserved { entry.node.pointee.observer?.forget() }
    entry.release()
  }

  /// The tensor that this variable holds.
  ///
  /// Only a leaf's value can be set, to a tensor of the same shape and type; graphs recorded before keep the old one.
  public var value: Tensor {
    get { tensor }
    _modify {
      require(isLeaf, "value: only a leaf's value can be set; this variable is the result of \(opName)")
      let (shape, dtype) = (tensor.shape, tensor.dtype)
      yield &tensor
      require(
        !requiresGrad || (tensor.shape == shape && tensor.dtype == dtype),
        "value: a leaf that requires a gradient keeps its shape and type, \(dtype) \(shape); "
          + "got \(tensor.dtype) \(tensor.shape)")
    }
  }

  /// The sum of all gradients that reached this variable since it was last cleared; `nil` before any has.
  ///
  /// It is kept for leaves that require a gradient and for results on which `retainGrad()` was called; reading it on
  /// any other result stops the program. It has the shape of `value`.
  public var grad: Variable? {
    get {
      require(
        held.gradient != nil || isObserved || isLeaf,
        "grad: no gradient is kept for this result of \(opName); call retainGrad() on it before backward()")
      return held.gradient
    }
    set {
      if let newValue {
        require(
          newValue.shape == shape && newValue.dtype == dtype,
          "grad: wants \(dtype) \(shape) like the value, got \(newValue.dtype) \(newValue.shape)")
      }
      held.gradient = newValue
    }
  }

  /// Whether gradients flow back to this variable. Can be set on leaves of a float type.
  public var requiresGrad: Bool {
    get { entry != nil }
    set {
      if newValue == requiresGrad { return }
      require(isLeaf, "requiresGrad: cannot be cleared on the result of \(opName); use detach()")
      require(
        !newValue || dtype.isFloatingPoint, "requiresGrad: wants float32 or float64, got \(dtype); cast the value first"
      )
      if isObserved { entry?.node.pointee.observer?.forget() }
      entry?.release()
      entry = newValue ? TapeEntry(leaf: self) : nil
      isObserved = newValue
      isParameter = isParameter || newValue
    }
  }

  /// Whether this is a leaf: not the result of a recorded op.
  public var isLeaf: Bool { entry.map(\.isLeaf) ?? true }

  /// Makes this result keep its `grad`, as leaves do. Does nothing on a leaf; stops when no gradient is required.
  public func retainGrad() {
    guard let entry else {
      stop("retainGrad: this variable of shape \(shape) requires no gradient, so none will reach it")
    }
    if entry.observerMadeIfNeeded.observe(self) { isObserved = true }
  }

  /// The same tensor as a leaf that requires no gradient; nothing is copied.
  public func detach() -> Variable { Variable(tensor) }

  /// The only element as a number.
  public func item() -> Double { tensor.item() }

  /// The size of each axis.
  public var shape: Shape { tensor.shape }
  /// The type of the elements.
  public var dtype: DType { tensor.dtype }
  /// How many axes there are.
  public var rank: Int { tensor.rank }
  /// How many elements there are.
  public var elementCount: Int { tensor.elementCount }

  /// What an op may save of this variable: a separate variable with its present value and its entry on the tape.
  ///
  /// The variable itself must not be saved: a leaf's value may change later, and a variable whose gradient has a graph
  /// of its own would be held by that graph, a reference cycle.
  package var snapshot: Variable { Variable(tensor, entry: entry?.retained()) }

  /// Swaps value and entry with another variable, which nothing else references. Gradients that reach this leaf in
  /// the meantime are still its own.
  package func exchange(with other: Variable) {
    swap(&tensor, &other.tensor)
    swap(&entry, &other.entry)
    swap(&isObserved, &other.isObserved)
  }

  /// Whether this variable has a gradient, or `retainGrad()` asked for one.
  var showsGradient: Bool { isObserved || held.gradient != nil }

  private var opName: String { entry?.name ?? Op.leaf.rawValue }
}

extension Variable: TensorLike {}

extension Variable: CustomStringConvertible {
  /// The tensor's text and what made it: `[1., 2.] float32 [2], by relu`.
  public var description: String {
    guard let entry else { return tensor.description }
    return tensor.description + (entry.isLeaf ? ", requires grad" : ", by \(entry.name)")
  }
}
