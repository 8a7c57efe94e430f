// The format of numbers and times.

import Tensors

extension Double {
  /// The number with at most so many decimals, and no zeros at the end: `97.4`, `97`.
  func shortText(decimals: Int) -> String {
    var text = text(decimals: decimals)[...]
    guard text.contains("."), !text.contains("e") else { return String(text) }
    while text.hasSuffix("0") { text.removeLast() }
    return String(text.hasSuffix(".") ? text.dropLast() : text)
  }
}

/// A time in a readable format: `1.4 s` below ten seconds, then `0:42`, `3:07:55`.
package func clockText(_ time: Duration) -> String {
  let seconds = max(0, time.seconds)
  if seconds < 9.95 { return "\(seconds.text(decimals: 1)) s" }
  let whole = Int(min(seconds.rounded(), 1e9))
  func padded(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
  let tail = padded(whole % 60)
  return whole < 3600 ? "\(whole / 60):\(tail)" : "\(whole / 3600):\(padded(whole / 60 % 60)):\(tail)"
}

extension Duration {
  /// The duration in seconds.
  public var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}

extension String {
  /// The text with spaces on both sides up to a width.
  func centered(in width: Int) -> String {
    let room = max(0, width - count)
    return String(repeating: " ", count: room / 2) + self + String(repeating: " ", count: room - room / 2)
  }
}
