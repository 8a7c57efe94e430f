import Foundation
import NN
import Testing

/// Every layer's gradients, of its input and of each parameter, against central differences in float64.
@Suite struct LayerGradientTests {
  struct Layer: Sendable {
    let name: String
    let input: Shape
    let make: @Sendable (RandomGenerator) -> Module

    init(_ name: String, _ input: Shape, _ make: @escaping @Sendable (RandomGenerator) -> Module) {
      (self.name, self.input, self.make) = (name, input, make)
    }
  }

  static let layers = [
    Layer("Linear", [3, 4]) { Linear(4, 5, dtype: .float64, generator: $0) },
    Layer("Linear without bias", [2, 3, 4]) { Linear(4, 2, bias: false, dtype: .float64, generator: $0) },
    Layer("Conv2D", [2, 4, 5, 6]) {
      Conv2D(
        4, 6, kernel: [3, 2], stride: [2, 1], padding: 1, dilation: [1, 2], groups: 2, dtype: .float64, generator: $0)
    },
    Layer("Conv2D, same", [2, 1, 4, 5]) { Conv2D(1, 2, kernel: 3, padding: .same, dtype: .float64, generator: $0) },
    Layer("Conv1D", [2, 4, 7]) {
      Conv1D(4, 2, kernel: 3, stride: 2, padding: 2, dilation: 2, groups: 2, dtype: .float64, generator: $0)
    },
    Layer("Conv3D", [1, 2, 3, 4, 3]) {
      Conv3D(2, 3, kernel: [2, 3, 1], stride: [1, 2, 1], padding: [1, 0, 1], dtype: .float64, generator: $0)
    },
    Layer("ConvTranspose1D", [2, 4, 3]) {
      ConvTranspose1D(
        4, 2, kernel: 3, stride: 2, padding: 1, outputPadding: 1, groups: 2, dtype: .float64, generator: $0)
    },
    Layer("ConvTranspose2D", [2, 2, 3, 2]) {
      ConvTranspose2D(2, 3, kernel: [3, 2], stride: 2, dilation: [1, 2], bias: false, dtype: .float64, generator: $0)
    },
    Layer("ConvTranspose3D", [1, 2, 2, 2, 2]) {
      ConvTranspose3D(2, 4, kernel: [2, 1, 2], stride: [1, 2, 1], groups: 2, dtype: .float64, generator: $0)
    },
    Layer("Bilinear", [3, 4]) { Twice(Bilinear(4, 4, 2, dtype: .float64, generator: $0)) },
    Layer("Embedding", [4, 3]) { Lookup(Embedding(5, 3, paddingIndex: 1, dtype: .float64, generator: $0)) },
    Layer("EmbeddingBag", [2, 3]) {
      BagLookup(EmbeddingBag(5, 3, mode: .sum, paddingIndex: 1, dtype: .float64, generator: $0))
    },
    Layer("AdaptiveLogSoftmaxWithLoss", [4, 6]) {
      LogProbabilities(
        AdaptiveLogSoftmaxWithLoss(6, classes: 9, cutoffs: [2, 5], divisor: 2, dtype: .float64, generator: $0))
    },
    Layer("CosineSimilarity", [3, 4]) { _ in WithItself(CosineSimilarity().callAsFunction) },
    Layer("PairwiseDistance", [3, 4]) { _ in WithItself(PairwiseDistance(3, keepDims: true).callAsFunction) },
    Layer("BatchNorm1D", [5, 3]) { _ in BatchNorm1D(3, dtype: .float64) },
    Layer("BatchNorm1D of sequences", [2, 3, 4]) { _ in BatchNorm1D(3, momentum: nil, dtype: .float64) },
    Layer("BatchNorm2D", [2, 3, 2, 4]) { _ in BatchNorm2D(3, tracksStatistics: false, dtype: .float64) },
    Layer("BatchNorm2D in use", [2, 3, 2, 2]) {
      let layer = BatchNorm2D(3, dtype: .float64)
      _ = layer(Tensor.randomNormal([4, 3, 2, 2], mean: 1, dtype: .float64, generator: $0))
      return layer.eval()
    },
    Layer("LayerNorm", [3, 2, 4]) { _ in LayerNorm([2, 4], dtype: .float64) },
    Layer("RMSNorm", [3, 4]) { _ in RMSNorm(4, dtype: .float64) },
    Layer("GroupNorm", [2, 4, 3]) { _ in GroupNorm(2, 4, dtype: .float64) },
    Layer("InstanceNorm1D", [2, 3, 4]) { _ in InstanceNorm1D(3, affine: true, dtype: .float64) },
    Layer("InstanceNorm3D", [2, 3, 2, 1, 2]) { _ in InstanceNorm3D(3, dtype: .float64) },
    Layer("LocalResponseNorm", [2, 5, 2]) { _ in LocalResponseNorm(3, alpha: 0.5) },
    Layer("WeightNorm", [3, 4]) { WeightNorm(Linear(4, 2, dtype: .float64, generator: $0)) },
    Layer("WeightNorm of one length", [1, 2, 3, 3]) {
      WeightNorm(Conv2D(2, 3, kernel: 2, dtype: .float64, generator: $0), axis: nil)
    },
    Layer("SpectralNorm", [3, 4]) { SpectralNorm(Linear(4, 2, dtype: .float64, generator: $0), generator: $0).eval() },
    Layer("InstanceNorm2D", [2, 3, 2, 3]) { _ in InstanceNorm2D(3, affine: true, dtype: .float64) },
    Layer("MaxPool1D", [2, 2, 5]) { _ in MaxPool1D(2, stride: 1) },
    Layer("MaxPool2D", [2, 2, 5, 4]) { _ in MaxPool2D(2, ceilMode: true) },
    Layer("MaxPool3D", [1, 2, 4, 2, 3]) { _ in MaxPool3D([2, 2, 1], ceilMode: true) },
    Layer("AvgPool3D", [1, 2, 4, 2, 3]) { _ in AvgPool3D(2, stride: 1, padding: 1) },
    Layer("BatchNorm3D", [2, 3, 2, 1, 2]) { _ in BatchNorm3D(3, dtype: .float64) },
    Layer("AvgPool1D", [2, 2, 6]) { _ in AvgPool1D(3, padding: 1) },
    Layer("AvgPool2D", [2, 2, 5, 4]) { _ in AvgPool2D(3, stride: 2, padding: 1, countsPadding: false) },
    Layer("AdaptiveAvgPool2D", [2, 2, 5, 4]) { _ in AdaptiveAvgPool2D([2, 3]) },
    Layer("AdaptiveMaxPool2D", [2, 2, 5, 4]) { _ in AdaptiveMaxPool2D([3, 2]) },
    Layer("GlobalAveragePool", [2, 3, 2, 2]) { _ in GlobalAveragePool() },
    Layer("MaxUnpool2D", [1, 2, 4, 6]) { _ in Unpooled() },
    Layer("LPPool1D", [2, 2, 6]) { _ in Positive(LPPool1D(3, kernel: 2)) },
    Layer("LPPool2D", [1, 2, 4, 5]) { _ in Positive(LPPool2D(2, kernel: 2)) },
    Layer("AdaptiveAvgPool1D", [2, 2, 5]) { _ in AdaptiveAvgPool1D(3) },
    Layer("AdaptiveMaxPool1D", [2, 2, 5]) { _ in AdaptiveMaxPool1D(3) },
    Layer("AdaptiveAvgPool3D", [1, 2, 3, 4, 2]) { _ in AdaptiveAvgPool3D([2, 3, 2]) },
    Layer("AdaptiveMaxPool3D", [1, 2, 3, 4, 2]) { _ in AdaptiveMaxPool3D([2, 3, 2]) },
    Layer("ReLU", [3, 4]) { _ in ReLU() },
    Layer("RReLU", [3, 4]) { Repeated($0, RReLU(generator: $0)) },
    Layer("Softmax2D", [2, 3, 2, 2]) { _ in Softmax2D() },
    Layer("ReLU6", [3, 4]) { _ in ReLU6() },
    Layer("LeakyReLU", [3, 4]) { _ in LeakyReLU(negativeSlope: 0.2) },
    Layer("PReLU", [3, 4]) { _ in PReLU(dtype: .float64) },
    Layer("PReLU by channel", [2, 3, 4]) { _ in PReLU(3, dtype: .float64) },
    Layer("ELU", [3, 4]) { _ in ELU(alpha: 0.8) },
    Layer("CELU", [3, 4]) { _ in CELU(alpha: 0.8) },
    Layer("SELU", [3, 4]) { _ in SELU() },
    Layer("GELU", [3, 4]) { _ in GELU() },
    Layer("GELU by tanh", [3, 4]) { _ in GELU(approximate: .tanh) },
    Layer("SiLU", [3, 4]) { _ in SiLU() },
    Layer("Mish", [3, 4]) { _ in Mish() },
    Layer("Softplus", [3, 4]) { _ in Softplus(beta: 2) },
    Layer("Softsign", [3, 4]) { _ in Softsign() },
    Layer("Sigmoid", [3, 4]) { _ in Sigmoid() },
    Layer("LogSigmoid", [3, 4]) { _ in LogSigmoid() },
    Layer("HardSigmoid", [3, 4]) { _ in HardSigmoid() },
    Layer("HardSwish", [3, 4]) { _ in HardSwish() },
    Layer("HardTanh", [3, 4]) { _ in HardTanh(min: -0.7, max: 0.6) },
    Layer("Tanh", [3, 4]) { _ in Tanh() },
    Layer("TanhShrink", [3, 4]) { _ in TanhShrink() },
    Layer("HardShrink", [3, 4]) { _ in HardShrink(0.4) },
    Layer("SoftShrink", [3, 4]) { _ in SoftShrink(0.4) },
    Layer("Threshold", [3, 4]) { _ in Threshold(0.2, -1) },
    Layer("GLU", [3, 4]) { _ in GLU() },
    Layer("Softmin", [3, 4]) { _ in Softmin() },
    Layer("ChannelShuffle", [1, 6, 2]) { _ in ChannelShuffle(groups: 3) },
    Layer("Unfold", [1, 2, 4, 3]) { _ in Unfold(2, padding: 1) },
    Layer("Fold", [1, 8, 6]) { _ in Fold([3, 4], kernel: 2) },
    Layer("PixelShuffle", [1, 8, 2, 1]) { _ in PixelShuffle(2) },
    Layer("PixelUnshuffle", [1, 2, 2, 4]) { _ in PixelUnshuffle(2) },
    Layer("Softmax", [3, 4]) { _ in Softmax() },
    Layer("LogSoftmax", [3, 4]) { _ in LogSoftmax(axis: 0) },
    Layer("Flatten", [2, 3, 2]) { _ in Flatten() },
    Layer("Unflatten", [2, 6]) { _ in Unflatten(1, [3, -1]) },
    Layer("Upsample", [1, 2, 2, 3]) { _ in Upsample(scale: 2, mode: .linear) },
    Layer("Upsample to a size", [1, 2, 2, 3]) { _ in Upsample(size: [3, 4]) },
    Layer("Pad", [2, 3, 4]) { _ in Pad([2, 1], mode: .reflect) },
    Layer("Identity", [3, 4]) { _ in Identity() },
    Layer("Dropout", [3, 4]) { Repeated($0, Dropout(0.5, generator: $0)) },
    Layer("Dropout2D", [3, 4, 2]) { Repeated($0, Dropout2D(0.5, generator: $0)) },
    Layer("Dropout1D", [3, 4, 2]) { Repeated($0, Dropout1D(0.5, generator: $0)) },
    Layer("Dropout3D", [3, 4, 2, 1, 2]) { Repeated($0, Dropout3D(0.5, generator: $0)) },
    Layer("FeatureAlphaDropout", [3, 4, 2]) { Repeated($0, FeatureAlphaDropout(0.5, generator: $0)) },
    Layer("AlphaDropout", [3, 4]) { Repeated($0, AlphaDropout(0.5, generator: $0)) },
    Layer("Dropout in use", [3, 4]) { _ in Dropout(0.5).eval() },
    Layer("Sequential", [3, 4]) {
      Sequential(Linear(4, 5, dtype: .float64, generator: $0), Tanh(), Linear(5, 2, dtype: .float64, generator: $0))
    },
    Layer("Residual", [3, 4]) { generator in
      Residual(shortcut: Linear(4, 2, dtype: .float64, generator: generator)) {
        Linear(4, 3, dtype: .float64, generator: generator)
        Tanh()
        Linear(3, 2, dtype: .float64, generator: generator)
      }
    },
  ]

