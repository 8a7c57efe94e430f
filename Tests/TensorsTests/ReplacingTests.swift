import Tensors
import Testing

/// Parts put into a tensor, and tensors put together: values of PyTorch's functions of the same names.
@Suite struct ReplacingTests {
  private let x = Tensor.arange(6).reshape([2, 3])

  // x.index_fill(1, [0, -1], 9), x.index_copy(1, [2, 0], y)
  @Test func slicesReplaced() {
    #expect(x.indexFill(axis: 1, [0, -1], 9) == [[9, 1, 9], [9, 4, 9]] && x.indexFill(axis: 0, [], 9) == x)
    #expect(x.indexCopy(axis: -1, [2, 0], [[10, 11], [12, 13]]) == [[11, 1, 10], [13, 4, 12]])
    #expect(x.indexCopy(axis: 0, [1, -1], [[1, 1, 1], [2, 2, 2]]) == [[0, 1, 2], [2, 2, 2]])
    #expect(
      Tensor(1).indexCopy(axis: 0, [0], Tensor(5)) == Tensor(5) && Tensor(1).indexFill(axis: 0, [-1], 5) == Tensor(5))
    let labels = Tensor([3, 4], dtype: .int64)
    #expect(labels.indexFill(axis: 0, [1], -100) == Tensor([3, -100], dtype: .int64))
  }

  // x.masked_scatter(mask, source)
  @Test func elementsReplaced() {
    let mask = Tensor([true, false, true])
    #expect(x.maskedScatter(mask, [10, 11, 12, 13, 14]) == [[10, 1, 11], [12, 4, 13]])
    #expect(Tensor([1, 2, 3]).maskedScatter(Tensor([[true], [false]]), [7, 8, 9]) == [[7, 8, 9], [1, 2, 3]])
    #expect(x.maskedScatter(.zeros([1], dtype: .bool), .zeros([0])) == x)
  }

  // torch.nan_to_num, torch.diag_embed(torch.tensor([[1., 2], [3, 4]]), 1, 0, 2)
  @Test func numbersAndDiagonals() {
    let special = Tensor([Double.nan, .infinity, -.infinity, 2])
    #expect(special.nanToNum(7, infinity: 8) == Tensor([7, 8, -Double.greatestFiniteMagnitude, 2]))
    let matrices = Tensor([[1, 2], [3, 4]]).diagEmbed(offset: 1, axis1: 0, axis2: 2)
    #expect(matrices.shape == [3, 2, 3])
    #expect(
      matrices[0] == [[0, 1, 0], [0, 3, 0]] && matrices[1] == [[0, 0, 2], [0, 0, 4]] && matrices[2] == .zeros([2, 3]))
  }

  // x.movedim(0, -1), x.unflatten(1, (3, -1)), x.unbind(1), torch.hstack, torch.vstack, torch.count_nonzero
  @Test func axesMovedDividedAndJoined() {
    let volume = Tensor.zeros([2, 3, 4])
    #expect(volume.moveAxis(0, to: -1).shape == [3, 4, 2] && volume.moveAxis(-1, to: 0).shape == [4, 2, 3])
    #expect(x.unflatten(axis: 1, [3, -1]).shape == [2, 3, 1] && volume.unflatten(axis: -1, [2, 1, 2]).rank == 5)
    #expect(x.unbind(axis: 1) == [[0, 3], [1, 4], [2, 5]] && x.unbind().count == 2)
    #expect(Tensor.hstack([[1, 2], [3]]) == [1, 2, 3] && Tensor.hstack([x, x]).shape == [2, 6])
    #expect(Tensor.vstack([[1, 2], [3, 4]]) == [[1, 2], [3, 4]] && Tensor.vstack([x, x]).shape == [4, 3])
    #expect(Tensor.hstack([Tensor(1), Tensor(2)]) == [1, 2])
    #expect(
      x.countNonzero() == Tensor(5, dtype: .int64)
        && (x .> 3).countNonzero(axes: [0]) == Tensor([0, 1, 1], dtype: .int64))
  }

  // torch.cartesian_prod(torch.tensor([1, 2]))
  @Test func aProductOfOneVectorIsTheVector() {
    #expect(Tensor.cartesianProduct([[1, 2]]) == [1, 2])
  }
}
