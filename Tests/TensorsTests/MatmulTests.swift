import Tensors
import Testing

@Suite struct MatmulTests {
  /// NumPy's rule for every rank, one index at a time.
  private static func product(_ a: Plain, _ b: Plain) -> Plain {
    let left = a.shape.count == 1 ? Plain([1] + a.shape) { a[Array($0.dropFirst())] } : a
    let right = b.shape.count == 1 ? Plain(b.shape + [1]) { b[Array($0.dropLast())] } : b
    let (rows, inner, columns) = (left.shape[left.shape.count - 2], left.shape.last!, right.shape.last!)
    let batch = BroadcastTests.rule(left.shape.dropLast(2), right.shape.dropLast(2))!
    func at(_ x: Plain, _ index: [Int], _ row: Int, _ column: Int) -> Double {
      let own = zip(x.shape.dropLast(2), index.suffix(x.shape.count - 2)).map { $0 == 1 ? 0 : $1 }
      return x[own + [row, column]]
    }
    let whole = Plain(batch + [rows, columns]) { index in
      (0..<inner).reduce(0) {
        $0 + at(left, index.dropLast(2), index[batch.count], $1) * at(right, index.dropLast(2), $1, index.last!)
      }
    }
    let shape = batch + (a.shape.count == 1 ? [] : [rows]) + (b.shape.count == 1 ? [] : [columns])
    var next = whole.values.makeIterator()
    return Plain(shape) { _ in next.next()! }
  }

  /// Compatible shapes for every pair of ranks from one to four.
  static let pairs: [([Int], [Int])] = [
    ([3], [3]), ([3], [3, 4]), ([2, 3], [3]), ([2, 3], [3, 4]), ([3], [5, 3, 4]), ([5, 2, 3], [3]),
    ([5, 2, 3], [3, 4]), ([2, 3], [5, 3, 4]), ([5, 2, 3], [5, 3, 4]), ([1, 2, 3], [5, 3, 4]), ([5, 2, 3], [1, 3, 4]),
    ([6, 5, 2, 3], [3]), ([3], [6, 5, 3, 4]), ([6, 5, 2, 3], [3, 4]), ([2, 3], [6, 5, 3, 4]),
    ([6, 5, 2, 3], [5, 3, 4]), ([6, 1, 2, 3], [5, 3, 4]), ([5, 2, 3], [6, 5, 3, 4]), ([6, 1, 2, 3], [1, 5, 3, 4]),
    ([1, 1], [1, 1]), ([7, 1], [1, 7]), ([1, 7], [7, 1]), ([0, 3], [3, 4]), ([2, 0], [0, 4]), ([2, 3], [3, 0]),
    ([0], [0]), ([0], [0, 2]), ([2, 0], [0]), ([0, 2, 3], [3, 4]), ([0, 2, 3], [0, 3, 4]), ([5, 2, 0], [5, 0, 4]),
    ([1, 2, 3], [0, 3, 4]), ([5, 0, 3], [3, 4]), ([1, 1, 2, 3], [3, 4]),
  ]

  @Test(arguments: pairs, [DType.float32, .float64]) func everyCombinationOfRanks(shapes: ([Int], [Int]), dtype: DType)
  {
    let choices = Choices(seed: 3)
    let (a, b) = (choices.tensor(shapes.0, dtype: dtype), choices.tensor(shapes.1, dtype: dtype))
    let expected = Self.product(Plain(a), Plain(b))
    #expect(Plain(a.matmul(b)) == expected)
    #expect(Plain(a • b) == expected)
    // The same numbers with other strides: transposed, every second element, reversed, repeated.
    for x in Self.disguises(a) {
      for y in Self.disguises(b) {
        #expect(Plain(x.matmul(y)) == expected, "strides \(Array(x.strides)) and \(Array(y.strides))")
      }
    }
  }

  /// Tensors that are equal to this one but laid out differently in memory.
  private static func disguises(_ x: Tensor) -> [Tensor] {
    let axes = Array((0..<x.rank).reversed())
    let transposed = x.permute(axes).contiguous().permute(axes)
    var wide = Tensor.full(Shape(x.shape.map { 2 * $0 + 1 }), 99, dtype: x.dtype)
    let every = x.shape.map { TensorIndex.slice(from: 0, to: 2 * $0, step: 2) }
    wide.assign(x, at: every)
    let backwards = Array(repeating: TensorIndex.slice(from: nil, to: nil, step: -1), count: x.rank)
    return [x, transposed, wide.slice(every), x.slice(backwards).contiguous().slice(backwards)]
  }

  @Test(arguments: [(17, 33, 65), (64, 64, 64), (1, 300, 5), (130, 7, 1), (97, 101, 103)])
  func sizesBeyondOneBlock(rows: Int, inner: Int, columns: Int) {
    for dtype in [DType.float32, .float64] {
      let choices = Choices(seed: rows)
      let (a, b) = (choices.tensor([rows, inner], dtype: dtype), choices.tensor([inner, columns], dtype: dtype))
      let (x, y) = (a.scalars(as: Double.self), b.scalars(as: Double.self))
      var expected: [Double] = []
      for row in 0..<rows {
        for column in 0..<columns {
          var total = 0.0
          for k in 0..<inner { total += x[row * inner + k] * y[k * columns + column] }
          expected.append(total)
        }
      }
      let both = Tensor(expected, shape: [rows, columns]).cast(to: dtype)
      #expect(a.matmul(b) == both)
      #expect(b.transpose().matmul(a.transpose()) == both.transpose())
    }
  }

  @Test func repeatedRowsAndColumns() {
    let row = Tensor([1, 2, 3]).expand([4, 3])
    #expect(row.matmul(row.transpose()) == .full([4, 4], 14))
    #expect(Tensor(2).expand([3, 3]).matmul(Tensor.eye(3)) == .full([3, 3], 2))
  }

  @Test func affineIsProductPlusBias() {
    let choices = Choices(seed: 5)
    let (x, w, b) = (choices.tensor([7, 5]), choices.tensor([3, 5]), choices.tensor([3]))
    #expect(x.affine(weight: w, bias: b) == x.matmul(w.transpose()) + b)
    #expect(x.affine(weight: w, bias: nil) == x.matmul(w.transpose()))
    #expect(choices.tensor([7, 0]).affine(weight: choices.tensor([3, 0]), bias: b) == b.expand([7, 3]))
  }
}
