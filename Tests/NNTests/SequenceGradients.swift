import NN

// Sequence layers for the table of gradient checks, and their misuse.

let sequenceLayers: [LayerGradientTests.Layer] = [
  .init("RNN", [3, 2, 3]) { RNN(3, 2, layers: 2, bidirectional: true, dtype: .float64, generator: $0) },
  .init("RNN with relu", [2, 3, 3]) { RNN(3, 4, activation: .relu, batchFirst: true, dtype: .float64, generator: $0) },
  .init("LSTM", [3, 2, 3]) { LSTM(3, 2, layers: 2, bidirectional: true, dtype: .float64, generator: $0) },
  .init("LSTM without bias", [2, 3, 3]) { LSTM(3, 4, bias: false, batchFirst: true, dtype: .float64, generator: $0) },
  .init("GRU", [3, 2, 3]) { GRU(3, 2, layers: 2, bidirectional: true, dtype: .float64, generator: $0) },
  .init("GRU without bias", [2, 3, 3]) { GRU(3, 4, bias: false, batchFirst: true, dtype: .float64, generator: $0) },
  .init("RNNCell", [2, 3]) { RNNCell(3, 4, dtype: .float64, generator: $0) },
  .init("LSTMCell", [2, 3]) { LSTMCell(3, 4, dtype: .float64, generator: $0) },
  .init("GRUCell", [2, 3]) { GRUCell(3, 4, dtype: .float64, generator: $0) },
  .init("MultiHeadAttention", [3, 2, 4]) { MultiHeadAttention(4, heads: 2, dtype: .float64, generator: $0) },
  .init("TransformerEncoderLayer", [2, 3, 4]) {
    TransformerEncoderLayer(
      4, heads: 2, feedForward: 5, dropout: 0, activation: .gelu, batchFirst: true, dtype: .float64, generator: $0)
  },
  .init("TransformerEncoder", [3, 2, 4]) { generator in
    TransformerEncoder(layers: 2, norm: LayerNorm(4, dtype: .float64)) {
      TransformerEncoderLayer(
        4, heads: 2, feedForward: 5, dropout: 0, activation: .gelu, normFirst: true, dtype: .float64,
        generator: generator)
    }
  },
  .init("TransformerDecoderLayer", [3, 2, 4]) {
    let layer = TransformerDecoderLayer(
      4, heads: 2, feedForward: 5, dropout: 0, activation: .gelu, dtype: .float64, generator: $0)
    return OfItself(layer) { layer($0, memory: $0) }
  },
  .init("TransformerDecoder", [3, 2, 4]) { generator in
    let stack = TransformerDecoder(layers: 2) {
      TransformerDecoderLayer(
        4, heads: 2, feedForward: 5, dropout: 0, activation: .gelu, dtype: .float64, generator: generator)
    }
    return OfItself(stack) { stack($0, memory: $0) }
  },
  .init("Transformer", [3, 2, 4]) {
    let net = Transformer(
      4, heads: 2, encoderLayers: 1, decoderLayers: 1, feedForward: 5, dropout: 0, activation: .gelu, dtype: .float64,
      generator: $0)
    return OfItself(net) { net($0, target: $0) }
  },
  .init("SinusoidalPositions", [3, 2, 4]) { _ in SinusoidalPositions(4) },
]

/// A decoder that uses its target as memory.
private final class OfItself: Module {
  let decoder: Module
  private let call: (Variable) -> Variable
  init(_ decoder: Module, _ call: @escaping (Variable) -> Variable) { (self.decoder, self.call) = (decoder, call) }
  override func forward(_ x: Variable) -> Variable { call(x) }
}

