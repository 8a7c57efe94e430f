import Tensors

/// Images and the class of each: what an image classifier is trained and tested on.
public struct LabeledImages: Sendable {
  /// The images, float32 from 0 (background) to 1, of shape [N, C, rows, columns]; grey ones have C = 1.
  public let images: Tensor
  /// The class of each image, from 0.
  public let labels: [Int]
  /// The names of the classes, one for each.
  public let classNames: [String]

  /// Creates a set from parts that fit each other; stops when they do not.
  /// - Parameters:
  ///   - images: Shape [N, C, rows, columns].
  ///   - labels: N classes, each below the number of names.
  ///   - classNames: The names of the classes.
  public init(images: Tensor, labels: [Int], classNames: [String]) {
    require(
      images.rank == 4 && images.shape[0] == labels.count,
      "LabeledImages: images of shape \(images.shape) and \(labels.count) labels: "
        + "[N, C, rows, columns] and N are wanted"
    )
    if let index = labels.firstIndex(where: { !classNames.indices.contains($0) }) {
      stop("LabeledImages: label \(labels[index]) of sample \(index) is out of range for \(classNames.count) classes")
    }
    self.images = images
    self.labels = labels
    self.classNames = classNames
  }

  /// Pairs a file of images with one of labels.
  /// - Parameters:
  ///   - imageFile: Bytes of shape [N, rows, columns].
  ///   - labelFile: Bytes of shape [N].
  ///   - white: The grey level that becomes 1.
  ///   - classNames: The names of the classes, and so how many there are.
  public init(
    images imageFile: IDXFile, labels labelFile: IDXFile, white: Double = 255, classNames: [String]
  ) throws(FileError) {
    let pixels = imageFile.dimensions
    guard pixels.count == 3, case .ubyte = imageFile.elements else {
      throw imageFile.mismatch(expected: "images (3 dimensions of ubyte)")
    }
    guard labelFile.dimensions.count == 1, case .ubyte(let labels) = labelFile.elements else {
      throw labelFile.mismatch(expected: "labels (1 dimension of ubyte)")
    }
    guard labels.count == pixels[0] else {
      throw FileError(
        file: labelFile.name, expected: "\(pixels[0]) labels, one for each image of \(imageFile.name)",
        found: "\(labels.count)")
    }
    if let index = labels.firstIndex(where: { Int($0) >= classNames.count }) {
      throw FileError(
        file: labelFile.name, place: .sample(index), expected: "a label from 0 to \(classNames.count - 1)",
        found: "\(labels[index])")
    }
    let greys = imageFile.tensor().reshape(Shape([pixels[0], 1, pixels[1], pixels[2]]))
    var scaled = greys.cast(to: .float32)
    scaled /= white
    self.init(images: scaled, labels: labels.map(Int.init), classNames: classNames)
  }

  /// The number of images.
  public var count: Int { labels.count }
  /// The number of classes.
  public var classCount: Int { classNames.count }
  /// How many numbers a pixel has: 1 for grey, 3 for red, green and blue.
  public var channels: Int { images.shape[1] }
  /// The height of an image in pixels.
  public var rows: Int { images.shape[2] }
  /// The width of an image in pixels.
  public var columns: Int { images.shape[3] }

  /// The images as vectors, [N, C · rows · columns], row after row: what a dense layer takes.
  public var vectors: Tensor { images.reshape([count, channels * rows * columns]) }
  /// The images as vectors with their labels: a set for dense layers.
  public var asVectors: TensorDataset { TensorDataset(inputs: vectors, targets: targets) }
  /// The labels as an int64 tensor of shape [N]: what a loss takes.
  public var targets: Tensor { Tensor(labels, shape: [count]) }

  /// The images at some positions, in that order: a batch, or one side of a split. Stops for
  /// one that the set does not have.
  public subscript(_ positions: [Int]) -> LabeledImages {
    requireSamples("LabeledImages", positions, among: count)
    return LabeledImages(
      images: images.indexSelect(axis: 0, positions), labels: positions.map { labels[$0] }, classNames: classNames)
  }

  /// Splits the images, shuffled by the seed, into a training set and a test set.
  ///
  /// The test part has `testFraction` of the images, rounded up; both parts together are the whole, each image once.
  public func trainTestSplit(testFraction: Double, seed: UInt64) -> (train: LabeledImages, test: LabeledImages) {
    let split = trainTestIndices(count: count, testFraction: testFraction, seed: seed)
    return (self[split.train], self[split.test])
  }
}

extension IDXFile {
  /// The error that this file holds something else than expected.
  func mismatch(expected: String) -> FileError {
    let sizes = dimensions.map(String.init).joined(separator: " × ")
    return FileError(file: name, expected: expected, found: "\(sizes.isEmpty ? "a single" : sizes) \(elementType)")
  }
}
