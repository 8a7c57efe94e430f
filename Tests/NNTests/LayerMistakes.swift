import NN

private func x(_ shape: Shape, _ dtype: DType = .float32) -> Tensor { .zeros(shape, dtype: dtype) }

/// Misuse of layers: wrong sizes and wrong inputs.
let layerMistakes = denseMistakes + convolutionMistakes + normalizationMistakes + functionMistakes + typeMistakes

private let typeMistakes = [
  Mistake("Linear: parameters are float32 or float64, got int64") { _ = Linear(2, 2, dtype: .int64) },
  Mistake("Linear: parameters are float32 or float64, got int32") { _ = Linear(weight: x([2, 2], .int32)) },
  Mistake("Linear: the bias must be float32 [2], got float64 [2]") {
    _ = Linear(weight: x([2, 2]), bias: x([2], .float64))
  },
  Mistake("Conv2D: parameters are float32 or float64, got int32") { _ = Conv2D(1, 1, kernel: 1, dtype: .int32) },
  Mistake("BatchNorm1D: parameters are float32 or float64, got bool") { _ = BatchNorm1D(3, dtype: .bool) },
  Mistake("LSTM: parameters are float32 or float64, got uint8") { _ = LSTM(2, 3, dtype: .uint8) },
]

private let denseMistakes = [
  Mistake("Linear: sizes must be at least 1, got 0 and 3") { _ = Linear(0, 3) },
  Mistake("Linear: the weight must be [outputs, inputs], got [3]") { _ = Linear(weight: .zeros([3])) },
  Mistake("Linear: the bias must be float32 [2], got float32 [3]") {
    _ = Linear(weight: .zeros([2, 3]), bias: .zeros([3]))
  },
  Mistake("Linear 4 -> 2: wants 4 features in the last axis, got [5, 3]") { _ = Linear(4, 2)(x([5, 3])) },
  Mistake("Linear 4 -> 2: wants 4 features in the last axis, got []") { _ = Linear(4, 2)(x([])) },
  Mistake("Linear 4 -> 2: linear: types differ, got float64 [5, 4] and float32 [2, 4]") {
    _ = Linear(4, 2)(x([5, 4], .float64))
  },
  Mistake(
    "AdaptiveLogSoftmaxWithLoss: the cutoffs must rise, from at least 1 to below 9 classes, got [4, 9]"
  ) { _ = AdaptiveLogSoftmaxWithLoss(8, classes: 9, cutoffs: [4, 9]) },
  Mistake(
    "AdaptiveLogSoftmaxWithLoss: 8 inputs are too few for 2 clusters, each 4.0 times narrower than the one before"
  ) { _ = AdaptiveLogSoftmaxWithLoss(8, classes: 9, cutoffs: [2, 4]) },
  Mistake("AdaptiveLogSoftmaxWithLoss 8 -> 9, cutoffs 4: wants [N, 8] or [8], got [2, 7]") {
    _ = AdaptiveLogSoftmaxWithLoss(8, classes: 9, cutoffs: [4]).predict(Variable(x([2, 7])))
  },
  Mistake("AdaptiveLogSoftmaxWithLoss: label 9 in row 1 is out of range for 9 classes") {
    _ = AdaptiveLogSoftmaxWithLoss(8, classes: 9, cutoffs: [4])(Variable(x([2, 8])), Tensor([0, 9], dtype: .int64))
  },
  Mistake("wants one label for each row of [2, 8], got [1]") {
    _ = AdaptiveLogSoftmaxWithLoss(8, classes: 9, cutoffs: [4])(Variable(x([2, 8])), Tensor([0], dtype: .int64))
  },
  Mistake("Bilinear: sizes must be at least 1, got 2, 0 and 1") { _ = Bilinear(2, 0, 1) },
  Mistake("Bilinear 2, 3 -> 1: wants [..., 2] and [..., 3], got [4, 3] and [4, 2]") {
    _ = Bilinear(2, 3, 1)(Variable(x([4, 3])), Variable(x([4, 2])))
  },
  Mistake("Bilinear 2, 3 -> 1: wants [..., 2] and [..., 3], got [4, 2] and [5, 3]") {
    _ = Bilinear(2, 3, 1)(Variable(x([4, 2])), Variable(x([5, 3])))
  },
  Mistake("Embedding: sizes must be at least 1, got 0 and 4") { _ = Embedding(0, 4) },
  Mistake("EmbeddingBag: sizes must be at least 1, got 0 and 4") { _ = EmbeddingBag(0, 4) },
  Mistake("EmbeddingBag 5, 2: embeddingBag: index 7 (number 1) is out of range for a table of 5 rows") {
    _ = EmbeddingBag(5, 2)(Tensor([[0, 7]], dtype: .int64))
  },
  Mistake("WeightNorm: wants a layer with a parameter named weight, got Tanh") { _ = WeightNorm(Tanh()) },
  Mistake("SpectralNorm: wants at least one iteration, got 0") { _ = SpectralNorm(Linear(2, 2), iterations: 0) },
  Mistake("Linear 4 -> 2: wants 4 features in the last axis, got [5, 3]") {
    _ = WeightNorm(Linear(4, 2))(x([5, 3]))
  },
  Mistake("RReLU: the lower bound must not be above the upper one, got 1.0 and 0.5") {
    _ = RReLU(lower: 1, upper: 0.5)
  },
  Mistake("Softmax2D: wants [N, C, H, W] or [C, H, W], got [2, 2]") { _ = Softmax2D()(x([2, 2])) },
  Mistake("ChannelShuffle: wants at least one group, got 0") { _ = ChannelShuffle(groups: 0) },
  Mistake("LPPool2D: the power must not be 0") { _ = LPPool2D(0, kernel: 2) },
  Mistake("InstanceNorm1D 3: wants [N, 3, L], got [2, 3]") { _ = InstanceNorm1D(3)(x([2, 3])) },
  Mistake("AdaptiveAvgPool3D: the output must be at least 1 along each axis") { _ = AdaptiveAvgPool3D([1, 0, 2]) },
  Mistake("Embedding: padding index 5 is out of range for 5 rows") { _ = Embedding(5, 2, paddingIndex: 5) },
  Mistake("Embedding: padding index -6 is out of range for 5 rows") {
    _ = Embedding(weight: x([5, 2]), paddingIndex: -6)
  },
  Mistake("Embedding: the weight must be float32 or float64 [count, width], got float32 [3]") {
    _ = Embedding(weight: x([3]))
  },
  Mistake("Embedding 5, 2: embedding: index 7 (number 1) is out of range for a table of 5 rows") {
    _ = Embedding(5, 2)(Tensor([0, 7], dtype: .int64))
  },
  Mistake("Embedding 5, 2: embedding: indices must be int64 or int32, got float32 [2]") { _ = Embedding(5, 2)(x([2])) },
]

