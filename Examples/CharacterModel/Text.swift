import Datasets
import NN

/// A text as numbers: its letters in order, and each letter's place among them.
struct Text {
  let letters: [Character]
  let labels: [Int]
  private let places: [Character: Int]

  init(_ text: String) throws {
    let letters = Set(text).sorted()
    let places = Dictionary(uniqueKeysWithValues: letters.enumerated().map { ($1, $0) })
    (self.letters, self.places) = (letters, places)
    labels = text.compactMap { places[$0] }
  }

  /// The labels of another text; letters that this one does not have are left out.
  func encode(_ text: String) -> [Int] { text.compactMap { places[$0] } }
  /// The text of labels.
  func decode(_ labels: [Int]) -> String { String(labels.map { letters[$0] }) }
}

/// A text that is too short to learn from.
struct TextError: Error, CustomStringConvertible {
  let count, wanted: Int
  var description: String { "the text has \(count) letters; wants more than the \(wanted) that the model looks back" }
}

/// Stretches of a text, each with the same stretch one letter on: what comes next at every place. They overlap, so that
/// every letter is seen behind short pasts and long ones.
struct TextWindows: Dataset {
  private let labels: Tensor
  private let length: Int
  private let step: Int
  let count: Int

  init(_ text: Text, length: Int) throws {
    guard text.labels.count > length else { throw TextError(count: text.labels.count, wanted: length) }
    labels = Tensor(text.labels, shape: [text.labels.count])
    self.length = length
    step = max(1, length / 16)
    count = (text.labels.count - length - 1) / step + 1
  }

  subscript(position: Int) -> Sample {
    let start = position * step
    return Sample(input: labels[start..<start + length], target: labels[start + 1..<start + length + 1])
  }
}
