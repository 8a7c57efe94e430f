import Autograd
import Testing

/// Every natural way to write a transform compiles, in one expression with what follows, gives a variable and no tuple
/// of one, and is checked at once: see VariableTransforms.swift. (Most take the compiler less than a tenth of a
/// second, none more than half of one.)
@Suite struct SpellingTests {
  private let s = single(2)
  private let v = Variable(numbers(1, 2))

  private func cube(_ x: Variable) -> Variable { x * x * x }

  @Test func gradients() {
    #expect(gradient(at: s) { $0 + s }.item() == 1)
    #expect(gradient(at: s) { 2 * $0 }.item() == 2)
    #expect(gradient(at: s) { -$0 }.item() == -1)
    #expect(gradient(at: s) { $0 * $0 * $0 + 3 * $0 - 1 }.item() == 15)
    #expect(gradient(at: s) { x in x * x * x - x / 2 }.item() == 11.5)
    #expect(gradient(at: s, of: cube).item() == 12)
    #expect(gradient(at: s, createGraph: true) { $0.pow(3) }.requiresGrad)
    #expect(gradient(at: v) { ($0 * $0).sum() }.value == numbers(2, 4))
    #expect(gradient(at: v) { x in (x * x + numbers(1, 1) * x).sum() }.value == numbers(3, 5))
    let g = gradient(at: v) { x in
      let y = x * x
      return y.sum()
    }
    #expect(g.value == numbers(2, 4))
  }

  @Test func gradientsOfGradients() {
    #expect(gradient(at: s) { x in gradient(at: x) { $0.pow(3) } }.item() == 12)
    #expect(gradient(at: s) { gradient(at: $0) { $0.pow(3) } }.item() == 12)
    #expect(gradient(at: s) { $0 * gradient(at: $0) { 2 * $0 * $0 + 1 } }.item() == 16)
    #expect(gradient(at: gradient(at: s) { $0 * $0 }) { $0 * 3 }.item() == 3)
  }

  @Test func gradientsAsFunctions() {
    #expect(gradient(of: cube)(s).item() == 12)
    #expect(gradient(of: { $0 * $0 })(s).item() == 4)
    #expect(gradient(of: { x in x * x * x - x })(s).item() == 11)
    #expect(gradient(of: gradient(of: { $0 * $0 * $0 }))(s).item() == 12)
    #expect(gradient(of: { (x: Variable, y: Variable) in x * y - x / y * 2 + 3 })(s, single(4)).0.item() == 3.5)
    let slope: (Variable) -> Variable = gradient(of: { $0.sin() })
    #expect(slope(s).item() == s.cos().item())
  }

  @Test func valuesAndGradients() {
    #expect(valueAndGradient(at: s) { $0 * $0 + 1 }.value.item() == 5)
    #expect(valueAndGradient(at: s) { $0 * $0 + 1 }.gradient.item() == 4)
    let (loss, g) = valueAndGradient(at: v) { ($0 * $0).sum() }
    #expect(loss.item() == 5 && g.value == numbers(2, 4))
  }

  @Test func severalVariables() {
    #expect(gradient(at: s, s) { $0 * $1 + $0 }.0.item() == 3)
    #expect(gradient(at: v, s) { x, w in (x * w + w).sum() }.1.item() == 5)
    #expect(gradient(at: v, s, s) { x, w, b in (x * w + b).sum() }.2.item() == 2)
    let (dx, dw, db) = gradient(at: v, s, s) { ($0 * $1 + $2 * 2 - 1).sum() }
    #expect(dx.value == numbers(2, 2) && dw.item() == 3 && db.item() == 4)
    let (value, (da, dc)) = valueAndGradient(at: v, s) { x, w in (x * w + w * w).sum() }
    #expect(value.item() == 14 && da.value == numbers(2, 2) && dc.item() == 11)
    #expect(valueAndGradient(at: s, s, s) { $0 * $1 * $2 + $0 }.gradient.0.item() == 5)
  }

  @Test func structures() {
    #expect(gradient(at: [s, s]) { $0[0] * $0[1] }[0].item() == 2)
    #expect(gradient(at: ["a": s]) { $0["a"]! * 2 }["a"]?.item() == 2)
    #expect(gradient(at: [v, s]) { ($0[0] * $0[1]).sum() }.map(\.shape) == [[2], []])
    let four = gradient(at: s, s, s, v) { a, b, c, d in (a * b * c * d).sum() }
    #expect(four.3.value == numbers(8, 8))
  }

