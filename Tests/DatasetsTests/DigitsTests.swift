import Tensors
import Testing

import Datasets

@Suite struct DigitsTests {
  @Test func factsOfTheSource() throws {
    let digits = try Digits.load()
    #expect(digits.count == 1_797)
    #expect(digits.images.shape == [1_797, 1, 8, 8])
    #expect(digits.images.dtype == .float32)
    #expect(digits.vectors.shape == [1_797, 64])
    #expect(digits.targets.dtype == .int64)
    #expect(digits.classNames == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
    let counts = (0..<10).map { digit in digits.labels.count { $0 == digit } }
    #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    // The first image and its label, as scikit-learn's `load_digits` has them.
    #expect(digits.labels.prefix(10) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    let first = digits.images.scalars(as: Float.self).prefix(16).map { $0 * 16 }
    #expect(first == [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0])
  }

  @Test func positionsPickImagesWithTheirLabels() throws {
    let digits = try Digits.load()
    let picked = digits[[7, 0]]
    #expect(picked.labels == [7, 0])
    #expect(picked.images.scalars(as: Float.self) == digits.images[7].scalars() + digits.images[0].scalars())
    #expect(digits[[]].images.shape == [0, 1, 8, 8])
  }
}
