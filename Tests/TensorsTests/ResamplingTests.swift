import Foundation
import Tensors
import Testing

/// Images resampled by affine maps, checked against the formula.
@Suite struct ResamplingTests {
  /// Images [6, 2, H, W], and maps that rotate, scale and shift them; the last two show almost nothing of the image.
  private func images(_ height: Int, _ width: Int, _ type: DType) -> (x: Tensor, maps: Tensor) {
    let x = Tensor.randomNormal([6, 2, height, width], dtype: type, generator: RandomGenerator(seed: 3))
    let maps = [
      [1, 0, 0, 0, 1, 0], [0.8, -0.6, 1.25, 0.6, 0.8, -2], [0, 1, 0, -1, 0, 0.5], [0.3, 0.1, 0, 0, 0.4, 3],
      [1, 0, Double(width), 0, 1, 0], [1, 0, 1e300, 0, 1, 1e300],
    ]
    return (x, Tensor(maps.flatMap { $0 }, shape: [6, 2, 3]))
  }

  /// The output at (column, row): bilinear interpolation of four pixels, with zeros outside the image.
  private func pixel(_ plane: Tensor, _ map: [Double], _ column: Int, _ row: Int) -> Double {
    let (height, width) = (plane.shape[0], plane.shape[1])
    let center = (x: Double(width - 1) / 2, y: Double(height - 1) / 2)
    let (dx, dy) = (Double(column) - center.x - map[2], Double(row) - center.y - map[5])
    let (x, y) = (map[0] * dx + map[1] * dy + center.x, map[3] * dx + map[4] * dy + center.y)
    var sum = 0.0
    for (i, j) in [(0.0, 0.0), (1, 0), (0, 1), (1, 1)] {
      let (left, top) = (floor(x) + i, floor(y) + j)
      let share = (1 - abs(x - left)) * (1 - abs(y - top))
      if left >= 0, top >= 0, left < Double(width), top < Double(height) {
        sum += share * plane[Int(top), Int(left)].item()
      }
    }
    return sum
  }

  @Test(arguments: [(1, 1), (5, 7), (4, 16), (3, 37)]) func followsTheFormula(_ height: Int, _ width: Int) {
    let (x, maps) = images(height, width, .float64)
    let found = x.resampled(maps)
    #expect(found.shape == x.shape)
    for image in 0..<6 {
      let map = maps[image].scalars(as: Double.self)
      for (channel, row) in (0..<2).flatMap({ channel in (0..<height).map { (channel, $0) } }) {
        for column in 0..<width {
          let expected = pixel(x[image, channel], map, column, row)
          let value = found[image, channel, row, column].item()
          #expect(abs(value - expected) < 1e-12, "\(image) \(channel) \(row) \(column)")
        }
      }
    }
    let single = x.cast(to: .float32).resampled(maps)
    #expect((single.cast(to: .float64) - found).abs().max().item() < 1e-5)
  }

  @Test func stridesAndThreadsDoNotChangeTheBits() {
    let before = Parallelism.threads
    defer { Parallelism.threads = before }
    let (x, maps) = images(90, 91, .float32)
    let crosswise = x.transpose(2, 3).contiguous().transpose(2, 3)
    func values(_ threads: Int) -> [Tensor] {
      Parallelism.threads = threads
      return [x.resampled(maps), crosswise.resampled(maps)]
    }
    let one = values(1)
    #expect(one[0] == one[1])
    #expect(values(2) == one)
    #expect(values(4) == one)
  }
}
