import Synchronization

extension Variable {
  /// Computes the gradients of this single value with respect to every leaf that it was computed from, and adds them to
  /// the leaves' `grad`.
  ///
  /// Walks only what this value depends on, newest op first, each once. Saved tensors are released along the way, so
  /// the graph can be walked only once; with `retainGraph` it can be walked again. With `createGraph` the gradients
  /// have graphs of their own and can be differentiated; that retains the graph too.
  ///
  /// Stops when the value has more than one element (pass `gradient`), requires no gradient, or
  /// its graph was released before.
  public func backward(retainGraph: Bool? = nil, createGraph: Bool = false) {
    require(
      elementCount == 1,
      "backward: wants a single value, got shape \(shape); reduce it with sum() or mean(), or pass gradient:")
    walk(Variable(Tensor.ones(shape, dtype: dtype)), retainGraph, createGraph)
  }

  /// Walks back from an upstream gradient of this variable's shape: computes the gradients of Σ value · gradient.
  public func backward(gradient: Variable, retainGraph: Bool? = nil, createGraph: Bool = false) {
    walk(gradient, retainGraph, createGraph)
  }

  /// Walks back from an upstream gradient given as a tensor.
  public func backward(gradient: Tensor, retainGraph: Bool? = nil, createGraph: Bool = false) {
    walk(Variable(gradient), retainGraph, createGraph)
  }