private let convolutionMistakes = [
  Mistake("Conv1D: 2 groups must divide 3 inputs and 4 outputs, all at least 1") {
    _ = Conv1D(3, 4, kernel: 1, groups: 2)
  },
  Mistake("Conv1D: the stride must be at least 1 along each axis, got 0") { _ = Conv1D(3, 4, kernel: 5, stride: 0) },
  Mistake("Conv1D: padding must be one number, none negative, got [-1]") {
    _ = Conv1D(3, 4, kernel: 5, padding: -1)
  },
  Mistake("Conv2D: the stride must be at least 1 along each axis, got 1×0") {
    _ = Conv2D(3, 4, kernel: 3, stride: [1, 0])
  },
  Mistake("Conv2D: padding must not be negative, got top 0, left -2, bottom 0, right -2") {
    _ = Conv2D(3, 4, kernel: 3, padding: [0, -2])
  },
  Mistake("Conv3D: the dilation must be at least 1 along each axis, got 0×0×0") {
    _ = Conv3D(3, 4, kernel: 3, dilation: 0)
  },
  Mistake("Conv3D: padding must be one number or 3, none negative, got [1, 1]") {
    _ = Conv3D(3, 4, kernel: 3, padding: [1, 1])
  },
  Mistake("ConvTranspose2D: padding must not be negative, got -1") {
    _ = ConvTranspose2D(3, 4, kernel: 3, padding: -1)
  },
  Mistake("Conv1D 3 -> 4, 5: wants [N, 3, L], got [2, 4, 9]") { _ = Conv1D(3, 4, kernel: 5)(x([2, 4, 9])) },
  Mistake("Conv1D 3 -> 4, 5: conv1d: the kernel spans [5], which does not fit the padded input of [4]") {
    _ = Conv1D(3, 4, kernel: 5)(x([2, 3, 4]))
  },
  Mistake("Conv2D: the kernel must be at least 1 along each axis, got 3×0") { _ = Conv2D(1, 1, kernel: [3, 0]) },
  Mistake("Conv2D 3 -> 4, 3×3: wants [N, 3, H, W], got [2, 1, 8, 8]") { _ = Conv2D(3, 4, kernel: 3)(x([2, 1, 8, 8])) },
  Mistake("Conv2D 3 -> 4, 3×3: wants [N, 3, H, W], got [2, 192]") { _ = Conv2D(3, 4, kernel: 3)(x([2, 192])) },
  Mistake("Conv2D 3 -> 4, 3×3: conv2d: ") { _ = Conv2D(3, 4, kernel: 3)(x([2, 3, 2, 2])) },
  Mistake("Conv3D: the kernel must be at least 1 along each axis, got 1×1×0") { _ = Conv3D(1, 1, kernel: [1, 1, 0]) },
  Mistake("Conv3D 2 -> 1, 3×3×3: wants [N, 2, D, H, W], got [2, 8, 8]") { _ = Conv3D(2, 1, kernel: 3)(x([2, 8, 8])) },
  Mistake("Conv3D 2 -> 1, 3×3×3: wants [N, 2, D, H, W], got [1, 3, 4, 4, 4]") {
    _ = Conv3D(2, 1, kernel: 3)(x([1, 3, 4, 4, 4]))
  },
  Mistake("ConvTranspose1D: 1 groups must divide 0 inputs and 4 outputs") { _ = ConvTranspose1D(0, 4, kernel: 1) },
  Mistake("ConvTranspose1D 3 -> 4, 2: wants [N, 3, L], got [2, 4, 9]") {
    _ = ConvTranspose1D(3, 4, kernel: 2)(x([2, 4, 9]))
  },
  Mistake("ConvTranspose1D: outputPadding must be smaller than the stride or the dilation, got 1 with stride 1") {
    _ = ConvTranspose1D(1, 1, kernel: 2, outputPadding: 1)
  },
  Mistake("ConvTranspose2D: 3 groups must divide 3 inputs and 4 outputs") {
    _ = ConvTranspose2D(3, 4, kernel: 1, groups: 3)
  },
  Mistake("ConvTranspose2D 4 -> 2, 2×2: wants [N, 4, H, W], got [2, 2, 5, 5]") {
    _ = ConvTranspose2D(4, 2, kernel: 2)(x([2, 2, 5, 5]))
  },
  Mistake("ConvTranspose2D 4 -> 2, 2×2: convTranspose2d: types differ") {
    _ = ConvTranspose2D(4, 2, kernel: 2)(x([2, 4, 5, 5], .float64))
  },
]

