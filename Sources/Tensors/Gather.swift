import Kernels

extension Tensor {
  /// The slices of one axis at given positions, in that order: `x.indexSelect(axis: 0, [2, 0])` picks rows.
  ///
  /// Negative positions count from the end. Stops for one out of range, naming it.
  public func indexSelect(axis: Int, _ positions: [Int]) -> Tensor {
    let axis = shape.checkedAxis(axis, op: "indexSelect")
    let (outer, count, inner) = shape.block(around: axis..<(axis + 1))
    let checked = checkedPositions(positions, count: count, op: "indexSelect")
    let result = Tensor(uninitialized: shape.replacing(axis: axis, with: positions.count), dtype: dtype)
    let source = contiguous()
    withExtendedLifetime(source) {
      ag_index_select(dtype.kernel, outer, count, inner, checked.count, checked, source.raw, result.raw)
    }
    return result
  }

  /// The adjoint of `indexSelect`, for float types: adds slices of `source` to those at given positions of one axis.
  package mutating func indexAdd(axis: Int, _ positions: [Int], _ source: Tensor) {
    let (outer, count, inner) = shape.block(around: axis..<(axis + 1))
    let checked = checkedPositions(positions, count: count, op: "indexAdd")
    let (type, source) = (dtype.kernel, source.contiguous())
    withMutablePointer { out in
      withExtendedLifetime(source) { ag_index_add(type, outer, count, inner, checked.count, checked, source.raw, out) }
    }
  }

  private func checkedPositions(_ positions: [Int], count: Int, op: String) -> [Int64] {
    for (index, position) in positions.enumerated() {
      require(
        position >= -count && position < count,
        "\(op): position \(position) (number \(index)) is out of range for an axis of \(count)")
    }
    return positions.map { Int64($0 < 0 ? $0 + count : $0) }
  }

  /// The positions (in row-major order) of the true elements of a bool tensor.
  package func truePlaces() -> [Int] {
    let values = contiguous()
    return [Int](unsafeUninitializedCapacity: elementCount) { places, count in
      guard let start = places.baseAddress else { return }
      start.withMemoryRebound(to: Int64.self, capacity: elementCount) { start in
        values.withElements(of: UInt8.self) { count = ag_true_places(elementCount, $0, start) }
      }
    }
  }

  /// One element per entry of `index`, found along an axis: out[i][j] = x[index[i][j]][j] for axis 0, and so on.
  ///
  /// `index` is int64 or int32, of the same rank, no larger than this in the other axes. Stops for a position out of
  /// range, naming it. PyTorch's `gather`.
  public func gather(axis: Int, index: Tensor) -> Tensor { gather(axis: axis, index: index, for: "gather") }

  /// The same, as part of the op that the caller named.
  package func gather(axis: Int, index: Tensor, for op: String) -> Tensor {
    let plan = GatherPlan(op, shape, axis, index)
    let result = Tensor(uninitialized: index.shape, dtype: dtype)
    if index.elementCount == 0 { return result }  // of however many rows
    let source = contiguous()
    if let block = plan.wholeBlock {
      let isRight = withExtendedLifetime(source) {
        ag_gather_axis(
          dtype.kernel, block.outer, block.count, block.inner, block.indices, plan.positions, source.raw, result.raw)
      }
      if isRight { return result }
    }
    // Only the size of an element matters.
    switch dtype.byteCount {
    case 8:
      source.withElements(of: Int64.self) { x in result.withWritableElements(of: Int64.self) { plan.copy(x, $0) } }
    case 4:
      source.withElements(of: Int32.self) { x in result.withWritableElements(of: Int32.self) { plan.copy(x, $0) } }
    default:
      source.withElements(of: UInt8.self) { x in result.withWritableElements(of: UInt8.self) { plan.copy(x, $0) } }
    }
    return result
  }
}

/// The positions in a dense tensor that the entries of an index tensor point to.
struct GatherPlan {
  private let op: String
  private let shape: Shape
  private let axis: Int
  private let index: Tensor

