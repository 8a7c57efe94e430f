import NN
import Optim
import Testing

/// Every fused step against its rule's `update`.
@Suite struct FusedTests {
  /// Vectors of every remainder length, matrices and stacks of them: parameters and state, over steps in which
  /// gradients change sign.
  @Test(arguments: Rule.all, [DType.float32, .float64]) func aFusedStepIsTheRule(rule: Rule, dtype: DType) {
    let shapes: [Shape] = [[], [0], [1], [7], [33], [100], [3, 5], [2, 3, 17], [4, 1], [1, 6], [0, 3]]
    let parameters = shapes.map { shape in
      let start = noise(shape, seed: 1, dtype: dtype)
      return (fused: Variable(start, requiresGrad: true), read: Variable(start, requiresGrad: true))
    }
    let fused = rule.make(parameters.enumerated().map { Named(name: "\($0)", element: $1.fused) })
    let read = rule.make(parameters.enumerated().map { Named(name: "\($0)", element: $1.read) })
    read.isFused = false
    let tolerance = dtype == .float32 ? 2e-5 : 1e-13
    for step in 1...8 {
      for (number, pair) in parameters.enumerated() {
        let g = noise(pair.fused.shape, seed: UInt64(100 * step + number), dtype: dtype)
        (pair.fused.grad, pair.read.grad) = (Variable(g), Variable(g))
      }
      fused.step()
      read.step()
      for pair in parameters {
        #expect(largestError(pair.fused.value, pair.read.value) < tolerance, "\(pair.fused.shape), step \(step)")
      }
    }
    let (found, expected) = (fused.stateDict(), read.stateDict())
    #expect(found.keys.sorted() == expected.keys.sorted())
    for (key, value) in found {
      #expect(expected[key].map { largestError(value, $0) < tolerance } == true, "\(key)")
    }
  }

  /// A mean that forgets all at once is the last gradient, to its last digit, whatever came before.
  @Test(arguments: [true, false]) func aSmallGradientIsNotLostBehindALargeOne(isFused: Bool) {
    for make in [
      { Adamax($0, learningRate: 1, beta1: 0, beta2: 0) }, { RAdam($0, learningRate: 1, beta1: 0, beta2: 0.9) },
      { Lion($0, learningRate: 1, beta1: 0) },
    ] as [([Named<Variable>]) -> Optimizer] {
      let p = Variable([0, 0], dtype: .float64, requiresGrad: true)
      let optimizer = make(named(p))
      optimizer.isFused = isFused
      for size in [-1e20, 1] {
        p.value = Tensor([0, 0], dtype: .float64)
        p.grad = Variable(Tensor([1, 2], dtype: .float64) * size)
        optimizer.step()
      }
      #expect(largestError(p.value / p.value[0], optimizer is RAdam ? Tensor([1, 2]) : Tensor([1, 1])) < 1e-7)
      #expect(p.value[0].item() < 0)
    }
  }

  /// The product of a row's and a column's mean square is beyond float32 before v itself is.
  @Test(arguments: [true, false]) func adafactorTakesLargeGradients(isFused: Bool) {
    let p = Variable(Tensor.zeros([2, 2]), requiresGrad: true)
    let optimizer = Adafactor(named(p))
    optimizer.isFused = isFused
    p.grad = Variable(Tensor([[1e12, -1e12], [1e12, 1e12]]))
    optimizer.step()
    #expect(largestError(p.value * 1e5, Tensor([[-1, 1], [-1, -1]])) < 1e-6)
  }

  /// Long vectors are split among threads, always at the same positions.
  @Test(arguments: Rule.all) func bitsDoNotDependOnThreads(rule: Rule) {
    let before = Parallelism.threads
    defer { Parallelism.threads = before }
    let results = [1, 2, 3].map { threads in
      Parallelism.threads = threads
      let p = Variable(noise([3, 20_001], seed: 1, dtype: .float32), requiresGrad: true)
      let optimizer = rule.make(named(p))
      for step in 1...2 {
        p.grad = Variable(noise(p.shape, seed: UInt64(step), dtype: .float32))
        optimizer.step()
      }
      return p.value.scalars(as: Float.self).map(\.bitPattern)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  /// A step updates in place if nobody else holds the elements, and otherwise a copy. In a separate process, since it
  /// reads the memory pool's statistics.
  @Test func memoryOfItsOwnIsChangedInPlace() async {
    await #expect(processExitsWith: .success) {
      let p = Variable(noise([1000], seed: 1), requiresGrad: true)
      let optimizer = Adam(named(p))
      p.grad = Variable(noise([1000], seed: 2))
      optimizer.step()
      let address = p.value.withPointer { $0 }
      let live = Memory.statistics.live
      for _ in 0..<3 { optimizer.step() }
      #expect(p.value.withPointer { $0 } == address && Memory.statistics.live == live)
      let seen = p.value
      let numbers = seen.scalars(as: Double.self)
      optimizer.step()
      #expect(p.value.withPointer { $0 } != address && seen.scalars(as: Double.self) == numbers)
    }
  }
}
