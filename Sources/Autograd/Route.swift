/// The part of the tape between outputs and the inputs whose gradients are wanted.
///
/// `backward()` finds its way to every leaf as it walks. A route is found first, so that only what some input needs is
/// computed, and so that it can be walked many times, as Jacobians do. Gradients are kept here and not in the entries,
/// so that a walk inside another one over the same entries does not disturb it.
final class Route {
  /// The entries on the route, oldest first, each retained. All that an entry depends on comes before it.
  private var entries: [TapeEntry] = []
  /// For each entry, the indices of its operands in `entries`; `nil` for those that lead to no input.
  private var feeders: [[Int?]] = []
  private var isInput: [Bool] = []
  /// Whether the gradients go on in a longer walk, which calls the hooks of the inputs itself.
  private let isPartOfWalk: Bool
  /// The indices of the outputs and inputs; `nil` for an output that leads to no input, or an
  /// input that no output leads to.
  private let outputs: [Int?]
  private let inputs: [Int?]

  /// Finds the route from outputs to inputs. Does not search behind entries as old as `oldest` or older: by default
  /// those that are older than every input, as they cannot lead to one. A route that is given
  /// `oldest` is a part of a longer walk.
  ///
  /// Takes variables, because they hold the graph until the route has retained its entries. A bare entry is not
  /// counted, and the optimizer may release a variable after its last use.
  init(from values: [Variable?], to variables: [Variable], oldest: Int? = nil) {
    defer { withExtendedLifetime((values, variables)) {} }
    let (outputs, inputs) = (values.map { $0?.entry }, variables.compactMap(\.entry))
    let targets = Set(inputs.map(\.address))
    isPartOfWalk = oldest != nil
    let oldest = oldest ?? (inputs.map(\.time).min() ?? 0) - 1
    let reached = Route.reached(from: outputs, newerThan: oldest, targets)
    var numbers: [UnsafeRawPointer: Int] = [:]
    for entry in reached {
      let isTarget = targets.contains(entry.address)
      let feeding = entry.time > oldest ? entry.operands.map { $0.flatMap { numbers[$0.address] } } : []
      guard isTarget || feeding.contains(where: { $0 != nil }) else { continue }
      numbers[entry.address] = entries.count
      entries.append(entry.retained())
      feeders.append(feeding)
      isInput.append(isTarget)
    }
    self.outputs = outputs.map { $0.flatMap { numbers[$0.address] } }
    self.inputs = inputs.map { numbers[$0.address] }
  }

  deinit {
    for entry in entries { entry.release() }
  }

  /// All entries that the outputs depend on, down to those as old as `oldest`, oldest first.
  private static func reached(
    from outputs: [TapeEntry?], newerThan oldest: Int, _ targets: Set<UnsafeRawPointer>
  ) -> [TapeEntry] {
    var found: [TapeEntry] = []
    TapeEntry.visit(from: outputs) { entry in
      let isTarget = targets.contains(entry.address)
      guard entry.time > oldest || isTarget else { return false }
      if case .released = entry.node.pointee.rule, !isTarget { entry.stopAsReleased("gradients") }
      found.append(entry)
      return entry.time > oldest
    }
    return found.sorted { $0.time < $1.time }
  }

  /// The gradients of Σ outputs · upstream with respect to the inputs: `nil` for an input that none reached.
  ///
  /// An upstream of `nil` stands for zeros. Without `retainsGraph` what is walked is released,
  /// and cannot be walked again.
  func gradients(_ upstream: [Variable?], retainsGraph: Bool, createGraph: Bool) -> [Variable?] {
    let state = ThreadState.current
    state.pointee.walks += 1
    defer { state.pointee.walks -= 1 }
    return state.recording(createGraph) { walk(upstream, retainsGraph) }
  }

  private func walk(_ upstream: [Variable?], _ retainsGraph: Bool) -> [Variable?] {
    var arrived = [Variable?](repeating: nil, count: entries.count)
    for (index, gradient) in zip(outputs, upstream) {
      if let index, let gradient { Self.add(gradient, to: &arrived[index]) }
    }
    for index in entries.indices.reversed() {
      guard var gradient = arrived[index].take() else { continue }
      let entry = entries[index]
      if let observer = entry.node.pointee.observer, !(isInput[index] && isPartOfWalk) {
        gradient = observer.passedThroughHooks(gradient)
      }
      if isInput[index] { arrived[index] = gradient }
      if feeders[index].contains(where: { $0 != nil }) { pass(gradient, through: entry, index, retainsGraph, &arrived) }
    }
    // Separate variables, because two inputs may be the same, and an upstream gradient may be passed straight through.
    return inputs.map { $0.flatMap { arrived[$0]?.snapshot } }
  }

  /// Calls an entry's rule for those operands that lead to an input.
  private func pass(
    _ gradient: consuming Variable, through entry: TapeEntry, _ index: Int, _ retainsGraph: Bool,
    _ arrived: inout [Variable?]
  ) {
    func deliver(_ gradient: Variable, _ operand: Int) {
      guard let to = feeders[index][operand] else { return }
      if Anomaly.isWatched { Anomaly.checkGradient(gradient, of: entry) }
      Self.add(
        entries[to].hasShape(of: gradient) ? gradient : gradient.sum(to: entries[to].shape), to: &arrived[to])
    }
    let profiler = Profiler.current
    profiler?.begin("\(entry.name) backward", .derivative)
    defer { profiler?.end() }
    let rule = retainsGraph ? entry.node.pointee.rule : entry.takeRule()
    switch consume rule {
    case .unary(let pullback): deliver(pullback(gradient), 0)
    case .part(let indices):
      if let to = feeders[index][0] { deliver(gradient.sliceBackward(entries[to].shape, indices), 0) }
    case .unaryOfOutput(let pullback): deliver(pullback(entry, gradient), 0)
    case .binary(let left, let right):
      if feeders[index][0] != nil { deliver(left(copy gradient), 0) }
      if feeders[index][1] != nil { deliver(right(gradient), 1) }
    case .triple(let pullback):
      let (left, middle, right) = pullback(gradient)
      for (operand, gradient) in [left, middle, right].enumerated() {
        if let gradient { deliver(gradient, operand) }
      }
    case .joint(let pullback):
      for (operand, gradient) in pullback(gradient).enumerated() {
        if let gradient { deliver(gradient, operand) }
      }
    case .leaf: break
    case .released: entry.stopAsReleased("gradients")
    }
    if !retainsGraph { entry.forgetInputs() }
  }

  private static func add(_ gradient: Variable, to sum: inout Variable?) {
    guard var total = sum.take() else {
      sum = gradient
      return
    }
    accumulate(gradient, into: &total)
    sum = total
  }
}

extension TapeEntry {
  /// The entries of its rule's operands, in the rule's order.
  fileprivate var operands: [TapeEntry?] {
    node.pointee.others ?? [node.pointee.first, node.pointee.second, node.pointee.third]
  }

  /// Releases the entries of the inputs and forgets them.
  fileprivate func forgetInputs() {
    releaseInputs()
    (node.pointee.first, node.pointee.second, node.pointee.third, node.pointee.others) = (nil, nil, nil, nil)
  }

  /// Stops because the graph can no longer be walked.
  func stopAsReleased(_ call: String) -> Never {
    stop(
      "\(call): the graph of this \(name) of shape \(shape) was let go by an earlier backward(); "
        + "pass retainGraph: true to that one to walk it again")
  }
}

extension Variable {
  /// Whether an earlier pass released the graph by which this result was computed.
  package var isReleased: Bool {
    if case .released? = entry?.node.pointee.rule { true } else { false }
  }
}
