import Datasets
import Foundation
import Tensors
import Testing

@Suite struct SyntheticTests {
  @Test func cloudsLieAroundTheirCenters() {
    let set = TensorDataset.gaussianClouds(count: 4_000, centers: [[2, 2], [-2, -2]], seed: 3)
    #expect(set.inputs.shape == [4_000, 2] && set.targets.shape == [4_000] && set.targets.dtype == .int64)
    let sign = set.targets.cast(to: .float32) * -2 + 1
    let centred = set.inputs - sign.reshape([-1, 1]) * 2
    #expect((centred.mean(axes: [0])).abs().max().item() < 0.06)
    #expect(abs((centred * centred).mean().item() - 1) < 0.05)
    #expect(set.targets.cast(to: .float32).sum().item() == 2_000)
  }

  @Test func moonsLieOnTheirCircles() {
    let set = TensorDataset.moons(count: 100, noise: 0, seed: 3)
    for position in 0..<100 {
      let point = set[position].input.scalars(as: Double.self)
      let isLower = set[position].target.item() == 1
      let center = isLower ? (x: 1.0, y: 0.5) : (x: 0.0, y: 0.0)
      #expect(abs(hypot(point[0] - center.x, point[1] - center.y) - 1) < 1e-6)
      #expect(isLower ? point[1] <= 0.5 + 1e-6 : point[1] >= -1e-6)
    }
  }

  @Test func spiralsStartInTheMiddle() {
    let set = TensorDataset.spirals(count: 300, noise: 0, seed: 3)
    let radius = (set.inputs * set.inputs).sum(axes: [1])
    #expect(radius.min().item() == 0 && abs(radius.max().item() - 1) < 1e-6)
    #expect((0..<3).map { (set.targets .== Double($0)).cast(to: .int64).sum().item() } == [100, 100, 100])
  }

  @Test func regressionFollowsItsWeights() {
    let set = TensorDataset.regression(count: 50, weights: [3, -1], noise: 0, seed: 3)
    let expected = set.inputs[.all, 0] * 3 - set.inputs[.all, 1]
    #expect((set.targets.reshape([50]) - expected).abs().max().item() < 1e-5)
  }

  @Test func seedDecides() {
    func moons(_ seed: UInt64) -> Tensor { TensorDataset.moons(count: 10, seed: seed).inputs }
    #expect(moons(1) == moons(1) && moons(1) != moons(2))
    #expect(TensorDataset.moons(count: 0, seed: 1).count == 0)
  }
}

@Suite struct StandardizerTests {
  @Test func featuresGetMeanZeroAndDeviationOne() {
    let samples =
      Tensor.randomNormal([500, 3], generator: RandomGenerator(seed: 1)) * [1, 50, 0] + [1e4, -3, 7]
    let standardizer = Standardizer(fitting: samples)
    let result = standardizer(samples)
    #expect((result.mean(axes: [0])).abs().max().item() < 1e-3)
    #expect(((result * result).mean(axes: [0]) - [1, 1, 0]).abs().max().item() < 1e-3)
    #expect((standardizer.inverse(result) - samples).abs().max().item() < 2e-3)
  }

  /// Ten times 0.1 does not sum to 1, so the mean of a constant feature is not exactly its value.
  @Test func aFeatureThatNeverChangesIsOnlyShifted() {
    let samples = Tensor.full([10, 2], 0.1, dtype: .float64)
    let standardizer = Standardizer(fitting: samples)
    #expect(standardizer(samples) == Tensor.zeros([10, 2], dtype: .float64))
    #expect(standardizer.deviation == Tensor.ones([1, 2], dtype: .float64))
  }
}
