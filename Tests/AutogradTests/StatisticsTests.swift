import Autograd
import Foundation
import Testing

/// Order statistics, covariances and differences against PyTorch's numbers (float64).
@Suite struct StatisticsTests {
  private let x = Variable(
    Tensor([[-2.75, 0.75, -1.75, 1.75], [-0.75, 2.75, 0.25, -2.25], [1.25, -1.25, 2.25, -0.25]], dtype: .float64),
    requiresGrad: true)
  private let withNaN = Variable(Tensor([[1, .nan, 3], [4, 6, 5]] as [[Double]]))

  private func expectClose(
    _ found: Tensor?, _ expected: TensorLiteral, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let isClose = found?.allClose(
      to: Tensor(expected, dtype: .float64), relativeTolerance: 1e-14, absoluteTolerance: 1e-15)
    #expect(isClose == true, "\(String(describing: found))", sourceLocation: sourceLocation)
  }

  private func expectNaNAnd5(_ found: Tensor, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(found.isNaN() == Tensor([true, false]) && found[1].item() == 5, sourceLocation: sourceLocation)
  }

  // torch.quantile(x, q), torch.quantile(x, torch.tensor([0.25, 0.6]), dim=1, keepdim=True),
  // torch.quantile(x, 0.3, dim=0)
  @Test func quantiles() {
    for (share, value) in [(0, -2.75), (0.3, -1.1), (0.5, 0), (1, 2.75)] {
      #expect(abs(x.quantile(share).item() - value) < 1e-15)
    }
    let two = x.quantile([0.25, 0.6], axis: 1, keepDims: true).value
    expectClose(two, [[[-2], [-1.125], [-0.5]], [[0.25], [0.05], [0.95]]])
    expectClose(x.quantile(0.3, axis: 0).value, [-1.55, -0.05, -0.55, -1.05])
    #expect(x.quantile(0.5, keepDims: true).shape == [1, 1] && x.quantile([0, 1]).shape == [2])
    expectNaNAnd5(withNaN.quantile(0.5, axis: 1).value)
    x.quantile(0.3, axis: 1).backward(gradient: Tensor([1, 2, 3], dtype: .float64))
    expectClose(x.grad?.value, [[0.1, 0, 0.9, 0], [1.8, 0, 0, 0.2], [0, 0.3, 0, 2.7]])
    // torch.quantile(torch.arange(11.) ** 2, torch.tensor([0.1, 0.35, 0.7, 0.9])), of float32: 0.7 · 10 is 7 there.
    #expect(Variable(Tensor.arange(11)).square().quantile([0.1, 0.35, 0.7, 0.9]).value == Tensor([1, 12.5, 49, 81]))
  }

