import Synchronization

/// A recorded op: its inputs, and how gradients pass back through it.
///
/// Entries form the tape. An entry holds the entries of its inputs and is held by its output, so it lives exactly as
/// long as some variable can reach it. References are counted by hand: whoever stores an entry calls `retained()`,
/// and `release()` when done. Only variables, other entries and walks store any. A class would take three times as
/// many instructions per op: its memory cannot be reused without going through the system's allocator, and every
/// access retains and releases it.
struct TapeEntry: Equatable {
  /// Maps the gradient of the output to that of one input. It consumes the gradient, so that a
  /// rule can compute in its memory.
  typealias Pullback = (__owned Variable) -> Variable

  /// How gradients pass back.
  enum Rule {
    /// A leaf: gradients stay here.
    case leaf
    /// Released by a backward pass that did not retain the graph.
    case released
    case unary(Pullback)
    /// For an op whose output is part of its input: the gradient is added to that part of the input's.
    case part([TensorIndex])
    /// For an op that saves its output. The entry is passed in, because capturing it would form a reference cycle.
    case unaryOfOutput((TapeEntry, __owned Variable) -> Variable)
    /// One for each operand, both of which require a gradient.
    case binary(Pullback, Pullback)
    /// For up to three inputs whose gradients share work.
    case triple((Variable) -> (Variable?, Variable?, Variable?))
    /// For any number of inputs.
    case joint((Variable) -> [Variable?])
  }

  /// The storage of an entry, which is recycled by `SpareBlocks`.
  struct Node: ~Copyable {
    /// The sum of the gradients that have reached the output in the current backward pass. It comes first because
    /// ThreadSanitizer attributes a change through a pointer to any field to the first one. If threads share a leaf,
    /// only one pass at a time changes this field, while others read fields that never change.
    var arrived: Variable?
    let op: Op
    /// A name that a user gave the op.
    var name = OpName.none
    let time: Int
    /// The output's shape; `nil` for a scalar, whose entry then fits in two cache lines.
    let axes: UnsafeMutablePointer<Shape>?
    /// The entries of the inputs that require a gradient, each retained.
    var first: TapeEntry?
    var second: TapeEntry?
    var third: TapeEntry?
    /// All inputs of an op whose rule is `joint`.
    var others: [TapeEntry?]?
    var rule: Rule
    let owners = Atomic<Int>(1)
    /// The number of the backward pass that may use a leaf's `arrived`, 0 for none. Passes in
    /// several threads may share a leaf.
    let claim = Atomic<Int>(0)
    /// Receives the gradients of a leaf, or of a result on which `retainGrad()` was called.
    var observer: GradientObserver?
    /// The next entry in a list of those to be freed, or of leaves that a backward pass has claimed.
    var next: TapeEntry?
  }

  let node: UnsafeMutablePointer<Node>

  /// The entry of a leaf.
  init(leaf: Variable) {
    let state = ThreadState.current
    node = state.pointee.nodes.take()
    node.initialize(
      to: Node(op: .leaf, time: 0, axes: state.axes(of: leaf.tensor), rule: .leaf, observer: GradientObserver(leaf)))
  }

  /// An op with up to three inputs, at least one of which requires a gradient. Takes over one reference to each.
  @inline(__always)
  init(
    _ op: Op, _ value: Tensor, _ first: TapeEntry?, _ second: TapeEntry?, _ third: TapeEntry?,
    _ rule: consuming Rule, _ state: ThreadState.Pointer
  ) {
    let time = max(state.pointee.clock, first?.time ?? 0, second?.time ?? 0, third?.time ?? 0) + 1
    node = state.pointee.nodes.take()
    node.initialize(
      to: Node(
        op: op, time: time, axes: state.axes(of: value), first: first, second: second, third: third, rule: rule))
    state.pointee.clock = time
    state.count(1)
  }

  /// An op with two inputs, and the rules of those that require a gradient. Takes over one reference to each.
  @inline(__always)
  init(
    _ op: Op, _ value: Tensor, _ first: TapeEntry?, _ second: TapeEntry?, _ left: @autoclosure () -> Pullback,
    _ right: @autoclosure () -> Pullback, _ state: ThreadState.Pointer
  ) {
    if second == nil {
      self.init(op, value, first, nil, nil, .unary(left()), state)
    } else if first == nil {
      self.init(op, value, second, nil, nil, .unary(right()), state)
    } else {
      self.init(op, value, first, second, nil, .binary(left(), right()), state)
    }
  }

  /// An op with any number of inputs.
  init(_ op: Op, _ value: Tensor, inputs: [TapeEntry?], _ rule: consuming Rule, _ state: ThreadState.Pointer) {
    let time = inputs.reduce(state.pointee.clock) { max($0, $1?.time ?? 0) } + 1
    node = state.pointee.nodes.take()
    node.initialize(
      to: Node(op: op, time: time, axes: state.axes(of: value), others: inputs.map { $0?.retained() }, rule: rule))
    state.pointee.clock = time
    state.count(1)
  }

