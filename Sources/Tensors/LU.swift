/// Square matrices [..., n, n] factored as P · A = L · U, once for any number of systems and for determinants. Tall
/// ones [..., m, n] have factors, too, but solve no systems.
package struct LUFactors: Sendable {
  /// U on and above the diagonals, L (ones on its diagonal) below.
  private let factors: Tensor
  /// For each row of each matrix the row that it was swapped with, in order.
  private let pivots: [Int]
  /// Whether this represents the transposed matrices.
  private var isTransposed = false
  /// The first matrix that is singular, and the first of its columns without a pivot other than 0.
  package let singular: (matrix: Int, column: Int)?

  /// Factors matrices, singular ones as far as possible.
  package init(_ a: Tensor) {
    let (m, n, factors) = (a.shape[-2], a.shape[-1], a.copied())
    let count = n == 0 ? 0 : a.shape.dropLast(2).product
    var (pivots, gaps) = ([Int](repeating: 0, count: count * n), [Int](repeating: n, count: count))
    pivots.withUnsafeMutableBufferPointer { pivots in
      gaps.withUnsafeMutableBufferPointer { gaps in
        guard let pivots = pivots.baseAddress, let gaps = gaps.baseAddress else { return }
        factors.forEachMatrix(factors) { (number, a: UnsafeMutablePointer<Float>, _) in
          gaps[number] = factorizeLU(m, n, a, pivots + number * n)
        } or: { (number, a: UnsafeMutablePointer<Double>, _) in
          gaps[number] = factorizeLU(m, n, a, pivots + number * n)
        }
      }
    }
    (self.factors, self.pivots) = (factors, pivots)
    singular = gaps.firstIndex { $0 < n }.map { ($0, gaps[$0]) }
  }

  /// The factors L [..., m, n] and U [..., n, n], and for each row of L · U the row of A that it is (int64 [..., m]).
  package func parts() -> (order: Tensor, lower: Tensor, upper: Tensor) {
    let (m, n) = (factors.shape[-2], factors.shape[-1])
    var order: [Int] = []
    for start in stride(from: 0, to: pivots.count, by: Swift.max(n, 1)) {
      var rows = Array(0..<m)
      for row in 0..<n { rows.swapAt(row, pivots[start + row]) }
      order += rows
    }
    let batch = Array(factors.shape.dropLast(2))
    if n == 0 { order = (0..<batch.product).flatMap { _ in 0..<m } }
    let lower = factors.lowerTriangle(offset: -1) + .eye(m, columns: n, dtype: factors.dtype)
    let upper = factors.sliced(axis: factors.rank - 2, start: 0, count: n, step: 1).upperTriangle()
    return (Tensor(order, shape: Shape(batch + [m])), lower, upper)
  }

  /// The same of the transposed matrices.
  package var transposed: LUFactors {
    var other = self
    other.isTransposed.toggle()
    return other
  }

  /// The solutions X [..., n, m] of A · X = B with equal batches. Stops for a singular matrix, naming it and `op`.
  package func solved(_ b: Tensor, op: String) -> Tensor {
    if let (matrix, column) = singular {
      stop("\(op): matrix \(matrix) of \(factors.shape) is singular: column \(column) has no pivot")
    }
    let (n, m, x) = (factors.shape[-1], b.shape[-1], b.copied())
    pivots.withUnsafeBufferPointer { pivots in
      factors.forEachMatrix(x) { (number, a: UnsafeMutablePointer<Float>, x) in
        solve(n, m, a, pivots[(number * n)..<((number + 1) * n)], x)
      } or: { (number, a: UnsafeMutablePointer<Double>, x) in
        solve(n, m, a, pivots[(number * n)..<((number + 1) * n)], x)
      }
    }
    return x
  }

  private func solve<T: LinearScalar>(
    _ n: Int, _ m: Int, _ a: UnsafePointer<T>, _ pivots: Slice<UnsafeBufferPointer<Int>>, _ x: UnsafeMutablePointer<T>
  ) {
    func exchange(_ order: some Sequence<(offset: Int, element: Int)>, _ x: UnsafeMutablePointer<T>, _ count: Int) {
      for (row, pivot) in order where pivot != row { swapElements(count, x + row * m, x + pivot * m) }
    }
    inStrips(m) { start, count in
      let x = x + start
      if isTransposed {
        // Aᵀ = Uᵀ · Lᵀ · P
        solveStrip(n, count, a, 1, n, isUpper: false, isUnit: false, x, m)
        solveStrip(n, count, a, 1, n, isUpper: true, isUnit: true, x, m)
        exchange(pivots.enumerated().reversed(), x, count)
      } else {
        exchange(pivots.enumerated(), x, count)
        solveStrip(n, count, a, n, 1, isUpper: false, isUnit: true, x, m)
        solveStrip(n, count, a, n, 1, isUpper: true, isUnit: false, x, m)
      }
    }
  }

  /// The inverse of each matrix. Stops for a singular one.
  package func inverse(op: String) -> Tensor {
    solved(Tensor.eye(factors.shape[-1], dtype: factors.dtype).expand(factors.shape), op: op)
  }

  /// The determinants [...].
  package func determinants() -> Tensor {
    let result = perMatrix(1) { (n, a: UnsafeMutablePointer<Float>, pivots, out) in
      out[0] = product(n, a, pivots)
    } or: { (n, a: UnsafeMutablePointer<Double>, pivots, out) in
      out[0] = product(n, a, pivots)
    }
    return result.reshape(Shape(factors.shape.dropLast(2)))
  }

  /// The determinants' signs (1, −1 or 0) and the logarithms of their absolute values (−∞ if 0), both [...].
  package func signsAndLogarithms() -> (sign: Tensor, logSize: Tensor) {
    let result = perMatrix(2) { (n, a: UnsafeMutablePointer<Float>, pivots, out) in
      (out[0], out[1]) = logarithm(n, a, pivots)
    } or: { (n, a: UnsafeMutablePointer<Double>, pivots, out) in
      (out[0], out[1]) = logarithm(n, a, pivots)
    }
    let batch = Shape(factors.shape.dropLast(2))
    func part(_ number: Int) -> Tensor {
      result.sliced(axis: batch.rank + 1, start: number, count: 1, step: 1).reshape(batch)
    }
    return (part(0), part(1))
  }

  /// [..., 1, count] numbers computed from each matrix of factors and its pivots.
  private func perMatrix(
    _ count: Int,
    _ single: (Int, UnsafeMutablePointer<Float>, UnsafePointer<Int>, UnsafeMutablePointer<Float>) -> Void,
    or double: (Int, UnsafeMutablePointer<Double>, UnsafePointer<Int>, UnsafeMutablePointer<Double>) -> Void
  ) -> Tensor {
    let n = factors.shape[-1]
    let result = Tensor.zeros(Shape(Array(factors.shape.dropLast(2)) + [1, count]), dtype: factors.dtype)
    // One more, so that the buffer is not empty for matrices without rows.
    (pivots + [0]).withUnsafeBufferPointer { pivots in
      guard let pivots = pivots.baseAddress else { return }
      factors.forEachMatrix(result) { (number, a: UnsafeMutablePointer<Float>, out) in
        single(n, a, pivots + number * n, out)
      } or: { (number, a: UnsafeMutablePointer<Double>, out) in
        double(n, a, pivots + number * n, out)
      }
    }
    return result
  }
}

