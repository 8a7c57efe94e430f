import Tensors
import Testing

@Suite struct CreationTests {
  @Test func arraysAreConverted() {
    let values = [1.5, 2, -3]
    #expect(Tensor(values, dtype: .float32) == Tensor([1.5, 2, -3]))
    #expect(Tensor([1, 0, 2], shape: [3, 1], dtype: .bool) == Tensor([[true], [false], [true]]))
    #expect(Tensor(values).dtype == .float64 && Tensor([1, 2], dtype: .int64) == Tensor([Int64(1), 2]))
  }

  @Test func literalsAreFloat32UnlessSaid() {
    let x = Tensor([[1, 2, 3], [4, 5, 6]])
    #expect(x.dtype == .float32 && x.shape == [2, 3])
    #expect(x.scalars(as: Float.self) == [1, 2, 3, 4, 5, 6])
    #expect(Tensor([1.5, -2]).dtype == .float32)
    #expect(Tensor(7).shape == [] && Tensor(7).dtype == .float32 && Tensor(7).item() == 7)
    #expect(Tensor([true, false]).dtype == .bool)
    #expect(Tensor([1, 0], dtype: .bool) == Tensor([true, false]))
    #expect(Tensor([1, 2], dtype: .int64).scalars(as: Int.self) == [1, 2])
    #expect(Tensor([0.1], dtype: .float64).item() == 0.1)
    let inferred: Tensor = [[1, 2], [3, 4]]
    #expect(inferred == Tensor([[1, 2], [3, 4]]))
    let truths: Tensor = [true, false]
    #expect(truths.dtype == .bool)
  }

  @Test func swiftValuesKeepTheirType() {
    let double = 0.1
    let float: Float = 0.1
    let whole = 3
    #expect(Tensor(double).dtype == .float64 && Tensor(double).item() == 0.1)
    #expect(Tensor(float).dtype == .float32)
    #expect(Tensor(whole).dtype == .int64)
    #expect(Tensor([double, double]).dtype == .float64)
    #expect(Tensor([whole, whole]).dtype == .int64)
    #expect(Tensor([UInt8(1), 255]).dtype == .uint8)
    #expect(Tensor([Int32(1), .min]).scalars(as: Int32.self) == [1, .min])
    #expect(Tensor([Int64.max, .min]).scalars(as: Int64.self) == [.max, .min])
    let rows: [[Double]] = [[1, 2], [3, 4], [5, 6]]
    #expect(Tensor(rows).shape == [3, 2] && Tensor(rows).dtype == .float64)
    let flags = [true, false, true]
    #expect(Tensor(flags).dtype == .bool && Tensor(flags).scalars(as: Bool.self) == flags)
    let pixels = [UInt8](0..<6)
    #expect(Tensor(pixels, shape: [2, 3])[1, 2].item() == 5)
  }

  @Test func nothingIsATensorToo() {
    #expect(Tensor([]).shape == [0])
    #expect(Tensor([[], []]).shape == [2, 0])
    #expect(Tensor([Double]()).shape == [0])
    #expect(Tensor([[Double]]()).shape == [0, 0])
    #expect(Tensor([Float](), shape: [3, 0, 2]).shape == [3, 0, 2])
    #expect(Tensor.zeros([0, 3]).scalars(as: Float.self) == [])
    #expect(Tensor.zeros([1 << 40, 0, 1 << 40]).elementCount == 0)
    #expect(Tensor.zeros([0, 1 << 62, 4]).transpose().unsqueeze(0).shape == [1, 0, 4, 1 << 62])
    #expect(Tensor.arange(0).shape == [0])
    #expect(Tensor.linspace(1, 2, count: 0).shape == [0])
    #expect(Tensor.eye(0).shape == [0, 0])
  }

  @Test(arguments: DType.allCases) func fills(dtype: DType) {
    #expect(Tensor.zeros([2, 3], dtype: dtype).scalars(as: Double.self) == [0, 0, 0, 0, 0, 0])
    #expect(Tensor.ones([3], dtype: dtype).scalars(as: Double.self) == [1, 1, 1])
    #expect(Tensor.ones([], dtype: dtype).item() == 1)
    #expect(Tensor.full([100], 1, dtype: dtype) == .ones([100], dtype: dtype))
    #expect(Tensor.full([2], 1, dtype: dtype).zerosLike() == .zeros([2], dtype: dtype))
    #expect(Tensor.full([2], 0, dtype: dtype).onesLike() == .ones([2], dtype: dtype))
  }

  // numpy: np.arange(a, b, s)
  @Test func arange() {
    func values(_ start: Double, _ stop: Double, _ step: Double) -> [Double] {
      Tensor.arange(start, stop, step: step, dtype: .float64).scalars(as: Double.self)
    }
    #expect(values(0, 5, 1) == [0, 1, 2, 3, 4])
    #expect(values(1, 2, 0.25) == [1, 1.25, 1.5, 1.75])
    #expect(values(5, 0, -2) == [5, 3, 1])
    #expect(values(0, 1, 0.3) == [0, 0.3, 0.6, 0.3 * 3])
    #expect(values(-1, 1, 0.5) == [-1, -0.5, 0, 0.5])
    #expect(values(3, 3, 1) == [] && values(4, 3, 1) == [] && values(3, 4, -1) == [] && values(0, -1e300, 1) == [])
  }

  @Test func arangeOfEachType() {
    for dtype in DType.allCases where dtype != .bool {
      #expect(Tensor.arange(4, dtype: dtype) == Tensor([0, 1, 2, 3], dtype: dtype))
    }
    let long = Tensor.arange(100_000, dtype: .int64)
    #expect(long[-1].item() == 99_999)
  }

  // numpy: np.linspace(-0.1, 0.5, 7), np.linspace(1, 10, 4)
  @Test func linspace() {
    let values = Tensor.linspace(-0.1, 0.5, count: 7, dtype: .float64).scalars(as: Double.self)
    let expected = [-0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.5]
    for (value, wanted) in zip(values, expected) { #expect(abs(value - wanted) < 1e-15) }
    #expect(values.last == 0.5)
    #expect(Tensor.linspace(1, 10, count: 4) == Tensor([1, 4, 7, 10]))
    #expect(Tensor.linspace(3, 9, count: 1) == Tensor([3]))
  }

  @Test func identity() {
    #expect(Tensor.eye(3) == Tensor([[1, 0, 0], [0, 1, 0], [0, 0, 1]]))
    #expect(Tensor.eye(2, columns: 3, dtype: .int64) == Tensor([[1, 0, 0], [0, 1, 0]], dtype: .int64))
    #expect(Tensor.eye(3, columns: 2).shape == [3, 2])
  }

  @Test func elementsComeOutAsAnySwiftType() {
    let x = Tensor([-1.7, 0, 2.9, 300], dtype: .float64)
    #expect(x.scalars(as: Int.self) == [-1, 0, 2, 300])
    #expect(x.scalars(as: UInt8.self) == [0, 0, 2, 255])
    #expect(x.scalars(as: Bool.self) == [true, false, true, true])
    #expect(x.scalars(as: Float.self) == [-1.7, 0, 2.9, 300])
    #expect(x.scalars() == [-1.7, 0, 2.9, 300])
  }
}
