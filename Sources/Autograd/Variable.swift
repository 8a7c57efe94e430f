/// A tensor that remembers how it was computed, so that gradients can be found by walking back.
///
/// ```swift
/// let w = Variable([2, 3], requiresGrad: true)
/// let loss = (w * w).sum()
/// loss.backward()
/// print(w.grad!)  // [4., 6.]
/// ```
///
/// A variable is either a leaf, made from a tensor, or the result of an op. If a leaf requires a gradient, so do all results
/// that depend on it, and these have an entry on the tape. Variables are references: two names for one parameter share
/// its value and its gradient.
public final class Variable: @unchecked Sendable {
  // Sendable as parameters must be, to be trained from several threads: gradients that reach a leaf are added under a
  // lock, and changing a value while another thread computes with it is the caller's error, as it is in PyTorch.

  @exclusivity(unchecked) package var tensor: Tensor
  /// Where this variable stands on the tape; `nil` when it requires no gradient.
  @exclusivity(unchecked) var entry: TapeEntry?
  /// Whether the entry's observer points here, and not to another variable that stands for the same entry.
  @exclusivity(unchecked) private var isObserved = false
  /// Whether this is a leaf that requires a gradient, or did before it was frozen.
  @exclusivity(unchecked) package private(set) var isParameter = false
  @exclusivity(unchecked) var held = Held()

  /// A struct of its own, because a class with a field of its own kind is ended by a loop that costs more than the end.
  struct Held {
    var gradient: Variable?

    /// The gradient, which is then held by the caller alone.
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

  /// The result of an op, or another name for a value that an entry stands for. Takes over one hold on the entry.
  init(_ value: Tensor, entry: TapeEntry?) {
    tensor = value
    self.entry = entry
  }

  deinit {
    guard let entry else { return }
    if isObserved { entry.node.pointee.observer?.forget() }
    entry.release()
  }

  /// The numbers.
  ///
  /// Only a leaf's value can be set, to a tensor of the same shape and type; graphs recorded before keep the old numbers.
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
  /// It is kept for leaves that require a gradient and for results on which `retainGrad()` was called; reading it on any other
  /// result stops the program. It has the shape of `value`.
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

  /// Has `grad` kept for this result, as it is for leaves. Does nothing on a leaf; stops when no gradient is required.
  public func retainGrad() {
    guard let entry else {
      stop("retainGrad: this variable of shape \(shape) requires no gradient, so none will reach it")
    }
    if entry.observerMadeIfNeeded.observe(self) { isObserved = true }
  }

  /// The same numbers as a leaf that requires no gradient; nothing is copied.
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

  /// This variable as an op may keep it: another name for the value it has now and for its place on the tape.
  ///
  /// A leaf's value may change later. And a variable that holds a gradient with a graph of its own must not be held by
  /// that graph, or neither would ever end.
  package var snapshot: Variable { Variable(tensor, entry: entry?.retained()) }

  /// Exchanges value and place on the tape with another variable, which is nobody else's. Gradients that reach this leaf
  /// meanwhile are still its own.
  package func exchange(with other: Variable) {
    swap(&tensor, &other.tensor)
    swap(&entry, &other.entry)
    swap(&isObserved, &other.isObserved)
  }

  /// Whether anybody has asked for this variable's gradient.
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