let sequenceMistakes = [
  Mistake("RNN: sizes and the number of layers must be at least 1, got 3, 4 and 0") { _ = RNN(3, 4, layers: 0) },
  Mistake("LSTM: the number of layers must be at most 65536, got \(Int.max)") { _ = LSTM(3, 4, layers: .max) },
  Mistake("RNN 3 -> 4: wants [T, N, 3] or [T, 3], got [5, 2, 4]") { _ = RNN(3, 4)(Tensor.zeros([5, 2, 4])) },
  Mistake("RNN 3 -> 4: the mask must be bool [2, 5], one mark a step, got bool [5, 2]") {
    _ = RNN(3, 4)(Variable(.zeros([5, 2, 3])), mask: Tensor.zeros([5, 2], dtype: .bool))
  },
  Mistake("LSTM 3 -> 4: wants [N, T, 3] or [T, 3], got [3]") { _ = LSTM(3, 4, batchFirst: true)(Tensor.zeros([3])) },
  Mistake("LSTM 3 -> 4: wants at least one step, got [2, 0, 3]") {
    _ = LSTM(3, 4, batchFirst: true)(Tensor.zeros([2, 0, 3]))
  },
  Mistake("LSTM 3 -> 4: an initial state must be [1, 2, 4], got [2, 4]") {
    let zeros = Variable(.zeros([2, 4]))
    _ = LSTM(3, 4)(Variable(.zeros([5, 2, 3])), state: LSTM.State(hidden: zeros, cell: zeros))
  },
  Mistake("GRU: a probability of dropout lies between 0 and 1, got 1.5") { _ = GRU(3, 4, dropout: 1.5) },
  Mistake("0 (GRU 3 -> 4): wants [T, N, 3] or [T, 3], got [5, 2, 1]") {
    _ = Sequential(GRU(3, 4))(Tensor.zeros([5, 2, 1]))
  },
  Mistake("GRU 3 -> 4, bidirectional: an initial state must be [2, 4], got [1, 4]") {
    _ = GRU(3, 4, bidirectional: true)(Variable(.zeros([5, 3])), state: Variable(.zeros([1, 4])))
  },
  Mistake("LSTMCell: sizes must be at least 1, got 0 and 4") { _ = LSTMCell(0, 4) },
  Mistake("GRUCell 3 -> 4: wants [N, 3] or [3], got [2, 2, 3]") { _ = GRUCell(3, 4)(Tensor.zeros([2, 2, 3])) },
  Mistake("RNNCell 3 -> 4: a state must be [2, 4], got [4]") {
    _ = RNNCell(3, 4)(Variable(.zeros([2, 3])), state: Variable(.zeros([4])))
  },
  Mistake("padSequence: wants at least one sequence") { _ = padSequence([Variable]()) },
  Mistake(
    "padSequence: sequence 1 has shape [2, 4], which does not go with [3, 5]: only the first axis, the steps, "
      + "may differ"
  ) { _ = padSequence([Tensor.zeros([3, 5]), Tensor.zeros([2, 4])]) },
  Mistake("padSequence: types differ, got float32 [3] and int64 [2]") {
    _ = padSequence([Tensor.zeros([3]), Tensor.zeros([2], dtype: .int64)])
  },
  Mistake("unpadSequence: wants a length from 0 to 4 for each of 2 sequences, got [4, 5]") {
    _ = unpadSequence(Variable(.zeros([4, 2, 3])), lengths: [4, 5])
  },
  Mistake("sequenceMask: lengths lie between 0 and 2, got [3]") { _ = sequenceMask(lengths: [3], steps: 2) },
  Mistake("MultiHeadAttention: 3 heads must divide the size 8, and all be at least 1 (keys 8, values 8)") {
    _ = MultiHeadAttention(8, heads: 3)
  },
  Mistake(
    "MultiHeadAttention 8, 2 heads: wants a query [L, N, 8] and a key and a value of as many sequences with 8 and 8 "
      + "features, got [3, 2, 8], [5, 1, 8] and [5, 1, 8]"
  ) {
    let key = Variable(.zeros([5, 1, 8]))
    _ = MultiHeadAttention(8, heads: 2)(Variable(.zeros([3, 2, 8])), key: key, value: key)
  },
  Mistake(
    "self_attn (MultiHeadAttention 8, 2 heads): the mask must be bool or float32 of shape [3, 3] or [4, 3, 3], "
      + "got bool [2, 3]"
  ) {
    let layer = TransformerEncoderLayer(8, heads: 2)
    _ = layer(Variable(.zeros([3, 2, 8])), mask: Tensor.zeros([2, 3], dtype: .bool))
  },
  Mistake("the key padding mask must be bool or float32 of shape [2, 3], got int64 [2, 3]") {
    let x = Variable(.zeros([3, 2, 8]))
    _ = MultiHeadAttention(8, heads: 2)(x, key: x, value: x, keyPaddingMask: Tensor.zeros([2, 3], dtype: .int64))
  },
  Mistake("layers.1 (TransformerEncoderLayer 8, 2 heads, 16 between): wants [L, N, 8], got [3, 2, 4]") {
    let encoder = TransformerEncoder(layers: 2) { TransformerEncoderLayer(8, heads: 2, feedForward: 16) }
    _ = encoder.layers[1](Tensor.zeros([3, 2, 4]))
  },
  Mistake("TransformerEncoder: the number of layers must be at most 65536, got \(Int.max)") {
    _ = TransformerEncoder(layers: .max) { TransformerEncoderLayer(4, heads: 2) }
  },
  Mistake("TransformerEncoder: the number of layers must be at least 1, got 0") {
    _ = TransformerEncoder(layers: 0) { TransformerEncoderLayer(8, heads: 2) }
  },
  Mistake("Transformer: each stack has at least 1 layer, got 0 and 6") { _ = Transformer(8, encoderLayers: 0) },
  Mistake("encoder.layers.0 (TransformerEncoderLayer 8, 2 heads, 16 between): wants [L, N, 8], got [3, 2, 4]") {
    let net = Transformer(8, heads: 2, encoderLayers: 1, decoderLayers: 1, feedForward: 16)
    _ = net(Variable(.zeros([3, 2, 4])), target: Variable(.zeros([3, 2, 8])))
  },
  Mistake("Transformer, 1 and 1 layers: has no forward for one input") {
    _ = Transformer(8, heads: 2, encoderLayers: 1, decoderLayers: 1, feedForward: 16)(Tensor.zeros([3, 2, 8]))
  },
  Mistake("SinusoidalPositions: the size must be even and at least 2, got 5") { _ = SinusoidalPositions(5) },
]
