import Tensors
import Testing

@Suite struct SubscriptSetTests {
  @Test(arguments: 0..<120) func aSetPartIsReadBackAndTheRestStays(seed: Int) {
    let choices = Choices(seed: seed)
    var x = choices.view(mostAxes: 4)
    let before = x
    let indices: [TensorIndex] = x.shape.prefix(choices.number(0...x.rank)).map { size in
      if size > 0, choices.number(0...2) == 0 { return .index(choices.number(-size...(size - 1))) }
      return .slice(
        from: choices.number(0...2) == 0 ? nil : choices.number(-5...5),
        to: choices.number(0...2) == 0 ? nil : choices.number(-5...5), step: [1, 2, -1, -2][choices.number(0...3)])
    }
    let part = x.slice(indices)
    let value = choices.tensor(Array(part.shape)) + 100
    x.assign(value, at: indices)
    #expect(x.slice(indices) == value)
    // Assigning the part back leaves the tensor as it was, so nothing outside the part has changed.
    x.assign(part, at: indices)
    #expect(x == before)
  }

  @Test func valuesBroadcast() {
    var x = Tensor.zeros([2, 3])
    x[0] = Tensor(1)
    x[.all, 1] = Tensor([5, 6])
    x[1, 1...] = Tensor([[7]])[0]
    #expect(x == Tensor([[1, 5, 1], [0, 7, 7]]))
    x[.ellipsis] = Tensor(2)
    #expect(x == .full([2, 3], 2))
    x[.stride(by: -1), 0] = Tensor([3, 4])
    #expect(x[.all, 0] == Tensor([4, 3]))
  }

  @Test func nothingCanBeSet() {
    var x = counting([3])
    x[1..<1] = Tensor([], dtype: .float64)
    x[3...] = Tensor(7, dtype: .float64)
    #expect(x == counting([3]))
    var empty = Tensor.zeros([0, 2])
    empty[.ellipsis] = Tensor(7)
    #expect(empty.shape == [0, 2])
  }

  @Test(arguments: DType.allCases) func everyTypeIsSet(dtype: DType) {
    var x = Tensor.zeros([3], dtype: dtype)
    x[-1] = Tensor(1, dtype: dtype)
    #expect(x == Tensor([0, 0, 1], dtype: dtype))
  }