private let normalizationMistakes = [
  Mistake("BatchNorm1D: wants at least one channel, got 0") { _ = BatchNorm1D(0) },
  Mistake("BatchNorm1D 3: wants [N, 3] or [N, 3, L], got [2, 4]") { _ = BatchNorm1D(3)(x([2, 4])) },
  Mistake("BatchNorm1D 3: wants more than one value a channel to train with, got [1, 3]") {
    _ = BatchNorm1D(3)(x([1, 3]))
  },
  Mistake("BatchNorm2D: wants at least one channel, got -1") { _ = BatchNorm2D(-1) },
  Mistake("BatchNorm2D 3: wants [N, 3, H, W], got [2, 3]") { _ = BatchNorm2D(3)(x([2, 3])) },
  Mistake("BatchNorm2D 3: wants [N, 3, H, W], got [2, 4, 5, 5]") { _ = BatchNorm2D(3).eval()(x([2, 4, 5, 5])) },
  Mistake("LayerNorm: sizes must be at least 1, got [2, 0]") { _ = LayerNorm([2, 0]) },
  Mistake("LayerNorm [2, 3]: wants [..., 2, 3], got [3, 2]") { _ = LayerNorm([2, 3])(x([3, 2])) },
  Mistake("LayerNorm [3]: layerNorm: the weight must be float64 [3], got float32 [3]") {
    _ = LayerNorm(3)(x([2, 3], .float64))
  },
  Mistake("RMSNorm: sizes must be at least 1, got []") { _ = RMSNorm([]) },
  Mistake("RMSNorm [3]: wants [..., 3], got [3, 2]") { _ = RMSNorm(3)(x([3, 2])) },
  Mistake("RMSNorm [3]: wants [..., 3], got []") { _ = RMSNorm(3)(x([])) },
  Mistake("GroupNorm: 3 groups must divide 4 channels, both at least 1") { _ = GroupNorm(3, 4) },
  Mistake("GroupNorm 2 of 4: wants [N, 4, ...], got [2, 6, 3]") { _ = GroupNorm(2, 4)(x([2, 6, 3])) },
  Mistake("GroupNorm 2 of 4: wants [N, 4, ...], got [4]") { _ = GroupNorm(2, 4)(x([4])) },
  Mistake("InstanceNorm2D: wants at least one channel, got 0") { _ = InstanceNorm2D(0) },
  Mistake("InstanceNorm2D 3: wants [N, 3, H, W], got [2, 4, 5, 5]") { _ = InstanceNorm2D(3)(x([2, 4, 5, 5])) },
  Mistake("InstanceNorm2D 3: wants [N, 3, H, W], got [3, 5, 5]") { _ = InstanceNorm2D(3)(x([3, 5, 5])) },
]

