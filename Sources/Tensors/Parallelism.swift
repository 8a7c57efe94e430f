import Kernels

/// How many threads large operations are spread over.
///
/// Results have the same bits for any number of threads.
public enum Parallelism {
  /// The number of threads that work, the caller's included. At start-up it is the environment variable
  /// AUTOGRAD_THREADS or else the number of processors available to this process. Set it while no
  /// operation runs; stops below 1.
  public static var threads: Int {
    get { Int(ag_thread_count()) }
    set {
      require(newValue >= 1, "Parallelism.threads: must be at least 1, got \(newValue)")
      ag_set_thread_count(Int32(clamping: newValue))
    }
  }

  /// The instruction set in use: `avx512`, `avx2`, `baseline`, or `neon` on arm64. AUTOGRAD_ISA forces a lower one.
  public static var instructionSet: String { String(cString: ag_level_name(ag_current_level())) }
}

extension Parallelism {
  /// Calls a body for each of `count` numbers: on all threads if there are at least as many numbers as threads; else
  /// one after another, and the body may use the threads itself.
  static func forEach(_ count: Int, _ body: (Int) -> Void) {
    if count < threads || threads == 1 {
      for number in 0..<count { body(number) }
      return
    }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { body in
        ag_parallel_for(
          count, 1,
          { body, begin, end in
            let body = body?.assumingMemoryBound(to: ((Int) -> Void).self).pointee
            for number in begin..<end { body?(number) }
          }, UnsafeMutableRawPointer(mutating: body))
      }
    }
  }

  /// Runs a body whose loops stay on the calling thread, which leaves the other threads to others.
  package static func alone<Result>(_ body: () -> Result) -> Result {
    let before = ag_work_alone(true)
    defer { _ = ag_work_alone(before) }
    return body()
  }
}
