import Tensors
import Testing

/// Elementwise functions and ops along axes, against PyTorch 2.13 in float64.
@Suite struct FunctionTests {
  private typealias Row = (name: String, values: [Double], function: @Sendable (Tensor) -> Tensor)

  /// At −3.5, −0.5, 0.25 and 7.
  private static let wide: [Row] = [
    ("celu", [-0.49954405901722276, -0.31606027941427883, 0.25, 7], { $0.celu(alpha: 0.5) }),
    ("elu", [-1.939605233155363, -0.7869386805747332, 0.25, 7], { $0.elu(alpha: 2) }),
    ("gelu", [-0.0008142017766243903, -0.15426876936299344, 0.14967658142073093, 6.999999999991041], { $0.gelu() }),
    (
      "gelu", [-0.0006161976553737403, -0.15428599017485606, 0.149675350701685, 6.999999999999997],
      { $0.gelu(approximate: .tanh) }
    ),
    ("hardSigmoid", [0, 0.4166666666666667, 0.5416666666666666, 1], { $0.hardSigmoid() }),
    ("hardSwish", [0, -0.20833333333333334, 0.13541666666666666, 7], { $0.hardSwish() }),
    ("hardTanh", [-0.25, -0.25, 0.25, 1], { $0.hardTanh(min: -0.25, max: 1) }),
    ("leakyRelu", [-0.035, -0.005, 0.25, 7], { $0.leakyRelu() }),
    (
      "logSigmoid", [-3.5297504182726205, -0.9740769841801067, -0.5759394198788436, -0.0009114664537742447],
      { $0.logSigmoid() }
    ),
    ("mish", [-0.10409575448637122, -0.22074377465173, 0.1695724096638176, 6.999988379809741], { $0.mish() }),
    ("relu", [0, 0, 0.25, 7], { $0.relu() }),
    ("relu6", [0, 0, 0.25, 6], { $0.relu6() }),
    ("selu", [-1.705009340957283, -0.6917581878028713, 0.2626752468388701, 7.354906911488364], { $0.selu() }),
    ("sigmoid", [0.02931223075135632, 0.3775406687981454, 0.5621765008857981, 0.9990889488055994], { $0.sigmoid() }),
    ("silu", [-0.10259280762974712, -0.1887703343990727, 0.14054412522144952, 6.993622641639196], { $0.silu() }),
    (
      "softplus", [0.00045573322688712237, 0.15663084375911143, 0.48703849209005334, 7],
      { $0.softplus(beta: 2, threshold: 3) }
    ),
    ("softsign", [-0.7777777777777778, -0.3333333333333333, 0.2, 0.875], { $0.softsign() }),
    ("tanh", [-0.9981778976111987, -0.46211715726000974, 0.24491866240370913, 0.9999983369439447], { $0.tanh() }),
    (
      "tanhShrink", [-2.501822102388801, -0.03788284273999026, 0.005081337596290869, 6.0000016630560555],
      { $0.tanhShrink() }
    ),
    ("abs", [3.5, 0.5, 0.25, 7], { $0.abs() }),
    ("atan", [-1.2924966677897853, -0.4636476090008061, 0.24497866312686414, 1.4288992721907328], { $0.atan() }),
    ("ceil", [-3, 0, 1, 7], { $0.ceil() }),
    ("cos", [-0.9364566872907963, 0.8775825618903728, 0.9689124217106447, 0.7539022543433046], { $0.cos() }),
    ("cosh", [16.572824671057315, 1.1276259652063807, 1.0314130998795732, 548.317035155212], { $0.cosh() }),
    ("erf", [-0.9999992569016276, -0.5204998778130465, 0.27632639016823696, 1], { $0.erf() }),
    ("exp", [0.0301973834223185, 0.6065306597126334, 1.2840254166877414, 1096.6331584284585], { $0.exp() }),
    ("expm1", [-0.9698026165776815, -0.3934693402873666, 0.2840254166877415, 1095.6331584284585], { $0.expm1() }),
    ("floor", [-4, -1, 0, 7], { $0.floor() }),
    ("round", [-4, 0, 0, 7], { $0.round() }),
    ("sign", [-1, -1, 1, 1], { $0.sign() }),
    ("sin", [0.35078322768961984, -0.479425538604203, 0.24740395925452294, 0.6569865987187891], { $0.sin() }),
    ("sinh", [-16.542627287634996, -0.5210953054937474, 0.2526123168081683, 548.3161232732465], { $0.sinh() }),
    ("square", [12.25, 0.25, 0.0625, 49], { $0.square() }),
    ("tan", [-0.3745856401585947, -0.5463024898437905, 0.25534192122103627, 0.8714479827243188], { $0.tan() }),
    ("trunc", [-3, 0, 0, 7], { $0.trunc() }),
    ("clamp", [-1, -0.5, 0.25, 0.5], { $0.clamp(min: -1, max: 0.5) }),
    ("pow", [-42.875, -0.125, 0.015625, 343], { $0.pow(3) }),
  ]

