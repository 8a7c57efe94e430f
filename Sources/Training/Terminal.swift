import Foundation

/// What a program's text is shown on.
///
/// The only place that queries the terminal's properties.
public struct Terminal: Sendable {
  /// Whether a person watches: text can be redrawn, and colour is welcome.
  public var isInteractive: Bool
  /// The number of characters in a line.
  public var width: Int
  /// Whether escape codes for colour are understood and wanted.
  public var hasColor: Bool

  /// Describes a terminal; tests and documents use it to fix one.
  public init(isInteractive: Bool, width: Int = 80, hasColor: Bool = false) {
    self.isInteractive = isInteractive
    self.width = width
    self.hasColor = hasColor
  }

  /// Where standard output goes at this moment.
  public static var current: Terminal {
    let isInteractive = isatty(STDOUT_FILENO) != 0
    let hasColor = isInteractive && getenv("NO_COLOR") == nil && getenv("TERM").map { String(cString: $0) } != "dumb"
    var size = winsize()
    let isSized = isInteractive && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return Terminal(isInteractive: isInteractive, width: isSized ? Int(size.ws_col) : 80, hasColor: hasColor)
  }

  /// Writes to standard output at once, whether or not the text ends a line.
  public static func write(_ text: String) {
    print(text, terminator: "")
    fflush(nil)
  }

  /// Writes to standard error.
  public static func writeError(_ text: String) {
    fflush(nil)
    var text = text
    text.withUTF8 { bytes in
      // If standard error is closed, there is nobody left to tell.
      _ = writeToStandardError(bytes)
    }
  }

  /// Ends the program, after flushing what was printed.
  public static func exit(_ code: Int32) -> Never {
    fflush(nil)
    endProcess(code)
  }
}

// The two below reach C's `write` and `exit`, which the methods of the same names hide.

private func writeToStandardError(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
  write(STDERR_FILENO, bytes.baseAddress, bytes.count)
}

private func endProcess(_ code: Int32) -> Never {
  exit(code)
}
