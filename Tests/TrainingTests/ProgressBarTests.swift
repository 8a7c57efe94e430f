import Testing

import Training

/// What a progress bar wrote, and the clock that it used.
private final class Stage {
  var text = ""
  var time = Duration.zero

  func bar(total: Int, width: Int = 80, isInteractive: Bool = true) -> ProgressBar {
    ProgressBar(
      "training", total: total, terminal: Terminal(isInteractive: isInteractive, width: width),
      write: { self.text += $0 }, now: { self.time })
  }
}

@Suite struct ProgressBarTests {
  @Test func lineShowsShareRateAndTimeLeft() {
    let stage = Stage()
    var bar = stage.bar(total: 1_300)
    bar.advance(by: 585, note: "loss 0.21")
    #expect(
      bar.line(at: .milliseconds(250))
        == "training  45 % ━━━━━━━━─────────── 585/1,300 · 2,340/s · 0.3 s left · loss 0.21")
    bar.advance(by: 715, note: "")
    #expect(
      bar.line(at: .seconds(2)) == "training 100 % ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 1,300/1,300 · 650/s")
  }

  @Test func lineNeverWraps() {
    for width in 0...200 {
      for (total, done) in [(0, 0), (10, 0), (1_000_000, 1), (10, 10), (10, 12)] {
        var bar = Stage().bar(total: total, width: width)
        bar.advance(by: done, note: "loss 2.3026")
        #expect(bar.line(at: .seconds(3)).count < max(width, 1))
      }
    }
  }

  @Test func barIsRedrawnOnlySoOften() {
    let stage = Stage()
    var bar = stage.bar(total: 1_000)
    for _ in 0..<1_000 {
      stage.time += .milliseconds(1)
      bar.advance()
    }
    #expect(stage.text.split(separator: "\r").count == 20)
  }

  @Test func printedLinesStandAboveTheBar() {
    let stage = Stage()
    var bar = stage.bar(total: 2, width: 40)
    bar.advance()
    stage.text = ""
    bar.print("epoch 1")
    #expect(stage.text == "\r\u{1b}[Kepoch 1\n" + bar.line(at: .zero))
  }

  @Test func countsBeyondTheTotalAreShown() {
    let stage = Stage()
    var bar = stage.bar(total: 10, isInteractive: true)
    bar.advance(by: -5)
    #expect(bar.line(at: .seconds(1)).contains(" 0 % ───"))
    bar.advance(by: .max)
    bar.advance(by: .max)
    #expect(bar.line(at: .seconds(1)).contains(" 100 % ━━━"))
    var endless = stage.bar(total: .max, isInteractive: true)
    endless.advance()
    #expect(endless.line(at: .seconds(60)).contains(" left"))
  }

  @Test func elsewhereOneLineIsLeft() {
    let stage = Stage()
    var bar = stage.bar(total: 1_300, isInteractive: false)
    bar.advance(by: 1_300)
    bar.print("epoch 1: loss 0.5")
    stage.time = .seconds(2)
    bar.finish()
    #expect(stage.text == "epoch 1: loss 0.5\ntraining: 1,300 steps in 2.0 s · 650/s\n")
  }

  @Test(arguments: [
    (0, "0.0 s"), (1_449, "1.4 s"), (9_940, "9.9 s"), (9_960, "0:10"), (62_000, "1:02"), (11_275_000, "3:07:55"),
  ])
  func timesReadLikeAClock(milliseconds: Int, text: String) {
    #expect(clockText(.milliseconds(milliseconds)) == text)
  }

  @Test(arguments: [
    (97.4074, 2, "97.41"), (-0.004, 2, "0.00"), (-1.5, 1, "-1.5"), (0.05, 2, "0.05"), (2.5, 0, "3"), (.nan, 2, "nan"),
    (-.infinity, 2, "-inf"), (1e300, 2, "1e+300"),
  ])
  func numbersHaveFixedDecimals(number: Double, decimals: Int, text: String) {
    #expect(number.text(decimals: decimals) == text)
  }
}
