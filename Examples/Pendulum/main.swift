// How long is the pendulum, and how strongly is it damped? Both are fitted to noisy measurements of its angle by
// gradients that flow through the whole simulation: a loop of Runge–Kutta steps is differentiated like anything else.
// `swift run -c release Pendulum --help` lists the options.

import Foundation
import NN
import Optim
import Training

struct Settings: CommonSettings {
  var steps = 300
  var noise = 0.05
  var seed: UInt64 = 1
  var threads: Int?
  var svg = "pendulum.svg"
}

let parser = OptionParser(
  "Pendulum",
  summary: """
    Simulates a pendulum of length 1.3 m and damping 0.25 / s, adds noise to what can be seen of it, and finds both
    numbers again.
    """,
  defaults: Settings(),
  options: [
    .value("steps", \.steps, in: 1...100_000, help: "steps of the optimizer"),
    .value("noise", \.noise, in: 0...10, help: "standard deviation of the measurements in radians"),
    .value("svg", \.svg, placeholder: "FILE", help: "where the picture goes"),
  ] + OptionParser<Settings>.Option.common)

/// The state of any number of pendulums: angles in radians and angular velocities.
struct State {
  var angle, velocity: Variable

  static func + (state: State, change: (slope: State, time: Double)) -> State {
    State(
      angle: state.angle + change.slope.angle * change.time,
      velocity: state.velocity + change.slope.velocity * change.time)
  }
}

/// θ″ = −g / length · sin θ − damping · θ′
struct Pendulum: Model {
  let length: Variable
  let damping: Variable

  init(length: Double, damping: Double) {
    self.length = Variable(Tensor(length), requiresGrad: true)
    self.damping = Variable(Tensor(damping), requiresGrad: true)
  }

  func slope(_ state: State) -> State {
    State(angle: state.velocity, velocity: state.angle.sin() * -9.81 / length - state.velocity * damping)
  }

  /// One step of the classical fourth-order Runge–Kutta method.
  func stepped(_ state: State, by time: Double) -> State {
    let first = slope(state)
    let second = slope(state + (first, time / 2))
    let third = slope(state + (second, time / 2))
    let fourth = slope(state + (third, time))
    return state + (first, time / 6) + (second, time / 3) + (third, time / 3) + (fourth, time / 6)
  }

  /// The angles at `count` times, `time` apart: [count, pendulums].
  func angles(from start: State, count: Int, every time: Double) -> Variable {
    var (state, angles) = (start, [start.angle])
    for _ in 1..<count {
      state = stepped(state, by: time)
      angles.append(state.angle)
    }
    return .stack(angles)
  }
}

parser.main { settings in
  settings.apply()
  let (count, interval) = (120, 0.05)
  // Three pendulums, released at three angles.
  let start = State(angle: Variable([0.4, 1.2, 2.6], dtype: .float64), velocity: Variable([0, 0, 0], dtype: .float64))
  let truth = Pendulum(length: 1.3, damping: 0.25)
  let exact = withoutGradient { truth.angles(from: start, count: count, every: interval).value }
  let seen = exact + .randomNormal(exact.shape, standardDeviation: settings.noise, dtype: .float64)

  let model = Pendulum(length: 2, damping: 0.8)
  let first = withoutGradient { model.angles(from: start, count: count, every: interval).value }
  let optimizer = Adam(model.parameters, learningRate: 0.02)
  for step in 0...settings.steps {
    let loss = optimizer.step { mse(model.angles(from: start, count: count, every: interval), Variable(seen)) }
    if step % max(1, settings.steps / 6) == 0 {
      print(
        "step \(step): loss \(loss.text(decimals: 5)), length \(model.length.item().text(decimals: 4)) m, "
          + "damping \(model.damping.item().text(decimals: 4)) / s")
    }
  }

  let times = (0..<count).map { Double($0) * interval }
  let found = withoutGradient { model.angles(from: start, count: count, every: interval).value }
  var chart = Chart(title: "A pendulum, seen and understood", xLabel: "seconds", yLabel: "angle in radians")
  chart.addPoints("measured", x: times, y: seen[.all, 1].scalars())
  chart.addCurve("before", x: times, y: first[.all, 1].scalars())
  chart.addCurve("found", x: times, y: found[.all, 1].scalars())
  try chart.write(to: URL(fileURLWithPath: settings.svg))
  print("\n\(chart.text())\n\npicture: \(settings.svg)")
  let length = model.length.item().text(decimals: 3)
  print("found length \(length) m (true 1.300), damping \(model.damping.item().text(decimals: 3)) / s (true 0.250)")
}
