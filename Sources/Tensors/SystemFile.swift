/// An open file of the system's; closed when nothing refers to it any more.
///
/// All failures are thrown as ``FileError``.
final class SystemFile {
  /// The name that errors use.
  let path: String
  private let number: Int32

  /// Opens a file for reading, or for reading and writing, which creates it if it does not exist. Errors name its path,
  /// or that of the file that it stands in for.
  init(_ path: String, writing: Bool = false, inPlaceOf other: String? = nil) throws {
    self.path = other ?? path
    number = Platform.openFile(path, writing: writing)
    if number < 0 {
      throw FileError(
        file: self.path, expected: "a file that can be \(writing ? "written" : "read")", found: Platform.failure)
    }
  }

  deinit { Platform.closeFile(number) }

  /// The number of bytes. Throws for what is not a regular file: a folder, a device, a pipe.
  func byteCount() throws -> Int {
    guard let status = Platform.status(of: number) else {
      throw FileError(file: path, expected: "a file whose size is known", found: Platform.failure)
    }
    guard status.isRegular else { throw FileError(file: path, expected: "a regular file", found: "another kind") }
    return status.byteCount
  }

  /// Fills a buffer from `offset` on; the file must hold as much.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = Platform.readFile(number, into: rest, at: offset + done)
      guard count > 0 else {
        throw FileError(
          file: path, place: .byte(offset + done), expected: "\(buffer.count - done) more bytes",
          found: count == 0 ? "the end of the file" : Platform.failure)
      }
      done += count
    }
  }

  /// Writes bytes after the last ones.
  func append(_ bytes: UnsafeRawBufferPointer) throws {
    var done = 0
    while done < bytes.count {
      let count = Platform.writeFile(number, UnsafeRawBufferPointer(rebasing: bytes[done...]))
      guard count > 0 else {
        throw FileError(file: path, expected: "room for \(bytes.count - done) more bytes", found: Platform.failure)
      }
      done += count
    }
  }

  /// Seeks to the end; returns the number of bytes before it, 0 if there is no end.
  func seekToEnd() -> Int { max(0, Platform.seekEnd(of: number)) }

  /// Truncates the file to so many bytes, if it can be truncated.
  func cut(to byteCount: Int) { _ = Platform.cutFile(number, to: byteCount) }

  /// Waits for other writers, and returns whether the path still names this file.
  func lock(at path: String) -> Bool {
    Platform.lockFile(number)
    return Platform.status(of: number)?.identity == Platform.status(at: path)?.identity
  }

  /// Removes all content, and takes over another file's permissions, if it exists.
  func empty(permissionsOf other: String) throws {
    guard Platform.emptyFile(number, permissions: Platform.status(at: other)?.permissions) else {
      throw FileError(file: path, expected: "a file that can be emptied", found: Platform.failure)
    }
  }

  /// Waits until what was written has reached the medium.
  func synchronize() throws {
    guard Platform.synchronize(number) else {
      throw FileError(file: path, expected: "a medium that keeps what was written", found: Platform.failure)
    }
  }
}
