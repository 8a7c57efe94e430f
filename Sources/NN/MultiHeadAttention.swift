/// Attention by several heads: softmax(Q·Kᵀ/√d + mask)·V of each head's share of the features,
/// concatenated and projected.
///
/// Query [L, N, size], key [S, N, keySize] and value [S, N, valueSize] give [L, N, size]; with `batchFirst` N comes
/// first, and for single sequences there is no N. A head has size / heads consecutive features.
///
/// Parameters as PyTorch's: `in_proj_weight` [3·size, size], the projections of query, key and value stacked, or with
/// other sizes of keys or values `q_proj_weight` [size, size], `k_proj_weight` [size, keySize] and `v_proj_weight`
/// [size, valueSize]; `in_proj_bias` [3·size]; `out_proj`, a `Linear`. The projections start Xavier uniform, biases at
/// 0. Vaswani et al. 2017; PyTorch's `nn.MultiheadAttention`.
///
/// In masks `true` excludes a position, as in PyTorch; floats are added to the scores. A row that may attend to
/// nothing gives the bias of `out_proj`.
public final class MultiHeadAttention: Module {
  /// Features of a query and of the output.
  public let size: Int
  /// Heads, each with size / heads features.
  public let heads: Int
  /// Whether the batch is the first axis and the sequence the second.
  public let batchFirst: Bool
  /// The probability with which weights are dropped in training.
  public let dropout: Double
  private let projections: Projections
  private let inputBias: Variable?
  private let outputProjection: Linear
  private let generator: RandomGenerator

  private enum Projections {
    case joint(Variable)
    case separate(query: Variable, key: Variable, value: Variable)

    var weights: [Variable] {
      switch self {
      case .joint(let weight): [weight]
      case .separate(let query, let key, let value): [query, key, value]
      }
    }
  }

  /// Creates a layer of `heads` heads, a divisor of `size`; keys and values have `size` features by default.
  public init(
    _ size: Int, heads: Int, keySize: Int? = nil, valueSize: Int? = nil, bias: Bool = true, dropout: Double = 0,
    batchFirst: Bool = false, dtype: DType = .float32, generator: RandomGenerator = .default
  ) {
    let (keySize, valueSize) = (keySize ?? size, valueSize ?? size)
    require(
      size > 0 && heads > 0 && keySize > 0 && valueSize > 0 && size % heads == 0,
      "MultiHeadAttention: \(heads) heads must divide the size \(size), and all be at least 1 "
        + "(keys \(keySize), values \(valueSize))"
    )
    require(
      dropout >= 0 && dropout <= 1, "MultiHeadAttention: a probability of dropout lies between 0 and 1, got \(dropout)")
    Self.requireFloat(dtype)
    (self.size, self.heads, self.batchFirst) = (size, heads, batchFirst)
    (self.dropout, self.generator) = (dropout, generator)
    func weight(_ outputs: Int, _ inputs: Int) -> Variable {
      Initializer.xavierUniform().parameter([outputs, inputs], dtype: dtype, generator: generator)
    }
    projections =
      keySize == size && valueSize == size
      ? .joint(weight(size.times(3), size))
      : .separate(query: weight(size, size), key: weight(size, keySize), value: weight(size, valueSize))
    inputBias = bias ? Initializer.zeros.parameter([size.times(3)], dtype: dtype) : nil
    outputProjection = Linear(size, size, bias: bias, dtype: dtype, generator: generator)
    outputProjection.bias?.value = .zeros([size], dtype: dtype)
  }

  public override var summary: String { "MultiHeadAttention \(size), \(heads) heads" }

  /// The multiply-adds of projections, scores and sums of values, for as many keys as queries.
  public override func multiplyAdds(input: Shape, output: Shape) -> Int {
    let steps = output.rank == 3 && batchFirst ? output[1] : output[0]
    return output.dropLast().reduce(1, *) * (projections.weights.reduce(0) { $0 + $1.elementCount } + 2 * steps * size)
  }

