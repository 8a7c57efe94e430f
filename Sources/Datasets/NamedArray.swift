import Foundation
import Tensors

/// An array from a file, and its name in errors.
struct NamedArray {
  let name: String
  let tensor: Tensor

  init(_ name: String, _ tensor: Tensor) { (self.name, self.tensor) = (name, tensor) }

  /// The array of an `.npy` file.
  init(npy url: URL) throws {
    self.init(url.lastPathComponent, try Tensor(npy: [UInt8](dataset: url), name: url.lastPathComponent))
  }

  /// Some arrays of an `.npz` archive, in the order of their names: the first of several lists of names
  /// that is complete.
  static func members(_ url: URL, _ choices: [String]...) throws -> [NamedArray] {
    let file = url.lastPathComponent
    let tensors = try NpzArchive(bytes: [UInt8](dataset: url), name: file).tensors
    guard let names = choices.first(where: { $0.allSatisfy { tensors[$0] != nil } }) else {
      throw FileError(
        file: file, expected: "arrays " + choices.map { $0.joined(separator: ", ") }.joined(separator: " or "),
        found: tensors.isEmpty ? "none" : tensors.keys.sorted().joined(separator: ", "))
    }
    return names.compactMap { name in tensors[name].map { NamedArray("\(file), member \(name)", $0) } }
  }

  /// The error that this array is something else than expected.
  func mismatch(expected: String) -> FileError {
    FileError(file: name, expected: expected, found: "\(tensor.dtype) \(tensor.shape)")
  }

  /// Checks that there is one of these for each of the samples of another array, which is not empty.
  func checkCount(matches other: NamedArray) throws(FileError) {
    let count = other.tensor.shape[0]
    guard tensor.rank > 0, tensor.shape[0] == count else {
      throw mismatch(expected: "one entry for each of the \(count) samples of \(other.name)")
    }
  }
}

// MARK: - Labels

extension NamedArray {
  /// The classes of N samples, from 0 to below `classes`: integers [N] or [N, 1], or one-hot rows [N, classes]. Without
  /// a number of classes, any that are not negative.
  func labels(classes: Int?) throws(FileError) -> [Int] {
    let isOneHot = tensor.rank == 2 && tensor.shape[1] != 1
    guard tensor.rank == 1 || tensor.rank == 2, !isOneHot || classes ?? tensor.shape[1] == tensor.shape[1] else {
      let width = classes.map(String.init) ?? "classes"
      throw mismatch(expected: "labels [N] or one-hot rows [N, \(width)]")
    }
    return isOneHot ? try oneHotLabels() : try plainLabels(below: classes)
  }

  private func plainLabels(below classes: Int?) throws(FileError) -> [Int] {
    let range = classes.map { "a label from 0 to \($0 - 1)" } ?? "a label, a whole number from 0"
    var labels: [Int] = []
    for (index, number) in tensor.scalars(as: Double.self).enumerated() {
      guard let label = Int(exactly: number), label >= 0, classes.map({ label < $0 }) ?? true else {
        throw FileError(
          file: name, place: .sample(index), expected: range, found: Int(exactly: number).map { "\($0)" } ?? "\(number)"
        )
      }
      labels.append(label)
    }
    return labels
  }

  private func oneHotLabels() throws(FileError) -> [Int] {
    let width = tensor.shape[1]
    let numbers = tensor.scalars(as: Double.self)
    var labels: [Int] = []
    for index in 0..<tensor.shape[0] {
      let row = numbers[index * width..<(index + 1) * width]
      let ones = row.indices.filter { row[$0] == 1 }
      guard ones.count == 1, row.allSatisfy({ $0 == 0 || $0 == 1 }) else {
        throw FileError(
          file: name, place: .sample(index), expected: "a one among zeros", found: "\(Array(row.prefix(20)))")
      }
      labels.append(ones[0] - row.startIndex)
    }
    return labels
  }
}

// MARK: - Images

