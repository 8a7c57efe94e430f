/// A file that grows by whole records, as logs do: one that finds no room leaves those before it as they were, and no trace of
/// its own.
///
/// Each record is the system's once `append` returns, so that it outlives the process.
package final class RecordFile {
  private let file: SystemFile
  private var end: Int

  /// Goes on at a file's end, or makes a file. Throws a ``FileError`` where neither can be.
  package init(_ path: String) throws {
    file = try SystemFile(path, writing: true)
    end = file.seekToEnd()
  }

  /// Puts a record behind the last one. Throws a ``FileError`` where there is no room for it.
  package func append(_ record: [UInt8]) throws {
    do {
      try record.withUnsafeBytes(file.append)
      end += record.count
    } catch {
      file.cut(to: end)
      throw error
    }
  }
}
