import NN
import Testing

/// Convolution and pooling against PyTorch 2.13 in float64.
///
/// `wave(n, a, f)` stands for `f(torch.arange(n) * a)`. Each number is Σ t · cos(0.11 · (1, 2, …)) of a result t, so
/// that every element counts; gradients are those of Σ y · sin(0.23 · (0, 1, …)).
@Suite struct ConvolutionTests {
  private static func wave(_ shape: Shape, _ step: Double, _ function: (Tensor) -> Tensor) -> Tensor {
    function(Tensor.arange(shape.elementCount, dtype: .float64) * step).reshape(shape)
  }

  private static func fingerprint(_ t: Tensor?) -> Double {
    guard let t else { return .nan }
    let weights = ((Tensor.arange(t.elementCount, dtype: .float64) + 1) * 0.11).cos()
    return (t.contiguous().reshape([t.elementCount] as Shape) * weights).sum().item()
  }

  private static func expectFingerprint(
    _ t: Tensor?, _ number: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(abs(fingerprint(t) - number) < 1e-10, "\(fingerprint(t))", sourceLocation: sourceLocation)
  }

  /// F.conv2d(x, w, b, stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2)
  @Test func convolutionWithEveryOption() {
    let x = Variable(Self.wave([2, 4, 5, 6], 0.37, { $0.sin() }), requiresGrad: true)
    let w = Variable(Self.wave([6, 2, 3, 2], 0.61, { $0.cos() }), requiresGrad: true)
    let b = Variable(Tensor.arange(6, dtype: .float64) * 0.1, requiresGrad: true)
    let y = x.conv2d(w, bias: b, stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2)
    #expect(y.shape == [2, 6, 3, 8])
    y.backward(gradient: Self.wave(y.shape, 0.23, { $0.sin() }))
    Self.expectFingerprint(y.value, 2.9019579490860723)
    Self.expectFingerprint(x.grad?.value, -217.56446542639523)
    Self.expectFingerprint(w.grad?.value, 0.3624694285424397)
    Self.expectFingerprint(b.grad?.value, 8.021817383077959)
  }

  /// Plain sums are several times nearer to float64 than Winograd's, which both ops take for
  /// 4×4 kernels with a stride of 2.
  @Test func exactAsksForPlainSums() {
    let generator = RandomGenerator(seed: 5)
    let x = Tensor.randomNormal([2, 32, 12, 12], generator: generator)
    let w = Tensor.randomNormal([32, 32, 4, 4], generator: generator)
    let (x64, w64) = (Variable(x.cast(to: .float64)), Variable(w.cast(to: .float64)))
    func error(_ y: Variable, _ y64: Variable) -> Double {
      ((y.value.cast(to: .float64) - y64.value).norm() / y64.value.norm()).item()
    }
    func errors(_ op: (Variable, Variable, Bool) -> Variable) -> (fast: Double, exact: Double) {
      let y64 = op(x64, w64, true)
      return (error(op(Variable(x), Variable(w), false), y64), error(op(Variable(x), Variable(w), true), y64))
    }
    let plain = errors { $0.conv2d($1, stride: 2, padding: 1, exact: $2) }
    let transposed = errors { $0.convTranspose2d($1, stride: 2, padding: 1, exact: $2) }
    #expect(plain.fast < 5e-6 && plain.exact < plain.fast / 1.5, "\(plain)")
    #expect(transposed.fast < 5e-6 && transposed.exact < transposed.fast / 1.5, "\(transposed)")
  }

  /// Layers hand their switch to the op: `exact` changes the last bits where transformed tiles are taken without it.
  @Test func layersHandOnExact() {
    func isSwitched(_ shape: Shape, _ layer: (Bool, RandomGenerator) -> Module) -> Bool {
      let x = Tensor.randomNormal(shape, generator: RandomGenerator(seed: 7))
      func y(_ exact: Bool) -> Tensor { layer(exact, RandomGenerator(seed: 8))(x).value }
      return y(true) == y(true) && y(true) != y(false)
    }
    #expect(isSwitched([2, 32, 12, 12]) { Conv2D(32, 32, kernel: 3, exact: $0, generator: $1) })
    #expect(isSwitched([2, 32, 3, 12, 12]) { Conv3D(32, 32, kernel: 3, exact: $0, generator: $1) })
    #expect(isSwitched([2, 32, 12, 12]) { ConvTranspose2D(32, 32, kernel: 3, exact: $0, generator: $1) })
    #expect(isSwitched([2, 32, 3, 12, 12]) { ConvTranspose3D(32, 32, kernel: 3, exact: $0, generator: $1) })
  }

