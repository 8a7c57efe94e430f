// Eigenvalues of symmetric matrices and singular values. Vectors are stored as rows, so that every loop is contiguous.

/// The eigenvalues, ascending, of the symmetric matrix whose upper triangle is in `a` [n, n], and in `vectors` [n, n]
/// the eigenvectors, one per row, if they are wanted. Householder tridiagonalization, then the implicit QL algorithm
/// (Bowdler, Martin, Reinsch and Wilkinson 1968), whose vectors are transformed back by the reflections. Destroys `a`.
/// False if it did not converge.
func symmetricEigen<T: LinearScalar>(
  _ n: Int, _ a: UnsafeMutablePointer<T>, _ values: UnsafeMutablePointer<T>, _ vectors: UnsafeMutablePointer<T>?
) -> Bool {
  withScratch(n) { (beside: UnsafeMutablePointer<T>) in
    let reflections = tridiagonalize(n, a, values, beside)
    if let vectors {
      vectors.update(repeating: 0, count: n * n)
      for i in 0..<n { vectors[i * n + i] = 1 }
    }
    if !diagonalize(n, values, beside, vectors) { return false }
    if let vectors {
      reflections.turnRows(n, vectors)
      sortRows(n, n, values, vectors, descending: false)
    } else {
      var row = UnsafeMutableBufferPointer(start: values, count: n)
      row.sort()
    }
    return true
  }
}

/// The reflections that reduce a matrix to tridiagonal form: its diagonal, and the elements beside it. That of step k
/// acts on indices from k + 1 on.
///
/// A step's update A − v wᵀ − w vᵀ is delayed to the next step's pass over A, which also multiplies it by the next v.
private func tridiagonalize<T: LinearScalar>(
  _ n: Int, _ a: UnsafeMutablePointer<T>, _ diagonal: UnsafeMutablePointer<T>, _ beside: UnsafeMutablePointer<T>
) -> Reflections<T> {
  var reflections = Reflections<T>(count: max(n - 2, 0), length: n)
  // Vectors begin at register boundaries.
  let length = (n + 15) / 16 * 16
  withScratch(4 * length) { (v: UnsafeMutablePointer<T>) in
    v.update(repeating: 0, count: 4 * length)
    let (w, next, p) = (v + length, v + 2 * length, v + 3 * length)
    for k in 0..<n {
      let (row, left) = (a + k * n, n - k - 1)
      for i in k..<n { row[i] -= v[k] * w[i] + w[k] * v[i] }
      diagonal[k] = row[k]
      if left == 0 { break }
      var beta: T = 0
      if left == 1 {
        (beside[k], next[k + 1]) = (row[k + 1], 0)
      } else {
        beside[k] = reflections.set(k, toTurn: row + k + 1, from: k + 1)
        reflections.withVector(k, from: k + 1) { vector, factor in
          (next + k + 1).update(from: vector, count: left)
          beta = factor
        }
      }
      T.updateAndMultiply(k + 1, n, v, w, next, a, p)
      // With p = β A v: w = p − ½ β (pᵀ v) v
      let share = beta * beta * T.dot(left, p + k + 1, next + k + 1) / 2
      for i in (k + 1)..<n {
        w[i] = beta * p[i] - share * next[i]
        v[i] = next[i]
      }
    }
  }
  return reflections
}

/// The implicit QL algorithm; false if some value needs more than 60 iterations.
private func diagonalize<T: LinearScalar>(
  _ n: Int, _ d: UnsafeMutablePointer<T>, _ e: UnsafeMutablePointer<T>, _ vectors: UnsafeMutablePointer<T>?
) -> Bool {
  withScratch(4 * n) { (memory: UnsafeMutablePointer<T>) in
    var rotations = RotationPair(n, memory)
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
        let (c, s) = rotations.begin()
        let first = turn(l, m, d, e, c, s)
        if let vectors { rotations.end(first..<m, vectors) }
      }
    }
    if let vectors { rotations.flush(vectors) }
    return true
  }
}

/// One iteration on the indices l ... m, and its rotations, by the lower of their two rows; returns the first one.
private func turn<T: LinearScalar>(
  _ l: Int, _ m: Int, _ d: UnsafeMutablePointer<T>, _ e: UnsafeMutablePointer<T>, _ cosines: UnsafeMutablePointer<T>,
  _ sines: UnsafeMutablePointer<T>
) -> Int {
  var g = (d[l + 1] - d[l]) / (2 * e[l])
  var r = (g * g + 1).squareRoot()
  g = d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r))
  var (s, c, p): (T, T, T) = (1, 1, 0)
  var i = m - 1
  while i >= l {
    let (f, b) = (s * e[i], c * e[i])
    r = length(f, g)
    e[i + 1] = r
    if r == 0 {
      d[i + 1] -= p
      e[m] = 0
      return i + 1
    }
    (s, c) = (f / r, g / r)
    g = d[i + 1] - p
    r = (d[i] - g) * s + 2 * c * b
    p = s * r
    d[i + 1] = g + p
    g = c * r - b
    (cosines[i], sines[i]) = (c, s)
    i -= 1
  }
  d[l] -= p
  e[l] = g
  e[m] = 0
  return l
}

