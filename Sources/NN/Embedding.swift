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

  /// Creates a table that shares its rows [count, width] with other layers, as `Linear(weight:bias:)` shares its weight.
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
