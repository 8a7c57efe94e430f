import Datasets
import Foundation
import Tensors
import Testing

@Suite struct CIFARTests {
  /// A sample whose red, green and blue planes have one value each, and whose last pixel is white.
  private func sample(_ labels: [UInt8], _ red: UInt8, _ green: UInt8, _ blue: UInt8) -> [UInt8] {
    labels + [red, green, blue].flatMap { [UInt8](repeating: $0, count: 32 * 32 - 1) + [255] }
  }

  /// Two samples in the first training file, one in each of the others.
  private var ten: [String: [UInt8]] {
    var files = ["test_batch.bin": sample([9], 0, 0, 51)]
    for number in 1...5 { files["data_batch_\(number).bin"] = sample([UInt8(number)], 51 * UInt8(number - 1), 0, 0) }
    files["data_batch_1.bin"]? += sample([0], 0, 102, 0)
    files["data_batch_3.bin.gz"] = files.removeValue(forKey: "data_batch_3.bin").map(gzip)
    return files
  }

  private var hundred: [String: [UInt8]] {
    [
      "train.bin": sample([19, 11], 255, 0, 0) + sample([3, 99], 0, 255, 0),
      "test.bin.gz": gzip(sample([10, 49], 0, 0, 255)),
      "fine_label_names.txt": Array((0..<100).map { "name \($0)\n" }.joined().utf8),
    ]
  }

  @Test func tenClasses() throws {
    try withFolder(ten) { folder in
      let (train, test) = try CIFAR10.load(from: folder)
      #expect(train.images.shape == [6, 3, 32, 32] && train.images.dtype == .float32)
      #expect(train.labels == [1, 0, 2, 3, 4, 5])
      #expect(
        train.images[0..., 0..., 0, 0]
          == Tensor([[0, 0, 0], [0, 0.4, 0], [0.2, 0, 0], [0.4, 0, 0], [0.6, 0, 0], [0.8, 0, 0]]))
      #expect(train.images[0..., 0..., 31, 31] == Tensor.ones([6, 3]))
      #expect(test.images[0, 0..., 31, 30] == Tensor([0, 0, 0.2]))
      #expect(test.classNames[test.labels[0]] == "truck")
    }
  }

  @Test func aHundredClasses() throws {
    try withFolder(hundred) { folder in
      let (train, test) = try CIFAR100.load(from: folder)
      #expect(train.labels == [11, 99] && test.labels == [49])
      #expect(train.images[0..., 0..., 5, 7] == Tensor([[1, 0, 0], [0, 1, 0]]))
      #expect(test.classNames[test.labels[0]] == "name 49")
    }
  }

  /// The error's message when one of the files is replaced, or removed if `bytes` is nil.
  private func problem(_ files: [String: [UInt8]], _ name: String, _ bytes: [UInt8]?) throws -> String? {
    var changed = files
    changed[name] = bytes
    var result: String?
    try withFolder(changed) { folder in
      let isTen = files["test_batch.bin"] != nil
      result = (isTen ? sentence(try CIFAR10.load(from: folder)) : sentence(try CIFAR100.load(from: folder)))?
        .replacingOccurrences(of: folder.path, with: "folder")
    }
    return result
  }

  @Test func damageIsNamed() throws {
    #expect(
      try problem(ten, "data_batch_2.bin", nil)
        == "folder: expected a file data_batch_2.bin or data_batch_2.bin.gz, found neither")
    #expect(
      try problem(ten, "data_batch_2.bin", [])
        == "data_batch_2.bin: expected at least one sample of 3073 bytes, found none")
    #expect(
      try problem(ten, "data_batch_2.bin", sample([1], 0, 0, 0) + [1, 2])
        == "data_batch_2.bin, sample 1: expected 3073 bytes, found 2")
    #expect(
      try problem(ten, "test_batch.bin", sample([1], 0, 0, 0) + sample([10], 0, 0, 0))
        == "test_batch.bin, sample 1: expected a label from 0 to 9, found 10")
    #expect(
      try problem(hundred, "train.bin", sample([5, 100], 0, 0, 0))
        == "train.bin, sample 0: expected a label from 0 to 99, found 100")
    #expect(
      try problem(hundred, "fine_label_names.txt", Array("a\nb\n".utf8))
        == "fine_label_names.txt: expected 100 lines, the names of the classes, found 2")
  }

  @Test func anyBytesGiveImagesOrAnError() throws {
    var generator = SplitMix(state: 3)
    for round in 0..<40 {
      let count = round % 2 == 0 ? 3073 * (round % 3) : Int(generator.next() % 7_000)
      var noise = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      for start in stride(from: 0, to: count, by: 3073) where round % 4 == 0 { noise[start] %= 10 }
      let areSamples = count > 0 && round % 4 == 0
      #expect(try (problem(ten, "test_batch.bin", noise) == nil) == areSamples)
    }
  }
}
