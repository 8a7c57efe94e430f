// Recurrent layers: the base of RNN, LSTM and GRU. Each runs the op of the same name, layer after layer.

/// A recurrent layer or stack of them; use `RNN`, `LSTM` or `GRU`.
///
/// Input [T, N, inputs], or [N, T, inputs] with `batchFirst`, or [T, inputs] for a single sequence; output the same
/// with `hiddenSize` features, or twice as many if bidirectional: those of the forward direction, then those of the
/// backward one. States are [layers · directions, N, hiddenSize] (layer 0 forward, layer 0 backward, layer 1 forward,
/// …), whatever `batchFirst` says, without N for a single sequence.
///
/// Parameters are named and laid out as PyTorch's: `weight_ih_l0` [gates · hidden, inputs], `weight_hh_l0` [gates ·
/// hidden, hidden], `bias_ih_l0` and `bias_hh_l0` [gates · hidden], with the suffix `_reverse` for the backward
/// direction. All start uniform within ±1/√hidden.
public class RecurrentLayer: Module {
  /// Features of an input and of a state.
  public let inputSize, hiddenSize: Int
  /// Layers on top of one another; each takes the outputs of the one below.
  public let layerCount: Int
  /// Whether each layer also runs from the end to the beginning.
  public let isBidirectional: Bool
  /// Whether the batch is the first axis and time the second.
  public let batchFirst: Bool
  /// The probability with which outputs of all layers but the last are dropped in training.
  public let dropout: Double
  /// Layer after layer, each forward and backward.
  private let cells: [CellParameters]
  private let generator: RandomGenerator

  init(
    _ inputSize: Int, _ hiddenSize: Int, gates: Int, layers: Int, bias: Bool, batchFirst: Bool, dropout: Double,
    bidirectional: Bool, dtype: DType, generator: RandomGenerator
  ) {
    let name = "\(Self.self)"
    require(
      inputSize > 0 && hiddenSize > 0 && layers > 0,
      "\(name): sizes and the number of layers must be at least 1, got \(inputSize), \(hiddenSize) and \(layers)")
    requirePossible(layers: layers, of: name)
    require(dropout >= 0 && dropout <= 1, "\(name): a probability of dropout lies between 0 and 1, got \(dropout)")
    Self.requireFloat(dtype)
    (self.inputSize, self.hiddenSize, layerCount) = (inputSize, hiddenSize, layers)
    (isBidirectional, self.batchFirst, self.dropout, self.generator) = (bidirectional, batchFirst, dropout, generator)
    cells = (0..<layers).flatMap { layer in
      [false, true].prefix(bidirectional ? 2 : 1).map { isReversed in
        CellParameters(
          layer == 0 ? inputSize : bidirectional ? 2 * hiddenSize : hiddenSize, hiddenSize, gates: gates, bias: bias,
          suffix: "_l\(layer)" + (isReversed ? "_reverse" : ""), dtype: dtype, generator: generator)
      }
    }
  }

  public final override func forward(_ x: Variable) -> Variable { sequence(x, states: [], mask: nil).output }

  public override var summary: String {
    let options = [
      layerCount > 1 ? "\(layerCount) layers" : nil, isBidirectional ? "bidirectional" : nil,
      dropout > 0 ? "dropout \(dropout)" : nil,
    ]
    return (["\(type(of: self)) \(inputSize) -> \(hiddenSize)"] + options.compactMap { $0 }).joined(separator: ", ")
  }

  public override func multiplyAdds(input: Shape, output: Shape) -> Int {
    let steps = input.dropLast().reduce(1, *)
    return cells.reduce(0) { $0 + steps * ($1.inputWeight.elementCount + $1.hiddenWeight.elementCount) }
  }

  /// One direction of one layer over all steps: from x [T, N, features] and the states before, the outputs
  /// [T, N, hidden] and the states after.
  func run(
    _ x: Variable, _ cell: CellParameters, _ states: [Variable], mask: Tensor?, isReversed: Bool
  ) -> (output: Variable, states: [Variable]) {
    stop("\(type(of: self)): has no rule for a step")
  }

