import Kernels

// Factorizations of one dense, row-major matrix in place. Large ones go block by block: what is left of a block's rows and
// columns is a matrix product, which takes nearly all of the time.

/// A float type that linear algebra runs in.
protocol LinearScalar: TensorScalar, BinaryFloatingPoint {
  /// c += a · b for a [m, k], b [k, n] with steps from row to row and from column to column; c's columns are dense.
  static func addProduct(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, _ aRow: Int, _ aColumn: Int, _ b: UnsafePointer<Self>,
    _ bRow: Int, _ bColumn: Int, _ c: UnsafeMutablePointer<Self>, _ cRow: Int)

  // Loops over rows; see `Kernels`.
  static var dot: (Int, UnsafePointer<Self>?, UnsafePointer<Self>?) -> Self { get }
  static var addScaled: (Int, Self, UnsafePointer<Self>?, UnsafeMutablePointer<Self>?) -> Void { get }
  static var rotate: (Int, Self, Self, UnsafeMutablePointer<Self>?, UnsafeMutablePointer<Self>?) -> Void { get }
  static var rotateRows: (Int, Int, UnsafePointer<Self>?, UnsafePointer<Self>?, UnsafeMutablePointer<Self>?) -> Void
  { get }
  static var updateAndMultiply:
    (
      Int, Int, Int, UnsafePointer<Self>?, UnsafePointer<Self>?, UnsafePointer<Self>?, UnsafeMutablePointer<Self>?,
      UnsafeMutablePointer<Self>?
    ) -> Void
  { get }
}

extension Float: LinearScalar {
  static func addProduct(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Float>, _ aRow: Int, _ aColumn: Int, _ b: UnsafePointer<Float>,
    _ bRow: Int, _ bColumn: Int, _ c: UnsafeMutablePointer<Float>, _ cRow: Int
  ) { ag_gemm_f32(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, true, nil) }

