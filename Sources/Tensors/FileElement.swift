/// The types of numbers in files, and the tensor type that represents each without loss.
enum FileElement: Sendable {
  case bool, uint8, int32, int64, float32, float64
  // Types that no tensor has.
  case int8, int16, uint16, uint32, uint64, float16, bfloat16, float8e4m3, float8e5m2

  /// Bytes per element in the file.
  var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8, .float8e4m3, .float8e5m2: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// The type of the tensor that they become.
  var dtype: DType {
    switch self {
    case .bool: .bool
    case .uint8: .uint8
    case .int32, .int8, .int16, .uint16: .int32
    case .int64, .uint32, .uint64: .int64
    case .float32, .float16, .bfloat16, .float8e4m3, .float8e5m2: .float32
    case .float64: .float64
    }
  }

  /// The type in files of a tensor's elements.
  init(_ dtype: DType) {
    self =
      switch dtype {
      case .float32: .float32
      case .float64: .float64
      case .int32: .int32
      case .int64: .int64
      case .uint8: .uint8
      case .bool: .bool
      }
  }

  /// Whether a tensor's elements are the same bytes as the file's.
  fileprivate var isSame: Bool {
    switch self {
    case .uint8, .int32, .int64, .float32, .float64: true
    default: false
    }
  }

  /// The bytes that a tensor of these sizes takes in the file; `nil` where they cannot be counted.
  func byteCount(of sizes: [Int]) -> Int? {
    var product = byteCount
    for size in sizes {
      let (next, isTooLarge) = product.multipliedReportingOverflow(by: size)
      if isTooLarge { return nil }
      product = next
    }
    return product
  }
}

extension ByteSource {
  /// The tensor whose elements start at `offset`, contiguous and in row-major order.
  ///
  /// Elements of a tensor's own type are read straight into its memory. The caller has checked
  /// that the bytes are there.
  func tensor(
    _ element: FileElement, _ shape: Shape, at offset: Int, place: FileError.Place?, isBigEndian: Bool = false
  ) throws -> Tensor {
    let tensor = Tensor(uninitialized: shape, dtype: element.dtype)
    try tensor.withWritablePointer { start in
      if element.isSame {
        let bytes = UnsafeMutableRawBufferPointer(start: start, count: tensor.elementCount * element.byteCount)
        try read(at: offset, into: bytes)
        if isBigEndian { element.reverseBytes(of: bytes) }
      } else {
        try convert(element, count: tensor.elementCount, at: offset, to: start, place: place, isBigEndian: isBigEndian)
      }
    }
    return tensor
  }

  private func convert(
    _ element: FileElement, count: Int, at offset: Int, to start: UnsafeMutableRawPointer, place: FileError.Place?,
    isBigEndian: Bool
  ) throws {
    // In pieces that stay in the cache between reading and converting.
    let pieceCount = min(count, 1 << 14)
    try withUnsafeTemporaryAllocation(byteCount: pieceCount * element.byteCount, alignment: 16) { piece in
      for first in stride(from: 0, to: count, by: max(pieceCount, 1)) {
        let length = min(pieceCount, count - first) * element.byteCount
        let bytes = UnsafeMutableRawBufferPointer(rebasing: piece[..<length])
        try read(at: offset + first * element.byteCount, into: bytes)
        if isBigEndian { element.reverseBytes(of: bytes) }
        let target = start + first * element.dtype.byteCount
        guard element.convert(UnsafeRawBufferPointer(bytes), to: target) else {
          throw FileError(
            file: name, place: place, expected: "whole numbers of at most \(Int64.max)", found: "a larger one")
        }
      }
    }
  }
}

extension FileElement {
  /// Converts the numbers in `bytes` to the tensor's type. Returns whether it can represent all of them.
  fileprivate func convert(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) -> Bool {
    switch self {
    case .bool: each(bytes, to: target) { (bits: UInt8) in bits == 0 ? 0 : 1 as UInt8 }  // any byte but 0 is true
    case .int8: each(bytes, to: target) { (number: Int8) in Int32(number) }
    case .int16: each(bytes, to: target) { (number: Int16) in Int32(number) }
    case .uint16: each(bytes, to: target) { (number: UInt16) in Int32(number) }
    case .uint32: each(bytes, to: target) { (number: UInt32) in Int64(number) }
    case .uint64:
      var all: UInt64 = 0
      each(bytes, to: target) { (number: UInt64) in
        all |= number
        return Int64(bitPattern: number)
      }
      return all <= Int64.max
    case .float16: each(bytes, to: target, float(half:))
    case .bfloat16: each(bytes, to: target) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .float8e4m3:
      each(bytes, to: target) { (bits: UInt8) in
        // Three bits of fraction where half precision has ten, and a bias of 7 where that has 15. No infinity.
        if bits & 0x7f == 0x7f { return Float.nan }
        return float(half: UInt16(bits & 0x80) << 8 | UInt16(bits & 0x7f) << 7) * 0x1p8
      }
    case .float8e5m2: each(bytes, to: target) { (bits: UInt8) in float(half: UInt16(bits) << 8) }
    case .uint8, .int32, .int64, .float32, .float64: each(bytes, to: target) { (byte: UInt8) in byte }
    }
    return true
  }

  /// Reverses the bytes of each number.
  fileprivate func reverseBytes(of bytes: UnsafeMutableRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    let source = UnsafeRawBufferPointer(bytes)
    switch byteCount {
    case 2: each(source, to: start) { (word: UInt16) in word.byteSwapped }
    case 4: each(source, to: start) { (word: UInt32) in word.byteSwapped }
    case 8: each(source, to: start) { (word: UInt64) in word.byteSwapped }
    default: break
    }
  }
}

/// Writes `convert` of each number in `bytes`.
@inline(__always)
private func each<Source: BitwiseCopyable, Target: BitwiseCopyable>(
  _ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer, _ convert: (Source) -> Target
) {
  guard let source = bytes.baseAddress else { return }
  let (from, to) = (MemoryLayout<Source>.size, MemoryLayout<Target>.size)
  for place in 0..<(bytes.count / from) {
    let number = source.loadUnaligned(fromByteOffset: place &* from, as: Source.self)
    target.storeBytes(of: convert(number), toByteOffset: place &* to, as: Target.self)
  }
}

/// A half-precision number, exactly.
///
/// Its bits, moved to their places in single precision, give a number that is too small by the difference of the
/// biases, 2¹¹²; that holds for denormals, too. In both types, infinity and NaN have all bits of the exponent set.
@inline(__always)
private func float(half bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let rest = UInt32(bits & 0x7fff) << 13
  let magnitude = rest >= 0x0f80_0000 ? rest | 0x7f80_0000 : (Float(bitPattern: rest) * 0x1p112).bitPattern
  return Float(bitPattern: sign | magnitude)
}
