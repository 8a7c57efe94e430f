import Autograd
import Testing

let transformRows: [OpRow] =
  customRows + [
    .unary(.input) { x in gradient(at: x, createGraph: true) { ($0.tanh() * $0).sum() } },
    .unary(.checkpoint) { x in checkpoint { x.tanh() * x } },
    .unary(.checkpoint, "with dropout") { x in
      let generator = RandomGenerator(seed: 3)
      return checkpoint { x.exp().dropout(0.4, generator: generator) * x.dropout(0.5, generator: generator) }
    },
    .unary(.checkpoint, "nested") { x in
      checkpoint {
        let y = checkpoint { x.sin() }
        return checkpoint { y * x } + y
      }
    },
    OpRow(.checkpoint, "two values", [[[2, 3], [2, 3]], [[], []], [[0, 3], [0, 3]]]) { inputs in
      let (x, y) = (inputs[0].exp(), inputs[1])
      let both = checkpoint { [x * y, x.sum()] }
      return both[0] * both[1]
    },
  ]

@Suite struct CheckpointTests {
  /// A block of two layers with dropout.
  private struct Block {
    let first = Variable(Tensor.randomNormal([16, 16], generator: RandomGenerator(seed: 1)), requiresGrad: true)
    let second = Variable(Tensor.randomNormal([16, 16], generator: RandomGenerator(seed: 2)), requiresGrad: true)
    let generator: RandomGenerator

    func callAsFunction(_ x: Variable) -> Variable {
      let hidden = x.linear(weight: first).gelu().dropout(0.3, generator: generator)
      return hidden.linear(weight: second).dropout(0.2, generator: generator) + x
    }
  }

  /// The loss, all gradients and the generator's state after two steps.
  private func run(_ wrap: (@escaping () -> Variable) -> Variable) -> ([Tensor], RandomGenerator.State) {
    let generator = RandomGenerator(seed: 9)
    let (block, other) = (Block(generator: generator), Block(generator: generator))
    let x = Variable(Tensor.randomNormal([8, 16], generator: RandomGenerator(seed: 4)), requiresGrad: true)
    var found: [Tensor] = []
    for _ in 0..<2 {
      let y = wrap { block(x) }
      let loss = wrap { other(y) }.square().mean()
      _ = Tensor.randomUniform([3], generator: generator)  // draws between the two runs
      loss.backward()
      found.append(loss.value)
    }
    let parameters = [x, block.first, block.second, other.first, other.second]
    return (found + parameters.map { $0.grad!.value }, generator.state)
  }

  @Test func sameBitsAsWithout() {
    let (plain, state) = run { $0() }
    let (checkpointed, sameState) = run { checkpoint($0) }
    #expect(plain == checkpointed && state == sameState)
    let (nested, alsoSameState) = run { body in checkpoint { checkpoint(body) } }
    #expect(plain == nested && state == alsoSameState)
  }

