import Autograd
import Testing

/// Numbers of every Swift type can be either operand beside a variable or a tensor, and take its type.
@Suite struct NumberOperatorTests {
  @Test func floatsAndIntegersStandOnEitherSide() {
    let (half, three, small): (Float, Int, Int32) = (0.5, 3, 2)
    let x = Variable([1, 2], requiresGrad: true)
    let y = (half * x + three) / small - half + three * x / half - (three - x) * (half / x)
    #expect(y.dtype == .float32)
    #expect(y.value == Tensor([6.25, 13.25]))
    y.sum().backward()
    #expect(x.grad?.value == Tensor([7.75, 6.625]))
    #expect(Tensor([1, 2]) * three + half == Tensor([3.5, 6.5]))
    #expect(three - Tensor([1, 2], dtype: .int64) / small == Tensor([3, 2], dtype: .int64))
  }
}
