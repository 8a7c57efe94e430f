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
    layers = (0..<count).map { _ in makeLayer() }
    self.norm = norm
  }

  public override var summary: String { "TransformerEncoder, \(layers.count) layers" }

  public override func forward(_ x: Variable) -> Variable {
    let y = layers.reduce(x) { $1($0) }
    return norm.map { $0(y) } ?? y
  }

  /// The output with masked positions, as in each layer.
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
