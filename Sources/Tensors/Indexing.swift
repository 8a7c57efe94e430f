import Kernels

/// One part of a subscript: `x[1, 0..<3, .stride(by: 2), .newAxis, .ellipsis]`.
///
/// An `Int` picks one position of an axis (and drops the axis), a range several; negative numbers count from the end.
/// Axes that are not mentioned are taken whole.
public enum TensorIndex: Sendable, Equatable {
  /// One position; the axis is dropped.
  case index(Int)
  /// Every `step`-th position from `from` up to but excluding `to`, clipped to the axis as in Python. `nil` is the end
  /// of the axis; a negative step runs backwards.
  case slice(from: Int?, to: Int?, step: Int)
  /// Positions in any order, negative ones counted from the end; written `[2, 0]`. A subscript
  /// has at most one such list.
  case positions([Int])
  /// A new axis of size 1; written `.newAxis`.
  case insertedAxis
  /// As many whole axes as are not named; written `.ellipsis`.
  case remainingAxes
}

/// What a tensor's subscript takes: `Int`, ranges, `[Int]` and `TensorIndex`.
public protocol TensorIndexable {
  /// The index this stands for.
  var tensorIndex: TensorIndex { get }
}

extension TensorIndex: TensorIndexable {
  /// Itself.
  public var tensorIndex: TensorIndex { self }
}
extension TensorIndexable where Self == TensorIndex {
  /// A new axis of size 1.
  public static var newAxis: TensorIndex { .insertedAxis }
  /// As many whole axes as are not named.
  public static var ellipsis: TensorIndex { .remainingAxes }
  /// A whole axis.
  public static var all: TensorIndex { .slice(from: nil, to: nil, step: 1) }
  /// Every `step`-th element; −1 reverses the axis.
  public static func stride(by step: Int) -> TensorIndex { .slice(from: nil, to: nil, step: step) }
  /// Every `step`-th position from `from` up to but excluding `to`; both may be negative.
  public static func range(_ from: Int?, _ to: Int?, step: Int = 1) -> TensorIndex {
    .slice(from: from, to: to, step: step)
  }
}
extension Int: TensorIndexable {
  /// One element of an axis.
  public var tensorIndex: TensorIndex { .index(self) }
}
extension Range: TensorIndexable where Bound == Int {
  /// Elements of an axis.
  public var tensorIndex: TensorIndex { .slice(from: lowerBound, to: upperBound, step: 1) }
}
extension ClosedRange: TensorIndexable where Bound == Int {
  /// Elements of an axis, both ends included; `(-3)...(-1)` are the last three.
  public var tensorIndex: TensorIndex {
    .slice(from: lowerBound, to: TensorIndex.end(after: upperBound), step: 1)
  }
}
extension PartialRangeFrom: TensorIndexable where Bound == Int {
  /// Elements from one on; `(-3)...` are the last three.
  public var tensorIndex: TensorIndex { .slice(from: lowerBound, to: nil, step: 1) }
}
extension PartialRangeUpTo: TensorIndexable where Bound == Int {
  /// Elements before one; `..<(-1)` leaves out the last.
  public var tensorIndex: TensorIndex { .slice(from: nil, to: upperBound, step: 1) }
}
extension PartialRangeThrough: TensorIndexable where Bound == Int {
  /// Elements up to and including one.
  public var tensorIndex: TensorIndex { .slice(from: nil, to: TensorIndex.end(after: upperBound), step: 1) }
}

extension Array: TensorIndexable where Element == Int {
  /// Elements of an axis in any order.
  public var tensorIndex: TensorIndex { .positions(self) }
}

extension Tensor {
  // Disfavored so that arrays alone, as in x[[0, 1], [2, 0]], pick elements; Swift 6.2 finds that ambiguous otherwise.

