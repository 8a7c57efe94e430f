import Foundation
import NN
import Testing

@Suite struct AdaptiveSoftmaxTests {
  /// sin((seed + 7 · place)²)
  private func numbers(_ shape: Shape, _ seed: Int) -> Tensor {
    let values = (0..<shape.elementCount).map { place in
      let x = Double(seed + 7 * place)
      return sin(x * x)
    }
    return Tensor(values).reshape(shape)
  }

  private func layer() -> AdaptiveLogSoftmaxWithLoss {
    let layer = AdaptiveLogSoftmaxWithLoss(
      8, classes: 10, cutoffs: [3, 6], divisor: 2, headBias: true, dtype: .float64)
    for (place, p) in layer.parameters.enumerated() { p.value = numbers(p.shape, 2 + 3 * place) }
    return layer
  }

  private func expect(_ found: Tensor, _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(found.shape == [expected.count], sourceLocation: sourceLocation)
    #expect(
      found.allClose(to: Tensor(expected), relativeTolerance: 1e-12, absoluteTolerance: 1e-12),
      sourceLocation: sourceLocation)
  }

  /// By `torch.nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 6], div_value=2.0, head_bias=True)` with the same numbers.
  @Test func valuesAndGradientsArePyTorchs() {
    let layer = layer()
    #expect(
      layer.parameters.map(\.name) == [
        "head.weight", "head.bias", "tail.0.0.weight", "tail.0.1.weight", "tail.1.0.weight", "tail.1.1.weight",
      ])
    #expect(layer.parameters.map(\.shape) == [[5, 8], [5], [4, 8], [3, 4], [2, 8], [4, 2]])
    let x = Variable(numbers([5, 8], 1), requiresGrad: true)
    let (output, loss) = layer(x, Tensor([0, 9, 4, 2, 5], dtype: .int64))
    expect(
      output.value,
      [-4.154895653891027, -6.736510501557574, -6.576846237003044, -1.2418374284594942, -4.106071133801809])
    #expect(abs(loss.item() - 4.56323219094259) < 1e-12)
    loss.backward()
    expect(
      x.grad?.value[1] ?? .zeros([0]),
      [
        0.26056950829806613, 0.17931880346843437, -0.0014157217807571482, 0.37011496221141327, 0.14294147181318456,
        0.4458587269492986, -0.319362249079503, 0.4724685963798148,
      ])
    let all = layer.logProbabilities(x).value
    expect(
      all[1],
      [
        -4.022934858171241, -0.655102922189722, -4.516448285020392, -1.5964423519735798, -2.2100515578053512,
        -4.102381172273683, -3.0758925563559982, -2.5883191992590056, -7.68971349466842, -6.736510501557574,
      ])
    expect(all.exp().sum(axes: [1]), [1, 1, 1, 1, 1])
    #expect(layer.predict(x) == Tensor([2, 1, 2, 0, 2], dtype: .int64))
  }

  /// Without an axis of examples, and where no label is in a cluster.
  @Test func oneExampleIsALineOfTheBatch() {
    let layer = layer()
    let x = Variable(numbers([5, 8], 1))
    let (output, loss) = layer(x[1], Tensor(9 as Int))
    #expect(output.shape == [] && abs(output.item() + 6.736510501557574) < 1e-12 && loss.item() == -output.item())
    let (one, all) = (layer.logProbabilities(x[1]).value, layer.logProbabilities(x).value)
    #expect(one.allClose(to: all[1], relativeTolerance: 1e-13))
    #expect(layer.predict(x[3]) == layer.predict(x)[3])
    layer(x, Tensor([0, 1, 2, 0, 1], dtype: .int64)).loss.backward()
    #expect(layer.head.weight.grad != nil && layer.tail.parameters.allSatisfy { $0.grad == nil })
  }
}
