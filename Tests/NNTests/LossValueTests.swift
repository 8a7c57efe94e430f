import NN
import Testing

/// Losses where formulas tend to fail: ignored labels, saturated probabilities, scores of ±1000, ties, targets that no
/// alignment fits. All numbers are PyTorch's in float64, from the calls in the comments.
@Suite struct LossValueTests {
  // s = [[[.5,-1],[2,1],[0,.25]],[[1,1],[-.25,.75],[3,-2]]], y = [[0,-100],[2,1]], w = [.5,2,1]
  // F.cross_entropy(s, y, weight=w, label_smoothing=.1), its gradient, and the same with reduction="none"
  @Test func crossEntropyOfMapsWithWeightsSmoothingAndIgnoredLabels() {
    let scores = Variable(
      [[[0.5, -1], [2, 1], [0, 0.25]], [[1, 1], [-0.25, 0.75], [3, -2]]], dtype: .float64, requiresGrad: true)
    let labels = Tensor([[0, -100], [2, 1]], dtype: .int64)
    let loss = crossEntropy(scores, labels, weight: float64([0.5, 2, 1]), labelSmoothing: 0.1)
    expectClose(loss.value, float64(0.8791179208098039))
    loss.backward()
    expectClose(
      scores.grad?.value,
      float64([
        [
          [-0.1067402126702239, 0.0], [0.10013447917441995, 0.0], [0.006605733495803917, 0.0],
        ],
        [
          [0.028720217485329096, 0.29471457222990094], [-0.009454830414727259, -0.30010081854064957],
          [-0.019265387070601808, 0.005386246310748539],
        ],
      ]))
    let each = crossEntropy(
      scores, labels, weight: float64([0.5, 2, 1]), labelSmoothing: 0.1, reduction: .none)
    expectClose(each.value, float64([[0.9402682369298498, 0.0], [0.41318514665672446, 1.7234593392477395]]))
  }

  /// If every label is ignored, the loss is 0; PyTorch gives NaN.
  @Test func ignoringAllLabelsGivesZero() {
    let scores = Variable(float64([[1, 2, 3]]), requiresGrad: true)
    let loss = crossEntropy(scores, [-100])
    loss.backward()
    #expect(loss.item() == 0)
  }

  @Test func oneHotRowsAreLabels() {
    let scores = Variable(float64([[0.5, -1, 2], [1, 0, 1]]))
    let oneHot = Tensor.oneHot(Tensor([2, 1], dtype: .int64), classes: 3)
    expectClose(crossEntropy(scores, oneHot).value, crossEntropy(scores, [2, 1]).value)
  }

  /// Notebook 5: any non-negative label vector. −(1 log .2 + 2 log .3 + 3 log .5)
  @Test func probabilitiesAgainstAnyVector() {
    let p = Variable(float64([0.2, 0.3, 0.5]), requiresGrad: true)
    let loss = crossEntropy(ofProbabilities: p, Tensor([1, 2, 3]))
    expectClose(loss.value, float64(6.096825062765808))
    loss.backward()
    expectClose(p.grad?.value, float64([-5, -6.666666666666667, -6]))
    let rows = Variable(float64([[0.2, 0.3, 0.5], [0.25, 0.5, 0.25]]))
    let byLabel = ClassNLLCriterion()(rows, Tensor([1, 0], dtype: .int64))
    expectClose(byLabel.value, float64(1.2951335827229134))  // −(log .3 + log .25) / 2
    expectClose(ClassNLLCriterion()(rows, Tensor([[0, 1, 0], [1, 0, 0]])).value, byLabel.value)
    #expect(crossEntropy(ofProbabilities: Variable(float64([1, 0])), Tensor([0, 1])).item().isFinite)
  }

  // F.binary_cross_entropy(x, t, reduction="none") at x = 0, 1, 0, 1, .25 and t = 0, 1, 1, 0, 1
  @Test func saturatedProbabilities() {
    let x = Variable(float64([0, 1, 0, 1, 0.25]), requiresGrad: true)
    let losses = binaryCrossEntropy(x, Variable(float64([0, 1, 1, 0, 1])), reduction: .none)
    expectClose(losses.value, float64([0, 0, 100, 100, 1.3862943611198906]))
    losses.sum().backward()
    expectClose(x.grad?.value, float64([0, 0, -1e12, 1e12, -4]))
  }

