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
    // Taking back what was put in leaves the tensor as it was, so nothing beside the part has changed.
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

  /// A part of the tensor itself is read before it is written over, and what others hold stays.
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
}
