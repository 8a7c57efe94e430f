// Eigenvalues of symmetric matrices and singular values. Vectors are kept as rows, so that every loop runs along memory.

/// The eigenvalues, ascending, of the symmetric matrix of which `a` [n, n] has the lower triangle, and in `vectors` [n, n]
/// the eigenvectors, one a row. Householder's tridiagonalization, then the implicit QL algorithm (Bowdler, Martin, Reinsch
/// and Wilkinson 1968). Destroys `a`.
func symmetricEigen<T: LinearScalar>(
  _ n: Int, _ a: UnsafeMutablePointer<T>, _ values: UnsafeMutablePointer<T>, _ vectors: UnsafeMutablePointer<T>
) {
  for row in 0..<n { for column in (row + 1)..<n { a[row * n + column] = a[column * n + row] } }
  for i in 0..<(n * n) { vectors[i] = 0 }
  for i in 0..<n { vectors[i * n + i] = 1 }
  var beside = [T](repeating: 0, count: n + 1)
  tridiagonalize(n, a, &beside, vectors)
  for i in 0..<n { values[i] = a[i * n + i] }
  let isDone = diagonalize(n, values, &beside, vectors)
  require(isDone, "eigh: the algorithm did not converge; does the matrix hold NaN or infinity?")
  sortRows(n, n, values, vectors, descending: false)
}

/// Reflections that leave a tridiagonal matrix: its diagonal in `a`, what stands beside it in `beside`; `vectors` are turned
/// by the same reflections.
private func tridiagonalize<T: LinearScalar>(
  _ n: Int, _ a: UnsafeMutablePointer<T>, _ beside: inout [T], _ vectors: UnsafeMutablePointer<T>
) {
  var v = [T](repeating: 0, count: n), p = v
  for k in 0..<max(n - 1, 0) {
    // The column below the diagonal, which lies in row k too.
    let x = a + k * n
    var scale: T = 0
    for i in (k + 1)..<n { scale = max(scale, abs(x[i])) }
    if k == n - 2 || scale == 0 {
      beside[k] = x[k + 1]
      if k < n - 2 { continue }
      break
    }
    var square: T = 0
    for i in (k + 1)..<n {
      v[i] = x[i] / scale
      square += v[i] * v[i]
    }
    let length = v[k + 1] > 0 ? -square.squareRoot() : square.squareRoot()
    beside[k] = length * scale
    let beta = 1 / (square - v[k + 1] * length)  // 2 / vᵀv
    v[k + 1] -= length
    // A − v wᵀ − w vᵀ with p = β A v, w = p − β/2 (pᵀv) v
    for i in (k + 1)..<n { p[i] = 0 }
    for j in (k + 1)..<n {
      let (row, factor) = (a + j * n, beta * v[j])
      for i in (k + 1)..<n { p[i] += factor * row[i] }
    }
    var product: T = 0
    for i in (k + 1)..<n { product += p[i] * v[i] }
    let share = beta * product / 2
    for i in (k + 1)..<n { p[i] -= share * v[i] }
    for j in (k + 1)..<n {
      let (row, left, right) = (a + j * n, v[j], p[j])
      for i in (k + 1)..<n { row[i] -= left * p[i] + right * v[i] }
    }
    // vectors − β v (vᵀ vectors)
    for i in 0..<n { p[i] = 0 }
    for j in (k + 1)..<n {
      let row = vectors + j * n
      for i in 0..<n { p[i] += v[j] * row[i] }
    }
    for j in (k + 1)..<n {
      let (row, factor) = (vectors + j * n, beta * v[j])
      for i in 0..<n { row[i] -= factor * p[i] }
    }
  }
}

