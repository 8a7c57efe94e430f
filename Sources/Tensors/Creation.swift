import Kernels

/// Nested array literals: `[[1, 2], [3, 4]]`.
///
/// You never name this type: it is the type of the literal in `Tensor([[1, 2], [3, 4]])`.
public struct TensorLiteral: ExpressibleByArrayLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, Sendable
{
  let shape: Shape
  let elements: [Double]
  let isBool: Bool

  /// Creates a literal from a number.
  public init(floatLiteral value: Double) { (shape, elements, isBool) = ([], [value], false) }
  /// Creates a literal from an integer.
  public init(integerLiteral value: Int) { (shape, elements, isBool) = ([], [Double(value)], false) }
  /// Creates a literal from a Boolean.
  public init(booleanLiteral value: Bool) { (shape, elements, isBool) = ([], [value ? 1 : 0], true) }

  /// Creates a literal from rows, which must have one shape.
  public init(arrayLiteral rows: TensorLiteral...) { self.init(rows) }

  fileprivate init(_ rows: [TensorLiteral]) {
    let inner = rows.first?.shape ?? []
    for (index, row) in rows.enumerated() {
      require(
        row.shape == inner, "Tensor: ragged literal, element 0 has shape \(inner) and element \(index) has \(row.shape)"
      )
    }
    shape = Shape([rows.count] + (rows.isEmpty ? [] : Array(inner)))
    elements = rows.flatMap(\.elements)
    isBool = rows.first?.isBool ?? false
  }
}

extension Tensor: ExpressibleByArrayLiteral {
  /// Creates a tensor from nested literals: `Tensor([[1, 2], [3, 4]])`; float32 by
  /// default, bool for `true` and `false`.
  ///
  /// Numbers pass through `Double`: give integers beyond 2⁵³ as an array of `Int`. Stops for rows of different lengths.
  public init(_ literal: TensorLiteral, dtype: DType? = nil) {
    self = Tensor(literal.elements, shape: literal.shape).cast(to: dtype ?? (literal.isBool ? .bool : .float32))
  }

  /// Creates a float32 tensor from a literal: `let x: Tensor = [[1, 2], [3, 4]]`.
  public init(arrayLiteral rows: TensorLiteral...) { self.init(TensorLiteral(rows)) }

  /// Creates a tensor without axes that holds one number, of the number's type.
  @_disfavoredOverload
  public init(_ value: some TensorScalar) { self.init([value], shape: []) }

  /// Creates a tensor of a given type from the values of an array, as `init(_:shape:)` does:
  /// `Tensor(rewards, dtype: .float32)`.
  @_disfavoredOverload
  public init<Scalar: TensorScalar>(_ values: [Scalar], shape: Shape? = nil, dtype: DType) {
    self = Tensor(values, shape: shape).cast(to: dtype)
  }

  /// Creates a tensor from the values of an array in row-major order, of the array's type; without `shape`, a vector.
  ///
  /// `Tensor(pixels, shape: [28, 28])`. Stops when the shape has another number of elements.
  @_disfavoredOverload
  public init<Scalar: TensorScalar>(_ values: [Scalar], shape: Shape? = nil) {
    let shape = shape ?? [values.count]
    require(
      shape.elementCount == values.count,
      "Tensor: \(values.count) values do not fill shape \(shape), which takes \(shape.elementCount)")
    self.init(uninitialized: shape, dtype: Scalar.dtype)
    withWritablePointer { out in
      values.withUnsafeBytes { bytes in
        if let source = bytes.baseAddress { out.copyMemory(from: source, byteCount: bytes.count) }
      }
    }
  }

  /// Creates a matrix from an array of rows, of the rows' type; stops when rows differ in length.
  @_disfavoredOverload
  public init<Scalar: TensorScalar>(_ rows: [[Scalar]]) {
    for (index, row) in rows.enumerated() {
      require(
        row.count == rows[0].count,
        "Tensor: ragged rows, row 0 has \(rows[0].count) values and row \(index) has \(row.count)")
    }
    self.init(rows.flatMap { $0 }, shape: [rows.count, rows.first?.count ?? 0])
  }

  /// Every element 0.
  public static func zeros(_ shape: Shape, dtype: DType = .float32) -> Tensor { full(shape, 0, dtype: dtype) }

  /// Every element 1.
  public static func ones(_ shape: Shape, dtype: DType = .float32) -> Tensor { full(shape, 1, dtype: dtype) }

  /// Every element `value`.
  public static func full(_ shape: Shape, _ value: Double, dtype: DType = .float32) -> Tensor {
    let result = Tensor(uninitialized: shape, dtype: dtype)
    result.withScalar(value, op: "full") { value in
      result.withWritablePointer { ag_fill(dtype.kernel, result.elementCount, value, $0) }
    }
    return result
  }

