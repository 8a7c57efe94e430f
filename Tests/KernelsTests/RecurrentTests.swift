import Foundation
import Kernels
import Testing

/// A cell over a sequence, with sizes that are not multiples of a register, a panel or a thread's range of rows.
private struct Sequence: Sendable {
  let cell: ag_cell
  let steps, batch, hidden: Int
  let gates: Int
  let isReversed: Bool
  let x, weight, bias, h0, c0, dh: [Double]
  let mask: [UInt8]

  init(_ cell: ag_cell, steps: Int = 3, batch: Int = 35, hidden: Int = 37, isReversed: Bool = false) {
    (self.cell, self.steps, self.batch, self.hidden, self.isReversed) = (cell, steps, batch, hidden, isReversed)
    gates = cell == AG_LSTM ? 4 : cell == AG_GRU ? 3 : 1
    var random = Numbers(seed: 8)
    x = random.values(Double.self, steps * batch * gates * hidden)
    weight = random.values(Double.self, gates * hidden * hidden).map { $0 / 4 }
    bias = random.values(Double.self, gates * hidden)
    h0 = random.values(Double.self, batch * hidden)
    c0 = random.values(Double.self, batch * hidden)
    dh = random.values(Double.self, steps * batch * hidden)
    mask = random.values(Double.self, steps * batch).map { $0 > -0.5 ? 1 : 0 }
  }

  func with(_ body: (UnsafePointer<ag_recurrence>) -> Void) {
    weight.withUnsafeBytes { weight in
      bias.withUnsafeBytes { bias in
        h0.withUnsafeBytes { h0 in
          c0.withUnsafeBytes { c0 in
            mask.withUnsafeBufferPointer { mask in
              var of = ag_recurrence()
              (of.type, of.cell, of.reversed) = (AG_F64, cell, isReversed)
              (of.steps, of.batch, of.hidden) = (steps, batch, hidden)
              (of.weight, of.h0, of.mask) = (weight.baseAddress, h0.baseAddress, mask.baseAddress)
              if cell == AG_GRU { of.bias = bias.baseAddress }
              if cell == AG_LSTM { of.c0 = c0.baseAddress }
              body(&of)
            }
          }
        }
      }
    }
  }

  /// States, and the gradients of x and h0.
  func results() -> [[Double]] {
    var (h, dx, dh0) = ([Double](), [Double](), [Double]())
    let states = steps * batch * hidden, own = UnsafeMutablePointer<Double>.allocate(capacity: 6 * states + x.count)
    defer { own.deallocate() }
    let (isLSTM, isGRU) = (cell == AG_LSTM, cell == AG_GRU)
    let (c, kept) = (isLSTM ? own : nil, isLSTM || isGRU ? own + states : nil)
    let (dc0, dProduct) = (isLSTM ? own + 5 * states : nil, isGRU ? own + 6 * states : nil)
    with { of in
      h = guarded(states) { ag_recurrent(of, x, $0, c, kept) }
      dh0 = guarded(batch * hidden) { dh0 in
        dx = guarded(x.count) { ag_recurrent_backward(of, h, c, kept, dh, nil, $0, dProduct, dh0, dc0) }
      }
    }
    return [h, dx, dh0]
  }