private let functionMistakes = [
  Mistake("Dropout: a probability lies between 0 and 1, got -0.1") { _ = Dropout(-0.1) },
  Mistake("Dropout2D: a probability lies between 0 and 1, got 1.5") { _ = Dropout2D(1.5) },
  Mistake("Dropout2D 0.5: wants [N, C, ...], got [2, 3]") { _ = Dropout2D()(x([2, 3])) },
  Mistake("AlphaDropout: a probability lies between 0 and 1, got 2.0") { _ = AlphaDropout(2) },
  Mistake("DropoutLayer 0.5: has no rule; make a Dropout, a Dropout2D or an AlphaDropout") {
    _ = DropoutLayer()(x([2]))
  },
  Mistake("PReLU: wants at least one slope, got 0") { _ = PReLU(0) },
  Mistake("PReLU 3: wants [N, 3, ...], one slope a channel, got [2, 4]") { _ = PReLU(3)(x([2, 4])) },
  Mistake("PReLU 3: wants [N, 3, ...], one slope a channel, got [3]") { _ = PReLU(3)(x([3])) },
  Mistake("MaxPool1D 2: maxPool1d: ") { _ = MaxPool1D(2)(x([4])) },
  Mistake("MaxPool2D 2×2: maxPool2d: ") { _ = MaxPool2D(2)(x([4, 4])) },
  Mistake("AvgPool1D 2: avgPool1d: ") { _ = AvgPool1D(2)(x([4])) },
  Mistake("AvgPool2D 3×3: avgPool2d: ") { _ = AvgPool2D(3)(x([1, 1, 2, 2])) },
  Mistake("AdaptiveAvgPool2D 2×2: adaptiveAvgPool2d: ") { _ = AdaptiveAvgPool2D(2)(x([4])) },
  Mistake("AdaptiveMaxPool2D: the output must be at least 1 along each axis, got 0×1") {
    _ = AdaptiveMaxPool2D([0, 1])
  },
  Mistake("AdaptiveAvgPool2D: the output must be at least 1 along each axis, got 3×-1") {
    _ = AdaptiveAvgPool2D([3, -1])
  },
  Mistake("MaxPool1D: kernel, stride and dilation must be at least 1, got 2, 0, 1") {
    _ = MaxPool1D(2, stride: 0)
  },
  Mistake("MaxPool2D: kernel, stride and dilation must be at least 1, got 2×2, 2×2, 0×0") {
    _ = MaxPool2D(2, dilation: 0)
  },
  Mistake("AvgPool1D: kernel, stride and dilation must be at least 1, got 0, 0, 1") { _ = AvgPool1D(0) },
  Mistake("AvgPool2D: the divisor must not be 0") { _ = AvgPool2D(2, divisor: 0) },
  Mistake("AvgPool2D: padding must not be negative, got 0×-1") { _ = AvgPool2D(2, padding: [0, -1]) },
  Mistake("MaxPool1D: padding must be at most half of the kernel, which spans 3, got 2") {
    _ = MaxPool1D(3, padding: 2)
  },
  Mistake("GlobalAveragePool: wants [N, C, ...], got [2, 3]") { _ = GlobalAveragePool()(x([2, 3])) },
  Mistake("Unflatten 1 to [2, 4]: wants axis 1 to be divided into [2, 4], got [3, 6]") {
    _ = Unflatten(1, [2, 4])(x([3, 6]))
  },
  Mistake("Unflatten 2 to [2, 3]: wants an axis 2, got [3, 6]") { _ = Unflatten(2, [2, 3])(x([3, 6])) },
  Mistake("Upsample ×2.0: interpolate: wants an input [N, C, ...], got [3, 6]") { _ = Upsample(scale: 2)(x([3, 6])) },
  Mistake("Pad [1, 1, 2, 2, 3, 3]: pad: wants a pair for each of at most 2 axes of [3, 6]") {
    _ = Pad([1, 1, 2, 2, 3, 3])(x([3, 6]))
  },
  Mistake("Pad: wants a pair for each axis, got [1, 2, 3]") { _ = Pad([1, 2, 3]) },
  Mistake("Upsample: the factor must be finite and above 0, got -2.0") { _ = Upsample(scale: -2) },
  Mistake("ConvTranspose3D: padding must not be negative, got -1") {
    _ = ConvTranspose3D(3, 4, kernel: 3, padding: [0, -1, 0])
  },
  Mistake("ConvTranspose3D 4 -> 2, 2×2×2: wants [N, 4, D, H, W], got [2, 4, 5, 5]") {
    _ = ConvTranspose3D(4, 2, kernel: 2)(x([2, 4, 5, 5]))
  },
  Mistake("MaxPool3D: kernel, stride and dilation must be at least 1, got 0×2, 1×1, 1×1") {
    _ = MaxPool3D([2, 0, 2], stride: 1)
  },
  Mistake("AvgPool3D 2×2×2: avgPool3d: wants an input of 5 axes") { _ = AvgPool3D(2)(x([2, 3])) },
  Mistake("BatchNorm3D 3: wants [N, 3, D, H, W], got [2, 3, 4, 4]") { _ = BatchNorm3D(3)(x([2, 3, 4, 4])) },
  Mistake("HardShrink: the bound must not be negative, got -1.0") { _ = HardShrink(-1) },
  Mistake("SoftShrink: the bound must not be negative, got -1.0") { _ = SoftShrink(-1) },
  Mistake("GLU: glu: axis -1 of [2, 3] cannot be halved") { _ = GLU()(x([2, 3])) },
  Mistake("PixelShuffle: the factor must be at least 1, got 0") { _ = PixelShuffle(0) },
  Mistake("PixelUnshuffle: the factor must be at least 1, got -1") { _ = PixelUnshuffle(-1) },
  Mistake("PixelShuffle 2: pixelShuffle: wants images [..., C · 2², H, W], got [1, 3, 2, 2]") {
    _ = PixelShuffle(2)(x([1, 3, 2, 2]))
  },
  Mistake("Upsample: alignCorners goes with the modes .linear and .cubic, got .nearest") {
    _ = Upsample(scale: 2, alignCorners: true)
  },
  Mistake("Upsample: sizes must be at least 1, got [0, 3]") { _ = Upsample(size: [0, 3]) },
  Mistake("Unflatten: sizes must not be negative, but for one −1, got [-1, -1]") { _ = Unflatten(1, [-1, -1]) },
  Mistake("CELU: alpha must not be 0") { _ = CELU(alpha: 0) },
  Mistake("Softplus: beta must not be 0") { _ = Softplus(beta: 0) },
  Mistake("HardTanh: the lower bound must be below the upper one, got 1.0 and 1.0") { _ = HardTanh(min: 1) },
  Mistake("SinusoidalPositions: the size must be even and at least 2, got 3") {
    _ = SinusoidalPositions.waves(4, 3)
  },
  Mistake("truncatedNormal: the bound must be above 0.01") { _ = Initializer.truncatedNormal(1, bound: 0) },
  Mistake("sparse: the part of zeros lies between 0 and 1, got 1.5") { _ = Initializer.sparse(1.5) },
  Mistake("sparse: wants a weight [out, in], got [2, 3, 4]") { _ = Initializer.sparse(0.5)([2, 3, 4]) },
  Mistake("orthogonal: wants a weight of two axes or more, got [2]") { _ = Initializer.orthogonal()([2]) },
  Mistake("dirac: wants a weight [out, in, kernel…] whose outputs 2 groups divide, got [3, 1, 3]") {
    _ = Initializer.dirac(groups: 2)([3, 1, 3])
  },
  Mistake("Initializer: fans are defined for weights of two axes or more, got [3]") { _ = Initializer.heNormal()([3]) },
]

