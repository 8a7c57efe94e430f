#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A slot that holds an address for each thread.
package struct ThreadLocalSlot: Sendable {
  /// What the system calls with the address when a thread ends.
  #if canImport(Darwin)
    package typealias End = @convention(c) (UnsafeMutableRawPointer) -> Void
  #else
    package typealias End = @convention(c) (UnsafeMutableRawPointer?) -> Void
  #endif

  /// The system's number for it, not negative.
  let key: Int

  /// A slot whose address is passed to `end` when its thread ends.
  package static func make(_ end: @escaping End) -> ThreadLocalSlot {
    var key = pthread_key_t()
    let status = pthread_key_create(&key, end)
    require(status == 0, "cannot make a thread-local slot (error \(status))")
    return ThreadLocalSlot(key: Int(key))
  }

  /// This thread's address.
  @inline(__always)
  package var address: UnsafeMutableRawPointer? {
    get { pthread_getspecific(pthread_key_t(key)) }
    nonmutating set { pthread_setspecific(pthread_key_t(key), newValue) }
  }
}