  /// The states by a scalar loop.
  func expectedStates() -> [Double] {
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    var states = [Double](repeating: 0, count: steps * batch * hidden)
    for row in 0..<batch {
      var h = Array(h0[(row * hidden)..<((row + 1) * hidden)]), c = Array(c0[(row * hidden)..<((row + 1) * hidden)])
      for turn in 0..<steps {
        let step = isReversed ? steps - 1 - turn : turn, place = step * batch + row
        func product(_ gate: Int, _ unit: Int) -> Double {
          let start = (gate * hidden + unit) * hidden
          return zip(h, weight[start..<(start + hidden)]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        func input(_ gate: Int, _ unit: Int) -> Double { x[(place * gates + gate) * hidden + unit] }
        func sum(_ gate: Int, _ unit: Int) -> Double { input(gate, unit) + product(gate, unit) }
        var next = h
        for unit in 0..<hidden where mask[place] == 1 {
          switch cell {
          case AG_RNN_TANH: next[unit] = tanh(sum(0, unit))
          case AG_RNN_RELU: next[unit] = max(sum(0, unit), 0)
          case AG_LSTM:
            c[unit] = sigmoid(sum(1, unit)) * c[unit] + sigmoid(sum(0, unit)) * tanh(sum(2, unit))
            next[unit] = sigmoid(sum(3, unit)) * tanh(c[unit])
          default:
            let (reset, update) = (
              sigmoid(sum(0, unit) + bias[unit]), sigmoid(sum(1, unit) + bias[hidden + unit])
            )
            let new = tanh(input(2, unit) + reset * (product(2, unit) + bias[2 * hidden + unit]))
            next[unit] = (1 - update) * new + update * h[unit]
          }
        }
        h = next
        states.replaceSubrange((place * hidden)..<((place + 1) * hidden), with: h)
      }
    }
    return states
  }
}

private let cells = [AG_RNN_TANH, AG_RNN_RELU, AG_LSTM, AG_GRU]

@Suite struct RecurrentTests {
  @Test(arguments: cells.indices, [false, true]) func statesAreThoseOfTheFormulas(_ cell: Int, isReversed: Bool) {
    let sequence = Sequence(cells[cell], isReversed: isReversed)
    let error = zip(sequence.results()[0], sequence.expectedStates()).map { abs($0 - $1) }.max() ?? .nan
    #expect(error < 1e-13)
  }

  /// The directional derivative of Σ h · dh in x and h0 agrees with the gradients.
  @Test(arguments: cells.indices, [false, true]) func gradientsMatchDifferences(_ cell: Int, isReversed: Bool) {
    let sequence = Sequence(cells[cell], steps: 2, batch: 18, isReversed: isReversed)
    let found = sequence.results(), step = 1e-6
    func loss(_ sign: Double) -> Double {
      let moved = sequence.moved(by: sign * step)
      return zip(moved.results()[0], sequence.dh).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let slope = sequence.slope(found[1], found[2])
    #expect(abs((loss(1) - loss(-1)) / (2 * step) - slope) < 1e-6 * max(1, abs(slope)))
  }
}

extension Sequence {
  private init(_ other: Sequence, x: [Double], h0: [Double]) {
    (cell, steps, batch, hidden, gates) = (other.cell, other.steps, other.batch, other.hidden, other.gates)
    (isReversed, weight, bias, c0, dh) = (other.isReversed, other.weight, other.bias, other.c0, other.dh)
    (mask, self.x, self.h0) = (other.mask, x, h0)
  }

  private func direction(_ place: Int) -> Double { sin(Double(place)) }

  /// The sequence with x and h0 moved by `step` along the direction.
  fileprivate func moved(by step: Double) -> Sequence {
    Sequence(
      self, x: x.enumerated().map { $1 + step * direction($0) }, h0: h0.enumerated().map { $1 + step * direction($0) })
  }

  /// The directional derivative according to the gradients.
  fileprivate func slope(_ dx: [Double], _ dh0: [Double]) -> Double {
    [dx, dh0].reduce(0) { sum, d in d.enumerated().reduce(sum) { $0 + direction($1.offset) * $1.element } }
  }
}

extension ThreadCountTests {
  @Test(arguments: cells.indices) func recurrentCellsHaveTheSameBits(_ cell: Int) {
    defer { ag_set_thread_count(2) }
    let sequence = Sequence(cells[cell], steps: 40, batch: 50, hidden: cell < 2 ? 60 : 33)
    let results = [1, 2, 4].map { threads in
      ag_set_thread_count(Int32(threads))
      return sequence.results().map { $0.map(\.bitPattern) }
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }
}