  init(_ op: String, _ shape: Shape, _ axis: Int, _ index: Tensor) {
    self.op = op
    self.shape = shape
    self.axis = shape.checkedAxis(axis, op: op)
    require(
      index.dtype == .int64 || index.dtype == .int32,
      "\(op): the index must be int64 or int32, got \(index.dtype); convert with cast(to: .int64)")
    require(
      index.rank == shape.rank, "\(op): the index \(index.shape) must have as many axes as the tensor \(shape)")
    for other in 0..<shape.rank where other != self.axis {
      require(
        index.shape[other] <= shape[other],
        "\(op): the index \(index.shape) is larger than the tensor \(shape) in axis \(other)")
    }
    self.index = index.cast(to: .int64).contiguous()
  }

  /// Sizes for the kernels, which need an index that is as large as the tensor in all other axes.
  var wholeBlock: (outer: Int, count: Int, inner: Int, indices: Int)? {
    guard index.shape.replacing(axis: axis, with: shape[axis]) == shape else { return nil }
    let block = shape.block(around: axis..<(axis + 1))
    return (block.outer, block.count, block.inner, index.shape[axis])
  }

  /// The index's entries; valid for as long as this plan lives.
  var positions: UnsafePointer<Int64> { UnsafePointer(index.raw.assumingMemoryBound(to: Int64.self)) }

  func copy<T>(_ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>) {
    forEach { to, from in out[to] = x[from] }
  }

  /// Calls `body` with the number of each entry and the position it points to.
  @inline(__always)
  func forEach(_ body: (Int, Int) -> Void) {
    let (count, steps, last) = (index.elementCount, shape.denseStrides, shape.rank - 1)
    if count == 0 { return }
    let (rowLength, isLast, step, size) = (index.shape[-1], axis == last, steps[axis], shape[axis])
    var place = AxisValues(repeating: 0, count: shape.rank)
    index.withElements(of: Int.self) { positions in
      for row in stride(from: 0, to: count, by: rowLength) {
        var start = 0
        for other in 0..<last where other != axis { start += place[other] * steps[other] }
        for column in 0..<rowLength {
          let position = positions[row + column]
          if UInt(bitPattern: position) >= UInt(size) { stopForPosition(position, row + column) }
          body(row + column, start + (isLast ? 0 : column) + position * step)
        }
        var moved = last - 1
        while moved >= 0 {
          place[moved] += 1
          if place[moved] < index.shape[moved] { break }
          place[moved] = 0
          moved -= 1
        }
      }
    }
  }

  @inline(never)
  private func stopForPosition(_ position: Int, _ number: Int) -> Never {
    stop("\(op): position \(position) (entry \(number) of the index) is out of range for axis \(axis) of \(shape)")
  }
}

extension Tensor {
  /// Tensors joined along an existing axis; they agree in all others.
  ///
  /// Stops for an empty list, or shapes or types that differ.
  public static func concatenate(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    guard let first = tensors.first else { stop("concatenate: wants at least one tensor") }
    let axis = first.shape.checkedAxis(axis, op: "concatenate")
    for (number, tensor) in tensors.enumerated() {
      if tensor.dtype != first.dtype { stopForTypes("concatenate", first, tensor) }
      require(
        tensor.rank == first.rank && tensor.shape.replacing(axis: axis, with: first.shape[axis]) == first.shape,
        "concatenate: tensor \(number) has shape \(tensor.shape), which differs from \(first.shape) "
          + "outside axis \(axis)"
      )
    }
    let total = tensors.reduce(0) { $0 + $1.shape[axis] }
    let result = Tensor(uninitialized: first.shape.replacing(axis: axis, with: total), dtype: first.dtype)
    var start = 0
    for tensor in tensors {
      let target = result.sliced(axis: axis, start: start, count: tensor.shape[axis], step: 1)
      if tensor.elementCount > 0 {
        target.withWritablePointer { tensor.copyElements(to: $0, strides: target.strides) }
      }
      start += tensor.shape[axis]
    }
    return result
  }

  /// Tensors of one shape joined along a new axis.
  public static func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    guard let first = tensors.first else { stop("stack: wants at least one tensor") }
    require(
      axis >= -first.rank - 1 && axis <= first.rank,
      "stack: axis \(axis) is out of range for a new axis of shape \(first.shape)")
    for (number, tensor) in tensors.enumerated() {
      if tensor.dtype != first.dtype { stopForTypes("stack", first, tensor) }
      require(
        tensor.shape == first.shape, "stack: tensor \(number) has shape \(tensor.shape), the first \(first.shape)")
    }
    return concatenate(tensors.map { $0.unsqueeze(axis) }, axis: axis)
  }
}
