import Foundation

/// One axis of a chart: its range, the position of a value, and its ticks.
package struct AxisScale: Equatable {
  /// How values are laid out along an axis.
  package enum Kind: Sendable {
    case linear
    case logarithmic
  }

  package let kind: Kind
  /// The first and last value; they never coincide.
  package let range: ClosedRange<Double>
  /// The values with labels, in order, all within the range.
  package let ticks: [Double]

  /// An axis for values; those it cannot show (not finite, or not positive on a logarithmic axis) are ignored.
  /// - Parameters:
  ///   - values: What the chart holds along this axis.
  ///   - tickCount: About how many ticks there should be.
  ///   - isTight: Whether the axis ends with the values rather than at the next tick.
  package init(_ values: some Sequence<Double>, kind: Kind, tickCount: Int = 6, isTight: Bool = false) {
    self.kind = kind
    let shown = values.filter { Self.canShow($0, kind) }
    let low = shown.min() ?? (kind == .linear ? 0 : 0.1)
    let high = shown.max() ?? 1
    switch kind {
    case .linear: (range, ticks) = Self.linear(low, high, tickCount, isTight)
    case .logarithmic: (range, ticks) = Self.logarithmic(low, high, tickCount)
    }
  }

  /// Whether a value has a place on the axis.
  func canShow(_ value: Double) -> Bool { Self.canShow(value, kind) }

  /// The position of a value, from 0 at the start to 1 at the end of the axis.
  package func fraction(of value: Double) -> Double {
    switch kind {
    case .linear:
      // Halves, because the span of two doubles can exceed what a double holds.
      (value / 2 - range.lowerBound / 2) / (range.upperBound / 2 - range.lowerBound / 2)
    case .logarithmic:
      log10(value / range.lowerBound) / (log10(range.upperBound) - log10(range.lowerBound))
    }
  }

  /// The label of a tick, with as many decimals as distinguish it from its neighbours.
  package func label(of tick: Double) -> String {
    if tick == 0 { return "0" }
    let exponent = Int(log10(tick.magnitude).rounded(.down))
    if kind == .linear, let largest = ticks.map(\.magnitude).max(), ticks.count > 1 {
      let step = ticks[1] - ticks[0]
      if largest < 1e6, step >= 1e-5 { return tick.text(decimals: Self.decimals(step)) }
    }
    if (-4...5).contains(exponent) { return tick.text(decimals: Self.decimals(tick.magnitude)) }
    let mantissa = (tick / pow(10, Double(exponent))).shortText(decimals: 2)
    let raised = String(exponent).map { Self.superscripts[$0] ?? String($0) }.joined()
    return mantissa == "1" ? "10\(raised)" : "\(mantissa)·10\(raised)"
  }

  private static let superscripts: [Character: String] = [
    "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
  ]

  private static func canShow(_ value: Double, _ kind: Kind) -> Bool {
    value.isFinite && (kind == .linear || value > 0)
  }

  /// Decimals that a number of the form 1, 2 or 5 times a power of ten needs.
  private static func decimals(_ value: Double) -> Int {
    max(0, -Int((log10(value) + 1e-9).rounded(.down)))
  }

  private static func linear(_ low: Double, _ high: Double, _ count: Int, _ isTight: Bool) -> (
    ClosedRange<Double>, [Double]
  ) {
    // A single value is put in the middle of an axis of its own magnitude.
    let isPoint = low == high
    let margin = isPoint ? max(low.magnitude / 2, 0.5) : 0
    let (low, high) = (low - margin, high + margin)
    let step = niceStep(high / Double(count) - low / Double(count))
    let first = (low / step).rounded(isTight ? .up : .down)
    let last = (high / step).rounded(isTight ? .down : .up)
    guard step.isFinite, step > 0, last - first < 100, (first * step).isFinite, (last * step).isFinite else {
      return (min(low, high.nextDown)...high, [low, high])
    }
    let ticks = stride(from: first, through: last, by: 1).map { $0 * step }
    return isTight ? (low...high, ticks) : (first * step...max(last * step, (first * step).nextUp), ticks)
  }

  /// The smallest number of the form 1, 2 or 5 times a power of ten that is not below a rough step.
  private static func niceStep(_ rough: Double) -> Double {
    guard rough > 0, rough.isFinite else { return 1 }
    let unit = pow(10, log10(rough).rounded(.down))
    return [1, 2, 5].map { $0 * unit }.first { $0 >= rough * (1 - 1e-9) } ?? 10 * unit
  }

  private static func logarithmic(_ low: Double, _ high: Double, _ count: Int) -> (ClosedRange<Double>, [Double]) {
    let first = Int(log10(low).rounded(.down))
    let last = max(Int(log10(high).rounded(.up)), first + 1)
    func multiples(of exponents: some Sequence<Int>, by factors: [Double]) -> [Double] {
      exponents.flatMap { exponent in factors.map { $0 * pow(10, Double(exponent)) } }.filter { $0 > 0 && $0.isFinite }
    }
    // The axis ends at the 1, 2 or 5 next to the values, so that a curve fills its chart.
    let ends = multiples(of: first...last, by: [1, 2, 5])
    let start = ends.last { $0 <= low * (1 + 1e-9) } ?? low
    let end = ends.first { $0 >= high * (1 - 1e-9) && $0 > start } ?? max(high, start.nextUp)
    // Within two decades 2 and 5 have ticks as well; over many, not every power of ten has one.
    let spacing = max(1, (last - first + count - 1) / count)
    let ticks =
      last - first <= 2
      ? ends : multiples(of: (first...last).filter { ($0 - first) % spacing == 0 }, by: [1])
    return (start...end, ticks.filter { (start...end).contains($0) })
  }
}
