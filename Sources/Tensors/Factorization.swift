import Kernels

// Factorizations of one dense, row-major matrix in place. Large ones go block by block: the update of the rest of the
// matrix is a matrix product, which takes nearly all of the time.

/// A float type that linear algebra runs in.
protocol LinearScalar: TensorScalar, BinaryFloatingPoint {
  typealias Elements = UnsafePointer<Self>
  typealias MutableElements = UnsafeMutablePointer<Self>

  /// c += a · b for a [m, k] and b [k, n] with row and column strides; c's columns are dense.
  static func addProduct(
    _ m: Int, _ n: Int, _ k: Int, _ a: Elements, _ aRow: Int, _ aColumn: Int, _ b: Elements, _ bRow: Int,
    _ bColumn: Int, _ c: MutableElements, _ cRow: Int)

  // Loops over rows; see `Kernels`.
  static var dot: (Int, Elements?, Elements?) -> Self { get }
  static var addScaled: (Int, Self, Elements?, MutableElements?) -> Void { get }
  static var rotate: (Int, Self, Self, MutableElements?, MutableElements?) -> Void { get }
  static var rotateRows: (Int, Int, Elements?, Elements?, MutableElements?) -> Void { get }
  static var updateAndMultiply: (Int, Int, Elements?, Elements?, Elements?, MutableElements?, MutableElements?) -> Void
  { get }
}

extension Float: LinearScalar {
  static func addProduct(
    _ m: Int, _ n: Int, _ k: Int, _ a: Elements, _ aRow: Int, _ aColumn: Int, _ b: Elements, _ bRow: Int,
    _ bColumn: Int, _ c: MutableElements, _ cRow: Int
  ) { ag_gemm_f32(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, true, nil) }

  static var dot: (Int, Elements?, Elements?) -> Float { ag_dot_f32 }
  static var addScaled: (Int, Float, Elements?, MutableElements?) -> Void { ag_add_scaled_f32 }
  static var rotate: (Int, Float, Float, MutableElements?, MutableElements?) -> Void { ag_rotate_f32 }
  static var rotateRows: (Int, Int, Elements?, Elements?, MutableElements?) -> Void { ag_rotate_rows_f32 }
  static var updateAndMultiply: (Int, Int, Elements?, Elements?, Elements?, MutableElements?, MutableElements?) -> Void
  { ag_update_and_multiply_f32 }
}

extension Double: LinearScalar {
  static func addProduct(
    _ m: Int, _ n: Int, _ k: Int, _ a: Elements, _ aRow: Int, _ aColumn: Int, _ b: Elements, _ bRow: Int,
    _ bColumn: Int, _ c: MutableElements, _ cRow: Int
  ) { ag_gemm_f64(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, true, nil) }

  static var dot: (Int, Elements?, Elements?) -> Double { ag_dot_f64 }
  static var addScaled: (Int, Double, Elements?, MutableElements?) -> Void { ag_add_scaled_f64 }
  static var rotate: (Int, Double, Double, MutableElements?, MutableElements?) -> Void { ag_rotate_f64 }
  static var rotateRows: (Int, Int, Elements?, Elements?, MutableElements?) -> Void { ag_rotate_rows_f64 }
  static var updateAndMultiply: (Int, Int, Elements?, Elements?, Elements?, MutableElements?, MutableElements?) -> Void
  { ag_update_and_multiply_f64 }
}

/// Rows or columns of a block.
private let blockSize = 48
/// Systems of this size are not halved further.
let leafSize = 16
/// Columns of right-hand sides that a thread takes at a time.
private let stripSize = 256

/// The larger half, so that sizes stay multiples of leaves where they can.
func firstHalf(of count: Int) -> Int { (count / leafSize + 1) / 2 * leafSize }

/// Uninitialized memory for `count` numbers, cached for the next call.
func withScratch<T: LinearScalar, R>(_ count: Int, _ body: (UnsafeMutablePointer<T>) -> R) -> R {
  let (memory, byteCount) = Memory.allocate(byteCount: count * MemoryLayout<T>.stride)
  defer { Memory.free(memory, byteCount: byteCount) }
  return body(memory.bindMemory(to: T.self, capacity: count))
}

/// Calls a body with the start and the number of adjacent columns, `count` in all, on all threads.
func inStrips(_ count: Int, _ body: (Int, Int) -> Void) {
  let strips = (count + stripSize - 1) / stripSize
  if strips == 0 { return }
  let width = (count + strips - 1) / strips
  Parallelism.forEach(strips) { strip in body(strip * width, min(width, count - strip * width)) }
}

