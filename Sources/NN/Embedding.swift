/// A table of vectors, looked up by number: words, items, positions.
///
/// Input [...] of int64 or int32, output [..., width]; `weight` [count, width] starts normal with deviation 1. The row
/// `paddingIndex` starts at 0 and gets no gradient. PyTorch's `Embedding`.
public final class Embedding: Module {
  /// [count, width]
  public let weight: Variable
  /// The row that stands for nothing.
  public let paddingIndex: Int?

  /// A table of so many rows of a width.
  public init(
    _ count: Int, _ width: Int, paddingIndex: Int? = nil, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    require(count > 0 && width > 0, "Embedding: sizes must be at least 1, got \(count) and \(width)")
    Self.requireFloat(dtype)
    var values = Initializer.normal(1)([count, width], dtype: dtype, generator: generator)
    if let paddingIndex {
      require(
        paddingIndex >= -count && paddingIndex < count,
        "Embedding: padding index \(paddingIndex) is out of range for \(count) rows")
      values[paddingIndex] = .zeros([width], dtype: dtype)
    }
    weight = Variable(values, requiresGrad: true)
    self.paddingIndex = paddingIndex
  }

  /// A table with rows from elsewhere, [count, width].
  public init(weight: Tensor, paddingIndex: Int? = nil) {
    require(
      weight.rank == 2 && weight.dtype.isFloatingPoint,
      "Embedding: the weight must be float32 or float64 [count, width], got \(weight.dtype) \(weight.shape)")
    self.weight = Variable(weight, requiresGrad: true)
    self.paddingIndex = paddingIndex
  }

  public override func forward(_ indices: Variable) -> Variable {
    weight.embedding(indices.value, paddingIndex: paddingIndex)
  }

  public override var summary: String { "Embedding \(weight.shape[0]), \(weight.shape[1])" }
}
