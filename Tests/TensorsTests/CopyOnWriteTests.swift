import Tensors
import Testing

/// Writing to one tensor never changes another: not its base, not its views, not a sibling.
@Suite struct CopyOnWriteTests {
  /// Every way to make a view of a 4 × 6 tensor.
  static let views: [(name: String, make: @Sendable (Tensor) -> Tensor)] = [
    ("itself", { $0 }), ("transposed", { $0.transpose() }), ("reshaped", { $0.reshape([24]) }),
    ("a row", { $0[1] }), ("rows", { $0[1..<3] }), ("a column", { $0[.all, 2] }), ("reversed", { $0[.stride(by: -1)] }),
    ("expanded", { $0.expand([2, 4, 6]) }), ("with a new axis", { $0.unsqueeze(0) }),
    ("contiguous", { $0.contiguous() }), ("a view of a view", { $0.transpose()[2..<4].transpose() }),
  ]

  /// Every way to write.
  static let writes: [(name: String, perform: @Sendable (inout Tensor) -> Void)] = [
    ("+=", { $0 += Tensor([100], dtype: .float64) }), ("-=", { $0 -= Tensor([100], dtype: .float64) }),
    ("*=", { $0 *= 7 }), ("add", { $0.add(Tensor([1], dtype: .float64), scale: 50) }),
    ("[0] =", { $0[0] = Tensor(-1, dtype: .float64) }), ("[...] =", { $0[.ellipsis] = Tensor(-1, dtype: .float64) }),
    ("[0] +=", { $0[0] += Tensor(100, dtype: .float64) }),
    ("a pointer", { x in x.withMutablePointer { $0.storeBytes(of: 9e9, as: Double.self) } }),
  ]

  @Test(arguments: views.indices, writes.indices) func neitherSideSeesTheOther(view: Int, write: Int) {
    let (makes, changes) = (Self.views[view].make, Self.writes[write].perform)
    let untouched = Plain(counting([4, 6]))
    var base = counting([4, 6])
    var window = makes(base)
    let before = Plain(window)
    changes(&window)
    #expect(Plain(base) == untouched, "writing to the view with \(Self.writes[write].name) changed its base")
    #expect(Plain(window) != before)

    let after = Plain(window)
    let sibling = makes(base)
    changes(&base)
    #expect(Plain(window) == after, "writing to the base changed a view that had been written to")
    #expect(Plain(sibling) == before, "writing to the base with \(Self.writes[write].name) changed a view")
  }

  @Test func aViewThatIsAloneIsWrittenInPlace() {
    var row = counting([40, 6])[1]
    let address = row.withPointer { $0 }
    row += Tensor(1, dtype: .float64)
    #expect(row.withPointer { $0 } == address)
    #expect(row.scalars(as: Double.self) == [7, 8, 9, 10, 11, 12])
  }

  @Test func aTensorThatIsAloneIsWrittenInPlace() {
    var x = counting([50])
    let address = x.withPointer { $0 }
    for _ in 0..<3 { x += Tensor(1, dtype: .float64) }
    x[3] = Tensor(0, dtype: .float64)
    #expect(x.withPointer { $0 } == address)
  }

  @Test func twoViewsOfAnEndedBaseDoNotMeet() {
    var (a, b) = {
      let base = counting([4, 6])
      return (base[0], base[0..<2])
    }()
    a *= 0
    #expect(b[0].scalars(as: Double.self) == [0, 1, 2, 3, 4, 5])
    a[0] = Tensor(5, dtype: .float64)
    b[0] = a
    #expect(b[0] == a)
    a *= 2
    #expect(b[0, 0].item() == 5)
  }

  @Test func aTensorCanBeAddedToItself() {
    var x = counting([3, 3])
    x += x
    #expect(x == counting([3, 3]) * 2)
    x += x.transpose()
    #expect(x == x.transpose())
    x += x[0]
    #expect(x[0, 2].item() == 32)
  }

  @Test func overlappingPartsAreCopiedAsTheyWere() {
    var x = counting([6])
    x[1...] = x[..<5]
    #expect(x.scalars(as: Double.self) == [0, 0, 1, 2, 3, 4])
    x[.all] = x[.stride(by: -1)]
    #expect(x.scalars(as: Double.self) == [4, 3, 2, 1, 0, 0])
    var square = counting([3, 3])
    square[.all, .all] = square.transpose()
    #expect(square == counting([3, 3]).transpose())
  }

  @Test func anExpandedViewIsCopiedBeforeItIsWritten() {
    var x = Tensor([1, 2]).expand([3, 2])
    x[0, 0] = Tensor(9)
    #expect(x == Tensor([[9, 2], [1, 2], [1, 2]]))
  }
}