  @Test func capturedResultsAndLeavesGetTheirGradients() {
    let (x, w, unused) = (leaf(1, 2), leaf(3, 4), leaf(5))
    let y = x.exp()
    let z = checkpoint { y * w + x }
    #expect(
      Tape.listing(of: z) == """
        1  leaf        [2]
        2  leaf        [2]
        3  exp         [2]  ← 1
        4  checkpoint  [2]  ← 3, 2, 1
        """)
    #expect(
      gradients(of: [z.sum()], withRespectTo: [y, w, unused], retainGraph: true).map { $0?.value } == [
        w.value, y.value, nil,
      ])
    z.sum().backward()
    #expect(relativeError(x.grad!.value, (w * y + 1).value) < 1e-15)
    #expect(w.grad?.value == y.value)
  }

  @Test func aResultHandedThrough() {
    let x = leaf(1, 2)
    let y = x * 2
    let both = checkpoint { [y, x] }
    (both[0] * both[1]).sum().backward()
    #expect(x.grad?.value == numbers(4, 8))
  }

  @Test func withoutAnythingToDifferentiate() {
    let x = Variable(numbers(1, 2))
    #expect(!checkpoint { x * 2 }.requiresGrad)
    let w = leaf(1, 2)
    #expect(!withoutGradient { checkpoint { x * w } }.requiresGrad)
    #expect(!checkpoint { (x * w).detach() }.requiresGrad)
  }

  @Test func aRetainedGraphServesAgain() {
    let x = leaf(1, 2)
    var runs = 0
    let y = checkpoint { () -> Variable in
      runs += 1
      return x.exp()
    }.sum()
    y.backward(retainGraph: true)
    y.backward()
    #expect(runs == 3 && relativeError(x.grad!.value, x.value.exp() * 2) < 1e-15)
  }

  @Test func derivativesOfAnyOrder() {
    let w = leaf(2)
    func f(_ x: Variable) -> Variable { checkpoint { x.pow(3) * w } }
    let third = gradient(at: leaf(5)) { x in gradient(at: x) { x in gradient(at: x) { f($0) } } }
    #expect(third.item() == 12)
    #expect(
      hessian(at: Variable(numbers(1, 2))) { f($0).sum() }.value == Tensor([[12, 0], [0, 24]], dtype: .float64))
    let penalty = gradient(at: single(3), createGraph: true) { f($0) }.square()  // (27w)²
    penalty.backward()
    #expect(w.grad?.item() == 2.0 * 27 * 27 * 2)
  }

  /// Inside transforms, a checkpointed function that itself differentiates is rerun at the transform depth of
  /// its first run.
  @Test func transformsInside() {
    let found = gradient(at: single(2)) { a in checkpoint { gradient(at: single(3)) { x in a * a * x * x } } }
    #expect(found.item() == 2 * 2 * 2 * 3)
  }

  @Test func valuesOfTheFirstRun() {
    let (x, w) = (leaf(1, 2), leaf(3, 4))
    let y = checkpoint { (x * x * w).sum() }
    x.value = numbers(100, 100)
    w.value[0] = single(7).value
    y.backward()
    #expect(x.grad?.value == numbers(6, 16) && w.grad?.value == numbers(1, 4))
    #expect(x.value == numbers(100, 100) && w.value == numbers(7, 4))
  }

  @Test func whatHappensOnce() {
    let x = leaf(1)
    var (first, again) = (0, 0)
    let y = checkpoint { () -> Variable in
      if Tape.isRecomputing { again += 1 } else { first += 1 }
      return x * x
    }
    y.backward()
    #expect(first == 1 && again == 1 && !Tape.isRecomputing)
  }

  @Test func resultsOfOtherThreads() async {
    let x = leaf(1.5)
    let old = await onThread(stackSize: 1 << 20) { (0..<1000).reduce(x * x) { y, _ in y * 1 } }
    let y = checkpoint { old * x }
    #expect(Tape.listing(of: y).hasSuffix("checkpoint  []  ← 1002, 1"))
    y.backward()
    #expect(x.grad?.item() == 3 * 1.5 * 1.5)
  }

  @Test func lessIsKept() async {
    await #expect(processExitsWith: .success) {
      func live(_ wrap: (@escaping () -> Variable) -> Variable) -> (held: Int, peak: Int) {
        let x = Variable(Tensor.ones([1 << 17]), requiresGrad: true)
        let before = Memory.statistics.live
        var y = x
        for _ in 0..<10 {
          y = wrap { [y] in (0..<10).reduce(y) { y, _ in (y * 0.5).tanh() } }
        }
        let held = Memory.statistics.live - before
        y.sum().backward()
        return (held, Memory.statistics.peak - before)
      }
      let checkpointed = live { checkpoint($0) }  // first, as the peak only grows
      let plain = live { $0() }
      // tanh keeps its output, of 2¹⁹ bytes: 100 of them, or one for each checkpoint and those of one at a time.
      #expect(plain.held >= 100 << 19 && checkpointed.held <= 12 << 19, "\(plain), \(checkpointed)")
      #expect(plain.peak >= 100 << 19 && checkpointed.peak <= 30 << 19, "\(plain), \(checkpointed)")
    }
  }

  @Test func nothingStays() async {
    await #expect(processExitsWith: .success) {
      weak var ended: Variable?
      do {
        let x = Variable([1, 2], requiresGrad: true)
        ended = x
        let y = checkpoint { x.exp() }
        (y * y).sum().backward(createGraph: true)
        #expect(x.grad!.requiresGrad)
        x.grad = nil
        #expect(gradient(at: x) { x in checkpoint { x.exp() }.square().sum() }.requiresGrad)
        _ = checkpoint { x.tanh() }  // never walked
      }
      #expect(ended == nil && Tape.count == 0)
    }
  }

  @Test func aDeepBodyOnASmallStack() async {
    let found = await onThread(stackSize: 512 << 10) { () -> Double in
      let x = leaf(1)
      checkpoint { (0..<50_000).reduce(x) { y, _ in y * 1.00001 } }.backward()
      return x.grad!.item()
    }
    #expect(abs(found - 1.648717) < 1e-4)
  }

  @Test func anomaliesNameTheOpInside() async {
    await #expect(processExitsWith: .success) {
      nonisolated(unsafe) var sentences: [String] = []
      Tape.anomalyHandler = { sentences.append($0) }
      let x = Variable([0, 1], requiresGrad: true)
      let y = checkpoint { (x * 2).sqrt() }.sum()
      Tape.detectsAnomalies = true
      y.backward()
      #expect(sentences.first == "anomaly: the derivative of sqrt made an infinity; its inputs have shape [2]")
    }
  }
}

