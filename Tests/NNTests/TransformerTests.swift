import Foundation
import NN
import Testing

/// Transformers against PyTorch's numbers.
@Suite struct TransformerTests {
  // torch, float64: m = nn.TransformerDecoderLayer(4, 2, 6, 0.0, activation, batch_first=True, norm_first=norm_first),
  // filled with waves; t, memory = cos, sin of arange as (2, 3, 4), (2, 5, 4)
  // y = m(t, memory, tgt_mask=nn.Transformer.generate_square_subsequent_mask(3),
  //   memory_mask=torch.arange(15).reshape(3, 5) % 4 == 1,
  //   tgt_key_padding_mask=torch.tensor([[0, 0, 0], [0, -1, -.5]]),
  //   memory_key_padding_mask=torch.tensor([[0, 0, 0, 0, 0], [0, 0, 1, 0, 1]]).bool()); loss = Σ y·sin(arange)
  @Test(arguments: [false, true]) func decoderLayersArePyTorchs(normFirst: Bool) {
    let layer = TransformerDecoderLayer(
      4, heads: 2, feedForward: 6, dropout: 0, activation: normFirst ? .gelu : .relu, batchFirst: true,
      normFirst: normFirst, dtype: .float64)
    fillWithWaves(layer)
    let (target, memory) = (
      Variable(wave(cos, [2, 3, 4]), requiresGrad: true), Variable(wave(sin, [2, 5, 4]), requiresGrad: true)
    )
    let bars = Tensor((0..<15).map { $0 % 4 == 1 }, shape: [3, 5])
    let memoryPadding = Tensor([[false, false, false, false, false], [false, false, true, false, true]])
    let y = layer(
      target, memory: memory, memoryMask: bars, keyPaddingMask: float64([[0, 0, 0], [0, -1, -0.5]]),
      memoryKeyPaddingMask: memoryPadding, isCausal: true)
    waveLoss(y, sin).backward()
    expectClose(
      y.value[1, 2],
      normFirst
        ? float64([-0.3751453829745478, 0.41751165709681975, 0.896125043044024, -1.6185136265095292])
        : float64([-0.5815644330553625, 0.15713765836000318, 0.18854426200354818, 0.9766447604575673]), tolerance: 1e-11
    )
    let found = [squares(y.value), squares(target.grad?.value), squares(memory.grad?.value), squaresOfGradients(layer)]
    let expected =
      normFirst
      ? [47.59776730337287, 11.210815086575854, 0.018061177672605545, 10.381074052373338]
      : [7.776976335065676, 0.07550607071625837, 0.02451612539551762, 8.105538322062941]
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-10) }
    #expect(
      layer.parameters.map(\.name) == [
        "self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight", "self_attn.out_proj.bias",
        "multihead_attn.in_proj_weight", "multihead_attn.in_proj_bias", "multihead_attn.out_proj.weight",
        "multihead_attn.out_proj.bias", "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias",
        "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias", "norm3.weight", "norm3.bias",
      ])
  }

  // torch, float64: t = nn.Transformer(4, 2, 2, 2, 6, 0.0, activation, batch_first=True, norm_first=norm_first),
  // filled with waves; s, g = cos, sin of arange as (2, 5, 4), (2, 3, 4);
  // pad = torch.tensor([[0, 0, 0, 0, 0], [0, 0, 0, 1, 1]]).bool()
  // y = t(s, g, src_mask=torch.arange(25).reshape(5, 5) % 4 == 1,
  //   tgt_mask=nn.Transformer.generate_square_subsequent_mask(3),
  //   src_key_padding_mask=pad, memory_key_padding_mask=pad); loss = Σ y·sin(arange)
  @Test(arguments: [false, true]) func pairsOfSequencesArePyTorchs(normFirst: Bool) {
    let net = Transformer(
      4, heads: 2, encoderLayers: 2, decoderLayers: 2, feedForward: 6, dropout: 0,
      activation: normFirst ? .gelu : .relu, batchFirst: true, normFirst: normFirst, dtype: .float64)
    fillWithWaves(net)
    let (source, target) = (
      Variable(wave(cos, [2, 5, 4]), requiresGrad: true), Variable(wave(sin, [2, 3, 4]), requiresGrad: true)
    )
    let padding = Tensor([[false, false, false, false, false], [false, false, false, true, true]])
    let y = net(
      source, target: target, sourceMask: Tensor((0..<25).map { $0 % 4 == 1 }, shape: [5, 5]),
      sourceKeyPaddingMask: padding, memoryKeyPaddingMask: padding, isCausal: true)
    waveLoss(y, sin).backward()
    expectClose(
      y.value[1, 2],
      normFirst
        ? float64([-0.15715455422524352, 0.37555179203953687, 0.09133446040059368, 0.9437329074629788])
        : float64([-0.38451330558685415, 0.27303972723299264, 0.2509242659587741, -0.40926178059386975]),
      tolerance: 1e-11)
    let found = [squares(y.value), squares(source.grad?.value), squares(target.grad?.value), squaresOfGradients(net)]
    let expected =
      normFirst
      ? [5.320517254510913, 1.2786577549391425e-05, 0.09957964177860877, 7.895321156633154]
      : [2.7406279036065464, 1.118966216984835e-05, 0.0045137094695248126, 7.397225475916088]
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-10) }
    #expect(net.parameters.count == 64 && net.parameters[0].name == "encoder.layers.0.self_attn.in_proj_weight")
    #expect(net.parameters.last?.name == "decoder.norm.bias")
    let started = Transformer(8, heads: 2, encoderLayers: 1, decoderLayers: 1, feedForward: 16)
    let largest = started.encoder.layers[0].parameters[0].value.abs().max().item()
    #expect(largest > 0.4 && largest <= (6.0 / 32).squareRoot())  // [24, 8]
  }

  // torch, float64: e = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 6, 0.0, "gelu", norm_first=True), 2,
  //   nn.LayerNorm(4)), filled with waves; x = cos(arange) as (3, 2, 4)
  // y = e(x, mask=nn.Transformer.generate_square_subsequent_mask(3),
  //   src_key_padding_mask=torch.tensor([[0, 0, -inf], [0, 0, 0]])); loss = Σ y·sin(arange)
  @Test func encodersArePyTorchs() {
    let encoder = TransformerEncoder(layers: 2, norm: LayerNorm(4, dtype: .float64)) {
      TransformerEncoderLayer(
        4, heads: 2, feedForward: 6, dropout: 0, activation: .gelu, normFirst: true, dtype: .float64)
    }
    fillWithWaves(encoder)
    let x = Variable(wave(cos, [3, 2, 4]), requiresGrad: true)
    let padding = Tensor([0, 0, -Double.infinity, 0, 0, 0], shape: [2, 3])
    let y = encoder(x, keyPaddingMask: padding, isCausal: true)
    waveLoss(y, sin).backward()
    expectClose(
      y.value[2, 1], float64([-0.356457979474469, -0.5755220226098078, 0.2713249251639736, 0.3590847405337514]),
      tolerance: 1e-11)
    let found = [squares(y.value), squares(x.grad?.value), squaresOfGradients(encoder)]
    for (found, expected) in zip(found, [5.0023865461428825, 0.7065150402390414, 7.442168623629342]) {
      #expect(abs(found - expected) < 1e-10)
    }
    #expect(encoder.parameters.map(\.name).first == "layers.0.self_attn.in_proj_weight")
    #expect(encoder.parameters.map(\.name).last == "norm.bias")
    expectClose(
      encoder(x).value,
      encoder.layers.reduce(x) { $1($0) }.layerNorm([4], weight: encoder.norm?.weight, bias: encoder.norm?.bias).value)
  }

  @Test func decodersAreTheirLayers() {
    let decoder = TransformerDecoder(layers: 2, norm: LayerNorm(4, dtype: .float64)) {
      TransformerDecoderLayer(4, heads: 2, feedForward: 6, dropout: 0, dtype: .float64)
    }
    let (target, memory) = (Variable(wave(cos, [3, 2, 4])), Variable(wave(sin, [5, 2, 4])))
    let inner = decoder.layers.reduce(target) { $1($0, memory: memory, isCausal: true) }
    expectClose(
      decoder(target, memory: memory, isCausal: true).value, decoder.norm.map { $0(inner).value } ?? .zeros([0]))
    #expect(decoder.layers[0].parameters[0].element.value != decoder.layers[1].parameters[0].element.value)
  }

  @Test func dropoutActsInTraining() {
    let layer = TransformerEncoderLayer(4, heads: 2, feedForward: 6, dropout: 0.5)
    let x = Variable(Tensor.randomNormal([3, 2, 4], generator: RandomGenerator(seed: 4)))
    #expect(layer(x).value != layer(x).value)
    layer.eval()
    #expect(layer(x).value == layer(x).value)
  }

  @Test func positionsAreWaves() {
    let waves = SinusoidalPositions.waves(50, 6, dtype: .float64)
    for position in [0, 1, 7, 49] {
      for pair in 0..<3 {
        let angle = Double(position) / pow(10_000, Double(2 * pair) / 6)
        #expect(abs(waves[position, 2 * pair].item() - sin(angle)) < 1e-14)
        #expect(abs(waves[position, 2 * pair + 1].item() - cos(angle)) < 1e-14)
      }
    }
    let x = Variable(Tensor.zeros([5, 2, 6], dtype: .float64))
    let y = SinusoidalPositions(6)(x)
    expectClose(y.value[.all, 1], waves[..<5])
    expectClose(SinusoidalPositions(6, batchFirst: true)(x.transpose(0, 1)).value, y.value.transpose(0, 1))
    expectClose(SinusoidalPositions(6)(x[.all, 0]).value, waves[..<5])
  }

  @Test func listingsShowTheParts() {
    let encoder = TransformerEncoder(layers: 1) {
      TransformerEncoderLayer(8, heads: 2, feedForward: 16, normFirst: true)
    }
    #expect(
      encoder.description == """
        TransformerEncoder, 1 layers
          (layers.0): TransformerEncoderLayer 8, 2 heads, 16 between, norm first
            (self_attn): MultiHeadAttention 8, 2 heads
              (out_proj): Linear 8 -> 8
            (linear1): Linear 8 -> 16
            (dropout): Dropout 0.1
            (linear2): Linear 16 -> 8
            (norm1): LayerNorm [8]
            (norm2): LayerNorm [8]
            (drop): Dropout 0.1
        """)
  }
}
