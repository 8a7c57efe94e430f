import NN
import Optim
import Testing

@Suite struct WeightAverageTests {
  private func average(_ kind: WeightAverage.Kind, over values: [Double]) -> (WeightAverage, Variable) {
    let p = Variable([100], dtype: .float64, requiresGrad: true)
    let average = WeightAverage(named(p), kind)
    for value in values {
      p.value = Tensor([value], shape: [1])
      average.update()
    }
    return (average, p)
  }

  @Test func equalIsTheMean() {
    let (average, p) = average(.equal, over: [1, 2, 6])
    #expect(average.values[0].element.item() == 3 && p.value.item() == 6 && average.updateCount == 3)
  }

  /// torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn(0.75): the first update copies.
  @Test func exponentialForgets() {
    let (average, _) = average(.exponential(decay: 0.75), over: [4, 8, 0])
    #expect(average.values[0].element.item() == 3.75)
  }

  @Test func appliedForAWhile() {
    let (average, p) = average(.equal, over: [1, 3])
    #expect(average.whileApplied { p.value.item() } == 2 && p.value.item() == 3)
    average.swap()
    #expect(p.value.item() == 2 && average.values[0].element.item() == 3)
  }

  /// The optimizer updates in place; the average keeps its numbers.
  @Test func trainingDoesNotChangeTheAverage() {
    let p = Variable([1], requiresGrad: true)
    let average = WeightAverage(named(p), .equal)
    average.update()
    p.grad = Variable([1])
    SGD(named(p), learningRate: 1).step()
    #expect(p.value.item() == 0 && average.values[0].element.item() == 1)
  }

  @Test func goesOnAfterARestore() throws {
    let (first, p) = average(.exponential(decay: 0.5), over: [4, 8])
    let other = WeightAverage(named(p), .exponential(decay: 0.5))
    try other.load(first.stateDict())
    p.value = Tensor([0.0], dtype: .float64)
    other.update()
    #expect(other.values[0].element.item() == 3 && other.updateCount == 3)
    #expect(throws: StateError.missing(owner: "WeightAverage", key: "updates")) { try other.load([:]) }
  }
}