let checkpointMistakes: [Mistake] = [
  Mistake("checkpoint: the closure gave shapes [[3]] when it was run again, [[2]] the first time") {
    let x = variable([2])
    checkpoint { Tape.isRecomputing ? Variable.concatenate([x, x[0..<1]]) : x * 2 }.sum().backward()
  },
  Mistake("checkpoint: the closure drew other random numbers when it was run again; it must do the same each time") {
    let x = variable([2])
    checkpoint { Tape.isRecomputing ? x.dropout() : x * 2 }.sum().backward()
  },
  Mistake("checkpoint: the closure drew other random numbers when it was run again") {
    let x = variable([2])
    checkpoint { x * Variable(Tensor.randomUniform(Tape.isRecomputing ? [1] : [20])).sum() }.sum().backward()
  },
]

let transformMistakes: [Mistake] = [
  Mistake("gradient: wants a single value, got shape [2]; reduce it with sum() or mean()") {
    _ = gradient(at: Variable([1, 2])) { $0 * 2 }
  },
  Mistake("gradient: wants inputs of float32 or float64, got int64 [2]") {
    _ = gradient(at: Variable([1, 2], dtype: .int64)) { _ in Variable(1) }
  },
  Mistake("gradient: input 1 of shape [2] requires no gradient, so none can be found for it") {
    let x = variable([2])
    _ = gradient(of: x.sum(), withRespectTo: [x, x.detach()])
  },
  Mistake("gradients: output 0 of shape [2] requires no gradient; no leaf it was computed from has requiresGrad") {
    _ = gradients(of: [variable([2]).detach()], withRespectTo: [variable([2])])
  },
  Mistake("gradients: wants a single value, got shape [2]; reduce it with sum() or mean()") {
    let x = variable([2])
    _ = gradients(of: [x * 2], withRespectTo: [x])
  },
  Mistake("gradients: wants an upstream gradient for each of 1 outputs, got 0") {
    let x = variable([2])
    _ = gradients(of: [x * 2], withRespectTo: [x], upstream: [])
  },
  Mistake("gradients: an upstream gradient must be float32 [2] like its variable, got float32 [3]") {
    let x = variable([2])
    _ = gradients(of: [x * 2], withRespectTo: [x], upstream: [variable([3])])
  },
  Mistake("gradients: the graph of this exp of shape [2] was let go by an earlier backward()") {
    let x = variable([2])
    let y = x.exp()
    y.sum().backward()
    _ = gradients(of: [y.sum()], withRespectTo: [x])
  },
  Mistake("vjp: an upstream gradient must be float32 [2] like its variable, got float32 []") {
    _ = vjp(at: Variable([1, 2])) { $0 * 2 }.pullback(Variable(1))
  },
  Mistake("vjp: wants an upstream gradient for each of 2 variables, got 1") {
    _ = vjp(at: Variable([1, 2])) { [$0, $0 * 2] }.pullback([Variable([1, 2])])
  },
  Mistake("jvp: a direction must be float32 [2] like its variable, got float64 [2]") {
    _ = jvp(at: Variable([1, 2]), along: variable([2], .float64)) { $0 }
  },
  Mistake("hessianVectorProduct: a direction must be float32 [2] like its variable, got float32 [3]") {
    _ = hessianVectorProduct(at: Variable([1, 2]), along: variable([3])) { $0.sum() }
  },
  Mistake("perSampleJacobian: wants one value for each sample, [N, ...] from [N, ...], got [] from [2]") {
    _ = perSampleJacobian(at: Variable([1, 2])) { $0.sum() }
  },
  Mistake("jacobian: input 0 of shape [2] requires no gradient") {
    _ = jacobian(of: variable([2]), withRespectTo: variable([2]).detach())
  },
  Mistake("hessian: wants a single value, got shape [2]") { _ = hessian(at: Variable([1, 2])) { $0 } },
]
