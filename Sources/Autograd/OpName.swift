/// A name that a user gave an op, as to a `CustomFunction`. Kept as a number, which takes no extra room in an entry.
struct OpName: Equatable {
  /// 0 for the op's own name.
  private let number: UInt32

  /// No name but the op's own.
  static let none = OpName(number: 0)

  private init(number: UInt32) { self.number = number }

  /// The name of this text; the same text has the same number.
  init(_ text: String) {
    number = OpName.known.withLock { known in
      if let number = known.numbers[text] { return number }
      known.texts.append(text)
      let number = UInt32(known.texts.count)
      known.numbers[text] = number
      return number
    }
  }

  /// The user's text, if there is one.
  var text: String? { number == 0 ? nil : OpName.known.withLock { $0.texts[Int(number) - 1] } }

  private struct Known {
    var texts: [String] = []
    var numbers: [String: UInt32] = [:]
  }

  private static let known = Guarded(Known())
}

extension TapeEntry {
  /// What listings, pictures and messages call this entry.
  var name: String { node.pointee.name.text ?? op.rawValue }
}
