import Foundation
import NN
import Testing

/// Multi-head attention, against PyTorch's numbers and in self-consistency checks.
@Suite struct AttentionTests {
  // torch, float64: m = nn.MultiheadAttention(4, 2, kdim=3, vdim=5, batch_first=True), filled with waves;
  // q, k, v = cos, sin, cos of arange as (2, 3, 4), (2, 4, 3), (2, 4, 5); y, w = m(q, k, v, key_padding_mask=pad)
  // loss = Σ y·sin(arange) + Σ w·cos(arange); squares are sums of squares.
  @Test func keysAndValuesOfOtherSizesArePyTorchs() {
    let layer = MultiHeadAttention(4, heads: 2, keySize: 3, valueSize: 5, batchFirst: true, dtype: .float64)
    #expect(
      layer.parameters.map(\.name) == [
        "q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias",
      ])
    fillWithWaves(layer)
    let (query, key, value) = (
      Variable(wave(cos, [2, 3, 4]), requiresGrad: true), Variable(wave(sin, [2, 4, 3]), requiresGrad: true),
      Variable(wave(cos, [2, 4, 5]), requiresGrad: true)
    )
    let padding = Tensor([[false, false, true, false], [false, true, true, false]])
    let (y, weights) = layer.withWeights(query, key: key, value: value, keyPaddingMask: padding)
    (waveLoss(y, sin) + waveLoss(weights, cos)).backward()
    expectClose(
      y.value[1, 2], float64([0.3077542128291365, 0.12254050098060065, 0.7254231756678005, -0.45721447943017035]))
    expectClose(weights.value[1, 2], float64([0.44225012115731044, 0, 0, 0.5577498788426896]))
    let found = [y.value, weights.value, query.grad?.value, key.grad?.value, value.grad?.value].map(squares)
    let expected = [
      7.4835093786221005, 2.814418879569664, 0.2542759922849038, 0.43538381510338053, 0.07293157614736247,
    ]
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-12) }
    #expect(abs(squaresOfGradients(layer) - 18.280984797601363) < 1e-11)
    expectClose(layer(query, key: key, value: value, keyPaddingMask: padding).value, y.value)
  }

  private let layer = MultiHeadAttention(
    6, heads: 3, batchFirst: true, dtype: .float64, generator: RandomGenerator(seed: 1))
  private let x = Variable(Tensor.randomNormal([2, 4, 6], dtype: .float64, generator: RandomGenerator(seed: 2)))
  private let memory = Variable(Tensor.randomNormal([2, 5, 6], dtype: .float64, generator: RandomGenerator(seed: 3)))

  @Test func masksOfAllKindsAgree() {
    let later = Tensor.arange(4, dtype: .int64) .> Tensor.arange(4, dtype: .int64).reshape([4, 1])
    let causal = layer(x, key: x, value: x, isCausal: true).value
    expectClose(layer(x, key: x, value: x, mask: later).value, causal)
    let infinities = Variable(.zeros([4, 4], dtype: .float64)).maskedFill(later, -.infinity).value
    expectClose(layer(x, key: x, value: x, mask: infinities).value, causal)
    let each = Tensor.stack(Array(repeating: later, count: 6))
    expectClose(layer(x, key: x, value: x, mask: each).value, causal)
    let padding = Tensor([[false, true, false, false], [false, false, false, true]])
    let added = Variable(.zeros([2, 4], dtype: .float64)).maskedFill(padding, -.infinity).value
    let both = layer(x, key: x, value: x, mask: later, keyPaddingMask: padding).value
    expectClose(layer(x, key: x, value: x, mask: infinities, keyPaddingMask: padding).value, both)
    expectClose(layer(x, key: x, value: x, mask: later, keyPaddingMask: added).value, both)
    expectClose(layer(x, key: x, value: x, keyPaddingMask: padding, isCausal: true).value, both)
    // Masked positions do not affect the output.
    var changed = x.value
    changed[0, 1] = changed[0, 1] + 5
    let other = Variable(changed)
    expectClose(
      layer(x, key: other, value: other, keyPaddingMask: padding).value[0],
      layer(x, key: x, value: x, keyPaddingMask: padding).value[0])
  }

  /// If query, key and value are the same variable, they are projected in one product; otherwise in two or three.
  @Test func productsMayBeJoined() {
    func copy(_ x: Variable) -> Variable { Variable(x.value) }
    expectClose(layer(x).value, layer(x, key: copy(x), value: copy(x)).value)
    let (key, value) = (memory, copy(memory))
    expectClose(layer(x, key: key, value: key).value, layer(x, key: key, value: value).value)
  }

  @Test func layoutsAgree() throws {
    let timeFirst = MultiHeadAttention(6, heads: 3, dtype: .float64)
    try timeFirst.load(layer.stateDict())
    let y = layer(x, key: memory, value: memory).value
    let (xt, mt) = (x.transpose(0, 1), memory.transpose(0, 1))
    expectClose(timeFirst(xt, key: mt, value: mt).value, y.transpose(0, 1))
    let (m1, x1) = (memory[1], x[1])
    expectClose(layer(x1, key: m1, value: m1).value, y[1])
    expectClose(timeFirst(x1, key: m1, value: m1).value, y[1])
    let bar = Tensor([false, true, false, false, true])
    let padded = layer(x, key: memory, value: memory, keyPaddingMask: Tensor.stack([bar, bar])).value
    expectClose(layer(x1, key: m1, value: m1, keyPaddingMask: bar).value, padded[1])
  }

  @Test func weightsAreThoseOfTheHeads() {
    let (y, weights) = layer.withWeights(x, key: memory, value: memory, averaged: false)
    #expect(weights.shape == [2, 3, 4, 5])
    expectClose(weights.sum(axes: [-1]).value, .ones([2, 3, 4], dtype: .float64))
    let (_, mean) = layer.withWeights(x, key: memory, value: memory)
    expectClose(mean.value, weights.value.mean(axes: [1]))
    expectClose(y.value, layer(x, key: memory, value: memory).value)
    #expect(layer.withWeights(x[0], key: memory[0], value: memory[0]).weights.shape == [4, 5])
  }

  @Test func aRowThatSeesNothingGivesTheBias() {
    let blind = Tensor([[true, true, true, true], [false, false, false, false]])
    let y = layer(x, key: x, value: x, keyPaddingMask: blind)
    let bias = layer.stateDict()["out_proj.bias"] ?? .zeros([0])
    expectClose(y.value[0], bias.expand([4, 6]))
    y.sum().backward()
    #expect(layer.parameters.allSatisfy { $0.element.grad?.value.sum().item().isFinite == true })
  }

  @Test func dropoutActsInTraining() {
    let layer = MultiHeadAttention(6, heads: 2, dropout: 0.5, batchFirst: true, dtype: .float64)
    #expect(layer(x).value != layer(x).value)
    layer.eval()
    #expect(layer(x).value == layer(x).value)
  }

  @Test func weightsAreDroppedAsElementsAre() {
    let (query, key) = (Variable(wave(cos, [8, 64, 4])), Variable(wave(sin, [8, 50, 4])))
    let value = Variable(wave(cos, [8, 50, 3]))
    func seeded() -> RandomGenerator { RandomGenerator(seed: 11) }
    let whole = Variable.attentionWeights(query: query, key: key)
    let weights = Variable.attentionWeights(query: query, key: key, dropout: 0.3, generator: seeded())
    #expect(weights.value == whole.dropout(0.3, generator: seeded()).value)
    let dropped = weights.value .== 0
    // 25,600 draws: the deviation of their mean is 0.0029.
    #expect(abs(dropped.cast(to: .float64).mean().item() - 0.3) < 0.012)
    expectClose(weights.value, .where(dropped, weights.value.zerosLike(), whole.value / 0.7))
    func attention(_ generator: RandomGenerator) -> Tensor {
      Variable.scaledDotProductAttention(query: query, key: key, value: value, dropout: 0.3, generator: generator).value
    }
    #expect(attention(seeded()) == weights.matmul(value).value && attention(seeded()) == attention(seeded()))
    #expect(attention(RandomGenerator(seed: 12)) != attention(seeded()))
    let all = Variable.scaledDotProductAttention(query: query, key: key, value: value, dropout: 1)
    #expect(all.value == .zeros([8, 64, 3], dtype: .float64))
  }

  @Test func weightsInTrainingAreThoseThatDropoutLeft() {
    let layer = MultiHeadAttention(6, heads: 2, dropout: 0.5, dtype: .float64, generator: RandomGenerator(seed: 5))
    let isZero = layer.withWeights(x, key: x, value: x, averaged: false).weights.value .== 0
    #expect(isZero.any().item() == 1 && isZero.all().item() == 0)
  }
}
