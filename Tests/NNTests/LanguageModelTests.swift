import NN
import Optim
import Testing

/// What programs moved here from PyTorch rely on: tied weights, states cut loose, calls of
/// one's own, parameters by hand.
@Suite struct LanguageModelTests {
  /// PyTorch's example word_language_model, small.
  final class Words: Module {
    let encoder = Embedding(7, 4, dtype: .float64)
    let rnn = LSTM(4, 4, layers: 2, dtype: .float64)
    let decoder: Linear
    override init() {
      decoder = Linear(weight: encoder.weight, bias: Variable(.zeros([7], dtype: .float64), requiresGrad: true))
    }
    func callAsFunction(_ words: Tensor, state: LSTM.State? = nil) -> (scores: Variable, state: LSTM.State) {
      let (output, last) = rnn(encoder(words), state: state)
      return (decoder(output).flatten(endAxis: 1), last)
    }
  }

  // torch, float64: encoder = nn.Embedding(7, 4), rnn = nn.LSTM(4, 4, 2), decoder = nn.Linear(4, 7), decoder.weight =
  // encoder.weight, filled with waves; text = [(3i² + i) % 7] as (13, 2); of windows of 3 steps, states detached
  // between them: cross_entropy, clip_grad_norm_(0.25), p -= 2 * p.grad
  @Test func tiedWeightsLearnAsInPyTorch() {
    let net = Words()
    fillWithWaves(net)
    #expect(net.parameters.first?.name == "encoder.weight" && net.parameters.last?.name == "decoder.bias")
    #expect(net.parameters.count == 10)
    let text = Tensor((0..<26).map { (3 * $0 * $0 + $0) % 7 }, shape: [13, 2])
    var state: LSTM.State?
    var losses: [Double] = []
    var norms: [Double] = []
    for first in stride(from: 0, to: 12, by: 3) {
      net.zeroGrad()
      let (scores, last) = net(text[first..<(first + 3)], state: state?.detach())
      state = last
      let loss = crossEntropy(scores, text[(first + 1)..<(first + 4)].flatten())
      loss.backward()
      losses.append(loss.item())
      norms.append(clipGradNorm(net.parameters, to: 0.25))
      for p in net.parameters { if let g = p.grad { p.value -= 2 * g.value } }
    }
    expectClose(
      Tensor(losses), float64([2.2234961135434617, 2.0655159794312588, 1.8272673475565302, 1.7242130938906746]))
    expectClose(
      Tensor(norms), float64([0.5326408326992922, 0.4215488485057825, 0.3345686750483015, 0.288081414494979]))
    expectClose(
      net.decoder.weight.value[5],
      float64([0.35371080084171286, 0.3800246411532561, 0.0311260319447034, -0.39738948554364345]))
    #expect(abs(net.parameters.reduce(0) { $0 + squares($1.value) } - 45.22209454847102) < 1e-11)
  }

  @Test func tablesShareRowsToo() {
    let first = Embedding(3, 2)
    let second = Embedding(weight: first.weight, paddingIndex: 0)
    #expect(second.weight === first.weight && Sequential(first, second).parameters.map(\.name) == ["0.weight"])
    let frozen = Linear(weight: Variable(.ones([2, 2])))
    #expect(frozen.parameters.isEmpty && frozen.buffers.map(\.name) == ["weight"])
  }

  @Test func treesAreCutLoose() {
    let x = Variable([1, 2], requiresGrad: true)
    let (y, state) = ([x * 2, x + 1].detach(), LSTM.State(hidden: x * 3, cell: x).detach())
    #expect((y + [state.hidden, state.cell]).allSatisfy { $0.isLeaf && !$0.requiresGrad })
    #expect(y[0].value == Tensor([2, 4]) && state.hidden.value == Tensor([3, 6]) && state.cell.value == x.value)
  }

  @Test func ownCallsAreTakenBeforeTheInheritedOne() {
    final class Forecast: Module {
      func callAsFunction(_ x: Tensor, future: Int = 0) -> Variable { Variable(x + Double(future)) }
    }
    final class Words: Module {
      let scores = Embedding(3, 3)
      func callAsFunction(_ words: Tensor) -> Variable { scores(words) }
    }
    final class Parts: Module {
      func callAsFunction(_ x: Variable) -> [Variable] { [x, x * 2] }
    }
    #expect(Words()(Tensor([2, 0], dtype: .int64)).shape == [2, 3])
    #expect(Forecast()(Tensor([1])).value == Tensor([1]) && Forecast()(Tensor([1]), future: 2).value == Tensor([3]))
    let parts = Parts()(Variable([1]))
    #expect(parts.count == 2)
    let output = LSTM(2, 3)(Variable(.zeros([4, 1, 2])))
    #expect(output.shape == [4, 1, 3])
  }

  @Test func namedParametersAreReadAndSet() {
    let net = Linear(2, 1)
    let weight = net.parameters[0]
    #expect(weight.shape == [1, 2] && weight.requiresGrad && weight.grad == nil)
    weight.grad = Variable([[1, 2]])
    weight.value = Tensor([[5, 6]])
    #expect(net.weight.grad?.value == Tensor([[1, 2]]) && net.weight.value == Tensor([[5, 6]]))
    weight.requiresGrad = false
    #expect(net.parameters.filter(\.requiresGrad).map(\.name) == ["bias"])
  }
}
