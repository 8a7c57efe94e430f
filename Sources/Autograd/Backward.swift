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
    ThreadState.current.recording(createGraph) {
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
  /// Entries that a gradient has reached, newest on top: a binary heap by time.
  private var waiting: [TapeEntry] = []

  init(retainsGraph: Bool) { self.retainsGraph = retainsGraph }

  mutating func run(from root: TapeEntry, _ gradient: Variable) {
    deliver(gradient, to: root)
    while let entry = popNewest() {
      guard let gradient = entry.arrived else { continue }
      entry.arrived = nil
      entry.observer?.add(gradient)
      let links = retainsGraph ? entry.links : entry.takeLinks()
      pass(gradient, through: entry, links)
    }
  }

  @inline(__always)
  private mutating func pass(_ gradient: Variable, through entry: TapeEntry, _ links: TapeEntry.Links) {
    switch links.rule {
    case .unary(let pullback):
      deliver(pullback(gradient), to: links.first, by: entry)
    case .unaryOfOutput(let pullback):
      deliver(pullback(entry, gradient), to: links.first, by: entry)
    case .binary(let first, let second):
      if let first { deliver(first(gradient), to: links.first, by: entry) }
      if let second { deliver(second(gradient), to: links.second, by: entry) }
    case .joint(let pullback):
      for (input, gradient) in zip(links.others, pullback(gradient)) {
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
  private mutating func deliver(_ gradient: Variable, to input: TapeEntry?, by entry: TapeEntry) {
    guard let input else { return }
    if Anomaly.isWatched { Anomaly.checkGradient(gradient, of: entry) }
    deliver(gradient.shape == input.shape ? gradient : gradient.sum(to: input.shape), to: input)
  }

  private mutating func deliver(_ gradient: Variable, to entry: TapeEntry) {
    if entry.isLeaf {
      entry.observer?.add(gradient)
    } else if entry.arrived == nil {
      entry.arrived = gradient
      push(entry)
    } else {
      Variable.add(gradient, to: &entry.arrived)
    }
  }

  private mutating func push(_ entry: TapeEntry) {
    waiting.append(entry)
    var child = waiting.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if waiting[parent].time >= waiting[child].time { break }
      waiting.swapAt(parent, child)
      child = parent
    }
  }

  private mutating func popNewest() -> TapeEntry? {
    guard waiting.count > 1 else { return waiting.popLast() }
    waiting.swapAt(0, waiting.count - 1)
    let newest = waiting.removeLast()
    var parent = 0
    while true {
      var child = 2 * parent + 1
      if child >= waiting.count { break }
      if child + 1 < waiting.count, waiting[child + 1].time > waiting[child].time { child += 1 }
      if waiting[parent].time >= waiting[child].time { break }
      waiting.swapAt(parent, child)
      parent = child
    }
    return newest
  }
}
