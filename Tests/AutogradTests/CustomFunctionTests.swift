import Autograd
import Testing

/// x³, with its derivative written in ops.
let cube = cubing("cube")

private func cubing(_ name: String) -> CustomFunction {
  CustomFunction(name) { inputs in
    let x = inputs[0]
    return .init([x.value * x.value * x.value]) { dy in [dy[0] * x * x * 3] }
  }
}

/// eˣ, with its derivative in terms of the output.
let exponential = CustomFunction("custom") { inputs in
  .init([inputs[0].value.exp()], pullbackWithOutputs: { dy, y in [dy[0] * y[0]] })
}

/// x · y and the sum of x, without broadcasting. Only the first output depends on the second input.
let productAndSum = CustomFunction("productAndSum") { inputs in
  let (x, y) = (inputs[0], inputs[1])
  return .init([(x * y).value, x.sum().value]) { dy in [dy[0] * y + dy[1], dy[0] * x] }
}

/// tanh, with a derivative computed from tensors, which cannot be differentiated again.
let tanhByTensors = CustomFunction("tanhByTensors") { inputs in
  let y = inputs[0].value.tanh()
  return .onceDifferentiable([y]) { dy in [dy[0] * (1 - y * y)] }
}

let customRows: [OpRow] = [
  .unary(.custom) { cubing("custom")($0) },
  .unary(.custom, "keeping its output") { exponential($0) },
  .unary(.custom, "with a gradient of its own") { x in x.customGradient(x.value * 2) { $0 * 2 } },
  OpRow(.part, "", [[[2, 3], [2, 3]], [[], []], [[0, 3], [0, 3]]]) { inputs in
    let outputs = productAndSum(inputs)
    return outputs[0] * outputs[1]
  },
]

@Suite struct CustomFunctionTests {
  @Test func valueAndGradient() {
    let x = leaf(1, 2)
    let y = cube(x)
    #expect(y.value == numbers(1, 8))
    y.sum().backward()
    #expect(x.grad?.value == numbers(3, 12))
  }

  @Test func derivativesOfDerivatives() {
    let found = gradient(at: single(2)) { x in gradient(at: x) { x in gradient(at: x) { cube($0) } } }
    #expect(found.item() == 6)
    #expect(hessian(at: Variable(numbers(0, 1))) { exponential($0).sum() }.value[0] == numbers(1, 0))
  }

  @Test func theCheckerFindsAWrongDerivative() {
    let wrong = CustomFunction("wrong") { inputs in .init([inputs[0].value * 2]) { [$0[0] * 2.001] } }
    #expect(checkGradients(at: [spread([3])]) { wrong($0[0]) }.relativeError > 4e-4)
    #expect(checkGradients(at: [spread([3])]) { tanhByTensors($0[0]) }.relativeError < 1e-9)
  }

  @Test func severalOutputs() {
    let (x, y) = (leaf(1, 2), leaf(3, 4))
    let outputs = productAndSum([x, y])
    #expect(outputs.map(\.value) == [numbers(3, 8), single(3).value])
    outputs[1].backward(retainGraph: true)  // the other output gets no gradient
    #expect(x.grad?.value == numbers(1, 1) && y.grad?.value == numbers(0, 0))
    (outputs[0].sum() + outputs[1] * 10).backward()
    #expect(x.grad?.value == numbers(1 + 3 + 10, 1 + 4 + 10) && y.grad?.value == numbers(1, 2))
  }

  @Test func outputsOfWholeNumbersHaveNoGradient() {
    let sorted = CustomFunction("sorted") { inputs in
      let order = inputs[0].value.argsort(axis: 0)
      return .init([inputs[0].value.gather(axis: 0, index: order), order]) { dy in
        [Variable(Tensor.zeros([3], dtype: .float64)).scatterAdd(axis: 0, index: order, dy[0])]
      }
    }
    let x = leaf(3, 1, 2)
    let outputs = sorted([x])
    #expect(outputs[1].value == Tensor([1, 2, 0], dtype: .int64) && !outputs[1].requiresGrad)
    outputs[0].backward(gradient: numbers(10, 20, 30))
    #expect(x.grad?.value == numbers(30, 10, 20))
  }

  @Test func inputsWithoutGradient() {
    let scaled = CustomFunction("scaled") { inputs in
      let (x, weights) = (inputs[0], inputs[1])
      return .init([x.value * weights.value.cast(to: .float64)]) { [weights = weights.value] dy in
        [dy[0] * Variable(weights.cast(to: .float64)), nil]
      }
    }
    let x = leaf(1, 2)
    let y = scaled(x, Variable([2, 3], dtype: .int64))
    y.sum().backward()
    #expect(x.grad?.value == numbers(2, 3))
    #expect(!scaled(x.detach(), Variable([2, 3], dtype: .int64)).requiresGrad)
  }

