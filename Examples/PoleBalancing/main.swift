// A cart learns to balance a pole by trial: policy gradients (REINFORCE; Williams 1992), where the network's own
// actions produce the training data. `swift run -c release PoleBalancing --help` lists the options.

import Foundation
import NN
import Optim
import Training

struct Settings: CommonSettings {
  var rounds = 60
  var carts = 16
  var seed: UInt64 = 1
  var threads: Int?
  var svg = "balance.svg"
}

let parser = OptionParser(
  "PoleBalancing",
  summary: """
    Trains a policy to balance a pole on a cart for 500 steps, and prints how long it does at the end.
    """,
  defaults: Settings(),
  options: [
    .value("rounds", \.rounds, in: 1...100_000, help: "times that all carts are let go"),
    .value("carts", \.carts, in: 1...10_000, help: "carts that try at a time"),
    .value("svg", \.svg, placeholder: "FILE", help: "where the curve of times goes"),
  ] + OptionParser<Settings>.Option.common)

/// What one cart observed and did until its pole fell.
struct Attempt {
  var states: [[Double]] = []
  var actions: [Int] = []

  /// For each step, the discounted sum of the rewards from there on; each step's reward is 1.
  func returns(discount: Double) -> [Double] {
    var result: [Double] = []
    for _ in actions { result.append(1 + discount * (result.last ?? 0)) }
    return result.reversed()
  }
}

/// Runs one episode; actions are drawn from the policy's probabilities.
func attempt(_ policy: Module, _ generator: RandomGenerator) -> Attempt {
  var (cart, attempt) = (CartPole(generator), Attempt())
  withoutGradient {
    while attempt.actions.count < 500, !cart.hasFallen {
      let state = cart.state
      let right = policy(Tensor([state])).softmax().value[0, 1].item()
      let action = Double(generator.next() >> 11) * 0x1p-53 < right ? 1 : 0
      attempt.states.append(state)
      attempt.actions.append(action)
      cart.push(action == 1 ? 10 : -10)
    }
  }
  return attempt
}

parser.main { settings in
  settings.apply()
  let generator = RandomGenerator(seed: settings.seed)
  let policy = Sequential {
    Linear(4, 32, dtype: .float64)
    Tanh()
    Linear(32, 2, dtype: .float64)
  }
  let optimizer = Adam(policy.parameters, learningRate: 0.02)
  var times: [Double] = []
  for round in 1...settings.rounds {
    let attempts = (0..<settings.carts).map { _ in attempt(policy, generator) }
    times.append(Double(attempts.map(\.actions.count).reduce(0, +)) / Double(settings.carts))
    // Actions whose return is above the mean are made more likely, the others less.
    let returns = Tensor(attempts.flatMap { $0.returns(discount: 0.99) })
    let centred = returns - returns.mean()
    let advantages = centred / ((centred * centred).mean().sqrt() + 1e-8)
    optimizer.step {
      let scores = policy(Tensor(attempts.flatMap(\.states)))
      let losses = crossEntropy(scores, attempts.flatMap(\.actions), reduction: .none)
      return (losses * Variable(advantages)).mean()
    }
    if round % max(1, settings.rounds / 10) == 0 {
      print("round \(round): balanced for \((times.last ?? 0).text(decimals: 1)) steps of at most 500")
    }
  }
  var chart = Chart(title: "Balancing a pole", xLabel: "round", yLabel: "steps until it falls")
  chart.addCurve("mean of \(settings.carts) carts", y: times)
  try chart.write(to: URL(fileURLWithPath: settings.svg))
  print("\n\(chart.text())\n\npicture: \(settings.svg)")
  let last = (0..<50).map { _ in attempt(policy, generator).actions.count }.reduce(0, +)
  print("after training: \((Double(last) / 50).text(decimals: 1)) steps, the mean of 50 attempts")
}
