import Kernels

/// The type of a tensor's elements, known at run time.
public enum DType: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
  /// 32-bit floating point, the default.
  case float32
  /// 64-bit floating point, for gradient checks and numerical work.
  case float64
  /// 32-bit signed integers.
  case int32
  /// 64-bit signed integers: indices and labels.
  case int64
  /// Bytes: images.
  case uint8
  /// Booleans, one byte each.
  case bool

  /// The size of an element in bytes.
  @inlinable public var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .float64, .int64: 8
    case .uint8, .bool: 1
    }
  }

  /// Whether elements are floating-point numbers, the only ones that have gradients.
  @inlinable public var isFloatingPoint: Bool { rawValue <= DType.float64.rawValue }

  /// The type's name, as in messages: `float32`.
  public var description: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .int32: "int32"
    case .int64: "int64"
    case .uint8: "uint8"
    case .bool: "bool"
    }
  }

  /// A number as an element of this type, in the first bytes of a word.
  ///
  /// Stops, naming `op`, for a number that an integer type cannot represent.
  func bits(of number: Double, op: StaticString) -> UInt64 {
    switch self {
    case .float32: return UInt64(Float(number).bitPattern)
    case .float64: return number.bitPattern
    default: break
    }
    let nearest: Double
    let bits: UInt64
    switch self {
    case .int32:
      let whole = Int32(tensorScalar: number)
      (nearest, bits) = (whole.tensorScalar, UInt64(UInt32(bitPattern: whole)))
    case .uint8:
      let whole = UInt8(tensorScalar: number)
      (nearest, bits) = (whole.tensorScalar, UInt64(whole))
    case .bool: return number != 0 ? 1 : 0
    default:
      let whole = Int64(tensorScalar: number)
      (nearest, bits) = (whole.tensorScalar, UInt64(bitPattern: whole))
    }
    require(
      nearest == number, "\(op): the number \(number) is not a value of \(self); convert the tensor with cast(to:)")
    return bits
  }

  /// Whether this integer type can represent all of these integers.
  func holds(_ range: Range<Int>) -> Bool {
    switch self {
    case .int32: range.lowerBound >= Int(Int32.min) && range.upperBound - 1 <= Int(Int32.max)
    case .uint8: range.lowerBound >= 0 && range.upperBound - 1 <= Int(UInt8.max)
    default: true
    }
  }

  /// The kernels' name for this type; the raw values agree.
  package var kernel: ag_dtype { ag_dtype(rawValue: rawValue) }
}

/// A Swift type to and from which a tensor's elements convert.
public protocol TensorScalar: Sendable {
  /// The element type of a tensor made from these.
  static var dtype: DType { get }
  /// The nearest value to a double: integers truncate towards zero, `Bool` is `value != 0`.
  init(tensorScalar value: Double)
  /// The value as a double.
  var tensorScalar: Double { get }
}

extension Float: TensorScalar {
  /// `float32`
  public static var dtype: DType { .float32 }
  /// Creates a value from a double.
  @inlinable public init(tensorScalar value: Double) { self = Float(value) }
  /// As a double.
  @inlinable public var tensorScalar: Double { Double(self) }
}

extension Double: TensorScalar {
  /// `float64`
  public static var dtype: DType { .float64 }
  /// Creates a value from a double.
  @inlinable public init(tensorScalar value: Double) { self = value }
  /// As a double.
  @inlinable public var tensorScalar: Double { self }
}

extension Bool: TensorScalar {
  /// `bool`
  public static var dtype: DType { .bool }
  /// Creates a value from a double.
  @inlinable public init(tensorScalar value: Double) { self = value != 0 }
  /// As a double.
  @inlinable public var tensorScalar: Double { self ? 1 : 0 }
}

extension TensorScalar where Self: FixedWidthInteger {
  /// Truncates towards zero and stops at the type's bounds; NaN gives 0.
  @inlinable public init(tensorScalar value: Double) {
    if value.isNaN {
      self = 0
    } else if value >= Double(Self.max) {
      self = .max
    } else {
      self = value <= Double(Self.min) ? .min : Self(value)
    }
  }
  /// As a double.
  @inlinable public var tensorScalar: Double { Double(self) }
}

extension Int32: TensorScalar {
  /// `int32`
  public static var dtype: DType { .int32 }
}
extension Int64: TensorScalar {
  /// `int64`
  public static var dtype: DType { .int64 }
}
extension Int: TensorScalar {
  /// `int64`
  public static var dtype: DType { .int64 }
}
extension UInt8: TensorScalar {
  /// `uint8`
  public static var dtype: DType { .uint8 }
}
