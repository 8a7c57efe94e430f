extension Tensor: CustomStringConvertible {
  /// The elements in aligned columns with `…` in place of the middle of long axes, then shape and type:
  ///
  /// ```
  /// [[1.0000, 2.5000],
  ///  [3.0000, 4.0000]] float32 [2, 2]
  /// ```
  ///
  /// Four decimals; where a number is very large or small, all are written with an exponent.
  public var description: String {
    let summary = Summary(self)
    return "\(summary.text) \(dtype) \(shape)"
  }
}

/// The part of a tensor that is shown, formatted to one width.
private struct Summary {
  private static let shownAtEachEnd = 3
  private static let mostElements = 1000

  private(set) var text = ""

  init(_ x: Tensor) {
    let abbreviates = x.elementCount > Self.mostElements
    let shown = abbreviates ? Self.corners(x) : x
    let words = Self.words(shown)
    var next = words.makeIterator()
    append(x.shape, axis: 0, abbreviates, width: words.map(\.count).max() ?? 0, &next)
  }

  /// The first and last three slices of each long axis.
  private static func corners(_ x: Tensor) -> Tensor {
    var result = x
    for axis in 0..<x.rank where x.shape[axis] > 2 * shownAtEachEnd {
      let size = x.shape[axis]
      result = result.indexSelect(
        axis: axis, Array(0..<shownAtEachEnd) + Array((size - shownAtEachEnd)..<size))
    }
    return result
  }

  private mutating func append(
    _ shape: Shape, axis: Int, _ abbreviates: Bool, width: Int, _ words: inout IndexingIterator<[String]>
  ) {
    guard axis < shape.rank else {
      let word = words.next() ?? ""
      text += word.paddedLeft(to: width)
      return
    }
    let isLast = axis == shape.rank - 1
    let isCut = abbreviates && shape[axis] > 2 * Self.shownAtEachEnd
    let count = isCut ? 2 * Self.shownAtEachEnd : shape[axis]
    let separator =
      isLast
      ? ", " : "," + String(repeating: "\n", count: shape.rank - 1 - axis) + String(repeating: " ", count: axis + 1)
    text += "["
    // With a size of 0 further down nothing was formatted, so nothing is written.
    for position in 0..<(shape.elementCount == 0 ? 0 : count) {
      if position > 0 { text += separator }
      if isCut && position == Self.shownAtEachEnd { text += "…" + separator }
      append(shape, axis: axis + 1, abbreviates, width: width, &words)
    }
    text += "]"
  }

  private static func words(_ x: Tensor) -> [String] {
    switch x.dtype {
    case .bool: return x.scalars(as: Bool.self).map { $0 ? "true" : "false" }
    case .int32, .int64, .uint8: return x.scalars(as: Int.self).map(String.init)
    case .float32, .float64: return numbers(x.scalars(as: Double.self))
    }
  }

  private static func numbers(_ values: [Double]) -> [String] {
    let sizes = values.filter(\.isFinite).map(abs)
    let (largest, smallest) = (sizes.max() ?? 0, sizes.filter { $0 > 0 }.min() ?? 0)
    let usesExponent = largest >= 1e8 || (smallest < 1e-4 && smallest > 0)
    let isWhole = sizes.allSatisfy { $0 == $0.rounded() } && !usesExponent
    return values.map { value in
      guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
      if isWhole { return Platform.text(value, decimals: 0, usesExponent: false) + "." }
      return Platform.text(value, decimals: 4, usesExponent: usesExponent)
    }
  }
}

// MARK: - Numbers and columns as text

extension Double {
  /// The number with a fixed count of decimals, the same for every locale: `97.41`.
  public func text(decimals: Int) -> String {
    require(decimals >= 0, "text: the number of decimals must not be negative, got \(decimals)")
    guard isFinite else { return isNaN ? "nan" : self < 0 ? "-inf" : "inf" }
    let scaled = (0..<decimals).reduce(magnitude) { value, _ in value * 10 }.rounded()
    // Beyond 2⁵³ there are no decimals to show.
    guard scaled < 0x1p53 else { return "\(self)" }
    let digits = String(Int(scaled))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = self < 0 && scaled != 0 ? "-" : ""
    return decimals == 0 ? sign + padded : "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
  }
}

extension String {
  /// The text followed by spaces up to a width.
  package func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }

  /// The text preceded by spaces up to a width.
  package func paddedLeft(to width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - count)) + self
  }
}

/// A table: columns as wide as their widest cells, a line below the titles, and one above the totals if there are any.
package struct TextTable: CustomStringConvertible {
  let titles: [String]
  let lines: [[String]]
  let totals: [String]?
  /// How many columns are aligned to the left; the others, of numbers, to the right.
  let leftColumns: Int

  package init(titles: [String], lines: [[String]], totals: [String]?, leftColumns: Int) {
    (self.titles, self.lines, self.totals, self.leftColumns) = (titles, lines, totals, leftColumns)
  }

  package var description: String {
    let all = [titles] + lines + (totals.map { [$0] } ?? [])
    let widths = titles.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    func line(_ cells: [String]) -> String {
      var text = ""
      for (column, (cell, width)) in zip(cells, widths).enumerated() {
        text += column == 0 ? "" : "  "
        text += column < leftColumns ? cell.padded(to: width) : cell.paddedLeft(to: width)
      }
      while text.last == " " { text.removeLast() }
      return text
    }
    return ([line(titles), rule] + lines.map(line) + (totals.map { [rule, line($0)] } ?? [])).joined(separator: "\n")
  }
}

extension Int {
  /// Digits in groups of three: `11,689,512`.
  package var grouped: String {
    let digits = String(magnitude)
    let groups = digits.enumerated().map { place, digit in
      place > 0 && (digits.count - place) % 3 == 0 ? ",\(digit)" : "\(digit)"
    }
    return (self < 0 ? "-" : "") + groups.joined()
  }
}
