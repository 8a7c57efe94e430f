/// The part of the tape that lies between outputs and the inputs whose gradients are asked for.
///
/// `backward()` finds its way as it walks, to every leaf; here the way is looked for first, so that nothing is computed
/// that no input needs, and the same way can be walked many times, as Jacobians do. Gradients on the way are kept here and
/// not in the entries: a walk inside another one over the same entries does not disturb it.
final class Route {
  /// What lies on the way, oldest first, each kept. All that an entry needs stands before it.
  private var entries: [TapeEntry] = []
  /// For each entry, the places of its operands in `entries`; `nil` for those that lead to no input.
  private var feeders: [[Int?]] = []
  private var isInput: [Bool] = []
  /// The places of the outputs and inputs; `nil` where an output leads to no input, or no output to an input.
  private let outputs: [Int?]
  private let inputs: [Int?]

  /// Finds the way from outputs to inputs. Entries as old as `oldest` or older are not looked behind: by default
  /// those that are older than every input, as they cannot lead to one.
  ///
  /// Takes variables, not entries: those hold the graph until what lies on the way is kept here. An entry alone counts
  /// nothing, and the optimizer ends a variable behind its last use.
  init(from values: [Variable?], to variables: [Variable], oldest: Int? = nil) {
    defer { withExtendedLifetime((values, variables)) {} }
    let (outputs, inputs) = (values.map { $0?.entry }, variables.compactMap(\.entry))
    let targets = Set(inputs.map(\.address))
    let oldest = oldest ?? (inputs.map(\.time).min() ?? 0) - 1
    let reached = Route.reached(from: outputs, newerThan: oldest, targets)
    var places: [UnsafeRawPointer: Int] = [:]
    for entry in reached {
      let isTarget = targets.contains(entry.address)
      let feeding = entry.time > oldest ? entry.operands.map { $0.flatMap { places[$0.address] } } : []
      guard isTarget || feeding.contains(where: { $0 != nil }) else { continue }
      places[entry.address] = entries.count
      entries.append(entry.retained())
      feeders.append(feeding)
      isInput.append(isTarget)
    }
    self.outputs = outputs.map { $0.flatMap { places[$0.address] } }
    self.inputs = inputs.map { places[$0.address] }
  }

  deinit {
    for entry in entries { entry.release() }
  }

  /// All entries that outputs were computed from, down to those as old as `oldest`, oldest first.
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
  /// An upstream of `nil` stands for zeros. Without `retainsGraph` what is walked is let go, and the way with it.
  func gradients(_ upstream: [Variable?], retainsGraph: Bool, createGraph: Bool) -> [Variable?] {
    let state = ThreadState.current
    state.pointee.walks += 1
    defer { state.pointee.walks -= 1 }
    return state.recording(createGraph) { walk(upstream, retainsGraph) }
  }

  private func walk(_ upstream: [Variable?], _ retainsGraph: Bool) -> [Variable?] {
    var arrived = [Variable?](repeating: nil, count: entries.count)
    for (place, gradient) in zip(outputs, upstream) {
      if let place, let gradient { Self.add(gradient, to: &arrived[place]) }
    }
    for place in entries.indices.reversed() {
      guard var gradient = arrived[place].take() else { continue }
      let entry = entries[place]
      if let observer = entry.node.pointee.observer { gradient = observer.passedThroughHooks(gradient) }
      if isInput[place] { arrived[place] = gradient }
      if feeders[place].contains(where: { $0 != nil }) { pass(gradient, through: entry, place, retainsGraph, &arrived) }
    }
    // Names of their own: inputs may be the same, or an upstream gradient may be handed straight on.
    return inputs.map { $0.flatMap { arrived[$0]?.snapshot } }
  }

  /// Calls an entry's rule for those operands that lead to an input.
  private func pass(
    _ gradient: consuming Variable, through entry: TapeEntry, _ place: Int, _ retainsGraph: Bool,
    _ arrived: inout [Variable?]
  ) {
    func deliver(_ gradient: Variable, _ operand: Int) {
      guard let to = feeders[place][operand] else { return }
      if Anomaly.isWatched { Anomaly.checkGradient(gradient, of: entry) }
      Self.add(
        entries[to].hasShape(of: gradient) ? gradient : gradient.sum(to: entries[to].shape), to: &arrived[to])
    }
    let rule = retainsGraph ? entry.node.pointee.rule : entry.takeRule()
    switch consume rule {
    case .unary(let pullback): deliver(pullback(gradient), 0)
    case .part(let indices):
      if let to = feeders[place][0] { deliver(gradient.sliceBackward(entries[to].shape, indices), 0) }
    case .unaryOfOutput(let pullback): deliver(pullback(entry, gradient), 0)
    case .binary(let left, let right):
      if feeders[place][0] != nil { deliver(left(copy gradient), 0) }
      if feeders[place][1] != nil { deliver(right(gradient), 1) }
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

  /// Lets go of what the entry holds of older ones, which it then no longer knows.
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
  /// Whether an earlier pass let go of the graph that this result was computed by.
  package var isReleased: Bool {
    if case .released? = entry?.node.pointee.rule { true } else { false }
  }
}
