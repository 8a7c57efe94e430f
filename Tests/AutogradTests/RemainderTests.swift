import Autograd
import Testing

/// Remainders, choices beside NaN and signs at special values: PyTorch's numbers and gradients (float64).
@Suite struct RemainderTests {
  private let nan = Double.nan
  private let infinity = Double.infinity

  /// Whether elements are equal, NaN to NaN, and −0 only to itself.
  private func expectSame(
    _ found: Tensor?, _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let values = found?.scalars(as: Double.self) ?? []
    let isSame =
      values.count == expected.count
      && zip(values, expected).allSatisfy { ($0.isNaN && $1.isNaN) || ($0 == $1 && $0.sign == $1.sign) }
    #expect(isSame, "\(values), not \(expected)", sourceLocation: sourceLocation)
  }

  private func gradients(_ z: Variable, of leaves: Variable...) -> [Tensor] {
    z.backward(gradient: Tensor.arange(1, Double(z.elementCount) + 1, dtype: .float64))
    return leaves.map { $0.grad?.value ?? $0.value.zerosLike() }
  }

  // torch.remainder, torch.fmod, torch.floor_divide
  @Test func remaindersAtSpecialValues() {
    let x = numbers(5, -5, 5, -5, 7.5, 0, -0.0, infinity, 1, nan)
    let y = numbers(3, 3, -3, -3, -infinity, 2, -2, 2, 0, 1)
    expectSame(x.remainder(y), [2, 1, -1, -2, -infinity, 0, -0.0, nan, nan, nan])
    expectSame(x.fmod(y), [2, -2, 2, -2, 7.5, 0, -0.0, nan, nan, nan])
    expectSame(x.floorDivide(y), [1, -2, -2, 1, -1, 0, 0, nan, infinity, nan])
    #expect(Variable(x).floorDivide(2).value[1].item() == -3)
  }

  @Test func gradientsOfRemainders() {
    let (x, y) = (leaf(5, -5, 5.5, -5.5), leaf(3, 3, -3, -3))
    let slopes = gradients(x.remainder(y), of: x, y)
    expectSame(slopes[0], [1, 2, 3, 4])
    expectSame(slopes[1], [-1, 4, 6, -4])
    y.grad = nil
    expectSame(gradients(x.fmod(y), of: y)[0], [-1, 2, 3, -4])
  }

  /// One where the quotient is too large for its digits: Python's math.fmod.
  @Test func remaindersOfLargeNumbers() {
    #expect(numbers(1e300, 1e17).fmod(numbers(0.7, 3)) == numbers(0.3790560774266656, 1))
    #expect(
      Tensor([1e30, 16_777_216] as [Float]).fmod(Tensor([0.7, 3] as [Float])) == Tensor([0.47682148, 1] as [Float]))
  }

  @Test(arguments: [DType.int32, .int64]) func wholeNumbers(type: DType) {
    func whole(_ values: Int...) -> Tensor { Tensor(values, dtype: type) }
    let (x, y) = (whole(7, -7, 7, -7, 6, -1), whole(3, 3, -3, -3, -3, -1))
    #expect(x.remainder(y) == whole(1, 2, -2, -1, 0, 0) && x.fmod(y) == whole(1, -1, 1, -1, 0, 0))
    #expect(x.floorDivide(y) == whole(2, -3, -3, 2, -2, 1) && x.remainder(4) == whole(3, 1, 3, 1, 2, 3))
    let least = Tensor(type == .int32 ? [Int(Int32.min)] : [Int.min], dtype: type)
    #expect(least.remainder(-1) == whole(0) && least.floorDivide(-1) == least)
    #expect(x.fmax(y) == x.maximum(y) && x.fmin(y) == x.minimum(y))
    #expect(whole(-2, 0, 3).heaviside(whole(5)) == whole(0, 5, 1))
  }

  // torch.fmax, torch.fmin
  @Test func numbersAreChosenBeforeNaN() {
    let (x, y) = (leaf(1, 2, nan, nan, 3, 0), leaf(1, nan, 2, nan, 4, -0.0))
    let larger = x.fmax(y)
    expectSame(larger.value, [1, 2, 2, nan, 4, 0])
    expectSame(y.fmax(x).value, [1, 2, 2, nan, 4, -0.0])
    let slopes = gradients(larger, of: x, y)
    expectSame(slopes[0], [1, 2, 0, 4, 0, 6])
    expectSame(slopes[1], [0, 0, 3, 0, 5, 0])
    (x.grad, y.grad) = (nil, nil)
    let smaller = x.fmin(y)
    expectSame(smaller.value, [1, 2, 2, nan, 3, 0])
    expectSame(gradients(smaller, of: x, y)[1], [0, 0, 3, 0, 0, 0])
  }

  // torch.copysign, torch.nextafter, torch.heaviside, torch.frac
  @Test func signsAndNeighbours() {
    let x = leaf(2, -2, 0, -3)
    let y = x.copySign(Variable(numbers(-0.0, 1, -1, -4)))
    expectSame(y.value, [-2, 2, -0.0, -3])
    #expect(gradients(y, of: x)[0] == numbers(-1, -2, 0, 4))
    expectSame(
      numbers(1, 0, -1).nextAfter(numbers(2, -1, -1)), [1 + Double.ulpOfOne, -Double.leastNonzeroMagnitude, -1])
    #expect(Tensor([1 as Float]).nextAfter(Tensor([0 as Float])) == Tensor([(1 as Float).nextDown]))
    expectSame(numbers(nan, -0.0, 0, 2, -infinity).heaviside(numbers(0.5)), [0, 0.5, 0.5, 1, 0])
    expectSame(numbers(-1.5, 2.25, -0.0, nan).frac(), [-0.5, 0.25, 0, nan])
    #expect(!x.heaviside(x).requiresGrad && !x.nextAfter(x).requiresGrad && x.frac().requiresGrad)
  }

  // torch.nansum, torch.nanmean
  @Test func meansWithoutNaN() {
    let x = Variable(Tensor([[1, nan, 3], [nan, nan, nan]] as [[Double]]), requiresGrad: true)
    expectSame(x.nanMean(axes: [1]).value, [2, nan])
    expectSame(x.value.nanMean(axes: [1], keepDims: true), [2, nan])
    expectSame(x.nanSum(axes: [0]).value, [1, 0, 3])
    #expect(Tensor([1, 2], dtype: .int32).nanSum() == Tensor(3, dtype: .int64))
    x.nanMean().backward()
    expectSame(x.grad?.value, [0.5, 0, 0.5, 0, 0, 0])
    // Where all are NaN, PyTorch's gradient is NaN.
    x.grad = nil
    x.nanMean(axes: [1]).sum().backward()
    expectSame(x.grad?.value, [0.5, 0, 0.5, 0, 0, 0])
  }
}
