// What differs between systems, and nothing else. The rooms up to Optim do without Foundation: a program that uses only
// them starts in 4 ms instead of 8.

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

enum Platform {
  /// Gives back what `ag_fresh_memory` gave.
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
  /// What is known of an open file.
  struct FileStatus {
    let byteCount: Int
    /// Whether it is neither a folder nor a device nor a pipe.
    let isRegular: Bool
    let isFolder: Bool
    /// The bits of its permissions.
    let permissions: mode_t
    /// Which file it is, whatever it is called.
    let identity: [UInt64]

    fileprivate init(_ status: stat) {
      byteCount = Int(status.st_size)
      isRegular = status.st_mode & S_IFMT == S_IFREG
      isFolder = status.st_mode & S_IFMT == S_IFDIR
      permissions = status.st_mode & 0o7777
      identity = [UInt64(truncatingIfNeeded: status.st_dev), UInt64(status.st_ino)]
    }
  }

  /// A file's number; negative where it cannot be opened. Writing makes a file that is not there. To read from does not wait
  /// for a pipe's writer, for a pipe is refused once its kind is known.
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

  /// The count of bytes that could be read at a place; negative after a failure, 0 at the end.
  static func readFile(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    // No system reads more than 2 GiB at a time.
    repeating { pread(file, buffer.baseAddress, min(buffer.count, 1 << 30), off_t(offset)) }
  }

  /// The count of bytes that could be written; negative after a failure.
  static func writeFile(_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    repeating { write(file, bytes.baseAddress, min(bytes.count, 1 << 30)) }
  }

  /// Cuts a file to no bytes and gives it these permissions.
  static func emptyFile(_ file: Int32, permissions: mode_t?) -> Bool {
    ftruncate(file, 0) == 0 && (permissions.map { fchmod(file, $0) == 0 } ?? true)
  }

  /// Cuts a file to so many bytes, and goes on behind them; says whether it has them.
  static func cutFile(_ file: Int32, to byteCount: Int) -> Bool {
    ftruncate(file, off_t(byteCount)) == 0 && lseek(file, off_t(byteCount), SEEK_SET) == byteCount
  }

  /// Goes to a file's end; the count of bytes before it, negative where it has no end.
  static func seekEnd(of file: Int32) -> Int { Int(lseek(file, 0, SEEK_END)) }

  /// Waits until no other writer holds the file. Where a system of files knows no locks there is nothing to wait for.
  static func lockFile(_ file: Int32) { _ = repeating { Int(flock(file, LOCK_EX)) } }

  /// Waits until the medium has what was written.
  static func synchronize(_ file: Int32) -> Bool {
    #if canImport(Darwin)
      if fcntl(file, F_FULLFSYNC) == 0 { return true }  // plain fsync leaves it in the drive's cache
    #endif
    return fsync(file) == 0 || errno == EINVAL  // where a system of files has nothing to wait for
  }

  /// Gives a file another's name, in one step that no crash divides.
  static func renameFile(_ path: String, to newPath: String) -> Bool { rename(path, newPath) == 0 }

  static func removeFile(_ path: String) { _ = unlink(path) }

  /// The path without links; `nil` where there is nothing.
  static func resolve(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(UnsafeMutableRawPointer(resolved)) }
    return String(cString: resolved)
  }

  /// Why the last call of the system failed: `No such file or directory`.
  static var failure: String { String(cString: strerror(errno)) }

  /// Calls again where a signal came between.
  private static func repeating<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
      let result = call()
      if result >= 0 || errno != EINTR { return result }
    }
  }
}

/// A value that one thread at a time may change.
///
/// The system's own lock, and not `Mutex` of Synchronization: that one is handed over inside the Linux kernel, where
/// ThreadSanitizer does not see it, so that what it guards is reported as a race.
package final class Guarded<Value>: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  @exclusivity(unchecked) private var value: Value

  package init(_ value: Value) {
    self.value = value
    lock.initialize(to: pthread_mutex_t())
    pthread_mutex_init(lock, nil)
  }

  deinit {
    // Who changed the value last let go of it before this. The count of references, which says so, is beyond
    // ThreadSanitizer's sight, the lock is not.
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
