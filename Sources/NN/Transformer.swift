// Transformer layers and stacks of them. Masks, layouts and names are those of `MultiHeadAttention` and of PyTorch.

/// The activation between the two linear layers of a Transformer layer.
public enum TransformerActivation: String, Sendable, CaseIterable {
  /// max(x, 0)
  case relu
  /// x · Φ(x)
  case gelu

  fileprivate func callAsFunction(_ x: Variable) -> Variable { self == .relu ? x.relu() : x.gelu() }
}

/// Self-attention, then two linear layers at each position; both with a residual connection and layer normalization.
///
/// With a = attention and f = linear₂(activation(linear₁(·))): x = norm₁(x + a(x)), x = norm₂(x + f(x)), or with
/// `normFirst` x = x + a(norm₁(x)), x = x + f(norm₂(x)). In training dropout acts on the weights of attention, on both
/// branches and after the activation. Input and output [L, N, size], or [N, L, size] with `batchFirst`.
///
/// Parameters as PyTorch's: `self_attn`, `linear1`, `linear2`, `norm1`, `norm2`. Vaswani et al. 2017; PyTorch's
/// `nn.TransformerEncoderLayer`.
public final class TransformerEncoderLayer: Module {
  private let selfAttn: MultiHeadAttention
  private let feedForward: FeedForward
  private let norm1, norm2: LayerNorm
  private let drop: Dropout
  private let normFirst: Bool

  /// Creates a layer of `size` features with `heads` heads, a divisor, and `feedForward`
  /// features between the linear layers.
  public init(
    _ size: Int, heads: Int, feedForward: Int = 2048, dropout: Double = 0.1, activation: TransformerActivation = .relu,
    epsilon: Double = 1e-5, batchFirst: Bool = false, normFirst: Bool = false, bias: Bool = true,
    dtype: DType = .float32, generator: RandomGenerator = .default
  ) {
    selfAttn = MultiHeadAttention(
      size, heads: heads, bias: bias, dropout: dropout, batchFirst: batchFirst, dtype: dtype, generator: generator)
    self.feedForward = FeedForward(
      size, feedForward, dropout: dropout, activation: activation, bias: bias, dtype: dtype, generator: generator)
    func makeNorm() -> LayerNorm { LayerNorm(size, epsilon: epsilon, bias: bias, dtype: dtype) }
    (norm1, norm2) = (makeNorm(), makeNorm())
    self.normFirst = normFirst
    drop = Dropout(dropout, generator: generator)
  }

  public override var summary: String {
    "TransformerEncoderLayer \(selfAttn.size), \(selfAttn.heads) heads, \(feedForward.size) between"
      + (normFirst ? ", norm first" : "")
  }

  public override func pathName(ofProperty label: String) -> String? {
    label == "feedForward" ? nil : super.pathName(ofProperty: label)
  }

  public override func forward(_ x: Variable) -> Variable { encoded(x, nil, nil, false) }

  // Disfavored as what it inherits is, so that `layer(x)` is `forward`, with hooks.

  /// The output with masked positions: `mask` [L, L] or [N · heads, L, L], `keyPaddingMask` [N, L], and
  /// with `isCausal` all later ones.
  @_disfavoredOverload
  public func callAsFunction(
    _ x: Variable, mask: Tensor? = nil, keyPaddingMask: Tensor? = nil, isCausal: Bool = false
  ) -> Variable { atWork { encoded(x, mask, keyPaddingMask, isCausal) } }

  private func encoded(_ x: Variable, _ mask: Tensor?, _ padding: Tensor?, _ isCausal: Bool) -> Variable {
    checkFeatures(x, selfAttn)
    let attended = residual(x, norm1, normFirst, drop) {
      selfAttn($0, key: $0, value: $0, mask: mask, keyPaddingMask: padding, isCausal: isCausal)
    }
    return residual(attended, norm2, normFirst, drop) { feedForward.apply($0) }
  }
}

/// Self-attention, attention to an encoder's output, then two linear layers; each with a residual connection and layer
/// normalization, before or after it as in `TransformerEncoderLayer`.
///
/// Target [L, N, size], memory [S, N, size], or N in front with `batchFirst`; output as the target. Parameters as
/// PyTorch's: `self_attn`, `multihead_attn`, `linear1`, `linear2`, `norm1`, `norm2`, `norm3`. Vaswani et al. 2017;
/// PyTorch's `nn.TransformerDecoderLayer`.
public final class TransformerDecoderLayer: Module {
  private let selfAttn, multiheadAttn: MultiHeadAttention
  private let feedForward: FeedForward
  private let norm1, norm2, norm3: LayerNorm
  private let drop: Dropout
  private let normFirst: Bool

