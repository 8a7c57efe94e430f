import Autograd
import Synchronization
import Testing

/// The tape can be printed, and checked for values that are not finite.
@Suite struct TapeInspectionTests {
  private func loss() -> Variable {
    let (x, w) = (Variable([[1, 2, 3]], requiresGrad: true), Variable([[1, 0, 1], [0, 1, 1]], requiresGrad: true))
    return ((x • w.transpose()).tanh() * 2 + 1).sum()
  }

  @Test func listing() {
    #expect(
      Tape.listing(of: loss()) == """
        1  leaf       [1, 3]
        2  leaf       [2, 3]
        3  transpose  [3, 2]  ← 2
        4  matmul     [1, 2]  ← 1, 3
        5  tanh       [1, 2]  ← 4
        6  *          [1, 2]  ← 5
        7  +          [1, 2]  ← 6
        8  sum        []      ← 7
        """)
  }

  @Test func listingOfAValueUsedTwice() {
    let x = Variable([1, 2], requiresGrad: true)
    #expect(
      Tape.listing(of: x * x) == """
        1  leaf  [2]
        2  *     [2]  ← 1, 1
        """)
  }

  @Test func listingOfManyInputs() {
    let x = Variable([1, 2], requiresGrad: true)
    #expect(
      Tape.listing(of: Variable.concatenate([x, x.detach(), x.relu()])) == """
        1  leaf         [2]
        2  relu         [2]  ← 1
        3  concatenate  [6]  ← 1, 2
        """)
  }

  @Test func listingWithoutATape() {
    #expect(Tape.listing(of: Variable([1])) == "")
    #expect(Tape.listing(of: Variable([1], requiresGrad: true)) == "1  leaf  [1]")
  }

  @Test func listingAfterTheGraphWasLetGo() {
    let loss = loss()
    loss.backward()
    #expect(Tape.listing(of: loss) == "1  sum  []")
  }

  @Test func graphviz() {
    let x = Variable([1, 2], requiresGrad: true)
    #expect(
      Tape.graphviz(of: (x * x).sum()) == #"""
        digraph tape {
          rankdir=TB;
          node [fontname="Helvetica"];
          n1 [shape=box, label="leaf\n[2]"];
          n2 [shape=ellipse, label="*\n[2]"];
          n1 -> n2;
          n1 -> n2;
          n3 [shape=ellipse, label="sum\n[]"];
          n2 -> n3;
        }
        """#)
  }

  // MARK: Anomalies. The switch is global, so each test runs in a separate process.

  @Test func anomalyForward() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Tape.detectsAnomalies = true
      let x = Variable([[1, 0]], requiresGrad: true)
      _ = (x * 2).log()
    }
    expectSentence(result, "anomaly: log made an infinity of finite inputs of shape [1, 2]")
  }

  @Test func anomalyBackward() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = Variable([4, 0], requiresGrad: true)
      let loss = (x * 2).sqrt().sum()
      Tape.detectsAnomalies = true
      loss.backward()
    }
    expectSentence(result, "anomaly: the derivative of sqrt made an infinity; its inputs have shape [2]")
  }

  @Test func anomalyHandlerMayGoOn() async {
    await #expect(processExitsWith: .success) {
      let sentences = Mutex<[String]>([])
      Tape.anomalyHandler = { sentence in sentences.withLock { $0.append(sentence) } }
      #expect(!Tape.detectsAnomalies)
      Tape.detectsAnomalies = true
      let (x, y) = (Variable([1, 0], requiresGrad: true), Variable([0], requiresGrad: true))
      _ = (x * 2 + 1).tanh()
      #expect(sentences.withLock { $0.isEmpty })
      // Only the op that makes the infinity is named, not the ops that pass it on.
      _ = ((x / y) * 2).sum()
      #expect(sentences.withLock { $0 } == ["anomaly: / made an infinity of finite inputs of shape [2], [1]"])
      _ = Variable.concatenate([x.detach().log(), x])
      #expect(sentences.withLock { $0.count } == 2)
      Tape.detectsAnomalies = false
      _ = x / y
      #expect(sentences.withLock { $0.count } == 2)
    }
  }

  @Test func wholeNumbersAreNoAnomaly() async {
    await #expect(processExitsWith: .success) {
      Tape.detectsAnomalies = true
      _ = Variable([1, 2], dtype: .int64).reshape([2, 1])
      let x = Variable([1, 2], requiresGrad: true)
      (x * x).sum().backward()
      #expect(x.grad!.value == Tensor([2, 4]))
    }
  }
}
