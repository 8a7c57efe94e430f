import Autograd
import Testing

/// Chains of a million ops, differentiated and freed on a small stack.
@Suite struct TapeDepthTests {
  /// The stack of secondary threads on macOS.
  static let smallStack = 512 << 10
  /// The main thread's default stack.
  static let mainStack = 8 << 20

  #if DEBUG
    static let length = 200_000
  #else
    static let length = 1_000_000
  #endif

  /// One link of a chain. What an op captures decides which objects own which.
  enum Step: String, CaseIterable, Sendable {
    case number, operandTwice, keptOutput, keptInput, constantOperand, leafOperand, siblings, manyInputs, view

    func apply(_ x: Variable, _ leaf: Variable, _ siblings: inout [Variable]) -> Variable {
      switch self {
      case .number: return x * 1.000001
      case .operandTwice: return x * x
      case .keptOutput: return x.tanh()
      case .keptInput: return x.sin()
      case .constantOperand: return x * leaf.detach()
      case .leafOperand: return x * leaf
      case .siblings:
        siblings.append(x + 1)
        if siblings.count > 100 { siblings.removeFirst(50) }
        return x - 0.5
      case .manyInputs: return Variable.stack([x, leaf])[0]
      case .view: return x.unsqueeze(0).reshape([])
      }
    }

    func chain(from leaf: Variable, length: Int) -> Variable {
      var (x, siblings) = (leaf, [Variable]())
      for _ in 0..<length { x = apply(x, leaf, &siblings) }
      return x
    }
  }

  @Test(arguments: Step.allCases, [smallStack, mainStack])
  func chainsAreWalkedAndLetGo(_ step: Step, _ stackSize: Int) async {
    // Overflows show on the small stack first, so a shorter chain suffices on the larger one.
    let length = stackSize == Self.smallStack ? Self.length : Self.length / 10
    let gradient = await onThread(stackSize: stackSize) {
      let x = Variable(Tensor.ones([]), requiresGrad: true)
      step.chain(from: x, length: length).backward()
      return x.grad!.item()
    }
    #expect(step == .operandTwice ? gradient == .infinity : gradient.isFinite)  // 2ⁿ for x · x at 1
  }

  @Test(arguments: Step.allCases, [smallStack, mainStack])
  func chainsAreDroppedUnwalked(_ step: Step, _ stackSize: Int) async {
    let length = stackSize == Self.smallStack ? Self.length : Self.length / 10
    let value = await onThread(stackSize: stackSize) {
      let x = Variable(Tensor.ones([]), requiresGrad: true)
      return step.chain(from: x, length: length).item()
    }
    #expect(value.isFinite)
  }

  @Test @MainActor func chainsOnTheMainThread() {
    for step in [Step.operandTwice, .keptOutput] {
      let x = leaf(0.5)
      step.chain(from: x, length: Self.length).backward()
      #expect(x.grad!.item().isFinite)
      #expect(step.chain(from: x, length: Self.length).item() < 0.5)
    }
  }

  /// A backward pass that is recorded makes a graph of the gradient, which is just as deep.
  @Test func derivativesOfAChainAreLetGo() async {
    let gradient = await onThread(stackSize: Self.smallStack) {
      let x = Variable(Tensor.ones([]), requiresGrad: true)
      Step.keptInput.chain(from: x, length: Self.length / 10).backward(createGraph: true)
      return x.grad!.item()
    }
    #expect(gradient.isFinite)
  }

  /// A chain built on one thread may be freed on another.
  @Test func aChainMayEndOnAnotherThread() async {
    for stackSize in [Self.smallStack, Self.mainStack] {
      let chain = await onThread(stackSize: stackSize) {
        Step.keptOutput.chain(from: Variable(Tensor.ones([]), requiresGrad: true), length: Self.length / 10)
      }
      let value = await onThread(stackSize: Self.smallStack) { chain.item() }
      #expect(value < 1)
    }
  }

  /// One value used by very many ops.
  @Test func aWideGraphIsWalked() {
    let x = leaf(1)
    let y = x * 1
    Variable.stack((0..<10_000).map { y * Double($0) }).sum().backward()
    #expect(x.grad!.item() == 49_995_000)
  }
}
