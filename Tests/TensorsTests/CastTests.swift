import Tensors
import Testing

@Suite struct CastTests {
  @Test(arguments: DType.allCases, DType.allCases) func smallNumbersSurviveEveryCast(from: DType, to: DType) {
    let x = Tensor([0, 1, 1, 0, 1], dtype: from)
    #expect(x.cast(to: to) == Tensor([0, 1, 1, 0, 1], dtype: to))
    #expect(x.reshape([1, 5]).transpose().cast(to: to).shape == [5, 1])
    #expect(Tensor.zeros([0, 2], dtype: from).cast(to: to).shape == [0, 2])
    #expect(Tensor.ones([], dtype: from).cast(to: to).item() == 1)
  }

  @Test(arguments: [DType.float32, .float64]) func floatsStopAtTheBoundsOfWholeNumbers(dtype: DType) {
    let x = Tensor([1e30, -1e30, .infinity, -.infinity, .nan, -3.9, 255.9] as [Double]).cast(to: dtype)
    #expect(
      x.cast(to: .int32).scalars(as: Int32.self) == [.max, .min, .max, .min, 0, -3, 255])
    #expect(x.cast(to: .int64).scalars(as: Int64.self) == [.max, .min, .max, .min, 0, -3, 255])
    #expect(x.cast(to: .uint8).scalars(as: UInt8.self) == [255, 0, 255, 0, 0, 0, 255])
    #expect(x.cast(to: .bool).scalars(as: Bool.self) == [true, true, true, true, true, true, true])
  }

  @Test func castToItsOwnTypeIsTheTensorItself() {
    let x = Tensor([1, 2])
    #expect(x.cast(to: .float32) == x)
  }

  @Test func largeWholeNumbersPassExactly() {
    let x = Tensor([(1 << 53) + 1, -(1 << 60) - 1])
    #expect(x.scalars(as: Int.self) == [(1 << 53) + 1, -(1 << 60) - 1])
  }
}
