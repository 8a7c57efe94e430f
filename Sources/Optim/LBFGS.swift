import NN

/// Limited-memory BFGS: quasi-Newton steps from the last changes of the gradient. Liu and Nocedal 1989; for functions
/// without noise, such as a loss over all data.
///
/// ```swift
/// let optimizer = LBFGS(net.parameters, lineSearch: .strongWolfe)
/// let loss = optimizer.step { crossEntropy(net(images), labels) }
/// ```
///
/// A step makes up to `maxIterations` iterations d = −H g, p ← p + t d, and evaluates the loss once or more for
/// each. H comes from pairs s = Δp, y = Δg by the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4) with
/// H₀ = sᵀy / yᵀy; pairs with sᵀy ≤ 10⁻¹⁰ are left out. t is the learning rate, in the very first iteration times
/// min(1, 1 / Σ|g|), or what a line search starting there finds. As in PyTorch. All parameters are one vector, so
/// groups can only differ in being frozen: frozen parameters keep their values, and the pairs are dropped when the
/// set of frozen parameters changes.
public final class LBFGS: Optimizer {
  /// How the length of a step is found.
  public enum LineSearch: Sendable {
    /// By the strong Wolfe conditions.
    case strongWolfe
  }

  /// The most iterations in a step.
  public let maxIterations: Int
  /// The most evaluations of the loss in a step, which a line search may exceed by a few.
  public let maxEvaluations: Int
  /// A step ends when no element of the gradient is larger.
  public let gradientTolerance: Double
  /// A step ends when neither the loss nor any element changes by more.
  public let changeTolerance: Double
  /// The most pairs that are kept.
  public let historySize: Int
  /// How the length of a step is found; nil for the learning rate.
  public let lineSearch: LineSearch?

  private var memory = Memory()

  /// What has been learned about the function's curvature.
  private struct Memory {
    var iterations = 0
    /// The last moves and the changes of the gradient, oldest first.
    var pairs: [(s: Tensor, y: Tensor)] = []
    /// The move that led here, and the gradient before it.
    var move, gradient: Tensor?
    /// Of which parameters that is known: whether each is frozen; nil where a state was restored.
    var frozen: [Bool]?
  }

  /// Creates an optimizer of these parameters, which must be of one type, with PyTorch's defaults. `maxEvaluations`
  /// defaults to 5/4 of `maxIterations`.
  public init(
    _ parameters: [Named<Variable>], learningRate: Double = 1, maxIterations: Int = 20, maxEvaluations: Int? = nil,
    gradientTolerance: Double = 1e-7, changeTolerance: Double = 1e-9, historySize: Int = 100,
    lineSearch: LineSearch? = nil
  ) {
    require(maxIterations >= 1, "LBFGS: maxIterations must be at least 1, got \(maxIterations)")
    require(historySize >= 1, "LBFGS: historySize must be at least 1, got \(historySize)")
    if let type = parameters.first?.element.dtype, let other = parameters.first(where: { $0.element.dtype != type }) {
      stop("LBFGS: parameters must be of one type, got \(type) and, for \(other.name), \(other.element.dtype)")
    }
    self.maxIterations = maxIterations
    self.maxEvaluations = maxEvaluations ?? maxIterations.plus(maxIterations / 4)
    self.gradientTolerance = gradientTolerance
    self.changeTolerance = changeTolerance
    self.historySize = historySize
    self.lineSearch = lineSearch
    super.init(parameters, learningRate: learningRate)
  }

  /// Stops: this rule evaluates the loss itself.
  public override func step() { stop("LBFGS: a step evaluates the loss itself; write optimizer.step { loss }") }

  /// Lowers the loss by up to `maxIterations` iterations. Returns it as it was before the first.
  @discardableResult
  public override func step(_ loss: () -> Variable) -> Double {
    checkGroups()
    let first = evaluate(loss)
    stepCount += 1
    var (value, g, evaluations) = (first, flatGradient, 1)
    if largest(g) <= gradientTolerance { return first }
    for iteration in 1...maxIterations {
      learn(g)
      let d = direction(g)
      let t = memory.iterations == 1 ? min(1, 1 / g.abs().sum().item()) * learningRate : learningRate
      let here = LinePoint(t: 0, value: value, gradient: g, slope: dot(g, d))
      // No direction leads down from a loss that is not a number, either.
      guard here.slope <= -changeTolerance, here.slope.isFinite, t.isFinite else { break }
      let line = Line(slots: slots, direction: d)
      var length = t
      switch lineSearch {
      case .strongWolfe:
        let search = StrongWolfe(start: here, directionSize: largest(d), limit: maxEvaluations - evaluations)
        let found = search.search(from: t) { t in
          line.move(to: t)
          evaluations += 1
          let value = evaluate(loss)
          return LinePoint(t: t, value: value, gradient: flatGradient, slope: dot(flatGradient, d))
        }
        (length, value, g) = (found.t, found.value, found.gradient)
        line.move(to: length)
      case nil:
        line.move(to: length)
        if iteration < maxIterations {
          (value, g, evaluations) = (evaluate(loss), flatGradient, evaluations + 1)
        }
      }
      memory.move = length * d
      let change = max(largest(d) * length, 0)
      if evaluations >= maxEvaluations || largest(g) <= gradientTolerance || change <= changeTolerance
        || abs(value - here.value) < changeTolerance
      {
        break
      }
    }
    return first
  }

