import Autograd
import Testing

/// Second derivatives where the first one jumps or does not exist: PyTorch's answers, which are zeros and never NaN.
@Suite struct KinkTests {
  struct Kink: Sendable, CustomTestStringConvertible {
    let name: String
    let place: [Double]
    let gradient: [Double]
    let function: @Sendable (Variable) -> Variable
    var testDescription: String { name }
  }

  // torch.autograd.grad(f.sum(), x, create_graph=True), and the gradient of its sum, in float64.
  static let kinks = [
    Kink(name: "std of one element", place: [7], gradient: [0]) { $0.standardDeviation(correction: 0) },
    Kink(name: "std of equal elements, squared", place: [2, 2, 2], gradient: [0, 0, 0]) {
      $0.standardDeviation(correction: 0).square()
    },
    Kink(name: "2-norm of zeros", place: [0, 0], gradient: [0, 0]) { $0.norm() },
    Kink(name: "elu at 0", place: [0], gradient: [2]) { $0.elu(alpha: 2) },
    Kink(name: "celu at 0", place: [0], gradient: [1]) { $0.celu(alpha: 2) },
    Kink(name: "selu at 0", place: [0], gradient: [1.7580993408473766]) { $0.selu() },
    Kink(name: "softplus at its threshold", place: [0, 0.5], gradient: [0.5, 1]) {
      $0.softplus(beta: 2, threshold: 0)
    },
    Kink(name: "hardSwish at ±3", place: [-3, 3], gradient: [0, 1]) { $0.hardSwish() },
  ]

  @Test(arguments: kinks) func hasNoCurvature(_ kink: Kink) {
    let x = Variable(Tensor(kink.place, shape: [kink.place.count]), requiresGrad: true)
    kink.function(x).sum().backward(createGraph: true)
    let slope = x.grad
    #expect(slope?.value.scalars(as: Double.self) == kink.gradient)
    x.grad = nil
    if let slope, slope.requiresGrad { slope.sum().backward() }
    #expect((x.grad?.value ?? x.value.zerosLike()).scalars(as: Double.self).allSatisfy { $0 == 0 })
  }

  /// torch.nn.functional.celu(x, 0.7) in float64, whose slope uses 0.7 rounded to float32.
  @Test func celuHasPyTorchsSlope() {
    let x = Variable(Tensor([-1.0], shape: [1]), requiresGrad: true)
    let y = x.celu(alpha: 0.7)
    y.backward()
    #expect(abs(y.value.item() + 0.532244274490757) < 1e-14)
    #expect(abs((x.grad?.value.item() ?? 0) - 0.23965103469267596) < 1e-14)
  }

  /// torch.nn.functional.interpolate(x, scale_factor=[…, 1]) with a factor that differs from the ratio of the sizes.
  @Test func interpolationKeepsAndDoublesAxes() {
    let x = Variable(Tensor([1.0, 2, 3], shape: [1, 1, 3, 1]))
    func column(_ factor: Double, _ mode: Variable.InterpolationMode) -> [Double] {
      x.interpolate(scale: [factor, 1], mode: mode).value.scalars()
    }
    #expect(column(1.3, .nearest) == [1, 2, 3])
    #expect(column(2.3, .nearest) == [1, 1, 2, 2, 3, 3])
    #expect(column(1.3, .linear) == [1, 2, 3])
  }

  /// torch.nn.functional.interpolate(torch.arange(n).view(1, 1, n, …), scale_factor=…): sequences and volumes are
  /// sampled differently from images, and the step is a float32.
  @Test func interpolationOfSequencesAndVolumesGoesByTheStep() {
    func positions(_ n: Int, _ scale: Double, rank: Int) -> [Int] {
      let shape = Shape([1, 1, n] + Array(repeating: 1, count: rank - 3))
      let scales = [scale] + Array(repeating: 1, count: rank - 3)
      return Variable(Tensor.arange(n).reshape(shape)).interpolate(scale: scales).value.scalars()
    }
    #expect(positions(2, 1.3, rank: 3) == [0, 0] && positions(2, 1.3, rank: 5) == [0, 0])
    #expect(positions(2, 2.3, rank: 3) == [0, 0, 0, 1] && positions(2, 2.3, rank: 4) == [0, 0, 1, 1])
    #expect([3, 4].allSatisfy { positions(16, 2.6, rank: $0)[39] == 15 })
  }

  /// max_pool1d and avg_pool1d of [1, 2, 3] with kernel 4, stride 2 and ceil_mode.
  @Test func aWindowMayBeWiderThanTheImage() {
    let x = Variable(Tensor([1.0, 2, 3], shape: [1, 1, 3]))
    #expect(x.maxPool1d(4, stride: 2, ceilMode: true).value == Tensor([3.0], shape: [1, 1, 1]))
    #expect(x.avgPool1d(4, stride: 2, ceilMode: true).value == Tensor([2.0], shape: [1, 1, 1]))
  }
}
