/// A file that is replaced as a whole: whatever happens while it is written, its path names the old content or the new.
///
/// The bytes go to a file beside it, `.NAME.partial`, which takes the file's place once all of them are on the
/// disk. A full disk, an error thrown by the caller, a crash or a killed process leaves the old file as it was. A
/// partial file that a killed process left behind is reused by the next write, and two writers of one file wait for
/// each other. A symbolic link stays one: its target is replaced. The old file's permissions are kept. A device or
/// a pipe is written to directly.
/// ```swift
/// try AtomicFile.write(to: "log.bin") { file in try file.append([1, 2, 3]) }
/// ```
public struct AtomicFile {
  private let file: SystemFile

  /// Replaces or creates the file at `path` with what `content` appends.
  ///
  /// Throws a ``FileError``, or what `content` throws.
  public static func write(to path: String, _ content: (AtomicFile) throws -> Void) throws {
    let target = Platform.resolve(path) ?? path
    let (folder, name) = split(target)
    if let status = Platform.status(at: target), !status.isRegular, !status.isFolder {
      return try content(AtomicFile(file: SystemFile(target, writing: true)))
    }
    let partial = folder + ".\(name).partial"
    func open() throws -> SystemFile { try SystemFile(partial, writing: true, inPlaceOf: target) }
    var file = try open()
    // While this writer waited, the one before it may have renamed the partial file to the file's name.
    while !file.lock(at: partial) { file = try open() }
    do {
      try file.empty(permissionsOf: target)
      try content(AtomicFile(file: file))
      try file.synchronize()
      guard Platform.renameFile(partial, to: target) else {
        throw FileError(file: target, expected: "a place for a file", found: Platform.failure)
      }
    } catch {
      Platform.removeFile(partial)
      throw error
    }
    try SystemFile(folder.isEmpty ? "." : folder).synchronize()  // the new name, too
  }

  /// Appends bytes.
  public func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes(append) }

  /// Appends bytes.
  public func append(_ bytes: UnsafeRawBufferPointer) throws { try file.append(bytes) }

  /// The folder with its slash, and the name in it.
  private static func split(_ path: String) -> (folder: String, name: Substring) {
    guard let slash = path.lastIndex(of: "/") else { return ("", path[...]) }
    return (String(path[...slash]), path[path.index(after: slash)...])
  }
}
