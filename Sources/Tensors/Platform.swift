// What differs between systems, and nothing else. The modules up to Optim do not import Foundation: a program that uses
// only them starts in 4 ms instead of 8.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

enum Platform {
  /// Frees memory from `ag_fresh_memory`.
  static func free(_ block: UnsafeMutableRawPointer) {
    #if canImport(Darwin)
      Darwin.free(block)
    #elseif canImport(Musl)
      Musl.free(block)
    #else
      Glibc.free(block)
    #endif
  }

  /// Natural logarithm.
  static func log(_ x: Double) -> Double {
    #if canImport(Darwin)
      Darwin.log(x)
    #elseif canImport(Musl)
      Musl.log(x)
    #else
      Glibc.log(x)
    #endif
  }

  /// A number with a fixed count of decimals, as `1234.5000`, or as `1.2345e+03`.
  static func text(_ number: Double, decimals: Int, usesExponent: Bool) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      let format = usesExponent ? "%.*e" : "%.*f"
      let length = withVaList([Int32(decimals), number]) {
        vsnprintf(buffer.baseAddress, buffer.count, format, $0)
      }
      return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}

// MARK: - Files

extension Platform {
  /// The properties of an open file.
  struct FileStatus {
    let byteCount: Int
    /// Whether it is neither a folder nor a device nor a pipe.
    let isRegular: Bool
    let isFolder: Bool
    /// The bits of its permissions.
    let permissions: mode_t
    /// Identifies the file, whatever its name.
    let identity: [UInt64]

    fileprivate init(_ status: stat) {
      byteCount = Int(status.st_size)
      isRegular = status.st_mode & S_IFMT == S_IFREG
      isFolder = status.st_mode & S_IFMT == S_IFDIR
      permissions = status.st_mode & 0o7777
      identity = [UInt64(truncatingIfNeeded: status.st_dev), UInt64(status.st_ino)]
    }
  }

  /// A file descriptor; negative if the file cannot be opened. Writing creates a file that does not exist. Opening for
  /// reading does not wait for a pipe's writer, because a pipe is refused once its kind is known.
  static func openFile(_ path: String, writing: Bool) -> Int32 {
    repeating { open(path, (writing ? O_RDWR | O_CREAT : O_RDONLY | O_NONBLOCK) | O_CLOEXEC, 0o666) }
  }

  static func closeFile(_ file: Int32) { _ = close(file) }

  static func status(of file: Int32) -> FileStatus? {
    var result = stat()
    return fstat(file, &result) == 0 ? FileStatus(result) : nil
  }

  static func status(at path: String) -> FileStatus? {
    var result = stat()
    return stat(path, &result) == 0 ? FileStatus(result) : nil
  }

  /// The number of bytes that could be read at an offset; negative after a failure, 0 at the end.
  static func readFile(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    // No system reads more than 2 GiB at a time.
    repeating { pread(file, buffer.baseAddress, min(buffer.count, 1 << 30), off_t(offset)) }
  }

  /// The number of bytes that could be written; negative after a failure.
  static func writeFile(_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    repeating { write(file, bytes.baseAddress, min(bytes.count, 1 << 30)) }
  }

  /// Truncates a file to 0 bytes and sets its permissions.
  static func emptyFile(_ file: Int32, permissions: mode_t?) -> Bool {
    ftruncate(file, 0) == 0 && (permissions.map { fchmod(file, $0) == 0 } ?? true)
  }

  /// Truncates a file to so many bytes, where writing continues; returns whether that worked.
  static func cutFile(_ file: Int32, to byteCount: Int) -> Bool {
    ftruncate(file, off_t(byteCount)) == 0 && lseek(file, off_t(byteCount), SEEK_SET) == byteCount
  }

  /// Seeks to a file's end; returns the number of bytes before it, negative if the file has no end.
  static func seekEnd(of file: Int32) -> Int { Int(lseek(file, 0, SEEK_END)) }

  /// Waits until no other writer holds the file. On a file system without locks there is nothing to wait for.
  static func lockFile(_ file: Int32) { _ = repeating { Int(flock(file, LOCK_EX)) } }

  /// Waits until what was written has reached the medium.
  static func synchronize(_ file: Int32) -> Bool {
    #if canImport(Darwin)
      if fcntl(file, F_FULLFSYNC) == 0 { return true }  // plain fsync leaves it in the drive's cache
    #endif
    return fsync(file) == 0 || errno == EINVAL  // on file systems that have nothing to wait for
  }

  /// Renames a file over another in one atomic step.
  static func renameFile(_ path: String, to newPath: String) -> Bool { rename(path, newPath) == 0 }

  static func removeFile(_ path: String) { _ = unlink(path) }

  /// The path without symbolic links; `nil` if there is no such file.
  static func resolve(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(UnsafeMutableRawPointer(resolved)) }
    return String(cString: resolved)
  }

  /// Why the last system call failed: `No such file or directory`.
  static var failure: String { String(cString: strerror(errno)) }

  /// Repeats a call that a signal interrupted.
  private static func repeating<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }
}

/// A value that one thread at a time may change.
///
/// Uses the system's own lock and not `Mutex` of Synchronization, because ThreadSanitizer cannot see the latter's futex
/// and reports races on what it guards.
package final class Guarded<Value>: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  @exclusivity(unchecked) private var value: Value

  package init(_ value: Value) {
    self.value = value
    lock.initialize(to: pthread_mutex_t())
    pthread_mutex_init(lock, nil)
  }

  deinit {
    // Whoever changed the value last has released it before this. ThreadSanitizer cannot see the reference count, which
    // proves that, but it can see the lock.
    pthread_mutex_lock(lock)
    pthread_mutex_unlock(lock)
    pthread_mutex_destroy(lock)
    lock.deallocate()
  }

  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body(&value)
  }
}
