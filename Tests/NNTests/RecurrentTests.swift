import Foundation
import NN
import Testing

/// Recurrent layers, against PyTorch's numbers and in self-consistency checks.
@Suite struct RecurrentTests {
  // torch, float64, for each of nn.RNN, nn.GRU and nn.LSTM(2, 2, num_layers=2, batch_first=True, bidirectional=True):
  // parameters one after another are sin(0)/2, sin(1)/2, …; x = cos(arange(24)).reshape(3, 4, 2);
  // y, s = m(pack_padded_sequence(x, [4, 1, 2], batch_first=True, enforce_sorted=False)); y, _ = pad_packed_sequence(y)
  // loss = Σ y·sin(arange) + Σ h·cos(arange) (+ Σ c·cos(arange)); squares are sums of squares.
  struct Packed: Sendable {
    let name: String
    let output, hidden, dInput, dParameters: Double
    /// y[1, 0], x.grad[2, :2], h[-1]
    let outputs, inputGradients, lastStates: [Double]
  }

  static let packed = [
    Packed(
      name: "RNN", output: 2.591136713335148, hidden: 3.0025245087692203, dInput: 1.0102661643979565,
      dParameters: 56.6138071329683,
      outputs: [-0.29923057001046, 0.197159792760097, 0.198652199185044, -0.34925080620857],
      inputGradients: [0.261162422286542, -0.327094898954964, 0.325340305870938, 0.0473859797366409],
      lastStates: [
        0.139440274603152, -0.165811226635048, 0.198652199185044, -0.34925080620857, 0.423522973213785,
        -0.476072858341008,
      ]),
    Packed(
      name: "GRU", output: 1.4205749947396398, hidden: 2.3230127922570007, dInput: 0.23052716294147407,
      dParameters: 4.411433375183831,
      outputs: [-0.264694078409308, -0.114850583286181, 0.0731090016395548, -0.135976414135971],
      inputGradients: [0.0229055961051193, -0.198684635248564, -0.109595527869462, -0.127464222152991],
      lastStates: [
        0.22777815565279, -0.427235732746748, 0.0731090016395548, -0.135976414135971, 0.171160638971926,
        -0.277864990048622,
      ]),
    Packed(
      name: "LSTM", output: 1.153471543249427, hidden: 0.8002476030407528, dInput: 1.098343344232965,
      dParameters: 7.543927147983977,
      outputs: [-0.154577853985867, -0.203654658787084, -0.163398455372893, 0.0409086942697592],
      inputGradients: [0.211068060943135, -0.182214897733073, -0.478548155668839, -0.411600887802459],
      lastStates: [
        -0.269978873253028, 0.0676879043821492, -0.163398455372893, 0.0409086942697592, -0.209923108212373,
        0.0719308743084031,
      ]),
  ]

  @Test(arguments: packed.indices) func masksArePackedSequences(_ number: Int) {
    let expected = Self.packed[number]
    let layer = Self.make(expected.name, layers: 2, batchFirst: true, bidirectional: true)
    fillWithWaves(layer)
    let x = Variable(wave(cos, [3, 4, 2]), requiresGrad: true)
    let (y, states) = Self.run(layer, x, mask: sequenceMask(lengths: [4, 1, 2]))
    #expect(y.shape == [3, 4, 4] && states.allSatisfy { $0.shape == [4, 3, 2] })
    states.reduce(waveLoss(y, sin)) { $0 + waveLoss($1, cos) }.backward()
    #expect(abs(squares(y.value) - expected.output) < 1e-12)
    #expect(abs(squares(states[0].value) - expected.hidden) < 1e-12)
    #expect(abs(squares(x.grad?.value) - expected.dInput) < 1e-12)
    #expect(abs(squaresOfGradients(layer) - expected.dParameters) < 1e-11)
    expectClose(y.value[1, 0], Tensor(expected.outputs))
    #expect(squares(y.value[1, 1...]) == 0)
    expectClose(x.grad?.value[2, ..<2], Tensor(expected.inputGradients, shape: [2, 2]))
    expectClose(states[0].value[-1], Tensor(expected.lastStates, shape: [3, 2]))
  }