  /// Self-attention without masks.
  public override func forward(_ x: Variable) -> Variable { attend(x, x, x, Masks(), wantsWeights: false).output }

  /// Queries attend to keys and take their values.
  ///
  /// `mask` is [L, S], or [N · heads, L, S]; `keyPaddingMask` [N, S] (or [S]) excludes keys, or is added to their
  /// scores. With `isCausal` position i attends to keys up to i.
  public func callAsFunction(
    _ query: Variable, key: Variable, value: Variable, mask: Tensor? = nil, keyPaddingMask: Tensor? = nil,
    isCausal: Bool = false
  ) -> Variable {
    let masks = Masks(scores: mask, keys: keyPaddingMask, isCausal: isCausal)
    return atWork { attend(query, key, value, masks, wantsWeights: false).output }
  }

  /// The same, with the weights: their mean over heads [N, L, S], or with `averaged` false all of them
  /// [N, heads, L, S]. In training these are the weights after dropout.
  public func withWeights(
    _ query: Variable, key: Variable, value: Variable, mask: Tensor? = nil, keyPaddingMask: Tensor? = nil,
    isCausal: Bool = false, averaged: Bool = true
  ) -> (output: Variable, weights: Variable) {
    let masks = Masks(scores: mask, keys: keyPaddingMask, isCausal: isCausal)
    return atWork {
      let (output, all) = attend(query, key, value, masks, wantsWeights: true)
      let weights = averaged ? all.mean(axes: [1]) : all
      return (output, query.rank == 2 ? weights.squeeze(axes: [0]) : weights)
    }
  }
}

extension MultiHeadAttention: CustomReflectable {
  /// The parameters under PyTorch's names, for the registry.
  public var customMirror: Mirror {
    let weights: [Mirror.Child] =
      switch projections {
      case .joint(let weight): [("in_proj_weight", weight)]
      case .separate(let query, let key, let value):
        [("q_proj_weight", query), ("k_proj_weight", key), ("v_proj_weight", value)]
      }
    let bias: [Mirror.Child] = inputBias.map { [("in_proj_bias", $0)] } ?? []
    return Mirror(self, children: weights + bias + [("out_proj", outputProjection)])
  }
}

// MARK: - Implementation

/// Masks that exclude positions: for scores, for keys, and the causal one.
private struct Masks {
  var scores: Tensor?
  var keys: Tensor?
  var isCausal = false

  /// Whether there are no masks but the causal one.
  var isEmpty: Bool { scores == nil && keys == nil }

  /// Both as one mask for `scaledDotProductAttention` that broadcasts to [N, heads, L, S]: a bool that is true where a
  /// position takes part, or a float to add.
  func joined(batch: Int, heads: Int, rows: Int, columns: Int, dtype: DType) -> Tensor? {
    let scores = scores.map { mask in
      require(
        Self.isMask(mask, dtype) && (mask.shape == [rows, columns] || mask.shape == [batch * heads, rows, columns]),
        "the mask must be bool or \(dtype) of shape [\(rows), \(columns)] or [\(batch * heads), \(rows), \(columns)], "
          + "got \(mask.dtype) \(mask.shape)")
      return mask.rank == 2 ? mask : mask.reshape([batch, heads, rows, columns] as Shape)
    }
    let keys = keys.map { mask in
      require(
        Self.isMask(mask, dtype) && (mask.shape == [batch, columns] || batch == 1 && mask.shape == [columns]),
        "the key padding mask must be bool or \(dtype) of shape [\(batch), \(columns)], got \(mask.dtype) \(mask.shape)"
      )
      return mask.reshape([batch, 1, 1, columns] as Shape)
    }
    guard let first = scores ?? keys else { return nil }
    guard let scores, let keys else { return first.dtype == .bool ? !first : first }
    if scores.dtype == .bool && keys.dtype == .bool { return !(scores .| keys) }
    return Self.added(scores, dtype) + Self.added(keys, dtype)
  }

