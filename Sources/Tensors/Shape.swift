/// One number per axis, stored inline: up to eight axes without heap memory.
///
/// Sizes and strides are both of this type.
@frozen
public struct AxisValues: Sendable, RandomAccessCollection, MutableCollection {
  /// The most axes a tensor can have.
  public static let capacity = 8

  @usableFromInline var values: (Int, Int, Int, Int, Int, Int, Int, Int)
  @usableFromInline var axisCount: Int
  /// How many axes there are.
  @inlinable public var count: Int { axisCount }

  /// Creates an empty list.
  @inlinable public init() {
    values = (0, 0, 0, 0, 0, 0, 0, 0)
    axisCount = 0
  }

  /// One axis.
  @inlinable init(_ only: Int) {
    values = (only, 0, 0, 0, 0, 0, 0, 0)
    axisCount = 1
  }

  /// Two axes.
  @inlinable init(_ first: Int, _ second: Int) {
    values = (first, second, 0, 0, 0, 0, 0, 0)
    axisCount = 2
  }

  /// Creates a list with the same value for each of `count` axes, 0 to 8.
  public init(repeating value: Int, count: Int) {
    require(count >= 0, "a tensor has no \(count) axes")
    self.init()
    for _ in 0..<count { append(value) }
  }

  /// Creates a list from the values of a sequence, at most eight.
  public init(_ elements: some Sequence<Int>) {
    self.init()
    for element in elements { append(element) }
  }

  /// Values that lie in memory one after another.
  @inlinable @inline(__always)
  init(_ start: UnsafePointer<Int>, count: Int) {
    // Only loads: a call that copies memory would require retaining the owner of `start`.
    values = (
      count > 0 ? start[0] : 0, count > 1 ? start[1] : 0, count > 2 ? start[2] : 0, count > 3 ? start[3] : 0,
      count > 4 ? start[4] : 0, count > 5 ? start[5] : 0, count > 6 ? start[6] : 0, count > 7 ? start[7] : 0
    )
    axisCount = count
  }

  /// Writes the values to memory one after another.
  @inlinable @inline(__always)
  func store(to start: UnsafeMutablePointer<Int>) {
    if count > 0 { start[0] = values.0 }
    if count > 1 { start[1] = values.1 }
    for axis in 2..<Swift.max(count, 2) { start[axis] = self[axis] }
  }

  /// The first axis, 0.
  @inlinable public var startIndex: Int { 0 }
  /// One past the last axis.
  @inlinable public var endIndex: Int { count }

  /// The value of one axis, counted from 0.
  @inlinable public subscript(axis: Int) -> Int {
    @inline(__always) get {
      require(axis >= 0 && axis < count, "axis \(axis) is out of range for \(count) axes")
      return withUnsafeBytes(of: values) { $0.load(fromByteOffset: axis * 8, as: Int.self) }
    }
    @inline(__always) set {
      require(axis >= 0 && axis < count, "axis \(axis) is out of range for \(count) axes")
      withUnsafeMutableBytes(of: &values) { $0.storeBytes(of: newValue, toByteOffset: axis * 8, as: Int.self) }
    }
  }

  /// Adds an axis at the end.
  public mutating func append(_ value: Int) {
    require(count < Self.capacity, "a tensor has at most \(Self.capacity) axes")
    axisCount += 1
    self[count - 1] = value
  }

  /// Adds an axis before `axis`.
  public mutating func insert(_ value: Int, at axis: Int) {
    append(value)
    var position = count - 1
    while position > axis {
      self[position] = self[position - 1]
      position -= 1
    }
    self[axis] = value
  }

  /// Takes an axis out.
  public mutating func remove(at axis: Int) {
    require(axis >= 0 && axis < count, "axis \(axis) is out of range for \(count) axes")
    for position in axis..<(count - 1) { self[position] = self[position + 1] }
    self[count - 1] = 0
    axisCount -= 1
  }
}

extension AxisValues: Hashable {
  @inlinable var low: SIMD4<Int> { SIMD4(values.0, values.1, values.2, values.3) }
  @inlinable var high: SIMD4<Int> { SIMD4(values.4, values.5, values.6, values.7) }

