import Tensors

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// MNIST and the sets that come in the same files, such as Fashion-MNIST: 28×28 pixels, ten classes.
public enum MNIST {
  /// What Fashion-MNIST's classes are called.
  public static let fashionClassNames = [
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot",
  ]

  /// Loads the four files of a folder, each plain or with `.gz`: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
  /// `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`.
  /// - Parameters:
  ///   - directory: The folder.
  ///   - classNames: The names of the ten classes; unless said, Fashion-MNIST's where the path says "fashion" (the files
  ///     of both sets look alike), else the digits 0 to 9.
  public static func load(
    from directory: URL, classNames: [String]? = nil
  ) throws(FileError) -> (train: LabeledImages, test: LabeledImages) {
    let isFashion = directory.path.lowercased().contains("fashion")
    let classNames = classNames ?? (isFashion ? fashionClassNames : (0...9).map(String.init))
    let trainFile = try open("train-images-idx3-ubyte", in: directory)
    let testFile = try open("t10k-images-idx3-ubyte", in: directory)
    let train = try LabeledImages(
      images: trainFile, labels: open("train-labels-idx1-ubyte", in: directory), classNames: classNames)
    let test = try LabeledImages(
      images: testFile, labels: open("t10k-labels-idx1-ubyte", in: directory), classNames: classNames)
    for (file, set) in [(trainFile, train), (testFile, test)] where set.images.elementCount == 0 {
      throw file.mismatch(expected: "at least one image of at least one pixel")
    }
    guard (train.rows, train.columns) == (test.rows, test.columns) else {
      throw testFile.mismatch(expected: "images of \(train.rows) × \(train.columns) as in \(trainFile.name)")
    }
    return (train, test)
  }

  private static func open(_ name: String, in directory: URL) throws(FileError) -> IDXFile {
    for spelling in [name, name + ".gz"] {
      let url = directory.appendingPathComponent(spelling)
      if FileManager.default.fileExists(atPath: url.path) { return try IDXFile(contentsOf: url) }
    }
    throw FileError(file: directory.path, expected: "a file \(name) or \(name).gz", found: "neither")
  }
}

extension LabeledImages {
  /// The training and test images of a folder with MNIST's four files; without a folder the embedded digits, 30 % of
  /// which, picked by the seed, are the test.
  public static func load(
    folder: String?, seed: UInt64
  ) throws(FileError) -> (train: LabeledImages, test: LabeledImages) {
    guard let folder else { return try Digits.load().trainTestSplit(testFraction: 0.3, seed: seed) }
    return try MNIST.load(from: URL(fileURLWithPath: folder))
  }
}
