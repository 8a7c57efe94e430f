import Foundation
import NN
import Testing

/// Pooling of volumes against PyTorch's numbers.
@Suite struct VolumeTests {
  // torch, float64: x = cos(1.3 · arange(480)).reshape(2, 2, 5, 4, 6); loss = Σ y·sin(arange)
  struct Row: Sendable {
    let name: String, shape: Shape
    /// Sums of squares of y and of the gradient, and the first elements of y.
    let output, dInput: Double, first: [Double]
    let pool: @Sendable (Variable) -> Variable
  }

  static let rows = [
    Row(
      name: "F.max_pool3d(x, (2, 3, 2), (2, 1, 2), (1, 1, 0), (1, 1, 2))", shape: [2, 2, 3, 4, 2],
      output: 83.78065647437197, dInput: 25.12112704792457, first: [1, 0.9074467814501962, 1]
    ) { $0.maxPool3d([2, 3, 2], stride: [2, 1, 2], padding: [1, 1, 0], dilation: [1, 1, 2]) },
    Row(
      name: "F.max_pool3d(x, 3, 2, 1, ceil_mode=True)", shape: [2, 2, 3, 3, 4], output: 105.93980212412373,
      dInput: 108.74606318629847, first: [1, 0.6475963386538773, 0.9999996055886664]
    ) { $0.maxPool3d(3, stride: 2, padding: 1, ceilMode: true) },
    Row(
      name: "F.avg_pool3d(x, (2, 3, 2), (2, 1, 2), (1, 1, 0))", shape: [2, 2, 3, 4, 3], output: 6.747912874773289,
      dInput: 0.8162189388106345, first: [0.031144387254677035, -0.12468408136186988, 0.18253638683157322]
    ) { $0.avgPool3d([2, 3, 2], stride: [2, 1, 2], padding: [1, 1, 0]) },
    Row(
      name: "F.avg_pool3d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False)", shape: [2, 2, 3, 3, 4],
      output: 20.586030500223018, dInput: 12.80406536110831,
      first: [0.15344243238016814, -0.3670866369498192, 0.33523250631760587]
    ) { $0.avgPool3d(3, stride: 2, padding: 1, ceilMode: true, countsPadding: false) },
    Row(
      name: "F.avg_pool3d(x, 3, 2, 1, ceil_mode=True)", shape: [2, 2, 3, 3, 4], output: 2.4791094091670085,
      dInput: 1.591019050480725, first: [0.045464424408938706, -0.16314961642214187, 0.14899222503004705]
    ) { $0.avgPool3d(3, stride: 2, padding: 1, ceilMode: true) },
  ]

  @Test(arguments: rows.indices) func poolsArePyTorchs(_ number: Int) {
    let row = Self.rows[number]
    let x = Variable(wave({ cos(1.3 * $0) }, [2, 2, 5, 4, 6]), requiresGrad: true)
    let y = row.pool(x)
    #expect(y.shape == row.shape)
    waveLoss(y, sin).backward()
    #expect(abs(squares(y.value) - row.output) < 1e-11, "\(row.name)")
    #expect(abs(squares(x.grad?.value) - row.dInput) < 1e-11, "\(row.name)")
    expectClose(y.value.reshape([y.elementCount])[..<3], Tensor(row.first))
    expectClose(row.pool(x[1]).value, y.value[1])
  }

  /// Among equal values, the first of a window gets the gradient: F.max_pool3d(torch.zeros(1, 3, 3, 3), 3, 1, 1).
  @Test func theFirstOfEqualsIsChosen() {
    let x = Variable(Tensor.zeros([1, 3, 3, 3]), requiresGrad: true)
    x.maxPool3d(3, stride: 1, padding: 1).sum().backward()
    let none: TensorLiteral = [[0, 0, 0], [0, 0, 0], [0, 0, 0]]
    #expect(x.grad?.value[0, 0] == Tensor([[8, 4, 0], [4, 2, 0], [0, 0, 0]]))
    #expect(x.grad?.value[0, 1] == Tensor([[4, 2, 0], [2, 1, 0], [0, 0, 0]]) && x.grad?.value[0, 2] == Tensor(none))
  }

  // torch, float64: x = cos(arange(144)).reshape(2, 4, 3, 2, 3), w = sin(arange(144)).reshape(4, 3, 2, 3, 2) / 2,
  // b = cos(arange(6)); y = F.conv_transpose3d(x, w, b, stride=(2, 1, 3), padding=(1, 0, 2), output_padding=(1, 0, 2),
  // groups=2, dilation=(2, 1, 1)); loss = Σ y·sin(arange)
  @Test func transposedConvolutions() {
    let x = Variable(wave(cos, [2, 4, 3, 2, 3]), requiresGrad: true)
    let w = Variable(wave(sin, [4, 3, 2, 3, 2]) / 2, requiresGrad: true),
      b = Variable(wave(cos, [6]), requiresGrad: true)
    func convolved(_ x: Variable) -> Variable {
      x.convTranspose3d(
        w, bias: b, stride: [2, 1, 3], padding: [1, 0, 2], outputPadding: [1, 0, 2], groups: 2, dilation: [2, 1, 1])
    }
    let y = convolved(x)
    #expect(y.shape == [2, 6, 6, 4, 6])
    waveLoss(y, sin).backward()
    #expect(abs(squares(y.value) - 1175.2033829071836) < 1e-9)
    #expect(abs(squares(x.grad?.value) - 14.841461658522128) < 1e-11)
    #expect(abs(squares(w.grad?.value) - 4.933651208493265) < 1e-11)
    #expect(abs(squares(b.grad?.value) - 0.003189925245250829) < 1e-13)
    expectClose(
      y.value[1, 3, 2, 1, ..<4],
      float64([-0.9899924966004454, -0.9899924966004454, -0.9899924966004454, -0.9899924966004454]))
    expectClose(convolved(x[1]).value, y.value[1])
  }
}
