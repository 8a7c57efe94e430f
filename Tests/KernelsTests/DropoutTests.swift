import Kernels
import Testing

@Suite struct DropoutTests {
  /// The mask has the Bernoulli numbers of the same random stream, for any length and probability.
  @Test(arguments: [0, 1, 3, 1023, 1024, 1025, 70_001], [0.0, 0.3, 0.5, 1]) func masksAreBernoulli(
    n: Int, keep: Double
  ) {
    var random = Numbers(seed: 4)
    let x = random.values(Float.self, n), seed: UInt64 = 11, offset: UInt64 = 1 << 33
    var expected = [Bool](repeating: false, count: n), mask = [UInt8](repeating: 9, count: n + 1)
    ag_random_bernoulli(AG_BOOL, n, seed, offset, keep, 1, &expected)
    let y: [Float] = guarded(n) { ag_dropout(AG_F32, n, seed, offset, keep, x, $0, &mask) }
    #expect(zip(mask, expected).allSatisfy { $0 == ($1 ? 1 : 0) } && mask[n] == 9)
    // Compared outside `#expect`, so that a failure does not print all values.
    let isScaled = y == zip(x, expected).map { $1 ? $0 * Float(1 / keep) : 0 }
    #expect(isScaled)
    let dx: [Float] = guarded(n) { ag_dropout_backward(AG_F32, n, keep, mask, x, $0) }
    let isAdjoint = dx == y
    #expect(isAdjoint)
  }

  /// A dropped element is 0, whatever its value.
  @Test(arguments: [Float.nan, .infinity, -.infinity]) func droppedInfinitiesAreZero(_ value: Float) {
    let n = 100, x = [Float](repeating: value, count: n)
    var y = x, mask = [UInt8](repeating: 0, count: n)
    ag_dropout(AG_F32, n, 1, 2, 0.5, x, &y, &mask)
    #expect(mask.contains(0) && mask.contains(1))
    for (y, kept) in zip(y, mask) { #expect(kept == 1 ? !y.isFinite : y == 0) }
  }

  @Test func doublesAreScaledInPlace() {
    var random = Numbers(seed: 5)
    let x = random.values(Double.self, 500)
    var y = x, mask = [UInt8](repeating: 0, count: 500)
    y.withUnsafeMutableBufferPointer {
      ag_dropout(AG_F64, 500, 1, 2, 0.25, $0.baseAddress!, $0.baseAddress!, &mask)
    }
    #expect(y == zip(x, mask).map { $1 == 1 ? $0 * 4 : 0 })
    #expect(mask.contains(0) && mask.contains(1))
  }
}
