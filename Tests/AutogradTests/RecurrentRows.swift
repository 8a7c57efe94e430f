import Autograd

// Rows of the table of ops: recurrent cells over sequences, and their misuse.

/// Two rows, three steps: the first row takes part in the first and last step, the second row in the second.
private let mask = Tensor([[true, false], [false, true], [true, false]])

let recurrentRows: [OpRow] = [
  OpRow(.rnn, "", [[[3, 2, 3], [3, 3], [2, 3]], [[1, 1, 1], [1, 1], [1, 1]], [[2, 0, 2], [2, 2], [0, 2]]]) {
    $0[0].rnn(weight: $0[1], hidden: $0[2])
  },
  OpRow(.rnn, "relu, without a state", [[[3, 2, 2], [2, 2]]]) { $0[0].rnn(weight: $0[1], activation: .relu) },
  OpRow(.rnn, "reversed, masked", [[[3, 2, 2], [2, 2], [2, 2]]]) {
    $0[0].rnn(weight: $0[1], hidden: $0[2], mask: mask, isReversed: true)
  },
  OpRow(.lstm, "", [[[3, 2, 8], [8, 2], [2, 2], [2, 2]], [[1, 1, 4], [4, 1], [1, 1], [1, 1]]]) {
    lstm($0[0], $0[1], $0[2], $0[3])
  },
  OpRow(.lstm, "without a state", [[[2, 2, 4], [4, 1]], [[2, 0, 4], [4, 1]]]) { lstm($0[0], $0[1]) },
  OpRow(.lstm, "reversed, masked", [[[3, 2, 4], [4, 1], [2, 1], [2, 1]]]) {
    lstm($0[0], $0[1], $0[2], $0[3], mask: mask, isReversed: true)
  },
  OpRow(.gru, "", [[[3, 2, 6], [6, 2], [6], [2, 2]], [[1, 1, 3], [3, 1], [3], [1, 1]]]) {
    $0[0].gru(weight: $0[1], bias: $0[2], hidden: $0[3])
  },
  OpRow(.gru, "without bias and state", [[[3, 2, 6], [6, 2]], [[2, 0, 3], [3, 1]]]) { $0[0].gru(weight: $0[1]) },
  OpRow(.gru, "with bias alone", [[[2, 2, 3], [3, 1], [3]]]) { $0[0].gru(weight: $0[1], bias: $0[2]) },
  OpRow(.gru, "reversed, masked", [[[3, 2, 3], [3, 1], [3], [2, 1]]]) {
    $0[0].gru(weight: $0[1], bias: $0[2], hidden: $0[3], mask: mask, isReversed: true)
  },
]

/// The states and the last cell states as one value.
private func lstm(
  _ x: Variable, _ weight: Variable, _ hidden: Variable? = nil, _ cell: Variable? = nil, mask: Tensor? = nil,
  isReversed: Bool = false
) -> Variable {
  let (states, last) = x.lstm(weight: weight, hidden: hidden, cell: cell, mask: mask, isReversed: isReversed)
  return .concatenate([states, last.unsqueeze(0) * 2])
}

let recurrentDerivatives: [DerivativePart] = [
  (.standIn, { $0.unsqueeze(1).rnn(weight: $0.transpose().matmul($0)) })
]

// MARK: - Mistakes

let recurrentMistakes: [Mistake] = [
  Mistake("rnn: wants an input [T, N, H] of at least one step and a weight [H, H], got [2, 3] and [3, 3]") {
    _ = variable([2, 3]).rnn(weight: variable([3, 3]))
  },
  Mistake("rnn: the weight must be float32 [3, 3], got float64 [3, 3]") {
    _ = variable([2, 1, 3]).rnn(weight: variable([3, 3], .float64))
  },
  Mistake("rnn: the hidden state must be float32 [4, 3], got float32 [1, 4, 3]") {
    _ = variable([2, 4, 3]).rnn(weight: variable([3, 3]), hidden: variable([1, 4, 3]))
  },
  Mistake("lstm: wants an input [T, N, 4·H] of at least one step and a weight [4·H, H], got [0, 2, 8] and [8, 2]") {
    _ = variable([0, 2, 8]).lstm(weight: variable([8, 2]))
  },
  Mistake("lstm: the cell state must be float32 [2, 2], got float32 [2, 3]") {
    _ = variable([1, 2, 8]).lstm(weight: variable([8, 2]), cell: variable([2, 3]))
  },
  Mistake("lstm: the mask must be bool [1, 2], got bool [2, 1]") {
    _ = variable([1, 2, 8]).lstm(weight: variable([8, 2]), mask: Tensor([[true], [true]]))
  },
  Mistake("gru: wants an input [T, N, 3·H] of at least one step and a weight [3·H, H], got [2, 2, 8] and [6, 2]") {
    _ = variable([2, 2, 8]).gru(weight: variable([6, 2]))
  },
  Mistake("gru: the bias must be float32 [6], got float32 [2]") {
    _ = variable([1, 2, 6]).gru(weight: variable([6, 2]), bias: variable([2]))
  },
  Mistake("gru: wants float32 or float64, got int64 [1, 2, 6]") {
    _ = variable([1, 2, 6], .int64).gru(weight: variable([6, 2]))
  },
]
