import NN
import Optim
import Testing

/// What is Muon's own; its steps are held to PyTorch's in the conformance tests.
@Suite struct MuonTests {
  /// Without momentum and with many iterations of the plain coefficients a step is U Vᵀ of the gradient U Σ Vᵀ.
  @Test(arguments: [[3, 3], [5, 3], [3, 5]] as [Shape]) func aStepIsOrthogonal(shape: Shape) {
    let w = Variable(Tensor.zeros(shape, dtype: .float64), requiresGrad: true)
    w.grad = Variable(noise(shape, seed: 3))
    Muon(
      named(w), learningRate: 1, momentum: 0, coefficients: (1.875, -1.25, 0.375), iterations: 40, weightDecay: 0
    ).step()
    let scale = Double(shape[0] > shape[1] ? shape[0] : shape[1]) / Double(shape[1])  // its square
    let product = shape[0] > shape[1] ? w.value.transpose() • w.value : w.value • w.value.transpose()
    #expect(largestError(product / scale, .eye(product.shape[0], dtype: .float64)) < 1e-12)
    #expect((w.value * (w.grad?.value ?? w.value)).sum().item() < 0)
  }

  /// Numbers whose squares are beyond float32 have a norm all the same.
  @Test func gradientsOfAnySize() {
    for size in [1e-30, 1, 1e30] {
      let w = Variable(Tensor.zeros([2, 3]), requiresGrad: true)
      w.grad = Variable(Tensor([[1, 2, 3], [-3, 1, 2]]) * size)
      Muon(named(w), epsilon: 0).step()
      let moved = (w.value.square().sum() / 1e-6).item()
      #expect(moved > 0.5 && moved < 3, "\(size): \(moved)")
    }
  }

  @Test func zerosAndNothingAtAll() {
    let zero = Variable(Tensor.ones([2, 2]), requiresGrad: true)
    let empty = Variable(Tensor.zeros([0, 3]), requiresGrad: true)
    (zero.grad, empty.grad) = (Variable(Tensor.zeros([2, 2])), Variable(Tensor.zeros([0, 3])))
    Muon(named(zero, empty), weightDecay: 0).step()
    #expect(zero.value == .ones([2, 2]) && empty.shape == [0, 3])
  }

  /// A layer fitted to another one.
  @Test func learns() {
    let (x, goal) = (Variable(noise([64, 6], seed: 1)), Variable(noise([6, 4], seed: 2)))
    let w = Variable(Tensor.zeros([6, 4], dtype: .float64), requiresGrad: true)
    let optimizer = Muon(named(w), learningRate: 0.1, weightDecay: 0)
    let scheduler = Scheduler(
      optimizer, .linear(from: 1, to: 0, over: 150), momentum: .linear(from: 1, to: 0.9, over: 150))
    for _ in 0..<150 {
      optimizer.step { (x • w - x • goal).square().mean() }
      scheduler.step()
    }
    #expect(largestError(w.value, goal.value) < 0.01)
  }
}
