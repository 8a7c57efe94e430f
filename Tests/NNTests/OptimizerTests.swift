import Foundation
import NN
import Optim
import Testing

private func named(_ variables: Variable...) -> [Named<Variable>] {
  variables.enumerated().map { Named(name: "\($0)", element: $1) }
}

@Suite struct OptimizerTests {
  @Test(arguments: Trajectory.all.indices) func fiveStepsArePyTorchs(index: Int) {
    let rule = Trajectory.all[index]
    let p = Variable([1, -2, 3], dtype: .float64, requiresGrad: true)
    let optimizer = rule.optimizer(named(p))
    for (step, expected) in rule.points.enumerated() {
      p.grad = Variable(p.value * p.value * cos(2 * Double(step) + 1))
      optimizer.step()
      for (found, wanted) in zip(p.value.scalars(as: Double.self), expected) {
        #expect(abs(found - wanted) < 1e-12, "\(rule.name), step \(step)")
      }
    }
  }

  /// The kernels take vectors and a rest: every length gives each element what it would get alone.
  @Test(arguments: Trajectory.all.indices, [DType.float32, .float64]) func anyNumberOfElements(index: Int, dtype: DType)
  {
    let rule = Trajectory.all[index]
    let tolerance = dtype == .float32 ? 2e-5 : 1e-12
    for count in [0, 1, 7, 16, 33, 100] {
      let p = Variable(
        Tensor([1, -2, 3], dtype: dtype).reshaped(to: [3, 1]).expanded(to: [3, count]), requiresGrad: true)
      let optimizer = rule.optimizer(named(p))
      for (step, expected) in rule.points.enumerated() {
        p.grad = Variable(p.value * p.value * cos(2 * Double(step) + 1))
        optimizer.step()
        let wanted = Tensor(expected).reshaped(to: [3, 1])
        let error = (p.value.cast(to: .float64) - wanted).mapped(.abs)
        #expect(count == 0 || error.max().item() < tolerance, "\(rule.name), \(count) elements, step \(step)")
      }
    }
  }

  @Test(arguments: Trajectory.all.indices) func everyRuleFindsTheLowestPointOfABowl(index: Int) {
    let rule = Trajectory.all[index]
    if rule.name.contains("maximize") { return }
    let x = Variable([3, -4], dtype: .float64, requiresGrad: true)
    let optimizer = rule.optimizer(named(x))
    for step in 0..<2_000 {
      if step == 1_000 { optimizer.learningRate /= 50 }
      optimizer.zeroGrad()
      ((x - Variable([1, 2], dtype: .float64)).square() * Variable([1, 3], dtype: .float64)).sum().backward()
      optimizer.step()
    }
    // Weight decay, where a row has some, pulls to 0.
    let tolerance = rule.name == "adam weight decay" ? 0.05 : 0.02
    #expect(relativeError(x.value, Tensor([1, 2], dtype: .float64)) < tolerance, "\(rule.name) ended at \(x.value)")
  }

  /// Rosenbrock's valley, (1 − x)² + 100 (y − x²)², lowest at (1, 1).
  @Test func theValleyIsWalkedToItsEnd() {
    func end(_ steps: Int, _ make: ([Named<Variable>]) -> Optimizer) -> Tensor {
      let (x, y) = (
        Variable(-1.2, dtype: .float64, requiresGrad: true), Variable(1, dtype: .float64, requiresGrad: true)
      )
      let optimizer = make(named(x, y))
      for _ in 0..<steps {
        optimizer.zeroGrad()
        ((1 - x).square() + 100 * (y - x.square()).square()).backward()
        optimizer.step()
      }
      return Tensor.stack([x.value, y.value])
    }
    let goal = Tensor.ones([2], dtype: .float64)
    #expect(relativeError(end(3_000) { Adam($0, learningRate: 0.03) }, goal) < 1e-3)
    #expect(relativeError(end(3_000) { Adam($0, learningRate: 0.1, amsgrad: true) }, goal) < 1e-3)
    #expect(relativeError(end(6_000) { Momentum($0, learningRate: 2e-4, momentum: 0.95, nesterov: true) }, goal) < 1e-3)
  }

  @Test func aParameterWithoutGradientStays() {
    let (p, q) = (Variable([1, 2], requiresGrad: true), Variable([3, 4], requiresGrad: true))
    let optimizer = Adam(named(p, q), learningRate: 0.1)
    p.grad = Variable([1, 1])
    optimizer.step()
    #expect(p.value != Tensor([1, 2]) && q.value == Tensor([3, 4]))
    // Its first step is a first step, whenever it comes: Adam's is the learning rate long.
    q.grad = Variable([1, -1])
    p.grad = nil
    optimizer.step()
    #expect(relativeError(q.value, Tensor([2.9, 4.1])) < 1e-6)
  }

  @Test func theLearningRateCanChange() {
    let p = Variable([1], dtype: .float64, requiresGrad: true)
    let optimizer = SGD(named(p), learningRate: 0.5)
    p.grad = Variable([1], dtype: .float64)
    optimizer.step()
    optimizer.learningRate = 0.125
    optimizer.step()
    optimizer.learningRate = 0
    optimizer.step()
    #expect(p.value.item() == 0.375)
  }

  @Test func zeroGradClearsAll() {
    let p = Variable([1], requiresGrad: true)
    let optimizer = SGD(named(p), learningRate: 1)
    p.grad = Variable([1])
    optimizer.zeroGrad()
    #expect(p.grad == nil)
  }

  @Test func aStepLeavesOldValuesAlone() {
    let p = Variable([1, 2], requiresGrad: true)
    let before = p.value
    for optimizer in [SGD(named(p), learningRate: 1, momentum: 0.9), Adam(named(p))] {
      p.grad = Variable([1, 1])
      optimizer.step()
      #expect(before == Tensor([1, 2]) && p.value != before)
      #expect(p.grad?.value == Tensor([1, 1]))
    }
  }

  @Test func stridedParametersAndGradients() {
    let p = Variable(Tensor([[1, 2], [3, 4]]).transposed(), requiresGrad: true)
    let optimizer = SGD(named(p), learningRate: 1)
    p.grad = Variable(Tensor([[10], [20]]).expanded(to: [2, 2]))
    optimizer.step()
    #expect(p.value == Tensor([[-9, -7], [-18, -16]]))
  }

  /// A rule of one's own is one function.
  @Test func aRuleOfOnesOwn() {
    final class SignDescent: Optimizer {
      override func update(_ parameter: inout Tensor, gradient: Tensor, state: inout State) {
        parameter -= gradient.mapped(.sign) * learningRate
      }
    }
    let p = Variable([1, 1, 1], requiresGrad: true)
    p.grad = Variable([5, -0.1, 0])
    SignDescent(named(p), learningRate: 0.5).step()
    #expect(p.value == Tensor([0.5, 1.5, 1]))
  }
}