/// P · A = L · U in place, for A [m, n] with m ≥ n: U on and above the diagonal, L (ones on its diagonal) below.
/// `pivots[k]` is the row that was swapped with row k. Returns the first column without a pivot other than 0, or n.
///
/// Recursive: columns are split in halves (Toledo 1997), so that nearly all of it is products of large matrices.
private func factorizeLU<T: LinearScalar>(
  _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<T>, _ pivots: UnsafeMutablePointer<Int>
) -> Int {
  withScratch(m * leafSize) { panel in factorizeLU(m, n, a, 0, n, pivots, panel) }
}

/// Factors the columns first..<end, to which those on the left have been applied; `panel` has room for [leafSize, m].
private func factorizeLU<T: LinearScalar>(
  _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<T>, _ first: Int, _ end: Int, _ pivots: UnsafeMutablePointer<Int>,
  _ panel: UnsafeMutablePointer<T>
) -> Int {
  if end - first <= leafSize { return factorizePanel(m, n, a, first, end, pivots, panel) }
  let middle = first + firstHalf(of: end - first)
  func exchange(_ rows: Range<Int>, _ columns: Range<Int>) {
    for row in rows where pivots[row] != row {
      swapElements(columns.count, a + row * n + columns.lowerBound, a + pivots[row] * n + columns.lowerBound)
    }
  }
  let left = factorizeLU(m, n, a, first, middle, pivots, panel)
  exchange(first..<middle, middle..<end)
  let (diagonal, right) = (a + first * n + first, a + first * n + middle)
  inStrips(end - middle) { start, count in
    solveStrip(middle - first, count, diagonal, n, 1, isUpper: false, isUnit: true, right + start, n)
  }
  subtractProduct(
    m - middle, end - middle, middle - first, a + middle * n + first, n, 1, right, n, 1, from: a + middle * n + middle,
    n)
  let rest = factorizeLU(m, n, a, middle, end, pivots, panel)
  exchange(middle..<end, first..<middle)
  return min(left, rest)
}

