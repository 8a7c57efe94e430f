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
