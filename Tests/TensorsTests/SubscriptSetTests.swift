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
    let part = x.sliced(indices)
    let value = choices.tensor(Array(part.shape)) + 100
    x.assign(value, at: indices)
    #expect(x.sliced(indices) == value)
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
}
