import Foundation
import NN
import Testing

/// Layers that compute their weight, bags of rows, and losses over several labels, against PyTorch's numbers (float64).
@Suite struct ParametrizationTests {
  // nn.utils.parametrizations.weight_norm(nn.Linear(3, 2)) with original0 = [[2], [-1]], original1 =
  // sin(arange(6)), bias [0.5, -0.5]; y of sin(0.5·arange(6)), and gradients of [[1, 2], [3, 4]]
  @Test func weightNormalization() throws {
    let layer = WeightNorm(Linear(weight: wave(sin, [2, 3]), bias: float64([0.5, -0.5])))
    #expect(
      layer.parameters.map(\.name) == [
        "bias", "parametrizations.weight.original0", "parametrizations.weight.original1",
      ])
    #expect(layer.parameters[1].element.shape == [2, 1])
    let x = Variable(wave({ sin(0.5 * $0) }, [2, 3]))
    let plain = Linear(weight: wave(sin, [2, 3]), bias: float64([0.5, -0.5]))
    expectClose(layer(x).value, plain(x).value)
    var state = layer.stateDict()
    state["parametrizations.weight.original0"] = float64([[2], [-1]])
    try layer.load(state)
    let y = layer(x)
    expectClose(
      y.value, float64([[2.3864503987498162, 0.4512258993801015], [2.613693099321055, 0.41182177452160673]]))
    y.backward(gradient: float64([[1, 2], [3, 4]]))
    let gradients = layer.parameters.map { $0.element.grad?.value }
    expectClose(gradients[0], float64([4, 6]))
    expectClose(gradients[1], float64([[4.113764848356491], [-5.54973889684663]]))
    expectClose(
      gradients[2],
      float64([
        [4.830839447121539, 0.6670954207895619, -0.6173353449951455],
        [-3.7625430992748967, -0.9600360610847458, 0.20396560947210182],
      ]))
  }

  @Test func lengthsOfAnyAxis() {
    #expect(WeightNorm(Conv2D(2, 3, kernel: 2)).parameters[1].element.shape == [3, 1, 1, 1])
    #expect(WeightNorm(Conv2D(2, 3, kernel: 2), axis: -3).parameters[1].element.shape == [1, 2, 1, 1])
    #expect(WeightNorm(Linear(3, 2), axis: nil).parameters[1].element.shape == [])
    let net = Sequential(WeightNorm(Linear(3, 2, bias: false)), Tanh())
    #expect(net.parameters.map(\.name).first == "0.parametrizations.weight.original0")
    #expect(net.parameterCount == 8 && WeightNorm(Linear(3, 2)).summary == "WeightNorm of Linear 3 -> 2")
  }

  // nn.utils.parametrizations.spectral_norm(nn.Conv2d(2, 3, (1, 2))) with original = sin(arange(12)), bias 0,
  // _u and _v the directions of sin(arange(3)) + 1 and sin(arange(4)) + 0.5; y of sin(0.5·arange(12)), and
  // its gradient of sin(0.3·arange(12))
  @Test func spectralNormalization() throws {
    let layer = SpectralNorm(Conv2D(2, 3, kernel: [1, 2], dtype: .float64))
    let names = [
      "bias", "parametrizations.weight.original", "parametrizations.weight.0._u", "parametrizations.weight.0._v",
    ]
    #expect(Set(layer.stateDict().keys) == Set(names))
    func direction(_ x: Tensor) -> Tensor { x / x.square().sum().sqrt() }
    try layer.load([
      names[0]: wave({ _ in 0 }, [3]), names[1]: wave(sin, [3, 2, 1, 2]), names[2]: direction(wave(sin, [3]) + 1),
      names[3]: direction(wave(sin, [4]) + 0.5),
    ])
    let x = Variable(wave({ sin(0.5 * $0) }, [1, 2, 2, 3]))
    let y = layer(x)
    let expected: [Double] = [
      0.3101615606912176, 0.18157098290387338, -0.16660732967534198, -0.30094887040465196, -0.4692708065024287,
      -1.0090872949765644, -1.2758639263912022, -0.937507845801111, 0.3033101775644522, 1.137595963608025,
      1.834527962826562, 1.5265409162396182,
    ]
    expectClose(y.flatten().value, Tensor(expected))
    y.backward(gradient: wave({ sin(0.3 * $0) }, y.shape))
    let gradient = layer.parameters.first { $0.name == names[1] }?.element.grad
    let slopes: [Double] = [
      1.220019190775367, 2.0240910816510445, 0.11843408627306662, -0.9742626457022479, 1.2351820773907491,
      0.9221370896149301, -1.955054756556529, -1.6051740843808395, 0.0856158258075378, 0.28384227240993387,
      -0.17396264037775216, -0.35761879085963394,
    ]
    expectClose(gradient?.flatten().value, Tensor(slopes))
    let u = layer.stateDict()[names[2]]
    expectClose(u, float64([0.830615428125379, -0.5438367337646557, -0.11966460449223976]))
    // In evaluation nothing moves.
    layer.eval()
    expectClose(layer(x).flatten().value, Tensor(expected))
    #expect(layer.stateDict()[names[2]] == u)
  }

  @Test func largestSingularValueBecomesOne() {
    let layer = SpectralNorm(ConvTranspose2D(2, 3, kernel: [1, 2], dtype: .float64), iterations: 30)
    #expect(layer.stateDict()["parametrizations.weight.0._u"]?.shape == [3])
    let dense = SpectralNorm(Linear(5, 4, bias: false, dtype: .float64), iterations: 200)
    let rows = dense(Variable(Tensor.eye(5, dtype: .float64)))
    #expect(abs(rows.matrixNorm(.largestSingularValue).item() - 1) < 1e-6)
  }

  // F.embedding_bag(torch.tensor([3, 1, 4, 1, 0, 2]), sin(arange(10)).reshape(5, 2), torch.tensor([0, 2, 2,
  // 5]), mode, padding_idx), and the gradient of arange(1, 9).reshape(4, 2)
  @Test func bagsOfRows() {
    let indices = Tensor([3, 1, 4, 1, 0, 2], dtype: .int64)
    let cases: [(Variable.BagMode, Int?, TensorLiteral, TensorLiteral)] = [
      (
        .sum, nil, [[0.6298819286267558, 0.7981066067786563], [0, 0], [1.8986556734490634, 1.3947094781095202]],
        [[5, 6], [6, 8], [7, 8], [1, 2], [5, 6]]
      ),
      (
        .sum, 1, [[-0.27941549819892586, 0.6569865987187891], [0, 0], [0.9893582466233818, 1.253589470049653]],
        [[5, 6], [0, 0], [7, 8], [1, 2], [5, 6]]
      ),
      (
        .mean, nil, [[0.3149409643133779, 0.39905330338932815], [0, 0], [0.6328852244830211, 0.46490315936984006]],
        [[1.6666666666666665, 2], [2.1666666666666665, 3], [7, 8], [0.5, 1], [1.6666666666666665, 2]]
      ),
      (
        .mean, 1, [[-0.27941549819892586, 0.6569865987187891], [0, 0], [0.4946791233116909, 0.6267947350248265]],
        [[2.5, 3], [0, 0], [7, 8], [1, 2], [2.5, 3]]
      ),
      (
        .max, nil, [[0.9092974268256817, 0.6569865987187891], [0, 0], [0.9893582466233818, 0.8414709848078965]],
        [[0, 6], [1, 0], [7, 8], [0, 2], [5, 0]]
      ),
      (
        .max, -4, [[-0.27941549819892586, 0.6569865987187891], [0, 0], [0.9893582466233818, 0.8414709848078965]],
        [[0, 6], [0, 0], [7, 8], [1, 2], [5, 0]]
      ),
    ]
    for (mode, padding, value, gradient) in cases {
      let bags = EmbeddingBag(weight: wave(sin, [5, 2]), mode: mode, paddingIndex: padding)
      let y = bags(indices, offsets: [0, 2, 2, 5])
      expectClose(y.value[..<3], float64(value))
      expectClose(y.value[3], float64([-0.7568024953079282, -0.9589242746631385]))
      y.backward(gradient: Tensor.arange(1, 9, dtype: .float64).reshape([4, 2]))
      expectClose(bags.weight.grad?.value, float64(gradient))
    }
    let weights = Variable(float64([[1, 2], [0.5, -1]]), requiresGrad: true)
    let bags = EmbeddingBag(weight: wave(sin, [5, 2]), mode: .sum)
    let y = bags(Tensor([[0, 1], [4, 4]], dtype: .int64), weights: weights)
    expectClose(
      y.value, float64([[1.8185948536513634, 1.123711000927631], [-0.4946791233116909, -0.2060592426208783]]))
    y.backward(gradient: float64([[1, 2], [3, 4]]))
    expectClose(
      weights.grad?.value,
      float64([[1.682941969615793, 1.1915374429454162], [4.616548680837171, 4.616548680837171]]))
    expectClose(bags.weight.grad?.value, float64([[1, 2], [2, 4], [0, 0], [0, 0], [-1.5, -2]]))
    #expect(bags(Tensor.zeros([0], dtype: .int64), offsets: []).shape == [0, 2])
    #expect(bags(Tensor.zeros([3, 0], dtype: .int64)).value == .zeros([3, 2], dtype: .float64))
  }

  // F.max_pool2d(sin(arange(40)).reshape(1, 2, 5, 4), 3, 2, 1, return_indices=True), F.max_unpool2d
  @Test func valuesPutBack() {
    let x = Variable(wave(sin, [1, 2, 5, 4]))
    let pool = MaxPool2D(3, stride: 2, padding: 1)
    let (values, indices) = pool.withIndices(x)
    #expect(values.value == pool(x).value)
    #expect(
      indices == Tensor([[[[1, 2], [8, 14], [13, 14]], [[0, 7], [13, 13], [13, 13]]]], dtype: .int64))
    let leaf = Variable(values.value, requiresGrad: true)
    let y = MaxUnpool2D(3, stride: 2, padding: 1)(leaf, indices, size: [5, 4])
    #expect(y.value.flatten().take(Tensor([1, 2, 8, 13, 14, 20, 27, 33], dtype: .int64)) == y.value[y.value .!= 0])
    #expect(y.value[0, 1, 3, 1] == x.value[0, 1, 3, 1] && y.shape == [1, 2, 5, 4])
    y.backward(gradient: wave({ sin(0.3 * $0) }, y.shape))
    expectClose(
      leaf.grad?.value[0, 0],
      float64([
        [0.29552020666133955, 0.5646424733950354], [0.675463180551151, -0.8715757724135882],
        [-0.6877661591839738, -0.8715757724135882],
      ]))
    #expect(
      values.maxUnpool2d(Tensor.zeros(indices.shape, dtype: .int64), kernel: 3, stride: 2, padding: 1).shape == [
        1, 2, 5, 3,
      ])
    #expect(
      values[0].maxUnpool2d(Tensor.zeros(indices[0].shape, dtype: .int64), kernel: 3, stride: 2, padding: 1).shape == [
        2, 5, 3,
      ])
  }

  // F.lp_pool1d, F.adaptive_avg_pool1d, F.adaptive_max_pool1d, F.adaptive_avg_pool3d, F.local_response_norm,
  // F.channel_shuffle
  @Test func otherPooling() {
    let x = Variable(wave(sin, [1, 1, 6]))
    expectClose(
      LPPool1D(1.5, kernel: 2)(x.abs()).value[0, 0],
      float64([0.8414709848078965, 0.9459925046647589, 1.366497964640492]))
    let sequences = Variable(wave(sin, [1, 2, 5]))
    expectClose(
      AdaptiveAvgPool1D(3)(sequences).value[0],
      float64([
        [0.42073549240394825, 0.6306294732311485, -0.3078412436240305],
        [-0.6191698864310322, 0.455643115714415, 0.7007383659325692],
      ]))
    expectClose(
      AdaptiveMaxPool1D(3)(sequences).value[0, 1],
      float64([-0.27941549819892586, 0.9893582466233818, 0.9893582466233818]))
    let volumes = Variable(wave(sin, [1, 1, 4, 3, 5]))
    expectClose(
      AdaptiveAvgPool3D([2, 2, 3])(volumes).value[0, 0, 1, 0],
      float64([-0.08143557475410254, 0.17652010125593529, 0.1130359123084804]))
    expectClose(
      AdaptiveMaxPool3D([3, 2, 2])(volumes).value[0, 0, 1],
      float64([[0.9129452507276277, 0.9999118601072672], [0.956375928404503, 0.9637953862840878]]))
    expectClose(
      LocalResponseNorm(3, alpha: 0.5, beta: 0.6, k: 2)(Variable(wave(sin, [1, 4, 2]))).value[0, 1],
      float64([0.561490172874609, 0.086188043472313]))
    let shuffled = ChannelShuffle(groups: 2)(Variable(Tensor.arange(6).reshape([1, 6])))
    #expect(shuffled.value == Tensor([[0, 3, 1, 4, 2, 5]]))
  }

  // F.multilabel_margin_loss(sin(arange(12)).reshape(3, 4), [[3, 0, -1, 1], [-1, 0, 2, 1], [1, 2, 3, 0]]);
  // nn.TripletMarginWithDistanceLoss with Σ|x − y|, margin 0.7 and swap, of sin(k·arange(12)) for k = 1, 1.1, 1.3
  @Test func lossesOfSeveralLabelsAndDistances() {
    let scores = Variable(wave(sin, [3, 4]), requiresGrad: true)
    let labels = Tensor([[3, 0, -1, 1], [-1, 0, 2, 1], [1, 2, 3, 0]], dtype: .int64)
    expectClose(
      MultilabelMarginLoss(reduction: .none)(scores, labels).value, float64([1.8048242017868557, 0, 0]))
    let loss = MultilabelMarginLoss()(scores, labels)
    expectClose(loss.value, Tensor([0.6016080672622852], shape: []))
    loss.backward()
    expectClose(scores.grad?.value[0], float64([-1, 1, 1, -1]) / 6)
    #expect(scores.grad?.value[1...] == .zeros([2, 4], dtype: .float64))
    expectClose(multilabelMarginLoss(scores[0], labels[0]).value, Tensor([1.8048242017868557], shape: []))
    let examples = [1, 1.1, 1.3].map { k in Variable(wave({ sin(k * $0) }, [3, 4])) }
    let triplet = TripletMarginWithDistanceLoss(
      distance: { ($0 - $1).abs().sum(axes: [1]) }, margin: 0.7, swap: true, reduction: .none)
    expectClose(
      triplet(anchor: examples[0], positive: examples[1], negative: examples[2]).value,
      float64([0.2540367780681374, 0, 0]))
    let usual = TripletMarginWithDistanceLoss()(anchor: examples[0], positive: examples[1], negative: examples[2])
    expectClose(usual.value, Tensor([0.1311811782097553], shape: []))
  }

  @Test func randomSlopesAndChannels() {
    let layer = RReLU(lower: 0.1, upper: 0.3, generator: RandomGenerator(seed: 1))
    let x = Variable(-Tensor.ones([10_000], dtype: .float64))
    let slopes = -layer(x).value
    #expect(slopes.min().item() >= 0.1 && slopes.max().item() <= 0.3 && abs(slopes.mean().item() - 0.2) < 0.002)
    // Drawn as float32, slopes would lie outside their bounds.
    #expect(RReLU(lower: 0.1, upper: 0.1)(x).value == x.value * 0.1)
    #expect(layer.eval()(x).value == -(Tensor.ones([10_000], dtype: .float64) * 0.2))
    let dropout = FeatureAlphaDropout(0.5, generator: RandomGenerator(seed: 1))
    let y = dropout(Tensor.randomNormal([50, 20, 30], generator: RandomGenerator(seed: 2))).value
    let isDropped = (y .== y[.all, .all, 0..<1]).all(axes: [2])
    #expect(abs(isDropped.cast(to: .float32).mean().item() - 0.5) < 0.05)
    #expect(abs(y.mean().item()) < 0.1 && abs(y.variance().item() - 1) < 0.1)
  }
}