  /// NaN probabilities of a diverged model give a NaN loss; only values that are outside 0…1 are a mistake.
  @Test func probabilitiesThatAreNoNumbers() {
    let losses = binaryCrossEntropy(Variable(Tensor([Double.nan, 0.5])), Variable(float64([0, 1])), reduction: .none)
    let values = losses.value.scalars(as: Double.self)
    #expect(values[0].isNaN)
    #expect(abs(values[1] - 0.6931471805599453) < 1e-15)
  }

  @Test(arguments: [DType.float32, .float64]) func scoresOfAThousand(dtype: DType) {
    let x = Variable(Tensor([1000, -1000, 1000, -1000]).cast(to: dtype), requiresGrad: true)
    let truths = Tensor([0, 0, 1, 1]).cast(to: dtype)
    let losses = binaryCrossEntropyWithLogits(x, Variable(truths), reduction: .none)
    #expect(losses.value.scalars() == [1000.0, 0, 0, 1000])
    losses.sum().backward()
    #expect(x.grad?.value.scalars() == [1.0, 0, 0, -1])
    let margins = softMarginLoss(x, Tensor([-1, -1, 1, 1]), reduction: .none)
    #expect(margins.value.scalars() == [1000.0, 0, 0, 1000])
  }

  // F.margin_ranking_loss(zeros(3), zeros(3), [1, -1, 1]): a tie at the margin still pulls
  @Test func tiesPullAtTheMargin() {
    let (a, b) = (Variable(.zeros([3]), requiresGrad: true), Variable(.zeros([3]), requiresGrad: true))
    marginRankingLoss(a, b, Tensor([1, -1, 1])).backward()
    expectClose(a.grad?.value, Tensor([-1, 1, -1]) / 3)
    expectClose(b.grad?.value, Tensor([1, -1, 1]) / 3)
  }

  // F.kl_div([.2, .3, .5].log(), [0, .4, .6], reduction="sum"): nothing is NaN where the target is 0
  @Test func divergenceFromTargetsWithZeros() {
    let x = Variable(float64([0.2, 0.3, 0.5])).log().detach()
    x.requiresGrad = true
    let t = Variable(float64([0, 0.4, 0.6]), requiresGrad: true)
    let loss = klDivergence(x, t, reduction: .sum)
    expectClose(loss.value, float64(0.2244657630570852))
    loss.backward()
    expectClose(x.grad?.value, float64([0, -0.4, -0.6]))
    #expect(t.grad?.value.scalars(as: Double.self).allSatisfy(\.isFinite) == true)
  }

  // F.gaussian_nll_loss(m, t, v, full=True, eps=.01) with v [2, 1], 0 in one row
  @Test func gaussianKeepsSmallVariances() {
    let m = Variable([[0.5, 1], [2, -1]], dtype: .float64, requiresGrad: true)
    let v = Variable([[0.5], [0]], dtype: .float64, requiresGrad: true)
    let t = Variable(float64([[1, 1], [2, 2]]))
    let loss = gaussianNLLLoss(m, t, variance: v, isFull: true, epsilon: 0.01)
    expectClose(loss.value, float64(112.15685919156766))
    loss.backward()
    expectClose(m.grad?.value, float64([[-0.25, 0], [0, -75]]))
    expectClose(v.grad?.value, float64([[0.375], [-11225]]))
    expectClose(
      gaussianNLLLoss(m, t, variance: Variable(float64([0.5, 0])), isFull: true, epsilon: 0.01).value, loss.value)
  }

  /// z = linspace(-1, 1, 24) as [4, 2, 3]
  private static let logits = Tensor.linspace(-1, 1, count: 24, dtype: .float64).reshape([4, 2, 3])

  // F.ctc_loss(z.log_softmax(2), [[1, 2], [1, 1]], [4, 3], [2, 0]): an empty target reads blanks alone
  @Test func alignmentsOfAnEmptyTarget() {
    let x = Variable(Self.logits).logSoftmax(axis: 2)
    let targets = Tensor([[1, 2], [1, 1]], dtype: .int64)
    let losses = ctcLoss(x, targets: targets, inputLengths: [4, 3], targetLengths: [2, 0], reduction: .none)
    expectClose(losses.value, float64([1.6732979116543476, 3.5642631084816117]))
    let mean = ctcLoss(x, targets: Tensor([1, 2], dtype: .int64), inputLengths: [4, 3], targetLengths: [2, 0])
    expectClose(mean.value, float64(2.20045603215439289))
    let alone = ctcLoss(
      x.select(axis: 1, 0), targets: Tensor([1, 2], dtype: .int64), inputLengths: [4], targetLengths: [2])
    expectClose(alone.value, float64(0.8366489558271738))
  }

