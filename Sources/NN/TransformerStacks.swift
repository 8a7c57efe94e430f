/// Encoder layers one after another, and an optional normalization at the end.
///
/// Inputs and outputs are those of the layers. Parameters as PyTorch's: `layers.0`, …, `norm`.
/// PyTorch's `nn.TransformerEncoder`.
///
/// ```swift
/// let encoder = TransformerEncoder(layers: 4, norm: LayerNorm([256])) {
///   TransformerEncoderLayer(256, heads: 8, feedForward: 1024, batchFirst: true, normFirst: true)
/// }
/// ```
public final class TransformerEncoder: Module {
  /// The layers in order.
  public let layers: [TransformerEncoderLayer]
  /// Normalizes the last layer's output.
  public let norm: LayerNorm?

  /// Creates a stack of `count` layers, at least 1, each made by `makeLayer`.
  public init(layers count: Int, norm: LayerNorm? = nil, _ makeLayer: () -> TransformerEncoderLayer) {
    require(count > 0, "TransformerEncoder: the number of layers must be at least 1, got \(count)")
    requirePossible(layers: count, of: "TransformerEncoder")
    layers = (0..<count).map { _ in makeLayer() }
    self.norm = norm
  }

  public override var summary: String { "TransformerEncoder, \(layers.count) layers" }

  public override func forward(_ x: Variable) -> Variable {
    let y = layers.reduce(x) { $1($0) }
    return norm.map { $0(y) } ?? y
  }

  /// The output with masked positions, as in each layer.
  @_disfavoredOverload
  public func callAsFunction(
    _ x: Variable, mask: Tensor? = nil, keyPaddingMask: Tensor? = nil, isCausal: Bool = false
  ) -> Variable {
    atWork {
      let y = layers.reduce(x) { $1($0, mask: mask, keyPaddingMask: keyPaddingMask, isCausal: isCausal) }
      return norm.map { $0(y) } ?? y
    }
  }
}

/// Decoder layers one after another, and an optional normalization at the end.
///
/// Inputs and outputs are those of the layers. Parameters as PyTorch's: `layers.0`, …, `norm`.
/// PyTorch's `nn.TransformerDecoder`.
public final class TransformerDecoder: Module {
  /// The layers in order.
  public let layers: [TransformerDecoderLayer]
  /// Normalizes the last layer's output.
  public let norm: LayerNorm?

  /// Creates a stack of `count` layers, at least 1, each made by `makeLayer`.
  public init(layers count: Int, norm: LayerNorm? = nil, _ makeLayer: () -> TransformerDecoderLayer) {
    require(count > 0, "TransformerDecoder: the number of layers must be at least 1, got \(count)")
    requirePossible(layers: count, of: "TransformerDecoder")
    layers = (0..<count).map { _ in makeLayer() }
    self.norm = norm
  }

  public override var summary: String { "TransformerDecoder, \(layers.count) layers" }

  /// The output for a target that attends to `memory`, with masked positions as in each layer.
  public func callAsFunction(
    _ target: Variable, memory: Variable, mask: Tensor? = nil, memoryMask: Tensor? = nil,
    keyPaddingMask: Tensor? = nil, memoryKeyPaddingMask: Tensor? = nil, isCausal: Bool = false
  ) -> Variable {
    atWork {
      let y = layers.reduce(target) { x, layer in
        layer(
          x, memory: memory, mask: mask, memoryMask: memoryMask, keyPaddingMask: keyPaddingMask,
          memoryKeyPaddingMask: memoryKeyPaddingMask, isCausal: isCausal)
      }
      return norm.map { $0(y) } ?? y
    }
  }
}

/// A Transformer for sequences in pairs, as in translation: an encoder of the source, and a
/// decoder whose target attends to it.
///
/// Source [S, N, size] and target [L, N, size], or N in front with `batchFirst`; output as the target. Both stacks end
/// in a layer normalization. Parameters as PyTorch's: `encoder.layers.0`, …, `encoder.norm`, `decoder.layers.0`, …,
/// `decoder.norm`; matrices start as `Initializer.xavierUniform()`. Vaswani et al. 2017; PyTorch's `nn.Transformer`.
///
/// ```swift
/// let net = Transformer(256, heads: 4, encoderLayers: 3, decoderLayers: 3, batchFirst: true)
/// let y = net(source, target: shifted, isCausal: true)
/// let memory = net.encoder(source)  // encoded once, while the decoder writes token after token
/// ```
public final class Transformer: Module {
  /// What reads the source.
  public let encoder: TransformerEncoder
  /// What reads the target, and the encoder's output.
  public let decoder: TransformerDecoder

  /// Creates both stacks, each of at least 1 layer; the other options are those of their layers.
  public init(
    _ size: Int = 512, heads: Int = 8, encoderLayers: Int = 6, decoderLayers: Int = 6, feedForward: Int = 2048,
    dropout: Double = 0.1, activation: TransformerActivation = .relu, epsilon: Double = 1e-5, batchFirst: Bool = false,
    normFirst: Bool = false, bias: Bool = true, dtype: DType = .float32, generator: RandomGenerator = .default
  ) {
    require(
      encoderLayers > 0 && decoderLayers > 0,
      "Transformer: each stack has at least 1 layer, got \(encoderLayers) and \(decoderLayers)")
    func makeNorm() -> LayerNorm { LayerNorm(size, epsilon: epsilon, bias: bias, dtype: dtype) }
    encoder = TransformerEncoder(layers: encoderLayers, norm: makeNorm()) {
      TransformerEncoderLayer(
        size, heads: heads, feedForward: feedForward, dropout: dropout, activation: activation, epsilon: epsilon,
        batchFirst: batchFirst, normFirst: normFirst, bias: bias, dtype: dtype, generator: generator)
    }
    decoder = TransformerDecoder(layers: decoderLayers, norm: makeNorm()) {
      TransformerDecoderLayer(
        size, heads: heads, feedForward: feedForward, dropout: dropout, activation: activation, epsilon: epsilon,
        batchFirst: batchFirst, normFirst: normFirst, bias: bias, dtype: dtype, generator: generator)
    }
    super.init()
    for matrix in parameters where matrix.shape.count > 1 {
      Initializer.xavierUniform().fill(matrix.element, generator: generator)
    }
  }

  public override var summary: String {
    "Transformer, \(encoder.layers.count) and \(decoder.layers.count) layers"
  }

  /// The output for a source and a target. `mask` and `keyPaddingMask` hide positions of the target from itself, and
  /// with `isCausal` all later ones; `source…` hide positions of the source from itself, `memory…` from the target.
  public func callAsFunction(
    _ source: Variable, target: Variable, sourceMask: Tensor? = nil, mask: Tensor? = nil, memoryMask: Tensor? = nil,
    sourceKeyPaddingMask: Tensor? = nil, keyPaddingMask: Tensor? = nil, memoryKeyPaddingMask: Tensor? = nil,
    isCausal: Bool = false
  ) -> Variable {
    atWork {
      decoder(
        target, memory: encoder(source, mask: sourceMask, keyPaddingMask: sourceKeyPaddingMask), mask: mask,
        memoryMask: memoryMask, keyPaddingMask: keyPaddingMask, memoryKeyPaddingMask: memoryKeyPaddingMask,
        isCausal: isCausal)
    }
  }
}
