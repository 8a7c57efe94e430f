import Tensors
import Testing

@Suite struct BroadcastTests {
  /// Shapes of up to three axes with sizes 0, 1 and 3, which cover all cases of broadcasting.
  static let shapes: [[Int]] = (0...3).flatMap { rank in
    Plain.indices(Array(repeating: 3, count: rank)).map { $0.map { [0, 1, 3][$0] } }
  }

  /// NumPy's rule in its simplest form.
  static func rule(_ a: [Int], _ b: [Int]) -> [Int]? {
    let rank = max(a.count, b.count)
    let (a, b) = (Array(repeating: 1, count: rank - a.count) + a, Array(repeating: 1, count: rank - b.count) + b)
    guard zip(a, b).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else { return nil }
    return zip(a, b).map { $0 == 1 ? $1 : $0 }
  }

  @Test(arguments: shapes) func everyPairOfSmallShapes(left: [Int]) throws {
    for right in Self.shapes {
      let expected = Self.rule(left, right)
      #expect(Shape.broadcast(Shape(left), Shape(right)) == expected.map { Shape($0) }, "\(left) and \(right)")
      guard let shape = expected else { continue }
      let (a, b) = (counting(Shape(left)) + 1, counting(Shape(right)) * 10 - 5)
      let (pa, pb) = (Plain(a), Plain(b))
      #expect(Plain(a - b) == Plain(shape) { pa.broadcast(at: $0) - pb.broadcast(at: $0) }, "\(left) - \(right)")
      #expect(
        Plain(a .< b) == Plain(shape) { pa.broadcast(at: $0) < pb.broadcast(at: $0) ? 1 : 0 }, "\(left) < \(right)")
      #expect(Plain(a.expand(Shape(shape))) == Plain(shape) { pa.broadcast(at: $0) }, "\(left) to \(shape)")
    }
  }

  @Test(arguments: 0..<150) func viewsCombineAsTheirCopiesDo(seed: Int) {
    let choices = Choices(seed: seed)
    let a = choices.view()
    // The partner is a's shape with some axes set to 1 and some leading axes left out.
    let keep = choices.number(0...a.rank)
    let sizes = a.shape.suffix(keep).map { choices.number(0...2) == 0 ? 1 : $0 }
    let b = choices.tensor(sizes.reversed()).permute((0..<keep).reversed())
    let (pa, pb) = (Plain(a), Plain(b))
    let shape = Array(a.shape)
    func expect(_ result: Tensor, _ f: (Double, Double) -> Double) {
      #expect(Plain(result) == Plain(shape) { f(pa[$0], pb.broadcast(at: $0)) }, "\(a.shape) with \(b.shape)")
    }
    expect(a + b, +)
    expect(b - a) { $1 - $0 }
    expect(a * b, *)
    expect(a.maximum(b), Swift.max)
    expect(a .>= b) { $0 >= $1 ? 1 : 0 }
    var sum = a
    sum += b
    expect(sum, +)
    sum -= b
    #expect(sum == a)
  }

  @Test(arguments: 0..<60) func whereTakesFromEitherSide(seed: Int) {
    let choices = Choices(seed: seed)
    let a = choices.view(mostAxes: 4)
    let b = choices.tensor(a.shape.dropFirst(choices.number(0...a.rank)).map { choices.number(0...2) == 0 ? 1 : $0 })
    let condition = choices.tensor(a.shape.map { choices.number(0...2) == 0 ? 1 : $0 }) .> 0
    let (pa, pb, pc) = (Plain(a), Plain(b), Plain(condition))
    #expect(
      Plain(Tensor.where(condition, a, b))
        == Plain(Array(a.shape)) { pc.broadcast(at: $0) == 1 ? pa[$0] : pb.broadcast(at: $0) })
  }
}