  /// Two equal symbols need three time steps; with two, no alignment exists.
  @Test func targetsThatDoNotFit() {
    let x = Variable(Self.logits, requiresGrad: true)
    func losses(_ zeroInfinity: Bool) -> Variable {
      ctcLoss(
        x.logSoftmax(axis: 2), targets: Tensor([[1, 2], [1, 1]], dtype: .int64), inputLengths: [3, 2],
        targetLengths: [1, 2], zeroInfinity: zeroInfinity, reduction: .none)
    }
    expectClose(losses(true).value, float64([1.62544803170594, 0]))
    #expect(losses(false).value.scalars(as: Double.self)[1] == .infinity)
    losses(true).sum().backward()
    let ofSecond = x.grad?.value[.ellipsis, 1..<2, 0..<3]
    #expect(ofSecond?.scalars(as: Double.self).allSatisfy { $0 == 0 } == true)
  }

  /// Every loss and its gradient are finite for scores, distances or coordinates of ±1000.
  @Test(arguments: [DType.float32, .float64]) func aThousandIsNotTooMuch(dtype: DType) {
    let labels = Tensor([0, 1], dtype: .int64)
    func float(_ literal: TensorLiteral) -> Variable { Variable(Tensor(literal, dtype: dtype)) }
    let (y, signs) = (float([[0, 1], [1, 0]]), Tensor([[1, -1], [-1, 1]]).cast(to: dtype))
    let losses: [(String, (Variable) -> Variable)] = [
      ("crossEntropy", { crossEntropy($0, labels) }),
      ("smoothed", { crossEntropy($0, labels, labelSmoothing: 0.1) }),
      ("probabilities", { crossEntropy($0, probabilities: y) }),
      ("ofProbabilities", { crossEntropy(ofProbabilities: $0.softmax(), labels) }),
      ("nllLoss", { nllLoss($0.logSoftmax(), labels) }),
      ("multiMarginLoss", { multiMarginLoss($0, labels) }),
      ("mse", { mse($0, y) }), ("l1Loss", { l1Loss($0, y) }), ("smoothL1Loss", { smoothL1Loss($0, y) }),
      ("huberLoss", { huberLoss($0, y) }),
      ("binaryCrossEntropy", { binaryCrossEntropy($0.sigmoid(), y) }),
      ("withLogits", { binaryCrossEntropyWithLogits($0, y) }),
      ("multilabelSoftMarginLoss", { multilabelSoftMarginLoss($0, y) }),
      ("klDivergence", { klDivergence($0.logSoftmax(), y, reduction: .batchMean) }),
      ("hingeEmbeddingLoss", { hingeEmbeddingLoss($0, signs) }),
      ("marginRankingLoss", { marginRankingLoss($0, -$0, signs) }),
      ("softMarginLoss", { softMarginLoss($0, signs) }),
      ("tripletMarginLoss", { tripletMarginLoss(anchor: $0, positive: -$0, negative: y) }),
      ("cosineEmbeddingLoss", { cosineEmbeddingLoss($0, -$0, Tensor([1, -1])) }),
      ("gaussianNLLLoss", { gaussianNLLLoss($0, y, variance: $0.abs()) }),
      ("poissonNLLLoss", { poissonNLLLoss($0.abs(), y, isLogarithm: false, isFull: true) }),
      (
        "ctcLoss",
        {
          ctcLoss(
            $0.unsqueeze(1).logSoftmax(axis: 2), targets: Tensor([[1]], dtype: .int64), inputLengths: [2],
            targetLengths: [1])
        }
      ),
    ]
    for (name, loss) in losses {
      let x = Variable(Tensor([[1000, -1000], [1000, -1000]]).cast(to: dtype), requiresGrad: true)
      let value = loss(x)
      value.backward()
      #expect(value.item().isFinite && value.item() >= 0, "\(name): \(value)")
      #expect(x.grad?.value.scalars(as: Double.self).allSatisfy(\.isFinite) == true, "\(name): \(x.grad?.value ?? [])")
    }
  }
}
