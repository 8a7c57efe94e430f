import Foundation
import NN
import Testing

@Suite struct GridSampleTests {
  // torch, float64: image = cos(arange(48)).reshape(2, 2, 3, 4),
  // grid = 1.3 · sin(1.1 · arange(24)).reshape(2, 2, 3, 2);
  // y = F.grid_sample(image, grid, mode, padding_mode, align_corners); loss = Σ y·sin(arange)
  struct Row: Sendable {
    let mode: Variable.InterpolationMode, padding: Variable.GridPadding, alignCorners: Bool
    /// What the grid is multiplied by.
    var far = 1.0
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
    Row(
      mode: .linear, padding: .reflection, alignCorners: false, output: 12.822053832475941, dImage: 1.2627308739371208,
      dGrid: 81.46197696719713, first: [-0.9923354691509287, 0.7567314361351167]),
    Row(
      mode: .linear, padding: .reflection, alignCorners: false, far: 5, output: 8.363090422082584,
      dImage: 8.245036354730743,
      dGrid: 47.54983150844469, first: [0.16820607865304746, 0.7795635647603089]),
    Row(
      mode: .linear, padding: .reflection, alignCorners: true, output: 7.200589528837539, dImage: 1.1465969162513163,
      dGrid: 49.58881221895881, first: [-0.5092363384132602, 0.8023553080296135]),
    Row(
      mode: .linear, padding: .reflection, alignCorners: true, far: 5, output: 5.692369359388706,
      dImage: 6.142809379097834,
      dGrid: 48.13297136062907, first: [-0.14639048940410038, 0.2951030841480322]),
    Row(
      mode: .nearest, padding: .reflection, alignCorners: false, output: 19.179844071151813, dImage: 2.3560603576054353,
      dGrid: 0, first: [-0.9923354691509287, 0.9550736440472949]),
    Row(
      mode: .nearest, padding: .reflection, alignCorners: false, far: 5, output: 15.661176651870324,
      dImage: 12.819387064541143,
      dGrid: 0, first: [0.7654140519453434, 0.9550736440472949]),
    Row(
      mode: .nearest, padding: .reflection, alignCorners: true, output: 19.179844071151813, dImage: 2.3560603576054353,
      dGrid: 0, first: [-0.9923354691509287, 0.9550736440472949]),
    Row(
      mode: .nearest, padding: .reflection, alignCorners: true, far: 5, output: 14.668056738553283,
      dImage: 13.141643750779748,
      dGrid: 0, first: [-0.9873392775238264, 0.9550736440472949]),
    Row(
      mode: .cubic, padding: .zeros, alignCorners: false, output: 2.073130455785024, dImage: 1.0309181031199,
      dGrid: 40.50900015953767, first: [-0.06568289816070236, 0.5967643857697256]),
    Row(
      mode: .cubic, padding: .zeros, alignCorners: true, output: 12.435038518585916, dImage: 1.7441285817133527,
      dGrid: 60.175000018961015, first: [-0.863857938234704, 0.8885774249933809]),
    Row(
      mode: .cubic, padding: .border, alignCorners: false, output: 17.033131946130304, dImage: 2.1038296106540066,
      dGrid: 93.61828080080043, first: [-1.0139328326993753, 0.8876887408964823]),
    Row(
      mode: .cubic, padding: .border, alignCorners: true, output: 17.38734623429069, dImage: 2.4975476196855992,
      dGrid: 55.400859699536824, first: [-0.9891873785925372, 0.842998678479801]),
    Row(
      mode: .cubic, padding: .reflection, alignCorners: false, output: 20.821035332904152, dImage: 2.8420750841461464,
      dGrid: 103.92859499876047, first: [-1.0917906531935597, 0.9480577692676956]),
    Row(
      mode: .cubic, padding: .reflection, alignCorners: false, far: 5, output: 15.249323390478466,
      dImage: 12.733326314982122,
      dGrid: 91.7660617405374, first: [0.14434447890014498, 0.9292452141417744]),
    Row(
      mode: .cubic, padding: .reflection, alignCorners: true, output: 12.247031001700552, dImage: 1.6871134481377381,
      dGrid: 60.07630193644469, first: [-0.730243914933822, 0.897313007183249]),
    Row(
      mode: .cubic, padding: .reflection, alignCorners: true, far: 5, output: 9.337515480017366,
      dImage: 8.999766296321967,
      dGrid: 42.884327451538596, first: [-0.15205714247658558, 0.514188558586368]),
  ]

  @Test(arguments: rows) func samplesArePyTorchs(_ row: Row) {
    let image = Variable(wave(cos, [2, 2, 3, 4]), requiresGrad: true)
    let grid = Variable(wave({ 1.3 * sin(1.1 * $0) }, [2, 2, 3, 2]) * row.far, requiresGrad: true)
    let y = image.gridSample(grid, mode: row.mode, padding: row.padding, alignCorners: row.alignCorners)
    waveLoss(y, sin).backward()
    #expect(abs(squares(y.value) - row.output) < 1e-12)
    #expect(abs(squares(image.grad?.value) - row.dImage) < 1e-12)
    #expect(abs((grid.grad.map { squares($0.value) } ?? 0) - row.dGrid) < 1e-11)
    expectClose(y.value[1, 1, 0, ..<2], Tensor(row.first))
  }

  // F.affine_grid([[[0.8, -0.3, 0.1], [0.2, 1.1, -0.4]]], (1, 1, 2, 3), align_corners=False), and with a gradient
  // sin(arange(12)); of (1, 1, 1, 2) with align_corners=True
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
    for padding in [Variable.GridPadding.zeros, .border, .reflection] {
      for mode in [Variable.InterpolationMode.linear, .cubic] {
        let check = checkGradients(at: values) { $0[0].gridSample($0[1], mode: mode, padding: padding) }
        #expect(check.relativeError < 1e-8)
        let second = checkSecondOrder(at: values) { $0[0].gridSample($0[1], mode: mode, padding: padding) }
        #expect(second.relativeError < 1e-7)
      }
    }
  }

  // F.interpolate(image, (5, 3), mode="bicubic", align_corners), and by the factors (1.5, 0.6)
  @Test func cubicInterpolation() {
    func check(
      _ y: (Variable) -> Variable, _ output: Double, _ dImage: Double, _ row: [Double],
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let image = Variable(wave(cos, [2, 2, 3, 4]), requiresGrad: true)
      let y = y(image)
      waveLoss(y, sin).backward()
      #expect(abs(squares(y.value) - output) < 1e-12, sourceLocation: sourceLocation)
      #expect(abs(squares(image.grad?.value) - dImage) < 1e-12, sourceLocation: sourceLocation)
      expectClose(y.value[1, 1, 0], Tensor(row))
    }
    check(
      { $0.interpolate(size: [5, 3], mode: .cubic) }, 24.82697468987749, 2.8511295434501216,
      [0.06608739948088589, 1.1834291549084506, 0.3630263919207267])
    check(
      { $0.interpolate(size: [5, 3], mode: .cubic, alignCorners: true) }, 22.480347887380184, 3.712205075518171,
      [-0.12796368962740468, 1.008538390489454, 0.26664293235993725])
    check(
      { $0.interpolate(scale: [1.5, 0.6], mode: .cubic) }, 11.45493026800305, 7.687320621415957,
      [0.2246218345555935, 1.072700289796917])
  }
}