  // numpy: x = np.arange(12).reshape(3, 2, 2)
  @Test func rowsAreSetByNumberAndByTruth() {
    let start = Tensor.arange(12, dtype: .int64).reshape([3, 2, 2])
    func changed(_ change: (inout Tensor) -> Void) -> [Int] {
      var x = start
      change(&x)
      return x.scalars()
    }
    func whole(_ value: TensorLiteral) -> Tensor { Tensor(value, dtype: .int64) }
    #expect(changed { $0[[2, -3]] = whole([[-1, -2]]) } == [-1, -2, -1, -2, 4, 5, 6, 7, -1, -2, -1, -2])
    #expect(changed { $0[whole([[1], [0]])] = whole(9) } == [9, 9, 9, 9, 9, 9, 9, 9, 8, 9, 10, 11])
    #expect(changed { $0[[0, 0]] = whole([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]) }.prefix(4) == [5, 6, 7, 8])
    #expect(changed { $0[$0 .> 5] = whole(0) } == [0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0])
    #expect(changed { $0[$0 .> 9] = whole([70, 80]) } == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 70, 80])
    #expect(
      changed { $0[Tensor([true, false, true])] = whole([[50, 60], [70, 80]]) }
        == [50, 60, 70, 80, 4, 5, 6, 7, 50, 60, 70, 80])
    #expect(changed { $0[Tensor([false, true, true])] = whole(3) } == [0, 1, 2, 3] + Array(repeating: 3, count: 8))
    #expect(changed { $0[[0, 2], [1, 0]] = whole([[1, 1], [7, 7]]) } == [0, 1, 1, 1, 4, 5, 6, 7, 7, 7, 10, 11])
    #expect(
      changed { $0[whole([0, 2]), whole(1), whole([0, -1])] = whole(5) } == [0, 1, 5, 3, 4, 5, 6, 7, 8, 9, 10, 5])
    #expect(changed { $0[[1]] += whole(100) } == [0, 1, 2, 3, 104, 105, 106, 107, 8, 9, 10, 11])
    #expect(changed { $0[Tensor([false, false, false])] = whole(1) } == start.scalars())
    #expect(changed { $0[[]] = whole(1) } == start.scalars())
  }

  @Test(arguments: 0..<60) func rowsThatAreSetAreReadBackAndTheRestStays(seed: Int) {
    let choices = Choices(seed: seed)
    var x = choices.view(mostAxes: 4)
    guard x.rank > 0 else { return }
    let (before, axes) = (x, choices.number(1...x.rank))
    let mask = choices.tensor(Array(x.shape.prefix(axes))) .> 3
    let value = choices.tensor(Array(x[mask].shape)) + 100
    x[mask] = value
    #expect(x[mask] == value && x[!mask] == before[!mask])
    x[mask] = Tensor(7, dtype: .float64)
    #expect(x[mask] == .full(value.shape, 7, dtype: .float64) && x[!mask] == before[!mask])
    x[mask] = before[mask]
    #expect(x == before)
  }

  /// A part of the tensor itself is read before it is overwritten, and other holders keep their values.
  @Test func rowsOfItselfAreSet() {
    var x = counting([3, 2])
    let other = x
    x[[0, 1, 2]] = x[.stride(by: -1)]
    #expect(x == Tensor([[4, 5], [2, 3], [0, 1]], dtype: .float64) && other == counting([3, 2]))
    let row = x[0]
    x[Tensor([true, true, false])] = row
    #expect(x == Tensor([[4, 5], [4, 5], [0, 1]], dtype: .float64) && row == Tensor([4, 5], dtype: .float64))
  }

  @Test(arguments: DType.allCases) func rowsOfEveryTypeAreSet(dtype: DType) {
    var x = Tensor.zeros([3, 2], dtype: dtype)
    x[[2]] = Tensor(1, dtype: dtype)
    x[[0, 1], [1, 0]] = Tensor([1, 1], dtype: dtype)
    #expect(x == Tensor([[0, 1], [1, 0], [1, 1]], dtype: dtype))
    x[Tensor([false, true, true])] = Tensor(0, dtype: dtype)
    #expect(x == Tensor([[0, 1], [0, 0], [0, 0]], dtype: dtype))
  }

  // numpy: x = np.arange(24).reshape(2, 3, 4); x[:, [2, 0]], x[..., [-1, 1, 1]], x[0, [2, 1]], x[1:, [0, 2], 3],
  // x[None, :, [1]]
  @Test func positionsAmongOtherIndices() {
    let x = Tensor.arange(24, dtype: .int64).reshape([2, 3, 4])
    func whole(_ value: TensorLiteral) -> Tensor { Tensor(value, dtype: .int64) }
    #expect(
      x[.all, [2, 0]] == whole([[[8, 9, 10, 11], [0, 1, 2, 3]], [[20, 21, 22, 23], [12, 13, 14, 15]]]))
    #expect(
      x[.ellipsis, [-1, 1, 1]]
        == whole([[[3, 1, 1], [7, 5, 5], [11, 9, 9]], [[15, 13, 13], [19, 17, 17], [23, 21, 21]]]))
    #expect(x[0, [2, 1]] == whole([[8, 9, 10, 11], [4, 5, 6, 7]]))
    #expect(x[1..., [0, 2], 3] == whole([[15, 23]]))
    #expect(x[.newAxis, .all, [1]] == whole([[[[4, 5, 6, 7]], [[16, 17, 18, 19]]]]))
    #expect(x[.all, []].shape == [2, 0, 4])
    // An integer and index tensors that are not adjacent keep the axes' order, as in PyTorch; NumPy moves them.
    #expect(x[0, .all, [1, 2]] == whole([[1, 2], [5, 6], [9, 10]]))

    // x[:, [2, 0]] = [[1], [2]]; x[0, [1, 1], 1:3] = [[7, 8], [9, 10]]; x[..., [-1]] = 0; x[:, [0, 1]] = x[:, 1:3]
    var y = x
    y[.all, [2, 0]] = whole([[1], [2]])
    #expect(
      y
        == whole([
          [[2, 2, 2, 2], [4, 5, 6, 7], [1, 1, 1, 1]], [[2, 2, 2, 2], [16, 17, 18, 19], [1, 1, 1, 1]],
        ]))
    y[0, [1, 1], 1..<3] = whole([[7, 8], [9, 10]])
    #expect(y[0, 1] == whole([4, 9, 10, 7]))
    y[.ellipsis, [-1]] = whole(0)
    #expect(y[.ellipsis, 3] == Tensor.zeros([2, 3], dtype: .int64) && y[.ellipsis, 0..<3] != x[.ellipsis, 0..<3])
    y = x
    y[.all, [0, 1]] = y[.all, 1..<3]
    #expect(y[0] == whole([[4, 5, 6, 7], [8, 9, 10, 11], [8, 9, 10, 11]]) && y[1] == y[0] + 12)
    y[.all, []] = whole(5)
    #expect(y[1] == y[0] + 12 && x == Tensor.arange(24, dtype: .int64).reshape([2, 3, 4]))
  }
}