  /// Part of the tensor, as a view: `x[0]`, `x[.ellipsis, 1..<3]`, `x[-1, .newAxis, .stride(by: -1)]`; or, with a list
  /// of positions among the indices, `x[.all, [2, 0]]`, a copy.
  ///
  /// Setting copies `newValue`, broadcast, into that part; if a position is named twice, the last value stays.
  /// Stops for an index out of range.
  @_disfavoredOverload
  public subscript(_ indices: any TensorIndexable...) -> Tensor {
    get { slice(indices.map(\.tensorIndex)) }
    set { assign(newValue, at: indices.map(\.tensorIndex)) }
  }

  /// The part that a list of indices picks, as they stand in the brackets of `x[…]`: a view, but
  /// with a list of positions a copy.
  public func slice(_ indices: [TensorIndex]) -> Tensor {
    if let list = PositionList(among: indices, rank: rank) {
      return slice(list.indices(with: .all)).indexSelect(axis: list.axis, list.positions)
    }
    return view(of: indices)
  }

  /// The view that indices without a list of positions pick.
  package func view(of indices: [TensorIndex]) -> Tensor {
    let named = indices.count { $0 != .insertedAxis && $0 != .remainingAxes }
    require(named <= rank, "subscript: \(named) indices for shape \(shape), which has \(rank) axes")
    require(indices.count { $0 == .remainingAxes } <= 1, "subscript: more than one ellipsis")
    var result = self
    var axis = 0  // of the result so far
    var ownAxis = 0
    for index in indices {
      switch index {
      case .index(let position):
        let size = result.shape.sizes[axis]
        require(
          position >= -size && position < size,
          "subscript: index \(position) is out of range for axis \(ownAxis) of shape \(shape), "
            + "which has \(size) elements"
        )
        result = result.sliced(axis: axis, start: position < 0 ? position + size : position, count: 1, step: 1)
          .squeeze(axes: [axis])
        ownAxis += 1
      case .slice(let from, let to, let step):
        let (start, count) = TensorIndex.bounds(from: from, to: to, step: step, size: result.shape.sizes[axis])
        result = result.sliced(axis: axis, start: start, count: count, step: step)
        (axis, ownAxis) = (axis + 1, ownAxis + 1)
      case .insertedAxis:
        result = result.unsqueeze(axis)
        axis += 1
      case .positions:
        break  // `slice` takes them out
      case .remainingAxes:
        (axis, ownAxis) = (axis + rank - named, ownAxis + rank - named)
      }
    }
    return result
  }

  /// Zeros of a shape, with `part` where indices point.
  package static func zeros(_ shape: Shape, with part: Tensor, at indices: [TensorIndex]) -> Tensor {
    guard let (axis, range) = TensorIndex.onlyRange(of: indices, shape) else {
      var result = Tensor.zeros(shape, dtype: part.dtype)
      result.assign(part, at: indices)
      return result
    }
    // Zeros are written only outside of the part.
    let (result, part) = (Tensor(uninitialized: shape, dtype: part.dtype), part.contiguous())
    let (outer, size, inner) = shape.block(around: axis..<(axis + 1))
    require(
      part.elementCount == outer * range.count * inner,
      "subscript: a part of shape \(part.shape) does not fit \(shape)")
    withExtendedLifetime(part) {
      ag_place_slice(
        part.dtype.kernel, outer, size, inner, range.lowerBound, range.count, part.raw, result.raw)
    }
    return result
  }

  /// Sets everything outside a range of an axis to 0.
  package mutating func clear(outside range: Range<Int>, axis: Int) {
    let (type, (outer, size, inner)) = (dtype.kernel, shape.block(around: axis..<(axis + 1)))
    withMutablePointer { ag_place_slice(type, outer, size, inner, range.lowerBound, range.count, nil, $0) }
  }