  /// Creates a layer of `size` features with `heads` heads, a divisor, and `feedForward`
  /// features between the linear layers.
  public init(
    _ size: Int, heads: Int, feedForward: Int = 2048, dropout: Double = 0.1, activation: TransformerActivation = .relu,
    epsilon: Double = 1e-5, batchFirst: Bool = false, normFirst: Bool = false, bias: Bool = true,
    dtype: DType = .float32, generator: RandomGenerator = .default
  ) {
    func makeAttention() -> MultiHeadAttention {
      MultiHeadAttention(
        size, heads: heads, bias: bias, dropout: dropout, batchFirst: batchFirst, dtype: dtype, generator: generator)
    }
    (selfAttn, multiheadAttn) = (makeAttention(), makeAttention())
    self.feedForward = FeedForward(
      size, feedForward, dropout: dropout, activation: activation, bias: bias, dtype: dtype, generator: generator)
    func makeNorm() -> LayerNorm { LayerNorm(size, epsilon: epsilon, bias: bias, dtype: dtype) }
    (norm1, norm2, norm3) = (makeNorm(), makeNorm(), makeNorm())
    self.normFirst = normFirst
    drop = Dropout(dropout, generator: generator)
  }

  public override var summary: String {
    "TransformerDecoderLayer \(selfAttn.size), \(selfAttn.heads) heads, \(feedForward.size) between"
      + (normFirst ? ", norm first" : "")
  }

  public override func pathName(ofProperty label: String) -> String? {
    label == "feedForward" ? nil : super.pathName(ofProperty: label)
  }

  /// The output for a target that attends to `memory`. Masks exclude positions of the target (`mask` [L, L],
  /// `keyPaddingMask` [N, L], `isCausal`) and of the memory (`memoryMask` [L, S], `memoryKeyPaddingMask` [N, S]).
  public func callAsFunction(
    _ target: Variable, memory: Variable, mask: Tensor? = nil, memoryMask: Tensor? = nil,
    keyPaddingMask: Tensor? = nil, memoryKeyPaddingMask: Tensor? = nil, isCausal: Bool = false
  ) -> Variable {
    atWork {
      checkFeatures(target, selfAttn)
      var x = residual(target, norm1, normFirst, drop) {
        selfAttn($0, key: $0, value: $0, mask: mask, keyPaddingMask: keyPaddingMask, isCausal: isCausal)
      }
      x = residual(x, norm2, normFirst, drop) {
        multiheadAttn($0, key: memory, value: memory, mask: memoryMask, keyPaddingMask: memoryKeyPaddingMask)
      }
      return residual(x, norm3, normFirst, drop) { feedForward.apply($0) }
    }
  }
}

// MARK: - Shared

/// The two linear layers of a Transformer layer. Not a module, because PyTorch's names have no level for it.
private struct FeedForward {
  let linear1: Linear
  let dropout: Dropout
  let linear2: Linear
  let activation: TransformerActivation

  init(
    _ size: Int, _ between: Int, dropout: Double, activation: TransformerActivation, bias: Bool, dtype: DType,
    generator: RandomGenerator
  ) {
    linear1 = Linear(size, between, bias: bias, dtype: dtype, generator: generator)
    linear2 = Linear(between, size, bias: bias, dtype: dtype, generator: generator)
    self.dropout = Dropout(dropout, generator: generator)
    self.activation = activation
  }

  /// Features between the two.
  var size: Int { linear1.weight.shape[0] }

  func apply(_ x: Variable) -> Variable { linear2(dropout(activation(linear1(x)))) }
}

/// x + branch(norm(x)), or norm(x + branch(x)).
private func residual(
  _ x: Variable, _ norm: LayerNorm, _ normFirst: Bool, _ drop: Dropout, _ branch: (Variable) -> Variable
) -> Variable {
  normFirst ? x + drop(branch(norm(x))) : norm(x + drop(branch(x)))
}

private func checkFeatures(_ x: Variable, _ attention: MultiHeadAttention) {
  require(
    (x.rank == 2 || x.rank == 3) && x.shape[-1] == attention.size,
    "wants \(attention.batchFirst ? "[N, L, \(attention.size)]" : "[L, N, \(attention.size)]"), got \(x.shape)")
}
