// Whole numbers: common divisors and bits. Shapes broadcast. All stop for floats; `&`,
// `|`, `^` and `~` take bools, too.

extension Tensor {
  /// The greatest common divisor of each pair, never negative; that of 0 and x is |x|. PyTorch's `gcd`.
  public func gcd(_ other: Tensor) -> Tensor { combined(.gcd, other) }

  /// The least common multiple of each pair, never negative; 0 if one is 0. PyTorch's `lcm`.
  public func lcm(_ other: Tensor) -> Tensor { combined(.lcm, other) }

  /// The bits that both have.
  public static func & (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.bitAnd, rhs) }
  /// The bits that a number has, too.
  public static func & (lhs: Tensor, rhs: Int) -> Tensor { lhs & lhs.whole(rhs, "&") }
  /// The bits that either has.
  public static func | (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.bitOr, rhs) }
  /// The bits, and those of a number.
  public static func | (lhs: Tensor, rhs: Int) -> Tensor { lhs | lhs.whole(rhs, "|") }
  /// The bits that one of both has.
  public static func ^ (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.bitXor, rhs) }
  /// The bits, those of a number flipped.
  public static func ^ (lhs: Tensor, rhs: Int) -> Tensor { lhs ^ lhs.whole(rhs, "^") }
  /// All bits flipped. PyTorch's `bitwise_not`.
  public static prefix func ~ (x: Tensor) -> Tensor {
    x.dtype == .bool ? !x : x ^ (x.dtype == .uint8 ? 255 : -1)
  }

  /// Bits moved to the left by the partner's number; 0 for a negative number, and when all bits have been moved out.
  public static func << (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.shiftLeft, rhs) }
  /// Bits moved to the left.
  public static func << (lhs: Tensor, rhs: Int) -> Tensor { lhs << lhs.whole(rhs, "<<") }
  /// Bits moved to the right by the partner's number, the sign staying; 0 or −1 for a negative number, and
  /// when all bits have been moved out.
  public static func >> (lhs: Tensor, rhs: Tensor) -> Tensor { lhs.combined(.shiftRight, rhs) }
  /// Bits moved to the right, the sign staying.
  public static func >> (lhs: Tensor, rhs: Int) -> Tensor { lhs >> lhs.whole(rhs, ">>") }

  /// Keeps the bits that the right side has, too, in place; it broadcasts to the left side's shape.
  public static func &= (lhs: inout Tensor, rhs: Tensor) { lhs.become(.bitAnd, rhs) }
  /// Keeps the bits that a number has, too, in place.
  public static func &= (lhs: inout Tensor, rhs: Int) { lhs.become(.bitAnd, lhs.whole(rhs, "&=")) }
  /// Adds the right side's bits in place; it broadcasts to the left side's shape.
  public static func |= (lhs: inout Tensor, rhs: Tensor) { lhs.become(.bitOr, rhs) }
  /// Adds a number's bits in place.
  public static func |= (lhs: inout Tensor, rhs: Int) { lhs.become(.bitOr, lhs.whole(rhs, "|=")) }
  /// Flips the right side's bits in place; it broadcasts to the left side's shape.
  public static func ^= (lhs: inout Tensor, rhs: Tensor) { lhs.become(.bitXor, rhs) }
  /// Flips a number's bits in place.
  public static func ^= (lhs: inout Tensor, rhs: Int) { lhs.become(.bitXor, lhs.whole(rhs, "^=")) }
  /// Moves bits to the left in place.
  public static func <<= (lhs: inout Tensor, rhs: Int) { lhs.become(.shiftLeft, lhs.whole(rhs, "<<=")) }
  /// Moves bits to the right in place.
  public static func >>= (lhs: inout Tensor, rhs: Int) { lhs.become(.shiftRight, lhs.whole(rhs, ">>=")) }

  /// A whole number of this tensor's type.
  private func whole(_ number: Int, _ op: String) -> Tensor {
    require(!dtype.isFloatingPoint, "\(op): does not work on \(dtype); convert with cast(to:)")
    let exact = Tensor(number), result = exact.cast(to: dtype)
    require(
      result.cast(to: .int64) == exact,
      "\(op): the number \(number) is not a value of \(dtype); convert the tensor with cast(to:)")
    return result
  }
}
