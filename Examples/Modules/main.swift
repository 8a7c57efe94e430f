// Modules: what the third course notebook builds by hand, with the same numbers.
//
// There a student writes Module, Sequential, Linear, Sigmoid and a criterion, each with forward, backward and its
// parameters' gradients. Here a module is its forward pass; the library finds parameters and derivatives.
// `swift run -c release ModulesExample --help` lists the options.

import Checks
import Foundation
import NN
import Training

struct Settings: CommonSettings {
  var seed: UInt64 = 3
  var threads: Int?
  var svg = "modules.svg"
}

let parser = OptionParser(
  "ModulesExample",
  summary: """
    Builds a linear layer and a net of one's own, checks their numbers and gradients, and times loops against the matrix
    form. Ends with 1 if a check fails.
    """,
  defaults: Settings(),
  options: [
    .value("svg", \.svg, placeholder: "FILE", help: "where the loss is drawn")
  ] + OptionParser<Settings>.Option.common)

// MARK: A custom module

/// The notebook's linear layer, y = x · Wᵀ. Declaring the weight as a property is enough for it to be
/// found and trained.
final class MyLinear: Module {
  let weight: Variable

  init(weight: Tensor) { self.weight = Variable(weight, requiresGrad: true) }

  override func forward(_ x: Variable) -> Variable { x • weight.transpose() }

  /// The same with three loops, one number at a time.
  static func dumbForward(_ x: [[Double]], _ weight: [[Double]]) -> [[Double]] {
    var y = Array(repeating: Array(repeating: 0.0, count: weight.count), count: x.count)
    for sample in x.indices {
      for output in weight.indices {
        for input in x[sample].indices { y[sample][output] += x[sample][input] * weight[output][input] }
      }
    }
    return y
  }
}

/// The shortest of several runs, in milliseconds, and the last result.
func timed<Result>(_ runs: Int, _ body: () -> Result) -> (milliseconds: Double, result: Result) {
  let clock = ContinuousClock()
  var best = Duration.seconds(3600)
  var result = body()
  for _ in 0..<runs {
    // Not `clock.measure { result = body() }`: in release builds Swift 6.3.1 then frees rows of the result too early.
    let start = clock.now
    result = body()
    best = min(best, start.duration(to: clock.now))
  }
  return (best / .milliseconds(1), result)
}

parser.main { settings in
  settings.apply()
  var report = Report()
  let generator = RandomGenerator(seed: settings.seed)

  // MARK: A layer and a sigmoid

  print("W = [[0.9, 0.3], [0.2, 0.8]], no bias, sigmoid")
  let weight = Tensor([[0.9, 0.3], [0.2, 0.8]], dtype: .float64)
  let layer = MyLinear(weight: weight)
  let net = Sequential(layer, Sigmoid())
  print(net)
  print("parameters:", net.parameters.map { "\($0.name) \($0.element.shape)" }.joined(separator: ", "))

  let output = net(Tensor([1, 0.5], dtype: .float64)).value
  print("net([1, 0.5]) =", output)
  report.check(
    "against [0.7408, 0.6457]", error: relativeError(output, Tensor([0.7408, 0.6457], dtype: .float64)), below: 1e-4)

  let library = Sequential(Linear(weight: weight), Sigmoid())
  report.check(
    "the library's Linear", error: relativeError(library(Tensor([1, 0.5], dtype: .float64)).value, output), below: 1e-15
  )

  // MARK: Triple loop and matrix form

  print("\n256 samples through a layer of 128 × 256")
  let samples = Tensor.randomNormal([256, 128], dtype: .float64, generator: generator)
  let wide = MyLinear(weight: .randomNormal([256, 128], dtype: .float64, generator: generator))
  let sampleRows = (0..<256).map { samples[$0].scalars(as: Double.self) }
  let weightRows = (0..<256).map { wide.weight.value[$0].scalars(as: Double.self) }
  let dumb = timed(3) { MyLinear.dumbForward(sampleRows, weightRows) }
  let matrix = timed(20) { wide(samples).value }
  print(String(format: "  three loops %8.3f ms", dumb.milliseconds))
  print(
    String(
      format: "  matrix form %8.3f ms, %.0f times as fast", matrix.milliseconds, dumb.milliseconds / matrix.milliseconds
    ))
  report.check(
    "largest difference of the two", error: (matrix.result - Tensor(dumb.result)).abs().max().item(),
    below: 1e-11)

  // MARK: Criterion and gradients

  print("\nmean squared error, gradients against differences")
  let x = Variable(.randomNormal([6, 2], dtype: .float64, generator: generator), requiresGrad: true)
  let target = Tensor.randomUniform([6, 2], dtype: .float64, generator: generator)
  let loss = mse(net(x), target)
  loss.backward()

  let byHand = ((net(x).value - target) * (net(x).value - target)).mean()
  report.check("loss against its formula", error: relativeError(loss.value, byHand), below: 1e-14)

  let numericInput = numericalGradient({ mse(net($0), target).value }, at: x.value)
  report.check("by the input", error: relativeError(x.grad!.value, numericInput), below: 1e-8)

  let numericWeight = numericalGradient(
    { mse(Sequential(MyLinear(weight: $0), Sigmoid())(x.value), target).value }, at: weight)
  report.check("by the weight", error: relativeError(layer.weight.grad!.value, numericWeight), below: 1e-8)

  // The same with the library's checker: fourth-order differences, both arguments at once.
  let check = checkGradients(at: [x.value, weight]) { mse(($0[0] • $0[1].transpose()).sigmoid(), target) }
  report.check("checkGradients", error: check.relativeError, below: 1e-9)

  // MARK: Learning

  print("\ngradient descent on the same six samples")
  let start = loss.item()
  var losses: [Double] = []
  for _ in 0..<200 {
    net.zeroGrad()
    let loss = mse(net(x), target)
    loss.backward()
    losses.append(loss.item())
    for parameter in net.parameters { parameter.element.value -= parameter.element.grad!.value * 0.5 }
  }
  let end = mse(net(x), target).item()
  print(String(format: "  loss %.4f before, %.4f after 200 steps", start, end))
  report.check("loss after over loss before", error: end / start, below: 0.9)

  var chart = Chart(title: "A linear layer and a sigmoid learn", xLabel: "step", yLabel: "mean squared error")
  chart.addCurve("six samples", y: losses)
  try chart.write(to: URL(fileURLWithPath: settings.svg))
  print("picture: \(settings.svg)")
  report.finish()
}