  /// At 0.1, 0.25, 0.5 and 0.9.
  private static let unit: [Row] = [
    ("acos", [1.4706289056333368, 1.318116071652818, 1.0471975511965976, 0.45102681179626236], { $0.acos() }),
    ("asin", [0.1001674211615598, 0.25268025514207865, 0.5235987755982989, 1.1197695149986342], { $0.asin() }),
    ("log", [-2.3025850929940455, -1.3862943611198906, -0.6931471805599453, -0.10536051565782628], { $0.log() }),
    ("log1p", [0.09531017980432487, 0.22314355131420976, 0.4054651081081644, 0.6418538861723948], { $0.log1p() }),
    ("log2", [-3.321928094887362, -2, -1, -0.15200309344504995], { $0.log2() }),
    ("reciprocal", [10, 4, 2, 1.1111111111111112], { $0.reciprocal() }),
    ("rsqrt", [3.162277660168379, 2, 1.414213562373095, 1.0540925533894598], { $0.rsqrt() }),
    ("sqrt", [0.31622776601683794, 0.5, 0.7071067811865476, 0.9486832980505138], { $0.sqrt() }),
    ("pow", [31.62277660168379, 8, 2.8284271247461903, 1.1712139482105108], { $0.pow(-1.5) }),
  ]

  private func isClose(_ x: Tensor, _ values: [Double]) -> Bool {
    let expected = Tensor(values, shape: x.shape)
    return x.dtype == .float64 && ((x - expected).abs() .<= expected.abs() * 4e-15 + 1e-16).all().item() == 1
  }

  @Test func functionsOfEachElement() {
    for (numbers, rows) in [([-3.5, -0.5, 0.25, 7], Self.wide), ([0.1, 0.25, 0.5, 0.9], Self.unit)] {
      let x = Tensor(numbers, shape: [2, 2])
      for (name, values, function) in rows { #expect(isClose(function(x), values), "\(name): \(function(x))") }
    }
  }

  @Test func functionsOfPairs() {
    let (x, y) = (Tensor([1.5, -2, 0.5], dtype: .float64), Tensor([3, 0.25, -1], dtype: .float64))
    #expect(isClose(x.atan2(y), [0.4636476090008061, -1.446441332248135, 2.677945044588987]))
    #expect(isClose(x.abs().pow(y), [3.375, 1.189207115002721, 2]))
    #expect(isClose(.pow(2, x), [2.8284271247461903, 0.25, 1.4142135623730951]))
    #expect(x.maximum(y) == Tensor([3, 0.25, 0.5], dtype: .float64))
    #expect(x.minimum(y) == Tensor([1.5, -2, -1], dtype: .float64))
    #expect(x.clamp(min: 0) == Tensor([1.5, 0, 0.5], dtype: .float64))
    #expect(Tensor.where(x .> 0, x, y) == Tensor([1.5, 0.25, 0.5], dtype: .float64))
    #expect(x.maskedFill(x .< 0, .infinity)[1].item() == .infinity)
    #expect((x / 0 * 0).clamp(min: 0, max: 1).sum().item().isNaN && (x / 0 * 0).maximum(y).sum().item().isNaN)
  }

  @Test(arguments: [DType.int32, .int64]) func wholeNumbers(type: DType) {
    let x = Tensor([-3, 0, 2], dtype: type)
    #expect(x.abs() == Tensor([3, 0, 2], dtype: type) && x.sign() == Tensor([-1, 0, 1], dtype: type))
    #expect(x.square() == Tensor([9, 0, 4], dtype: type) && x.relu() == Tensor([0, 0, 2], dtype: type))
    #expect(x.clamp(min: -1, max: 1) == Tensor([-1, 0, 1], dtype: type))
    #expect(x.clamp(max: 1) == Tensor([-3, 0, 1], dtype: type) && x.pow(3) == Tensor([-27, 0, 8], dtype: type))
    #expect(x.cumsum(axis: 0) == Tensor([-3, -3, -1], dtype: .int64) && x.prod() == Tensor(0, dtype: .int64))
  }

  @Test func reductionsAndScans() {
    let x = Tensor([[1.5, -2, 0.5], [3, 0.25, -1]], dtype: .float64)
    #expect(isClose(x.variance(axes: [1]), [3.25, 4.1875]))
    #expect(isClose(x.variance(correction: 0, keepDims: true), [2.6197916666666665]))
    #expect(isClose(x.standardDeviation(axes: [0]), [1.0606601717798212, 1.590990257669732, 1.0606601717798212]))
    let norms: [(Double, [Double])] = [
      (0, [3, 3]), (1, [4, 4.25]), (2, [2.5495097567963922, 3.17214438511238]),
      (3, [2.2571787177370006, 3.0371537085395803]), (.infinity, [2, 3]), (-.infinity, [0.5, 0.25]),
    ]
    for (p, values) in norms { #expect(isClose(x.norm(p, axes: [1]), values), "\(p)") }
    #expect(isClose(x.logSumExp(axes: [1]), [1.8350975955161672, 3.0790362014040995]))
    #expect(isClose(x.prod(axes: [1]), [-1.5, -0.75]))
    #expect(isClose(x.cumsum(axis: 1), [1.5, -0.5, 0, 3, 3.25, 2.25]))
    #expect(isClose(x.cumprod(axis: 0), [1.5, -2, 0.5, 4.5, -0.5, -0.5]))
    #expect(
      isClose(
        x.softmax(),
        [
          0.7152682759694339, 0.021599230379269717, 0.2631324936512963, 0.9240064735078669, 0.05906975759251023,
          0.016923768899622816,
        ]))
    #expect(
      isClose(
        x.logSoftmax(axis: 0),
        [
          -1.7014132779827524, -2.350206558916747, -0.20141327798275246, -0.20141327798275246, -0.10020655891674712,
          -1.7014132779827524,
        ]))
  }

