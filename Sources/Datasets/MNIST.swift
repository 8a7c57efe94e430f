import Foundation
import Tensors

/// MNIST and the sets distributed in the same files, such as Fashion-MNIST: 28×28 pixels, ten classes.
public enum MNIST {
  /// The names of Fashion-MNIST's classes.
  public static let fashionClassNames = [
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot",
  ]

  /// Loads the four files of a folder, each plain or with `.gz`: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
  /// `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`; or an archive `mnist.npz`, given by its folder or its path.
  ///
  /// The archive's arrays are called `x_train`, `y_train`, `x_test`, `y_test`, as in Keras, or `X`, `Y`,
  /// `Xtest`, `Ytest`. Labels may be one-hot rows. Throws a `FileError` that names file and array, and the
  /// sample if one is invalid.
  /// - Parameters:
  ///   - url: The folder, or the archive.
  ///   - classNames: The names of the ten classes; by default Fashion-MNIST's if the path contains "fashion" (the files
  ///     of both sets look alike), else the digits 0 to 9.
  public static func load(
    from url: URL, classNames: [String]? = nil
  ) throws -> (train: LabeledImages, test: LabeledImages) {
    let isFashion = url.path.lowercased().contains("fashion")
    let classNames = classNames ?? (isFashion ? fashionClassNames : (0...9).map(String.init))
    if url.pathExtension == "npz" { return try load(archive: url, classNames) }
    if url.file("train-images-idx3-ubyte") == nil {
      let archive = url.appendingPathComponent("mnist.npz")
      guard FileManager.default.fileExists(atPath: archive.path) else {
        throw FileError(
          file: url.path, expected: "a file train-images-idx3-ubyte, or that with .gz, or mnist.npz", found: "none")
      }
      return try load(archive: archive, classNames)
    }
    return try load(folder: url, classNames)
  }

  private static func load(
    folder: URL, _ classNames: [String]
  ) throws(FileError) -> (train: LabeledImages, test: LabeledImages) {
    func open(_ name: String) throws(FileError) -> IDXFile { try IDXFile(contentsOf: folder.requiredFile(name)) }
    let (trainFile, testFile) = (try open("train-images-idx3-ubyte"), try open("t10k-images-idx3-ubyte"))
    let train = try LabeledImages(images: trainFile, labels: open("train-labels-idx1-ubyte"), classNames: classNames)
    let test = try LabeledImages(images: testFile, labels: open("t10k-labels-idx1-ubyte"), classNames: classNames)
    for (file, set) in [(trainFile, train), (testFile, test)] where set.images.elementCount == 0 {
      throw file.mismatch(expected: "at least one image of at least one pixel")
    }
    guard (train.rows, train.columns) == (test.rows, test.columns) else {
      throw testFile.mismatch(expected: "images of \(train.rows) × \(train.columns) as in \(trainFile.name)")
    }
    return (train, test)
  }

  private static func load(
    archive: URL, _ classNames: [String]
  ) throws -> (train: LabeledImages, test: LabeledImages) {
    let arrays = try NamedArray.members(
      archive, ["x_train", "y_train", "x_test", "y_test"], ["X", "Y", "Xtest", "Ytest"])
    let train = try LabeledImages(images: arrays[0], labels: arrays[1], classNames: classNames)
    let test = try LabeledImages(images: arrays[2], labels: arrays[3], classNames: classNames)
    guard train.images[0].shape == test.images[0].shape else {
      throw arrays[2].mismatch(expected: "images of \(train.rows) × \(train.columns) as in \(arrays[0].name)")
    }
    return (train, test)
  }
}

extension LabeledImages {
  /// The training and test images of a folder with MNIST's four files, or of an archive `mnist.npz`; without a path,
  /// the embedded digits, of which 30 %, chosen by the seed, are the test set.
  public static func load(
    folder: String?, seed: UInt64
  ) throws -> (train: LabeledImages, test: LabeledImages) {
    guard let folder else { return try Digits.load().trainTestSplit(testFraction: 0.3, seed: seed) }
    return try MNIST.load(from: URL(fileURLWithPath: folder))
  }
}
