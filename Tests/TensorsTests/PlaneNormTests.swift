import Tensors
import Testing

/// Batch and group normalization of planes, checked against the formulas.
@Suite struct PlaneNormTests {
  private let shape: Shape = [3, 6, 5, 7]

  private func random(_ shape: Shape, _ seed: UInt64) -> Tensor {
    .randomNormal(shape, dtype: .float64, generator: RandomGenerator(seed: seed))
  }

  /// Broadcasts one number per channel to all elements.
  private func perChannel(_ x: Tensor) -> Tensor { x.reshape([1, 6, 1]).expand([3, 6, 35]) }

  /// Brings the elements that are normalized together onto the last axis.
  private func sets(_ x: Tensor, _ groups: Int?) -> Tensor {
    let planes = x.reshape([3, 6, 35])
    if let groups { return planes.reshape([3 * groups, -1]) }
    return planes.transpose(0, 1).reshape([6, -1])
  }

  private func distance(_ a: Tensor, _ b: Tensor) -> Double { (a - b).abs().max().item() }

  @Test(arguments: [nil, 1, 2, 6] as [Int?]) func followsTheFormulas(_ groups: Int?) {
    let (x, dy) = (random(shape, 1) * 2 + 3, random(shape, 2))
    let (weight, bias) = (random([6], 3), random([6], 4))
    let norm = PlaneNorm(shape, groups: groups, epsilon: 0.01)
    let (y, statistics) = norm.forward(x, weight: weight, bias: bias)
    let ofSets = sets(x, groups)
    let mean = ofSets.mean(axes: [1], keepDims: true)
    let variance = (ofSets - mean).square().mean(axes: [1], keepDims: true)
    #expect(distance(statistics[0], mean.squeeze()) < 1e-13 && distance(statistics[1], variance.squeeze()) < 1e-12)
    let factor = (variance + 0.01).rsqrt()
    let z = (ofSets - mean) * factor
    let (w, b) = (sets(perChannel(weight), groups), sets(perChannel(bias), groups))
    #expect(distance(sets(y, groups), z * w + b) < 1e-12)

    let found = norm.backward(x, weight: weight, statistics, dy)
    let g = sets(dy, groups) * w
    let shares = g.mean(axes: [1], keepDims: true) + z * (g * z).mean(axes: [1], keepDims: true)
    #expect(distance(sets(found.dx, groups), (g - shares) * factor) < 1e-12)
    let plain = norm.forward(x, weight: nil, bias: nil).y
    #expect(distance(found.dWeight, (dy * plain).sum(axes: [0, 2, 3])) < 1e-11)
    #expect(distance(found.dBias, dy.sum(axes: [0, 2, 3])) < 1e-12)
  }

  @Test func threadsDoNotChangeTheBits() {
    let before = Parallelism.threads
    defer { Parallelism.threads = before }
    let x = Tensor.randomNormal([2, 3, 300, 301], generator: RandomGenerator(seed: 5))
    func values() -> [Tensor] {
      [nil, 1, 3].flatMap { (groups: Int?) in
        let norm = PlaneNorm(x.shape, groups: groups, epsilon: 1e-5)
        let (y, statistics) = norm.forward(x, weight: nil, bias: nil)
        let found = norm.backward(x, weight: nil, statistics, y * x)
        return [y, statistics, found.dx, found.dWeight, found.dBias]
      }
    }
    Parallelism.threads = 1
    let one = values()
    Parallelism.threads = 5
    #expect(values() == one)
  }
}
