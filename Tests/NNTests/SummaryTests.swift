import NN
import Testing

@Suite struct SummaryTests {
  @Test func tableOfLeNet() {
    let net = Sequential(
      Conv2D(1, 6, kernel: 5, padding: 2), ReLU(), MaxPool2D(2), Conv2D(6, 16, kernel: 5), BatchNorm2D(16), ReLU(),
      MaxPool2D(2), Flatten(), Dropout(), Linear(400, 120), Linear(120, 10))
    net[0].freeze()
    let before = net.stateDict()
    let summary = net.summary(inputShape: [2, 1, 28, 28])
    #expect(
      summary.description == """
        name   layer                output shape     parameters  multiply-adds
        ─────  ───────────────────  ───────────────  ──────────  ─────────────
        0      Conv2D 1 -> 6, 5×5   [2, 6, 28, 28]          156        235,200
        1      ReLU                 [2, 6, 28, 28]            0              0
        2      MaxPool2D 2×2        [2, 6, 14, 14]            0              0
        3      Conv2D 6 -> 16, 5×5  [2, 16, 10, 10]       2,416        480,000
        4      BatchNorm2D 16       [2, 16, 10, 10]          32              0
        5      ReLU                 [2, 16, 10, 10]           0              0
        6      MaxPool2D 2×2        [2, 16, 5, 5]             0              0
        7      Flatten              [2, 400]                  0              0
        8      Dropout 0.5          [2, 400]                  0              0
        9      Linear 400 -> 120    [2, 120]             48,120         96,000
        10     Linear 120 -> 10     [2, 10]               1,210          2,400
        ─────  ───────────────────  ───────────────  ──────────  ─────────────
        total                                            51,934        813,600
        of the parameters 156 are frozen
        """)
    #expect(net.stateDict() == before && net.modules.allSatisfy { $0.element.isTraining })
    #expect(summary.parameters == net.parameterCount)
  }

  @Test func modulesWithParametersOfTheirOwnAndOnesCalledTwice() {
    final class Net: Module {
      let scale = Variable(.ones([3]), requiresGrad: true)
      let layer = Linear(3, 3, bias: false), unused = ReLU()
      let tied: Linear
      override init() { tied = layer }
      override func forward(_ x: Variable) -> Variable { layer(tied(x)) * scale }
    }
    let rows = Net().summary(inputShape: [5, 3]).rows
    #expect(rows.map(\.name) == ["", "layer", "unused"])
    #expect(rows.map(\.parameters) == [3, 9, 0])
    #expect(rows.map(\.outputShape) == [[5, 3], [5, 3], nil])
    #expect(rows.map(\.multiplyAdds) == [0, 90, 0])
  }

  @Test func otherKernelsAreCounted() {
    func work(_ layer: Module, _ shape: Shape) -> Int { layer.summary(inputShape: shape).multiplyAdds }
    #expect(work(Conv2D(4, 6, kernel: 3, groups: 2), [1, 4, 5, 5]) == 6 * 9 * 2 * 9)
    #expect(work(ConvTranspose2D(4, 6, kernel: [3, 2], stride: 3, groups: 2), [1, 4, 5, 5]) == 4 * 25 * 3 * 6)
    // 3 projections and the output of 5 · 8 rows, and of 5 · 8 pairs of rows and columns scores and sums
    #expect(work(MultiHeadAttention(6, heads: 2, batchFirst: true), [5, 8, 6]) == 40 * (4 * 36 + 2 * 8 * 6))
    // 2 layers in both directions, 3 gates of 4 units, over 7 · 5 steps
    let gru = GRU(2, 4, layers: 2, bidirectional: true)
    #expect(work(gru, [7, 5, 2]) == 35 * 2 * 12 * ((2 + 4) + (8 + 4)))
    #expect(work(Conv1D(2, 3, kernel: 4), [1, 2, 9]) == 3 * 6 * 8)
    #expect(work(Conv3D(1, 2, kernel: 2), [1, 1, 3, 3, 3]) == 2 * 8 * 8)
  }

  @Test func callsOfAnyFormAndOtherTypes() {
    struct Pair: Model {
      let table = Embedding(10, 4), product = Bilinear(4, 4, 2)
      func callAsFunction(_ a: Tensor, _ b: Tensor) -> Variable { product(table(a), table(b)) }
    }
    let pair = Pair()
    let words = Tensor([1, 2, 3], dtype: .int64)
    let rows = pair.summary { _ = pair(words, words) }.rows
    #expect(rows.map(\.outputShape) == [[3, 4], [3, 2]])
    // 3 rows · 2 outputs, of 4 · 4 products with the weight and 4 with its result
    #expect(rows.map(\.multiplyAdds) == [0, 120])
    #expect(pair.table.summary(inputShape: [2, 7], dtype: .int64).rows[0].outputShape == [2, 7, 4])
  }
}