  var op: Op { node.pointee.op }
  /// Larger than the time of every input.
  var time: Int { node.pointee.time }
  var shape: Shape { node.pointee.axes?.pointee ?? Shape() }
  /// Whether a gradient has the output's shape.
  @inline(__always)
  func hasShape(of gradient: Variable) -> Bool {
    gradient.withTensor { value in
      if let axes = node.pointee.axes { value.hasShape(axes.pointee) } else { value.rank == 0 }
    }
  }
  var isLeaf: Bool { node.pointee.op == .leaf }
  /// The entries of the inputs; none once they have been released.
  var inputs: [TapeEntry] {
    ([node.pointee.first, node.pointee.second, node.pointee.third] + (node.pointee.others ?? [])).compactMap { $0 }
  }

  /// The entry's identity.
  var address: UnsafeRawPointer { UnsafeRawPointer(node) }

  /// Visits these entries and all that they depend on, each once, depth first with inputs in order. `visit` returns
  /// whether to continue with the inputs of the entry it is given.
  static func visit(from roots: [TapeEntry?], _ visit: (TapeEntry) -> Bool) {
    var (seen, next) = (Set<UnsafeRawPointer>(), roots.reversed().compactMap { $0 })
    while let entry = next.popLast() {
      if seen.insert(entry.address).inserted, visit(entry) { next += entry.inputs.reversed() }
    }
  }

  /// Takes the rule out of the entry, which is then `released`.
  @inline(__always)
  func takeRule() -> Rule {
    withUnsafeMutablePointer(to: &node.pointee.rule) { rule in
      let taken = rule.move()
      rule.initialize(to: .released)
      return taken
    }
  }

  /// Releases the entries of the inputs.
  @inline(__always)
  func releaseInputs() {
    node.pointee.first?.release()
    node.pointee.second?.release()
    node.pointee.third?.release()
    if let others = node.pointee.others {
      for case let other? in others { other.release() }
    }
  }
}

// MARK: - Reference counting

extension TapeEntry {
  /// This entry, with one more reference.
  @inline(__always)
  func retained() -> TapeEntry {
    node.pointee.owners.wrappingAdd(1, ordering: .relaxed)
    return self
  }

  /// Drops a reference; dropping the last one frees the entry.
  @inline(__always)
  func release() {
    // The only owner needs no atomic decrement, because nobody else can change the count.
    if node.pointee.owners.load(ordering: .acquiring) == 1
      || node.pointee.owners.wrappingSubtract(1, ordering: .acquiringAndReleasing).oldValue == 1
    {
      ThreadState.current.end(self)
    }
  }
}

/// Stores gradients where their variable shows them.
///
/// The variable is not retained: a gradient with a graph of its own (`createGraph`) reaches back to the leaf's entry,
/// and must not keep the leaf alive. Instead the variable says when it is deinitialized. (A weak reference would do the
/// same, but make every retain and release of every parameter three times as expensive.)
final class GradientObserver: Sendable {
  struct Target {
    var variable: Unmanaged<Variable>?
    var hooks = GradientHooks()
  }
  let target: Guarded<Target>
  /// Whether there are hooks, readable without the lock.
  let hasHooks = Atomic(false)

  /// For hooks alone, until a variable is observed.
  init() { target = Guarded(Target()) }

  init(_ variable: Variable) { target = Guarded(Target(variable: .passUnretained(variable))) }

  /// Stores gradients in a variable from now on; false if they already go to another.
  func observe(_ variable: Variable) -> Bool {
    target.withLock {
      if $0.variable != nil { return false }
      $0.variable = .passUnretained(variable)
      return true
    }
  }

  /// Called when the variable is deinitialized. Waits for a thread that is just adding to it.
  func forget() { target.withLock { $0.variable = nil } }

  /// Passes a gradient through the hooks and adds the result.
  func take(_ gradient: consuming Variable) { add(passedThroughHooks(gradient)) }

  /// Adds a gradient; from several threads, all are counted.
  func add(_ gradient: consuming Variable) {
    // A closure cannot consume what it captures, but it can take it out of an optional.
    var place: Variable? = consume gradient
    target.withLock { target in
      target.variable?._withUnsafeGuaranteedRef { variable in
        guard var gradient = place.take() else { return }
        if var sum = variable.held.take() {
          accumulate(gradient, into: &sum)
          variable.held.gradient = sum
        } else {
          // A separate variable, if the same gradient may be on its way to other variables.
          variable.held.gradient = isKnownUniquelyReferenced(&gradient) ? gradient : gradient.snapshot
        }
      }
    }
  }
}

/// Adds a gradient to a sum: in place if nothing else references the sum and neither is part of a graph.
func accumulate(_ gradient: Variable, into sum: inout Variable) {
  if sum.entry == nil && gradient.entry == nil && isKnownUniquelyReferenced(&sum) {
    gradient.withTensor { sum.tensor.add($0) }
  } else {
    sum = sum + gradient
  }
}