  // numpy: x = np.arange(12).reshape(3, 4)
  @Test func axes() {
    let x = Tensor.arange(12).reshape([3, 4])
    #expect(x.flatten() == .arange(12) && x.reshape([3, 2, 2]).flatten(startAxis: 1) == x)
    #expect(x.flip(axes: [0, -1])[0] == [11, 10, 9, 8] && x.slice([.index(1), .stride(by: -2)]) == [7, 5])
    #expect(x.slice(axis: 1, from: 1, to: -1, step: 1)[2] == [9, 10] && x.select(axis: -1, -1) == [3, 7, 11])
    #expect(x.roll([1, -1], axes: [0, 1])[0] == [9, 10, 11, 8] && x.roll([5])[0] == [7, 8, 9, 10])
    #expect(x.roll(.min, axis: 0) == x.roll(.min % 3, axis: 0))
    #expect(x.split([1, 3], axis: 1)[1][0] == [1, 2, 3] && x.split(2).map(\.shape) == [[2, 4], [1, 4]])
    #expect(x.chunk(2, axis: 1)[1][2] == [10, 11])
    #expect(Tensor([1, 2]).repeated([2, 2]) == [[1, 2, 1, 2], [1, 2, 1, 2]])
    #expect(
      Tensor([1, 2]).repeatInterleaved(2) == [1, 1, 2, 2] && x.repeatInterleaved([0, 2, 0], axis: 0) == x[[1, 1]])
    #expect(x.lowerTriangle()[1] == [4, 5, 0, 0] && x.upperTriangle(offset: 1)[0] == [0, 1, 2, 3])
    #expect(x.maskedSelect(x .> 9) == [10, 11])
  }

  // torch: x.sort, x.topk, x.max(dim), x.min(dim)
  @Test func order() {
    let x = Tensor([[2, 9, 4], [7, 1, 7]])
    let sorted = x.sort(descending: true)
    #expect(sorted.values == [[9, 4, 2], [7, 7, 1]])
    #expect(sorted.indices == Tensor([[1, 2, 0], [0, 2, 1]], dtype: .int64))
    #expect(x.topK(1, largest: false).values == [[2], [1]])
    #expect(x.topK(1, axis: 0).indices == Tensor([[1, 0, 1]], dtype: .int64))
    #expect(x.max(axis: 1).values == [9, 7] && x.max(axis: 1, keepDims: true).indices.shape == [2, 1])
    #expect(x.min(axis: 0).values == [2, 1, 4] && x.min(axis: 0).indices == Tensor([0, 1, 0], dtype: .int64))
    let many = Tensor.zeros([1 << 50, 0])  // rows that nobody could go over
    #expect(many.sort().values.shape == [1 << 50, 0] && many.topK(0).indices.shape == [1 << 50, 0])
    #expect(Tensor(3).sort().values.item() == 3 && Tensor(3).max(axis: 0).indices.item() == 0)
  }
}
