import Tensors
import Testing

@Suite struct ReductionTests {
  /// Every subset of the axes of a shape.
  private static func subsets(_ rank: Int) -> [[Int]] {
    (0..<(1 << rank)).map { bits in (0..<rank).filter { bits >> $0 & 1 == 1 } }
  }

  /// Reduces the elements that share the remaining indices.
  private static func fold(
    _ x: Plain, _ axes: [Int], keepDims: Bool, from start: Double, _ f: (Double, Double) -> Double
  ) -> Plain {
    let kept = x.shape.indices.filter { !axes.contains($0) }
    var totals: [[Int]: Double] = [:]
    for (index, value) in zip(Plain.indices(x.shape), x.values) {
      totals[kept.map { index[$0] }, default: start] = f(totals[kept.map { index[$0] }, default: start], value)
    }
    let shape = keepDims ? x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] } : kept.map { x.shape[$0] }
    return Plain(shape) { index in totals[keepDims ? kept.map { index[$0] } : index] ?? start }
  }

  @Test(arguments: 0..<60) func everySubsetOfAxes(seed: Int) {
    let x = Choices(seed: seed).view(mostAxes: 4)
    let plain = Plain(x)
    for axes in Self.subsets(x.rank) {
      let named = seed % 2 == 0 ? axes : axes.reversed().map { $0 - x.rank }
      for keepDims in [false, true] {
        let place = "\(x.shape) over \(named)"
        let sum = Self.fold(plain, axes, keepDims: keepDims, from: 0, +)
        #expect(Plain(x.sum(axes: named, keepDims: keepDims)) == sum, "\(place)")
        if x.shape.enumerated().allSatisfy({ $1 > 0 || !axes.contains($0) }) {
          #expect(
            Plain(x.max(axes: named, keepDims: keepDims))
              == Self.fold(plain, axes, keepDims: keepDims, from: -.infinity, Swift.max), "\(place)")
          #expect(
            Plain(x.min(axes: named, keepDims: keepDims))
              == Self.fold(plain, axes, keepDims: keepDims, from: .infinity, Swift.min), "\(place)")
        }
        let any = (x .> 0).any(axes: named, keepDims: keepDims)
        #expect(Plain(any) == Self.fold(plain, axes, keepDims: keepDims, from: 0) { $0 == 1 || $1 > 0 ? 1 : 0 })
        let all = (x .> 0).all(axes: named, keepDims: keepDims)
        #expect(Plain(all) == Self.fold(plain, axes, keepDims: keepDims, from: 1) { $0 == 1 && $1 > 0 ? 1 : 0 })
      }
    }
    #expect(Plain(x.sum()) == Plain(x.sum(axes: Array(0..<x.rank))))
  }

  @Test func means() {
    let x = counting([2, 3])
    #expect(x.mean().item() == 2.5)
    #expect(x.mean(axes: [0]) == Tensor([1.5, 2.5, 3.5], dtype: .float64))
    #expect(x.mean(axes: [-1], keepDims: true) == Tensor([[1], [4]], dtype: .float64))
    #expect(x.mean(axes: []) == x)
  }

  @Test(arguments: [0, -1], [false, true]) func oneAxis(axis: Int, keepDims: Bool) {
    let x = Choices(seed: 7).tensor([3, 2])
    #expect(x.sum(axis: axis, keepDims: keepDims) == x.sum(axes: [axis], keepDims: keepDims))
    #expect(x.mean(axis: axis, keepDims: keepDims) == x.mean(axes: [axis], keepDims: keepDims))
    #expect(x.prod(axis: axis, keepDims: keepDims) == x.prod(axes: [axis], keepDims: keepDims))
    #expect(x.logSumExp(axis: axis, keepDims: keepDims) == x.logSumExp(axes: [axis], keepDims: keepDims))
    #expect(x.norm(1, axis: axis, keepDims: keepDims) == x.norm(1, axes: [axis], keepDims: keepDims))
    #expect(
      x.variance(axis: axis, correction: 0, keepDims: keepDims)
        == x.variance(axes: [axis], correction: 0, keepDims: keepDims))
    #expect(
      x.standardDeviation(axis: axis, correction: 0, keepDims: keepDims)
        == x.standardDeviation(axes: [axis], correction: 0, keepDims: keepDims))
    let isPositive = x .> 0
    #expect(isPositive.any(axis: axis, keepDims: keepDims) == isPositive.any(axes: [axis], keepDims: keepDims))
    #expect(isPositive.all(axis: axis, keepDims: keepDims) == isPositive.all(axes: [axis], keepDims: keepDims))
  }

  @Test func nothingHasASumAndNoExtreme() {
    #expect(Tensor.zeros([0]).sum().item() == 0)
    #expect(Tensor.zeros([3, 0]).sum(axes: [1]) == Tensor([0, 0, 0]))
    #expect(Tensor.zeros([3, 0]).sum(axes: [0]).shape == [0])
    #expect(Tensor.zeros([3, 0]).max(axes: [0]).shape == [0])
    #expect(Tensor.zeros([0]).mean().item().isNaN)
    #expect(Tensor.zeros([2, 0], dtype: .bool).all(axes: [1]) == Tensor([true, true]))
    #expect(Tensor.zeros([2, 0], dtype: .bool).any(axes: [1]) == Tensor([false, false]))
    #expect(Tensor.zeros([0]).reduced(.logSumExp).item() == -.infinity)
  }

  @Test func aSingleValueIsItsOwnReduction() {
    let x = Tensor(4, dtype: .float64)
    for y in [x.sum(), x.mean(), x.max(), x.min(), x.sum(axes: []), x.max(keepDims: true)] {
      #expect(y == x)
    }
    #expect(x.argmax().item() == 0 && x.argmax().shape == [])
  }

  @Test func wholeNumbersAddUpInInt64() {
    #expect(Tensor.full([300], 255, dtype: .uint8).sum() == Tensor(76_500, dtype: .int64))
    #expect(Tensor([Int32.max, .max]).sum() == Tensor(2 * Int(Int32.max)))
    #expect(Tensor([true, false, true]).sum() == Tensor(2, dtype: .int64))
    #expect(Tensor([UInt8(3), 9, 4]).max().dtype == .uint8)
  }

  @Test(arguments: [DType.float32, .float64]) func notANumberWins(dtype: DType) {
    for place in 0..<37 {
      var x = Tensor.arange(37, dtype: dtype)
      x[place] = Tensor(Double.nan).cast(to: dtype)
      #expect(x.max().item().isNaN && x.min().item().isNaN && x.sum().item().isNaN)
      #expect(x.argmax().item() == Double(place) && x.argmin().item() == Double(place))
    }
    let infinite = Tensor([-Double.infinity, -.infinity]).cast(to: dtype)
    #expect(infinite.max().item() == -.infinity && infinite.argmax().item() == 0)
  }

  @Test(arguments: 0..<40) func positionsAreThoseOfTheFirst(seed: Int) {
    let x = Choices(seed: seed).view(mostAxes: 4)
    for axis in 0..<x.rank where x.shape[axis] > 0 {
      let plain = Plain(x)
      let expected = Plain(Array(x.max(axes: [axis]).shape)) { index in
        let line = (0..<x.shape[axis]).map { place in
          var whole = index
          whole.insert(place, at: axis)
          return plain[whole]
        }
        return Double(line.firstIndex(of: line.max()!)!)
      }
      #expect(Plain(x.argmax(axis: axis)) == expected)
      #expect(Plain((-x).argmin(axis: axis - x.rank)) == expected)
      #expect(x.argmax(axis: axis, keepDims: true).shape == x.max(axes: [axis], keepDims: true).shape)
    }
    if x.elementCount > 0 {
      let values = x.scalars(as: Double.self)
      #expect(x.argmax().item() == Double(values.firstIndex(of: values.max()!)!))
      #expect(x.argmax(keepDims: true).rank == x.rank && x.argmax().dtype == .int64)
    }
  }

  @Test func longSumsKeepTheirDigits() {
    // 0.1 is not exact in float32, and a plain running sum of a million of them is off by 958 (numpy: cumsum).
    let total = Tensor.full([1_000_000], 0.1).sum().item()
    #expect(abs(total - 100_000) < 0.5)
    let columns = Tensor.full([100_000, 3], 0.1).sum(axes: [0]).scalars(as: Double.self)
    for column in columns { #expect(abs(column - 10_000) < 0.05) }
  }
}
