import Tensors

/// Pictures in Netpbm's formats, PGM (P2, P5) and PPM (P3, P6), the simplest ones that image tools write.
enum Netpbm {
  static func recognizes(_ bytes: [UInt8]) -> Bool {
    bytes.count > 1 && bytes[0] == UInt8(ascii: "P") && "2356".utf8.contains(bytes[1])
  }

  /// The picture as float32 [C, H, W] from 0 to 1.
  static func decode(_ bytes: [UInt8], name: String) throws(FileError) -> Tensor {
    var scanner = NetpbmScanner(bytes: bytes, file: name)
    let channels = bytes[1] == UInt8(ascii: "2") || bytes[1] == UInt8(ascii: "5") ? 1 : 3
    let isPlain = bytes[1] <= UInt8(ascii: "3")
    let width = try scanner.number("a width", in: 1...65_536)
    let height = try scanner.number("a height", in: 1...65_536)
    let largest = try scanner.number("a largest value", in: 1...65_535)
    let count = width * height * channels
    var values: [Float] = []
    if isPlain {
      while values.count < count {
        values.append(Float(try scanner.number("value \(values.count) of \(count)", in: 0...largest)))
      }
    } else {
      values = try scanner.pixels(count, largest: largest)
    }
    return Tensor(values.map { $0 / Float(largest) }, shape: [height, width, channels]).permute([2, 0, 1])
      .contiguous()
  }
}

private struct NetpbmScanner {
  let bytes: [UInt8]
  let file: String
  /// After the two bytes that name the format.
  private var position = 2

  init(bytes: [UInt8], file: String) { (self.bytes, self.file) = (bytes, file) }

  /// The next number in decimal; blanks and comments before it are skipped.
  mutating func number(_ purpose: String, in range: ClosedRange<Int>) throws(FileError) -> Int {
    while position < bytes.count, bytes[position] <= 0x20 || bytes[position] == UInt8(ascii: "#") {
      if bytes[position] == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != 0x0a { position += 1 }
      } else {
        position += 1
      }
    }
    let start = position
    var value = 0
    while position < bytes.count, (0x30...0x39).contains(bytes[position]), position - start < 9 {
      value = 10 * value + Int(bytes[position] - 0x30)
      position += 1
    }
    guard position > start, range.contains(value) else {
      throw FileError(
        file: file, place: .byte(start), expected: "\(purpose) from \(range.lowerBound) to \(range.upperBound)",
        found: position > start ? "\(value)" : bytes[start...].prefix(4).hexadecimal)
    }
    return value
  }

  /// Values of one byte, or two if they can be larger than 255, after one blank.
  func pixels(_ count: Int, largest: Int) throws(FileError) -> [Float] {
    let size = largest > 255 ? 2 : 1
    let start = min(position + 1, bytes.count)
    guard bytes.count - start >= count * size else {
      throw FileError(
        file: file, place: .byte(start), expected: "\(count * size) bytes of pixels", found: "\(bytes.count - start)")
    }
    return (0..<count).map { number in
      size == 1
        ? Float(bytes[start + number])
        : Float(UInt16(bytes[start + 2 * number]) << 8 | UInt16(bytes[start + 2 * number + 1]))
    }
  }
}
