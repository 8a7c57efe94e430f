import Synchronization

/// Runs `body` and keeps only its result: the backward pass runs it again and differentiates
/// that run. Trades time for memory.
///
/// ```swift
/// var h = x
/// for block in blocks { h = checkpoint { [h] in block(h) } }
/// loss(h).backward()  // holds what one block keeps at a time, and each block's output
/// ```
///
/// Values have the same bits as without, and so have gradients, except by rounding those of a variable that is used in
/// `body` and outside, or twice in it, whose parts are added in another order. `body` may use any variables from
/// outside, parameters of layers among them, and may return any tree of variables. Random numbers are the same in both
/// runs (dropout drops the same elements), and leaves that require a gradient have the values they had the first time.
/// Everything else must be as it was: `body` must do the same each time. What should happen only once, such as
/// updating a running average, checks `Tape.isRecomputing`. Checkpoints nest. The first run keeps what it computes
/// until it ends, as the second does.
///
/// The cost is one more forward pass. With `createGraph` derivatives of any order are possible, but no memory is saved.
/// A leaf that `body` captures and whose `grad` then has a graph of its own lives until its `grad` is cleared;
/// transforms and `gradients(of:withRespectTo:)` store none. Chen et al. 2016; PyTorch's `torch.utils.checkpoint`.
///
/// Stops when the second run gives other shapes or draws other random numbers than the first.
public func checkpoint<Output: VariableTree>(_ body: @escaping () -> Output) -> Output {
  let state = ThreadState.current
  guard state.isRecording else { return body() }
  let start = state.passAllEntries()
  let (output, draws) = Draws.noted(body)
  let outputs = output.variables
  let recomputation = Recomputation(draws, captured: outputs.capturedBehind(start), like: outputs) { body().variables }
  let record = JointRecord(op: .checkpoint, name: .none) { dy, _ in recomputation.gradients(dy) }
  return output.replacingVariables(by: record(outputs.map(\.tensor), from: recomputation.captured.map(\.entry)))
}

extension Tape {
  /// Whether a checkpoint's closure is being run again on this thread.
  public static var isRecomputing: Bool { ThreadState.current.pointee.recomputations > 0 }
}

/// Computes the gradients of a checkpoint.
private final class Recomputation {
  /// Snapshots of what the outputs were computed from; those of leaves have the values that these had.
  let captured: [Variable]
  private let draws: Draws
  private let shapes: [Shape]
  private let transforms = ThreadState.current.pointee.transforms
  private let body: () -> [Variable]

  init(_ draws: Draws, captured: [Variable], like outputs: [Variable], _ body: @escaping () -> [Variable]) {
    (self.draws, self.captured, self.body) = (draws, captured, body)
    shapes = outputs.map(\.shape)
  }

  /// The gradients of what was captured from those of the outputs.
  func gradients(_ dy: [Variable]) -> [Variable?] {
    let isRecorded = ThreadState.current.isRecording
    let start = ThreadState.current.passAllEntries()
    let outputs = runAgain()
    let reached = outputs.filter { $0.dtype.isFloatingPoint }
    let route = Route(from: reached, to: captured, oldest: start)
    return route.gradients(dy, retainsGraph: isRecorded, createGraph: isRecorded)
  }

  /// Runs the body again, recorded, with the same numbers.
  private func runAgain() -> [Variable] {
    let state = ThreadState.current
    let before = state.pointee.transforms
    (state.pointee.transforms, state.pointee.recomputations) = (transforms, state.pointee.recomputations + 1)
    defer { (state.pointee.transforms, state.pointee.recomputations) = (before, state.pointee.recomputations - 1) }
    let outputs = withOldValues { state.recording(true) { draws.repeated(body) } }
    require(
      outputs.map(\.shape) == shapes,
      "checkpoint: the closure gave shapes \(outputs.map(\.shape)) when it was run again, \(shapes) the first time; it "
        + "must do the same each time")
    return outputs
  }

  /// Gives leaves that have been changed since their old values back for the duration of a call.
  private func withOldValues<Result>(_ body: () -> Result) -> Result {
    let changed = captured.compactMap { old -> (leaf: Variable, old: Tensor, new: Tensor)? in
      guard let leaf = old.entry?.leaf, leaf.tensor.body !== old.tensor.body else { return nil }
      return (leaf, old.tensor, leaf.tensor)
    }
    for (leaf, old, _) in changed { leaf.tensor = old }
    defer { for (leaf, _, new) in changed { leaf.tensor = new } }
    return body()
  }
}

extension [Variable] {
  /// What these depend on that is as old as `start` or older: snapshots of leaves with their present values; for
  /// results, only their entries.
  fileprivate func capturedBehind(_ start: Int) -> [Variable] {
    var found: [Variable] = []
    TapeEntry.visit(from: map(\.entry)) { entry in
      if entry.time > start { return true }
      found.append(Variable(entry.leaf?.tensor ?? Tensor.zeros([]), entry: entry.retained()))
      return false
    }
    return found
  }
}

extension TapeEntry {
  /// The variable of a leaf's entry, while it lives.
  fileprivate var leaf: Variable? {
    isLeaf ? node.pointee.observer?.target.withLock { $0.variable?.takeUnretainedValue() } : nil
  }
}

extension ThreadState.Pointer {
  /// Moves the clock past every existing entry of any thread, and returns it: entries made from now on
  /// are newer, all others are not.
  fileprivate func passAllEntries() -> Int {
    // Since the last leap a thread's clock has advanced by the ops it has recorded, and these are fewer than a leap.
    let leap = 1 << 33
    pointee.clock = Swift.max(pointee.clock, ThreadState.leaps.wrappingAdd(leap, ordering: .relaxed).newValue)
    return pointee.clock
  }
}

extension ThreadState {
  fileprivate static let leaps = Atomic<Int>(0)
}
