/// What a tensor refers to: where its elements are, and how to step through them. Nothing here ever changes but the
/// elements.
///
/// One object holds all of it, for small tensors the elements too, so that a tensor is one reference and making one
/// takes one allocation: on a tape of single values that is what time goes into. Elements of a larger tensor lie in a
/// block from `Memory`'s pool, and a view's in those of the body it was made from, its `owner`.
@usableFromInline
package final class TensorBody: ManagedBuffer<TensorBody.Header, UInt64> {
  @usableFromInline
  package struct Header {
    @usableFromInline let shape: Shape
    @usableFromInline let strides: AxisValues
    @usableFromInline let dtype: DType
    /// Whether elements lie one after another in row-major order.
    @usableFromInline let isDense: Bool
    @usableFromInline let elementCount: Int
    /// The first element.
    @usableFromInline let start: UnsafeMutableRawPointer
    /// The body whose elements a view looks at.
    var owner: TensorBody?
    /// Bytes of the pool's block that starts at `start`; 0 where there is none.
    let pooledBytes: Int
  }

  /// Elements of up to this many bytes lie in the object.
  private static var mostSmallBytes: Int { 64 }

  /// Dense elements that are not set yet.
  static func make(shape: Shape, dtype: DType) -> TensorBody {
    let elementCount = shape.elementCount
    let byteCount = elementCount * dtype.byteCount
    let isSmall = byteCount <= mostSmallBytes
    let buffer = create(minimumCapacity: isSmall ? (byteCount + 7) / 8 : 0) { buffer in
      let (start, pooledBytes) =
        isSmall
        ? (UnsafeMutableRawPointer(buffer.withUnsafeMutablePointerToElements { $0 }), 0)
        : Memory.allocate(byteCount: byteCount)
      return Header(
        shape: shape, strides: shape.denseStrides, dtype: dtype, isDense: true, elementCount: elementCount,
        start: start, owner: nil, pooledBytes: pooledBytes)
    }
    return unsafeDowncast(buffer, to: TensorBody.self)
  }

  /// A single element that is not set yet.
  static func makeSingle(_ dtype: DType) -> TensorBody {
    let buffer = create(minimumCapacity: 1) { buffer in
      Header(
        shape: Shape(), strides: AxisValues(), dtype: dtype, isDense: true, elementCount: 1,
        start: UnsafeMutableRawPointer(buffer.withUnsafeMutablePointerToElements { $0 }), owner: nil, pooledBytes: 0)
    }
    return unsafeDowncast(buffer, to: TensorBody.self)
  }

  /// A view of this body's elements.
  func view(start: UnsafeMutableRawPointer, shape: Shape, strides: AxisValues) -> TensorBody {
    let owner = withHeader { $0.pointee.owner } ?? self
    let buffer = Self.create(minimumCapacity: 0) { _ in
      Header(
        shape: shape, strides: strides, dtype: dtype, isDense: shape.isDense(strides), elementCount: shape.elementCount,
        start: start, owner: owner, pooledBytes: 0)
    }
    return unsafeDowncast(buffer, to: TensorBody.self)
  }

  deinit {
    withHeader {
      if $0.pointee.pooledBytes > 0 { Memory.free($0.pointee.start, byteCount: $0.pointee.pooledBytes) }
    }
  }

  @inlinable @inline(__always) package var shape: Shape { withHeader { $0.pointee.shape } }
  @inlinable @inline(__always) var strides: AxisValues { withHeader { $0.pointee.strides } }
  @inlinable @inline(__always) var dtype: DType { withHeader { $0.pointee.dtype } }
  @inlinable @inline(__always) var isDense: Bool { withHeader { $0.pointee.isDense } }
  @inlinable @inline(__always) var elementCount: Int { withHeader { $0.pointee.elementCount } }
  @inlinable @inline(__always) var start: UnsafeMutableRawPointer { withHeader { $0.pointee.start } }

  /// Whether nobody else can see the elements, given that nobody else holds this body.
  func ownsElementsAlone() -> Bool {
    withHeader { $0.pointee.owner == nil || isKnownUniquelyReferenced(&$0.pointee.owner) }
  }

  @inlinable @inline(__always)
  func withHeader<R>(_ body: (UnsafeMutablePointer<Header>) -> R) -> R { withUnsafeMutablePointerToHeader(body) }
}
