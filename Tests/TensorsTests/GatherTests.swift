import Tensors
import Testing

@Suite struct GatherTests {
  @Test(arguments: 0..<60) func indexSelectPicksSlices(seed: Int) {
    let choices = Choices(seed: seed)
    let x = choices.view(mostAxes: 4)
    for axis in 0..<x.rank {
      let size = x.shape[axis]
      let positions = size == 0 ? [] : (0..<choices.number(0...6)).map { _ in choices.number(-size...(size - 1)) }
      let plain = Plain(x)
      var shape = Array(x.shape)
      shape[axis] = positions.count
      let expected = Plain(shape) { index in
        var from = index
        from[axis] = (positions[index[axis]] + size) % size
        return plain[from]
      }
      #expect(Plain(x.indexSelect(axis: axis - x.rank, positions)) == expected)
    }
  }

  // numpy: x = np.arange(12).reshape(3, 2, 2); x[[[2, -3], [0, 2]]], x[[True, False, True]], x[x > 5]
  @Test func rowsByNumberAndByTruth() {
    let x = Tensor.arange(12, dtype: .int64).reshape([3, 2, 2] as Shape)
    for type in [DType.int64, .int32] {
      let picked = x[Tensor([[2, -3], [0, 2]], dtype: type)]
      #expect(
        picked
          == Tensor(
            [[[[8, 9], [10, 11]], [[0, 1], [2, 3]]], [[[0, 1], [2, 3]], [[8, 9], [10, 11]]]], dtype: .int64))
      #expect(x[Tensor(1, dtype: type)] == x[1])
    }
    #expect(x[[2, 0]] == x.indexSelect(axis: 0, [2, 0]))
    #expect(x[Tensor([true, false, true])] == x[[0, 2]])
    #expect(x[Tensor([[false, true], [false, false], [true, false]])] == Tensor([[2, 3], [8, 9]], dtype: .int64))
    #expect(x[x .> 5] == Tensor([6, 7, 8, 9, 10, 11], dtype: .int64))
    #expect(x.transpose(0, 2)[Tensor([false, true])] == x.transpose(0, 2)[1..<2])
    #expect(
      x[Tensor([false, false, false])].shape == [0, 2, 2] && x[Tensor.zeros([0], dtype: .int64)].shape == [0, 2, 2])
  }

  // numpy: x = np.arange(24).reshape(2, 3, 4); x[[0, -1], [2, 0]], x[[[0], [1]], [0, 2]],
  // x[[0, 1, 1], [2, 0, 0], [3, -4, 1]]
  @Test func severalIndices() {
    let x = Tensor.arange(24, dtype: .int64).reshape([2, 3, 4])
    let rows = Tensor([[8, 9, 10, 11], [12, 13, 14, 15]], dtype: .int64)
    #expect(x[[0, -1], [2, 0]] == rows)
    for type in [DType.int64, .int32] {
      #expect(x[Tensor([0, -1], dtype: type), Tensor([2, 0], dtype: type)] == rows)
      #expect(
        x[Tensor([[0], [1]], dtype: type), Tensor([0, 2], dtype: .int64)]
          == Tensor([[[0, 1, 2, 3], [8, 9, 10, 11]], [[12, 13, 14, 15], [20, 21, 22, 23]]], dtype: .int64))
    }
    #expect(x[[0, 1, 1], [2, 0, 0], [3, -4, 1]] == Tensor([11, 12, 13], dtype: .int64))
    #expect(x[Tensor([0, 1]).cast(to: .int64), Tensor(1, dtype: .int64)] == x[.all, 1])
    #expect(x.permute([2, 0, 1])[[3, 0], [1, 0]] == Tensor([[15, 19, 23], [0, 4, 8]], dtype: .int64))
    #expect(x[[], []].shape == [0, 4])
  }

  // numpy: np.take_along_axis
  @Test(arguments: 0..<60) func gatherFollowsItsIndex(seed: Int) {
    let choices = Choices(seed: seed)
    let x = choices.view(mostAxes: 4)
    for axis in 0..<x.rank where x.shape[axis] > 0 {
      var shape = x.shape.map { choices.number(0...$0) }
      shape[axis] = choices.number(0...5)
      let index = Tensor.randomIntegers(Shape(shape), in: 0..<x.shape[axis], generator: RandomGenerator(seed: 4))
      let (from, to) = (Plain(x), Plain(index))
      let expected = Plain(shape) { place in
        var source = place
        source[axis] = Int(to[place])
        return from[source]
      }
      #expect(Plain(x.gather(axis: axis, index: index)) == expected)
      #expect(Plain(x.gather(axis: axis, index: index.cast(to: .int32))) == expected)
    }
  }

  @Test func repeatedPositionsAddUp() {
    var total = Tensor.zeros([3, 2])
    total.indexAdd(axis: 0, [2, 0, 2], Tensor([[1, 2], [3, 4], [5, 6]]))
    #expect(total == Tensor([[3, 4], [0, 0], [6, 8]]))
    var counts = Tensor.zeros([2, 3])
    counts.scatterAdd(axis: 1, index: Tensor([[0, 0, 2], [1, 1, 1]], dtype: .int64), .ones([2, 3]))
    #expect(counts == Tensor([[2, 0, 1], [0, 3, 0]]))
  }

  @Test(arguments: 0..<40) func concatenateAndItsParts(seed: Int) {
    let choices = Choices(seed: seed)
    let base = choices.shape(mostAxes: 3) + [2]
    let axis = choices.number(0...(base.count - 1))
    let parts = (0..<choices.number(1...4)).map { _ in
      var shape = base
      shape[axis] = choices.number(0...3)
      let order = choices.order(shape.count)
      // A permuted view, so that the parts are not in row-major order.
      return choices.tensor(order.map { shape[$0] }).permute(order.indices.map { order.firstIndex(of: $0)! })
    }
    let whole = Tensor.concatenate(parts, axis: axis - base.count)
    var start = 0
    for part in parts {
      let indices = (0..<axis).map { _ in TensorIndex.slice(from: nil, to: nil, step: 1) }
      #expect(whole.slice(indices + [.slice(from: start, to: start + part.shape[axis], step: 1)]) == part)
      start += part.shape[axis]
    }
    #expect(whole.shape[axis] == start)
  }

  @Test func stackMakesAnAxis() {
    let (a, b) = (Tensor([1, 2]), Tensor([3, 4]))
    #expect(Tensor.stack([a, b]) == Tensor([[1, 2], [3, 4]]))
    #expect(Tensor.stack([a, b], axis: 1) == Tensor([[1, 3], [2, 4]]))
    #expect(Tensor.stack([a, b], axis: -1) == Tensor([[1, 3], [2, 4]]))
    #expect(Tensor.stack([Tensor(1), Tensor(2)]) == Tensor([1, 2]))
    #expect(Tensor.stack([.zeros([0]), .zeros([0])]).shape == [2, 0])
  }

  @Test(arguments: DType.allCases) func everyTypeIsJoinedAndPicked(dtype: DType) {
    let x = Tensor([[1, 0], [0, 1]], dtype: dtype)
    #expect(
      Tensor.concatenate([x, x[0..<1].transpose().transpose()]) == Tensor([[1, 0], [0, 1], [1, 0]], dtype: dtype))
    #expect(x.indexSelect(axis: 1, [1, 1, 0]) == Tensor([[0, 0, 1], [1, 1, 0]], dtype: dtype))
    #expect(x.gather(axis: 1, index: Tensor([[1], [1]], dtype: .int64)) == Tensor([[0], [1]], dtype: dtype))
    #expect(
      Tensor.where(Tensor([true, false]), x, Tensor(1, dtype: dtype))
        == Tensor([[1, 1], [0, 1]], dtype: dtype))
  }
}
