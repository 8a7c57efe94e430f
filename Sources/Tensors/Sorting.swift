import Kernels

// Order: positions that sort an axis. Equal elements keep their order; NaN counts as larger
// than every number, as in PyTorch.

extension TensorLike {
  /// Values that were picked along an axis, and their positions.
  public typealias Picked = (values: Self, indices: Tensor)

  /// The largest element along one axis and its position (int64). Among equal ones it is the first,
  /// which gets all of the gradient.
  ///
  /// PyTorch's `max(dim)`. To share the gradient among equals use `max(axes:)`.
  public func max(axis: Int, keepDims: Bool = false) -> Picked {
    picked(argmax(axis: axis, keepDims: true), axis, keepDims)
  }

  /// The smallest element along one axis and its position (int64). Among equal ones it is the first,
  /// which gets all of the gradient.
  ///
  /// PyTorch's `min(dim)`.
  public func min(axis: Int, keepDims: Bool = false) -> Picked {
    picked(argmin(axis: axis, keepDims: true), axis, keepDims)
  }

  /// The elements of an axis in order, smallest first unless `descending`, and their positions (int64). Equal ones keep
  /// their order; NaN counts as largest. PyTorch's `sort(stable=True)`.
  public func sort(axis: Int = -1, descending: Bool = false) -> Picked {
    let indices = argsort(axis: axis, descending: descending)
    return rank == 0 ? (self, indices) : (gather(axis: axis, index: indices), indices)
  }

  /// The elements at positions `kept`, which have kept the axis.
  package func picked(_ kept: Tensor, _ axis: Int, _ keepDims: Bool) -> Picked {
    if rank == 0 { return (self, kept.reshape([] as Shape)) }
    let values = gather(axis: axis, index: kept)
    return keepDims ? (values, kept) : (values.squeeze(axes: [axis]), kept.squeeze(axes: [axis]))
  }
}

extension Tensor {
  /// The k largest elements of an axis (or smallest), in order, and their positions (int64). Among equal ones the first
  /// come first; in PyTorch's `topk` their order is undefined.
  ///
  /// Stops when the axis has fewer than k.
  public func topK(_ k: Int, axis: Int = -1, largest: Bool = true) -> Picked {
    let indices = topPositions(k, axis: axis, largest: largest)
    return (gather(axis: axis, index: indices), indices)
  }

  /// The positions (int64) that sort an axis, smallest first unless `descending`. Stable.
  public func argsort(axis: Int = -1, descending: Bool = false) -> Tensor {
    if rank == 0, axis == 0 || axis == -1 { return Tensor.zeros([], dtype: .int64) }
    let axis = shape.checkedAxis(axis, op: "argsort")
    // With the axis last, so that each row is contiguous.
    let rows = axis == rank - 1 ? self : transpose(axis, -1)
    let sorted = rows.contiguous().argsortedRows(descending: descending)
    return axis == rank - 1 ? sorted : sorted.transpose(axis, -1).contiguous()
  }

  /// The positions of the first k elements along an axis in order, largest first with
  /// `largest`; among equal ones the first.
  package func topPositions(_ k: Int, axis named: Int, largest: Bool) -> Tensor {
    let axis = shape.checkedAxis(named, op: "topK")
    require(
      k >= 0 && k <= shape[axis], "topK: wants 0 to \(shape[axis]) elements of axis \(named) of \(shape), got \(k)")
    // A full sort is faster if much of it is wanted, and keys of more than 32 bits do not fit beside their positions.
    if k == 0 || elementCount == 0 || k > shape[axis] / 4 || dtype.byteCount > 4 || shape[axis] >= 1 << 32 {
      return argsort(axis: axis, descending: largest).sliced(axis: axis, start: 0, count: k, step: 1).contiguous()
    }
    let rows = (axis == rank - 1 ? self : transpose(axis, -1)).contiguous()
    let result = Tensor(uninitialized: rows.shape.replacing(axis: rank - 1, with: k), dtype: .int64)
    withExtendedLifetime(rows) {
      ag_top_k(
        dtype.kernel, elementCount / shape[axis], shape[axis], k, largest, rows.raw,
        result.raw.assumingMemoryBound(to: Int64.self))
    }
    return axis == rank - 1 ? result : result.transpose(axis, -1).contiguous()
  }

  private func argsortedRows(descending: Bool) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: .int64)
    let length = shape[-1]
    if elementCount == 0 { return result }
    result.withWritableElements(of: Int.self) { out in
      func sortRows<T: TensorScalar>(_: T.Type, _ key: (T) -> UInt64) {
        withElements(of: T.self) { x in
          var sorter = RadixSorter(length)
          for start in stride(from: 0, to: elementCount, by: length) {
            sorter.sort({ descending ? ~key(x[start + $0]) : key(x[start + $0]) }, into: out + start)
          }
        }
      }
      switch dtype {
      case .float32: sortRows(Float.self) { UInt64($0.orderedBits) }
      case .float64: sortRows(Double.self) { $0.orderedBits }
      case .int32: sortRows(Int32.self) { UInt64(UInt32(bitPattern: $0) ^ 1 << 31) }
      case .int64: sortRows(Int64.self) { UInt64(bitPattern: $0) ^ 1 << 63 }
      case .uint8, .bool: sortRows(UInt8.self) { UInt64($0) }
      }
    }
    return result
  }
}

extension Float {
  /// Maps a number to bits in the same order: flips all bits of negative ones, the sign of others. −0 equals 0.
  fileprivate var orderedBits: UInt32 {
    if isNaN { return .max }
    let bits = (self == 0 ? 0 : self).bitPattern
    return bits >> 31 == 1 ? ~bits : bits | 1 << 31
  }
}

extension Double {
  fileprivate var orderedBits: UInt64 {
    if isNaN { return .max }
    let bits = (self == 0 ? 0 : self).bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }
}

/// Sorts rows of one length by 64-bit keys: short rows by insertion, long ones byte by byte from the lowest, where a
/// byte that all keys share costs nothing.
private struct RadixSorter {
  private struct Item {
    var key: UInt64
    var position: Int
  }
  private var items: [Item]
  private var other: [Item]

  init(_ length: Int) {
    items = Array(repeating: Item(key: 0, position: 0), count: length)
    other = items
  }

  /// Writes the positions in the order of their keys.
  mutating func sort(_ key: (Int) -> UInt64, into out: UnsafeMutablePointer<Int>) {
    var (all, any) = (UInt64.max, UInt64(0))
    for position in items.indices {
      let key = key(position)
      (all, any) = (all & key, any | key)
      items[position] = Item(key: key, position: position)
    }
    if items.count <= 32 {
      insertionSort()
    } else {
      for shift in stride(from: 0, to: 64, by: 8) where (all ^ any) >> UInt64(shift) & 0xff != 0 { pass(shift) }
    }
    for (place, item) in items.enumerated() { out[place] = item.position }
  }

  private mutating func insertionSort() {
    for place in items.indices.dropFirst() {
      let item = items[place]
      var hole = place
      while hole > 0, items[hole - 1].key > item.key {
        items[hole] = items[hole - 1]
        hole -= 1
      }
      items[hole] = item
    }
  }

  private mutating func pass(_ shift: Int) {
    var places = [Int](repeating: 0, count: 256)
    for item in items { places[Int(item.key >> UInt64(shift) & 0xff)] += 1 }
    var sum = 0
    for digit in places.indices { (places[digit], sum) = (sum, sum + places[digit]) }
    for item in items {
      let digit = Int(item.key >> UInt64(shift) & 0xff)
      other[places[digit]] = item
      places[digit] += 1
    }
    swap(&items, &other)
  }
}
