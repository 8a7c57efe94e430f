import Foundation
import NN
import Testing

@Suite struct SequenceTests {
  private let parts = [
    Variable(float64([[0, 1], [2, 3], [4, 5]]), requiresGrad: true), Variable(float64([[10, 11]]), requiresGrad: true),
    Variable(float64([[20, 21], [22, 23]]), requiresGrad: true),
  ]

  // torch, float64: y = pad_sequence(parts, padding_value=-1); loss = Σ y·sin(arange)
  @Test func sequencesArePadded() {
    let y = padSequence(parts, paddingValue: -1)
    expectClose(
      y.value,
      float64([
        [[0, 1], [10, 11], [20, 21]], [[2, 3], [-1, -1], [22, 23]], [[4, 5], [-1, -1], [-1, -1]],
      ]))
    waveLoss(y, sin).backward()
    let expected = [
      float64([
        [0, 0.8414709848078965], [-0.27941549819892586, 0.6569865987187891], [-0.5365729180004349, 0.4201670368266409],
      ]),
      float64([[0.9092974268256817, 0.1411200080598672]]),
      float64([[-0.7568024953079282, -0.9589242746631385], [-0.5440211108893698, -0.9999902065507035]]),
    ]
    for (part, expected) in zip(parts, expected) { expectClose(part.grad?.value, expected) }
    let back = unpadSequence(y, lengths: [3, 1, 2])
    #expect(back.count == 3 && zip(back, parts).allSatisfy { $0.value == $1.value })
  }

  // torch: pad_sequence(parts, batch_first=True); pad_sequence([[4, 5], [6], []] as int64, padding_value=9)
  @Test func layoutsAndTypes() {
    let y = padSequence(parts, batchFirst: true)
    expectClose(
      y.value,
      float64([
        [[0, 1], [2, 3], [4, 5]], [[10, 11], [0, 0], [0, 0]], [[20, 21], [22, 23], [0, 0]],
      ]))
    #expect(zip(unpadSequence(y, lengths: [3, 1, 2], batchFirst: true), parts).allSatisfy { $0.value == $1.value })
    let words: [[Int]] = [[4, 5], [6], []]
    #expect(padSequence(words.map { Tensor($0) }, paddingValue: 9) == Tensor([[4, 6, 9], [5, 9, 9]], dtype: .int64))
    #expect(padSequence([Tensor([], dtype: .int64)], batchFirst: true).shape == [1, 0])
  }

  @Test func gradientsMatchDifferences() {
    func function(_ parts: [Variable]) -> Variable {
      let whole = padSequence(parts, paddingValue: 3).square()
      return unpadSequence(whole, lengths: [2, 1, 0]).reduce(whole.sum()) { $0 + $1.exp().sum() }
    }
    let values = [wave(cos, [3, 2]), wave(sin, [1, 2]), wave(cos, [2, 2], from: 7)]
    #expect(checkGradients(at: values, function).relativeError < 1e-8)
    #expect(checkSecondOrder(at: values, function).relativeError < 1e-7)
  }

  /// From a list of sequences to the outputs and states of each.
  @Test func eachSequenceIsAsAlone() {
    let layer = GRU(2, 3, layers: 2, bidirectional: true, dtype: .float64, generator: RandomGenerator(seed: 1))
    let lengths = parts.map { $0.shape[0] }
    let (y, last) = layer(padSequence(parts), mask: sequenceMask(lengths: lengths))
    for (row, (part, output)) in zip(parts, unpadSequence(y, lengths: lengths)).enumerated() {
      let (alone, state) = layer(part, state: nil)
      expectClose(output.value, alone.value)
      expectClose(last[.all, row].value, state.value)
    }
  }
}