  /// A one-directional layer equals its cell in a loop; it also accepts single sequences and initial states.
  @Test(arguments: ["RNN", "GRU", "LSTM"]) func sequencesAreStepsOfACell(_ name: String) throws {
    let generator = RandomGenerator(seed: 3)
    let layer = Self.make(name, inputs: 3, hidden: 5)
    let cell: Module =
      switch name {
      case "RNN": RNNCell(3, 5, dtype: .float64)
      case "GRU": GRUCell(3, 5, dtype: .float64)
      default: LSTMCell(3, 5, dtype: .float64)
      }
    try cell.load(Dictionary(uniqueKeysWithValues: layer.stateDict().map { (String($0.key.dropLast(3)), $0.value) }))
    let x = Variable(Tensor.randomNormal([4, 2, 3], dtype: .float64, generator: generator))
    let (y, states) = Self.run(layer, x)
    var hidden: Variable?
    var lstm: LSTM.State?
    for time in 0..<4 {
      switch cell {
      case let cell as RNNCell: hidden = cell(x[time], state: hidden)
      case let cell as GRUCell: hidden = cell(x[time], state: hidden)
      default:
        lstm = (cell as? LSTMCell)?(x[time], state: lstm)
        hidden = lstm?.hidden
      }
      expectClose(hidden?.value, y.value[time])
    }
    expectClose(hidden?.value, states[0].value[0])
    if let lstm { expectClose(lstm.cell.value, states[1].value[0]) }
    expectClose(cell(x[0]).value, y.value[0])
    expectClose(cell(x[0, 1]).value, y.value[0, 1])

    let (single, singleStates) = Self.run(layer, x[.all, 1])
    expectClose(single.value, y.value[.all, 1])
    for (a, b) in zip(singleStates, states) { expectClose(a.value, b.value[.all, 1]) }
    let (_, half) = Self.run(layer, x[..<2])
    let (rest, _) = Self.run(layer, x[2...], states: half)
    expectClose(rest.value, y.value[2...])
    expectClose(layer(x).value, y.value)
  }

  @Test func namesAreThoseOfPyTorch() {
    let layer = LSTM(3, 2, layers: 2, bidirectional: true)
    #expect(
      layer.parameters.map(\.name) == [
        "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse",
        "bias_ih_l0_reverse", "bias_hh_l0_reverse", "weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1",
        "weight_ih_l1_reverse", "weight_hh_l1_reverse", "bias_ih_l1_reverse", "bias_hh_l1_reverse",
      ])
    #expect(layer.parameters[8].element.shape == [8, 4])
    #expect(GRU(3, 2, bias: false).parameters.map(\.element.shape) == [[6, 3], [6, 2]])
    #expect(RNNCell(3, 2).parameters.map(\.name) == ["weight_ih", "weight_hh", "bias_ih", "bias_hh"])
    #expect(layer.description == "LSTM 3 -> 2, 2 layers, bidirectional")
    #expect(GRUCell(3, 2).description == "GRUCell 3 -> 2")
  }

  @Test func dropoutActsBetweenLayersInTraining() {
    let layer = GRU(3, 4, layers: 2, dropout: 0.5, dtype: .float64, generator: RandomGenerator(seed: 1))
    let x = Variable(Tensor.randomNormal([5, 2, 3], dtype: .float64, generator: RandomGenerator(seed: 2)))
    #expect(layer(x).value != layer(x).value)
    layer.eval()
    #expect(layer(x).value == layer(x).value)
    let alone = GRU(3, 4, dropout: 0.5)
    let y = Variable(Tensor.ones([2, 1, 3]))
    #expect(alone(y).value == alone(y).value)
  }

  @Test func lengthsBecomeMasks() {
    let rows: Tensor = Tensor([[true, true, false], [false, false, false], [true, true, true]])
    #expect(sequenceMask(lengths: [2, 0, 3]) == rows)
    #expect(sequenceMask(lengths: [1], steps: 2) == Tensor([[true, false]]))
    // An empty sequence returns its initial state.
    let layer = GRU(2, 3, batchFirst: true)
    let state = Variable(Tensor.ones([1, 1, 3]))
    let (y, last) = layer(Variable(.ones([1, 2, 2])), state: state, mask: sequenceMask(lengths: [0], steps: 2))
    #expect(y.value == .zeros([1, 2, 3]) && last.value == state.value)
  }

  // MARK: - All recurrent layers

  static func make(
    _ name: String, inputs: Int = 2, hidden: Int = 2, layers: Int = 1, batchFirst: Bool = false,
    bidirectional: Bool = false
  ) -> RecurrentLayer {
    let generator = RandomGenerator(seed: 9)
    return switch name {
    case "RNN":
      RNN(
        inputs, hidden, layers: layers, batchFirst: batchFirst, bidirectional: bidirectional, dtype: .float64,
        generator: generator)
    case "GRU":
      GRU(
        inputs, hidden, layers: layers, batchFirst: batchFirst, bidirectional: bidirectional, dtype: .float64,
        generator: generator)
    default:
      LSTM(
        inputs, hidden, layers: layers, batchFirst: batchFirst, bidirectional: bidirectional, dtype: .float64,
        generator: generator)
    }
  }

  static func run(
    _ layer: RecurrentLayer, _ x: Variable, states: [Variable] = [], mask: Tensor? = nil
  ) -> (output: Variable, states: [Variable]) {
    switch layer {
    case let layer as RNN:
      let (output, state) = layer(x, state: states.first, mask: mask)
      return (output, [state])
    case let layer as GRU:
      let (output, state) = layer(x, state: states.first, mask: mask)
      return (output, [state])
    default:
      let lstm = layer as! LSTM
      let state = states.isEmpty ? nil : LSTM.State(hidden: states[0], cell: states[1])
      let (output, last) = lstm(x, state: state, mask: mask)
      return (output, [last.hidden, last.cell])
    }
  }
}