  /// A dropout layer that drops the same elements in every call.
  private final class Repeated: Module {
    let generator: RandomGenerator, start: RandomGenerator.State, layer: Module
    init(_ generator: RandomGenerator, _ layer: Module) {
      (self.generator, start, self.layer) = (generator, generator.state, layer)
    }
    override func forward(_ x: Variable) -> Variable {
      generator.state = start
      return layer(x)
    }
  }

  /// Calls a layer of two inputs with one value and its square.
  private final class Twice: Module {
    let layer: Bilinear
    init(_ layer: Bilinear) { self.layer = layer }
    override func forward(_ x: Variable) -> Variable { layer(x, x.square()) }
  }

  /// Maxima, put back to where they were.
  private final class Unpooled: Module {
    let pool = MaxPool2D(2), unpool = MaxUnpool2D(2)
    override func forward(_ x: Variable) -> Variable {
      let (values, indices) = pool.withIndices(x)
      return unpool(values, indices)
    }
  }

  /// A layer of positive numbers.
  private final class Positive: Module {
    let layer: Module
    init(_ layer: Module) { self.layer = layer }
    override func forward(_ x: Variable) -> Variable { layer(x.exp()) }
  }

  /// A layer of two inputs, given one and its sine.
  private final class WithItself: Module {
    let function: (Variable, Variable) -> Variable
    init(_ function: @escaping (Variable, Variable) -> Variable) { self.function = function }
    override func forward(_ x: Variable) -> Variable { function(x, x.sin()) }
  }

