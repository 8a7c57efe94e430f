import Synchronization

/// One op that was recorded: what fed it and how gradients pass back through it.
///
/// Entries form the tape. An entry holds the entries of its inputs, and its output holds it, so it lives exactly as long
/// as some variable can reach it.
package final class TapeEntry {
  /// From the gradient of the output to the gradient of one input.
  package typealias Pullback = (Variable) -> Variable

  /// How gradients pass back.
  package enum Rule {
    /// A leaf: gradients stay here.
    case leaf
    /// Gone, after a backward pass that did not retain the graph.
    case released
    case unary(Pullback)
    /// Of an op that keeps its output; the entry is passed in because holding it would be a cycle.
    case unaryOfOutput((TapeEntry, Variable) -> Variable)
    /// One for each operand, `nil` for one that requires no gradient.
    case binary(Pullback?, Pullback?)
    /// All inputs at once, where they share work.
    case joint((Variable) -> [Variable?])
  }

  /// What an entry holds of older ones.
  package struct Links {
    package fileprivate(set) var first: TapeEntry?
    package fileprivate(set) var second: TapeEntry?
    /// All inputs of an op that has its rule `joint`.
    package fileprivate(set) var others: [TapeEntry?]?
    package fileprivate(set) var rule: Rule
  }

  package let op: Op
  /// Larger than that of every input.
  package let time: Int
  package let shape: Shape
  @exclusivity(unchecked) package private(set) var links: Links
  /// The sum of the gradients that have reached the output in the running backward pass.
  @exclusivity(unchecked) var arrived: Variable?
  /// Where a leaf's gradient goes, or a result's on which `retainGrad()` was called.
  @exclusivity(unchecked) var observer: GradientObserver?

  /// The entry of a leaf.
  init(leaf: Variable) {
    (op, time, shape) = (.leaf, 0, leaf.shape)
    links = Links(rule: .leaf)
    observer = GradientObserver(leaf)
  }

  /// An op with one or two inputs, at least one of which requires a gradient.
  @inline(__always)
  init(
    _ op: Op, _ shape: Shape, _ first: TapeEntry?, _ second: TapeEntry?, _ rule: consuming Rule,
    _ state: ThreadState.Pointer
  ) {
    self.op = op
    self.shape = shape
    time = max(state.pointee.clock, first?.time ?? 0, second?.time ?? 0) + 1
    links = Links(first: first, second: second, rule: rule)
    state.pointee.clock = time
    state.count(1)
  }

  /// An op with any number of inputs.
  init(_ op: Op, _ shape: Shape, inputs: [TapeEntry?], _ rule: consuming Rule, _ state: ThreadState.Pointer) {
    self.op = op
    self.shape = shape
    time = inputs.reduce(state.pointee.clock) { max($0, $1?.time ?? 0) } + 1
    links = Links(others: inputs, rule: rule)
    state.pointee.clock = time
    state.count(1)
  }

  deinit {
    if isLeaf { return }
    let state = ThreadState.current
    state.count(-1)
    if !isReleased { state.release(takeLinks()) }
  }

  package var isLeaf: Bool { if case .leaf = links.rule { true } else { false } }
  package var isReleased: Bool { if case .released = links.rule { true } else { false } }

  /// Lets go of inputs and saved values and hands them to the caller.
  func takeLinks() -> Links {
    var taken = Links(rule: .released)
    swap(&taken, &links)
    return taken
  }
}

/// Puts gradients where their variable shows them.
///
/// The variable is held weakly: a gradient that itself has a graph (`createGraph`) reaches back to the leaf's entry, and
/// must not keep the leaf alive.
final class GradientObserver: Sendable {
  private struct Target { weak var variable: Variable? }
  private let target: Guarded<Target>
  /// The backward pass that may use a leaf's `arrived`; 0 for none. Leaves are shared by passes in several threads.
  let claim = Atomic<Int>(0)

  init(_ variable: Variable) { target = Guarded(Target(variable: variable)) }

  var variable: Variable? { target.withLock { $0.variable } }

  /// Adds a gradient; from several threads, all are counted.
  func add(_ gradient: Variable) {
    target.withLock { target in
      guard let variable = target.variable else { return }
      if variable.gradient == nil {
        // A name of its own: the same gradient may be on its way to other variables.
        variable.gradient = gradient.snapshot
      } else {
        Variable.add(gradient, to: &variable.gradient)
      }
    }
  }
}

extension Variable {
  /// Adds a gradient to a sum, in place when nobody else holds the sum and it is no graph's part.
  static func add(_ gradient: Variable, to sum: inout Variable?) {
    if sum == nil {
      sum = gradient
    } else if sum?.entry == nil && gradient.entry == nil && isKnownUniquelyReferenced(&sum) {
      sum?.tensor.add(gradient.tensor)
    } else if let present = sum {
      sum = present + gradient
    }
  }
}