let containerMistakes = [
  Mistake("Sequential: there are no layers 5..<1 among 1, numbered from 0") { _ = Sequential(ReLU())[5...] },
  Mistake("Sequential: there is no layer 2 among 2, numbered from 0") { _ = Sequential(ReLU(), ReLU())[2] },
  Mistake("ModuleList: there is no layer 1 among 1, numbered from 0") { ModuleList(ReLU())[1] = ReLU() },
  Mistake("Sequential: there are no layers 1..<4 among 2, numbered from 0") { _ = Sequential(ReLU(), ReLU())[1..<4] },
  Mistake("Sequential: there is no layer 3 among 2, numbered from 0") {
    Sequential(ReLU(), ReLU()).insert(ReLU(), at: 3)
  },
  Mistake("Sequential: there is no layer 0 among 0, numbered from 0") { Sequential().remove(at: 0) },
  Mistake("ModuleList: has no forward for one input; override it, or call the callAsFunction it declares") {
    _ = ModuleList(ReLU())(x([1]))
  },
  Mistake(
    "Residual: wants a body that keeps the shape [5, 2], or a shortcut to the same shape; the body gives [5, 3]"
  ) { _ = Residual(Linear(2, 3))(x([5, 2])) },
]

let copyMistakes = [
  Mistake("copy: the values do not fit the model; missing: 1.weight, 1.bias") {
    _ = Sequential(Linear(2, 2)).copy { Sequential(Linear(2, 2), Linear(2, 2)) }
  }
]

