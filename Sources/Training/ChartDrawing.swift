import Datasets
import Tensors

/// The sizes and greys of a chart.
private enum Style {
  static let background = "#ffffff"
  static let ink = "#1f2328"
  static let faintInk = "#59636e"
  static let grid = "#e4e7eb"
  static let axis = "#8c959f"
  static let tickSize = 12.0
  static let labelSize = 13.0
}

/// The frame of the layers: the two axes and the rectangle between them.
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

  /// The point, if both axes can show it.
  func pointIfShown(_ valueX: Double, _ valueY: Double) -> SVG.Point? {
    x.canShow(valueX) && y.canShow(valueY) ? point(valueX, valueY) : nil
  }
}

extension Chart {
  /// The picture as the text of an SVG file.
  public func svg() -> String {
    var drawing = SVG(width: 760, height: 460)
    drawing.rectangle(
      at: .init(x: 0, y: 0), width: drawing.width, height: drawing.height, fill: Style.background)
    drawing.text(title, at: .init(x: 24, y: 34), size: 17, color: Style.ink, isBold: true)
    let legendBottom = drawLegend(in: &drawing)
    let (x, y) = scales()
    let frame = Frame(x: x, y: y, top: legendBottom + 18, bottom: drawing.height - 58, right: drawing.width - 28)
    drawAxes(of: frame, in: &drawing)
    var number = 0
    for layer in layers {
      draw(layer, number, on: frame, in: &drawing)
      if !layer.name.isEmpty { number += 1 }
    }
    return drawing.document(title: title)
  }

  /// Both axes. Bars stand on zero, so the vertical axis includes it; fields fill the frame.
  func scales() -> (x: AxisScale, y: AxisScale) {
    var heights = layers.flatMap(\.y)
    var hasField = false
    for layer in layers {
      if case .bars = layer.kind { heights.append(0) }
      if case .field = layer.kind { hasField = true }
    }
    return (
      AxisScale(layers.flatMap(\.x), kind: .linear, tickCount: 8, isTight: true),
      AxisScale(heights, kind: isLogarithmic ? .logarithmic : .linear, isTight: hasField)
    )
  }

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

  /// Draws the legend beneath the title, where it hides nothing, and returns where it ends.
  private func drawLegend(in drawing: inout SVG) -> Double {
    var corner = SVG.Point(x: 24, y: 58)
    let named = named
    guard !named.isEmpty else { return corner.y - 16 }
    for (index, layer) in named.enumerated() {
      let width = 28 + SVG.width(of: layer.name, size: Style.labelSize) + 20
      if corner.x > 24, corner.x + width > drawing.width - 24 { corner = .init(x: 24, y: corner.y + 20) }
      let color = ColorScale.color(index)
      switch layer.kind {
      case .points:
        drawing.circle(at: .init(x: corner.x + 10, y: corner.y - 4.5), radius: 4, fill: color)
      case .bars, .field:
        drawing.rectangle(at: .init(x: corner.x + 4, y: corner.y - 10), width: 12, height: 11, fill: color)
      case .curve:
        drawing.line(
          from: .init(x: corner.x, y: corner.y - 4.5), to: .init(x: corner.x + 20, y: corner.y - 4.5), color: color,
          width: 3, isDashed: ColorScale.isDashed(index))
      }
      drawing.text(layer.name, at: .init(x: corner.x + 28, y: corner.y), size: Style.labelSize, color: Style.ink)
      corner.x += width
    }
    return corner.y
  }

  private func draw(_ layer: Layer, _ number: Int, on frame: Frame, in drawing: inout SVG) {
    let color = ColorScale.color(number)
    switch layer.kind {
    case .curve:
      let points = zip(layer.x, layer.y).map { frame.pointIfShown($0, $1) }
      for piece in points.split(separator: nil) {
        let piece = piece.compactMap { $0 }
        if piece.count == 1 {
          drawing.circle(at: piece[0], radius: 3, fill: color)
        } else {
          drawing.polyline(piece, color: color, width: 2, isDashed: ColorScale.isDashed(number))
        }
      }
    case .points:
      for (x, y) in zip(layer.x, layer.y) {
        if let point = frame.pointIfShown(x, y) { drawing.circle(at: point, radius: 2.5, fill: color) }
      }
    case .bars:
      for (number, height) in layer.y.enumerated() {
        guard let top = frame.pointIfShown(layer.x[number], height),
          let end = frame.pointIfShown(layer.x[number + 1], height)
        else { continue }
        // A small gap separates single bars.
        drawing.rectangle(
          at: top, width: max(0.5, end.x - top.x - 1), height: max(0, frame.bottom - top.y), fill: color)
      }
    case .field(let pixels):
      guard let low = frame.pointIfShown(layer.x[0], layer.y[0]),
        let high = frame.pointIfShown(layer.x[1], layer.y[1])
      else { return }
      drawing.image(
        PNG.encode(pixels), at: .init(x: low.x, y: high.y), width: high.x - low.x, height: low.y - high.y)
    }
  }
}
