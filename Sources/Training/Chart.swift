import Foundation
import Tensors

/// Curves, points, bars and colour fields on common axes, drawn as an SVG picture or in a terminal.
///
/// ```
/// var chart = Chart(title: "Digits", xLabel: "epoch", yLabel: "loss", isLogarithmic: true)
/// chart.addCurve("training", x: epochs, y: trainingLosses)
/// try chart.write(to: URL(fileURLWithPath: "loss.svg"))
/// ```
///
/// Layers are drawn in the order in which they were added; each that has a name gets the next colour and an entry
/// in the legend.
public struct Chart: Sendable {
  /// The title above the chart.
  public var title: String
  /// The quantity on the horizontal axis.
  public var xLabel: String
  /// The quantity on the vertical axis.
  public var yLabel: String
  /// Whether the vertical axis is logarithmic.
  public var isLogarithmic: Bool
  private(set) var layers: [Layer] = []

  /// One layer of a chart.
  struct Layer: Sendable {
    enum Kind: Sendable {
      case curve, points
      /// Heights between edges, of which there is one more.
      case bars
      /// Pixels [3, rows, columns], the first row on top, over the rectangle that the first and last x and y span.
      case field(Tensor)
    }

    let kind: Kind
    /// The name in the legend; empty for none.
    let name: String
    let x, y: [Double]
  }

  /// Creates an empty chart.
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
  public mutating func addCurve(_ name: String, x: [Double]? = nil, y: [Double]) {
    add(.curve, name, x ?? y.indices.map(Double.init), y)
  }

  /// Adds dots: a scatter plot.
  public mutating func addPoints(_ name: String, x: [Double], y: [Double]) { add(.points, name, x, y) }

  /// Adds a histogram: the number of values in each of `bins` equal parts of their range.
  ///
  /// Values that are not finite are ignored.
  public mutating func addHistogram(_ name: String, of values: [Double], bins: Int = 30) {
    let histogram = Histogram(values, bins: bins)
    layers.append(Layer(kind: .bars, name: name, x: histogram.edges, y: histogram.counts.map(Double.init)))
  }

  /// Adds a heat map: numbers [rows, columns] as colours from dark to bright, over a rectangle of the axes.
  ///
  /// The first row is at the lower end of `y`. Numbers that are not finite are left white. Stops for an empty array.
  public mutating func addField(_ values: Tensor, x: ClosedRange<Double>, y: ClosedRange<Double>) {
    addPixels(values, ColorScale.colors, x, y)
  }

  /// Adds regions: a class for each position [rows, columns], in a pale form of the colour of the named layer with that
  /// number. With points on top this shows the decision boundary of a classifier.
  public mutating func addRegions(_ classes: Tensor, x: ClosedRange<Double>, y: ClosedRange<Double>) {
    addPixels(classes, ColorScale.pale, x, y)
  }

  private mutating func addPixels(
    _ places: Tensor, _ color: (Tensor) -> Tensor, _ x: ClosedRange<Double>, _ y: ClosedRange<Double>
  ) {
    require(
      places.rank == 2 && places.elementCount > 0,
      "Chart: a field is [rows, columns] of at least one place, got \(places.shape)")
    let pixels = color(places)
    layers.append(
      Layer(
        kind: .field(pixels[.all, .stride(by: -1)]), name: "", x: [x.lowerBound, x.upperBound],
        y: [y.lowerBound, y.upperBound]))
  }

  private mutating func add(_ kind: Layer.Kind, _ name: String, _ x: [Double], _ y: [Double]) {
    require(x.count == y.count, "Chart: '\(name)' has \(x.count) x values and \(y.count) y values")
    layers.append(Layer(kind: kind, name: name, x: x, y: y))
  }

  /// The layers that have names, in the order of their colours.
  var named: [Layer] { layers.filter { !$0.name.isEmpty } }

  /// Writes the picture to a file, or replaces it; throws a `FileError` where it cannot be written.
  public func write(to url: URL) throws {
    try svg().writePicture(to: url)
  }
}

/// The number of values in each of several equal parts of their range.
struct Histogram {
  /// One more than there are counts.
  let edges: [Double]
  let counts: [Int]

  init(_ values: [Double], bins: Int) {
    require(bins > 0, "Histogram: wants at least one bin, got \(bins)")
    Memory.requireRoom(forNumbers: bins)
    let finite = values.filter(\.isFinite)
    let low = finite.min() ?? 0
    // If all values are equal, they are in the first bin.
    let high = finite.max().map { $0 > low ? $0 : low + Swift.max(low.magnitude.ulp * Double(bins), 1) } ?? 1
    // Halves if the span of two doubles overflows; a part of the smallest span may be 0.
    let scale = (high - low).isFinite ? 1 : 0.5
    let (start, width) = (low * scale, (high * scale - low * scale) / Double(bins))
    var counts = [Int](repeating: 0, count: bins)
    for value in finite {
      counts[width > 0 ? Swift.min(bins - 1, Int((value * scale - start) / width)) : 0] += 1
    }
    edges = (0...bins).map { (start + width * Double($0)) / scale }
    self.counts = counts
  }
}
