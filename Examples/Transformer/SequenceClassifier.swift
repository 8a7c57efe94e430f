import NN

/// A transformer encoder of four layers that classifies sequences of tokens.
///
/// Tokens [N, L] of int64, with 0 as padding, to scores [N, classes]: token and position embeddings are added, encoded,
/// and averaged over the tokens that are not padding. Names are those of the same model in PyTorch (see
/// Tests/Interchange/models.py), so that its weights load from a safetensors file.
final class SequenceClassifier: Module {
  let tokens: Embedding
  let positions: Embedding
  let encoder: TransformerEncoder
  let head: Linear

  init(vocabulary: Int = 12, longest: Int = 64, size: Int = 64, heads: Int = 4, classes: Int = 10) {
    tokens = Embedding(vocabulary, size, paddingIndex: 0)
    positions = Embedding(longest, size)
    encoder = TransformerEncoder(layers: 4, norm: LayerNorm(size)) {
      TransformerEncoderLayer(
        size, heads: heads, feedForward: 4 * size, dropout: 0, activation: .gelu, batchFirst: true, normFirst: true)
    }
    head = Linear(size, classes)
  }

  override func forward(_ x: Variable) -> Variable {
    let isPadding = x.value .== 0
    let embedded = tokens(x) + positions(Tensor.arange(x.shape[1], dtype: .int64))
    let encoded = encoder(embedded, keyPaddingMask: isPadding)
    let isToken = Variable((!isPadding).cast(to: encoded.dtype)).unsqueeze(2)
    return head((encoded * isToken).sum(axis: 1) / isToken.sum(axis: 1))
  }
}