  static var dot: (Int, UnsafePointer<Float>?, UnsafePointer<Float>?) -> Float { ag_dot_f32 }
  static var addScaled: (Int, Float, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void { ag_add_scaled_f32 }
  static var rotate: (Int, Float, Float, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void {
    ag_rotate_f32
  }
  static var rotateRows: (Int, Int, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?) -> Void
  { ag_rotate_rows_f32 }
  static var updateAndMultiply:
    (
      Int, Int, Int, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?,
      UnsafeMutablePointer<Float>?
    ) -> Void
  { ag_update_and_multiply_f32 }
}

extension Double: LinearScalar {
  static func addProduct(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Double>, _ aRow: Int, _ aColumn: Int, _ b: UnsafePointer<Double>,
    _ bRow: Int, _ bColumn: Int, _ c: UnsafeMutablePointer<Double>, _ cRow: Int
  ) { ag_gemm_f64(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, true, nil) }

  static var dot: (Int, UnsafePointer<Double>?, UnsafePointer<Double>?) -> Double { ag_dot_f64 }
  static var addScaled: (Int, Double, UnsafePointer<Double>?, UnsafeMutablePointer<Double>?) -> Void {
    ag_add_scaled_f64
  }
  static var rotate: (Int, Double, Double, UnsafeMutablePointer<Double>?, UnsafeMutablePointer<Double>?) -> Void {
    ag_rotate_f64
  }
  static var rotateRows:
    (Int, Int, UnsafePointer<Double>?, UnsafePointer<Double>?, UnsafeMutablePointer<Double>?) -> Void
  { ag_rotate_rows_f64 }
  static var updateAndMultiply:
    (
      Int, Int, Int, UnsafePointer<Double>?, UnsafePointer<Double>?, UnsafePointer<Double>?,
      UnsafeMutablePointer<Double>?,
      UnsafeMutablePointer<Double>?
    ) -> Void
  { ag_update_and_multiply_f64 }
}

/// Rows or columns that are worked on at a time.
private let blockSize = 48

/// y −= factor · x
@inline(__always)
func subtract<T: LinearScalar>(_ count: Int, _ factor: T, _ x: UnsafePointer<T>, from y: UnsafeMutablePointer<T>) {
  for i in 0..<count { y[i] -= factor * x[i] }
}

/// c −= a · b, through a copy of −a.
func subtractProduct<T: LinearScalar>(
  _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<T>, _ aRow: Int, _ aColumn: Int, _ b: UnsafePointer<T>, _ bRow: Int,
  _ bColumn: Int, from c: UnsafeMutablePointer<T>, _ cRow: Int
) {
  if m == 0 || n == 0 || k == 0 { return }
  withUnsafeTemporaryAllocation(of: T.self, capacity: m * k) { negative in
    guard let start = negative.baseAddress else { return }
    for row in 0..<m { for column in 0..<k { start[row * k + column] = -a[row * aRow + column * aColumn] } }
    T.addProduct(m, n, k, start, k, 1, b, bRow, bColumn, c, cRow)
  }
}

/// P · A = L · U in place: U on and above the diagonal, L (ones on its diagonal) below.
///
/// `pivots[k]` is the row that changed places with row k. Returns the first column without a pivot other than 0, if any.
func factorizeLU<T: LinearScalar>(_ n: Int, _ a: UnsafeMutablePointer<T>, _ pivots: inout [Int]) -> Int? {
  var singular: Int?
  for first in stride(from: 0, to: n, by: blockSize) {
    let end = min(first + blockSize, n)
    for k in first..<end {
      var pivot = k
      for row in k..<n where abs(a[row * n + k]) > abs(a[pivot * n + k]) { pivot = row }
      pivots[k] = pivot
      if pivot != k {
        for column in 0..<n { (a[k * n + column], a[pivot * n + column]) = (a[pivot * n + column], a[k * n + column]) }
      }
      let value = a[k * n + k]
      if value == 0 {
        singular = singular ?? k
        continue
      }
      for row in (k + 1)..<n {
        let factor = a[row * n + k] / value
        a[row * n + k] = factor
        subtract(end - k - 1, factor, a + k * n + k + 1, from: a + row * n + k + 1)
      }
    }
    // The rows of U to the right of the block, then what is left of the matrix.
    for k in first..<end {
      for row in (k + 1)..<end { subtract(n - end, a[row * n + k], a + k * n + end, from: a + row * n + end) }
    }
    subtractProduct(
      n - end, n - end, end - first, a + end * n + first, n, 1, a + first * n + end, n, 1, from: a + end * n + end, n)
  }
  return singular
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

/// X with A · X = B in place of B [n, m] for a triangular A, of which only that triangle is read. `row` and `column` are A's
/// steps, so that a transposed one costs nothing.
func solveTriangular<T: LinearScalar>(
  _ n: Int, _ m: Int, _ a: UnsafePointer<T>, _ row: Int, _ column: Int, isUpper: Bool, isUnit: Bool,
  _ b: UnsafeMutablePointer<T>
) {
  for start in stride(from: 0, to: n, by: blockSize) {
    let (first, end) = isUpper ? (max(n - start - blockSize, 0), n - start) : (start, min(start + blockSize, n))
    for step in 0..<(end - first) {
      let k = isUpper ? end - 1 - step : first + step
      if !isUnit {
        let pivot = a[k * (row + column)]
        for i in 0..<m { b[k * m + i] /= pivot }
      }
      for other in isUpper ? first..<k : (k + 1)..<end {
        subtract(m, a[other * row + k * column], b + k * m, from: b + other * m)
      }
    }
    let rest = isUpper ? 0..<first : end..<n
    subtractProduct(
      rest.count, m, end - first, a + rest.lowerBound * row + first * column, row, column, b + first * m, m, 1,
      from: b + rest.lowerBound * m, m)
  }
}
