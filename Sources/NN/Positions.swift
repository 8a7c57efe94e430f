/// Adds sinusoids of the position p to its features: sin(p / 10000^(2i/size)) at 2i, cos of the same at 2i + 1.
///
/// Input and output [L, N, size], or [N, L, size] with `batchFirst`, or [L, size]. Nothing is learned; for learned
/// positions add an `Embedding` of `Tensor.arange(L, dtype: .int64)`. Vaswani et al. 2017, section 3.5.
public final class SinusoidalPositions: Module {
  /// Features of a position.
  public let size: Int
  /// Whether the batch is the first axis and the sequence the second.
  public let batchFirst: Bool
  /// Dropout of the sum, in training.
  public let dropout: Dropout

  /// Creates the layer for `size` features, an even number, with dropout of the sum.
  public init(
    _ size: Int, dropout: Double = 0, batchFirst: Bool = false, generator: RandomGenerator = .default
  ) {
    Self.check(size)
    (self.size, self.batchFirst) = (size, batchFirst)
    self.dropout = Dropout(dropout, generator: generator)
  }

  public override var summary: String { "SinusoidalPositions \(size)" }

  public override func forward(_ x: Variable) -> Variable {
    require(
      (x.rank == 2 || x.rank == 3) && x.shape[-1] == size,
      "wants \(batchFirst ? "[N, L, \(size)]" : "[L, N, \(size)]") or [L, \(size)], got \(x.shape)")
    let timeAxis = x.rank == 3 && batchFirst ? 1 : 0
    let waves = Self.waves(x.shape[timeAxis], size, dtype: x.dtype)
    return dropout(x + Variable(x.rank == 3 && !batchFirst ? waves.unsqueeze(1) : waves))
  }

  /// The waves of positions 0 to `count` − 1: [count, size].
  public static func waves(_ count: Int, _ size: Int, dtype: DType = .float32) -> Tensor {
    check(size)
    let positions = Tensor.arange(count, dtype: .float64).reshape([count, 1])
    let logOf10000 = 9.210340371976184
    let rates = (Tensor.arange(size / 2, dtype: .float64) * (-2 * logOf10000 / Double(size))).exp()
    let angles = positions * rates
    return Tensor.stack([angles.sin(), angles.cos()], axis: 2)
      .reshape([count, size] as Shape).cast(to: dtype)
  }

  private static func check(_ size: Int) {
    require(size > 0 && size % 2 == 0, "SinusoidalPositions: the size must be even and at least 2, got \(size)")
  }
}
