import Foundation
import Tensors
import Testing

import Datasets

@Suite struct MNISTTests {
  /// Three training and two test images of 2×2 pixels, in plain and compressed files.
  private var files: [String: [UInt8]] {
    [
      "train-images-idx3-ubyte": idx(.ubyte, [3, 2, 2], [0, 51, 102, 255] + [UInt8](repeating: 0, count: 8)),
      "train-labels-idx1-ubyte.gz": gzip(idx(.ubyte, [3], [9, 0, 4])),
      "t10k-images-idx3-ubyte.gz": gzip(idx(.ubyte, [2, 2, 2], [UInt8](repeating: 255, count: 8))),
      "t10k-labels-idx1-ubyte": idx(.ubyte, [2], [1, 2]),
    ]
  }

  @Test func fourFilesMakeTwoSets() throws {
    try withFolder(files) { folder in
      let (train, test) = try MNIST.load(from: folder)
      #expect(train.images.shape == [3, 1, 2, 2])
      #expect(train.images.scalars(as: Float.self).prefix(4) == [0, 0.2, 0.4, 1])
      #expect(train.labels == [9, 0, 4])
      #expect(test.images.scalars(as: Float.self) == [1, 1, 1, 1, 1, 1, 1, 1])
      #expect(test.labels == [1, 2])
    }
  }

  /// The error's message when one of the files is replaced, or removed if `bytes` is nil.
  private func problem(_ name: String, _ bytes: [UInt8]?) throws -> String? {
    var changed = files
    changed[name] = bytes
    var result: String?
    try withFolder(changed) { folder in
      result = sentence(try MNIST.load(from: folder))?.replacingOccurrences(of: folder.path, with: "folder")
    }
    return result
  }

  @Test func filesThatDoNotFitAreNamed() throws {
    #expect(
      try problem("t10k-labels-idx1-ubyte", nil)
        == "folder: expected a file t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz, found neither")
    #expect(
      try problem("t10k-labels-idx1-ubyte", idx(.ubyte, [3], [1, 2, 3]))
        == "t10k-labels-idx1-ubyte: expected 2 labels, one for each image of t10k-images-idx3-ubyte.gz, found 3")
    #expect(
      try problem("t10k-labels-idx1-ubyte", idx(.ubyte, [2], [1, 10]))
        == "t10k-labels-idx1-ubyte, sample 1: expected a label from 0 to 9, found 10")
    #expect(
      try problem("t10k-labels-idx1-ubyte", idx(.short, [2], [0, 1, 0, 2]))
        == "t10k-labels-idx1-ubyte: expected labels (1 dimension of ubyte), found 2 short")
    #expect(
      try problem("train-images-idx3-ubyte", idx(.ubyte, [3, 4], [UInt8](repeating: 0, count: 12)))
        == "train-images-idx3-ubyte: expected images (3 dimensions of ubyte), found 3 × 4 ubyte")
    #expect(
      try problem("train-images-idx3-ubyte", idx(.ubyte, [3, 4, 1], [UInt8](repeating: 0, count: 12)))
        == "t10k-images-idx3-ubyte.gz: expected images of 4 × 1 as in train-images-idx3-ubyte, found 2 × 2 × 2 ubyte")
    #expect(
      try problem("train-images-idx3-ubyte", idx(.ubyte, [3, 0, 2], []))
        == "train-images-idx3-ubyte: expected at least one image of at least one pixel, found 3 × 0 × 2 ubyte")
  }
}
