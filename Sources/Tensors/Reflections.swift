/// Householder reflections H₀ · H₁ ⋯ with Hᵢ = I − βᵢ vᵢ vᵢᵀ, where vᵢ is 0 before index i.
///
/// They are applied to matrices a block at a time: the product of a block is I − Vᵀ · S · V, where V holds
/// its vectors as rows and S is upper triangular (Schreiber and Van Loan 1989), so that nearly all of the
/// time goes into matrix products.
struct Reflections<T: LinearScalar> {
  let count, length: Int
  private var vectors: [T]
  private var betas: [T]

  /// The most reflections in a block.
  static var blockSize: Int { 32 }

  init(count: Int, length: Int) {
    (self.count, self.length) = (count, length)
    vectors = Array(repeating: 0, count: count * length)
    betas = Array(repeating: 0, count: count)
  }

  /// Sets one of them to the reflection that maps x [length − start] to (result, 0, 0, …),
  /// where x begins at index `start`.
  mutating func set(_ number: Int, toTurn x: UnsafePointer<T>, from start: Int) -> T {
    vectors.withUnsafeMutableBufferPointer { all in
      guard let v = all.baseAddress.map({ $0 + number * length + start }) else { return x[0] }
      let count = length - start
      var scale: T = 0
      for i in 1..<count { scale = max(scale, abs(x[i])) }
      if scale == 0 { return x[0] }
      scale = max(scale, abs(x[0]))
      for i in 0..<count { v[i] = x[i] / scale }
      let square = T.dot(count, v, v)
      let result = v[0].sign == .plus ? -square.squareRoot() : square.squareRoot()
      betas[number] = 1 / (square - v[0] * result)
      v[0] -= result
      return result * scale
    }
  }

  /// One vector, from an index on, and its β.
  func withVector(_ number: Int, from start: Int, _ body: (UnsafePointer<T>, T) -> Void) {
    vectors.withUnsafeBufferPointer { all in
      if let v = all.baseAddress { body(v + number * length + start, betas[number]) }
    }
  }

  /// Blocks in order.
  var blocks: [Range<Int>] {
    stride(from: 0, to: count, by: Self.blockSize).map { $0..<min($0 + Self.blockSize, count) }
  }

  /// M ← H · M for the product H of a block, or Hᵀ · M: some columns of a matrix of
  /// `length` rows that lie `stride` apart.
  func apply(
    _ block: Range<Int>, transposed: Bool, to m: UnsafeMutablePointer<T>, _ columns: Range<Int>, stride: Int
  ) {
    let (first, size, count) = (block.lowerBound, block.count, columns.count)
    if count == 0 { return }
    let (rows, start) = (length - first, m + first * stride + columns.lowerBound)
    withBlock(block) { v, s in
      var products = [T](repeating: 0, count: size * count), turned = products
      T.addProduct(size, count, rows, v, length, 1, start, stride, 1, &products, count)
      let (row, column) = transposed ? (1, size) : (size, 1)
      T.addProduct(size, count, size, s, row, column, products, count, 1, &turned, count)
      subtractProduct(rows, count, size, v, 1, length, turned, count, 1, from: start, stride)
    }
  }

  /// Z ← Z · (H₀ · H₁ ⋯)ᵀ for rows of `length`.
  func turnRows(_ rows: Int, _ z: UnsafeMutablePointer<T>) {
    for block in blocks.reversed() {
      let (first, size) = (block.lowerBound, block.count)
      withBlock(block) { v, s in
        var products = [T](repeating: 0, count: rows * size), turned = products
        T.addProduct(rows, size, length - first, z + first, length, 1, v, 1, length, &products, size)
        T.addProduct(rows, size, size, products, size, 1, s, 1, size, &turned, size)
        subtractProduct(rows, length - first, size, turned, size, 1, v, length, 1, from: z + first, length)
      }
    }
  }

  /// V of a block, from the first index at which some row is not 0, and S.
  private func withBlock(_ block: Range<Int>, _ body: (UnsafePointer<T>, UnsafePointer<T>) -> Void) {
    let (first, size) = (block.lowerBound, block.count)
    var s = [T](repeating: 0, count: size * size), column = [T](repeating: 0, count: size)
    vectors.withUnsafeBufferPointer { all in
      guard let v = all.baseAddress.map({ $0 + first * length + first }) else { return }
      for j in 0..<size {
        let beta = betas[first + j]
        for i in 0..<j { column[i] = T.dot(length - first, v + i * length, v + j * length) }
        for i in 0..<j {
          var sum: T = 0
          for k in i..<j { sum += s[i * size + k] * column[k] }
          s[i * size + j] = -beta * sum
        }
        s[j * size + j] = beta
      }
      body(v, s)
    }
  }
}

/// Q [m, k] and R [k, n] of the matrix `a` [m, n], k = min(m, n), by Householder reflections; the diagonal of R has
/// either sign, as in LAPACK. Destroys `a`.
func factorizeQR<T: LinearScalar>(
  _ m: Int, _ n: Int, _ a: UnsafeMutablePointer<T>, _ q: UnsafeMutablePointer<T>, _ r: UnsafeMutablePointer<T>
) {
  let k = min(m, n)
  var reflections = Reflections<T>(count: k, length: m)
  var panel = [T](repeating: 0, count: Reflections<T>.blockSize * m)
  for block in reflections.blocks {
    // The block's columns, each a row of the panel.
    for (number, column) in block.enumerated() { for row in 0..<m { panel[number * m + row] = a[row * n + column] } }
    panel.withUnsafeMutableBufferPointer { panel in
      guard let columns = panel.baseAddress else { return }
      for (number, place) in block.enumerated() {
        let x = columns + number * m + place
        let length = reflections.set(place, toTurn: x, from: place)
        reflections.withVector(place, from: place) { v, beta in
          for other in (number + 1)..<max(block.count, number + 1) {
            let y = columns + other * m + place
            T.addScaled(m - place, -beta * T.dot(m - place, v, y), v, y)
          }
        }
        x[0] = length
      }
    }
    for (number, column) in block.enumerated() {
      for row in 0...min(column, k - 1) { r[row * n + column] = panel[number * m + row] }
      for row in (column + 1)..<max(k, column + 1) { r[row * n + column] = 0 }
    }
    reflections.apply(block, transposed: true, to: a, block.upperBound..<n, stride: n)
  }
  for column in k..<n { for row in 0..<k { r[row * n + column] = a[row * n + column] } }
  for row in 0..<m { for column in 0..<k { q[row * k + column] = row == column ? 1 : 0 } }
  for block in reflections.blocks.reversed() {
    reflections.apply(block, transposed: false, to: q, block.lowerBound..<k, stride: k)
  }
}