  @Test func nothingIsRecordedInsideOrOutsideAGraph() {
    let x = leaf(2)
    let recorded = CustomFunction("inner") { inputs in
      .init([(inputs[0] * inputs[0]).value]) { dy in [dy[0] * inputs[0] * 2] }
    }
    #expect(Tape.listing(of: recorded(x)) == "1  leaf   []\n2  inner  []  ← 1")
    #expect(!withoutGradient { recorded(x) }.requiresGrad)
  }

  @Test func straightThroughRounding() {
    let x = leaf(0.4, 1.6)
    let y = x.customGradient(x.value.round(), named: "roundThrough") { $0 }
    #expect(y.value == numbers(0, 2))
    y.backward(gradient: numbers(5, 7))
    #expect(x.grad?.value == numbers(5, 7))
    #expect(y.description.hasSuffix("by roundThrough"))
  }

  @Test func namesAreShown() {
    let (x, y) = (leaf(1, 2), leaf(3, 4))
    let outputs = productAndSum([x, y])
    #expect(
      Tape.listing(of: outputs[0] * outputs[1]) == """
        1  leaf           [2]
        2  leaf           [2]
        3  productAndSum  [3]  ← 1, 2
        4  part           [2]  ← 3
        5  part           []   ← 3
        6  *              [2]  ← 4, 5
        """)
    #expect(Tape.graphviz(of: cube(x)).contains(#"label="cube\n[2]""#))
  }

  /// A gradient whose graph holds the function's own pullback makes no reference cycle.
  @Test func nothingStays() async {
    await #expect(processExitsWith: .success) {
      weak var ended: Variable?
      do {
        let x = Variable([1, 2], requiresGrad: true)
        ended = x
        (cube(x) * exponential(x)).sum().backward(createGraph: true)
        #expect(x.grad!.requiresGrad)
        let outputs = productAndSum([x, x.exp()])
        (outputs[0] * outputs[1]).sum().backward(createGraph: true)
      }
      #expect(ended == nil && Tape.count == 0)
    }
  }

  /// Of the inputs and outputs, only what the pullback captures is kept.
  @Test func onlyWhatIsCapturedIsKept() async {
    await #expect(processExitsWith: .success) {
      let doubled = CustomFunction("doubled") { .init([$0[0].value * 2]) { [$0[0] * 2] } }
      let x = Variable(Tensor.ones([1000, 100]), requiresGrad: true)
      let before = Memory.statistics.live
      let loss = doubled(doubled(x.exp().detach() + x * 0)).sum()
      #expect(Memory.statistics.live - before < 100_000)
      loss.backward()
      #expect(x.grad!.value[0, 0].item() == 0)
    }
  }

  @Test func anomalies() async {
    await #expect(processExitsWith: .success) {
      nonisolated(unsafe) var sentences: [String] = []
      Tape.anomalyHandler = { sentences.append($0) }
      Tape.detectsAnomalies = true
      let pole = CustomFunction("pole") { inputs in
        .init([inputs[0].value.sqrt()]) { dy in [dy[0] / inputs[0].sqrt()] }
      }
      let x = Variable([0, 1], requiresGrad: true)
      pole(x).sum().backward()
      #expect(sentences == ["anomaly: the derivative of pole made an infinity; its inputs have shape [2]"])
      let overflow = CustomFunction("overflow") { .init([$0[0].value / 0]) { $0 } }
      _ = overflow(Variable([1, 2]))
      #expect(sentences.last == "anomaly: overflow made an infinity of finite inputs of shape [2]")
    }
  }
}

let customMistakes: [Mistake] = [
  Mistake("tanhByTensors: its pullback is not written in ops on variables, so it has no second derivative") {
    _ = hessian(at: Variable([0.5])) { tanhByTensors($0).sum() }
  },
  Mistake("detached: its pullback is not written in ops on variables, so it has no second derivative") {
    let detached = CustomFunction("detached") { inputs in .init([inputs[0].value]) { dy in [Variable(dy[0].value * 2)] }
    }
    let x = variable([2])
    (detached(x) * x).sum().backward(createGraph: true)
    x.grad?.sum().backward()
  },
  Mistake("short: the pullback gave 1 gradients for 2 inputs") {
    let short = CustomFunction("short") { inputs in .init([inputs[0].value]) { [$0[0]] } }
    short(variable([2]), variable([2])).sum().backward()
  },
  Mistake("wide: the gradient of input 0 must be float32 [2] like the input, got float32 []") {
    let wide = CustomFunction("wide") { inputs in .init([inputs[0].value.sum()]) { [$0[0]] } }
    wide(variable([2])).backward()
  },
  Mistake("mixed: differentiable outputs must have one type, got [float32, float64]") {
    let mixed = CustomFunction("mixed") { .init([$0[0].value, $0[0].value.cast(to: .float64)]) { [$0[0]] } }
    _ = mixed([variable([2])])
  },
  Mistake("pair: has 2 outputs; call it with an array of inputs") {
    let pair = CustomFunction("pair") { .init([$0[0].value, $0[0].value]) { [$0[0]] } }
    _ = pair(variable([2]))
  },
]