/// √(x² + y²), even for numbers whose squares are out of range: a rotation that is not of
/// length 1 would spoil the vectors.
@inline(__always)
private func length<T: LinearScalar>(_ x: T, _ y: T) -> T {
  let square = x * x + y * y
  if square > T.leastNormalMagnitude / T.ulpOfOne, square.isFinite { return square.squareRoot() }
  let scale = max(abs(x), abs(y))
  if scale == 0 || !scale.isFinite { return scale }
  return scale * ((x / scale) * (x / scale) + (y / scale) * (y / scale)).squareRoot()
}

/// Rotations of adjacent rows of [n, n] by two iterations, which sweep through the rows together.
private struct RotationPair<T: LinearScalar> {
  private let n: Int
  private let cosines, sines: UnsafeMutablePointer<T>
  private var waiting = 0
  private var rows: Range<Int>?

  /// In memory for 4 n numbers.
  init(_ n: Int, _ memory: UnsafeMutablePointer<T>) { (self.n, cosines, sines) = (n, memory, memory + 2 * n) }

  /// Where an iteration's cosines and sines go; those not set are the identity.
  func begin() -> (cosines: UnsafeMutablePointer<T>, sines: UnsafeMutablePointer<T>) {
    let (c, s) = (cosines + waiting * n, sines + waiting * n)
    c.update(repeating: 1, count: n)
    s.update(repeating: 0, count: n)
    return (c, s)
  }

  /// Ends an iteration that rotated these rows, each with the next.
  mutating func end(_ turned: Range<Int>, _ vectors: UnsafeMutablePointer<T>) {
    let known = rows ?? turned
    let all = min(known.lowerBound, turned.lowerBound)..<max(known.upperBound, turned.upperBound)
    (rows, waiting) = (all, waiting + 1)
    if waiting == 2 {
      let first = all.lowerBound
      if !all.isEmpty { T.rotateRows(all.count, n, cosines + first, sines + first, vectors + first * n) }
      (rows, waiting) = (nil, 0)
    }
  }

  /// Applies what is left to the rows.
  mutating func flush(_ vectors: UnsafeMutablePointer<T>) {
    guard let rows else { return }
    _ = begin()
    end(rows, vectors)
  }
}

/// Sorts rows by their values.
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

/// Singular values, descending, of the matrix A [m, n] whose columns are the rows of `columns` [n, m], n ≤ m. `columns`
/// becomes the left vectors, one per row, `right` [n, n] the right ones.
///
/// One-sided Jacobi rotations (Hestenes 1958), which give small values full relative accuracy, of the rows of R in A
/// = Q · R. They start close to convergence: from the rows rotated by the eigenvectors of R · Rᵀ, which are accurate
/// for all but the small values.
func singularValues<T: LinearScalar>(
  _ m: Int, _ n: Int, _ columns: UnsafeMutablePointer<T>, _ values: UnsafeMutablePointer<T>,
  _ right: UnsafeMutablePointer<T>
) {
  withScratch(2 * m * n + n * n) { (a: UnsafeMutablePointer<T>) in
    let (q, turns) = (a + m * n, a + 2 * m * n)
    for row in 0..<m { for column in 0..<n { a[row * n + column] = columns[column * m + row] } }
    factorizeQR(m, n, a, q, right)
    // Scaled to about 1, so that squares never overflow, and underflow only for rows that are
    // negligible beside the largest.
    let largest = (0..<(n * n)).reduce(0) { max($0, abs(right[$1])) }
    let scale = largest > 0 && largest.isFinite ? largest.binade : 1
    for i in 0..<(n * n) { right[i] /= scale }
    turnByEigenvectors(n, right, turns, values)
    let isDone = orthogonalizeRows(n, right, turns)
    require(isDone, "svd: the algorithm did not converge; does the matrix hold NaN or infinity?")
    for i in 0..<n {
      let (row, turn) = (right + i * n, turns + i * n)
      // Thousands of rounded rotations change the length of what they rotate, here by the same factor in both.
      let factor = 1 / T.dot(n, turn, turn).squareRoot()
      for k in 0..<n { (row[k], turn[k]) = (row[k] * factor, turn[k] * factor) }
      values[i] = T.dot(n, row, row).squareRoot()
    }
    sortRows(n, n, values, right, descending: true, turns, n)
    completeRows(n, n, right, values)
    for i in 0..<n { values[i] *= scale }
    for i in 0..<(n * m) { columns[i] = 0 }
    T.addProduct(n, m, n, turns, n, 1, q, 1, n, columns, m)
  }
}

