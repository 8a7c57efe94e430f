import Tensors
import Testing

/// Windows of signals and powers, against PyTorch's numbers (float64).
@Suite struct WindowFunctionTests {
  private func expectClose(
    _ found: Tensor, _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      found.allClose(to: Tensor(expected), relativeTolerance: 1e-14, absoluteTolerance: 1e-15), "\(found)",
      sourceLocation: sourceLocation)
  }

  // torch.hann_window(5), torch.hamming_window(5), …
  @Test func periodicWindows() {
    expectClose(
      .hannWindow(5, dtype: .float64),
      [0, 0.3454915028125263, 0.9045084971874737, 0.9045084971874737, 0.3454915028125264])
    expectClose(
      .hammingWindow(5, dtype: .float64),
      [0.08000000000000002, 0.3978521825875242, 0.9121478174124757, 0.912147817412476, 0.3978521825875243])
    expectClose(
      .blackmanWindow(5, dtype: .float64),
      [0, 0.20077014326253045, 0.8492298567374694, 0.8492298567374696, 0.20077014326253056])
    expectClose(.bartlettWindow(5, dtype: .float64), [0, 0.4, 0.8, 0.8, 0.4])
    let middle = 0.7929398341014605, side = 0.10171968770956323
    expectClose(.kaiserWindow(5, dtype: .float64), [5.2773441320097665e-05, side, middle, middle, side])
    expectClose(
      .kaiserWindow(4, beta: 3.5, dtype: .float64), [0.13553434913875384, 0.6784085910342919, 1, 0.6784085910342919])
    expectClose(.hammingWindow(4, alpha: 0.6, beta: 0.4, dtype: .float64), [0.2, 0.6, 1, 0.6])
  }

  // torch.hann_window(5, periodic=False), …
  @Test func symmetricWindows() {
    expectClose(.hannWindow(5, periodic: false, dtype: .float64), [0, 0.5, 1, 0.5, 0])
    expectClose(.hammingWindow(5, periodic: false, dtype: .float64), [0.08, 0.54, 1, 0.54, 0.08])
    expectClose(.blackmanWindow(5, periodic: false, dtype: .float64), [0, 0.34, 1, 0.34, 0])
    expectClose(.bartlettWindow(5, periodic: false, dtype: .float64), [0, 0.5, 1, 0.5, 0])
    let (end, side) = (5.2773441320097665e-05, 0.2156727447589671)
    expectClose(.kaiserWindow(5, periodic: false, dtype: .float64), [end, side, 1, side, end])
  }

  @Test func shortWindows() {
    let windows: [(Int) -> Tensor] = [
      { .hannWindow($0) }, { .hammingWindow($0, periodic: false) }, { .blackmanWindow($0) }, { .bartlettWindow($0) },
      { .kaiserWindow($0) },
    ]
    for window in windows { #expect(window(1) == [1] && window(0) == .zeros([0])) }
  }

  // torch.logspace(-1, 2, 4, base=2), torch.logspace(0, 1, 3, dtype=torch.float64)
  @Test func powers() {
    #expect(Tensor.logspace(-1, 2, count: 4, base: 2) == [0.5, 1, 2, 4])
    expectClose(.logspace(0, 1, count: 3, dtype: .float64), [1, 3.1622776601683795, 10])
    #expect(Tensor.logspace(0, 1, count: 0).shape == [0])
  }
}
