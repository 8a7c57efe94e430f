// Layers as functions: what the first two course notebooks do by hand, with the same numbers.
//
// There a student writes affine_forward, affine_backward, relu_backward and softmax_loss, and checks each gradient
// against finite differences. Here a layer is its forward pass in one line; the derivative comes from the tape and is
// checked against the same differences. `swift run -c release Backprop --help` lists the options.

import Checks
import Foundation
import NN
import Training

struct Settings: CommonSettings {
  var seed: UInt64 = 231
  var threads: Int?
  var svg = "differences.svg"
}

let parser = OptionParser(
  "Backprop",
  summary: """
    Computes layers and their gradients, and holds them against the notebooks' numbers and against differences.
    Ends with 1 if a check fails.
    """,
  defaults: Settings(),
  options: [
    .value("svg", \.svg, placeholder: "FILE", help: "where the errors of differences are drawn")
  ] + OptionParser<Settings>.Option.common)

// MARK: The layers

/// Inputs (N, d₁, …, dₖ) as rows of D numbers, times weights (D, M), plus a bias (M).
func affine(_ x: Variable, _ w: Variable, _ b: Variable) -> Variable { x.flatten(startAxis: 1) • w + b }

// The other two are in the library: relu(), and crossEntropy(scores, labels) for softmax_loss.

/// Draws how far finite differences are from the gradient, as a function of their step: long steps suffer from
/// truncation error, short ones from rounding.
func drawStepSizes(at scores: Tensor, _ labels: [Int], gradient: Tensor, to path: String) throws {
  let exponents = Array(stride(from: -12.0, through: -0.5, by: 0.25))
  let errors = exponents.map { exponent in
    relativeError(
      numericalGradient({ crossEntropy(Variable($0), labels).value }, at: scores, step: pow(10, exponent)), gradient)
  }
  var chart = Chart(
    title: "Central differences against the tape", xLabel: "power of ten of the step", yLabel: "largest relative error",
    isLogarithmic: true)
  chart.addCurve("softmax loss, float64", x: exponents, y: errors)
  try chart.write(to: URL(fileURLWithPath: path))
}