  struct PoolingCase: Sendable {
    let name: String
    let shape: Shape
    let value: Double
    let gradient: Double
    let pool: @Sendable (Variable) -> Variable
  }

  static let poolingCases = [
    PoolingCase(
      name: "max_pool2d(x, (3, 2), stride=(2, 1), padding=(1, 1), dilation=(1, 2))", shape: [2, 4, 3, 6],
      value: -2.937619100594362, gradient: -1.7131060874785407
    ) { $0.maxPool2d([3, 2], stride: [2, 1], padding: 1, dilation: [1, 2]) },
    PoolingCase(
      name: "max_pool2d(x, 2, ceil_mode=True)", shape: [2, 4, 3, 3], value: 6.328654867053904,
      gradient: -6.394370089929515
    ) { $0.maxPool2d(2, ceilMode: true) },
    PoolingCase(
      name: "avg_pool2d(x, (3, 2), stride=(2, 1), padding=(1, 1))", shape: [2, 4, 3, 7], value: 0.27421290671940524,
      gradient: 0.9571577110868829
    ) { $0.avgPool2d([3, 2], stride: [2, 1], padding: 1) },
    PoolingCase(
      name: "avg_pool2d(x, 2, stride=3, padding=1, ceil_mode=True, count_include_pad=False)", shape: [2, 4, 2, 3],
      value: -0.6497605921436571, gradient: -2.580526507365832
    ) { $0.avgPool2d(2, stride: 3, padding: 1, ceilMode: true, countsPadding: false) },
    PoolingCase(
      name: "avg_pool2d(x, 2, stride=3, padding=1, ceil_mode=True)", shape: [2, 4, 2, 3], value: -0.36245539552804146,
      gradient: -1.4642102103712529
    ) { $0.avgPool2d(2, stride: 3, padding: 1, ceilMode: true) },
    PoolingCase(
      name: "avg_pool2d(x, 2, divisor_override=3)", shape: [2, 4, 2, 3], value: -0.06600987459412372,
      gradient: -3.9116183560837943
    ) { $0.avgPool2d(2, divisor: 3) },
  ]

  @Test(arguments: poolingCases.indices) func pooling(_ number: Int) {
    let test = Self.poolingCases[number]
    let x = Variable(Self.wave([2, 4, 5, 6], 0.37, { $0.sin() }), requiresGrad: true)
    let y = test.pool(x)
    #expect(y.shape == test.shape, "\(test.name)")
    y.backward(gradient: Self.wave(y.shape, 0.23, { $0.sin() }))
    Self.expectFingerprint(y.value, test.value)
    Self.expectFingerprint(x.grad?.value, test.gradient)
  }

  @Test func sizesCanBeVariables() {
    let n = [1, 2][1]
    #expect(Pair(n) == 2 && Padding(n) == 2 && Triple(n) == 2 && AxisPadding(n) == 2)
  }

  /// The numbers of a course's notebook: identity kernels times 1 and 2.
  @Test func notebookNumbers() {
    let x = Variable(Tensor.arange(32).reshape([1, 2, 4, 4]))
    let eye = Tensor.eye(3)
    let kernel = Tensor.stack([eye, eye * 2])
    let w = Variable(Tensor.stack([kernel, kernel]))
    #expect(x.conv2d(w).value == Tensor([[[[141, 150], [177, 186]], [[141, 150], [177, 186]]]]))
    let biased = x.conv2d(w, bias: Variable([1, 2]))
    #expect(biased.value == Tensor([[[[142, 151], [178, 187]], [[143, 152], [179, 188]]]]))
    #expect(x.conv2d(w, padding: .same).shape == [1, 2, 4, 4])
  }

