import Tensors

/// Pictures in the PNG format (ISO/IEC 15948): reads all kinds except interlaced ones, writes 8 bits per channel.
public enum PNG {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Whether data starts as a PNG file does.
  static func recognizes(_ bytes: [UInt8]) -> Bool { bytes.starts(with: signature) }

  /// The picture as float32 [C, H, W] from 0 to 1: grey, grey and alpha, RGB or RGBA, palettes looked up.
  ///
  /// Every length and checksum is verified before it is used; errors are thrown.
  /// - Parameters:
  ///   - bytes: What the file holds.
  ///   - name: The name that errors use for the data.
  public static func decode(_ bytes: [UInt8], name: String) throws(FileError) -> Tensor {
    guard recognizes(bytes) else {
      throw FileError(
        file: name, place: .byte(0), expected: "a PNG signature", found: bytes.prefix(8).hexadecimal)
    }
    var (header, palette, packed): (PNGHeader?, [UInt8], [UInt8]) = (nil, [], [])
    var position = signature.count
    while true {
      let chunk = try PNGChunk(bytes, at: position, file: name)
      switch chunk.type {
      case "IHDR": header = try PNGHeader(chunk, file: name)
      case "PLTE": palette = Array(chunk.data)
      case "IDAT": packed += chunk.data
      case "IEND":
        guard let header else {
          throw FileError(file: name, expected: "a chunk IHDR that comes first", found: "none")
        }
        return try header.picture(packed, palette: palette, file: name)
      default:
        // A capital first letter marks chunks that no reader may skip.
        if chunk.type.first?.isUppercase == true {
          throw FileError(
            file: name, place: .byte(position), expected: "a chunk that is known", found: "'\(chunk.type)'")
        }
      }
      position = chunk.end
    }
  }

  /// A PNG file of a picture [C, H, W] (or grey [H, W]) of a float type; 0 is black and 1 white, other
  /// values are clamped.
  ///
  /// C is 1 for grey, 2 with alpha, 3 for RGB, 4 with alpha. Stops for any other shape.
  public static func encode(_ picture: Tensor) -> [UInt8] {
    let planes = picture.rank == 2 ? picture.unsqueeze(0) : picture
    require(
      planes.rank == 3 && (1...4).contains(planes.shape[0]) && planes.elementCount > 0 && planes.dtype.isFloatingPoint,
      "PNG: wants a picture [C, H, W] of a float type with 1 to 4 channels, got \(picture.dtype) \(picture.shape)")
    let (channels, height, width) = (planes.shape[0], planes.shape[1], planes.shape[2])
    let pixels = planes.permute([1, 2, 0]).scalars(as: Float.self)
      .map { UInt8(max(0, min(1, $0.isNaN ? 0 : $0)) * 255 + 0.5) }
    var rows: [UInt8] = []
    for row in 0..<height {
      rows.append(0)  // no filter
      rows += pixels[row * width * channels..<(row + 1) * width * channels]
    }
    let colorTypes: [UInt8] = [0, 4, 2, 6]
    let head = UInt32(width).bytes + UInt32(height).bytes + [8, colorTypes[channels - 1], 0, 0, 0]
    return signature + PNGChunk.encoded("IHDR", head) + PNGChunk.encoded("IDAT", Deflate.deflate(rows, wrapper: .zlib))
      + PNGChunk.encoded("IEND", [])
  }
}

/// A named piece of a PNG file.
private struct PNGChunk {
  let type: String
  let data: ArraySlice<UInt8>
  /// Where it starts and where the next one does.
  let start, end: Int

  init(_ bytes: [UInt8], at position: Int, file: String) throws(FileError) {
    guard bytes.count - position >= 12 else {
      throw FileError(
        file: file, place: .byte(position), expected: "a chunk of at least 12 bytes", found: "\(bytes.count - position)"
      )
    }
    let length = Int(UInt32(bytes[position..<position + 4]))
    guard length <= bytes.count - position - 12 else {
      throw FileError(
        file: file, place: .byte(position), expected: "a chunk of \(length) bytes of data",
        found: "\(bytes.count - position - 12)")
    }
    (start, end) = (position, position + 12 + length)
    data = bytes[position + 8..<position + 8 + length]
    type = String(decoding: bytes[position + 4..<position + 8], as: UTF8.self)
    guard bytes[position + 4..<position + 8 + length].checksum == UInt32(bytes[end - 4..<end]) else {
      throw FileError(
        file: file, place: .byte(position), expected: "a chunk '\(type)' with its checksum", found: "another checksum")
    }
  }

  static func encoded(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return UInt32(data.count).bytes + body + body.checksum.bytes
  }
}

/// The header: the format of the pixels.
private struct PNGHeader {
  let width, height, depth: Int
  let color: Color

  /// 8192 × 8192: zeros compress a thousandfold, so otherwise a small file could demand all memory.
  private static let mostPixels = 1 << 26

  enum Color: UInt8 {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAlpha = 4
    case rgba = 6

