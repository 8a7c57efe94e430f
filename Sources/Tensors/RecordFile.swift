/// A file that grows by whole records, as logs do: a record that finds no room leaves those before it as they
/// were, and no trace of itself.
///
/// Each record has been handed to the system once `append` returns, so it outlives the process.
package final class RecordFile {
  private let file: SystemFile
  private var end: Int

  /// Continues at a file's end, or creates the file. Throws a ``FileError`` if neither is possible.
  package init(_ path: String) throws {
    file = try SystemFile(path, writing: true)
    end = file.seekToEnd()
  }

  /// Appends a record. Throws a ``FileError`` if there is no room for it.
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
