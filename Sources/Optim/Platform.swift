#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

enum Platform {
  /// Writes a line to standard error.
  static func warn(_ message: String) {
    let line = Array("warning: \(message)\n".utf8)
    line.withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  // The names are written out, as this module has a `pow` of its own.
  #if canImport(Darwin)
    static func power(_ base: Double, _ exponent: Double) -> Double { Darwin.pow(base, exponent) }
    static func cosine(_ x: Double) -> Double { Darwin.cos(x) }
  #elseif canImport(Musl)
    static func power(_ base: Double, _ exponent: Double) -> Double { Musl.pow(base, exponent) }
    static func cosine(_ x: Double) -> Double { Musl.cos(x) }
  #else
    static func power(_ base: Double, _ exponent: Double) -> Double { Glibc.pow(base, exponent) }
    static func cosine(_ x: Double) -> Double { Glibc.cos(x) }
  #endif
}
