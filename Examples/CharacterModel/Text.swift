import Datasets
import NN

/// A text as labels: each letter is represented by its place in the sorted list of the text's letters.
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

  /// The labels of another text. Letters that do not occur in this one are left out.
  func encode(_ text: String) -> [Int] { text.compactMap { places[$0] } }
  /// The text that the labels stand for.
  func decode(_ labels: [Int]) -> String { String(labels.map { letters[$0] }) }
}

/// A text that is too short to learn from.
struct TextError: Error, CustomStringConvertible {
  let count, wanted: Int
  var description: String { "the text has \(count) letters; wants more than the \(wanted) that the model looks back" }
}

/// Windows of a text, each with the same window shifted by one letter as its target: the next letter at every place.
/// The windows overlap, so that every letter is seen after short and long contexts.
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