  private static func isMask(_ mask: Tensor, _ dtype: DType) -> Bool { mask.dtype == .bool || mask.dtype == dtype }

  /// A mask as numbers to add: −∞ where a bool excludes.
  private static func added(_ mask: Tensor, _ dtype: DType) -> Tensor {
    if mask.dtype != .bool { return mask }
    return .where(mask, .full([], -.infinity, dtype: dtype), .zeros([], dtype: dtype))
  }
}

extension MultiHeadAttention {
  private func attend(
    _ query: Variable, _ key: Variable, _ value: Variable, _ masks: Masks, wantsWeights: Bool
  ) -> (output: Variable, weights: Variable) {
    checkInputs(query, key, value)
    let isSingle = query.rank == 2
    let (q, k, v) = projected(query, key, value)
    // [N, heads, L, size / heads]: views.
    let parts = [q, k, v].map { x in
      let batched = isSingle ? x.unsqueeze(0) : batchFirst ? x : x.transpose(0, 1)
      return batched.reshape([batched.shape[0], batched.shape[1], heads, size / heads] as Shape).transpose(1, 2)
    }
    let (batch, rows) = (parts[0].shape[0], parts[0].shape[2])
    let mask = masks.joined(
      batch: batch, heads: heads, rows: rows, columns: parts[1].shape[2], dtype: query.dtype)
    let weights = Variable.attentionWeights(
      query: parts[0], key: parts[1], mask: mask, dropout: isTraining ? dropout : 0, isCausal: masks.isCausal,
      generator: generator)
    let joined = weights.matmul(parts[2]).transpose(1, 2).reshape([batch, rows, size] as Shape)
    let output = outputProjection(isSingle ? joined.squeeze(axes: [0]) : batchFirst ? joined : joined.transpose(0, 1))
    return (output, weights)
  }

  /// Query, key and value projected; if they are the same variable, in one product.
  private func projected(_ query: Variable, _ key: Variable, _ value: Variable) -> (Variable, Variable, Variable) {
    switch projections {
    case .joint(let weight):
      if query === key && key === value {
        let parts = query.linear(weight: weight, bias: inputBias).split(size, axis: -1)
        return (parts[0], parts[1], parts[2])
      }
      func part(_ x: Variable, _ rows: Range<Int>) -> Variable {
        x.linear(weight: weight[rows], bias: inputBias.map { $0[rows] })
      }
      if key === value {
        let parts = part(key, size..<(3 * size)).split(size, axis: -1)
        return (part(query, 0..<size), parts[0], parts[1])
      }
      return (part(query, 0..<size), part(key, size..<(2 * size)), part(value, (2 * size)..<(3 * size)))
    case .separate(let queryWeight, let keyWeight, let valueWeight):
      let biases = inputBias?.split(size)
      return (
        query.linear(weight: queryWeight, bias: biases?[0]), key.linear(weight: keyWeight, bias: biases?[1]),
        value.linear(weight: valueWeight, bias: biases?[2])
      )
    }
  }

  private func checkInputs(_ query: Variable, _ key: Variable, _ value: Variable) {
    let (keySize, valueSize) =
      switch projections {
      case .joint: (size, size)
      case .separate(_, let key, let value): (key.shape[1], value.shape[1])
      }
    let batchAxis = batchFirst ? 0 : 1
    require(
      (query.rank == 2 || query.rank == 3) && key.rank == query.rank && value.rank == query.rank
        && query.shape[-1] == size && key.shape[-1] == keySize && value.shape[-1] == valueSize
        && key.shape.dropLast().elementsEqual(value.shape.dropLast())
        && (query.rank == 2 || query.shape[batchAxis] == key.shape[batchAxis]),
      "wants a query \(batchFirst ? "[N, L, \(size)]" : "[L, N, \(size)]") and a key and a value of as many sequences "
        + "with \(keySize) and \(valueSize) features, got \(query.shape), \(key.shape) and \(value.shape)")
  }
}