  /// Whether there are as many axes with the same values.
  @inlinable public static func == (lhs: AxisValues, rhs: AxisValues) -> Bool {
    // Unused elements are 0, so that whole vectors can be compared; for scalars not even that is needed.
    if lhs.axisCount != rhs.axisCount { return false }
    return lhs.axisCount == 0 || (lhs.low == rhs.low && lhs.high == rhs.high)
  }

  /// Feeds the values to a hasher.
  public func hash(into hasher: inout Hasher) {
    for value in self { hasher.combine(value) }
  }
}

/// The sizes of a tensor's axes: `[2, 3]` has two rows and three columns, `[]` is a single value.
@frozen
public struct Shape: Sendable, Hashable, RandomAccessCollection, ExpressibleByArrayLiteral, CustomStringConvertible {
  @usableFromInline package var sizes: AxisValues

  /// Creates the shape of a single value, which has no axes.
  @inlinable public init() { sizes = AxisValues() }

  /// Creates a shape from the sizes of its axes, at most eight and none negative.
  public init(_ sizes: some Sequence<Int>) {
    self.sizes = AxisValues(sizes)
    require(self.sizes.allSatisfy { $0 >= 0 }, "a shape's sizes must not be negative, got \(self)")
  }

  /// Sizes that are known not to be negative.
  @inlinable init(checked sizes: AxisValues) { self.sizes = sizes }

  /// One size, without an array.
  package init(_ only: Int) {
    require(only >= 0, "a shape's sizes must not be negative, got [\(only)]")
    sizes = AxisValues(only)
  }

  /// Two sizes, without an array.
  package init(_ first: Int, _ second: Int) {
    require(first >= 0 && second >= 0, "a shape's sizes must not be negative, got [\(first), \(second)]")
    sizes = AxisValues(first, second)
  }

  /// Creates a shape from a literal.
  public init(arrayLiteral sizes: Int...) { self.init(sizes) }

  /// The first axis, 0.
  @inlinable public var startIndex: Int { 0 }
  /// One past the last axis.
  @inlinable public var endIndex: Int { sizes.count }
  /// How many axes there are.
  @inlinable public var rank: Int { sizes.count }

  /// The size of one axis; a negative one counts from the end.
  @inlinable public subscript(axis: Int) -> Int {
    @inline(__always) get { sizes[axis < 0 ? axis + sizes.count : axis] }
  }

  /// How many elements a tensor of this shape has; 1 without axes.
  ///
  /// Stops when they are more than can be addressed.
  @inlinable public var elementCount: Int { @inline(__always) get { rank == 1 ? sizes.values.0 : product } }

  @inlinable var product: Int {
    var product = 1
    for axis in 0..<sizes.count {
      let (next, isTooLarge) = product.multipliedReportingOverflow(by: sizes[axis])
      if isTooLarge {
        if sizes.contains(0) { return 0 }
        stopForSize()
      }
      product = next
    }
    return product
  }

  @inline(never)
  @usableFromInline
  func stopForSize() -> Never { stop("a tensor of shape \(self) has more elements than can be addressed") }

  /// The sizes in brackets: `[2, 3]`.
  public var description: String { "[\(sizes.map(String.init).joined(separator: ", "))]" }

  /// The strides of a dense, row-major tensor of this shape.
  @inlinable var denseStrides: AxisValues {
    // Most tensors have few axes; for these a loop through memory would take a tenth of the time of a small op.
    @inline(__always) get {
      switch rank {
      case 0: sizes
      case 1: AxisValues(1)
      case 2: AxisValues(Swift.max(sizes.values.1, 1), 1)
      default: strides
      }
    }
  }

  @inlinable var strides: AxisValues {
    var (strides, step) = (sizes, 1)
    for axis in stride(from: rank - 1, through: 0, by: -1) {
      strides[axis] = step
      step &*= Swift.max(sizes[axis], 1)  // only beside a size of 0 can this overflow, where nothing is stepped through
    }
    return strides
  }

