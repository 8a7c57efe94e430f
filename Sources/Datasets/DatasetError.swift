/// A data file that is missing, damaged or does not fit: which file, where in it, what was expected and what was found.
///
/// The description is one sentence, fit to be shown as it stands:
/// `train-labels-idx1-ubyte, sample 17: expected a label from 0 to 9, found 23`.
public struct DatasetError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A position within a data file.
  public enum Place: Hashable, Sendable {
    /// An offset in the file itself.
    case byte(Int)
    /// An offset in what a compressed file unpacks to.
    case unpackedByte(Int)
    /// The index of an element of the data set.
    case sample(Int)
  }

  /// The file's name, or its path when it could not be opened.
  public let file: String
  /// Where in the file the problem is, if it is in one place.
  public let place: Place?
  /// What a sound file would have there.
  public let expected: String
  /// What is there instead.
  public let found: String

  /// Creates an error from the parts of its sentence.
  public init(file: String, place: Place? = nil, expected: String, found: String) {
    self.file = file
    self.place = place
    self.expected = expected
    self.found = found
  }

  /// The sentence, on one line.
  public var description: String {
    let position =
      switch place {
      case .byte(let offset): ", byte \(offset)"
      case .unpackedByte(let offset): ", byte \(offset) of the unpacked data"
      case .sample(let index): ", sample \(index)"
      case nil: ""
      }
    return "\(file)\(position): expected \(expected), found \(found)"
  }
}