/// Messages name a layer by its path in the model, whether or not its submodules have been listed before.
let pathMistakes = [
  Mistake("encoder.body.0 (Linear 4 -> 2): wants 4 features in the last axis, got [5, 3]") {
    final class Net: Module {
      let encoder = Residual { Linear(4, 2) }
      override func forward(_ x: Variable) -> Variable { encoder(x) }
    }
    _ = Net()(x([5, 3]))
  },
  Mistake("Net: reshape: ") {
    final class Net: Module {
      let first = Linear(3, 4)
      override func forward(_ x: Variable) -> Variable { first(x).reshape([7]) }
    }
    _ = Net()(x([5, 3]))
  },
  Mistake("heads.left.1 (MaxPool2D 2×2): maxPool2d: ") {
    final class Net: Module {
      let heads = ["left": Sequential(ReLU(), MaxPool2D(2))]
      func callAsFunction(_ x: Variable, named name: String) -> Variable { heads[name]?(x) ?? x }
    }
    _ = Net()(Variable(x([5, 3])), named: "left")
  },
  Mistake("0 or encoder.0 (Linear 4 -> 2): wants 4 features") {
    final class Net: Module {
      let encoder: Sequential
      init(_ encoder: Sequential) { self.encoder = encoder }
      override func forward(_ x: Variable) -> Variable { encoder(x) }
    }
    let layer = Linear(4, 2)
    let (net, other) = (Net(Sequential(layer)), Sequential(layer))
    withExtendedLifetime(other) { _ = net(x([5, 3])) }
  },
  Mistake("encoder.head (Linear 4 -> 2): wants 4 features") {
    final class Encoder: Module {
      let head = Linear(4, 2)
      override func forward(_ x: Variable) -> Variable { head(x) }
    }
    final class Net: Module {
      var encoder: Module = ReLU()
      override func forward(_ x: Variable) -> Variable { encoder(x) }
    }
    let net = Net()
    _ = net(x([5, 4]))
    net.encoder = Encoder()
    _ = net(x([5, 3]))
  },
  Mistake("Net: has no forward for one input; override it, or call the callAsFunction it declares") {
    final class Net: Module {}
    _ = Net()(Tensor(1))
  },
]
