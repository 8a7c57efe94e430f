import NN
import Optim
import Testing

/// Clipping beyond what ConformanceTests compares with PyTorch.
@Suite struct ClippingTests {
  private func parameters(_ gradients: [Tensor?]) -> [Named<Variable>] {
    gradients.enumerated().map { number, gradient in
      let p = Variable(.zeros(gradient?.shape ?? [2], dtype: gradient?.dtype ?? .float32), requiresGrad: true)
      p.grad = gradient.map { Variable($0) }
      return Named(name: "\(number)", element: p)
    }
  }
  private func gradients(_ parameters: [Named<Variable>]) -> [Tensor?] { parameters.map { $0.element.grad?.value } }

  @Test func theGlobalNormIsThatOfAllTogether() {
    let p = parameters([Tensor([3, 0]), nil, Tensor([[0], [4]], dtype: .float64)])
    #expect(gradNorm(p) == 5 && gradNorm(p, type: 1) == 7 && gradNorm(p, type: .infinity) == 4)
    #expect(abs(gradNorm(p, type: 3) - 4.497941445275415) < 1e-12)
    #expect(clipGradNorm(p, to: 10) == 5 && gradients(p)[0] == Tensor([3, 0]))
    #expect(clipGradNorm(p, to: 2.5) == 5)
    #expect(largestError(gradients(p)[2] ?? Tensor(0), Tensor([[0], [2]])) < 1e-6 && gradients(p)[1] == nil)
    #expect(gradNorm(parameters([nil])) == 0 && clipGradNorm(parameters([nil]), to: 1) == 0)
  }

  /// A NaN is reported and not spread; likewise an infinity, by which clipping would set all other elements to 0.
  @Test(arguments: [Double.nan, .infinity]) func whatIsNotFiniteIsReported(bad: Double) {
    for type in [1, 2, 3, Double.infinity] {
      let p = parameters([Tensor([3, 4]), Tensor([1, bad], shape: [2])])
      let norm = clipGradNorm(p, to: 1, type: type)
      #expect(bad.isNaN ? norm.isNaN : norm == .infinity)
      #expect(gradients(p)[0] == Tensor([3, 4]))
    }
    let p = parameters([Tensor([3, 4]), Tensor([1, bad], shape: [2])])
    #expect(clipEachGradNorm(p, to: 1).map { $0?.isFinite } == [true, false])
    #expect(largestError(gradients(p)[0] ?? Tensor(0), Tensor([0.6, 0.8])) < 1e-6)
  }

  /// Gradients whose squares overflow float32.
  @Test func largeGradientsDoNotOverflow() {
    let p = parameters([Tensor([3e30, 4e30])])
    #expect(abs(clipGradNorm(p, to: 1) / 5e30 - 1) < 1e-6)
    #expect(largestError(gradients(p)[0] ?? Tensor(0), Tensor([0.6, 0.8])) < 1e-6)
  }

  @Test func clippingLeavesOtherHoldersAlone() {
    let g = Tensor([3, 4])
    let p = parameters([g])
    clipGradNorm(p, to: 1)
    clipGradValue(p, to: 0.5)
    #expect(g == Tensor([3, 4]) && gradients(p)[0] == Tensor([0.5, 0.5]))
  }

  /// A gradient that has a graph cannot be scaled in place; it is replaced by a clipped one.
  @Test func gradientsWithAGraph() {
    let x = Variable([3], requiresGrad: true)
    (x * x).sum().backward(createGraph: true)
    #expect(clipGradNorm([Named(name: "x", element: x)], to: 3) == 6)
    #expect(abs((x.grad?.item() ?? 0) - 3) < 1e-5 && x.grad?.requiresGrad == false)
  }
}