  /// Handed on within the expression, as arguments or as what a function returns.
  @Test func answersAreWhatTheyLookLike() {
    func list() -> [Variable] { gradient(at: [s, s]) { $0[0] * $0[1] } }
    func lists() -> [[Variable]] {
      [vjp(at: [s, s]) { $0[0] * $0[1] }.pullback(s), jacobian(at: [s, s]) { $0[0] * $0[1] }]
    }
    func product() -> [Variable] { hessianVectorProduct(at: [s, s], along: [s, s]) { $0[0] * $0[1] } }
    func both() -> (Variable, [Variable]) { valueAndGradient(at: [s, s]) { $0[0] * $0[1] } }
    func mixed() -> ([Variable], Variable) { gradient(at: [s], s) { a, b in a[0] * b } }
    func pulled() -> Variable { vjp(at: s) { x in [x, x * x] }.pullback([s, s]) }
    func ofLists() -> [Variable] { gradient(of: { (x: [Variable]) in x[0] * x[1] })([s, s]) }
    for found in [list(), product(), both().1, ofLists()] + lists() {
      #expect(found.count == 2 && (found[0].item() == 2 || found[0].item() == 4))
    }
    #expect(mixed().0[0].item() == 2 && pulled().item() == 10)
    #expect((gradient(at: s) { $0 * $0 } + gradient(at: s) { $0 } * 2).item() == 6)
  }

  @Test func products() {
    #expect(vjp(at: v) { $0 * 2 + 1 }.pullback(v).value == numbers(2, 4))
    #expect(vjp(at: v) { x in [x * 2 + 1, x] }.pullback([v, v]).value == numbers(3, 6))
    #expect(vjp(at: v, s) { $0 * $1 + $1 }.pullback(v).1.item() == 8)
    #expect(jvp(at: v, along: v) { $0 * 2 + $0 }.derivative.value == numbers(3, 6))
    #expect(jvp(at: v, along: v) { x in [x * 2, x.sum()] }.derivative[1].item() == 3)
    #expect(jvp(at: v, s, along: v, s) { x, w in x * w + w }.derivative.value == numbers(6, 10))
    #expect(hessianVectorProduct(at: v, along: v) { ($0 * $0 + 1).sum() }.value == numbers(2, 4))
    #expect(hessianVectorProduct(at: v, s, along: v, s) { x, w in (x * w).sum() }.1.item() == 3)
  }

  @Test func matrices() {
    #expect(jacobian(at: v) { $0 * $0 + 2 * $0 }.value == Tensor([[4.0, 0], [0, 6]], dtype: .float64))
    #expect(jacobian(of: { $0 * $0 })(v).value == Tensor([[2.0, 0], [0, 4]], dtype: .float64))
    #expect(jacobian(at: v, s) { $0 * $1 + $1 }.1.value == numbers(2, 3))
    #expect(jacobian(at: [v]) { $0[0] * 2 }[0].shape == [2, 2])
    #expect(hessian(at: v) { ($0 * $0 * $0 - 2 * $0).sum() }.value == Tensor([[6.0, 0], [0, 12]], dtype: .float64))
    #expect(perSampleJacobian(at: v) { $0 * $0 + $0 }.value == numbers(3, 5))
  }

  /// One axis by its number, in an expression with operators; the gradients are those of `axes:`.
  @Test func oneAxis() {
    let x = Variable(Tensor([[1, 2], [3, 4]], dtype: .float64), requiresGrad: true)
    let y = -0.5 * (1 + x - x.pow(2) - x.exp()).sum(axis: 1).mean()
    y.backward()
    let whole = gradient(at: x) { x in -0.5 * (1 + x - x.pow(2) - x.exp()).sum(axes: [1]).mean() }
    #expect(x.grad?.value == whole.value)
    #expect(x.unsqueeze(1).squeeze(1).shape == [2, 2] && x.squeeze(1).shape == [2, 2])
    #expect((x.mean(axis: 0) + x.norm(axis: -1)).shape == [2])
  }
}
