import NN
import Testing

private func leaf(_ value: Double = 0) -> Variable { Variable(Tensor.full([1], value), requiresGrad: true) }

@Suite struct RegistryTests {
  private final class Block: Module {
    let scale = leaf()
    let linear = Linear(2, 3)
    let shift = leaf()
  }

  private class Base: Module {
    let first = leaf()
    var second: Variable? = leaf()
  }

  private final class Derived: Base {
    let third = leaf()
    let block = Block()
  }

  private enum Choice { case one(Variable), none }

  private final class Everything: Module {
    let layers: [Module] = [Linear(2, 2), ReLU(), Linear(2, 1, bias: false)]
    let heads: [String: Module] = ["b": Block(), "a": Linear(1, 1)]
    let numbered: [Int: Variable] = [2: leaf(), 1: leaf()]
    let present: Linear? = Linear(1, 1)
    let absent: Linear? = nil
    let pair = (left: leaf(), right: leaf())
    let choice = Choice.one(leaf())
    let weights: [Variable] = [leaf(), leaf()]
    lazy var late = Linear(1, 1, bias: false)
    let notes = "no parameter here"
    let table = [0.5, 1.5]
    let mixed = (1, leaf())
    let rate = 0.5
  }

  @Test func orderIsThatOfTheDeclaration() {
    #expect(Block().parameters.map(\.name) == ["scale", "linear.weight", "linear.bias", "shift"])
  }

  @Test func superclassesComeFirst() {
    #expect(
      Derived().parameters.map(\.name) == [
        "first", "second", "third", "block.scale", "block.linear.weight", "block.linear.bias", "block.shift",
      ])
    let net = Derived()
    net.second = nil
    #expect(net.parameters.map(\.name).prefix(2) == ["first", "third"])
  }

  @Test func containersNameTheirParts() {
    let net = Everything()
    let known = [
      "layers.0.weight", "layers.0.bias", "layers.2.weight", "heads.a.weight", "heads.a.bias", "heads.b.scale",
      "heads.b.linear.weight", "heads.b.linear.bias", "heads.b.shift", "numbered.1", "numbered.2", "present.weight",
      "present.bias", "pair.0", "pair.1", "choice", "weights.0", "weights.1",
      "mixed.1",
    ]
    #expect(net.parameters.map(\.name) == known)
    _ = net.late
    #expect(net.parameters.map(\.name) == known.dropLast() + ["late.weight", "mixed.1"])
  }

  @Test func sequentialNamesByPosition() {
    let net = Sequential(Linear(4, 3), ReLU(), Sequential(Linear(3, 2), Dropout()), Linear(2, 1, bias: false))
    #expect(net.parameters.map(\.name) == ["0.weight", "0.bias", "2.0.weight", "2.0.bias", "3.weight"])
    #expect(net.parameters.map(\.element.shape) == [[3, 4], [3], [2, 3], [2], [1, 2]])
    #expect(net.modules.map(\.name) == ["", "0", "1", "2", "2.0", "2.1", "3"])
    #expect(net.children.map(\.name) == ["0", "1", "2", "3"])
  }

  @Test func sharedPartsCountOnce() {
    final class Tied: Module {
      let encoder = Linear(3, 3)
      let alias: Linear
      let weight: Variable
      override init() {
        alias = encoder
        weight = encoder.weight
      }
    }
    #expect(Tied().parameters.map(\.name) == ["encoder.weight", "encoder.bias"])
    let layer = Linear(2, 2)
    #expect(Sequential(layer, ReLU(), layer).parameters.map(\.name) == ["0.weight", "0.bias"])
  }

  @Test func aModuleThatHoldsItselfIsFoundOnce() {
    final class Loop: Module {
      var next: Module?
      let weight = leaf()
    }
    let loop = Loop()
    loop.next = Sequential(loop)
    #expect(loop.parameters.map(\.name) == ["weight"])
    loop.next = nil
  }

  @Test func frozenParametersStayParameters() {
    final class Normalized: Module {
      let mean = Variable(Tensor.zeros([3]))
      let weight = leaf()
    }
    let net = Normalized()
    #expect(net.parameters.map(\.name) == ["weight"] && net.buffers.map(\.name) == ["mean"])
    net.weight.grad = leaf()
    net.freeze()
    #expect(net.parameters.map(\.name) == ["weight"] && net.buffers.map(\.name) == ["mean"])
    #expect(!net.weight.requiresGrad && net.weight.grad == nil)
    #expect(net.unfreeze().weight.requiresGrad && !net.mean.requiresGrad)
  }

  @Test func resultsOfOpsAreNotParameters() {
    final class Remembering: Module {
      let weight = leaf(2)
      var last: Variable?
      override func forward(_ x: Variable) -> Variable {
        last = x * weight
        return last!
      }
    }
    let net = Remembering()
    _ = net(Tensor([1]))
    #expect(net.parameters.map(\.name) == ["weight"] && net.buffers.isEmpty)
  }

  @Test func partsPrintWithTheirNames() {
    let layer = Linear(weight: Tensor([[1, 2]]), bias: Tensor([3]))
    #expect("\(layer.parameters[1])" == "bias: [3.] float32 [1], requires grad")
    #expect("\(Sequential(layer).children)" == "[0: Linear 2 -> 1]")
  }

  @Test func propertyWrappersAreNamedAsTheirProperty() {
    @propertyWrapper struct Watched<Value> { var wrappedValue: Value }
    final class Net: Module { @Watched var gain = leaf() }
    #expect(Net().parameters.map(\.name) == ["gain"])
  }

  @Test func gradientsAreCleared() {
    let net = Sequential(Linear(2, 2), Linear(2, 1))
    net(Tensor([[1, 2]])).sum().backward()
    #expect(net.parameters.allSatisfy { $0.element.grad != nil })
    net.zeroGrad()
    #expect(net.parameters.allSatisfy { $0.element.grad == nil })
  }

  @Test func listingShowsTheTree() {
    final class Net: Module {
      let body = Sequential(Linear(64, 100), ReLU(), Dropout(0.25))
      let head = Linear(100, 10)
    }
    #expect(
      Net().description == """
        Net
          (body): Sequential
            (0): Linear 64 -> 100
            (1): ReLU
            (2): Dropout 0.25
          (head): Linear 100 -> 10
        """)
    #expect("\(Linear(2, 4))" == "Linear 2 -> 4")
    #expect(
      [Softmax(), LogSoftmax(), Tanh(), Sigmoid(), ELU(), LeakyReLU(), GELU(), Flatten()].map(\.summary) == [
        "Softmax", "LogSoftmax", "Tanh", "Sigmoid", "ELU 1.0", "LeakyReLU 0.01", "GELU", "Flatten",
      ])
  }
}