  /// Zeros of this tensor's shape and type.
  public func zerosLike() -> Tensor { .zeros(shape, dtype: dtype) }
  /// Ones of this tensor's shape and type.
  public func onesLike() -> Tensor { .ones(shape, dtype: dtype) }

  /// `start`, `start + step`, … up to but excluding `stop`: ⌈(stop − start) / step⌉ values, each computed directly.
  public static func arange(_ start: Double, _ stop: Double, step: Double = 1, dtype: DType = .float32) -> Tensor {
    require(step != 0 && step.isFinite, "arange: the step must be finite and not 0, got \(step)")
    require(start.isFinite && stop.isFinite, "arange: both ends must be finite, got \(start) and \(stop)")
    let steps = ((stop - start) / step).rounded(.up)
    require(steps < 0x1p53, "arange: from \(start) to \(stop) by \(step) are too many values")
    return sequence(count: Int(Swift.max(0, steps)), start: start, step: step, dtype: dtype)
  }

  /// 0, 1, … below `count`.
  public static func arange(_ count: Int, dtype: DType = .float32) -> Tensor {
    require(count >= 0, "arange: the count must not be negative, got \(count)")
    return sequence(count: count, start: 0, step: 1, dtype: dtype)
  }

  /// `count` evenly spaced values from `start` to `stop`, both included.
  public static func linspace(_ start: Double, _ stop: Double, count: Int, dtype: DType = .float32) -> Tensor {
    require(count >= 0, "linspace: the count must not be negative, got \(count)")
    let step = count > 1 ? (stop - start) / Double(count - 1) : 0
    let values = Tensor(uninitialized: [count], dtype: .float64)
    values.withWritableElements(of: Double.self) { elements in
      for place in 0..<count { elements[place] = start + Double(place) * step }
      if count > 1 { elements[count - 1] = stop }
    }
    return values.cast(to: dtype)
  }

  /// `count` powers of `base`, whose exponents are evenly spaced from `start` to `stop`, both included. PyTorch's
  /// `logspace`.
  public static func logspace(
    _ start: Double, _ stop: Double, count: Int, base: Double = 10, dtype: DType = .float32
  ) -> Tensor {
    require(count >= 0, "logspace: the count must not be negative, got \(count)")
    return pow(base, linspace(start, stop, count: count, dtype: .float64)).cast(to: dtype)
  }

  /// The identity matrix, or a rectangular one with ones on the diagonal.
  public static func eye(_ rows: Int, columns: Int? = nil, dtype: DType = .float32) -> Tensor {
    require(
      rows >= 0 && columns ?? 0 >= 0,
      "eye: the numbers of rows and columns must not be negative, got \(rows) and \(columns ?? rows)")
    let (row, column) = (arange(rows, dtype: .int64), arange(columns ?? rows, dtype: .int64))
    return (row.reshape([rows, 1]) .== column).cast(to: dtype)
  }

  /// One-hot rows: labels of any shape [...] give int64 [..., classes], 1 at the label and 0 elsewhere.
  ///
  /// `classes` nil counts up to the largest label. Stops for a label out of range, naming it. PyTorch's `one_hot`.
  public static func oneHot(_ labels: Tensor, classes: Int? = nil) -> Tensor {
    require(
      labels.dtype == .int64 || labels.dtype == .int32,
      "oneHot: labels must be int64 or int32, got \(labels.dtype) \(labels.shape); convert with cast(to: .int64)")
    let values = labels.scalars(as: Int.self)
    require(classes != nil || !values.isEmpty, "oneHot: without labels the number of classes must be given")
    let largest = values.max() ?? 0
    require(classes != nil || largest < Int.max, "oneHot: label \(largest) is too large to be one of counted classes")
    let count = classes ?? largest + 1
    require(count > 0, "oneHot: the number of classes must be positive, got \(count)")
    let result = Tensor.zeros(Shape(Array(labels.shape) + [count]), dtype: .int64)
    result.withWritableElements(of: Int64.self) { elements in
      for (place, label) in values.enumerated() {
        require(
          label >= 0 && label < count, "oneHot: label \(label) (number \(place)) is out of range for \(count) classes")
        elements[place * count + label] = 1
      }
    }
    return result
  }

  private static func sequence(count: Int, start: Double, step: Double, dtype: DType) -> Tensor {
    let result = Tensor(uninitialized: [count], dtype: dtype)
    result.withWritablePointer { ag_arange(dtype.kernel, count, start, step, $0) }
    return result
  }
}