  /// Consumes the gradient, so that the first rule can compute in its memory.
  private func walk(_ gradient: consuming Variable, _ retainGraph: Bool?, _ createGraph: Bool) {
    guard let entry else {
      stop(
        "backward: this variable of shape \(shape) requires no gradient; "
          + "no leaf it was computed from has requiresGrad, "
          + "or it was computed inside withoutGradient")
    }
    require(
      gradient.shape == shape && gradient.dtype == dtype,
      "backward: the gradient must be \(dtype) \(shape) like the value, got \(gradient.dtype) \(gradient.shape)")
    let state = ThreadState.current
    state.pointee.walks += 1
    defer { state.pointee.walks -= 1 }
    // A closure cannot consume what it captures, but it can take it out of an optional.
    var upstream: Variable? = consume gradient
    state.recording(createGraph) {
      var walk = BackwardWalk(retainsGraph: retainGraph ?? createGraph)
      if let gradient = upstream.take() { walk.run(from: entry, gradient) }
    }
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
  /// A gradient that is arriving part by part.
  private var partial: PartialGradient?
  /// The head of a list of leaves whose gradients this pass sums up before it hands them over.
  private var claimed: TapeEntry?

  private static let passes = Atomic<Int>(0)

  init(retainsGraph: Bool) { self.retainsGraph = retainsGraph }

  mutating func run(from root: TapeEntry, _ gradient: consuming Variable) {
    deliver(gradient, to: root.retained())
    while let entry = takeNewest() {
      completeParts(of: entry)
      if Watch.isOn { Profiler.current?.begin("\(entry.name) backward", .derivative) }
      if let gradient = entry.takeArrived() { pass(gradient, through: entry) }
      if Watch.isOn { Profiler.current?.end() }
      entry.release()
    }
    while let leaf = claimed {
      claimed = leaf.node.pointee.next
      completeParts(of: leaf)
      if let gradient = leaf.takeArrived() { leaf.node.pointee.observer?.take(gradient) }
      leaf.node.pointee.claim.store(0, ordering: .releasing)
      leaf.release()
    }
  }

  /// Calls an entry's rule. Unless the graph is retained, the rule and the references to
  /// inputs are moved out of the entry.
  @inline(__always)
  private mutating func pass(_ gradient: consuming Variable, through entry: TapeEntry) {
    let node = entry.node
    if let observer = node.pointee.observer {
      gradient = observer.passedThroughHooks(gradient)
      observer.add(copy gradient)
    }
    let rule: TapeEntry.Rule
    if retainsGraph {
      for input in entry.inputs { _ = input.retained() }
      rule = node.pointee.rule
    } else {
      rule = entry.takeRule()
    }
    switch consume rule {
    case .unary(let pullback):
      deliver(pullback(gradient), to: first(of: entry), by: entry)
    case .part(let indices):
      deliver(gradient, toPart: indices, of: first(of: entry), by: entry)
    case .unaryOfOutput(let pullback):
      deliver(pullback(entry, gradient), to: first(of: entry), by: entry)
    case .binary(let left, let right):
      deliver(left(copy gradient), to: first(of: entry), by: entry)
      let second = node.pointee.second
      if !retainsGraph { node.pointee.second = nil }
      deliver(right(gradient), to: second, by: entry)
    case .triple(let pullback):
      let (left, middle, right) = pullback(gradient)
      let (second, third) = (node.pointee.second, node.pointee.third)
      deliver(left, to: first(of: entry), by: entry)
      if !retainsGraph { (node.pointee.second, node.pointee.third) = (nil, nil) }
      deliver(middle, to: second, by: entry)
      deliver(right, to: third, by: entry)
    case .joint(let pullback):
      let inputs = node.pointee.others ?? []
      if !retainsGraph { node.pointee.others = nil }
      for (input, gradient) in zip(inputs, pullback(gradient)) { deliver(gradient, to: input, by: entry) }
    case .leaf:
      break
    case .released:
      entry.stopAsReleased("backward")
    }
  }

  @inline(__always)
  private func first(of entry: TapeEntry) -> TapeEntry? {
    let first = entry.node.pointee.first
    if !retainsGraph { entry.node.pointee.first = nil }
    return first
  }

  /// The same for an input that may get no gradient.
  private mutating func deliver(_ gradient: consuming Variable?, to input: TapeEntry?, by entry: TapeEntry) {
    if let gradient { deliver(gradient, to: input, by: entry) } else { input?.release() }
  }

  /// Delivers a gradient to an input, undoing broadcasting. Takes over a reference to the input.
  @inline(__always)
  private mutating func deliver(_ gradient: consuming Variable, to input: TapeEntry?, by entry: TapeEntry) {
    guard let input else { return }
    if Anomaly.isWatched { Anomaly.checkGradient(gradient, of: entry) }
    if !input.hasShape(of: gradient) { gradient = gradient.sum(to: input.shape) }
    deliver(gradient, to: input)
  }

  /// Adds a gradient to part of an input's: in place if one has arrived already and nothing else references it, so that
  /// many parts cost no more than the whole. Adjacent parts are written next to each other.
  private mutating func deliver(
    _ gradient: consuming Variable, toPart indices: [TensorIndex], of input: TapeEntry?, by entry: TapeEntry
  ) {
    guard let input else { return }
    if gradient.entry == nil, !input.isLeaf || claim(input) {
      if Anomaly.isWatched { Anomaly.checkGradient(gradient, of: entry) }
      if partial?.entry == input, partial?.write(gradient.tensor, at: indices) == true { return input.release() }
      completeParts(of: input)
      if var sum = input.takeArrived() {
        let isAdded =
          sum.entry == nil && isKnownUniquelyReferenced(&sum) && sum.tensor.add(gradient.tensor, toPart: indices)
        input.putArrived(consume sum)
        if isAdded { return input.release() }
      } else if let first = PartialGradient(of: input, gradient.tensor, at: indices) {
        partial?.complete()
        partial = first
        return hasArrived(at: input)
      }
    }
    deliver(gradient.sliceBackward(input.shape, indices), to: input, by: entry)
  }

  /// Sets the rest of a partial gradient to 0 before it is used as a whole or added to.
  @inline(__always)
  private mutating func completeParts(of entry: TapeEntry) {
    if let present = partial, present.entry == entry {
      present.complete()
      partial = nil
    }
  }

  /// Called when the first gradient reaches an entry: the list of entries to walk takes over the reference to
  /// it; for a leaf it is released.
  @inline(__always)
  private mutating func hasArrived(at entry: TapeEntry) {
    if entry.isLeaf { entry.release() } else { add(entry) }
  }

  /// Takes over a reference to the entry, which the list of entries to walk keeps, or which is released.
  private mutating func deliver(_ gradient: consuming Variable, to entry: TapeEntry) {
    completeParts(of: entry)
    if entry.isLeaf && !claim(entry) {
      entry.node.pointee.observer?.take(gradient)
      entry.release()
    } else if var sum = entry.takeArrived() {
      accumulate(gradient, into: &sum)
      entry.putArrived(consume sum)
      entry.release()
    } else {
      entry.putArrived(gradient)
      hasArrived(at: entry)
    }
  }

  /// Claims a leaf's entry for summing up gradients there; false if a pass in another thread has claimed it.
  @inline(__always)
  private mutating func claim(_ leaf: TapeEntry) -> Bool {
    if leaf.node.pointee.claim.load(ordering: .relaxed) == number { return true }
    let isOurs = leaf.node.pointee.claim.compareExchange(expected: 0, desired: number, ordering: .acquiring).exchanged
    if isOurs {
      leaf.node.pointee.next = claimed
      claimed = leaf.retained()
    }
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
  /// Stores a gradient where there is none. Initialized, not assigned, which would load and release the old value.
  @inline(__always)
  func putArrived(_ gradient: consuming Variable) {
    withUnsafeMutablePointer(to: &node.pointee.arrived) { $0.initialize(to: gradient) }
  }

  /// Takes out the gradient that has arrived.
  @inline(__always)
  func takeArrived() -> Variable? {
    withUnsafeMutablePointer(to: &node.pointee.arrived) {
      let taken = $0.move()
      $0.initialize(to: nil)
      return taken
    }
  }
}
