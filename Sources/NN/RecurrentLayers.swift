/// Elman's recurrent network: h' = tanh(W · x + b + U · h + d), or max(·, 0).
///
/// Shapes, names and initial values as in `RecurrentLayer`. Elman 1990; PyTorch's `nn.RNN`.
///
/// ```swift
/// let rnn = RNN(10, 20, layers: 2)
/// let output = rnn(x)                                // [T, N, 20]
/// let (outputs, last) = rnn(x, state: first)         // states are [2, N, 20]
/// let (padded, _) = rnn(x, mask: sequenceMask(lengths: [5, 3]))
/// ```
public final class RNN: RecurrentLayer {
  /// The nonlinearity.
  public let activation: RecurrentActivation

  /// Creates a stack of layers; `dropout` acts between them in training. All sizes are at least 1.
  public init(
    _ inputSize: Int, _ hiddenSize: Int, layers: Int = 1, activation: RecurrentActivation = .tanh, bias: Bool = true,
    batchFirst: Bool = false, dropout: Double = 0, bidirectional: Bool = false, dtype: DType = .float32,
    generator: RandomGenerator = .default
  ) {
    self.activation = activation
    super.init(
      inputSize, hiddenSize, gates: 1, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
      bidirectional: bidirectional, dtype: dtype, generator: generator)
  }

  // Disfavored as what it inherits is, so that `rnn(x)` alone is the output.

  /// Outputs of all steps and the states after the last one, from states before the first (zeros unless given).
  ///
  /// `mask` (bool [N, T], or [T] for a single sequence) is true where a step belongs to its sequence: elsewhere the
  /// output is 0 and the state stays the same, so that the last state is that of the last true step and the backward
  /// direction starts there, as with PyTorch's packed sequences.
  @_disfavoredOverload
  public func callAsFunction(
    _ x: Variable, state: Variable? = nil, mask: Tensor? = nil
  ) -> (output: Variable, state: Variable) {
    atWork { sequence(x, state: state, mask: mask) }
  }

  override func run(
    _ x: Variable, _ cell: CellParameters, _ states: [Variable], mask: Tensor?, isReversed: Bool
  ) -> (output: Variable, states: [Variable]) {
    let output = cell.inputPart(x).rnn(
      weight: cell.hiddenWeight, hidden: states.first, activation: activation, mask: mask, isReversed: isReversed)
    return (output, [output[isReversed ? 0 : -1]])
  }
}

/// Gated recurrent unit: r = σ(W₁x + b₁ + U₁h + d₁), z = σ(W₂x + b₂ + U₂h + d₂), n = tanh(W₃x + b₃ + r·(U₃h + d₃)),
/// h' = (1 − z)·n + z·h.
///
/// Shapes, names and initial values as in `RecurrentLayer`; gates are in the order r, z, n. Cho et
/// al. 2014; PyTorch's `nn.GRU`.
public final class GRU: RecurrentLayer {
  /// Creates a stack of layers; `dropout` acts between them in training. All sizes are at least 1.
  public init(
    _ inputSize: Int, _ hiddenSize: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false, dtype: DType = .float32, generator: RandomGenerator = .default
  ) {
    super.init(
      inputSize, hiddenSize, gates: 3, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
      bidirectional: bidirectional, dtype: dtype, generator: generator)
  }

  /// Outputs of all steps and the states after the last one; `state` and `mask` as in `RNN`.
  @_disfavoredOverload
  public func callAsFunction(
    _ x: Variable, state: Variable? = nil, mask: Tensor? = nil
  ) -> (output: Variable, state: Variable) {
    atWork { sequence(x, state: state, mask: mask) }
  }

  override func run(
    _ x: Variable, _ cell: CellParameters, _ states: [Variable], mask: Tensor?, isReversed: Bool
  ) -> (output: Variable, states: [Variable]) {
    let output = cell.inputPart(x, withHiddenBias: false).gru(
      weight: cell.hiddenWeight, bias: cell.hiddenBias, hidden: states.first, mask: mask, isReversed: isReversed)
    return (output, [output[isReversed ? 0 : -1]])
  }
}

/// Long short-term memory: [i, f, g, o] = W · x + b + U · h + d, c' = σ(f)·c + σ(i)·tanh(g), h' = σ(o)·tanh(c').
///
/// Shapes, names and initial values as in `RecurrentLayer`; gates are in the order i, f, g, o. Hochreiter and
/// Schmidhuber 1997; PyTorch's `nn.LSTM`.
public final class LSTM: RecurrentLayer {
  /// The state between steps: hidden states h and cells c, each [layers · directions, N, hidden].
  public struct State: VariableTree {
    /// The hidden states, which are also the outputs.
    public let hidden: Variable
    /// The cells.
    public let cell: Variable

    /// Creates a state from both parts.
    public init(hidden: Variable, cell: Variable) { (self.hidden, self.cell) = (hidden, cell) }

    /// The state with both parts replaced.
    public func mapVariables(_ transform: (Variable) -> Variable) -> State {
      State(hidden: transform(hidden), cell: transform(cell))
    }
  }

  /// Creates a stack of layers; `dropout` acts between them in training. All sizes are at least 1.
  public init(
    _ inputSize: Int, _ hiddenSize: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false, dtype: DType = .float32, generator: RandomGenerator = .default
  ) {
    super.init(
      inputSize, hiddenSize, gates: 4, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
      bidirectional: bidirectional, dtype: dtype, generator: generator)
  }

  /// Outputs of all steps and the states after the last one; `state` and `mask` as in `RNN`.
  @_disfavoredOverload
  public func callAsFunction(
    _ x: Variable, state: State? = nil, mask: Tensor? = nil
  ) -> (output: Variable, state: State) {
    atWork {
      let (output, states) = sequence(x, states: state.map { [$0.hidden, $0.cell] } ?? [], mask: mask)
      return (output, State(hidden: states[0], cell: states[1]))
    }
  }

  override func run(
    _ x: Variable, _ cell: CellParameters, _ states: [Variable], mask: Tensor?, isReversed: Bool
  ) -> (output: Variable, states: [Variable]) {
    let (output, last) = cell.inputPart(x).lstm(
      weight: cell.hiddenWeight, hidden: states.first, cell: states.last, mask: mask, isReversed: isReversed)
    return (output, [output[isReversed ? 0 : -1], last])
  }
}
