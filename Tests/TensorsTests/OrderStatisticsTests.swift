import Tensors
import Testing

/// Elements of a rank against sorting, for all types and any view.
@Suite struct OrderStatisticsTests {
  @Test(arguments: 0..<40) func ranksAreThoseOfTheSortedAxis(seed: Int) {
    let choices = Choices(seed: seed)
    let types: [DType] = [.float32, .float64, .int32, .int64, .uint8]
    let x = choices.view(dtype: types[seed % 5])
    for axis in 0..<x.rank where x.shape[axis] > 0 {
      let k = choices.number(1...x.shape[axis])
      let (values, indices) = x.kthValue(k, axis: axis)
      let sorted = x.sort(axis: axis)
      #expect(values == sorted.values.select(axis: axis, k - 1))
      #expect(indices == sorted.indices.select(axis: axis, k - 1))
    }
  }

  /// Longer rows, whose keys share bytes, with NaN, zeros of both signs and infinities.
  @Test(arguments: [DType.float32, .float64]) func longRows(type: DType) {
    let generator = RandomGenerator(seed: 1)
    let numbers = Tensor.randomNormal([3, 1000], dtype: .float64, generator: generator)
    let coarse = (numbers * 3).round()
    let special = Tensor.where(coarse .== 2, numbers * .nan, .where(coarse .== -3, coarse * .infinity, coarse))
    for x in [numbers, coarse, special].map({ $0.cast(to: type) }) {
      let order = x.argsort(axis: 1)
      for k in [1, 2, 499, 500, 999, 1000] {
        #expect(x.kthValue(k, axis: 1).indices == order.select(axis: 1, k - 1))
      }
    }
  }

  @Test func medianOfAllTypes() {
    #expect(Tensor([true, false, true]).median().item() == 1 && Tensor([5, 1, 9], dtype: .uint8).median().item() == 5)
    #expect(Tensor([Int.max, Int.min, -1]).kthValue(1).indices.item() == 1)
    #expect(Tensor.zeros([0, 3]).median(axis: 1).values.shape == [0])
  }
}
