import Kernels

// Scalars (tensors without axes). For these, an op's cost is all that surrounds its one instruction, so the four
// operations take the shortest way: no shapes to compare, no strides to compute, no kernel to look up.

extension Tensor {
  /// A scalar of a float type.
  @inline(__always)
  init(single value: Double, dtype: DType) {
    self.init(TensorBody.makeSingle(dtype))
    store(value)
  }

  /// Whether this is a scalar of a float type.
  @inline(__always)
  private var isSingle: Bool { body.withHeader { $0.pointee.axisCount == 0 && $0.pointee.dtype.isFloatingPoint } }

  /// A function of two float scalars; `nil` for anything else.
  @inline(__always)
  func combinedSingles(_ function: BinaryFunction, _ other: Tensor) -> Tensor? {
    guard isSingle, other.isSingle, dtype == other.dtype else { return nil }
    return Tensor.single(function, loaded, other.loaded).map { Tensor(single: $0, dtype: dtype) }
  }

  /// A function of a float scalar and a number; `nil` for anything else.
  @inline(__always)
  func combinedSingle(_ function: BinaryFunction, _ number: Double, reversed: Bool) -> Tensor? {
    guard isSingle else { return nil }
    let b = dtype == .float32 ? Double(Float(number)) : number
    let a = loaded
    return Tensor.single(function, reversed ? b : a, reversed ? a : b).map { Tensor(single: $0, dtype: dtype) }
  }

  /// The same in place, if this is a float scalar that nothing else references; returns whether it is.
  @inline(__always)
  mutating func combineSingles(_ function: BinaryFunction, _ other: Tensor) -> Bool {
    guard isSingle, other.isSingle, dtype == other.dtype, isUniqueAndDense() else { return false }
    guard let value = Tensor.single(function, loaded, other.loaded) else { return false }
    store(value)
    return true
  }

  /// The same with a number.
  @inline(__always)
  mutating func combineSingle(_ function: BinaryFunction, _ number: Double, reversed: Bool) -> Bool {
    guard isSingle, isUniqueAndDense() else { return false }
    let (a, b) = (loaded, dtype == .float32 ? Double(Float(number)) : number)
    guard let value = Tensor.single(function, reversed ? b : a, reversed ? a : b) else { return false }
    store(value)
    return true
  }

  /// One of the four operations. In double for both types: the double result of two floats, rounded to float, is what
  /// float arithmetic gives (Figueroa 1995: 53 ≥ 2 · 24 + 2).
  @inline(__always)
  private static func single(_ function: BinaryFunction, _ a: Double, _ b: Double) -> Double? {
    switch function.kernel {
    case AG_ADD: a + b
    case AG_SUB: a - b
    case AG_MUL: a * b
    case AG_DIV: a / b
    default: nil
    }
  }

  // The body is used only for its address and its type, before the element is accessed, so nothing has to be retained,
  // as it would be if a pointer were passed to a closure.

  /// The element.
  @inline(__always)
  private var loaded: Double { Tensor.load(body.start, body.dtype) }

  /// Sets the element.
  @inline(__always)
  private func store(_ value: Double) {
    let start = body.start
    if body.dtype == .float32 {
      start.storeBytes(of: Float(value), as: Float.self)
    } else {
      start.storeBytes(of: value, as: Double.self)
    }
  }
}