  /// Whether these strides step through a tensor of this shape in row-major order without gaps.
  func isDense(_ strides: AxisValues) -> Bool {
    var step = 1
    for axis in stride(from: rank - 1, through: 0, by: -1) {
      let size = sizes[axis]
      if size == 0 { return true }
      if size != 1 && strides[axis] != step { return false }
      step = step.times(size)
    }
    return true
  }

  /// The axis counted from the front, or a stop that names the op.
  package func checkedAxis(_ axis: Int, op: @autoclosure () -> String) -> Int {
    require(
      axis >= -rank && axis < rank,
      "\(op()): axis \(axis) is out of range for shape \(self)" + (rank == 0 ? ", which has no axes" : ""))
    return axis < 0 ? axis + rank : axis
  }

  /// The axes counted from the front; all of them for `nil`. Stops for one that does not exist or is named twice.
  package func checkedAxes(_ axes: [Int]?, op: @autoclosure () -> String) -> AxisSet {
    guard let axes else { return AxisSet(0..<rank) }
    var result = AxisSet()
    for axis in axes {
      let checked = checkedAxis(axis, op: op())
      require(!result.contains(checked), "\(op()): axis \(checked) is named twice in \(axes)")
      result.insert(checked)
    }
    return result
  }

  /// The sizes before, along and after some adjacent axes.
  package func block(around axes: Range<Int>) -> (outer: Int, count: Int, inner: Int) {
    var block = (outer: 1, count: 1, inner: 1)
    for axis in 0..<rank {
      if axis < axes.lowerBound {
        block.outer = block.outer.times(sizes[axis])
      } else if axis >= axes.upperBound {
        block.inner = block.inner.times(sizes[axis])
      } else {
        block.count = block.count.times(sizes[axis])
      }
    }
    return block
  }

  /// This shape with one axis of another size.
  package func replacing(axis: Int, with size: Int) -> Shape {
    var result = self
    result.sizes[axis] = size
    return result
  }

  /// This shape without some axes, or with size 1 in their place.
  package func reducing(_ axes: AxisSet, keepDims: Bool) -> Shape {
    var result = AxisValues()
    for axis in 0..<rank {
      if !axes.contains(axis) { result.append(sizes[axis]) } else if keepDims { result.append(1) }
    }
    return Shape(checked: result)
  }

  /// The shape that two operands broadcast to by NumPy's rule: aligned at the end, sizes equal or
  /// 1. `nil` if they do not fit.
  package static func broadcast(_ lhs: Shape, _ rhs: Shape) -> Shape? {
    if lhs == rhs { return lhs }
    var result = lhs.rank >= rhs.rank ? lhs : rhs
    let shorter = lhs.rank >= rhs.rank ? rhs : lhs
    let shift = result.rank - shorter.rank
    for axis in 0..<shorter.rank {
      let (a, b) = (result.sizes[axis + shift], shorter.sizes[axis])
      if a == b || b == 1 { continue }
      guard a == 1 else { return nil }
      result.sizes[axis + shift] = b
    }
    return result
  }

  /// The same of any number of operands.
  package static func broadcast(_ shapes: [Shape]) -> Shape? {
    shapes.reduce(Shape?([])) { common, next in common.flatMap { broadcast($0, next) } }
  }
}

/// Some of a tensor's axes, as one bit each.
package struct AxisSet: Sendable {
  private var bits: UInt16 = 0

  /// No axes.
  package init() {}

  /// Adjacent axes.
  package init(_ axes: Range<Int>) { bits = (1 << UInt16(axes.upperBound)) - (1 << UInt16(axes.lowerBound)) }

  package func contains(_ axis: Int) -> Bool { bits >> UInt16(axis) & 1 == 1 }
  package mutating func insert(_ axis: Int) { bits |= 1 << UInt16(axis) }
  package var isEmpty: Bool { bits == 0 }

  /// Removes the last run of adjacent axes from the set and returns it.
  mutating func removeLastRun() -> Range<Int>? {
    guard bits != 0 else { return nil }
    let end = UInt16.bitWidth - bits.leadingZeroBitCount
    let run = (bits << UInt16(bits.leadingZeroBitCount))
    let length = (~run).leadingZeroBitCount
    let range = (end - length)..<end
    bits &= ~AxisSet(range).bits
    return range
  }
}