  /// The logarithms of labels' probabilities, one label in each cluster and two in one.
  private final class LogProbabilities: Module {
    let softmax: AdaptiveLogSoftmaxWithLoss
    init(_ softmax: AdaptiveLogSoftmaxWithLoss) { self.softmax = softmax }
    override func forward(_ x: Variable) -> Variable { softmax(x, Tensor([3, 8, 0, 2], dtype: .int64)).output }
  }

  /// Sums of rows, one of them twice, scaled by the input.
  private final class BagLookup: Module {
    let table: EmbeddingBag
    init(_ table: EmbeddingBag) { self.table = table }
    override func forward(_ x: Variable) -> Variable {
      table(Tensor([3, 2, 1, 0, 3], dtype: .int64), offsets: [0, 3]) * x
    }
  }

  /// Looks up rows of a table, one of them twice, and scales them by the input.
  private final class Lookup: Module {
    let table: Embedding
    init(_ table: Embedding) { self.table = table }
    override func forward(_ x: Variable) -> Variable { table(Tensor([3, 2, 0, 3], dtype: .int64)) * x }
  }

  /// Every layer class in the sources, other than losses, has a row of its name; hooks are not layers.
  @Test func everyLayerHasARow() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent()
    let sources = tests.appending(path: "../../Sources/NN").standardizedFileURL
    let files = try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
    let others = ["LossLayers.swift", "ModuleHooks.swift"]
    let sourceFiles = files.filter { $0.pathExtension == "swift" && !others.contains($0.lastPathComponent) }
    let declared = try sourceFiles.flatMap { file in
      try String(contentsOf: file, encoding: .utf8).matches(of: /public final class (\w+)/).map { String($0.1) }
    }
    let rows = Set((Self.layers + sequenceLayers).map { String($0.name.prefix { $0.isLetter || $0.isNumber }) })
    #expect(declared.count > 60 && Set(declared).subtracting(rows) == [])
  }

  @Test(arguments: (layers + sequenceLayers).indices) func gradientsMatchDifferences(_ number: Int) {
    let generator = RandomGenerator(seed: 17)
    let row = (Self.layers + sequenceLayers)[number]
    let (layer, shape) = (row.make(generator), row.input)
    let x = Variable(Tensor.randomNormal(shape, dtype: .float64, generator: generator), requiresGrad: true)
    let y = layer(x)
    let upstream = Tensor.randomUniform(y.shape, low: -1, high: 1, dtype: .float64, generator: generator)
    y.backward(gradient: upstream)
    for leaf in [Named(name: "input", element: x)] + layer.parameters {
      let variable = leaf.element
      let before = variable.value
      let numeric = numericalGradient(
        {
          variable.value = $0
          return layer(x).value
        }, at: before, upstream: upstream)
      variable.value = before
      let difference = ((variable.grad?.value ?? before.zerosLike()) - numeric).abs().max().item()
      let error = difference / max(numeric.abs().max().item(), 1e-3)
      #expect(error <= 1e-7, "\(row.name), \(leaf.name): relative error \(error)")
    }
  }
}
