import Foundation
import NN
import Testing

@Suite struct GridSampleTests {
  // torch, float64: image = cos(arange(48)).reshape(2, 2, 3, 4), grid = 1.3 · sin(1.1 · arange(24)).reshape(2, 2, 3, 2);
  // y = F.grid_sample(image, grid, mode, padding_mode, align_corners); loss = Σ y·sin(arange)
  struct Row: Sendable {
    let mode: Variable.InterpolationMode, padding: Variable.GridPadding, alignCorners: Bool
    /// Sums of squares of y and the gradients of image and grid, and y[1, 1, 0, :2].
    let output, dImage, dGrid: Double, first: [Double]
  }

  static let rows = [
    Row(
      mode: .linear, padding: .zeros, alignCorners: false, output: 1.4850167404626962, dImage: 0.6783362961650383,
      dGrid: 37.05265405035462, first: [-0.07225098428708336, 0.46313370078595467]),
    Row(
      mode: .linear, padding: .zeros, alignCorners: true, output: 7.189123086980331, dImage: 1.042071037919377,
      dGrid: 46.765483256870546, first: [-0.5729146875790169, 0.8023553080296135]),
    Row(
      mode: .linear, padding: .border, alignCorners: false, output: 12.849434442539089, dImage: 1.207224770763127,
      dGrid: 84.28628110822206, first: [-0.9923354691509287, 0.7567314361351167]),
    Row(
      mode: .linear, padding: .border, alignCorners: true, output: 11.53046799377736, dImage: 1.477391950907347,
      dGrid: 48.072005859310394, first: [-0.7988253294065193, 0.8023553080296135]),
    Row(
      mode: .nearest, padding: .zeros, alignCorners: false, output: 2.8878811434249014, dImage: 1.067712502809643,
      dGrid: 0, first: [0, 0.9550736440472949]),
    Row(
      mode: .nearest, padding: .border, alignCorners: false, output: 19.179844071151813, dImage: 2.3560603576054353,
      dGrid: 0, first: [-0.9923354691509287, 0.9550736440472949]),
  ]

  @Test(arguments: rows) func samplesArePyTorchs(_ row: Row) {
    let image = Variable(wave(cos, [2, 2, 3, 4]), requiresGrad: true)
    let grid = Variable(wave({ 1.3 * sin(1.1 * $0) }, [2, 2, 3, 2]), requiresGrad: true)
    let y = image.gridSample(grid, mode: row.mode, padding: row.padding, alignCorners: row.alignCorners)
    waveLoss(y, sin).backward()
    #expect(abs(squares(y.value) - row.output) < 1e-12)
    #expect(abs(squares(image.grad?.value) - row.dImage) < 1e-12)
    #expect(abs((grid.grad.map { squares($0.value) } ?? 0) - row.dGrid) < 1e-11)
    expectClose(y.value[1, 1, 0, ..<2], Tensor(row.first))
  }

  // F.affine_grid([[[0.8, -0.3, 0.1], [0.2, 1.1, -0.4]]], (1, 1, 2, 3), align_corners=False), and with a gradient sin(arange(12));
  // of (1, 1, 1, 2) with align_corners=True
  @Test func gridsOfAffineMaps() {
    let map = Variable(float64([[[0.8, -0.3, 0.1], [0.2, 1.1, -0.4]]]), requiresGrad: true)
    let grid = map.affineGrid([2, 3])
    expectClose(
      grid.value.reshape([6, 2]),
      float64([
        [-0.2833333333333333, -1.0833333333333335], [0.25, -0.9500000000000001],
        [0.7833333333333333, -0.8166666666666668], [-0.5833333333333334, 0.01666666666666672],
        [-0.04999999999999999, 0.15000000000000002], [0.4833333333333333, 0.2833333333333333],
      ]))
    waveLoss(grid, sin).backward()
    expectClose(
      map.grad?.value,
      float64([
        [
          [-0.6809387386655814, 0.006713353008666323, 0.31841656905283966],
          [-2.304914709827018, 0.022724079602608416, 0.09278159561446742],
        ]
      ]))
    expectClose(
      map.affineGrid([1, 2], alignCorners: true).value.reshape([2, 2]), float64([[-0.7, -0.6], [0.9, -0.2]]))
  }

  /// The identity map reproduces the image; positions that are NaN read 0.
  @Test func identityAndNoPlace() {
    let image = Variable(wave(cos, [1, 2, 3, 4]))
    let map = Variable(float64([[[1, 0, 0], [0, 1, 0]]]))
    for alignCorners in [false, true] {
      let grid = map.affineGrid([3, 4], alignCorners: alignCorners)
      expectClose(image.gridSample(grid, alignCorners: alignCorners).value, image.value)
    }
    let nowhere = Variable(Tensor.full([1, 1, 2, 2], .nan, dtype: .float64))
    #expect(image.gridSample(nowhere).value == .zeros([1, 2, 1, 2], dtype: .float64))
  }

  @Test func gradientsMatchDifferences() {
    let values = [wave(cos, [1, 2, 3, 4]), wave({ 0.9 * sin(1.1 * $0) }, [1, 2, 2, 2])]
    for padding in [Variable.GridPadding.zeros, .border] {
      let check = checkGradients(at: values) { $0[0].gridSample($0[1], padding: padding) }
      #expect(check.relativeError < 1e-8)
      let second = checkSecondOrder(at: values) { $0[0].gridSample($0[1], padding: padding) }
      #expect(second.relativeError < 1e-7)
    }
  }
}
