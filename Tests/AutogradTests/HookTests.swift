import Autograd
import Testing

@Suite struct GradientHookTests {
  @Test func aHookSeesALeafsGradientOnce() {
    let x = leaf(1, 2)
    var seen: [Tensor] = []
    x.addGradientHook { g in
      seen.append(g.value)
      return nil
    }
    (x * x + x * 3).sum().backward()
    #expect(seen == [numbers(5, 7)] && x.grad?.value == numbers(5, 7))
    (x * 2).sum().backward()
    #expect(seen == [numbers(5, 7), numbers(2, 2)] && x.grad?.value == numbers(7, 9))
  }

  @Test func aHookReplacesALeafsGradient() {
    let x = leaf(1, 2)
    x.addGradientHook { $0.clamp(min: -1, max: 3) }
    (x * x).sum().backward()
    #expect(x.grad?.value == numbers(2, 3))
  }

  @Test func aHookOnAResultChangesWhatGoesOn() {
    let x = leaf(1, 2)
    let y = x * 3
    y.addGradientHook { $0 * 10 }
    (y.square().sum() + y.sum()).backward()  // dy = 2y + 1
    #expect(x.grad?.value == numbers(7 * 30, 13 * 30))
  }

  @Test func hooksRunInOrderAndCanBeRemoved() {
    let x = leaf(1)
    var order: [String] = []
    func hook(_ name: String, _ change: @escaping (Variable) -> Variable?) -> GradientHook {
      x.addGradientHook { g in
        order.append("\(name) \(g.item())")
        return change(g)
      }
    }
    let first = hook("add") { $0 + 1 }
    let second = hook("look") { _ in nil }
    let third = hook("double") { $0 * 2 }
    x.backward()
    #expect(order == ["add 1.0", "look 2.0", "double 2.0"] && x.grad?.item() == 4)
    first.remove()
    first.remove()
    (x.grad, order) = (nil, [])
    x.backward()
    #expect(order == ["look 1.0", "double 1.0"] && x.grad?.item() == 2)
    second.remove()
    third.remove()
    (x.grad, order) = (nil, [])
    x.backward()
    #expect(order == [] && x.grad?.item() == 1)
  }

  @Test func aHookMayRemoveALaterOne() {
    let x = leaf(1, 2)
    var later: GradientHook?
    x.addGradientHook { _ in
      later?.remove()
      return nil
    }
    later = x.addGradientHook { $0 * 10 }
    (x * 2).sum().backward()
    #expect(x.grad?.value == numbers(2, 2))
  }

  /// Of what a checkpoint captures, leaves and results, hooks see one gradient, not one in
  /// the checkpoint and one outside.
  @Test func hooksOfWhatACheckpointCapturesRunOnce() {
    let (x, v) = (leaf(1, 2), leaf(3, 4))
    let h = x * v
    x.addGradientHook { $0 * 2 }
    h.addGradientHook { $0 * 3 }
    checkpoint { [checkpoint { h * h }, h * x] }.map { $0.sum() }.reduce(single(0), +).backward()
    // d/dh = 3 (2h + x); d/dx = 2 (d/dh · v + h)
    #expect(v.grad?.value == numbers(3 * (6 + 1) * 1, 3 * (16 + 2) * 2))
    #expect(x.grad?.value == numbers(2 * (21 * 3 + 3), 2 * (54 * 4 + 8)))
  }

  @Test func aHookMayRemoveItself() {
    let x = leaf(1)
    var handle: GradientHook?
    var calls = 0
    handle = x.addGradientHook { _ in
      calls += 1
      handle?.remove()
      return nil
    }
    x.backward()
    x.backward()
    #expect(calls == 1)
  }

  @Test func retainedGradientsShowWhatHooksGave() {
    let x = leaf(1)
    let (before, after) = (x * 2, x * 3)
    before.retainGrad()
    before.addGradientHook { $0 * 5 }
    after.addGradientHook { $0 * 7 }
    after.retainGrad()
    (before + after).backward()
    #expect(before.grad?.item() == 5 && after.grad?.item() == 7 && x.grad?.item() == 31)
  }

  @Test func hooksAreRecordedInCreatedGraphsOnly() {
    let x = leaf(3)
    var recorded: [Bool] = []
    x.addGradientHook { g in
      let changed = g * x.detach() + g * g
      recorded.append(changed.requiresGrad)
      return changed
    }
    (x * x).backward()
    #expect(x.grad?.item() == 6 * 3 + 36 && recorded == [false])
    x.grad = nil
    (x * x).backward(createGraph: true)
    let g = x.grad!
    #expect(recorded == [false, true])
    // g is 2x · 3 + 4x², its slope 6 + 8x = 30, which the hook makes 30 · 3 + 30².
    #expect(gradients(of: [g], withRespectTo: [x])[0]?.item() == 990)
  }

  @Test func chosenGradientsPassHooksToo() {
    let x = leaf(2)
    let y = x * x
    y.addGradientHook { $0 * 10 }
    x.addGradientHook { $0 + 1 }
    let found = gradients(of: [y * 3], withRespectTo: [y, x])
    #expect(found.map { $0?.item() } == [30, 121] && x.grad == nil)
  }

  @Test func hooksSeeGradientsThatStayTheirs() {
    let x = leaf(1, 2)
    let y = x * 2
    var kept: Variable?
    y.addGradientHook { g in
      kept = g
      return nil
    }
    (y * 3).sum().backward()
    #expect(kept?.value == numbers(3, 3) && x.grad?.value == numbers(6, 6))
  }

  @Test func hooksEndWithTheirPlaceOnTheTape() async {
    await #expect(processExitsWith: .success) {
      final class Token {}
      weak var ended: Token?
      do {
        let token = Token()
        ended = token
        let x = Variable([1, 2], requiresGrad: true)
        let y = x * 2
        y.addGradientHook { g in
          _ = token
          return g
        }
        x.addGradientHook { g in
          _ = token
          return g
        }
        y.sum().backward()
      }
      #expect(ended == nil && Tape.count == 0)
    }
  }

  @Test func aSharedLeafsHooksRunInEachThread() async {
    let x = Variable(Tensor.ones([4]), requiresGrad: true)
    x.addGradientHook { $0 * 2 }
    await onThreads(4) { _ in for _ in 0..<100 { (x * 3).sum().backward() } }
    #expect(x.grad?.value == Tensor.full([4], 4 * 100 * 6))
  }
}

let hookMistakes: [Mistake] = [
  Mistake("addGradientHook: this variable of shape [2] requires no gradient, so none will reach it") {
    variable([2]).detach().addGradientHook { $0 }
  },
  Mistake("gradient hook: the gradient it gives must be float32 [2] like its variable, got float32 [3]") {
    let x = variable([2])
    x.addGradientHook { _ in variable([3]) }
    x.sum().backward()
  },
  Mistake("gradient hook: the gradient it gives must be float32 [2] like its variable, got float64 [2]") {
    let y = variable([2]) * 2
    y.addGradientHook { $0.cast(to: .float64) }
    y.sum().backward()
  },
]
