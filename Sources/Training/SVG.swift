import Foundation
import Tensors

/// A small writer of SVG pictures, beneath every chart.
///
/// Text is escaped and numbers are kept finite here, so a chart cannot make an ill-formed file whatever it is given.
struct SVG {
  /// A position in the picture: x to the right, y downwards.
  struct Point: Equatable {
    var x, y: Double
  }

  enum Anchor: String {
    case start, middle, end
  }

  let width: Double
  let height: Double
  private var body: [String] = []

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  mutating func rectangle(at corner: Point, width: Double, height: Double, fill: String, cornerRadius: Double = 0) {
    body.append(
      """
      <rect x="\(number(corner.x))" y="\(number(corner.y))" width="\(number(width))" height="\(number(height))" \
      rx="\(number(cornerRadius))" fill="\(escape(fill))"/>
      """)
  }

  mutating func line(from start: Point, to end: Point, color: String, width: Double = 1, isDashed: Bool = false) {
    body.append(
      """
      <line x1="\(number(start.x))" y1="\(number(start.y))" x2="\(number(end.x))" y2="\(number(end.y))" \
      stroke="\(escape(color))" stroke-width="\(number(width))"\(dashes(isDashed))/>
      """)
  }

  mutating func polyline(_ points: [Point], color: String, width: Double, isDashed: Bool = false) {
    let list = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    body.append(
      """
      <polyline points="\(list)" fill="none" stroke="\(escape(color))" stroke-width="\(number(width))" \
      stroke-linejoin="round" stroke-linecap="round"\(dashes(isDashed))/>
      """)
  }

  mutating func circle(at center: Point, radius: Double, fill: String) {
    body.append(
      "<circle cx=\"\(number(center.x))\" cy=\"\(number(center.y))\" r=\"\(number(radius))\" fill=\"\(escape(fill))\"/>"
    )
  }

  /// A picture in a PNG file, stretched to a rectangle without smoothing.
  mutating func image(_ png: [UInt8], at corner: Point, width: Double, height: Double) {
    body.append(
      """
      <image x="\(number(corner.x))" y="\(number(corner.y))" width="\(number(width))" height="\(number(height))" \
      preserveAspectRatio="none" style="image-rendering: pixelated" \
      href="data:image/png;base64,\(Data(png).base64EncodedString())"/>
      """)
  }

  /// Writes text on a base line; `turned` text reads upwards.
  mutating func text(
    _ text: String, at point: Point, size: Double, color: String, anchor: Anchor = .start, isBold: Bool = false,
    turned: Bool = false
  ) {
    let weight = isBold ? " font-weight=\"600\"" : ""
    let turn = turned ? " transform=\"rotate(-90 \(number(point.x)) \(number(point.y)))\"" : ""
    body.append(
      """
      <text x="\(number(point.x))" y="\(number(point.y))" font-size="\(number(size))" fill="\(escape(color))" \
      text-anchor="\(anchor.rawValue)"\(weight)\(turn)>\(escape(text))</text>
      """)
  }

  /// The whole file.
  /// - Parameter title: The picture's name for screen readers and browsers.
  func document(title: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" width="\(number(width))" height="\(number(height))" \
    viewBox="0 0 \(number(width)) \(number(height))" role="img" \
    font-family="'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif">
    <title>\(escape(title))</title>
    \(body.joined(separator: "\n"))
    </svg>

    """
  }

  /// The approximate width of a text, for layout: no font is known, so it errs on the wide side.
  static func width(of text: String, size: Double) -> Double {
    Double(text.count) * size * 0.56
  }

  private func dashes(_ isDashed: Bool) -> String { isDashed ? " stroke-dasharray=\"7 5\"" : "" }

  /// Two decimals are a hundredth of a pixel; a number that is not finite would make the file invalid.
  private func number(_ value: Double) -> String {
    value.isFinite ? value.shortText(decimals: 2) : "0"
  }

  /// Text escaped for XML; characters that XML cannot contain are left out.
  private func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\t", "\n", "\r": result += " "
      case _ where scalar.value < 0x20 || scalar.value == 0xfffe || scalar.value == 0xffff: continue
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension String {
  /// Replaces a file by this text; throws a `FileError` where it cannot be written.
  func writePicture(to url: URL) throws { try AtomicFile.write(to: url.path) { try $0.append(Array(utf8)) } }
}
