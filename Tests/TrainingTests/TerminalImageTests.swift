import Testing

import Training

@Suite struct TerminalImageTests {
  private let plain = Terminal(isInteractive: false)
  private let colored = Terminal(isInteractive: true, hasColor: true)

  @Test func shadesFollowTheGreyLevels() {
    let image = TerminalImage([0, 0.25, 0.5, 0.75, 1, 7, -3, .nan], width: 4, height: 2, caption: "3 as 8")
    #expect(image.text(in: plain) == "  ░░▒▒▓▓\n████    \n 3 as 8 ")
  }

  @Test func halfBlocksHoldTwoRows() {
    let image = TerminalImage([0, 1, 1], width: 1, height: 3)
    #expect(
      image.text(in: colored)
        == "\u{1b}[38;5;232;48;5;255m▀\u{1b}[0m\n\u{1b}[38;5;255;48;5;232m▀\u{1b}[0m")
  }

  @Test func largePicturesShareCharacters() {
    let row = [Float](repeating: 1, count: 17)
    let image = TerminalImage(row + row + row, width: 17, height: 3)
    #expect(image.text(in: plain) == String(repeating: "█", count: 17) + "\n" + String(repeating: "▒", count: 17))
  }

  @Test func imagesStandSideBySideAndWrap() {
    let images = ["a", "b", "c"].map { TerminalImage([1], width: 1, height: 1, caption: $0) }
    #expect(TerminalImage.text(images, in: plain) == "██   ██   ██\na    b    c ")
    var narrow = plain
    narrow.width = 7
    #expect(TerminalImage.text(images, in: narrow) == "██   ██\na    b \n\n██\nc ")
    narrow.width = 0
    #expect(TerminalImage.text(images, in: narrow).split(separator: "\n", omittingEmptySubsequences: false).count == 8)
    #expect(TerminalImage.text([], in: plain).isEmpty)
  }
}