extension NamedArray {
  /// Pictures as float32 [N, C, rows, columns] from 0 to 1.
  ///
  /// They may be [N, rows, columns], squares as rows [N, pixels], or with one or three channels before or after rows
  /// and columns. Numbers above 1, and all integers, are grey levels up to 255.
  func images() throws(FileError) -> Tensor {
    guard tensor.elementCount > 0 else { throw mismatch(expected: "at least one image of at least one pixel") }
    var pixels = try channelsFirst().cast(to: .float32)
    let largest = pixels.max().item()
    guard pixels.min().item() >= 0, largest <= 255 else { throw strayPixel(pixels) }
    if largest > 1 || ![.float32, .float64, .bool].contains(tensor.dtype) { pixels /= 255.0 }
    return pixels
  }

  private func channelsFirst() throws(FileError) -> Tensor {
    let sizes = Array(tensor.shape)
    switch sizes.count {
    case 2:
      let side = Int(Double(sizes[1]).squareRoot().rounded())
      if side * side == sizes[1] { return tensor.reshape([sizes[0], 1, side, side]) }
    case 3: return tensor.reshape([sizes[0], 1, sizes[1], sizes[2]])
    case 4 where sizes[1] == 1 || sizes[1] == 3: return tensor
    case 4 where sizes[3] == 1 || sizes[3] == 3: return tensor.permute([0, 3, 1, 2]).contiguous()
    default: break
    }
    throw mismatch(
      expected: "images [N, rows, columns], [N, pixels] of squares, or with 1 or 3 channels before or behind the pixels"
    )
  }

  /// The error for the first pixel that is not a grey level.
  private func strayPixel(_ pixels: Tensor) -> FileError {
    let numbers = pixels.scalars(as: Float.self)
    let place = numbers.firstIndex { !(0...255).contains($0) } ?? 0
    return FileError(
      file: name, place: .sample(place / (numbers.count / pixels.shape[0])),
      expected: "grey levels from 0 to 255, or from 0 to 1", found: "\(numbers[place])")
  }
}

// MARK: - Sets

extension LabeledImages {
  /// Pairs an array of images with one of labels.
  init(images: NamedArray, labels: NamedArray, classNames: [String]) throws(FileError) {
    let pixels = try images.images()
    try labels.checkCount(matches: images)
    self.init(images: pixels, labels: try labels.labels(classes: classNames.count), classNames: classNames)
  }
}

extension TensorDataset {
  /// Reads two arrays of an `.npz` archive whose first axis counts samples.
  ///
  /// ```swift
  /// let iris = try TensorDataset(npz: url, inputs: "X", targets: "y", classes: 3)
  /// ```
  ///
  /// Throws a `FileError` that names file and array, and the sample where one is at fault.
  /// - Parameters:
  ///   - url: The archive.
  ///   - inputs: The name of the inputs [N, ...]; integers become float32.
  ///   - targets: The name of the targets [N, ...].
  ///   - classes: The number of classes: targets are then labels, as numbers [N] or one-hot rows [N, classes], and
  ///     become int64 [N]. Without it targets stay as they are.
  public init(npz url: URL, inputs: String, targets: String, classes: Int? = nil) throws {
    let arrays = try NamedArray.members(url, [inputs, targets])
    try self.init(arrays[0], arrays[1], classes)
  }

  /// Reads two `.npy` files whose first axis counts samples; inputs, targets and classes are as in an archive.
  public init(npyInputs inputs: URL, targets: URL, classes: Int? = nil) throws {
    try self.init(NamedArray(npy: inputs), NamedArray(npy: targets), classes)
  }

  private init(_ inputs: NamedArray, _ targets: NamedArray, _ classes: Int?) throws(FileError) {
    guard inputs.tensor.rank > 0, inputs.tensor.elementCount > 0 else {
      throw inputs.mismatch(expected: "at least one sample")
    }
    try targets.checkCount(matches: inputs)
    let values = inputs.tensor.dtype.isFloatingPoint ? inputs.tensor : inputs.tensor.cast(to: .float32)
    let answers = try classes.map { classes throws(FileError) in
      let labels = try targets.labels(classes: classes)
      return Tensor(labels, shape: [labels.count])
    }
    self.init(inputs: values, targets: answers ?? targets.tensor)
  }
}
