/// An n-dimensional array of numbers with value semantics.
///
/// A tensor is a window on a block of memory: a shape, a stride for each axis, and a first element. Views (transpose,
/// slice, expand) share the memory and cost no copy. Writing to a tensor whose memory is shared copies it first, so
/// writing to one tensor never changes another. The element type is a property of the value, `dtype`.
///
/// ```swift
/// let x = Tensor([[1, 2, 3], [4, 5, 6]])  // float32, shape [2, 3]
/// let y = x.transpose() * 2              // a view, then a new tensor
/// print(y[0, 1], y.sum())
/// ```
public struct Tensor: @unchecked Sendable {
  // Sendable: elements are written only while one tensor alone can see them.
  @usableFromInline package private(set) var body: TensorBody

  @inlinable package init(_ body: TensorBody) { self.body = body }

  /// A dense tensor with uninitialized elements: the caller writes all of them before any is read.
  package init(uninitialized shape: Shape, dtype: DType) { body = TensorBody.make(shape: shape, dtype: dtype) }

  /// The size of each axis.
  @inlinable public var shape: Shape { @inline(__always) get { body.shape } }
  /// How many elements apart neighbours along each axis are; stride 0 repeats an element, a
  /// negative one runs backwards.
  @inlinable public var strides: AxisValues { @inline(__always) get { body.strides } }
  /// The type of the elements.
  @inlinable public var dtype: DType { body.dtype }
  /// How many elements there are.
  @inlinable public var elementCount: Int { body.elementCount }
  /// How many axes there are.
  @inlinable public var rank: Int { body.rank }

  /// Whether this is the shape; quicker than comparing `shape`, which makes a copy.
  @inlinable @inline(__always)
  package func hasShape(_ other: Shape) -> Bool { body.hasShape(other) }

  /// Whether the elements are contiguous in row-major order.
  @inlinable public var isContiguous: Bool { body.isDense }

  /// This tensor, copied if it is not contiguous.
  public func contiguous() -> Tensor { isContiguous ? self : copied() }

  /// A dense copy in memory of its own.
  func copied() -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    result.withWritablePointer { copyElements(to: $0, strides: result.strides) }
    return result
  }

  /// Reads, from the first element on.
  @inlinable @inline(__always)
  package func withPointer<R>(_ body: (UnsafeRawPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(self) { try body(UnsafeRawPointer(self.body.start)) }
  }

  /// Writes to a tensor that was just created and that nothing else references.
  @inlinable @inline(__always)
  package func withWritablePointer<R>(_ body: (UnsafeMutableRawPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(self) { try body(self.body.start) }
  }

  /// Reads the elements of a dense tensor as `T`, which is their type.
  @inline(__always)
  func withElements<T: TensorScalar, R>(of _: T.Type, _ body: (UnsafePointer<T>) -> R) -> R {
    withPointer { body($0.assumingMemoryBound(to: T.self)) }
  }

  /// Writes the elements, of type `T`, of a tensor that was just created.
  @inline(__always)
  func withWritableElements<T: TensorScalar, R>(of _: T.Type, _ body: (UnsafeMutablePointer<T>) -> R) -> R {
    withWritablePointer { body($0.assumingMemoryBound(to: T.self)) }
  }

  /// The first element; valid for as long as the caller keeps the tensor alive. For kernels of many operands, where
  /// nested closures would hide the call.
  var raw: UnsafeMutableRawPointer { body.start }
  /// The same, typed.
  func elements<Scalar>() -> UnsafeMutablePointer<Scalar> { raw.assumingMemoryBound(to: Scalar.self) }
  /// The same, for reading.
  func elements<Scalar>() -> UnsafePointer<Scalar> { UnsafePointer(raw.assumingMemoryBound(to: Scalar.self)) }

  /// Writes in place, after a copy if the elements are shared or overlap (an expanded view).
  @inlinable @inline(__always)
  package mutating func withMutablePointer<R>(_ body: (UnsafeMutableRawPointer) throws -> R) rethrows -> R {
    makeUnique()
    return try withWritablePointer(body)
  }

  /// Copies unless the elements are unshared and dense; afterwards they are.
  @usableFromInline mutating func makeUnique() {
    if !isUniqueAndDense() { self = copied() }
  }

  /// Whether the elements are unshared and dense, so that writing in place needs no copy.
  mutating func isUniqueAndDense() -> Bool {
    isKnownUniquelyReferenced(&body) && body.ownsElementsAlone() && isContiguous
  }

  /// Another window on the same elements; `offset` counts elements from this one's first.
  func view(shape: Shape, strides: AxisValues, offset: Int = 0) -> Tensor {
    Tensor(body.view(start: body.start + offset * dtype.byteCount, shape: shape, strides: strides))
  }
}

// MARK: - Reading elements

extension Tensor {
  /// The only element as a double.
  ///
  /// Stops unless there is exactly one.
  public func item() -> Double {
    require(elementCount == 1, "item: wants a tensor of one element, got shape \(shape)")
    return withPointer { Tensor.load($0, dtype) }
  }

  /// All elements in row-major order, converted to a Swift type.
  ///
  /// `tensor.scalars(as: Float.self)`; from floats to integers truncates towards zero. Integers pass exactly.
  public func scalars<Scalar: TensorScalar>(as type: Scalar.Type = Scalar.self) -> [Scalar] {
    let source = (dtype == Scalar.dtype ? self : cast(to: Scalar.dtype)).contiguous()
    return source.withPointer { start in
      let elements = start.assumingMemoryBound(to: Scalar.self)
      return Array(UnsafeBufferPointer(start: elements, count: elementCount))
    }
  }

  static func load(_ pointer: UnsafeRawPointer, _ dtype: DType) -> Double {
    switch dtype {
    case .float32: Double(pointer.load(as: Float.self))
    case .float64: pointer.load(as: Double.self)
    case .int32: Double(pointer.load(as: Int32.self))
    case .int64: Double(pointer.load(as: Int64.self))
    case .uint8, .bool: Double(pointer.load(as: UInt8.self))
    }
  }
}

extension Tensor: Equatable {
  /// Whether shapes, types and all elements are equal; NaN equals nothing. For element-wise comparison see `.==`.
  public static func == (lhs: Tensor, rhs: Tensor) -> Bool {
    guard lhs.shape == rhs.shape, lhs.dtype == rhs.dtype else { return false }
    return (lhs .== rhs).all().item() == 1
  }
}