/// y −= factor · x
@inline(__always)
func subtract<T: LinearScalar>(_ count: Int, _ factor: T, _ x: UnsafePointer<T>, from y: UnsafeMutablePointer<T>) {
  for i in 0..<count { y[i] -= factor * x[i] }
}

/// Swaps the elements of two runs.
func swapElements<T: LinearScalar>(_ count: Int, _ x: UnsafeMutablePointer<T>, _ y: UnsafeMutablePointer<T>) {
  for i in 0..<count { (x[i], y[i]) = (y[i], x[i]) }
}

/// c −= a · b, through a contiguous copy of −a.
func subtractProduct<T: LinearScalar>(
  _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<T>, _ aRow: Int, _ aColumn: Int, _ b: UnsafePointer<T>, _ bRow: Int,
  _ bColumn: Int, from c: UnsafeMutablePointer<T>, _ cRow: Int
) {
  if m == 0 || n == 0 || k == 0 { return }
  withScratch(m * k) { (negative: UnsafeMutablePointer<T>) in
    let isTurned = aRow == 1
    let (lines, length, step, within) = isTurned ? (k, m, aColumn, aRow) : (m, k, aRow, aColumn)
    for line in 0..<lines {
      let (from, to) = (a + line * step, negative + line * length)
      if within == 1 {
        for i in 0..<length { to[i] = -from[i] }
      } else {
        for i in 0..<length { to[i] = -from[i * within] }
      }
    }
    T.addProduct(m, n, k, negative, isTurned ? 1 : k, isTurned ? m : 1, b, bRow, bColumn, c, cRow)
  }
}

/// A = L · Lᵀ in place for the lower triangle of a symmetric matrix; the upper one is set to 0.
///
/// Returns the order of the first leading minor that is not positive, if any.
func factorizeCholesky<T: LinearScalar>(_ n: Int, _ a: UnsafeMutablePointer<T>) -> Int? {
  for first in stride(from: 0, to: n, by: blockSize) {
    let end = min(first + blockSize, n)
    for k in first..<end {
      let square = a[k * n + k]
      guard square > 0, square.isFinite else { return k + 1 }
      let root = square.squareRoot()
      a[k * n + k] = root
      for row in (k + 1)..<n { a[row * n + k] /= root }
      for row in (k + 1)..<n {
        let factor = a[row * n + k]
        for column in (k + 1)..<min(row + 1, end) { a[row * n + column] -= factor * a[column * n + k] }
      }
    }
    let rest = n - end
    subtractProduct(
      rest, rest, end - first, a + end * n + first, n, 1, a + end * n + first, 1, n, from: a + end * n + end, n)
  }
  for row in 0..<n { for column in (row + 1)..<n { a[row * n + column] = 0 } }
  return nil
}

/// X with A · X = B in place of B [n, m] for a triangular A, of which only that triangle is read. `row` and `column`
/// are A's strides, so that a transposed one costs nothing.
func solveTriangular<T: LinearScalar>(
  _ n: Int, _ m: Int, _ a: UnsafePointer<T>, _ row: Int, _ column: Int, isUpper: Bool, isUnit: Bool,
  _ b: UnsafeMutablePointer<T>
) {
  inStrips(m) { start, count in
    solveStrip(n, count, a, row, column, isUpper: isUpper, isUnit: isUnit, b + start, m)
  }
}

/// The same for some columns of B, whose rows are `step` apart: solves for one half of the rows,
/// then updates the other half.
func solveStrip<T: LinearScalar>(
  _ n: Int, _ m: Int, _ a: UnsafePointer<T>, _ row: Int, _ column: Int, isUpper: Bool, isUnit: Bool,
  _ b: UnsafeMutablePointer<T>, _ step: Int
) {
  if n > leafSize {
    let half = firstHalf(of: n)
    let (top, bottom) = (0..<half, half..<n)
    let (known, other) = isUpper ? (bottom, top) : (top, bottom)
    func solve(_ rows: Range<Int>) {
      let diagonal = a + rows.lowerBound * (row + column)
      solveStrip(
        rows.count, m, diagonal, row, column, isUpper: isUpper, isUnit: isUnit, b + rows.lowerBound * step, step)
    }
    solve(known)
    subtractProduct(
      other.count, m, known.count, a + other.lowerBound * row + known.lowerBound * column, row, column,
      b + known.lowerBound * step, step, 1, from: b + other.lowerBound * step, step)
    return solve(other)
  }
  for turn in 0..<n {
    let k = isUpper ? n - 1 - turn : turn
    let solved = b + k * step
    if !isUnit {
      let pivot = a[k * (row + column)]
      for i in 0..<m { solved[i] /= pivot }
    }
    for other in isUpper ? 0..<k : (k + 1)..<n {
      T.addScaled(m, -a[other * row + k * column], solved, b + other * step)
    }
  }
}