parser.main { settings in
  settings.apply()
  var report = Report()
  let generator = RandomGenerator(seed: settings.seed)

  /// Float64 normal noise: gradient checks need the precision.
  func normal(_ shape: Shape, scale: Double = 1) -> Tensor {
    .randomNormal(shape, standardDeviation: scale, dtype: .float64, generator: generator)
  }

  // MARK: Affine layer

  print("affine layer, forward")
  let x = Tensor.linspace(-0.1, 0.5, count: 240, dtype: .float64).reshape([2, 4, 5, 6])
  let w = Tensor.linspace(-0.2, 0.3, count: 360, dtype: .float64).reshape([120, 3])
  let b = Tensor.linspace(-0.3, 0.1, count: 3, dtype: .float64)
  let output = affine(Variable(x), Variable(w), Variable(b)).value
  let expectedOutput = Tensor(
    [[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]], dtype: .float64)
  print(output)
  report.check("against the notebook's numbers", error: relativeError(output, expectedOutput), below: 1e-8)

  print("\naffine layer, backward")
  let points = [normal([10, 2, 3]), normal([6, 5]), normal([5])]
  let upstream = normal([10, 5])

  // The notebook's way: eval_numerical_gradient_array for one argument at a time.
  let leaves = points.map { Variable($0, requiresGrad: true) }
  affine(leaves[0], leaves[1], leaves[2]).backward(gradient: upstream)
  for (argument, name) in ["dx", "dw", "db"].enumerated() {
    let numeric = numericalGradient(
      { moved in
        var inputs = points.map { Variable($0) }
        inputs[argument] = Variable(moved)
        return affine(inputs[0], inputs[1], inputs[2]).value
      }, at: points[argument], upstream: upstream)
    report.check(
      "\(name) against differences", error: relativeError(numeric, leaves[argument].grad!.value), below: 1e-7)
  }

  // The library's way: all arguments at once, fourth-order differences, a random upstream gradient.
  let affineCheck = checkGradients(at: points) { affine($0[0], $0[1], $0[2]) }
  report.check("checkGradients", error: affineCheck.relativeError, below: 1e-9)

  // MARK: ReLU

  print("\nReLU")
  let steps = Tensor.linspace(-0.5, 0.5, count: 12, dtype: .float64).reshape([3, 4])
  let expectedReLU = Tensor(
    [[0, 0, 0, 0], [0, 0, 0.04545455, 0.13636364], [0.22727273, 0.31818182, 0.40909091, 0.5]], dtype: .float64)
  print(Variable(steps).relu().value)
  report.check(
    "against the notebook's numbers", error: relativeError(Variable(steps).relu().value, expectedReLU), below: 1e-7)
  report.check(
    "checkGradients", error: checkGradients(at: [normal([10, 10])]) { $0[0].relu() }.relativeError, below: 1e-11)

  // MARK: Softmax loss

  print("\nsoftmax loss")
  let labels = (0..<50).map { _ in generator.integer(in: 0..<10) }
  let scores = Variable(normal([50, 10], scale: 0.001), requiresGrad: true)
  let loss = crossEntropy(scores, labels)
  loss.backward()
  print("  scores near 0 say nothing, so the loss is about log 10 = 2.303:", String(format: "%.4f", loss.item()))
  report.check("loss against log 10", error: abs(loss.item() - log(10)), below: 1e-2)
  let numericScores = numericalGradient({ crossEntropy(Variable($0), labels).value }, at: scores.value)
  report.check("gradient against differences", error: relativeError(numericScores, scores.grad!.value), below: 1e-7)

  // exp(10,000) is infinite: the notebook's own loss gives NaN here.
  let large = Variable([[10_000, 0, -10_000]], dtype: .float64, requiresGrad: true)
  let largeLoss = crossEntropy(large, [1])
  largeLoss.backward()
  print("  scores 10,000, 0, −10,000 and label 1: loss \(largeLoss.item()), gradient \(large.grad!.value)")
  report.check("stable for large scores", error: abs(largeLoss.item() - 10_000), below: 1e-9)

  // MARK: A two-layer net

  print("\ntwo-layer net 4-10-3, five points (the digits themselves: swift run -c release Digits)")
  let net = Sequential(
    Linear(4, 10, dtype: .float64, generator: generator), ReLU(), Linear(10, 3, dtype: .float64, generator: generator))
  let inputs = normal([5, 4], scale: 10)
  let classes = [0, 1, 2, 2, 1]
  crossEntropy(net(inputs), classes).backward()
  for parameter in net.parameters {
    let variable = parameter.element
    let start = variable.value
    let numeric = numericalGradient(
      { moved in
        variable.value = moved
        return crossEntropy(net(inputs), classes).value
      }, at: start)
    variable.value = start
    report.check("d\(parameter.name)", error: relativeError(numeric, variable.grad!.value), below: 1e-6)
  }

  // Plain gradient descent, written out: p ← p − rate · dp.
  for step in 0...200 {
    net.zeroGrad()
    let loss = crossEntropy(net(inputs), classes)
    loss.backward()
    if step % 100 == 0 { print("  step \(step): loss", String(format: "%.4f", loss.item())) }
    for parameter in net.parameters { parameter.element.value -= parameter.element.grad!.value * 0.02 }
  }
  let predictions = net(inputs).argmax(axis: 1).scalars(as: Int.self)
  report.check("points that are still misread", error: Double(zip(predictions, classes).count { $0 != $1 }), below: 1)

  // MARK: The picture

  try drawStepSizes(at: scores.value, labels, gradient: scores.grad!.value, to: settings.svg)
  print("picture: \(settings.svg)")
  report.finish()
}
