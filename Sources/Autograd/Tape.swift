import Synchronization

/// One op that was recorded: what fed it and how gradients pass back through it.
///
/// Entries form the tape. An entry holds the entries of its inputs, and its output holds it, so it lives exactly as long
/// as some variable can reach it. This is a reference that counts by hand: whoever keeps one calls `retained()`, and
/// `release()` when done. Only variables, links and the backward walk keep any. A class would do the same with three
/// times the instructions an op: its memory cannot be used again without the system's allocator, and each look at it
/// is counted.
struct TapeEntry: Equatable {
  /// From the gradient of the output to the gradient of one input. The gradient is handed over, so that a rule can
  /// compute in its memory.
  typealias Pullback = (__owned Variable) -> Variable

  /// How gradients pass back.
  enum Rule {
    /// A leaf: gradients stay here.
    case leaf
    /// Gone, after a backward pass that did not retain the graph.
    case released
    case unary(Pullback)
    /// Of an op whose output is part of its input: the gradient is added to that part.
    case part([TensorIndex])
    /// Of an op that keeps its output; the entry is passed in because holding it would be a cycle.
    case unaryOfOutput((TapeEntry, __owned Variable) -> Variable)
    /// One for each operand, both of which require a gradient.
    case binary(Pullback, Pullback)
    /// Up to three inputs at once, where they share work.
    case triple((Variable) -> (Variable?, Variable?, Variable?))
    /// Any number of inputs at once.
    case joint((Variable) -> [Variable?])
  }

  /// What an entry refers to. Its memory is used again and again.
  struct Node: ~Copyable {
    /// The sum of the gradients that have reached the output in the running backward pass. It comes first because
    /// ThreadSanitizer takes a change through a pointer to a field for one of the first: of a leaf that several threads
    /// share, one pass at a time comes here, while others look at what stays as it is.
    var arrived: Variable?
    let op: Op
    /// A name that a user gave the op.
    var name = OpName.none
    let time: Int
    /// The output's shape; `nil` for a single value, whose entry is then two cache lines.
    let axes: UnsafeMutablePointer<Shape>?
    /// The entries that feed this one and require a gradient, each kept by this one.
    var first: TapeEntry?
    var second: TapeEntry?
    var third: TapeEntry?
    /// All inputs of an op that has its rule `joint`.
    var others: [TapeEntry?]?
    var rule: Rule
    let owners = Atomic<Int>(1)
    /// The backward pass that may use a leaf's `arrived`; 0 for none. Leaves are shared by passes in several threads.
    let claim = Atomic<Int>(0)
    /// Where a leaf's gradient goes, or a result's on which `retainGrad()` was called.
    var observer: GradientObserver?
    /// The next in a list of entries that end, or of leaves that a backward pass has claimed.
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

  /// An op with up to three inputs, at least one of which requires a gradient. Takes over a hold on each.
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

  /// An op with two inputs, and the rules of those that require a gradient. Takes over a hold on each.
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
  /// Larger than that of every input.
  var time: Int { node.pointee.time }
  var shape: Shape { node.pointee.axes?.pointee ?? Shape() }
  /// Whether a gradient is of the output's shape.
  @inline(__always)
  func hasShape(of gradient: Variable) -> Bool {
    gradient.withTensor { value in
      if let axes = node.pointee.axes { value.hasShape(axes.pointee) } else { value.rank == 0 }
    }
  }
  var isLeaf: Bool { node.pointee.op == .leaf }
  /// The entries that feed this one; none once it was let go.
  var inputs: [TapeEntry] {
    ([node.pointee.first, node.pointee.second, node.pointee.third] + (node.pointee.others ?? [])).compactMap { $0 }
  }

  /// What tells entries apart.
  var address: UnsafeRawPointer { UnsafeRawPointer(node) }

  /// Visits these entries and those that feed them, each once, depth first in the order of their use. `visit` says
  /// whether to go on to the inputs of the entry it is given.
  static func visit(from roots: [TapeEntry?], _ visit: (TapeEntry) -> Bool) {
    var (seen, next) = (Set<UnsafeRawPointer>(), roots.reversed().compactMap { $0 })
    while let entry = next.popLast() {
      if seen.insert(entry.address).inserted, visit(entry) { next += entry.inputs.reversed() }
    }
  }

  /// The rule, which is then gone from here.
  @inline(__always)
  func takeRule() -> Rule {
    withUnsafeMutablePointer(to: &node.pointee.rule) { rule in
      let taken = rule.move()
      rule.initialize(to: .released)
      return taken
    }
  }

  /// Lets go of what the entry holds of older ones.
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

// MARK: - Counting

extension TapeEntry {
  /// This entry, kept once more.
  @inline(__always)
  func retained() -> TapeEntry {
    node.pointee.owners.wrappingAdd(1, ordering: .relaxed)
    return self
  }

  /// Ends one keeper's hold; the last one's ends the entry.
  @inline(__always)
  func release() {
    // A sole keeper needs no atomic change: nobody else could make one.
    if node.pointee.owners.load(ordering: .acquiring) == 1
      || node.pointee.owners.wrappingSubtract(1, ordering: .acquiringAndReleasing).oldValue == 1
    {
      ThreadState.current.end(self)
    }
  }
}

/// Puts gradients where their variable shows them.
///
/// The variable is not kept: a gradient that itself has a graph (`createGraph`) reaches back to the leaf's entry, and
/// must not keep the leaf alive. It says when it ends. (A weak reference would do the same, and make every count of
/// every parameter three times as dear.)
final class GradientObserver: Sendable {
  struct Target {
    var variable: Unmanaged<Variable>?
    var hooks = GradientHooks()
  }
  let target: Guarded<Target>
  /// Whether there are hooks, to be seen without a lock.
  let hasHooks = Atomic(false)

  /// For hooks alone, until a variable is observed.
  init() { target = Guarded(Target()) }

  init(_ variable: Variable) { target = Guarded(Target(variable: .passUnretained(variable))) }

  /// Puts gradients into a variable from now on, unless they go to one already.
  func observe(_ variable: Variable) -> Bool {
    target.withLock {
      if $0.variable != nil { return false }
      $0.variable = .passUnretained(variable)
      return true
    }
  }

  /// The variable ends: its last act, so that whoever adds to it at that moment is waited for.
  func forget() { target.withLock { $0.variable = nil } }

  /// Shows a gradient to the hooks and adds what they make of it.
  func take(_ gradient: consuming Variable) { add(passedThroughHooks(gradient)) }

  /// Adds a gradient; from several threads, all are counted.
  func add(_ gradient: consuming Variable) {
    // A closure may not consume what it captures, but it may take it out of a place.
    var place: Variable? = consume gradient
    target.withLock { target in
      target.variable?._withUnsafeGuaranteedRef { variable in
        guard var gradient = place.take() else { return }
        if var sum = variable.held.take() {
          accumulate(gradient, into: &sum)
          variable.held.gradient = sum
        } else {
          // A name of its own if the same gradient may be on its way to other variables.
          variable.held.gradient = isKnownUniquelyReferenced(&gradient) ? gradient : gradient.snapshot
        }
      }
    }
  }
}

/// Adds a gradient to a sum, in place when nobody else holds the sum and neither is a graph's part.
func accumulate(_ gradient: Variable, into sum: inout Variable) {
  if sum.entry == nil && gradient.entry == nil && isKnownUniquelyReferenced(&sum) {
    gradient.withTensor { sum.tensor.add($0) }
  } else {
    sum = sum + gradient
  }
}
