import Tensors

/// A small grey picture drawn with characters.
///
/// In a terminal with colour one character holds two pixels, one above the other, in 24 levels of grey. Elsewhere there
/// are five shades: a pixel is two characters, which makes it about square; in a picture more than 16 pixels wide, two
/// pixels, one above the other, share one character that shows their mean.
public struct TerminalImage: Sendable {
  /// Pixels in a line.
  public let width: Int
  /// Lines of pixels.
  public let height: Int
  /// The caption beneath the picture.
  public let caption: String
  private let pixels: [Float]

  /// Creates a picture from grey levels, row by row; 0 is the background, 1 is ink, and what lies outside is clamped.
  public init(_ pixels: [Float], width: Int, height: Int, caption: String = "") {
    require(
      width >= 0 && height >= 0 && pixels.count == width.times(height),
      "TerminalImage: \(pixels.count) pixels do not make a picture of \(width) × \(height)")
    self.pixels = pixels
    self.width = width
    self.height = height
    self.caption = caption
  }

  /// The picture and its caption as lines of text.
  public func text(in terminal: Terminal = .current) -> String {
    Self.text([self], in: terminal)
  }

  /// Several pictures side by side, as many in a row as fit the terminal's width.
  public static func text(_ images: [TerminalImage], in terminal: Terminal = .current) -> String {
    var rows: [[TerminalImage]] = []
    var used = 0
    for image in images {
      let width = image.columns(in: terminal) + gap.count
      if rows.isEmpty || used + width > terminal.width + gap.count {
        rows.append([])
        used = 0
      }
      rows[rows.count - 1].append(image)
      used += width
    }
    return rows.map { row(of: $0, in: terminal) }.joined(separator: "\n\n")
  }

  private static let gap = "   "
  private static let shades: [Character] = [" ", "░", "▒", "▓", "█"]

  private static func row(of images: [TerminalImage], in terminal: Terminal) -> String {
    let drawn = images.map { $0.lines(in: terminal) }
    let height = drawn.map(\.count).max() ?? 0
    var lines = (0..<height).map { line in
      zip(images, drawn).map { image, lines in
        line < lines.count ? lines[line] : "".padded(to: image.columns(in: terminal))
      }.joined(separator: gap)
    }
    if images.contains(where: { !$0.caption.isEmpty }) {
      lines.append(images.map { $0.caption.centered(in: $0.columns(in: terminal)) }.joined(separator: gap))
    }
    return lines.joined(separator: "\n")
  }

  /// How many characters wide the picture is, without its caption.
  private func drawnWidth(in terminal: Terminal) -> Int {
    terminal.hasColor || isLarge ? width : 2 * width
  }

  /// How many characters wide the picture and its caption are.
  private func columns(in terminal: Terminal) -> Int {
    max(drawnWidth(in: terminal), caption.count)
  }

  private var isLarge: Bool { width > 16 }

  private func lines(in terminal: Terminal) -> [String] {
    let margin = columns(in: terminal) - drawnWidth(in: terminal)
    let left = String(repeating: " ", count: margin / 2)
    let right = String(repeating: " ", count: margin - margin / 2)
    let drawn = terminal.hasColor ? halfBlockLines() : shadeLines()
    return drawn.map { left + $0 + right }
  }

  private func halfBlockLines() -> [String] {
    stride(from: 0, to: height, by: 2).map { y in
      // Terminals number their 24 greys from 232, black to white.
      let blocks = (0..<width).map { x in
        "\u{1b}[38;5;\(232 + Self.level(grey(x, y), of: 24));48;5;\(232 + Self.level(grey(x, y + 1), of: 24))m▀"
      }
      return blocks.joined() + "\u{1b}[0m"
    }
  }

  private func shadeLines() -> [String] {
    func shade(_ grey: Float) -> Character { Self.shades[Self.level(grey, of: Self.shades.count)] }
    if isLarge {
      return stride(from: 0, to: height, by: 2).map { y in
        String((0..<width).map { x in shade((grey(x, y) + grey(x, y + 1)) / 2) })
      }
    }
    return (0..<height).map { y in
      String((0..<width).flatMap { x in Array(repeating: shade(grey(x, y)), count: 2) })
    }
  }

  /// A pixel from 0 to 1; beneath the last row there is only background.
  private func grey(_ x: Int, _ y: Int) -> Float {
    guard y < height, pixels[y * width + x] > 0 else { return 0 }
    return min(pixels[y * width + x], 1)
  }

  /// A grey as one of `count` levels.
  private static func level(_ grey: Float, of count: Int) -> Int {
    Int((grey * Float(count - 1)).rounded())
  }
}
