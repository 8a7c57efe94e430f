import Foundation
import Tensors
import Testing
import Training

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ChartTests {
  @Test(arguments: [
    ([0.0, 97.0], ["0", "20", "40", "60", "80", "100"]),
    ([0.031, 0.058], ["0.030", "0.035", "0.040", "0.045", "0.050", "0.055", "0.060"]),
    ([-3, 4], ["-4", "-2", "0", "2", "4"]),
    ([0, 3e7], ["0", "5·10⁶", "10⁷", "1.5·10⁷", "2·10⁷", "2.5·10⁷", "3·10⁷"]),
    ([5, 5], ["2", "3", "4", "5", "6", "7", "8"]),
    ([], ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
  ])
  func linearTicksAreRoundNumbers(values: [Double], labels: [String]) {
    let axis = AxisScale(values, kind: .linear)
    #expect(axis.ticks.map(axis.label) == labels)
  }

  @Test(arguments: [
    ([0.03, 2.3], ["0.1", "1"]),
    ([0.3, 2.3], ["0.2", "0.5", "1", "2", "5"]),
    ([1e-9, 1], ["10⁻⁹", "10⁻⁷", "10⁻⁵", "0.001", "0.1"]),
  ])
  func logarithmicTicksAreRoundNumbers(values: [Double], labels: [String]) {
    let axis = AxisScale(values, kind: .logarithmic)
    #expect(axis.ticks.map(axis.label) == labels)
  }

  @Test func valuesFallWhereTheAxisSaysSo() {
    let linear = AxisScale([0, 10], kind: .linear)
    #expect(linear.fraction(of: 0) == 0)
    #expect(linear.fraction(of: 2.5) == 0.25)
    let logarithmic = AxisScale([0.01, 100], kind: .logarithmic)
    #expect(logarithmic.fraction(of: 1) == 0.5)
    let tight = AxisScale([1, 97], kind: .linear, isTight: true)
    #expect(tight.range == 1...97)
  }

  /// Any chart is well-formed XML without numbers that SVG cannot read.
  @Test(
    arguments: [false, true],
    [
      [], [1], [0], [-1, -2], [.nan], [1, .nan, 2, .infinity, 3], [1e308, -1e308], [.leastNonzeroMagnitude, 1],
      [1e300, 1e308],
      [3, 3, 3], [1, 1.0000000000000002], [0, 2_000 * Double.leastNonzeroMagnitude],
    ])
  func everyChartIsWellFormed(isLogarithmic: Bool, values: [Double]) throws {
    var chart = Chart(
      title: "a < b & \"c\" \u{1} 'd'", xLabel: "x > y", yLabel: "é\n☃", isLogarithmic: isLogarithmic)
    chart.addCurve("<script>", y: values)
    chart.addCurve("placed", x: values, y: values)
    chart.addHistogram("counted", of: values, bins: 3)
    let text = chart.svg()
    #expect(XMLParser(data: Data(text.utf8)).parse())
    #expect(!text.contains("nan") && !text.contains("inf"))
    #expect(text.contains("a &lt; b &amp; &quot;c&quot;  'd'"))
  }

  @Test func fieldsArePictures() {
    var chart = Chart(title: "places")
    chart.addField(Tensor([[0, .nan, 3], [1, .infinity, 2]]), x: 0...1, y: 1...2)
    chart.addRegions(Tensor([[0, 1]], dtype: .int64), x: 0...1, y: 1...2)
    let text = chart.svg()
    #expect(XMLParser(data: Data(text.utf8)).parse())
    #expect(text.components(separatedBy: "<image").count - 1 == 2)
  }

  @Test func curvesBreakAtPointsThatCannotBeShown() {
    var chart = Chart(title: "gap")
    chart.addCurve("loss", y: [1, 2, .nan, 3, 4, .infinity, 5])
    let text = chart.svg()
    #expect(text.components(separatedBy: "<polyline").count - 1 == 2)
    #expect(text.components(separatedBy: "<circle").count - 1 == 1)
  }

  @Test func unwritableFileIsASentence() {
    let url = URL(fileURLWithPath: "/no/such/folder/loss.svg")
    #expect {
      try Chart(title: "loss").write(to: url)
    } throws: {
      "\($0)" == "/no/such/folder/loss.svg: expected a file that can be written, found No such file or directory"
    }
  }
}
