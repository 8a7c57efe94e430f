import Autograd
import Foundation
import Testing

/// Rarer functions at places that a formula finds hard: values by mpmath 1.3 in 30 digits, gradients by
/// PyTorch (float64).
@Suite struct SpecialFunctionTests {
  struct Value: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let function: @Sendable (Tensor) -> Tensor
    let expected: [Double]
  }

  private static let points = [-300.25, -12.5, -3.75, -1.25, -0.5, 0.0009765625, 0.25, 0.5, 1.5, 3, 10.25, 1000]

  // mpmath.log(abs(mpmath.gamma(x))), mpmath.psi(n, x), mpmath.sincpi(x)
  static let values: [Value] = [
    Value(
      testDescription: "lgamma", function: { $0.lgamma() },
      expected: [
        -1414.8410124872096, -20.1153462703953, -1.3172679424463636, 1.3664317612369763, 1.2655121234846454,
        6.9309089024194614, 1.2880225246980774, 0.5723649429247001, -0.12078223763524522, 0.6931471805599453,
        13.368023671476045, 5905.220423209181,
      ]),
    Value(
      testDescription: "digamma", function: { $0.digamma() },
      expected: [
        8.84787246910049, 2.565195651274912, -1.6923885983113303, 3.714139120213528, 0.03648997397857652,
        -1024.5756104293407, -4.2274535333762655, -1.9635100260214235, 0.03648997397857652, 0.9227843350984671,
        2.277704790686724, 6.907255195648812,
      ]),
    Value(
      testDescription: "polygamma 1", function: { $0.polygamma(1) },
      expected: [
        19.73588378446071, 9.79271917648778, 19.504980060599575, 19.181879647671607, 8.934802200544679,
        1048577.6425893921,
        17.19732915450711, 4.934802200544679, 0.9348022005446793, 0.39493406684822646, 0.10247452151799187,
        0.0010005001666666333,
      ]),
    Value(
      testDescription: "polygamma 4", function: { $0.polygamma(4) },
      expected: [
        24481.574782821783, -0.00020904822258538706, -24481.592377214743, 24481.063714184584, -3.4742498266672253,
        -2.7021597764223e+16, -24584.375388637935, -771.4742498266672, -3.4742498266672253, -0.13626612344087824,
        -0.0006581993315697019, -6.0120099999930004e-12,
      ]),
    Value(
      testDescription: "sinc", function: { $0.sinc() },
      expected: [
        0.0007496388977161583, 0.025464790894703253, -0.06002108774380707, -0.18006326323142122, 0.6366197723675814,
        0.9999984312693665, 0.9003163161571061, 0.6366197723675814, -0.2122065907891938, 0, 0.02195893454041722, 0,
      ]),
  ]

  @Test(arguments: values) func matchesManyDigits(_ value: Value) {
    let expected = Tensor(value.expected), single = Tensor(Self.points.map { Float($0) })
    // Next to a zero of ψ⁽⁴⁾, and of log Γ and ψ, digits are lost as by any sum of larger numbers.
    #expect(
      value.function(Tensor(Self.points)).allClose(to: expected, relativeTolerance: 2e-14, absoluteTolerance: 3e-12))
    #expect(
      value.function(single).allClose(to: expected.cast(to: .float32), relativeTolerance: 1.2e-7, absoluteTolerance: 0))
  }

  // mpmath.erfinv(x)
  @Test func inverseOfTheErrorFunction() {
    let x: [Double] = [-0.999999940395355224609375, -0.96875, -0.5, -0.0009765625, 1e-20, 0.25, 0.75, 0.9990234375]
    let expected: [Double] = [
      -3.832506856900711, -1.523019401996956, -0.4769362762044699, -0.0008654561979671376, 8.86226925452758e-21,
      0.2253120550121781, 0.8134198475976185, 2.331467773621948,
    ]
    #expect(Tensor(x).erfinv().allClose(to: Tensor(expected), relativeTolerance: 4e-16, absoluteTolerance: 0))
    let single = Tensor(expected.map { Float($0) })
    #expect(Tensor(x.map { Float($0) }).erfinv().allClose(to: single, relativeTolerance: 1.2e-7, absoluteTolerance: 0))
    #expect(numbers(1, -1, 2).erfinv().allClose(to: numbers(.infinity, -.infinity, .nan), equalNaN: true))
    #expect(numbers(1 - 1e-16).erfinv().erf().item() == 1 - 1e-16)
  }

  /// y and dx of ones for float64 x.
  private func check(
    _ function: (Variable) -> Variable, at x: [Double], _ value: [Double], _ gradient: [Double],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let x = Variable(Tensor(x), requiresGrad: true)
    let y = function(x)
    y.backward(gradient: y.value.onesLike())
    #expect(
      y.value.allClose(to: Tensor(value), relativeTolerance: 1e-15, equalNaN: true), "\(y.value)",
      sourceLocation: sourceLocation)
    #expect(
      x.grad?.value.allClose(to: Tensor(gradient), relativeTolerance: 1e-14, equalNaN: true) == true,
      "\(String(describing: x.grad?.value))", sourceLocation: sourceLocation)
  }

  @Test func edges() {
    let infinity = Double.infinity
    check(
      { $0.lgamma() }, at: [0, -0.0, -1, 1, 2, infinity, -infinity],
      [infinity, infinity, infinity, 0, 0, infinity, infinity],
      [-infinity, infinity, .nan, -0.5772156649015328, 0.422784335098467, infinity, .nan])
    check(
      { $0.digamma() }, at: [0, 1, infinity, -infinity], [-infinity, -0.5772156649015328, infinity, .nan],
      [infinity, 1.6449340668482264, 0, .nan])
    check({ $0.sinc() }, at: [0, 1, -2, 0.5], [1, 0, 0, 0.6366197723675814], [0, -1, -0.5, -1.2732395447351625])
    check({ $0.logit() }, at: [0, 1, 0.5], [-infinity, infinity, 0], [infinity, infinity, 4])
    check(
      { $0.logit(epsilon: 0.1) }, at: [0.05, 0.1, 0.5, 1.5],
      [-2.197224577336219, -2.197224577336219, 0, 2.1972245773362196],
      [0, 11.111111111111109, 4, 0])
    check({ $0.acosh() }, at: [1, 2, 0.5], [0, 1.3169578969248166, .nan], [infinity, 0.5773502691896258, .nan])
    check({ $0.atanh() }, at: [1, -1, 0.5], [infinity, -infinity, 0.5493061443340548], [infinity, infinity, 4.0 / 3])
    check({ $0.log10() }, at: [0, 1000], [-infinity, 3], [infinity, 0.0004342944819032518])
    check({ $0.exp2() }, at: [10, -1, -infinity], [1024, 0.5, 0], [709.782712893384, 0.34657359027997264, 0])
    check({ $0.erfc() }, at: [20, -infinity], [5.395865611607901e-176, 2], [-2.1610374743867984e-174, 0])
  }

  /// The series that stands for the slope near 0 meets the formula at ½, and its own slope at 0 is −π²/3.
  @Test func slopeOfSincNearZero() {
    let x = Variable(numbers(0, 1e-3, 0.4999999, 0.5000001), requiresGrad: true)
    let slope = gradient(at: x) { $0.sinc().sum() }
    // [mpmath.diff(mpmath.sincpi, x)]
    let expected = numbers(0, -0.0032898648867278964, -1.2732394257124142, -1.2732396637578398)
    #expect(slope.value.allClose(to: expected, relativeTolerance: 1e-13, absoluteTolerance: 0), "\(slope.value)")
    let bend = gradient(at: leaf(0, 0)) { x in gradient(at: x) { $0.sinc().sum() }.sum() }
    #expect(bend.value.allClose(to: numbers(-3.289868133696453, -3.289868133696453), relativeTolerance: 1e-15))
  }

  // torch.hypot, torch.logaddexp, torch.xlogy; at (0, 0), and of equal infinities, PyTorch's gradient is NaN
  @Test func pairsAtTheirEdges() {
    let infinity = Double.infinity
    func gradients(_ function: (Variable, Variable) -> Variable, _ a: [Double], _ b: [Double]) -> [Tensor] {
      let (a, b) = (Variable(Tensor(a), requiresGrad: true), Variable(Tensor(b), requiresGrad: true))
      let y = function(a, b)
      y.backward(gradient: y.value.onesLike())
      return [y.value, a.grad!.value, b.grad!.value]
    }
    let lengths = gradients({ $0.hypot($1) }, [3, 0, 0, -5, 1e200], [4, 0, 2, 12, 1e200])
    #expect(lengths[0].allClose(to: numbers(5, 0, 2, 13, 2.0.squareRoot() * 1e200), relativeTolerance: 1e-15))
    #expect(lengths[1].allClose(to: numbers(0.6, 0, 0, -5.0 / 13, 0.5.squareRoot()), relativeTolerance: 1e-15))
    #expect(lengths[2].allClose(to: numbers(0.8, 0, 1, 12.0 / 13, 0.5.squareRoot()), relativeTolerance: 1e-15))
    let sums = gradients(
      { $0.logAddExp($1) }, [-infinity, infinity, -infinity, 0, 1000], [-infinity, infinity, 2, 0, 999])
    #expect(sums[0].allClose(to: numbers(-infinity, infinity, 2, 0.6931471805599453, 1000.3132616875182)))
    #expect(sums[1].allClose(to: numbers(0.5, 0.5, 0, 0.5, 0.7310585786300049), relativeTolerance: 1e-15))
    #expect(sums[2].allClose(to: numbers(0.5, 0.5, 1, 0.5, 0.2689414213699951), relativeTolerance: 1e-15))
    let products = gradients({ $0.xlogy($1) }, [0, 0, 0, 2], [0, -1, 2, 3])
    #expect(products[0].allClose(to: numbers(0, 0, 0, 2.1972245773362196), relativeTolerance: 1e-15))
    #expect(products[1].allClose(to: numbers(0, 0, 0.6931471805599453, 1.0986122886681098), relativeTolerance: 1e-15))
    #expect(products[2].allClose(to: numbers(0, 0, 0, 2.0 / 3), relativeTolerance: 1e-15))
    #expect(numbers(0).xlogy(numbers(.nan)).isNaN().all().item() == 1)
    #expect(Tensor([Float(3e38)]).hypot(Tensor([Float(1e38)])).isFinite().all().item() == 1)
  }
}
