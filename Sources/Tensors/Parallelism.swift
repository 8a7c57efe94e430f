import Kernels

/// How many processors large operations are spread over.
///
/// Results have the same bits for any number.
public enum Parallelism {
  /// The threads that work, the caller's included. At the start the environment variable AUTOGRAD_THREADS, else as many as
  /// there are processors for this process. Set it while no operation runs; stops below 1.
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