/// Sets `turns` to the eigenvectors of R · Rᵀ, one per row, and R to `turns` · R; if they are not
/// found, `turns` to the identity.
private func turnByEigenvectors<T: LinearScalar>(
  _ n: Int, _ r: UnsafeMutablePointer<T>, _ turns: UnsafeMutablePointer<T>, _ values: UnsafeMutablePointer<T>
) {
  withScratch(2 * n * n) { (copy: UnsafeMutablePointer<T>) in
    let square = copy + n * n
    copy.update(from: r, count: n * n)
    square.update(repeating: 0, count: n * n)
    T.addProduct(n, n, n, copy, n, 1, copy, 1, n, square, n)
    if symmetricEigen(n, square, values, turns) {
      r.update(repeating: 0, count: n * n)
      T.addProduct(n, n, n, turns, n, 1, copy, n, 1, r, n)
    } else {
      for i in 0..<(n * n) { turns[i] = i % (n + 1) == 0 ? 1 : 0 }
    }
  }
}

/// Rotates pairs of rows of [n, n], scaled to about 1, until all are orthogonal, and those of `turns` with them; false
/// if 60 sweeps are not enough.
///
/// If the matrix has columns of zeros, its rows never become orthogonal, because there are more of them than
/// dimensions: some only get shorter with each sweep. Those so short that a rotation's ζ² might overflow count as 0.
///
/// Most pairs are orthogonal already. So a tile of rows is multiplied by all rows that follow at once, and only
/// products of rows that have been rotated since are computed again. Pairs are processed tile by tile, for the cache.
private func orthogonalizeRows<T: LinearScalar>(
  _ n: Int, _ rows: UnsafeMutablePointer<T>, _ turns: UnsafeMutablePointer<T>
) -> Bool {
  let (tile, limit) = (32, T.ulpOfOne * T(n).squareRoot())
  let nothing = T.leastNormalMagnitude / (T.ulpOfOne * T.ulpOfOne)
  return withScratch((tile + 3) * n) { (squares: UnsafeMutablePointer<T>) in
    // `isTurned` is 1 for rows that have been rotated since the products were computed.
    let (lengths, isTurned, products) = (squares + n, squares + 2 * n, squares + 3 * n)
    for _ in 0..<60 {
      var isRotated = false
      for i in 0..<n {
        squares[i] = T.dot(n, rows + i * n, rows + i * n)
        lengths[i] = squares[i].squareRoot()
      }
      for first in stride(from: 0, to: n, by: tile) {
        let (end, rest) = (min(first + tile, n), n - first)
        isTurned.update(repeating: 0, count: n)
        products.update(repeating: 0, count: tile * rest)
        T.addProduct(end - first, rest, n, rows + first * n, n, 1, rows + first * n, 1, n, products, rest)
        for second in stride(from: first, to: n, by: tile) {
          for p in first..<end {
            for q in max(second, p + 1)..<max(min(second + tile, n), p + 1) {
              let isKnown = isTurned[p] == 0 && isTurned[q] == 0
              let gamma = isKnown ? products[(p - first) * rest + q - first] : T.dot(n, rows + p * n, rows + q * n)
              if abs(gamma) <= limit * lengths[p] * lengths[q] || min(squares[p], squares[q]) < nothing { continue }
              isRotated = true
              (isTurned[p], isTurned[q]) = (1, 1)
              let zeta = (squares[q] - squares[p]) / (2 * gamma)
              let t = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
              let c = 1 / (1 + t * t).squareRoot()
              T.rotate(n, c, c * t, rows + p * n, rows + q * n)
              T.rotate(n, c, c * t, turns + p * n, turns + q * n)
              squares[p] = max(squares[p] - t * gamma, 0)
              squares[q] += t * gamma
              (lengths[p], lengths[q]) = (squares[p].squareRoot(), squares[q].squareRoot())
            }
          }
        }
      }
      if !isRotated { return true }
    }
    return false
  }
}

/// Rows of length 1; where the value is 0, any that is orthogonal to those before.
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
        for before in 0..<i { subtract(m, T.dot(m, row, rows + before * m), rows + before * m, from: row) }
      }
      length = T.dot(m, row, row).squareRoot()
      axis += 1
      if length > 0.5 / T(m).squareRoot() || axis >= m { break }
      length = 0
    }
    for k in 0..<m { row[k] /= length }
  }
}
