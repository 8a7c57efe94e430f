import Tensors

extension Chart {
  /// The chart in a terminal's characters: curves, points and the tops of bars in Braille dots, 2 × 4 per character.
  ///
  /// Fields are left out. The first and last value of both axes are at their ends, the legend beneath.
  public func text(in terminal: Terminal = .current, height: Int = 12) -> String {
    let (x, y) = scales()
    let labels = [y.label(of: y.range.upperBound), y.label(of: y.range.lowerBound)]
    let margin = labels.map(\.count).max() ?? 0
    let width = max(10, min(72, terminal.width - margin - 3))
    var cells = [[UInt8]](repeating: [UInt8](repeating: 0, count: width), count: height)
    var owner = [[Int]](repeating: [Int](repeating: 0, count: width), count: height)
    for (number, layer) in named.enumerated() {
      for (column, row) in layer.dots(x, y, width: 2 * width, height: 4 * height) {
        // Braille numbers its dots down the left column, then the right; the last row was added later.
        let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
        cells[row / 4][column / 2] |= bits[row % 4][column % 2]
        owner[row / 4][column / 2] = number
      }
    }
    let colors = [34, 33, 32, 35, 93, 36, 90]
    func colored(_ text: String, _ number: Int) -> String {
      terminal.hasColor ? "\u{1b}[\(colors[number % colors.count])m\(text)\u{1b}[0m" : text
    }
    var lines = [title]
    for row in 0..<height {
      let label = row == 0 ? labels[0] : row == height - 1 ? labels[1] : ""
      let dots = (0..<width).map { column in
        let dot = String(UnicodeScalar(0x2800 + UInt32(cells[row][column])) ?? " ")
        return cells[row][column] == 0 ? dot : colored(dot, owner[row][column])
      }
      lines.append(label.paddedLeft(to: margin) + " │" + dots.joined())
    }
    let ends = [x.label(of: x.range.lowerBound), x.label(of: x.range.upperBound)]
    let space = max(1, width - ends[0].count - ends[1].count)
    lines.append(String(repeating: " ", count: margin + 2) + ends[0] + String(repeating: " ", count: space) + ends[1])
    let legend = named.enumerated().map { colored("━", $0) + " " + $1.name }.joined(separator: "   ")
    return (lines + (legend.isEmpty ? [] : [legend])).joined(separator: "\n")
  }
}

extension Chart.Layer {
  /// The dots that a layer fills in a raster, the first row on top.
  fileprivate func dots(_ xAxis: AxisScale, _ yAxis: AxisScale, width: Int, height: Int) -> [(column: Int, row: Int)] {
    func place(_ x: Double, _ y: Double) -> (column: Int, row: Int)? {
      guard xAxis.canShow(x), yAxis.canShow(y) else { return nil }
      let (across, up) = (xAxis.fraction(of: x), yAxis.fraction(of: y))
      guard (0...1).contains(across), (0...1).contains(up) else { return nil }
      return (Int(across * Double(width - 1) + 0.5), Int((1 - up) * Double(height - 1) + 0.5))
    }
    switch kind {
    case .field: return []
    case .points: return zip(x, y).compactMap { place($0, $1) }
    case .bars:
      return y.indices.compactMap { place((x[$0] + x[$0 + 1]) / 2, y[$0]) }
    case .curve:
      let places = zip(x, y).map { place($0, $1) }
      return zip(places, places.dropFirst()).flatMap { from, to -> [(column: Int, row: Int)] in
        guard let from, let to else { return [from ?? to].compactMap { $0 } }
        let steps = max(abs(to.column - from.column), abs(to.row - from.row), 1)
        return (0...steps).map { step in
          let share = Double(step) / Double(steps)
          return (
            from.column + Int((Double(to.column - from.column) * share).rounded()),
            from.row + Int((Double(to.row - from.row) * share).rounded())
          )
        }
      }
    }
  }
}
