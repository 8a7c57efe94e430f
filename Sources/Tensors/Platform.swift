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
  /// Fresh memory aligned to a cache line; `nil` when there is none.
  static func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
    var block: UnsafeMutableRawPointer?
    return posix_memalign(&block, 64, byteCount) == 0 ? block : nil
  }

  /// Gives back what `allocate` gave.
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
    pthread_mutex_destroy(lock)
    lock.deallocate()
  }

  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body(&value)
  }
}
