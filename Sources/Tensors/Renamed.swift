// Names of an earlier version, to be removed in the next one: a tensor's operations have the names of a variable's.

extension Tensor {
  /// `reshape`
  @available(*, deprecated, renamed: "reshape(_:)")
  public func reshaped(to shape: [Int]) -> Tensor { reshape(shape) }

  /// `reshape`
  @available(*, deprecated, renamed: "reshape(_:)")
  public func reshaped(to shape: Shape) -> Tensor { reshape(shape) }

  /// `transpose`
  @available(*, deprecated, renamed: "transpose(_:_:)")
  public func transposed(_ first: Int = -2, _ second: Int = -1) -> Tensor { transpose(first, second) }

  /// `permute`
  @available(*, deprecated, renamed: "permute(_:)")
  public func permuted(_ axes: [Int]) -> Tensor { permute(axes) }

  /// `expand`
  @available(*, deprecated, renamed: "expand(_:)")
  public func expanded(to shape: Shape) -> Tensor { expand(shape) }

  /// `unsqueeze`
  @available(*, deprecated, renamed: "unsqueeze(_:)")
  public func expandingDims(at axis: Int) -> Tensor { unsqueeze(axis) }

  /// `squeeze`
  @available(*, deprecated, renamed: "squeeze(axes:)")
  public func squeezed(axes: [Int]? = nil) -> Tensor { squeeze(axes: axes) }

  /// `where`
  @available(*, deprecated, message: "use Tensor.where(condition, a, b)")
  public func selected(where condition: Tensor, otherwise other: Tensor) -> Tensor { .where(condition, self, other) }
}

// Names that people who know NumPy or PyTorch write first. They do not compile: the
// compiler answers with the name here.

extension Tensor {
  /// `randomNormal`
  @available(*, unavailable, renamed: "randomNormal(_:)")
  public static func randn(_ shape: Shape) -> Tensor { randomNormal(shape) }

  /// `randomUniform`
  @available(*, unavailable, renamed: "randomUniform(_:)")
  public static func rand(_ shape: Shape) -> Tensor { randomUniform(shape) }

  /// `randomIntegers`
  @available(*, unavailable, message: "use Tensor.randomIntegers(shape, in: low..<high)")
  public static func randint(_ low: Int, _ high: Int, _ shape: Shape) -> Tensor {
    randomIntegers(shape, in: low..<high)
  }

  /// `concatenate`
  @available(*, unavailable, renamed: "concatenate(_:axis:)")
  public static func cat(_ tensors: [Tensor], axis: Int = 0) -> Tensor { concatenate(tensors, axis: axis) }

  /// `cast`
  @available(*, unavailable, message: "use cast(to: .float32)")
  public func float() -> Tensor { cast(to: .float32) }
}

extension TensorLike {
  /// `elementCount`
  @available(*, unavailable, renamed: "elementCount")
  public var numel: Int { shape.elementCount }

  /// `rank`
  @available(*, unavailable, renamed: "rank")
  public var ndim: Int { shape.rank }

  /// `reshape`
  @available(*, unavailable, renamed: "reshape(_:)")
  public func view(_ shape: Shape) -> Self { reshape(shape) }
}