  /// Winograd's algorithm (float32, 3×3 and 5×5) against plain sums in float64.
  @Test(arguments: [(3, 1), (5, 2)]) func transformedTilesAreClose(_ size: Int, _ padding: Int) {
    let generator = RandomGenerator(seed: 3)
    let x = Tensor.randomNormal([2, 16, 13, 11], generator: generator)
    let w = Tensor.randomNormal([16, 16, size, size], generator: generator)
    func results(_ dtype: DType) -> [Tensor] {
      let (x, w) = (
        Variable(x.cast(to: dtype), requiresGrad: true), Variable(w.cast(to: dtype), requiresGrad: true)
      )
      let y = x.conv2d(w, padding: .sides(top: padding, left: padding, bottom: padding, right: padding))
      y.square().sum().backward()
      return [y.value, x.grad?.value, w.grad?.value].compactMap { $0?.cast(to: .float64) }
    }
    for (found, expected) in zip(results(.float32), results(.float64)) {
      let error = ((found - expected) * (found - expected)).sum().item().squareRoot()
      #expect(error <= 5e-6 * (expected * expected).sum().item().squareRoot())
    }
  }

  @Test func layersNameTheirParametersAndSizes() {
    let net = Sequential(Conv2D(4, 8, kernel: [3, 5], groups: 2), MaxPool2D(2), AvgPool2D(2), Flatten())
    #expect(net.parameters.map(\.name) == ["0.weight", "0.bias"])
    #expect(net.parameters.map(\.element.shape) == [[8, 2, 3, 5], [8]])
    #expect(net[0].description == "Conv2D 4 -> 8, 3×5")
    #expect(net(Tensor.zeros([3, 4, 14, 16])).shape == [3, 72])
  }

  static let mistakes = [
    Mistake("Conv2D 4 -> 8, 3×3: wants [N, 4, H, W], got [1, 3, 8, 8]") {
      _ = Conv2D(4, 8, kernel: 3)(Tensor.zeros([1, 3, 8, 8]))
    },
    Mistake("conv2d: the kernel spans 3×3 pixels, which does not fit the padded input of 2×9") {
      _ = Conv2D(1, 1, kernel: 3)(Tensor.zeros([1, 1, 2, 9]))
    },
    Mistake("conv2d: the weight [4, 3, 3, 3] in 2 groups wants 6 channels") {
      _ = Variable(Tensor.zeros([1, 4, 8, 8])).conv2d(Variable(Tensor.zeros([4, 3, 3, 3])), groups: 2)
    },
    Mistake("conv2d: types differ, got float32 [1, 1, 8, 8] and float64 [1, 1, 3, 3]") {
      _ = Variable(Tensor.zeros([1, 1, 8, 8])).conv2d(Variable(Tensor.zeros([1, 1, 3, 3], dtype: .float64)))
    },
    Mistake("conv2d: the bias must have shape [2], got [3]") {
      _ = Variable(Tensor.zeros([1, 1, 8, 8])).conv2d(
        Variable(Tensor.zeros([2, 1, 3, 3])), bias: Variable(Tensor.zeros([3])))
    },
    Mistake("maxPool2d: wants an input [N, C, H, W], got [8, 8]") {
      _ = MaxPool2D(2)(Tensor.zeros([8, 8]))
    },
    Mistake("MaxPool2D: padding must be at most half of the kernel, which spans 2×2, got 2×2") {
      _ = MaxPool2D(2, padding: 2)(Tensor.zeros([1, 1, 8, 8]))
    },
    Mistake("avgPool2d: a kernel that spans 9 does not fit 8 pixels with padding 0") {
      _ = AvgPool2D(9)(Tensor.zeros([1, 1, 8, 8]))
    },
    Mistake("Conv2D: 3 groups must divide 4 inputs and 6 outputs") { _ = Conv2D(4, 6, kernel: 3, groups: 3) },
  ]

  @Test(arguments: mistakes.indices) func mistakeStopsTheProgram(_ number: Int) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent],
      performing: { [number] in ConvolutionTests.mistakes[number].commit() })
    expectSentence(result, Self.mistakes[number].sentence)
  }
}