/// The implicit QL algorithm; false if some value needs more than 60 turns.
private func diagonalize<T: LinearScalar>(
  _ n: Int, _ d: UnsafeMutablePointer<T>, _ e: inout [T], _ vectors: UnsafeMutablePointer<T>
) -> Bool {
  for l in 0..<n {
    var turns = 0
    while true {
      var m = l
      while m < n - 1 {
        let sum = abs(d[m]) + abs(d[m + 1])
        if abs(e[m]) <= T.ulpOfOne / 2 * sum { break }
        m += 1
      }
      if m == l { break }
      turns += 1
      if turns > 60 || !d[l].isFinite { return false }
      var g = (d[l + 1] - d[l]) / (2 * e[l])
      var r = (g * g + 1).squareRoot()
      g = d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r))
      var (s, c, p): (T, T, T) = (1, 1, 0)
      var i = m - 1
      var isSplit = false
      while i >= l {
        let (f, b) = (s * e[i], c * e[i])
        r = (f * f + g * g).squareRoot()
        e[i + 1] = r
        if r == 0 {
          d[i + 1] -= p
          e[m] = 0
          isSplit = true
          break
        }
        (s, c) = (f / r, g / r)
        g = d[i + 1] - p
        r = (d[i] - g) * s + 2 * c * b
        p = s * r
        d[i + 1] = g + p
        g = c * r - b
        let (low, high) = (vectors + i * n, vectors + (i + 1) * n)
        for k in 0..<n {
          let t = high[k]
          high[k] = s * low[k] + c * t
          low[k] = c * low[k] - s * t
        }
        i -= 1
      }
      if isSplit { continue }
      d[l] -= p
      e[l] = g
      e[m] = 0
    }
  }
  return true
}

/// Rows put in the order of their values.
private func sortRows<T: LinearScalar>(
  _ count: Int, _ length: Int, _ values: UnsafeMutablePointer<T>, _ rows: UnsafeMutablePointer<T>, descending: Bool,
  _ partners: UnsafeMutablePointer<T>? = nil, _ partnerLength: Int = 0
) {
  for place in 0..<count {
    var best = place
    for other in place..<count where descending ? values[other] > values[best] : values[other] < values[best] {
      best = other
    }
    if best == place { continue }
    (values[place], values[best]) = (values[best], values[place])
    for i in 0..<length {
      (rows[place * length + i], rows[best * length + i]) = (rows[best * length + i], rows[place * length + i])
    }
    guard let partners else { continue }
    for i in 0..<partnerLength {
      (partners[place * partnerLength + i], partners[best * partnerLength + i]) = (
        partners[best * partnerLength + i], partners[place * partnerLength + i]
      )
    }
  }
}

/// Singular values, descending, of the matrix whose columns are the rows of `columns` [n, m], n ≤ m. `columns` becomes the left
/// vectors, one a row, `right` [n, n] the right ones. One-sided Jacobi rotations (Hestenes 1958), which find small values to
/// full relative accuracy.
func singularValues<T: LinearScalar>(
  _ m: Int, _ n: Int, _ columns: UnsafeMutablePointer<T>, _ values: UnsafeMutablePointer<T>,
  _ right: UnsafeMutablePointer<T>
) {
  for i in 0..<(n * n) { right[i] = 0 }
  for i in 0..<n { right[i * n + i] = 1 }
  var isRotated = true
  var sweeps = 0
  while isRotated && sweeps < 60 {
    isRotated = false
    sweeps += 1
    for p in 0..<n {
      for q in (p + 1)..<n {
        let (x, y) = (columns + p * m, columns + q * m)
        let (alpha, beta, gamma) = (dot(m, x, x), dot(m, y, y), dot(m, x, y))
        if abs(gamma) <= T.ulpOfOne * (alpha * beta).squareRoot() || gamma == 0 { continue }
        isRotated = true
        let zeta = (beta - alpha) / (2 * gamma)
        let t = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
        let c = 1 / (1 + t * t).squareRoot()
        rotate(m, x, y, c, c * t)
        rotate(n, right + p * n, right + q * n, c, c * t)
      }
    }
  }
  require(!isRotated, "svd: the algorithm did not converge; does the matrix hold NaN or infinity?")
  for i in 0..<n { values[i] = dot(m, columns + i * m, columns + i * m).squareRoot() }
  sortRows(n, m, values, columns, descending: true, right, n)
  completeRows(m, n, columns, values)
}

