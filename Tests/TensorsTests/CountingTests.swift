import Foundation
import Tensors
import Testing

/// Counting and locating elements, against PyTorch's numbers.
@Suite struct CountingTests {
  private func whole(_ values: TensorLiteral) -> Tensor { Tensor(values, dtype: .int64) }

  // torch.nonzero(torch.tensor([[0, 3, 0], [1, 0, 2]]))
  @Test(arguments: DType.allCases) func indicesOfWhatIsNotZero(dtype: DType) {
    let x = Tensor([[0, 1, 0], [1, 0, 1]], dtype: dtype)
    #expect(x.nonzero() == whole([[0, 1], [1, 0], [1, 2]]))
    #expect(x.transpose().nonzero() == whole([[0, 1], [1, 0], [2, 1]]))
    #expect(
      Tensor(1, dtype: dtype).nonzero().shape == [1, 0]
        && Tensor.zeros([2, 0], dtype: dtype).nonzero().shape == [0, 2])
  }

  // torch.unique(x, return_inverse=True, return_counts=True) of [[3, 1, 3], [2, 1, 3]] and [0., -0., nan, 1., nan]
  @Test func valuesThatOccur() {
    let (values, inverse, counts) = whole([[3, 1, 3], [2, 1, 3]]).unique()
    #expect(values == whole([1, 2, 3]) && inverse == whole([[2, 0, 2], [1, 0, 2]]) && counts == whole([2, 1, 3]))
    let special = Tensor([0, -0.0, .nan, 1, .nan] as [Double]).unique()
    #expect(
      special.values.scalars(as: Double.self).prefix(2) == [0, 1] && special.values[2...].isNaN().all().item() == 1)
    #expect(special.inverse == whole([0, 0, 2, 1, 3]) && special.counts == whole([2, 1, 1, 1]))
    #expect(Tensor([true, false, true]).unique().counts == whole([1, 2]))
    let none = Tensor.zeros([0, 2]).unique()
    #expect(none.values.shape == [0] && none.inverse.shape == [0, 2] && none.counts.shape == [0])
  }

  @Test(arguments: 0..<20) func uniqueValuesGiveTheWholeBack(seed: Int) {
    let x = Choices(seed: seed).view()
    let (values, inverse, counts) = x.unique()
    #expect(values[inverse] == x && counts.sum().item() == Double(x.elementCount))
    #expect(
      values.diffIsPositive && inverse.reshape([x.elementCount]).bincount(minimumLength: values.elementCount) == counts)
  }

  // torch.bincount of [1, 4, 1, 0], with weights=[.5, 1, 2, 3] and minlength=7, and of nothing with minlength=2
  @Test func howOftenNumbersOccur() {
    for type in [DType.int64, .int32, .uint8] {
      #expect(Tensor([1, 4, 1, 0], dtype: type).bincount() == whole([1, 2, 0, 0, 1]))
    }
    #expect(
      whole([1, 4, 1, 0]).bincount(weights: Tensor([0.5, 1, 2, 3]), minimumLength: 7)
        == Tensor([3, 2.5, 0, 0, 1, 0, 0]))
    #expect(whole([]).bincount(minimumLength: 2) == whole([0, 0]) && whole([]).bincount().shape == [0])
  }

  // h = 3 · torch.sin(torch.arange(200.) · 1.7), float64: torch.histc(h, 8), torch.histc(h.float(), 7, -1, 2);
  // torch.histc(torch.tensor([4., 4.]), 4); torch.histc(torch.tensor([.1, .2, .3, .6, .7, nan]), 10, 0, 1), float32
  @Test func elementsInPartsOfARange() {
    let h = Tensor.arange(200, dtype: .float64).mapping { sin($0 * 1.7) * 3 }
    #expect(h.histogram(bins: 8) == Tensor([44, 24, 15, 18, 15, 19, 17, 48], dtype: .float64))
    #expect(h.cast(to: .float32).histogram(bins: 7, range: -1...2) == Tensor([10, 10, 10, 9, 9, 10, 12]))
    #expect(Tensor([4, 4]).histogram(bins: 4) == Tensor([0, 0, 2, 0]))
    #expect(
      Tensor([0.1, 0.2, 0.3, 0.6, 0.7, .nan] as [Float]).histogram(bins: 10, range: 0...1)
        == Tensor([0, 1, 1, 1, 0, 0, 1, 1, 0, 0]))
    #expect(Tensor.zeros([0]).histogram(bins: 3) == .zeros([3]))
  }

  // torch.meshgrid(torch.arange(2), torch.arange(3), indexing='ij')
  @Test func grids() {
    let grid = Tensor.meshgrid([.arange(2, dtype: .int64), .arange(3, dtype: .int64)])
    #expect(grid == [whole([[0, 0, 0], [1, 1, 1]]), whole([[0, 1, 2], [0, 1, 2]])])
    #expect(
      Tensor.meshgrid([]).isEmpty && Tensor.meshgrid([.ones([2]), .ones([0]), .ones([3])])[2].shape == [2, 0, 3])
  }

  // torch.isclose(a, b), with equal_nan=True, torch.isclose(b, a); torch.isclose of [100000, 5] and [100001, 6]
  @Test func closeNumbers() {
    let a = Tensor([1, 1, .infinity, .infinity, .nan, 0] as [Double])
    let b = Tensor([1 + 1e-5, 1 + 2.1e-5, .infinity, -.infinity, .nan, 1e-8] as [Double])
    #expect(a.isClose(to: b) == Tensor([true, false, true, false, false, true]))
    #expect(a.isClose(to: b, equalNaN: true) == Tensor([true, false, true, false, true, true]))
    #expect(b.isClose(to: a) == Tensor([true, false, true, false, false, true]))
    #expect(whole([100_000, 5]).isClose(to: whole([100_001, 6])) == Tensor([true, false]))
    #expect(a[..<1].allClose(to: b[..<1]) && !a.allClose(to: b) && Tensor.zeros([0]).allClose(to: .zeros([0])))
    #expect(a.isClose(to: Tensor(1, dtype: .float64)) == Tensor([true, true, false, false, false, false]))
    #expect(a.isNaN() == Tensor([false, false, false, false, true, false]))
    #expect(a.isInfinite() == Tensor([false, false, true, true, false, false]))
    #expect(a.isFinite() == Tensor([true, true, false, false, false, true]))
    let numbers = whole([1, 2])
    #expect(numbers.isFinite() == Tensor([true, true]) && !numbers.isNaN() == numbers.isFinite())
    #expect(numbers.isInfinite() == Tensor([false, false]))
  }
}

extension Tensor {
  /// Whether a vector is strictly increasing.
  fileprivate var diffIsPositive: Bool { (self[1...] .> self[..<(-1)]).all().item() == 1 }

  fileprivate func mapping(_ function: (Double) -> Double) -> Tensor {
    Tensor(scalars(as: Double.self).map(function), shape: shape)
  }
}
