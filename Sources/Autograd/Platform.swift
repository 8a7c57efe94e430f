#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A place that holds another address in each thread.
struct ThreadLocalSlot: Sendable {
  /// The system's number for it, not negative.
  let key: Int

  /// A slot whose address is handed to `end` when its thread ends.
  static func make(_ end: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void) -> ThreadLocalSlot {
    var key = pthread_key_t()
    #if canImport(Darwin) || canImport(Musl)
      let status = pthread_key_create(&key) { end($0) }
    #else
      let status = pthread_key_create(&key, end)
    #endif
    require(status == 0, "cannot make a thread-local slot (error \(status))")
    return ThreadLocalSlot(key: Int(key))
  }

  /// This thread's address.
  @inline(__always)
  var address: UnsafeMutableRawPointer? {
    get { pthread_getspecific(pthread_key_t(key)) }
    nonmutating set { pthread_setspecific(pthread_key_t(key), newValue) }
  }
}
