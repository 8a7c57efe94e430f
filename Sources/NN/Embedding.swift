/// A table of vectors, looked up by number: words, items, positions.
///
/// Input [...] of int64 or int32, output [..., width]; `weight` [count, width] starts normal with deviation 1. The row
/// `paddingIndex` starts at 0 and gets no gradient. PyTorch's `Embedding`.
public final class Embedding: Module {
  /// [count, width]
  public let weight: Variable
  /// The row for padding.
  public let paddingIndex: Int?

  /// Creates a table of `count` rows of `width` numbers; `paddingIndex` counts from the end if negative.
  public init(
    _ count: Int, _ width: Int, paddingIndex: Int? = nil, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    require(count > 0 && width > 0, "Embedding: sizes must be at least 1, got \(count) and \(width)")
    Self.requireFloat(dtype)
    var values = Initializer.normal(1)([count, width], dtype: dtype, generator: generator)
    if let paddingIndex {
      Self.check(paddingIndex, rows: count)
      values[paddingIndex] = .zeros([width], dtype: dtype)
    }
    weight = Variable(values, requiresGrad: true)
    self.paddingIndex = paddingIndex
  }

  /// Creates a table from existing rows [count, width]; the row `paddingIndex` keeps its values.
  public convenience init(weight: Tensor, paddingIndex: Int? = nil) {
    self.init(weight: Variable(weight, requiresGrad: weight.dtype.isFloatingPoint), paddingIndex: paddingIndex)
  }

  /// Creates a table that shares its rows [count, width] with other layers, as
  /// `Linear(weight:bias:)` shares its weight.
  public init(weight: Variable, paddingIndex: Int? = nil) {
    require(
      weight.rank == 2 && weight.dtype.isFloatingPoint,
      "Embedding: the weight must be float32 or float64 [count, width], got \(weight.dtype) \(weight.shape)")
    if let paddingIndex { Self.check(paddingIndex, rows: weight.shape[0]) }
    self.weight = weight
    self.paddingIndex = paddingIndex
  }

  private static func check(_ paddingIndex: Int, rows: Int) {
    require(
      paddingIndex >= -rows && paddingIndex < rows,
      "Embedding: padding index \(paddingIndex) is out of range for \(rows) rows")
  }

  public override func forward(_ indices: Variable) -> Variable {
    weight.embedding(indices.value, paddingIndex: paddingIndex)
  }

  public override var summary: String { "Embedding \(weight.shape[0]), \(weight.shape[1])" }
}

/// Rows of a table summed by bags: the mean of a sentence's word vectors (see `Variable.embeddingBag`).
///
/// `weight` [count, width] starts as N(0, 1), its padding row as 0. PyTorch's `EmbeddingBag`.
public final class EmbeddingBag: Module {
  /// [count, width]
  public let weight: Variable
  /// The row that is left out of bags.
  public let paddingIndex: Int?
  private let mode: Variable.BagMode

  /// Creates a table of random rows.
  public init(
    _ count: Int, _ width: Int, mode: Variable.BagMode = .mean, paddingIndex: Int? = nil, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    require(count > 0 && width > 0, "EmbeddingBag: sizes must be at least 1, got \(count) and \(width)")
    weight = Embedding(count, width, paddingIndex: paddingIndex, dtype: dtype, generator: generator).weight
    (self.paddingIndex, self.mode) = (paddingIndex, mode)
  }

  /// Creates a table from existing rows [count, width], of a float type.
  public init(weight: Tensor, mode: Variable.BagMode = .mean, paddingIndex: Int? = nil) {
    self.weight = Embedding(weight: weight, paddingIndex: paddingIndex).weight
    (self.paddingIndex, self.mode) = (paddingIndex, mode)
  }

  /// Indices [bags, n], int64 or int32, give [bags, width].
  public override func forward(_ indices: Variable) -> Variable {
    weight.embeddingBag(indices.value, mode: mode, paddingIndex: paddingIndex)
  }

  /// Bags that begin at `offsets` of a vector of indices, or rows with weights.
  public func callAsFunction(_ indices: Tensor, offsets: [Int]? = nil, weights: Variable? = nil) -> Variable {
    atWork {
      weight.embeddingBag(indices, offsets: offsets, mode: mode, paddingIndex: paddingIndex, weights: weights)
    }
  }

  public override var summary: String { "EmbeddingBag \(weight.shape[0]), \(weight.shape[1])" }
}