  // x.median(), x.median(dim=1), x.median(dim=0, keepdim=True)
  @Test func medians() {
    #expect(x.median().item() == -0.25)
    let rows = x.median(axis: 1)
    expectClose(rows.values.value, [-1.75, -0.75, -0.25])
    #expect(rows.indices == Tensor([2, 0, 3], dtype: .int64))
    let columns = x.median(axis: 0, keepDims: true)
    expectClose(columns.values.value, [[-0.75, 0.75, 0.25, -0.25]])
    #expect(columns.indices == Tensor([[1, 0, 1, 2]], dtype: .int64))
    let (values, indices) = withNaN.median(axis: 1)
    expectNaNAnd5(values.value)
    #expect(indices == Tensor([1, 2], dtype: .int64) && withNaN.median().item().isNaN)
    rows.values.sum().backward()
    expectClose(x.grad?.value, [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
    #expect(Variable(Tensor([3, 1, 2, 2], dtype: .int64)).median().value == Tensor(2, dtype: .int64))
    #expect(single(4).median(axis: 0).values.item() == 4)
  }

  // m.kthvalue(2, 1), m.kthvalue(5, 1), m[:2].mode(1), m.nanmedian(1), m.nanmedian(0), m.nanmedian(), of an m whose
  // equal elements PyTorch may choose among
  @Test func ranksAndFrequencies() {
    let m = Variable(
      Tensor([[3, 1, 3, 2, 1], [5, 5, 4, 4, 4], [2, 2, 1, 1, .nan]] as [[Double]]), requiresGrad: true)
    let (second, positions) = m.kthValue(2)
    expectClose(second.value, [1, 4, 1])
    #expect(positions == Tensor([4, 3, 3], dtype: .int64) && m.kthValue(5).values.value[2].item().isNaN)
    let mode = m[..<2].mode(keepDims: true)
    #expect(
      mode.values.value == Tensor([[1], [4]], dtype: .float64) && mode.indices == Tensor([[4], [4]], dtype: .int64))
    expectClose(m.nanMedian(axis: 1).values.value, [2, 4, 1])
    expectClose(m.value.nanMedian(axis: 0).values, [3, 2, 3, 2, 1])
    #expect(m.nanMedian().item() == 2 && Tensor([Float.nan]).nanMedian().item().isNaN)
    mode.values.sum().backward()
    expectClose(m.grad?.value, [[0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]])
    #expect(Tensor([true, false, true]).mode().values == Tensor(true) && Tensor(3).mode().values == Tensor(3))
  }

  // torch.cov(x), torch.cov(x, correction=0)[0], torch.corrcoef(x), torch.cov(x[0]), torch.corrcoef(x[0])
  @Test func covariancesAndCorrelations() {
    let (a, b, c) = (-0.08333333333333333, -2.5833333333333335, -1.0833333333333333)
    expectClose(x.covariance().value.diagonal(), [4.416666666666667, 4.416666666666667, 2.4166666666666665])
    #expect(x.covariance().value[[0, 0, 1], [1, 2, 2]].allClose(to: numbers(a, b, c), relativeTolerance: 1e-13))
    expectClose(x.covariance(correction: 0).value[0], [3.3125, -0.0625, -1.9375])
    let (d, e, f) = (-0.018867924528301883, -0.7907237076139134, -0.3315938128703508)
    #expect(x.correlation().value[[0, 0, 1], [1, 2, 2]].allClose(to: numbers(d, e, f), relativeTolerance: 1e-13))
    expectClose(x.correlation().value.diagonal(), [1, 1, 1])
    expectClose(x[0].covariance().value.unsqueeze(0), [4.416666666666667])
    #expect(x[0].correlation().item() == 1)
  }

  // torch.diff(x, n=2, dim=1), torch.diff(x, dim=0), torch.diff(torch.arange(3.), n=5)
  @Test func differences() {
    expectClose(x.diff(order: 2, axis: 1).value, [[-6, 6], [-6, 0], [6, -6]])
    expectClose(x.diff(axis: 0).value, [[2, 2, 2, -4], [2, -4, 2, 2]])
    #expect(x.diff(order: 5).shape == [3, 0] && x.diff(order: 0).value == x.value)
  }

  // torch.quantile(x, [0, 0.25, 0.4, 0.75, 1], interpolation=…) of x = sin(0), …, sin(6); and of [1, 2, 3, 4]
  // by 1/6 and ½
  @Test func quantilesBetweenElements() {
    let x = Variable(Tensor((0..<7).map { sin(Double($0)) }))
    let expected: [(Variable.QuantileInterpolation, [Double])] = [
      (
        .linear,
        [-0.9589242746631385, -0.518108996753427, -0.16764929891935543, 0.4912954964338819, 0.9092974268256817]
      ),
      (
        .lower,
        [-0.9589242746631385, -0.7568024953079282, -0.27941549819892586, 0.1411200080598672, 0.9092974268256817]
      ),
      (.higher, [-0.9589242746631385, -0.27941549819892586, 0, 0.8414709848078965, 0.9092974268256817]),
      (
        .midpoint,
        [-0.9589242746631385, -0.518108996753427, -0.13970774909946293, 0.4912954964338819, 0.9092974268256817]
      ),
      (
        .nearest,
        [-0.9589242746631385, -0.27941549819892586, -0.27941549819892586, 0.1411200080598672, 0.9092974268256817]
      ),
    ]
    for (interpolation, values) in expected {
      let y = x.quantile([0, 0.25, 0.4, 0.75, 1], interpolation: interpolation)
      #expect(y.value.allClose(to: Tensor(values), relativeTolerance: 1e-15, absoluteTolerance: 1e-15), "\(y.value)")
    }
    let even = Variable(numbers(1, 2, 3, 4))
    #expect(even.quantile([1.0 / 6, 0.5], interpolation: .nearest).value == numbers(1, 3))
  }
}
