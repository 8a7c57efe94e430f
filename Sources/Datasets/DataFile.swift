import Foundation
import Tensors

extension [UInt8] {
  /// The content of a data file.
  init(dataset url: URL) throws(FileError) {
    // A device may never end, and a pipe may never begin.
    let path = url.resolvingSymlinksInPath().path
    let type = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
    guard type == nil || type == .typeRegular || type == .typeDirectory else {
      throw FileError(file: url.path, expected: "a regular file", found: "another kind")
    }
    do {
      self.init(try Data(contentsOf: url))
    } catch {
      throw FileError(
        file: url.path, expected: "a readable file", found: FileManager.default.obstacle(at: url.path))
    }
  }
}

extension URL {
  /// The file of this name in the folder, plain or with `.gz`; nil if neither is there.
  func file(_ name: String) -> URL? {
    [name, name + ".gz"].map(appendingPathComponent).first { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// The same; an error names what is missing.
  func requiredFile(_ name: String) throws(FileError) -> URL {
    if let file = file(name) { return file }
    throw FileError(file: path, expected: "a file \(name) or \(name).gz", found: "neither")
  }
}

extension FileManager {
  /// Why the file at a path could not be read, in plain words.
  fileprivate func obstacle(at path: String) -> String {
    guard fileExists(atPath: path) else { return "no file there" }
    // Listing the contents recognizes a folder on every platform; the Boolean out-parameter has a
    // different type on each.
    return (try? contentsOfDirectory(atPath: path)) == nil ? "one that cannot be read" : "a folder"
  }
}
