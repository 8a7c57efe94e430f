import Datasets
import Foundation
import Tensors

/// Pictures in rows and columns, each enlarged, with a caption for each row and column.
///
/// ```swift
/// var grid = ImageGrid(title: "Reconstructions", columns: 10)
/// grid.addRow("original", images)
/// grid.addRow("autoencoder", net(images).value)
/// try grid.write(to: URL(fileURLWithPath: "samples.svg"))
/// ```
public struct ImageGrid: Sendable {
  /// The title above the grid.
  public var title: String
  /// The width of a picture's pixel in pixels of the screen.
  public var scale: Double
  private var rows: [(name: String, images: [Tensor], captions: [String])] = []

  /// Creates an empty grid.
  public init(title: String, scale: Double = 2) {
    require(scale > 0, "ImageGrid: the scale must be positive, got \(scale)")
    (self.title, self.scale) = (title, scale)
  }

  /// Adds a row of pictures [N, C, H, W] (or grey [N, H, W]) of a float type; 0 is black and 1 white.
  /// - Parameters:
  ///   - name: The caption of the row.
  ///   - images: The pictures; C is 1 for grey and 3 for colours.
  ///   - captions: The captions beneath the pictures, or none.
  public mutating func addRow(_ name: String = "", _ images: Tensor, captions: [String] = []) {
    require(
      images.rank == 3 || images.rank == 4,
      "ImageGrid: a row is pictures [N, C, H, W] or [N, H, W], got \(images.shape)")
    require(
      captions.isEmpty || captions.count == images.shape[0],
      "ImageGrid: \(captions.count) captions for \(images.shape[0]) pictures")
    rows.append((name, (0..<images.shape[0]).map { images[$0] }, captions))
  }

  /// The picture as the text of an SVG file.
  public func svg() -> String {
    let (gap, margin, textSize) = (6.0, 24.0, 12.0)
    let left =
      margin + (rows.map { SVG.width(of: $0.name, size: textSize) }.max() ?? 0)
      + (rows.contains { !$0.name.isEmpty } ? 10 : 0)
    let sizes = rows.map { row in
      (
        width: Double(row.images.map { $0.shape[-1] }.max() ?? 0) * scale,
        height: Double(row.images.map { $0.shape[-2] }.max() ?? 0) * scale,
        caption: row.captions.isEmpty ? 0 : textSize + 4
      )
    }
    let content = zip(rows, sizes).map { Double($0.images.count) * ($1.width + gap) }.max() ?? 0
    let width = max(left + content + margin, 2 * margin + SVG.width(of: title, size: 17))
    let height = 52 + sizes.reduce(0) { $0 + $1.height + $1.caption + gap } + margin / 2
    var drawing = SVG(width: width, height: height)
    drawing.rectangle(at: .init(x: 0, y: 0), width: width, height: height, fill: "#ffffff")
    drawing.text(title, at: .init(x: margin, y: 34), size: 17, color: "#1f2328", isBold: true)
    var top = 52.0
    for (row, size) in zip(rows, sizes) {
      drawing.text(
        row.name, at: .init(x: left - 10, y: top + size.height / 2 + 4), size: textSize, color: "#1f2328", anchor: .end)
      for (column, image) in row.images.enumerated() {
        let corner = SVG.Point(x: left + Double(column) * (size.width + gap), y: top)
        drawing.image(
          PNG.encode(image), at: corner, width: Double(image.shape[-1]) * scale, height: Double(image.shape[-2]) * scale
        )
        if row.captions.isEmpty { continue }
        drawing.text(
          row.captions[column], at: .init(x: corner.x + size.width / 2, y: top + size.height + textSize),
          size: textSize,
          color: "#59636e", anchor: .middle)
      }
      top += size.height + size.caption + gap
    }
    return drawing.document(title: title)
  }

  /// Writes the picture to a file, or replaces it; throws a `FileError` where it cannot be written.
  public func write(to url: URL) throws { try svg().writePicture(to: url) }
}
