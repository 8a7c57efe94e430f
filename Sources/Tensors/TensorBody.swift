/// The storage and layout of a tensor: where its elements are, and how to step through them. Nothing here
/// changes except the elements.
///
/// One object holds all of it, including the elements of small tensors, so that a tensor is one reference and creating
/// one takes one allocation, which is where the time goes on a tape of scalars. The elements of a larger tensor are in
/// a block from `Memory`'s pool; those of a view are in the body that it was made from, its `owner`.
@usableFromInline
package final class TensorBody: ManagedBuffer<TensorBody.Header, Int> {
  /// Followed by the sizes of the axes, their strides, and the elements of a small tensor. These take no more room than
  /// they need: a scalar's body is one cache line, and is created in half the time of one with room for eight axes.
  @usableFromInline
  package struct Header {
    /// The first element.
    @usableFromInline let start: UnsafeMutableRawPointer
    @usableFromInline let elementCount: Int
    /// Bytes of the pool's block that starts at `start`; 0 if there is none.
    let pooledBytes: Int
    /// The body that owns a view's elements.
    var owner: TensorBody?
    @usableFromInline let dtype: DType
    /// Whether elements are contiguous in row-major order.
    @usableFromInline let isDense: Bool
    @usableFromInline let axisCount: UInt8
  }

  /// Elements of up to this many bytes are stored in the object.
  private static var mostSmallBytes: Int { 64 }

  /// Dense, uninitialized elements.
  static func make(shape: Shape, dtype: DType) -> TensorBody {
    let elementCount = shape.elementCount
    let (byteCount, isTooLarge) = elementCount.multipliedReportingOverflow(by: dtype.byteCount)
    if isTooLarge { shape.stopForSize() }
    if byteCount > mostSmallBytes {
      let (start, pooledBytes) = Memory.allocate(byteCount: byteCount)
      return make(shape, shape.denseStrides, dtype, isDense: true, elementCount, at: start, pooledBytes: pooledBytes)
    }
    return make(shape, shape.denseStrides, dtype, isDense: true, elementCount, roomFor: byteCount)
  }

  /// A single uninitialized element.
  @inline(__always)
  static func makeSingle(_ dtype: DType) -> TensorBody {
    make(Shape(), AxisValues(), dtype, isDense: true, 1, roomFor: 8)
  }

  /// A view of this body's elements.
  func view(start: UnsafeMutableRawPointer, shape: Shape, strides: AxisValues) -> TensorBody {
    TensorBody.make(
      shape, strides, dtype, isDense: shape.isDense(strides), shape.elementCount, at: start,
      owner: withHeader { $0.pointee.owner } ?? self)
  }

  /// A body whose elements are at `start` or, without one, in the object itself, which has room for them.
  @inline(__always)
  private static func make(
    _ shape: Shape, _ strides: AxisValues, _ dtype: DType, isDense: Bool, _ elementCount: Int,
    at start: UnsafeMutableRawPointer? = nil, pooledBytes: Int = 0, owner: TensorBody? = nil, roomFor bytes: Int = 0
  ) -> TensorBody {
    let rank = shape.rank
    let buffer = create(minimumCapacity: 2 * rank + (bytes + 7) / 8) { buffer in
      let axes = buffer.withUnsafeMutablePointerToElements { $0 }
      shape.sizes.store(to: axes)
      strides.store(to: axes + rank)
      return Header(
        start: start ?? UnsafeMutableRawPointer(axes + 2 * rank), elementCount: elementCount, pooledBytes: pooledBytes,
        owner: owner, dtype: dtype, isDense: isDense, axisCount: UInt8(truncatingIfNeeded: rank))
    }
    return unsafeDowncast(buffer, to: TensorBody.self)
  }

  deinit {
    withHeader {
      if $0.pointee.pooledBytes > 0 { Memory.free($0.pointee.start, byteCount: $0.pointee.pooledBytes) }
    }
  }

  @inlinable @inline(__always) package var rank: Int { withHeader { Int($0.pointee.axisCount) } }
  @inlinable @inline(__always) package var shape: Shape {
    withUnsafeMutablePointers { Shape(checked: AxisValues($1, count: Int($0.pointee.axisCount))) }
  }
  @inlinable @inline(__always) var strides: AxisValues {
    withUnsafeMutablePointers { AxisValues($1 + Int($0.pointee.axisCount), count: Int($0.pointee.axisCount)) }
  }
  @inlinable @inline(__always) var dtype: DType { withHeader { $0.pointee.dtype } }
  @inlinable @inline(__always) var isDense: Bool { withHeader { $0.pointee.isDense } }
  @inlinable @inline(__always) var elementCount: Int { withHeader { $0.pointee.elementCount } }
  @inlinable @inline(__always) var start: UnsafeMutableRawPointer { withHeader { $0.pointee.start } }

  @inlinable @inline(__always)
  func hasShape(_ other: Shape) -> Bool {
    withUnsafeMutablePointers { header, sizes in
      let rank = Int(header.pointee.axisCount)
      if rank != other.rank { return false }
      for axis in 0..<rank where sizes[axis] != other.sizes[axis] { return false }
      return true
    }
  }

  /// Whether nothing else references the elements, given that nothing else references this body.
  func ownsElementsAlone() -> Bool {
    withHeader { $0.pointee.owner == nil || isKnownUniquelyReferenced(&$0.pointee.owner) }
  }

  @inlinable @inline(__always)
  func withHeader<R>(_ body: (UnsafeMutablePointer<Header>) -> R) -> R { withUnsafeMutablePointerToHeader(body) }
}
