#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import Tensors

/// Curves over a common axis, drawn as an SVG picture: losses, accuracies, schedules.
///
/// ```
/// var chart = LineChart(title: "Digits", xLabel: "epoch", yLabel: "loss", isLogarithmic: true)
/// chart.add("training", x: epochs, y: trainingLosses)
/// try chart.write(to: URL(fileURLWithPath: "loss.svg"))
/// ```
public struct LineChart: Sendable {
  /// One curve.
  struct Series: Sendable {
    var name: String
    var x, y: [Double]
  }

  /// What stands above the chart.
  public var title: String
  /// What the horizontal axis measures.
  public var xLabel: String
  /// What the vertical axis measures.
  public var yLabel: String
  /// Whether the vertical axis shows powers at equal distances.
  public var isLogarithmic: Bool
  private(set) var series: [Series] = []

  /// An empty chart.
  public init(title: String, xLabel: String = "", yLabel: String = "", isLogarithmic: Bool = false) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.isLogarithmic = isLogarithmic
  }

  /// Adds a curve.
  ///
  /// A point that cannot be shown (not finite, or not positive on a logarithmic axis) leaves a gap.
  /// - Parameters:
  ///   - name: What the legend calls it.
  ///   - x: The horizontal values; without them the points are numbered from 0.
  ///   - y: The vertical values.
  public mutating func add(_ name: String, x: [Double]? = nil, y: [Double]) {
    let x = x ?? y.indices.map(Double.init)
    require(x.count == y.count, "LineChart: series '\(name)' has \(x.count) x values and \(y.count) y values")
    series.append(Series(name: name, x: x, y: y))
  }

  /// Writes the picture to a file.
  public func write(to url: URL) throws(PictureError) {
    try svg().writePicture(to: url)
  }

  /// The picture as the text of an SVG file.
  public func svg() -> String {
    var drawing = SVG(width: 760, height: 460)
    drawing.rectangle(
      at: .init(x: 0, y: 0), width: drawing.width, height: drawing.height, fill: Style.background)
    drawing.text(title, at: .init(x: 24, y: 34), size: 17, color: Style.ink, isBold: true)
    let legendBottom = drawLegend(in: &drawing)
    let frame = Frame(
      x: AxisScale(series.flatMap(\.x), kind: .linear, tickCount: 8, isTight: true),
      y: AxisScale(series.flatMap(\.y), kind: isLogarithmic ? .logarithmic : .linear),
      top: legendBottom + 18, bottom: drawing.height - 58, right: drawing.width - 28)
    drawAxes(of: frame, in: &drawing)
    for index in series.indices { drawCurve(index, on: frame, in: &drawing) }
    return drawing.document(title: title)
  }
}

/// The colours and sizes of a chart.
private enum Style {
  static let background = "#ffffff"
  static let ink = "#1f2328"
  static let faintInk = "#59636e"
  static let grid = "#e4e7eb"
  static let axis = "#8c959f"
  static let tickSize = 12.0
  static let labelSize = 13.0

  /// Colours that stay apart for colour-blind eyes and in grey print (after Okabe and Ito).
  private static let palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#404040"]
  static func color(_ index: Int) -> String { palette[index % palette.count] }
  /// When the colours are used up they come again, dashed.
  static func isDashed(_ index: Int) -> Bool { index / palette.count % 2 == 1 }
}

/// Where the curves go: the two axes and the rectangle between them.
private struct Frame {
  let x, y: AxisScale
  let top, bottom, left, right: Double

  init(x: AxisScale, y: AxisScale, top: Double, bottom: Double, right: Double) {
    (self.x, self.y, self.top, self.bottom, self.right) = (x, y, top, bottom, right)
    let widest = y.ticks.map { SVG.width(of: y.label(of: $0), size: Style.tickSize) }.max() ?? 0
    left = 24 + Style.labelSize + 14 + widest
  }

  func point(_ valueX: Double, _ valueY: Double) -> SVG.Point {
    SVG.Point(
      x: left + x.fraction(of: valueX) * (right - left), y: bottom - y.fraction(of: valueY) * (bottom - top))
  }
}

extension LineChart {
  private func drawAxes(of frame: Frame, in drawing: inout SVG) {
    for tick in frame.y.ticks {
      let end = frame.point(frame.x.range.upperBound, tick)
      drawing.line(from: .init(x: frame.left, y: end.y), to: end, color: Style.grid)
      drawing.text(
        frame.y.label(of: tick), at: .init(x: frame.left - 9, y: end.y + 4), size: Style.tickSize,
        color: Style.faintInk, anchor: .end)
    }
    drawing.line(
      from: .init(x: frame.left, y: frame.bottom), to: .init(x: frame.right, y: frame.bottom), color: Style.axis)
    for tick in frame.x.ticks {
      let x = frame.point(tick, frame.y.range.lowerBound).x
      drawing.line(from: .init(x: x, y: frame.bottom), to: .init(x: x, y: frame.bottom + 5), color: Style.axis)
      drawing.text(
        frame.x.label(of: tick), at: .init(x: x, y: frame.bottom + 20), size: Style.tickSize,
        color: Style.faintInk, anchor: .middle)
    }
    drawing.text(
      xLabel, at: .init(x: (frame.left + frame.right) / 2, y: drawing.height - 16), size: Style.labelSize,
      color: Style.ink, anchor: .middle)
    drawing.text(
      yLabel, at: .init(x: 28, y: (frame.top + frame.bottom) / 2), size: Style.labelSize, color: Style.ink,
      anchor: .middle, turned: true)
  }

  /// Draws the legend beneath the title, where it hides no curve, and returns where it ends.
  private func drawLegend(in drawing: inout SVG) -> Double {
    var corner = SVG.Point(x: 24, y: 58)
    guard !series.isEmpty else { return corner.y - 16 }
    for (index, curve) in series.enumerated() {
      let width = 28 + SVG.width(of: curve.name, size: Style.labelSize) + 20
      if corner.x > 24, corner.x + width > drawing.width - 24 { corner = .init(x: 24, y: corner.y + 20) }
      drawing.line(
        from: .init(x: corner.x, y: corner.y - 4.5), to: .init(x: corner.x + 20, y: corner.y - 4.5),
        color: Style.color(index), width: 3, isDashed: Style.isDashed(index))
      drawing.text(
        curve.name, at: .init(x: corner.x + 28, y: corner.y), size: Style.labelSize, color: Style.ink)
      corner.x += width
    }
    return corner.y
  }

  private func drawCurve(_ index: Int, on frame: Frame, in drawing: inout SVG) {
    let curve = series[index]
    let color = Style.color(index)
    let points = zip(curve.x, curve.y).map { x, y in
      frame.x.canShow(x) && frame.y.canShow(y) ? frame.point(x, y) : nil
    }
    for piece in points.split(separator: nil) {
      let piece = piece.compactMap { $0 }
      if piece.count == 1 {
        drawing.circle(at: piece[0], radius: 3, fill: color)
      } else {
        drawing.polyline(piece, color: color, width: 2, isDashed: Style.isDashed(index))
      }
    }
  }
}
