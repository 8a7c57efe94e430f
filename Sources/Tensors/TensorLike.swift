/// A value with elements along axes: a tensor, or a variable, which remembers how its tensor was computed.
///
/// What can be composed of these few operations is written once, for both: `flatten`, `split`, `repeated`,
/// `roll`, `sort`, `maskedSelect`, `take`, `unfold`, …
public protocol TensorLike {
  /// The numbers alone: a tensor itself, or what a variable holds.
  var value: Tensor { get }
  /// The size of each axis.
  var shape: Shape { get }
  /// The same elements in row-major order with other sizes.
  func reshape(_ shape: Shape) -> Self
  /// Repeats axes of size 1, and new ones in front, to the sizes of `shape`.
  func expand(_ shape: Shape) -> Self
  /// A new axis of size 1 before `axis`; −1 puts it at the end.
  func unsqueeze(_ axis: Int) -> Self
  /// Without axes of size 1: those named, or all. A named axis of another size stays.
  func squeeze(axes: [Int]?) -> Self
  /// The part that a list of indices picks.
  func slice(_ indices: [TensorIndex]) -> Self
  /// Elements shifted along an axis; what is shifted out at the end comes in at the beginning.
  func roll(_ shift: Int, axis: Int) -> Self
  /// The slices of one axis at given positions, in that order.
  func indexSelect(axis: Int, _ positions: [Int]) -> Self
  /// One element per entry of `index`, found along an axis.
  func gather(axis: Int, index: Tensor) -> Self
  /// The axes in another order.
  func permute(_ axes: [Int]) -> Self
  /// Two axes exchanged.
  func transpose(_ first: Int, _ second: Int) -> Self
  /// Some axes in reverse order.
  func flip(axes: [Int]) -> Self
  /// This with the elements of `source` taken in where `index` points to along an axis.
  func scatterReduce(axis: Int, index: Tensor, _ source: Self, _ reduction: ScatterReduction, includesSelf: Bool)
    -> Self
  /// This with a number wherever a bool mask is true; the mask broadcasts.
  func maskedFill(_ mask: Tensor, _ number: Double) -> Self
  /// Sum over some axes, by default all.
  func sum(axes: [Int]?, keepDims: Bool) -> Self
  /// Arithmetic mean over some axes, by default all.
  func mean(axes: [Int]?, keepDims: Bool) -> Self
  /// Product over some axes, by default all.
  func prod(axes: [Int]?, keepDims: Bool) -> Self
  /// log Σ exp(x) over some axes, by default all.
  func logSumExp(axes: [Int]?, keepDims: Bool) -> Self
  /// Variance over some axes, by default all.
  func variance(axes: [Int]?, correction: Double, keepDims: Bool) -> Self
  /// Standard deviation over some axes, by default all.
  func standardDeviation(axes: [Int]?, correction: Double, keepDims: Bool) -> Self
  /// The p-norm over some axes, by default all.
  func norm(_ p: Double, axes: [Int]?, keepDims: Bool) -> Self
  /// Matrix product.
  func matmul(_ other: Self) -> Self
  /// Several joined along an existing axis.
  static func concatenate(_ parts: [Self], axis: Int) -> Self
  /// Several of one shape joined along a new axis.
  static func stack(_ parts: [Self], axis: Int) -> Self
  /// Position of the first largest element along an axis, or in the flattened value without one.
  func argmax(axis: Int?, keepDims: Bool) -> Tensor
  /// Position of the first smallest element along an axis, or in the flattened value without one.
  func argmin(axis: Int?, keepDims: Bool) -> Tensor
  /// The positions that sort an axis.
  func argsort(axis: Int, descending: Bool) -> Tensor
}

extension Tensor: TensorLike {
  /// This tensor: what it has in common with a variable are its numbers.
  public var value: Tensor { self }
}

extension TensorLike {
  /// How many axes there are.
  var rank: Int { shape.rank }

  /// All axes from `startAxis` to `endAxis` merged into one; a scalar becomes a vector. Stops when the first comes
  /// after the last. PyTorch's `flatten`.
  public func flatten(startAxis: Int = 0, endAxis: Int = -1) -> Self {
    if rank == 0 { return reshape([1] as Shape) }
    let first = shape.checkedAxis(startAxis, op: "flatten")
    let last = shape.checkedAxis(endAxis, op: "flatten")
    require(first <= last, "flatten: axis \(startAxis) comes after axis \(endAxis) in \(shape)")
    var sizes = Array(shape)
    sizes.replaceSubrange(first...last, with: [shape[first...last].product])
    return reshape(Shape(sizes))
  }

  /// The elements where a bool mask is true, as a vector; both broadcast. PyTorch's `masked_select`.
  public func maskedSelect(_ mask: Tensor) -> Self {
    require(mask.dtype == .bool, "maskedSelect: the mask must be bool, got \(mask.dtype) \(mask.shape)")
    guard let both = Shape.broadcast(shape, mask.shape) else {
      stop("maskedSelect: the mask \(mask.shape) does not broadcast with \(shape)")
    }
    let places = mask.expand(both).truePlaces()
    return expand(both).reshape([both.elementCount] as Shape).indexSelect(axis: 0, places)
  }
}
