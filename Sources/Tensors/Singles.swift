import Kernels

// Tensors without axes. On a tape of single numbers an op costs what stands around its one instruction, so the four
// operations go the shortest way there is: no shapes to compare, no strides to work out, no kernel to look up.

extension Tensor {
  /// A float without axes.
  @inline(__always)
  init(single value: Double, dtype: DType) {
    self.init(TensorBody.makeSingle(dtype))
    store(value)
  }

  /// Whether this is a float without axes.
  @inline(__always)
  private var isSingle: Bool { body.withHeader { $0.pointee.axisCount == 0 && $0.pointee.dtype.isFloatingPoint } }

  /// A function of two floats without axes; nil for anything else.
  @inline(__always)
  func combinedSingles(_ function: BinaryFunction, _ other: Tensor) -> Tensor? {
    guard isSingle, other.isSingle, dtype == other.dtype else { return nil }
    return Tensor.single(function, loaded, other.loaded).map { Tensor(single: $0, dtype: dtype) }
  }

  /// A function of a float without axes and a number; nil for anything else.
  @inline(__always)
  func combinedSingle(_ function: BinaryFunction, _ number: Double, reversed: Bool) -> Tensor? {
    guard isSingle else { return nil }
    let b = dtype == .float32 ? Double(Float(number)) : number
    let a = loaded
    return Tensor.single(function, reversed ? b : a, reversed ? a : b).map { Tensor(single: $0, dtype: dtype) }
  }

  /// The same in place, if this is a float without axes that nobody else sees; says whether it was.
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

  /// One of the four operations. In double for both types: rounding the result of two floats once more to float gives
  /// what float arithmetic gives (Figueroa 1995: 53 ≥ 2 · 24 + 2).
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

  // The body is only read for its address and its type, and before the element is touched: so nothing need be retained,
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
