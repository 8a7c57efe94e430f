import Foundation
import NN
import Testing

@Suite struct ModuleHookTests {
  private let net = Sequential(Linear(2, 3, dtype: .float64), Tanh(), Linear(3, 2, dtype: .float64))
  private let x = Variable(wave(cos, [2, 2]), requiresGrad: true)

  init() { fillWithWaves(net) }

  // torch, float64: the same net filled with waves, x = cos(arange(4)); net[0].register_forward_pre_hook(x + 1),
  // net[1].register_forward_hook(y * 2), then y - 0.5; loss = Σ y·sin(arange)
  @Test func whatHooksReturnTakesTheValuesPlace() {
    net[0].addForwardPreHook { $0 + 1 }
    net[1].addForwardHook { $0 * 2 }
    net[1].addForwardHook { $0 - 0.5 }
    let y = net(x)
    waveLoss(y, sin).backward()
    expectClose(
      y.value, float64([[1.0880666833885826, -1.001781660708268], [-0.00011796907354244546, 0.19398677264896125]]))
    expectClose(
      x.grad?.value,
      float64([[-0.09416525219670197, -0.3100021820248853], [0.12942753224699458, 0.44503176159054153]]))
    #expect(abs(squaresOfGradients(net) - 7.919881088286074) < 1e-12)
  }

  @Test func hooksSeeAndAreRemoved() {
    var seen: [String] = []
    func note(_ name: String) -> (Variable) -> Variable? {
      { value in
        seen.append("\(name) \(value.shape)")
        return nil
      }
    }
    let plain = net(x).value
    let hooks = [
      net[0].addForwardHook(note("a")), net[0].addForwardHook(note("b")), net[0].addForwardPreHook(note("c")),
      net.addForwardHook(note("d")),
    ]
    #expect(net(x).value == plain)
    #expect(seen == ["c [2, 2]", "a [2, 3]", "b [2, 3]", "d [2, 2]"])
    hooks[0].remove()
    seen = []
    #expect(net(x).value == plain && seen == ["c [2, 2]", "b [2, 3]", "d [2, 2]"])
    for hook in hooks { hook.remove() }
    seen = []
    let last = net[0].addForwardHook(note("e"))
    hooks[0].remove()
    #expect(net(x).value == plain && seen == ["e [2, 3]"])
    last.remove()
    #expect(net(x).value == plain && seen.count == 1)
  }

  @Test func aHookMayRemoveItself() {
    var (calls, hook): (Int, ModuleHook?) = (0, nil)
    hook = net.addForwardHook { _ in
      calls += 1
      hook?.remove()
      return nil
    }
    _ = (net(x), net(x))
    #expect(calls == 1)
  }

  @Test func ofSeveralValuesTheFirstIsSeen() {
    let (lstm, attention) = (LSTM(2, 3, dtype: .float64), MultiHeadAttention(2, heads: 1, dtype: .float64))
    var seen: [Tensor] = []
    for module in [lstm, attention] as [Module] {
      module.addForwardHook { value in
        seen.append(value.value)
        return nil
      }
    }
    let input = Variable(wave(sin, [4, 1, 2]))
    let (y, weighted) = (lstm(input, state: nil).output, attention.withWeights(input, key: input, value: input).output)
    #expect(seen == [y.value, weighted.value])
  }

  @Test func activationsOfPartsByName() {
    final class Twice: Module {
      let body = Sequential(Linear(2, 2), ReLU()), head = Linear(2, 1)
      override func forward(_ x: Variable) -> Variable { head(body(body(x))) }
    }
    let net = Twice()
    let x = Variable(.ones([3, 2]))
    let (y, seen) = net.activations(of: ["head", "body.0", "body"]) { net(x) }
    #expect(seen.map(\.name) == ["body.0", "body", "body.0", "body", "head"])
    #expect(seen[4].element === y && seen[1].element.value == seen[0].element.relu().value)
    seen[1].element.sum().backward()
    #expect(net.body.parameters.allSatisfy { $0.element.grad != nil } && net.head.weight.grad == nil)
    let all = net.activations { net(x) }.activations.map(\.name)
    #expect(all == ["body.0", "body.1", "body", "body.0", "body.1", "body", "head"])
    #expect(net.activations(of: []) { 7 }.activations.isEmpty)
  }

  @Test func summariesAndHooksGoTogether() {
    let before = net.summary(inputShape: [2, 2]).description
    var calls = 0
    net[0].addForwardHook { _ in
      calls += 1
      return nil
    }
    #expect(net.summary(inputShape: [2, 2]).description == before && calls == 1)
    _ = net(x)
    #expect(calls == 2)
  }
}

let hookMistakes = [
  Mistake("activations: Sequential has no module 3") {
    let net = Sequential(Linear(2, 2))
    _ = net.activations(of: ["3"]) { net(Tensor.zeros([1, 2])) }
  },
  Mistake(
    "LSTM 2 -> 3: a forward hook sees the first of several values that this call gives, and cannot replace it; "
      + "return nil"
  ) {
    let lstm = LSTM(2, 3)
    lstm.addForwardHook { $0 * 2 }
    _ = lstm(Variable(.zeros([4, 1, 2])), state: nil)
  },
  Mistake("GRU 2 -> 3: a forward pre-hook sees the input of calls with one, and this call has a form of its own") {
    let gru = GRU(2, 3)
    gru.addForwardPreHook { $0 * 2 }
    _ = gru(Variable(.zeros([4, 1, 2])), state: nil)
  },
]
