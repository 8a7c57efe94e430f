import Foundation
import NN

/// A pole on a cart: the task of Barto, Sutton and Anderson 1983, with the constants of OpenAI Gym's CartPole-v1.
struct CartPole {
  /// Position (m) and velocity (m/s) of the cart, angle (rad) and angular velocity (rad/s) of the pole.
  private(set) var state: [Double]

  /// Starts with all four uniform in ±0.05.
  init(_ generator: RandomGenerator) {
    state = Tensor.randomUniform([4], low: -0.05, high: 0.05, dtype: .float64, generator: generator).scalars()
  }

  /// Whether the cart is beyond ±2.4 m or the pole beyond ±12 degrees.
  var hasFallen: Bool { abs(state[0]) > 2.4 || abs(state[2]) > 12 * .pi / 180 }

  /// Pushes the cart with a force in newtons for 0.02 s.
  mutating func push(_ force: Double) {
    let (gravity, cartMass, poleMass, halfLength, interval) = (9.8, 1.0, 0.1, 0.5, 0.02)
    let (sine, cosine) = (sin(state[2]), cos(state[2]))
    let total = cartMass + poleMass
    let pull = (force + poleMass * halfLength * state[3] * state[3] * sine) / total
    let turn =
      (gravity * sine - cosine * pull) / (halfLength * (4.0 / 3 - poleMass * cosine * cosine / total))
    let slide = pull - poleMass * halfLength * turn * cosine / total
    state = zip(state, [state[1], slide, state[3], turn]).map { $0 + interval * $1 }
  }
}
