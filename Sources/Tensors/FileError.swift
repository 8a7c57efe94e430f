/// A file that is missing, damaged or does not fit: which file, where in it, what was
/// expected and what was found instead.
///
/// The description is one sentence, fit to be shown as it stands:
/// `model.safetensors, tensor fc.weight: expected 24 bytes for [2, 3] F32, found 20`,
/// `train-labels-idx1-ubyte, sample 17: expected a label from 0 to 9, found 23`.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A position within a file.
  public enum Place: Hashable, Sendable {
    /// An offset in the file.
    case byte(Int)
    /// An offset in what a compressed file unpacks to.
    case unpackedByte(Int)
    /// The tensor of this name.
    case tensor(String)
    /// The archive's member of this name.
    case member(String)
    /// What the keys and positions of this path lead to, such as `optimizer.param_groups.0.lr`.
    case entry(String)
    /// The index of an element of a data set.
    case sample(Int)
    /// A line of a text file, counted from 1.
    case line(Int)
    /// A field of a table: the line where its row starts, counted from 1, and its column's name.
    case field(line: Int, column: String)
  }

  /// The file's path, or the name that was given for bytes in memory.
  public let file: String
  /// Where in the file the problem is, if it is in one place.
  public let place: Place?
  /// What a valid file would have there.
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
      case .tensor(let name): ", tensor \(name)"
      case .member(let name): ", member \(name)"
      case .entry(let path): ", entry \(path)"
      case .sample(let index): ", sample \(index)"
      case .line(let number): ", line \(number)"
      case .field(let line, let column): ", line \(line), column '\(column)'"
      case nil: ""
      }
    return "\(file)\(position): expected \(expected), found \(found)"
  }
}