  package mutating func assign(_ value: Tensor, at indices: [TensorIndex]) {
    if dtype != value.dtype { stopForTypes("subscript", self, value) }
    if let list = PositionList(among: indices, rank: rank) {
      let part = slice(list.indices(with: .all)).shape.replacing(axis: list.axis, with: list.positions.count)
      let source = value.broadcast(toPart: part)
      for (number, position) in list.positions.enumerated() {
        let one = source.sliced(axis: list.axis, start: number, count: 1, step: 1).squeeze(axes: [list.axis])
        assign(one, at: list.indices(with: .index(position)))
      }
      return
    }
    makeUnique()
    let target = view(of: indices)
    let source = value.broadcast(toPart: target.shape)
    // If `value` is part of this very tensor, `makeUnique` found the storage shared and has copied it.
    target.withWritablePointer { source.copyElements(to: $0, strides: target.strides) }
  }
}

extension Tensor {
  /// This as a new value for a part of some shape, to which it broadcasts.
  func broadcast(toPart shape: Shape) -> Tensor {
    require(
      Shape.broadcast(self.shape, shape) == shape,
      "subscript: a value of shape \(self.shape) does not broadcast to the part it is set to, \(shape)")
    return expand(shape)
  }
}

/// The list of positions among the indices of a subscript.
package struct PositionList {
  /// The positions, and the axis of the indexed tensor that they apply to.
  package let positions: [Int], axis: Int
  private let all: [TensorIndex]
  private let place: Int

  /// The list among `indices` of a tensor of some rank, nil where there is none.
  package init?(among indices: [TensorIndex], rank: Int) {
    guard let place = indices.firstIndex(where: \.isList), case .positions(let positions) = indices[place] else {
      return nil
    }
    require(
      indices.count(where: \.isList) == 1,
      "subscript: more than one list of positions among other indices; alone, as in x[rows, columns], they go together")
    let named = indices.count { $0 != .insertedAxis && $0 != .remainingAxes }
    axis = indices[..<place].reduce(0) { axis, index in
      index.isNumber ? axis : index == .remainingAxes ? axis + rank - named : axis + 1
    }
    (self.positions, self.place, all) = (positions, place, indices)
  }

  /// The indices, with the list replaced by another one.
  package func indices(with index: TensorIndex) -> [TensorIndex] {
    var result = all
    result[place] = index
    return result
  }
}

extension TensorIndex {
  fileprivate var isList: Bool { if case .positions = self { true } else { false } }
  fileprivate var isNumber: Bool { if case .index = self { true } else { false } }

  /// The end of a slice whose last element is `last`.
  fileprivate static func end(after last: Int) -> Int? { last == -1 || last == .max ? nil : last + 1 }

  /// If indices take a range of one axis and all of the others: that axis and the range.
  package static func onlyRange(of indices: [TensorIndex], _ shape: Shape) -> (axis: Int, range: Range<Int>)? {
    var found: (axis: Int, range: Range<Int>)?
    for (axis, index) in indices.enumerated() where index != .all {
      guard found == nil else { return nil }
      switch index {
      case .index(let place):
        let first = place < 0 ? place + shape[axis] : place
        found = (axis, first..<(first + 1))
      case .slice(let from, let to, 1):
        let (start, count) = bounds(from: from, to: to, step: 1, size: shape[axis])
        found = (axis, start..<(start + count))
      default: return nil
      }
    }
    return found
  }

  /// The first element and the number of elements of a slice, clipped as Python clips it.
  static func bounds(from: Int?, to: Int?, step: Int, size: Int) -> (start: Int, count: Int) {
    require(step != 0, "subscript: a step must not be 0")
    func clip(_ position: Int, _ range: ClosedRange<Int>) -> Int {
      min(max(position < 0 ? position + size : position, range.lowerBound), range.upperBound)
    }
    if step > 0 {
      let start = clip(from ?? 0, 0...size)
      let end = to.map { clip($0, 0...size) } ?? size
      return (start, end > start ? (end - start - 1) / step + 1 : 0)
    }
    let start = from.map { clip($0, -1...(size - 1)) } ?? size - 1
    let end = to.map { clip($0, -1...(size - 1)) } ?? -1
    return (start, start > end ? (end - start + 1) / step + 1 : 0)
  }
}
