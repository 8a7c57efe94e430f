import Synchronization

extension Variable {
  /// Finds the gradients of this single value with respect to every leaf that it was computed from, and adds them to
  /// the leaves' `grad`.
  ///
  /// Only what this value reaches is walked, newest first, each op once. What ops saved is let go on the way, so the
  /// graph serves once; with `retainGraph` it can be walked again. With `createGraph` the gradients have graphs of
  /// their own and can be differentiated, which retains the graph too.
  ///
  /// Stops when the value is not single (pass `gradient`), requires no gradient, or its graph was let go before.
  public func backward(retainGraph: Bool? = nil, createGraph: Bool = false) {
    require(
      elementCount == 1,
      "backward: wants a single value, got shape \(shape); reduce it with sum() or mean(), or pass gradient:")
    backward(
      gradient: Variable(Tensor.ones(shape, dtype: dtype)), retainGraph: retainGraph, createGraph: createGraph)
  }

  /// Walks back from an upstream gradient of this variable's shape: finds the gradients of Σ value · gradient.
  public func backward(gradient: Variable, retainGraph: Bool? = nil, createGraph: Bool = false) {
    guard let entry else {
      stop(
        "backward: this variable of shape \(shape) requires no gradient; no leaf it was computed from has requiresGrad, "
          + "or it was computed inside withoutGradient")
    }
    require(
      gradient.shape == shape && gradient.dtype == dtype,
      "backward: the gradient must be \(dtype) \(shape) like the value, got \(gradient.dtype) \(gradient.shape)")
    let state = ThreadState.current
    state.pointee.walks += 1
    defer { state.pointee.walks -= 1 }
    state.recording(createGraph) {
      var walk = BackwardWalk(retainsGraph: retainGraph ?? createGraph)
      walk.run(from: entry, gradient)
    }
  }

  /// Walks back from an upstream gradient given as a tensor.
  public func backward(gradient: Tensor, retainGraph: Bool? = nil, createGraph: Bool = false) {
    backward(gradient: Variable(gradient), retainGraph: retainGraph, createGraph: createGraph)
  }
}

/// One backward pass over the part of the tape that a value reaches.
private struct BackwardWalk {
  let retainsGraph: Bool
  /// This pass's number, by which it claims leaves.
  private let number = passes.wrappingAdd(1, ordering: .relaxed).newValue
  /// Entries that a gradient has reached: the newest, and the others in a heap.
  private var newest: TapeEntry?
  private var others = NewestFirst()
  /// Leaves whose gradients this pass sums up before it hands them over.
  private var claimed: [TapeEntry] = []

  private static let passes = Atomic<Int>(0)

  init(retainsGraph: Bool) { self.retainsGraph = retainsGraph }

  mutating func run(from root: TapeEntry, _ gradient: Variable) {
    deliver(gradient, to: root)
    while let entry = takeNewest() {
      guard let gradient = entry.takeArrived() else { continue }
      if let observer = entry.observer { observer.add(gradient) }
      pass(gradient, through: entry, retainsGraph ? entry.links : entry.takeLinks())
    }
    for leaf in claimed {
      if let gradient = leaf.takeArrived() { leaf.observer?.add(gradient) }
      leaf.observer?.claim.store(0, ordering: .releasing)
    }
  }

  @inline(__always)
  private mutating func pass(
    _ gradient: consuming Variable, through entry: TapeEntry, _ links: consuming TapeEntry.Links
  ) {
    switch links.rule {
    case .unary(let pullback):
      deliver(pullback(gradient), to: links.first, by: entry)
    case .unaryOfOutput(let pullback):
      deliver(pullback(entry, gradient), to: links.first, by: entry)
    case .binary(let first, let second):
      if let first { deliver(first(gradient), to: links.first, by: entry) }
      if let second { deliver(second(gradient), to: links.second, by: entry) }
    case .joint(let pullback):
      for (input, gradient) in zip(links.others ?? [], pullback(gradient)) {
        if let gradient { deliver(gradient, to: input, by: entry) }
      }
    case .leaf:
      break
    case .released:
      stop(
        "backward: the graph of this \(entry.op.rawValue) of shape \(entry.shape) was let go by an earlier backward(); "
          + "pass retainGraph: true to that one to walk it again")
    }
  }

  /// Hands a gradient on to an input, undoing broadcasting.
  @inline(__always)
  private mutating func deliver(_ gradient: consuming Variable, to input: TapeEntry?, by entry: TapeEntry) {
    guard let input else { return }
    if Anomaly.isWatched { Anomaly.checkGradient(gradient, of: entry) }
    let hasShape = gradient.withTensor { $0.body.shape == input.shape }
    if !hasShape { gradient = gradient.sum(to: input.shape) }
    deliver(gradient, to: input)
  }

  private mutating func deliver(_ gradient: consuming Variable, to entry: TapeEntry) {
    if entry.isLeaf && !claim(entry) {
      entry.observer?.add(gradient)
    } else if entry.arrived == nil {
      entry.arrived = gradient
      if !entry.isLeaf { add(entry) }
    } else {
      Variable.add(gradient, to: &entry.arrived)
    }
  }

  /// Whether this pass may sum up a leaf's gradients in the leaf's entry: if no pass in another thread does.
  @inline(__always)
  private mutating func claim(_ leaf: TapeEntry) -> Bool {
    guard let observer = leaf.observer else { return false }
    if observer.claim.load(ordering: .relaxed) == number { return true }
    let isOurs = observer.claim.compareExchange(expected: 0, desired: number, ordering: .acquiring).exchanged
    if isOurs { claimed.append(leaf) }
    return isOurs
  }

  @inline(__always)
  private mutating func add(_ entry: TapeEntry) {
    guard let present = newest else {
      newest = entry
      return
    }
    if entry.time > present.time {
      others.push(present)
      newest = entry
    } else {
      others.push(entry)
    }
  }

  @inline(__always)
  private mutating func takeNewest() -> TapeEntry? {
    var next = others.isEmpty ? nil : others.pop()
    swap(&next, &newest)
    return next
  }
}

/// A binary heap of entries by time, the newest on top.
private struct NewestFirst {
  private var entries: [TapeEntry] = []

  var isEmpty: Bool { entries.isEmpty }

  mutating func push(_ entry: TapeEntry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if entries[parent].time >= entries[child].time { break }
      entries.swapAt(parent, child)
      child = parent
    }
  }

  mutating func pop() -> TapeEntry? {
    guard entries.count > 1 else { return entries.popLast() }
    entries.swapAt(0, entries.count - 1)
    let newest = entries.removeLast()
    var parent = 0
    while true {
      var child = 2 * parent + 1
      if child >= entries.count { break }
      if child + 1 < entries.count, entries[child + 1].time > entries[child].time { child += 1 }
      if entries[parent].time >= entries[child].time { break }
      entries.swapAt(parent, child)
      parent = child
    }
    return newest
  }
}

extension TapeEntry {
  /// The gradient that has arrived, which is then gone from here.
  @inline(__always)
  fileprivate func takeArrived() -> Variable? {
    var taken: Variable?
    swap(&taken, &arrived)
    return taken
  }
}