  /// Each parameter, and whether it is frozen.
  private var slots: [(variable: Variable, isFrozen: Bool)] {
    groups.flatMap { group in group.slots.map { ($0.variable, group.isFrozen) } }
  }

  /// Stops for groups that differ, and drops the memory if the set of frozen parameters
  /// has changed since the last step.
  private func checkGroups() {
    require(
      groups.allSatisfy { $0.learningRate == learningRate && $0.weightDecay == 0 },
      "LBFGS: all groups have one learning rate and no weight decay, got rates \(groups.map(\.learningRate)) and "
        + "decays \(groups.map(\.weightDecay))")
    let frozen = slots.map(\.isFrozen)
    if let before = memory.frozen, before != frozen { memory = Memory() }
    memory.frozen = frozen
  }

  /// Adds the pair of the last move and the change of the gradient that it caused.
  private func learn(_ g: Tensor) {
    if let s = memory.move, let before = memory.gradient {
      let y = g - before
      if dot(s, y) > 1e-10 {
        // There may be more, loaded from another optimizer's state.
        memory.pairs.removeFirst(max(0, memory.pairs.count - historySize + 1))
        memory.pairs.append((s, y))
      }
    }
    (memory.gradient, memory.move) = (g, nil)
    memory.iterations += 1
  }

  /// −H g, by the two-loop recursion.
  private func direction(_ g: Tensor) -> Tensor {
    var q = -g
    var alphas: [Double] = []
    for (s, y) in memory.pairs.reversed() {
      let alpha = dot(s, q) / dot(s, y)
      q.add(y, scale: -alpha)
      alphas.append(alpha)
    }
    if let (s, y) = memory.pairs.last { q *= dot(s, y) / dot(y, y) }
    for ((s, y), alpha) in zip(memory.pairs, alphas.reversed()) {
      q.add(s, scale: alpha - dot(y, q) / dot(s, y))
    }
    return q
  }

  /// The gradients of all parameters, concatenated; zeros for frozen parameters and those without one.
  private var flatGradient: Tensor {
    .concatenate(
      slots.map { variable, isFrozen in
        ((isFrozen ? nil : variable.grad?.value) ?? variable.value.zerosLike()).reshape([-1])
      })
  }

  // MARK: - State

  override var ownState: [String: Tensor] {
    var result = ["iterations": Tensor(memory.iterations), "pairs": Tensor(memory.pairs.count)]
    for (number, pair) in memory.pairs.enumerated() {
      (result["s/\(number)"], result["y/\(number)"]) = (pair.s, pair.y)
    }
    (result["move"], result["gradient"]) = (memory.move, memory.gradient)
    return result
  }

  override func readOwnState(_ reader: inout StateReader) throws(StateError) -> () -> Void {
    let vector = flatGradient
    var loaded = Memory()
    loaded.iterations = try reader.count("iterations")
    let count = try reader.count("pairs")
    for number in 0..<count {
      let s = try reader.tensor("s/\(number)", like: vector)
      loaded.pairs.append((s, try reader.tensor("y/\(number)", like: vector)))
    }
    loaded.move = try reader.optional("move", like: vector)
    loaded.gradient = try reader.optional("gradient", like: vector)
    return { self.memory = loaded }
  }
}

/// Parameters on a line through their present values.
private struct Line {
  let slots: [(variable: Variable, isFrozen: Bool)]
  let direction: Tensor
  let start: [Tensor]

  init(slots: [(variable: Variable, isFrozen: Bool)], direction: Tensor) {
    self.slots = slots
    self.direction = direction
    start = slots.map(\.variable.value)
  }

  /// Puts the parameters at start + t · direction.
  func move(to t: Double) {
    var offset = 0
    for (slot, start) in zip(slots, start) {
      let part = direction[offset..<offset + start.elementCount].reshape(start.shape)
      if !slot.isFrozen { slot.variable.value = start + t * part }
      offset += start.elementCount
    }
  }
}

private func dot(_ a: Tensor, _ b: Tensor) -> Double { (a • b).item() }

private func largest(_ x: Tensor) -> Double { x.elementCount == 0 ? 0 : x.abs().max().item() }
