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
