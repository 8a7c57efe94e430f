#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

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
    /// A line of a text file, counted from 1.
    case line(Int)
    /// A field of a table: the line where its row starts, counted from 1, and its column's name.
    case field(line: Int, column: String)
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
      case .line(let number): ", line \(number)"
      case .field(let line, let column): ", line \(line), column '\(column)'"
      case nil: ""
      }
    return "\(file)\(position): expected \(expected), found \(found)"
  }
}

extension Data {
  /// The content of a data file.
  init(dataset url: URL) throws(DatasetError) {
    do {
      self = try Data(contentsOf: url)
    } catch {
      throw DatasetError(
        file: url.path, expected: "a readable file", found: FileManager.default.obstacle(at: url.path))
    }
  }
}

extension FileManager {
  /// Why the file at a path could not be read, in plain words.
  fileprivate func obstacle(at path: String) -> String {
    guard fileExists(atPath: path) else { return "no file there" }
    // Asking for the content tells a folder on every platform; the Boolean out-parameter has a different type on each.
    return (try? contentsOfDirectory(atPath: path)) == nil ? "one that cannot be read" : "a folder"
  }
}
