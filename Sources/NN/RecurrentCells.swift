// One step of a recurrent layer, for loops of your own: attention over a decoder's steps, sampling.

/// One step of a recurrent network; use `RNNCell`, `LSTMCell` or `GRUCell`.
///
/// Input [N, inputs] or [inputs], states [N, hiddenSize] or [hiddenSize]. Parameters `weight_ih`
/// [gates · hidden, inputs], `weight_hh` [gates · hidden, hidden], `bias_ih` and `bias_hh` [gates · hidden], as
/// PyTorch's, start uniform within ±1/√hidden.
public class RecurrentCell: Module {
  /// Features of an input and of a state.
  public let inputSize, hiddenSize: Int
  fileprivate let cell: CellParameters

  fileprivate init(
    _ inputSize: Int, _ hiddenSize: Int, gates: Int, bias: Bool, dtype: DType, generator: RandomGenerator
  ) {
    require(
      inputSize > 0 && hiddenSize > 0,
      "\(Self.self): sizes must be at least 1, got \(inputSize) and \(hiddenSize)")
    Self.requireFloat(dtype)
    (self.inputSize, self.hiddenSize) = (inputSize, hiddenSize)
    cell = CellParameters(
      inputSize, hiddenSize, gates: gates, bias: bias, suffix: "", dtype: dtype, generator: generator)
  }

  public override var summary: String { "\(type(of: self)) \(inputSize) -> \(hiddenSize)" }

  public override func multiplyAdds(input: Shape, output: Shape) -> Int {
    input.dropLast().reduce(1, *) * (cell.inputWeight.elementCount + cell.hiddenWeight.elementCount)
  }

  /// The step as a sequence of length one: `body` gets x [1, N, inputs] and states [N, hidden] and
  /// returns states of that shape.
  fileprivate func step(
    _ x: Variable, _ states: [Variable], _ body: (Variable, [Variable]) -> [Variable]
  ) -> [Variable] {
    require(
      (x.rank == 1 || x.rank == 2) && x.shape[-1] == inputSize,
      "wants [N, \(inputSize)] or [\(inputSize)], got \(x.shape)")
    let wanted = x.shape.replacing(axis: x.rank - 1, with: hiddenSize)
    for state in states { require(state.shape == wanted, "a state must be \(wanted), got \(state.shape)") }
    if x.rank == 2 { return body(x.unsqueeze(0), states) }
    return body(x.reshape([1, 1, inputSize] as Shape), states.map { $0.unsqueeze(0) }).map { $0.squeeze(axes: [0]) }
  }
}

extension RecurrentCell: CustomReflectable {
  /// The parameters under PyTorch's names, for the registry.
  public var customMirror: Mirror {
    Mirror(self, children: cell.named.map { (label: $0.name, value: $0.element) })
  }
}

/// One step of `RNN`. PyTorch's `nn.RNNCell`.
public final class RNNCell: RecurrentCell {
  /// The nonlinearity.
  public let activation: RecurrentActivation

  /// Creates a cell of given sizes, both at least 1.
  public init(
    _ inputSize: Int, _ hiddenSize: Int, activation: RecurrentActivation = .tanh, bias: Bool = true,
    dtype: DType = .float32, generator: RandomGenerator = .default
  ) {
    self.activation = activation
    super.init(inputSize, hiddenSize, gates: 1, bias: bias, dtype: dtype, generator: generator)
  }

  public override func forward(_ x: Variable) -> Variable { next(x, nil) }

  /// The state after a step, from that before it (zeros unless given).
  public func callAsFunction(_ x: Variable, state: Variable?) -> Variable { atWork { next(x, state) } }

  private func next(_ x: Variable, _ state: Variable?) -> Variable {
    step(x, [state].compactMap { $0 }) { x, states in
      let x = cell.inputPart(x)
      return [x.rnn(weight: cell.hiddenWeight, hidden: states.first, activation: activation)[0]]
    }[0]
  }
}

/// One step of `GRU`. PyTorch's `nn.GRUCell`.
public final class GRUCell: RecurrentCell {
  /// Creates a cell of given sizes, both at least 1.
  public init(
    _ inputSize: Int, _ hiddenSize: Int, bias: Bool = true, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    super.init(inputSize, hiddenSize, gates: 3, bias: bias, dtype: dtype, generator: generator)
  }

  public override func forward(_ x: Variable) -> Variable { next(x, nil) }

  /// The state after a step, from that before it (zeros unless given).
  public func callAsFunction(_ x: Variable, state: Variable?) -> Variable { atWork { next(x, state) } }

  private func next(_ x: Variable, _ state: Variable?) -> Variable {
    step(x, [state].compactMap { $0 }) { x, states in
      let x = cell.inputPart(x, withHiddenBias: false)
      return [x.gru(weight: cell.hiddenWeight, bias: cell.hiddenBias, hidden: states.first)[0]]
    }[0]
  }
}

/// One step of `LSTM`. PyTorch's `nn.LSTMCell`.
public final class LSTMCell: RecurrentCell {
  /// Creates a cell of given sizes, both at least 1.
  public init(
    _ inputSize: Int, _ hiddenSize: Int, bias: Bool = true, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    super.init(inputSize, hiddenSize, gates: 4, bias: bias, dtype: dtype, generator: generator)
  }

  /// The hidden state after a step from zeros.
  public override func forward(_ x: Variable) -> Variable { next(x, nil).hidden }

  /// The state after a step, from that before it (zeros unless given).
  public func callAsFunction(_ x: Variable, state: LSTM.State?) -> LSTM.State { atWork { next(x, state) } }

  private func next(_ x: Variable, _ state: LSTM.State?) -> LSTM.State {
    let both = step(x, state.map { [$0.hidden, $0.cell] } ?? []) { x, states in
      let x = cell.inputPart(x)
      let (hidden, last) = x.lstm(weight: cell.hiddenWeight, hidden: states.first, cell: states.last)
      return [hidden[0], last]
    }
    return LSTM.State(hidden: both[0], cell: both[1])
  }
}
