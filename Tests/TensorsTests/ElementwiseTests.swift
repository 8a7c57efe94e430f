import Foundation
import Tensors
import Testing

@Suite struct ElementwiseTests {
  @Test func comparisonsGiveTruthValues() {
    let (a, b) = (Tensor([1, 2, 3]), Tensor([2, 2, 2]))
    #expect((a .== b) == Tensor([false, true, false]))
    #expect((a .!= b) == Tensor([true, false, true]))
    #expect((a .< b) == Tensor([true, false, false]))
    #expect((a .<= b) == Tensor([true, true, false]))
    #expect((a .> b) == Tensor([false, false, true]))
    #expect((a .>= b) == Tensor([false, true, true]))
    #expect((a .== 2) == (a .== b) && (a .!= 2) == (a .!= b) && (a .< 2) == (a .< b))
    #expect((a .<= 2) == (a .<= b) && (a .> 2) == (a .> b) && (a .>= 2) == (a .>= b))
    let (t, f) = (Tensor([true, true, false, false]), Tensor([true, false, true, false]))
    #expect((t .& f) == Tensor([true, false, false, false]))
    #expect((t .| f) == Tensor([true, true, true, false]))
    #expect(!t == Tensor([false, false, true, true]))
  }

  @Test func notANumberEqualsNothing() {
    let x = Tensor([Double.nan, 1])
    #expect((x .== x) == Tensor([false, true]))
    #expect((x .!= x) == Tensor([true, false]))
    #expect(!(x .< 0).any().scalars(as: Bool.self)[0])
    #expect(x != x)
  }

  @Test func numbersOnEitherSide() {
    let x = Tensor([1, 2, 4])
    #expect(x + 1 == Tensor([2, 3, 5]) && 1 + x == x + 1)
    #expect(x - 1 == Tensor([0, 1, 3]) && 1 - x == Tensor([0, -1, -3]))
    #expect(x * 2 == Tensor([2, 4, 8]) && 2 * x == x * 2)
    #expect(x / 2 == Tensor([0.5, 1, 2]) && 2 / x == Tensor([2, 1, 0.5]))
    #expect(-x == 0 - x)
    let column = x.reshape([3, 1]).expand([3, 2]).transpose()
    #expect(8 / column == Tensor([[8, 4, 2], [8, 4, 2]]))
    // A literal takes the tensor's type, integer types included.
    #expect(Tensor([1, 2], dtype: .int64) * 3 == Tensor([3, 6], dtype: .int64))
    #expect((Tensor([UInt8(7)]) + 248).item() == 255)
  }

  @Test func wholeNumbersWrapAndDivideTowardsZero() {
    #expect(Tensor([UInt8(250)]) + Tensor([UInt8(10)]) == Tensor([UInt8(4)]))
    #expect(Tensor([7, -7] as [Int]) / 2 == Tensor([3, -3] as [Int]))
    #expect(Tensor([7] as [Int]) / 0 == Tensor([0] as [Int]))
    #expect(-Tensor([Int32.min]) == Tensor([Int32.min]))
  }

  @Test(arguments: 0..<40) func functionsSeeViewsAsTheirCopies(seed: Int) {
    let x = Choices(seed: seed).view()
    let plain = Plain(x)
    func map(_ f: (Double) -> Double) -> Plain { Plain(plain.shape) { f(plain[$0]) } }
    #expect(Plain(x.square()) == map { $0 * $0 })
    #expect(Plain(x.abs()) == map(abs))
    #expect(Plain(x.relu()) == map { max($0, 0) })
    #expect(Plain(x.sign()) == map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 })
    #expect(Plain(-x) == map { 0 - $0 })
    let error = (x.tanh() - Tensor(map(tanh).values, shape: x.shape)).abs()
    #expect(x.elementCount == 0 || error.max().item() < 1e-15)
  }

  @Test func roundingFollowsIEEE() {
    let x = Tensor([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, -2.6])
    #expect(x.floor() == Tensor([-3, -2, -1, 0, 1, 2, 2, -3]))
    #expect(x.ceil() == Tensor([-2, -1, 0, 1, 2, 3, 3, -2]))
    #expect(x.round() == Tensor([-2, -2, 0, 0, 2, 2, 2, -3]))
  }

  @Test func scaledSumInPlace() {
    var x = counting([2, 3])
    x.add(Tensor([1, 2, 3], dtype: .float64), scale: 0.5)
    #expect(x == Tensor([[0.5, 2, 3.5], [3.5, 5, 6.5]], dtype: .float64))
    var y = Tensor([5, 6], dtype: .int64)
    y -= Tensor([1, 2], dtype: .int64)
    #expect(y == Tensor([4, 4], dtype: .int64))
  }

  @Test func productsAndQuotientsInPlace() {
    let x = Tensor([[1, 2], [3, 4]])
    var y = x
    y *= Tensor([10, 100])
    #expect(y == Tensor([[10, 200], [30, 400]]) && x == Tensor([[1, 2], [3, 4]]))
    y /= x.transpose()
    #expect(y == Tensor([[10, 200 / 3.0], [15, 100]] as [[Float]]))
    y *= y
    #expect(y[1] == Tensor([225, 10_000]))
  }

  @Test func emptyOperands() {
    let x = Tensor.zeros([0, 3])
    #expect((x + 1).shape == [0, 3] && (x * Tensor([1, 2, 3])).shape == [0, 3])
    #expect(x.exp().shape == [0, 3] && (x .< 1).dtype == .bool)
    #expect(x == x && (x .== x).all().item() == 1)
    var y = x
    y += Tensor([1, 2, 3])
    #expect(y == x)
  }
}
