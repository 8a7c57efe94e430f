import Autograd
import Testing

/// A tensor beside a variable is a constant, as `Variable(t)` would be.
@Suite struct ConstantOperatorTests {
  private let x = Variable(Tensor([[1.5, -2, 3], [0.5, 4, -1]], dtype: .float64), requiresGrad: true)
  private let t = Tensor([2, -1.5, 3], dtype: .float64)

  private func slope(_ y: Variable) -> Tensor? { gradients(of: [y.sum()], withRespectTo: [x])[0]?.value }

  @Test func arithmetic() {
    let c = Variable(t)
    let pairs: [(String, Variable, Variable)] = [
      ("x + t", x + t, x + c), ("t + x", t + x, c + x), ("x - t", x - t, x - c), ("t - x", t - x, c - x),
      ("x * t", x * t, x * c), ("t * x", t * x, c * x), ("x / t", x / t, x / c), ("t / x", t / x, c / x),
      ("x • t", x • t, x • c), ("t • xᵀ", t • x.transpose(), c • x.transpose()),
      ("mixed", 2 * x - t * 3 + x * t / (1 + t) - 1, 2 * x - c * 3 + x * c / (1 + c) - 1),
    ]
    for (name, found, expected) in pairs {
      let (dx, expectedDx) = (slope(found), slope(expected))
      #expect(found.value == expected.value && dx != nil && dx == expectedDx, "\(name)")
    }
  }

  @Test func comparison() {
    let c = Variable(t)
    #expect((x .> t) == (x .> c) && (t .> x) == (c .> x) && (x .>= t) == (x .>= c) && (t .>= x) == (c .>= x))
    #expect((x .< t) == (x .< c) && (t .< x) == (c .< x) && (x .<= t) == (x .<= c) && (t .<= x) == (c .<= x))
    #expect((x .== t) == (x .== c) && (t .== x) == (c .== x) && (x .!= t) == (x .!= c) && (t .!= x) == (c .!= x))
  }

  @Test func inPlace() {
    var y = x
    y += t
    y *= t
    y -= t
    y /= t
    #expect(y.value == ((x.value + t) * t - t) / t && x.value[0, 0].item() == 1.5)
    #expect(slope(y) == .ones([2, 3], dtype: .float64))
  }

  @Test func literalsStayNumbers() {
    let (n, f, d) = (2, Float(0.5), 0.25)
    let y = x * 2 + 1 - x / n + f * x - d / (x + 10) + x * t * n
    let expected = x.value * 2 + 1 - x.value / 2 + 0.5 * x.value - 0.25 / (x.value + 10) + x.value * t * 2
    #expect(y.value == expected && y.dtype == .float64)
  }
}
