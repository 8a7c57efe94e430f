import Tensors
import Testing

/// Whole numbers against PyTorch's: common divisors, bits, and where values occur.
@Suite struct BitTests {
  private func whole(_ values: TensorLiteral, _ type: DType = .int64) -> Tensor { Tensor(values, dtype: type) }

  // torch.gcd, torch.lcm
  @Test(arguments: [DType.int32, .int64]) func commonDivisors(type: DType) {
    let (x, y) = (whole([12, -18, 0, 7], type), whole([18, 12, -5, 0], type))
    #expect(x.gcd(y) == whole([6, 6, 5, 7], type) && x.lcm(y) == whole([36, 36, 0, 0], type))
    #expect(whole([[4], [6]], .uint8).gcd(whole([6, 9], .uint8)) == whole([[2, 1], [6, 3]], .uint8))
  }

  // x & 10, x | 10, x ^ 10, ~x, x << 2, x >> 1, x << [-1, 40, 31] of int32, x >> [-1, 40, 1]
  @Test func bits() {
    let x = whole([12, -7, 1], .int32)
    #expect(x & 10 == whole([8, 8, 0], .int32) && x | 10 == whole([14, -5, 11], .int32))
    #expect(x ^ 10 == whole([6, -13, 11], .int32) && ~x == whole([-13, 6, -2], .int32))
    #expect(x << 2 == whole([48, -28, 4], .int32) && x >> 1 == whole([6, -4, 0], .int32))
    #expect(x << whole([-1, 40, 31], .int32) == whole([0, 0, -2_147_483_648], .int32))
    #expect(x >> whole([-1, 40, 1], .int32) == whole([0, -1, 0], .int32))
    let bytes = whole([12, 200], .uint8)
    #expect(~bytes == whole([243, 55], .uint8) && bytes << 1 == whole([24, 144], .uint8))
    #expect(bytes >> 9 == whole([0, 0], .uint8))
    #expect(Tensor([Int.max]) & Int.max == Tensor([Int.max]) && Tensor([1]).cast(to: .int64) << 63 == Tensor([Int.min]))
  }

  @Test func bitsInPlace() {
    var x = whole([[12, -7], [1, 6]])
    let before = x
    x &= whole([10, 7])
    #expect(x == whole([[8, 1], [0, 6]]) && before == whole([[12, -7], [1, 6]]))
    x |= 1
    x ^= whole([[3]])
    #expect(x == whole([[10, 2], [2, 4]]))
    x <<= 2
    x &= 40
    x ^= 8
    x |= whole([1, 0])
    x >>= 1
    #expect(x == whole([[16, 0], [0, 4]]))
  }

  @Test func truthValuesAreSingleBits() {
    let (x, y) = (Tensor([true, true, false, false]), Tensor([true, false, true, false]))
    #expect(x & y == (x .& y) && x | y == (x .| y) && x ^ y == (x .!= y) && ~x == !x)
  }

  // torch.isin
  @Test func membership() {
    #expect(whole([[1, 2], [3, 4]]).isIn(whole([[2], [5], [4]])) == Tensor([[false, true], [false, true]]))
    let special = Tensor([Double.nan, -0.0, .infinity, 1])
    #expect(special.isIn(Tensor([0, Double.nan, .infinity])) == Tensor([false, true, true, false]))
    #expect(special.isIn(.zeros([0], dtype: .float64)) == .zeros([4], dtype: .bool))
    #expect(Tensor([true, false]).isIn(Tensor([true])) == Tensor([true, false]))
    #expect(Tensor.zeros([0, 2]).isIn([1]).shape == [0, 2] && Tensor(3).isIn(Tensor(3)).item() == 1)
  }

  // torch.unique_consecutive(x, return_inverse=True, return_counts=True)
  @Test func runsOfEqualValues() {
    let (values, inverse, counts) = whole([[1, 1, 2], [2, 1, 3]]).uniqueConsecutive()
    #expect(
      values == whole([1, 2, 1, 3]) && inverse == whole([[0, 0, 1], [1, 2, 3]]) && counts == whole([2, 2, 1, 1]))
    #expect(Tensor([Float.nan, .nan, 0, -0.0]).uniqueConsecutive().counts == whole([1, 1, 2]))
    let none = Tensor.zeros([2, 0]).uniqueConsecutive()
    #expect(none.values.shape == [0] && none.inverse.shape == [2, 0] && none.counts.shape == [0])
  }

  // torch.tril_indices(2, 3, 1), torch.triu_indices(3, 2)
  @Test func placesInTriangles() {
    #expect(Tensor.lowerTriangleIndices(2, 3, offset: 1) == whole([[0, 0, 1, 1, 1], [0, 1, 0, 1, 2]]))
    #expect(Tensor.upperTriangleIndices(3, 2) == whole([[0, 0, 1], [0, 1, 1]]))
    #expect(
      Tensor.lowerTriangleIndices(0, 3).shape == [2, 0] && Tensor.upperTriangleIndices(2, 2, offset: 9).shape == [2, 0])
  }
}
