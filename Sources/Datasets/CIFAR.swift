import Foundation
import Tensors

/// CIFAR-10: photographs of 32×32 pixels in ten classes, 50,000 to train on and 10,000 to test. Krizhevsky 2009.
public enum CIFAR10 {
  /// The names of the classes.
  public static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  /// Loads the files `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin` of the folder
  /// `cifar-10-batches-bin`, the binary version of the set; each may have been compressed to `.gz`.
  ///
  /// Images are [N, 3, 32, 32], red, green and blue from 0 to 1. Throws a `FileError` that names the file, and the
  /// sample if one is invalid. torchvision's `CIFAR10`.
  public static func load(from folder: URL) throws(FileError) -> (train: LabeledImages, test: LabeledImages) {
    let format = CIFARFormat(labels: 1, classNames: classNames)
    return (
      try format.load((1...5).map { "data_batch_\($0).bin" }, from: folder),
      try format.load(["test_batch.bin"], from: folder)
    )
  }
}

/// CIFAR-100: photographs of 32×32 pixels in a hundred classes, 50,000 to train on and 10,000 to test. Krizhevsky 2009.
public enum CIFAR100 {
  /// Loads the files `train.bin`, `test.bin` and `fine_label_names.txt` of the folder `cifar-100-binary`, the binary
  /// version of the set; each may have been compressed to `.gz`.
  ///
  /// Images are [N, 3, 32, 32], red, green and blue from 0 to 1; labels are the fine ones. Throws a `FileError` that
  /// names the file, and the sample if one is invalid. torchvision's `CIFAR100`.
  public static func load(from folder: URL) throws(FileError) -> (train: LabeledImages, test: LabeledImages) {
    var names = try ByteStream("fine_label_names.txt", in: folder)
    let text = String(decoding: try names.read(1 << 16), as: UTF8.self)
    let classNames = text.split(whereSeparator: \.isNewline).map(String.init)
    guard classNames.count == 100 else {
      throw FileError(file: names.file, expected: "100 lines, the names of the classes", found: "\(classNames.count)")
    }
    let format = CIFARFormat(labels: 2, classNames: classNames)
    return (try format.load(["train.bin"], from: folder), try format.load(["test.bin"], from: folder))
  }
}

/// A sample is some labels of one byte each, of which the last is the class, and planes of red, green and blue.
private struct CIFARFormat {
  let labels: Int
  let classNames: [String]
  private static let pixels = 3 * 32 * 32

  /// The samples of some files, one after another.
  func load(_ names: [String], from folder: URL) throws(FileError) -> LabeledImages {
    var (pixels, classes): ([UInt8], [Int]) = ([], [])
    for name in names {
      var stream = try ByteStream(name, in: folder)
      let (first, size) = (classes.count, labels + Self.pixels)
      while case let sample = try stream.read(size), !sample.isEmpty {
        guard sample.count == size else {
          throw FileError(
            file: stream.file, place: .sample(classes.count - first), expected: "\(size) bytes",
            found: "\(sample.count)")
        }
        let label = Int(sample[labels - 1])
        guard label < classNames.count else {
          throw FileError(
            file: stream.file, place: .sample(classes.count - first),
            expected: "a label from 0 to \(classNames.count - 1)", found: "\(label)")
        }
        classes.append(label)
        pixels += sample[labels...]
      }
      guard classes.count > first else {
        throw FileError(file: stream.file, expected: "at least one sample of \(size) bytes", found: "none")
      }
    }
    var images = Tensor(pixels, shape: [classes.count, 3, 32, 32]).cast(to: .float32)
    images /= 255
    return LabeledImages(images: images, labels: classes, classNames: classNames)
  }
}