/// Left vectors of length 1; where the value is 0, any that stands at right angles to those before.
private func completeRows<T: LinearScalar>(
  _ m: Int, _ n: Int, _ rows: UnsafeMutablePointer<T>, _ values: UnsafeMutablePointer<T>
) {
  let smallest = n > 0 ? values[0] * T.ulpOfOne * T(m) : 0
  for i in 0..<n {
    let row = rows + i * m
    var length = values[i]
    var axis = 0
    while length <= smallest || length == 0 {
      for k in 0..<m { row[k] = k == axis ? 1 : 0 }
      for _ in 0..<2 {
        for before in 0..<i { subtract(m, dot(m, row, rows + before * m), rows + before * m, from: row) }
      }
      length = dot(m, row, row).squareRoot()
      axis += 1
      if length > 0.5 / T(m).squareRoot() || axis >= m { break }
      length = 0
    }
    for k in 0..<m { row[k] /= length }
  }
}

@inline(__always)
private func rotate<T: LinearScalar>(
  _ n: Int, _ x: UnsafeMutablePointer<T>, _ y: UnsafeMutablePointer<T>, _ c: T, _ s: T
) {
  for i in 0..<n {
    let t = x[i]
    x[i] = c * t - s * y[i]
    y[i] = s * t + c * y[i]
  }
}

@inline(__always)
func dot<T: LinearScalar>(_ n: Int, _ x: UnsafePointer<T>, _ y: UnsafePointer<T>) -> T {
  // Four sums side by side: the processor need not wait for each.
  var (a, b, c, d): (T, T, T, T) = (0, 0, 0, 0)
  var i = 0
  while i + 4 <= n {
    a += x[i] * y[i]
    b += x[i + 1] * y[i + 1]
    c += x[i + 2] * y[i + 2]
    d += x[i + 3] * y[i + 3]
    i += 4
  }
  while i < n {
    a += x[i] * y[i]
    i += 1
  }
  return (a + b) + (c + d)
}

/// Q [m, k] and R [k, n] of the matrix `a` [m, n], k = min(m, n), by Householder's reflections; R's diagonal as LAPACK has
/// it, of either sign. Destroys `a`.
func factorizeQR<T: LinearScalar>(
  _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<T>, _ q: UnsafeMutablePointer<T>, _ r: UnsafeMutablePointer<T>
) {
  let k = min(m, n)
  var reflections: [(v: [T], beta: T)] = []
  var sums = [T](repeating: 0, count: max(n, k))
  func reflect(_ start: Int, _ v: [T], _ beta: T, _ rows: UnsafeMutablePointer<T>, _ columns: Range<Int>, _ step: Int) {
    for column in columns { sums[column] = 0 }
    for row in start..<m { for column in columns { sums[column] += v[row] * rows[row * step + column] } }
    for row in start..<m {
      let factor = beta * v[row]
      for column in columns { rows[row * step + column] -= factor * sums[column] }
    }
  }
  for step in 0..<k {
    var v = [T](repeating: 0, count: m)
    var square: T = 0
    for row in step..<m {
      v[row] = a[row * n + step]
      square += v[row] * v[row]
    }
    var below: T = 0
    for row in (step + 1)..<m { below = max(below, abs(v[row])) }
    let length = v[step] > 0 ? -square.squareRoot() : square.squareRoot()
    let beta: T = below == 0 ? 0 : 1 / (square - v[step] * length)
    v[step] -= length
    if beta != 0 { reflect(step, v, beta, a, step..<n, n) }
    reflections.append((v, beta))
  }
  for row in 0..<k { for column in 0..<n { r[row * n + column] = column < row ? 0 : a[row * n + column] } }
  for row in 0..<m { for column in 0..<k { q[row * k + column] = row == column ? 1 : 0 } }
  for (step, (v, beta)) in reflections.enumerated().reversed() where beta != 0 { reflect(step, v, beta, q, 0..<k, k) }
}
