import Foundation
import NN
import Testing

/// Distributions against PyTorch's numbers, and what they draw against what they say.
@Suite struct DistributionTests {
  // torch, float64: x, z = cos, sin of arange as (2, 3); c, d = Categorical(logits=x), Categorical(logits=z), or of
  // probs=x.exp() and z.exp(); a = torch.tensor([2, 0])
  // c.log_prob(a), c.entropy(), kl_divergence(c, d); x.grad of (c.log_prob(a) * [1, 2]).sum() and of the others' sum
  @Test(arguments: [false, true]) func choicesArePyTorchs(areProbabilities: Bool) {
    let x = Variable(wave(cos, [2, 3]), requiresGrad: true)
    func make(_ x: Variable) -> Categorical {
      areProbabilities ? Categorical(probabilities: x.exp()) : Categorical(logits: x)
    }
    let (c, d) = (make(x), make(Variable(wave(sin, [2, 3]))))
    let likely = c.logProbability(of: Tensor([2, 0], dtype: .int64))
    let (entropy, divergence) = (c.entropy(), c.divergence(to: d))
    expectClose(
      c.probabilities.value,
      float64([
        [0.5335832801691742, 0.33694424311374893, 0.12947247671707687],
        [0.16739994927199175, 0.2343310199158469, 0.5982690308121613],
      ]))
    expectClose(likely.value, float64([-2.0442869554345764, -1.7873694239615048]))
    expectClose(entropy.value, float64([0.9663846488206413, 0.9465642966349398]))
    expectClose(divergence.value, float64([0.39062134971885915, 0.47601037812165103]))
    (likely * float64([1, 2])).sum().backward(retainGraph: true)
    expectClose(
      x.grad?.value,
      float64([
        [-0.5335832801691742, -0.3369442431137489, 0.8705275232829232],
        [1.6652001014560165, -0.4686620398316938, -1.1965380616243226],
      ]))
    x.grad = nil
    (entropy + divergence).sum().backward()
    expectClose(
      x.grad?.value,
      float64([
        [0.21410444991696118, -0.1483273003848271, -0.06577714953213408],
        [-0.14539246767360003, 0.006886749768543174, 0.13850571790505686],
      ]))
  }

  // Categorical(probs=[0, 1, 3]) and Categorical(logits=[-inf, 1, 3]): log_prob(0), entropy()
  @Test func theImpossibleHasNoWeight() {
    let zero = Tensor(0, dtype: .int64)
    let given = Categorical(probabilities: Variable(float64([0, 1, 3])))
    #expect(abs(given.logProbability(of: zero).item() + 36.04365338911715) < 1e-13)
    #expect(abs(given.entropy().item() - 0.5623351446188083) < 1e-15)
    let scores = Variable(Tensor([-Double.infinity, 1, 3]), requiresGrad: true)
    let scored = Categorical(logits: scores)
    #expect(scored.logProbability(of: zero).item() == -.infinity)
    #expect(abs(scored.entropy().item() - 0.3653338550872078) < 1e-15)
    #expect(scored.divergence(to: scored).item() == 0)
    #expect(scored.divergence(to: given).item().isFinite && given.divergence(to: given).item() == 0)
    (scored.entropy() + scored.divergence(to: given)).backward()
    #expect(scores.grad?.value.isFinite().all().item() == 1)
  }

  // torch, float64: mu = cos(arange(4)).reshape(2, 2); sd = sin(arange(2)).exp(); n = Normal(mu, sd);
  // v = sin(arange(4)), as mu;
  // n.log_prob(v), n.entropy(), kl_divergence(n, Normal(0, 1)), kl_divergence(n, Normal(v, v.exp())); the gradients
  // of the sum of all but the third
  @Test func normalsArePyTorchs() {
    let mean = Variable(wave(cos, [2, 2]), requiresGrad: true)
    let deviation = Variable(wave(sin, [2]).exp(), requiresGrad: true)
    let (normal, values) = (Normal(mean: mean, deviation: deviation), wave(sin, [2, 2]))
    let other = normal.divergence(to: Normal(mean: Variable(values), deviation: Variable(values.exp())))
    expectClose(
      normal.logProbability(of: values).value,
      float64([[-1.4189385332046727, -1.7688369877459797], [-1.7973397808586369, -1.8792841542018417]]))
    expectClose(
      normal.entropy().value,
      float64([[1.4189385332046727, 2.260409518012569], [1.4189385332046727, 2.260409518012569]]))
    expectClose(
      normal.divergence(to: Normal(like: mean)).value,
      float64([[0.5, 1.4951745642997007], [0.08658909478409704, 1.8392538450990776]]))
    expectClose(
      other.value, float64([[0.5, 0.008427469733410686], [0.6329479651137719, 1.3110717107504501]]))
    (normal.logProbability(of: values) + normal.entropy() + other).sum().backward()
    expectClose(mean.grad?.value, float64([[0, 0], [1.1103861854156782, -0.6427729970922098]]))
    expectClose(deviation.grad?.value, float64([1.919056076163824, 1.4280044978898168]))
  }

  @Test func drawsFollowTheirProbabilities() {
    let generator = RandomGenerator(seed: 5)
    let rows = Variable(Tensor([[0, 1, 3], [2, 2, 0]]).expand([10_000, 2, 3]))
    let drawn = Categorical(probabilities: rows).sample(generator: generator)
    #expect(drawn.shape == [10_000, 2] && drawn.dtype == .int64)
    let counts = [drawn[.all, 0], drawn[.all, 1]].map { $0.bincount(minimumLength: 3).scalars(as: Int.self) }
    #expect(counts[0][0] == 0 && abs(counts[0][2] - 7_500) < 200)
    #expect(counts[1][2] == 0 && abs(counts[1][0] - 5_000) < 200)
  }

  @Test func gradientsPassThroughNormalDraws() {
    let (mean, deviation) = (Variable([1, -2], requiresGrad: true), Variable([3, 0.5], requiresGrad: true))
    let normal = Normal(mean: mean, deviation: deviation)
    let z = normal.sample(generator: RandomGenerator(seed: 1))
    z.sum().backward()
    #expect(mean.grad?.value == Tensor([1, 1]))
    expectClose(deviation.grad?.value, (z.value - mean.value) / deviation.value, tolerance: 1e-6)
    let many = Normal(mean: mean.expand([20_000, 2]), deviation: deviation).sample(generator: RandomGenerator(seed: 2))
    expectClose(many.mean(axes: [0]).value, mean.value, tolerance: 0.1)
    expectClose(many.value.standardDeviation(axes: [0]), deviation.value, tolerance: 0.1)
  }
}

let distributionMistakes = [
  Mistake("Categorical: wants [..., K] of a float type, got float32 []") {
    _ = Categorical(logits: Variable(Tensor(1)))
  },
  Mistake("Categorical: logProbability: wants choices [2] of int64 or int32, got float32 [2]") {
    _ = Categorical(logits: Variable(.zeros([2, 3]))).logProbability(of: .zeros([2]))
  },
  Mistake("Categorical: divergence: wants distributions alike, got float32 [2] and float32 [3]") {
    _ = Categorical(logits: Variable(.zeros([2]))).divergence(to: Categorical(logits: Variable(.zeros([3]))))
  },
  Mistake("Normal: a mean [2] and a deviation [3] do not broadcast together") {
    _ = Normal(mean: Variable(.zeros([2])), deviation: Variable(.ones([3])))
  },
  Mistake("Normal: wants a mean and a deviation of one float type, got float32 and float64") {
    _ = Normal(mean: Variable(.zeros([2])), deviation: Variable(.ones([2], dtype: .float64)))
  },
]