  /// The output and the states after the last step, from those before the first: none for zeros, else as many as the
  /// layer has, each [layers · directions, N, hidden].
  final func sequence(_ x: Variable, states: [Variable], mask: Tensor?) -> (output: Variable, states: [Variable]) {
    checkInput(x, states, mask)
    let isSingle = x.rank == 2
    var output = isSingle ? x.unsqueeze(1) : batchFirst ? x.transpose(0, 1) : x
    let before = isSingle ? states.map { $0.unsqueeze(1) } : states
    let steps = mask.map { isSingle ? $0.unsqueeze(1) : $0.transpose() }
    let directions = isBidirectional ? 2 : 1
    var after: [[Variable]] = []
    for layer in 0..<layerCount {
      if layer > 0, isTraining, dropout > 0 { output = output.dropout(dropout, generator: generator) }
      let runs = (0..<directions).map { direction in
        let index = layer * directions + direction
        return run(output, cells[index], before.map { $0[index] }, mask: steps, isReversed: direction == 1)
      }
      output = isBidirectional ? .concatenate(runs.map(\.output), axis: 2) : runs[0].output
      if let steps { output = output.maskedFill((!steps).unsqueeze(2), 0) }
      after += runs.map(\.states)
    }
    let last = after[0].indices.map { kind in Variable.stack(after.map { $0[kind] }) }
    return isSingle
      ? (output.squeeze(axes: [1]), last.map { $0.squeeze(axes: [1]) })
      : (batchFirst ? output.transpose(0, 1) : output, last)
  }

  /// The same for layers with one state.
  final func sequence(_ x: Variable, state: Variable?, mask: Tensor?) -> (output: Variable, state: Variable) {
    let (output, states) = sequence(x, states: state.map { [$0] } ?? [], mask: mask)
    return (output, states[0])
  }

  private func checkInput(_ x: Variable, _ states: [Variable], _ mask: Tensor?) {
    require(
      (x.rank == 2 || x.rank == 3) && x.shape[-1] == inputSize,
      "wants \(batchFirst ? "[N, T, \(inputSize)]" : "[T, N, \(inputSize)]") or [T, \(inputSize)], got \(x.shape)")
    let timeAxis = x.rank == 3 && batchFirst ? 1 : 0
    require(x.shape[timeAxis] > 0, "wants at least one step, got \(x.shape)")
    let batch = x.rank == 2 ? [] : [x.shape[1 - timeAxis]]
    let wanted = Shape([cells.count] + batch + [hiddenSize])
    for state in states {
      require(state.shape == wanted, "an initial state must be \(wanted), got \(state.shape)")
    }
    guard let mask else { return }
    let marks = Shape(batch + [x.shape[timeAxis]])
    require(
      mask.dtype == .bool && mask.shape == marks,
      "the mask must be bool \(marks), one mark a step, got \(mask.dtype) \(mask.shape)")
  }
}

extension RecurrentLayer: CustomReflectable {
  /// The parameters under PyTorch's names, for the registry.
  public var customMirror: Mirror {
    Mirror(self, children: cells.flatMap(\.named).map { (label: $0.name, value: $0.element) })
  }
}

/// The weights of one recurrent cell.
struct CellParameters {
  let inputWeight, hiddenWeight: Variable
  let inputBias, hiddenBias: Variable?
  private let suffix: String

  init(
    _ inputs: Int, _ hidden: Int, gates: Int, bias: Bool, suffix: String, dtype: DType, generator: RandomGenerator
  ) {
    let initializer = Initializer.torchDefault(fanIn: hidden)
    func parameter(_ shape: Shape) -> Variable {
      initializer.parameter(shape, dtype: dtype, generator: generator)
    }
    inputWeight = parameter([gates.times(hidden), inputs])
    hiddenWeight = parameter([gates.times(hidden), hidden])
    inputBias = bias ? parameter([gates.times(hidden)]) : nil
    hiddenBias = bias ? parameter([gates.times(hidden)]) : nil
    self.suffix = suffix
  }

  /// Under PyTorch's names and in its order.
  var named: [Named<Variable>] {
    [("weight_ih", inputWeight), ("weight_hh", hiddenWeight), ("bias_ih", inputBias), ("bias_hh", hiddenBias)]
      .compactMap { name, variable in variable.map { Named(name: name + suffix, element: $0) } }
  }

  /// The input's part of all gates, with both biases unless the hidden one needs separate treatment.
  func inputPart(_ x: Variable, withHiddenBias: Bool = true) -> Variable {
    guard let inputBias, let hiddenBias, withHiddenBias else { return x.linear(weight: inputWeight, bias: inputBias) }
    return x.linear(weight: inputWeight, bias: inputBias + hiddenBias)
  }
}
