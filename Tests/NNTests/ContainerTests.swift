import NN
import Testing

@Suite struct ContainerTests {
  private func names(_ net: some Model) -> [String] { net.parameters.map(\.name) }

  @Test func blocksCollectTheirLines() {
    func build(_ isDeep: Bool, dropping probability: Double?) -> Sequential {
      Sequential {
        Flatten()
        if isDeep {
          for _ in 1...2 {
            Linear(4, 4)
            ReLU()
          }
        } else {
          Tanh()
        }
        if let probability { Dropout(probability) }
        [Linear(4, 3), Softmax()]
      }
    }
    #expect(
      build(true, dropping: 0.5).map(\.summary) == [
        "Flatten", "Linear 4 -> 4", "ReLU", "Linear 4 -> 4", "ReLU", "Dropout 0.5", "Linear 4 -> 3", "Softmax",
      ])
    #expect(build(false, dropping: nil).map(\.summary) == ["Flatten", "Tanh", "Linear 4 -> 3", "Softmax"])
  }

  /// Notebook 4: the decoder is removed and a classifier added; the encoder continues to train under new names.
  @Test func decodersAreChoppedOff() {
    let net = Sequential(Linear(8, 4), ReLU(), Linear(4, 2), Linear(2, 4), ReLU(), Linear(4, 8))
    let encoder = net[..<3]
    #expect(encoder.count == 3 && encoder[2] === net[2])
    let x = Tensor.randomNormal([5, 8], generator: RandomGenerator(seed: 1))
    let codes = encoder(x).value
    net.removeSubrange(3...)
    #expect(net(x).value == codes)
    net.append(contentsOf: [ReLU(), Linear(2, 3)])
    #expect(net(x).shape == [5, 3])
    #expect(names(net) == ["0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias"])
    #expect(encoder.count == 3)
    #expect(names(net[2...]) == ["0.weight", "0.bias", "2.weight", "2.bias"])
    #expect(net[1...2].count == 2 && net[0..<0].count == 0)
  }

  @Test func layersAreInsertedRemovedAndReplaced() {
    let net = Sequential(Linear(2, 3), Linear(3, 1))
    net.insert(Tanh(), at: 1)
    net.insert(Sigmoid(), at: 3)
    #expect(net.map(\.summary) == ["Linear 2 -> 3", "Tanh", "Linear 3 -> 1", "Sigmoid"])
    #expect(net.remove(at: 1) is Tanh)
    net[1] = Linear(3, 5)
    #expect(net.map(\.summary) == ["Linear 2 -> 3", "Linear 3 -> 5", "Sigmoid"])
  }

  @Test func listsNameTheirModules() {
    final class Net: Module {
      let blocks = ModuleList(Linear(2, 2), Linear(2, 2, bias: false))
      let heads = ModuleList { for size in 1...2 { Linear(2, size, bias: false) } }
      override func forward(_ x: Variable) -> Variable { blocks.reduce(x) { $1($0) } }
    }
    let net = Net()
    #expect(names(net) == ["blocks.0.weight", "blocks.0.bias", "blocks.1.weight", "heads.0.weight", "heads.1.weight"])
    let x = Tensor([[1, 2]])
    #expect(net(x).value == net.blocks[1](net.blocks[0](x)).value)
  }

  @Test func residualsAddTheirBody() {
    let x = Tensor([[1, -2]])
    let body = Linear(2, 2)
    #expect(Residual(body)(x).value == x + body(x).value)
    let net = Residual(shortcut: Linear(2, 3)) { Linear(2, 3) }
    #expect(names(net) == ["body.0.weight", "body.0.bias", "shortcut.weight", "shortcut.bias"])
    #expect(net(x).shape == [1, 3])
  }

  @Test func structsHoldModules() {
    struct Tower: Model {
      let hidden = Linear(2, 3), drop = Dropout(0.5)
      var outputLayer: Module? = Linear(3, 1)
      func callAsFunction(_ x: Variable) -> Variable { outputLayer?(drop(hidden(x))) ?? x }
    }
    final class Pair: Module {
      let left = Tower(), right = Tower()
    }
    let tower = Tower()
    let known = ["hidden.weight", "hidden.bias", "output_layer.weight", "output_layer.bias"]
    #expect(names(tower) == known && tower.parameterCount == 13)
    #expect(!tower.eval().drop.isTraining && tower.children.map(\.name) == ["hidden", "drop", "output_layer"])
    #expect(names(Pair()) == known.map { "left." + $0 } + known.map { "right." + $0 })
    #expect("\(tower)".hasPrefix("Tower\n  (hidden): Linear 2 -> 3\n"))
    tower(Variable([[1, 2]])).sum().backward()
    #expect(tower.hidden.weight.grad != nil)
    tower.zeroGrad()
    #expect(tower.hidden.weight.grad == nil)
  }

  @Test func propertiesAreSpelledAsInPyTorch() {
    final class Net: Module {
      let selfAttn = Linear(1, 1, bias: false), conv2D = Linear(1, 1, bias: false), fc1 = Linear(1, 1, bias: false)
      let norm = BatchNorm1D(1)
    }
    let net = Net()
    #expect(names(net) == ["self_attn.weight", "conv2d.weight", "fc1.weight", "norm.weight", "norm.bias"])
    #expect(net.buffers.map(\.name) == ["norm.running_mean", "norm.running_var", "norm.num_batches_tracked"])
  }
}
