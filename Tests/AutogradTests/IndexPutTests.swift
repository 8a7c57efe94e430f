import Autograd
import Foundation
import Testing

/// `indexPut` and `scatter` without in-place writes, against PyTorch's numbers (float64).
@Suite struct IndexPutTests {
  private let x = Variable(Tensor.arange(12, dtype: .float64).reshape([3, 4]), requiresGrad: true)
  private let values = leaf(10, 20, 30)
  private func whole(_ values: TensorLiteral) -> Tensor { Tensor(values, dtype: .int64) }

  // y = x.index_put((torch.tensor([0, 2, 0]), torch.tensor([1, 3, 2])), values); loss = Σ y·sin(arange)
  @Test func valuesArePut() {
    let y = x.indexPut([whole([0, 2, 0]), whole([1, 3, 2])], values)
    #expect(y.value == Tensor([[0, 10, 30, 3], [4, 5, 6, 7], [8, 9, 10, 20]], dtype: .float64))
    let upstream = Tensor((0..<12).map { sin(Double($0)) }, shape: [3, 4])
    y.backward(gradient: upstream)
    var rest = upstream
    rest[[0, 2, 0], [1, 3, 2]] = Tensor(0, dtype: .float64)
    #expect(x.grad?.value == rest && values.grad?.value == upstream[[0, 2, 0], [1, 3, 2]])
    var tensor = x.value
    tensor[[0, 2, 0], [1, 3, 2]] = values.value
    #expect(y.value == tensor)
  }

  // x.index_put((torch.tensor([0, 2, 0]), torch.tensor([1, 3, 1])), values, accumulate=True)
  @Test func valuesAreAdded() {
    let y = x.indexPut([whole([0, 2, 0]), whole([1, 3, 1])], values, accumulate: true)
    #expect(y.value == Tensor([[0, 41, 2, 3], [4, 5, 6, 7], [8, 9, 10, 31]], dtype: .float64))
    y.sum().backward()
    #expect(x.grad?.value == .ones([3, 4], dtype: .float64) && values.grad?.value == numbers(1, 1, 1))
  }

  @Test func masksRowsAndTheLastOfSeveral() {
    let five = single(5)
    #expect(x.indexPut([x .> 9], five).value == .where(x .<= 9, x.value, five.value))
    #expect(x.indexPut([Tensor([false, true, false])], leaf(1, 2, 3, 4)).value[1] == numbers(1, 2, 3, 4))
    let y = x.indexPut([whole([1, 1, -1])], values.reshape([3, 1]))
    #expect(y.value == Tensor([[0, 1, 2, 3], [20, 20, 20, 20], [30, 30, 30, 30]], dtype: .float64))
    y.sum().backward()
    #expect(values.grad?.value == numbers(0, 4, 4) && x.grad?.value.sum().item() == 4)
    #expect(x.indexPut([whole([])], five).value == x.value)
    // A NaN is replaced and gets no gradient.
    let undefined = leaf(.nan, 1)
    undefined.indexPut([undefined .!= undefined], single(0)).sum().backward()
    #expect(undefined.grad?.value == numbers(0, 1))
  }

  // x.scatter(0, torch.tensor([[2, 0, 1], [0, 2, 2]]), torch.arange(100., 108.).reshape(2, 4))
  @Test func elementsAreScattered() {
    let index = whole([[2, 0, 1], [0, 2, 2]])
    let source = Variable(Tensor.arange(100, 108, dtype: .float64).reshape([2, 4]), requiresGrad: true)
    let y = x.scatter(axis: 0, index: index, source)
    #expect(y.value == Tensor([[104, 101, 2, 3], [4, 5, 102, 7], [100, 105, 106, 11]], dtype: .float64))
    #expect(x.transpose().scatter(axis: -1, index: index.transpose(), source.transpose()).value == y.value.transpose())
    y.sum().backward()
    #expect(source.grad?.value == Tensor([[1, 1, 1, 0], [1, 1, 1, 0]], dtype: .float64))
    #expect(x.grad?.value == Tensor([[0, 0, 1, 1], [1, 1, 0, 1], [0, 0, 0, 1]], dtype: .float64))
  }
}
