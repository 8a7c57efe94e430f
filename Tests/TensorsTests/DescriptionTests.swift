import Tensors
import Testing

@Suite struct DescriptionTests {
  @Test func show() {
    for x in [
      Tensor([[1, 2.5], [3, 4]]), Tensor([1, -20, 300]), Tensor(3.25), Tensor(7), Tensor([]), .zeros([2, 0, 3]),
      Tensor([Double.nan, .infinity, -.infinity, 1.5]), Tensor([1e-7, 1, 2]), Tensor([1e10, 1]), Tensor([true, false]),
      Tensor([[1, -22], [333, 4]], dtype: .int64), counting([2, 2, 2]), .arange(2000), counting([1001, 3]), counting([12, 100]), counting([2,3,200]),Tensor([0.1,-0.25,100.0]), .zeros([3]), -Tensor.zeros([3]), Tensor([0.00012345])
    ] { print(x) }
  }
}
