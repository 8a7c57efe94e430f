// Draws digits out of noise: a denoising diffusion model (Ho et al. 2020), told which digit to draw.
// `swift run -c release Diffusion --help` lists the options.

import Datasets
import Foundation
import NN
import Optim
import Training

struct Settings: CommonSettings {
  var epochs = 200
  var steps = 200
  var width = 256
  var svg = "diffusion.svg"
  var seed: UInt64 = 1
  var threads: Int?
}

let parser = OptionParser(
  "Diffusion",
  summary: """
    Trains a network to tell the noise in a noisy digit, and draws new digits by taking the noise out of noise,
    step by step.
    """,
  defaults: Settings(),
  options: [
    .value("epochs", \.epochs, in: 1...100_000, help: "passes over the digits"),
    .value("steps", \.steps, in: 10...10_000, help: "steps from a digit to noise"),
    .value("width", \.width, in: 1...4_096, help: "features of the network's layers"),
    .value("svg", \.svg, placeholder: "FILE", help: "where the drawn digits go"),
  ] + OptionParser<Settings>.Option.common)

/// Tells the noise: noisy pictures [N, 64], their steps [N] and the digits [N] that they show give noises [N, 64].
final class Denoiser: Module {
  private let picture: Linear, time: Linear, output: Linear
  private let digit: Embedding
  private let blocks: [Residual]
  private let waves: Tensor

  init(width: Int, steps: Int) {
    picture = Linear(64, width)
    time = Linear(32, width)
    digit = Embedding(10, width)
    blocks = (0..<3).map { _ in
      Residual {
        LayerNorm(width)
        Linear(width, width)
        SiLU()
        Linear(width, width)
      }
    }
    output = Linear(width, 64)
    waves = SinusoidalPositions.waves(steps, 32)
  }

  func callAsFunction(_ x: Tensor, step: Tensor, digit number: Tensor) -> Variable {
    let start = picture(x) + time(waves[step]) + digit(number)
    return output(blocks.reduce(start) { $1($0) })
  }
}

/// How a picture becomes noise: xₜ = √ā x₀ + √(1 − ā) ε, where ā falls from 1 to 0 with the step t.
struct Noise {
  private let betas, shares: [Double]

  init(steps count: Int) {
    // The cosine schedule of Nichol and Dhariwal 2021.
    func share(_ t: Int) -> Double { pow(cos((Double(t) / Double(count) + 0.008) / 1.008 * .pi / 2), 2) }
    betas = (0..<count).map { min(1 - share($0 + 1) / share($0), 0.999) }
    var product = 1.0
    shares = betas.map { beta in
      product *= 1 - beta
      return product
    }
  }

  /// The picture after some steps [N], with the noise ε.
  func add(_ epsilon: Tensor, to x: Tensor, step: Tensor) -> Tensor {
    let share = Tensor(shares, dtype: .float32)[step].unsqueeze(1)
    return share.sqrt() * x + (1 - share).sqrt() * epsilon
  }

  /// Pictures of given digits, out of noise alone. Each step guesses the clean picture, whose pixels lie in −1...1,
  /// takes the mean of the picture one step earlier, given that guess, and adds the noise of that step.
  func draw(_ digits: Tensor, with net: Denoiser) -> Tensor {
    var x = Tensor.randomNormal([digits.elementCount, 64])
    for t in betas.indices.reversed() {
      let (share, before) = (shares[t], t > 0 ? shares[t - 1] : 1)
      let step = Tensor.full([digits.elementCount], Double(t), dtype: .int64)
      let epsilon = withoutGradient { net(x, step: step, digit: digits).value }
      let clean = ((x - (1 - share).squareRoot() * epsilon) / share.squareRoot()).clamp(min: -1, max: 1)
      let weight = before.squareRoot() * betas[t] / (1 - share)
      let weightOfX = (1 - betas[t]).squareRoot() * (1 - before) / (1 - share)
      x = weight * clean + weightOfX * x
      x += (betas[t] * (1 - before) / (1 - share)).squareRoot() * Tensor.randomNormal(x.shape)
    }
    return x
  }
}

parser.main { settings in
  settings.apply()
  let digits = try Digits.load()
  let (pictures, labels) = (digits.vectors * 2 - 1, Tensor(digits.labels))
  let (net, noise) = (Denoiser(width: settings.width, steps: settings.steps), Noise(steps: settings.steps))
  let optimizer = AdamW(net.parameters, learningRate: 1e-3)
  let average = WeightAverage(net.parameters, .exponential(decay: 0.995))
  let batches = 14
  let scheduler = Scheduler(optimizer, .cosine(over: settings.epochs * batches))
  for epoch in 1...settings.epochs {
    var sum = 0.0
    for part in Tensor.randomPermutation(pictures.shape[0]).chunk(batches) {
      let (x, digit) = (pictures[part], labels[part])
      let step = Tensor.randomIntegers(digit.shape, in: 0..<settings.steps)
      let epsilon = Tensor.randomNormal(x.shape)
      sum += optimizer.step { mse(net(noise.add(epsilon, to: x, step: step), step: step, digit: digit), epsilon) }
      average.update()
      scheduler.step()
    }
    if epoch % max(1, settings.epochs / 10) == 0 {
      print("epoch \(epoch): loss \((sum / Double(batches)).text(decimals: 4))")
    }
  }

  let wanted = Tensor.arange(10, dtype: .int64).repeatInterleaved(20)
  let drawn = average.whileApplied { noise.draw(wanted, with: net) }
  var grid = ImageGrid(title: "Digits drawn out of noise", scale: 5)
  let images = (drawn.clamp(min: -1, max: 1) + 1) / 2
  for row in 0..<10 { grid.addRow("\(row)", images[(20 * row)..<(20 * row + 12)].reshape([12, 8, 8])) }
  try grid.write(to: URL(fileURLWithPath: settings.svg))
  print("picture: \(settings.svg)")
  // A drawn digit passes for what it was to be if the most similar real one is that.
  let nearest = labels[Variable(drawn).cdist(Variable(pictures)).argmin(axis: 1)]
  let share = (nearest .== wanted).cast(to: .float32).mean().item()
  print("most similar to a real one of the digit asked for: \((100 * share).text(decimals: 1)) %")
}
