import Tensors
import Testing

@Suite struct SliceTests {
  private static let ends: [Int?] = [nil] + (-7...7).map { $0 }
  private static let steps = [-3, -2, -1, 1, 2, 3]

  /// Python's rule: clip both ends to the valid range, then step.
  private static func python(_ size: Int, _ from: Int?, _ to: Int?, _ step: Int) -> [Int] {
    func place(_ end: Int?, unsaid: Int) -> Int {
      guard let end else { return unsaid }
      let counted = end < 0 ? end + size : end
      return step > 0 ? min(max(counted, 0), size) : min(max(counted, -1), size - 1)
    }
    let (first, last) = step > 0 ? (0, size) : (size - 1, -1)
    return Array(stride(from: place(from, unsaid: first), to: place(to, unsaid: last), by: step))
  }

  /// Pins the rule above to Python itself.
  ///
  ///     h, ends = 0xcbf29ce484222325, [None] + list(range(-7, 8))
  ///     for n in range(6):
  ///       for a in ends:
  ///         for b in ends:
  ///           for s in (-3, -2, -1, 1, 2, 3):
  ///             for v in list(range(n))[a:b:s] + [255]: h = (h ^ v) * 0x100000001b3 & (1 << 64) - 1
  @Test func theRuleIsPythons() {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for size in 0..<6 {
      for from in Self.ends {
        for to in Self.ends {
          for step in Self.steps {
            for value in Self.python(size, from, to, step) + [255] {
              hash = (hash ^ UInt64(value)) &* 0x100_0000_01b3
            }
          }
        }
      }
    }
    #expect(hash == 0x5f78_c855_3626_938d)
  }

  @Test(arguments: 0..<6) func everySliceOfAnAxis(size: Int) {
    let x = Tensor.arange(size, dtype: .int64)
    for from in Self.ends {
      for to in Self.ends {
        for step in Self.steps {
          let expected = Self.python(size, from, to, step)
          let found = x[.range(from, to, step: step)].scalars(as: Int.self)
          #expect(found == expected, "size \(size), from \(from as Any), to \(to as Any), step \(step)")
        }
      }
    }
  }

  @Test func theLongestStepsDoNotOverflow() {
    let x = Tensor.arange(5)
    #expect(x[.stride(by: .max)] == Tensor([0]))
    #expect(x[.stride(by: .min + 1)] == Tensor([4]))
    #expect(x[.stride(by: .min)] == Tensor([4]))
    #expect(x[.range(.min, .max)] == x)
    #expect(x[.range(.max, .min, step: -1)] == x[.stride(by: -1)])
  }

  @Test func rangesOfEveryKind() {
    let x = Tensor.arange(6)
    #expect(x[1..<3] == Tensor([1, 2]))
    #expect(x[1...3] == Tensor([1, 2, 3]))
    #expect(x[4...] == Tensor([4, 5]))
    #expect(x[(-2)...] == Tensor([4, 5]))
    #expect(x[..<2] == Tensor([0, 1]))
    #expect(x[..<(-4)] == Tensor([0, 1]))
    #expect(x[...2] == Tensor([0, 1, 2]))
    #expect(x[...(-1)] == x)
    #expect(x[(-3)...(-1)] == Tensor([3, 4, 5]))
    #expect(x[2..<100] == Tensor([2, 3, 4, 5]))
    #expect(x[.all] == x)
    #expect(x[.stride(by: 4)] == Tensor([0, 4]))
  }

  // numpy: a = np.arange(24).reshape(4, 6); a[1:3, ::-2], a[-1], a[..., None, 2]
  @Test func axesTogether() {
    let a = counting([4, 6])
    #expect(a[1..<3, .stride(by: -2)] == Tensor([[11, 9, 7], [17, 15, 13]], dtype: .float64))
    #expect(a[-1] == Tensor([18, 19, 20, 21, 22, 23], dtype: .float64))
    #expect(a[.ellipsis, .newAxis, 2] == Tensor([[2], [8], [14], [20]], dtype: .float64))
    #expect(a[.newAxis].shape == [1, 4, 6])
    #expect(a[.ellipsis, .newAxis].shape == [4, 6, 1])
    #expect(a[.all, .newAxis, 1...].shape == [4, 1, 5])
    #expect(a[2, 3].shape == [] && a[2, 3].item() == 15)
    #expect(a[.ellipsis, 0] == a[.all, 0])
    #expect(a[0, .ellipsis, 0].shape == [])
    #expect(Tensor(3)[.ellipsis].item() == 3)
    #expect(Tensor(3)[.newAxis].shape == [1])
    let five = counting([2, 1, 3, 1, 2])
    #expect(five[1, .ellipsis, -1] == five[1, .all, .all, .all, 1])
  }

  @Test func slicesOfSlices() {
    let x = counting([5, 7])
    #expect(x[1..<5, .stride(by: 2)][.stride(by: -1), 1...] == x[.range(4, 0, step: -1), .range(2, nil, step: 2)])
    #expect(x.transpose()[2][1...] == x[1..., 2])
  }
}
