import Tensors
import Testing

@Suite struct ViewTests {
  @Test(arguments: 0..<120) func permutationMovesEachElement(seed: Int) {
    let choices = Choices(seed: seed)
    let x = choices.view()
    let order = choices.order(x.rank)
    let p = Plain(x)
    let moved = x.permute(order.map { choices.number(0...1) == 0 ? $0 : $0 - x.rank })
    #expect(
      Plain(moved)
        == Plain(order.map { x.shape[$0] }) { index in
          p[(0..<order.count).map { axis in index[order.firstIndex(of: axis)!] }]
        })
    if x.rank >= 2 { #expect(x.transpose().transpose() == x) }
  }

  @Test(arguments: 0..<200) func reshapeKeepsRowMajorOrder(seed: Int) {
    let choices = Choices(seed: seed)
    let x = choices.view()
    // Another factorization of the same element count, with extra axes of size 1.
    var sizes: [Int] = []
    var left = x.elementCount
    while left > 1 {
      let factor = (2...left).first { left % $0 == 0 }!
      sizes.append(factor)
      left /= factor
    }
    if x.elementCount == 0 { sizes = [0] }
    sizes = choices.order(sizes.count).map { sizes[$0] }
    while sizes.count > 6 { sizes[0] *= sizes.removeLast() }
    sizes.insert(1, at: choices.number(0...sizes.count))
    #expect(Plain(x.reshape(Shape(sizes))).values == Plain(x).values, "\(x.shape) \(x.strides) to \(sizes)")
    #expect(x.reshape(Shape(sizes)).shape == Shape(sizes))
    #expect(x.reshape(Shape(sizes)).reshape(x.shape) == x)
    #expect(x.contiguous() == x && x.contiguous().isContiguous)
  }

  @Test func theSizeAtMinusOneIsWorkedOut() {
    let x = counting([2, 3, 4])
    #expect(x.reshape([-1]).shape == [24])
    #expect(x.reshape([4, -1]).shape == [4, 6])
    #expect(x.reshape([-1, 24]).shape == [1, 24])
    #expect(Tensor.zeros([0, 3]).reshape([-1]).shape == [0])
    #expect(Tensor.zeros([0, 3]).reshape([-1, 3]).shape == [0, 3])
    #expect(Tensor(5).reshape([1, 1]).reshape([]).item() == 5)
  }

  @Test func viewsShareTheirElements() {
    let x = counting([4, 5])
    let address = x.withPointer { $0 }
    for view in [
      x.transpose(), x.reshape([2, 10]), x.unsqueeze(1), x[.all, 0], x.expand([3, 4, 5]),
    ] {
      #expect(view.withPointer { $0 } == address)
    }
    // These columns of a dense matrix have one stride throughout and merge with the axis before, so this
    // reshape needs no copy.
    let columns = x[.all, .stride(by: 5)].reshape([2, 2])
    #expect(columns.withPointer { $0 } == address)
    #expect(x.transpose().reshape([20]).withPointer { $0 } != address)
    #expect(x.contiguous().withPointer { $0 } == address)
  }

  @Test func axesOfOneComeAndGo() {
    let x = counting([2, 3])
    #expect(x.unsqueeze(0).shape == [1, 2, 3])
    #expect(x.unsqueeze(-1).shape == [2, 3, 1])
    #expect(x.unsqueeze(-3).shape == [1, 2, 3])
    #expect(Tensor(1).unsqueeze(0).shape == [1])
    let y = x.reshape([1, 2, 1, 3, 1])
    #expect(y.squeeze() == x)
    #expect(y.squeeze(axes: [0, -1]).shape == [2, 1, 3])
    #expect(y.squeeze(axes: [1]).shape == y.shape)
    #expect(Tensor.zeros([1, 0]).squeeze().shape == [0])
  }

  @Test func expandedElementsAreOneAndTheSame() {
    let x = Tensor([[1], [2]]).expand([3, 2, 4])
    #expect(Array(x.strides) == [0, 1, 0])
    #expect(x.sum() == Tensor(36))
    #expect(x.expand([3, -1, 4]) == x && Tensor([[1], [2]]).expand([-1, 3]).shape == [2, 3])
    #expect(Tensor(2).expand([2, 0]).shape == [2, 0])
    #expect(Tensor.zeros([0, 1]).expand([0, 5]).elementCount == 0)
  }

  @Test func eightAxes() {
    let x = counting([2, 1, 2, 1, 2, 1, 2, 2])
    let back = x.permute([7, 6, 5, 4, 3, 2, 1, 0])
    #expect(back.permute([7, 6, 5, 4, 3, 2, 1, 0]) == x)
    #expect(back.contiguous() + 1 == (x + 1).permute([7, 6, 5, 4, 3, 2, 1, 0]))
    #expect(x.sum(axes: [0, 2, 4, 6, 7]).shape == [1, 1, 1])
  }
}