/// A few columns, from row `first` on, in a copy with dense columns.
private func factorizePanel<T: LinearScalar>(
  _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<T>, _ first: Int, _ end: Int, _ pivots: UnsafeMutablePointer<Int>,
  _ panel: UnsafeMutablePointer<T>
) -> Int {
  let (rows, count, a) = (m - first, end - first, a + first * n + first)
  var gap = n
  for row in 0..<rows { for column in 0..<count { panel[column * rows + row] = a[row * n + column] } }
  for k in 0..<count {
    let column = panel + k * rows
    var pivot = k
    for row in (k + 1)..<max(rows, k + 1) where abs(column[row]) > abs(column[pivot]) { pivot = row }
    pivots[first + k] = first + pivot
    if pivot != k {
      for other in 0..<count {
        let other = panel + other * rows
        (other[k], other[pivot]) = (other[pivot], other[k])
      }
    }
    let value = column[k]
    if value == 0 {
      gap = min(gap, first + k)
      continue
    }
    let below = rows - k - 1
    for row in (k + 1)..<(k + 1 + below) { column[row] /= value }
    for other in (k + 1)..<max(count, k + 1) {
      let other = panel + other * rows
      T.addScaled(below, -other[k], column + k + 1, other + k + 1)
    }
  }
  for row in 0..<rows { for column in 0..<count { a[row * n + column] = panel[column * rows + row] } }
  return gap
}

private func logarithm<T: LinearScalar>(
  _ n: Int, _ a: UnsafePointer<T>, _ pivots: UnsafePointer<Int>
) -> (sign: T, logSize: T) {
  var (sign, sum): (T, T) = (1, 0)
  for k in 0..<n {
    let value = a[k * n + k]
    if value == 0 { return (0, -.infinity) }
    if (pivots[k] != k) != (value < 0) { sign = -sign }
    sum += T(Platform.log(Double(abs(value))))
  }
  return (sign, sum)
}

/// The determinant. Its exponent is kept separately, so that no partial product overflows or
/// underflows if the result does not.
private func product<T: LinearScalar>(_ n: Int, _ a: UnsafePointer<T>, _ pivots: UnsafePointer<Int>) -> T {
  var (product, exponent): (T, Int) = (1, 0)
  for k in 0..<n {
    product *= pivots[k] == k ? a[k * n + k] : -a[k * n + k]
    if !product.isFinite || product == 0 { return product }
    exponent += Int(product.exponent)
    product = T(sign: product.sign, exponent: 0, significand: product.significand)
  }
  return T(sign: .plus, exponent: T.Exponent(exponent), significand: product)
}