    /// Numbers per pixel in the file.
    var channels: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }
  }

  init(_ chunk: PNGChunk, file: String) throws(FileError) {
    let data = Array(chunk.data)
    func wrong(_ expected: String, _ found: String) -> FileError {
      FileError(file: file, place: .byte(chunk.start), expected: expected, found: found)
    }
    guard data.count == 13 else { throw wrong("13 bytes of header", "\(data.count)") }
    (width, height, depth) = (Int(UInt32(data[0..<4])), Int(UInt32(data[4..<8])), Int(data[8]))
    guard (1...65_536).contains(width), (1...65_536).contains(height) else {
      throw wrong("a picture of 1 to 65536 pixels a side", "\(width) × \(height)")
    }
    guard width * height <= Self.mostPixels else {
      throw wrong("a picture of at most \(Self.mostPixels) pixels", "\(width) × \(height)")
    }
    let depths: [UInt8: [Int]] = [0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]]
    guard let color = Color(rawValue: data[9]), depths[data[9], default: []].contains(depth) else {
      throw wrong("a colour type and depth that PNG has", "type \(data[9]) of \(data[8]) bits")
    }
    guard data[10] == 0, data[11] == 0 else {
      throw wrong("compression 0 and filters 0", "\(data[10]) and \(data[11])")
    }
    guard data[12] == 0 else { throw wrong("a picture that is not interlaced", "an interlaced one") }
    self.color = color
  }

  /// The pixels of uncompressed rows.
  func picture(_ packed: [UInt8], palette: [UInt8], file: String) throws(FileError) -> Tensor {
    let rowBytes = (width * color.channels * depth + 7) / 8
    let reader = try InflateReader(packed, file: file, wrapper: .zlib)
    var rows = try reader.read(height * (rowBytes + 1))
    guard rows.count == height * (rowBytes + 1), try reader.read(1).isEmpty else {
      throw FileError(
        file: file, expected: "\(height * (rowBytes + 1)) bytes of pixels (\(width) × \(height))",
        found: rows.count == height * (rowBytes + 1) ? "more" : "\(rows.count)")
    }
    try unfilter(&rows, rowBytes, file: file)
    return try pixels(rows, rowBytes, palette, file: file)
  }

  /// Undoes the prediction that each row's first byte names; afterwards every row holds its own bytes.
  private func unfilter(_ rows: inout [UInt8], _ rowBytes: Int, file: String) throws(FileError) {
    let step = max(1, color.channels * depth / 8)
    for row in 0..<height {
      let start = row * (rowBytes + 1) + 1
      let filter = rows[start - 1]
      guard filter <= 4 else {
        throw FileError(file: file, expected: "a filter from 0 to 4 in row \(row)", found: "\(filter)")
      }
      if filter == 0 { continue }
      for byte in 0..<rowBytes {
        let place = start + byte
        let left = byte >= step ? Int(rows[place - step]) : 0
        let above = row > 0 ? Int(rows[place - rowBytes - 1]) : 0
        let corner = row > 0 && byte >= step ? Int(rows[place - rowBytes - 1 - step]) : 0
        let predicted =
          switch filter {
          case 1: left
          case 2: above
          case 3: (left + above) / 2
          default: Self.paeth(left, above, corner)
          }
        rows[place] &+= UInt8(predicted)
      }
    }
  }

  /// The neighbour that is nearest to left + above − corner (Paeth 1991).
  private static func paeth(_ left: Int, _ above: Int, _ corner: Int) -> Int {
    let (byLeft, byAbove) = (abs(above - corner), abs(left - corner))
    let byCorner = abs(left + above - 2 * corner)
    if byLeft <= byAbove && byLeft <= byCorner { return left }
    return byAbove <= byCorner ? above : corner
  }

  /// [C, H, W] of the numbers in rows of 1 to 16 bits each, with palettes looked up. Allocated at once, because a few
  /// bytes can decompress to large pictures.
  private func pixels(_ rows: [UInt8], _ rowBytes: Int, _ palette: [UInt8], file: String) throws(FileError) -> Tensor {
    let channels = color == .palette ? 3 : color.channels
    var pixels = [Float](repeating: 0, count: channels * height * width)
    let scale = Float((1 << depth) - 1)
    for row in 0..<height {
      let start = row * (rowBytes + 1) + 1
      for column in 0..<width {
        let place = row * width + column
        if color == .palette {
          let entry = 3 * number(column, of: rows, from: start)
          guard entry + 3 <= palette.count else {
            throw FileError(
              file: file, expected: "a colour of the palette's \(palette.count / 3)", found: "number \(entry / 3)")
          }
          for channel in 0..<3 { pixels[channel * height * width + place] = Float(palette[entry + channel]) / 255 }
        } else {
          for channel in 0..<channels {
            let value = number(column * channels + channel, of: rows, from: start)
            pixels[channel * height * width + place] = Float(value) / scale
          }
        }
      }
    }
    return Tensor(pixels, shape: [channels, height, width])
  }

  /// One number of the row that starts at `start`.
  private func number(_ index: Int, of rows: [UInt8], from start: Int) -> Int {
    if depth == 16 { return Int(rows[start + 2 * index]) << 8 | Int(rows[start + 2 * index + 1]) }
    let bit = index * depth
    return Int(rows[start + bit / 8]) >> (8 - depth - bit % 8) & ((1 << depth) - 1)
  }
}

extension UInt32 {
  /// The big-endian number of four bytes.
  fileprivate init(_ bytes: ArraySlice<UInt8>) { self = bytes.reduce(0) { $0 << 8 | UInt32($1) } }

  /// The number's bytes, big-endian.
  fileprivate var bytes: [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self >> $0) } }
}
