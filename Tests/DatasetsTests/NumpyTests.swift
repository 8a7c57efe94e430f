import Datasets
import Foundation
import Tensors
import Testing

private func labels(_ values: [Int]) -> Tensor { Tensor(values, shape: [values.count]) }
private func bytes(_ values: [UInt8], _ shape: Shape) -> Tensor { Tensor(values, shape: shape) }

@Suite struct NumpyTests {
  /// Three training and two test images of 2×2 pixels, as Keras stores them.
  private static let keras = [
    "x_train": bytes([0, 51, 102, 255] + [UInt8](repeating: 0, count: 8), [3, 2, 2]),
    "y_train": bytes([9, 0, 4], [3]),
    "x_test": bytes([UInt8](repeating: 255, count: 8), [2, 2, 2]),
    "y_test": bytes([1, 2], [2]),
  ]

  /// The same as the course stores them: rows of numbers from 0 to 1, and one-hot labels.
  private static let course = [
    "X": Tensor([0, 0.2, 0.4, 1] + [Double](repeating: 0, count: 8), shape: [3, 4]),
    "Y": Tensor.oneHot(labels([9, 0, 4]), classes: 10).cast(to: .float64),
    "Xtest": Tensor.ones([2, 4], dtype: .float64),
    "Ytest": Tensor.oneHot(labels([1, 2]), classes: 10).cast(to: .float64),
  ]

  @Test(arguments: [keras, course], ["mnist.npz", ""])
  func anArchiveMakesTwoSets(arrays: [String: Tensor], path: String) throws {
    try withFolder([:]) { folder in
      try NpzArchive(tensors: arrays).write(toFile: folder.path + "/mnist.npz", compressed: true)
      let (train, test) = try LabeledImages.load(folder: folder.path + "/" + path, seed: 1)
      #expect(train.images.shape == [3, 1, 2, 2] && test.images.shape == [2, 1, 2, 2])
      #expect(train.images.scalars(as: Float.self).prefix(5) == [0, 0.2, 0.4, 1, 0])
      #expect(test.images == .ones([2, 1, 2, 2]))
      #expect(train.labels == [9, 0, 4] && test.labels == [1, 2] && train.classNames[9] == "9")
    }
  }

  /// The error's message when some arrays are changed, or one is missing.
  private func problem(_ changes: [String: Tensor], without name: String = "") throws -> String? {
    var arrays = Self.keras.merging(changes) { $1 }
    arrays[name] = nil
    var result: String?
    try withFolder([:]) { folder in
      let url = folder.appendingPathComponent("mnist.npz")
      try NpzArchive(tensors: arrays).write(toFile: url.path, compressed: true)
      result = sentence(try MNIST.load(from: url))
    }
    return result
  }

  @Test func arraysThatDoNotFitAreNamed() throws {
    #expect(
      try problem([:], without: "y_test")
        == "mnist.npz: expected arrays x_train, y_train, x_test, y_test or X, Y, Xtest, Ytest, "
        + "found x_test, x_train, y_train")
    #expect(
      try problem(["y_test": labels([1, 10])])
        == "mnist.npz, member y_test, sample 1: expected a label from 0 to 9, found 10")
    #expect(
      try problem(["y_train": Tensor([0, 1.5, -1])])
        == "mnist.npz, member y_train, sample 1: expected a label from 0 to 9, found 1.5")
    #expect(
      try problem(["y_test": labels([1, 2, 3])])
        == "mnist.npz, member y_test: expected one entry for each of the 2 samples of mnist.npz, member x_test, "
        + "found int64 [3]")
    #expect(
      try problem(["y_test": Tensor.zeros([2, 9])])
        == "mnist.npz, member y_test: expected labels [N] or one-hot rows [N, 10], found float32 [2, 9]")
    #expect(
      try problem(["y_test": Tensor.zeros([2, 10])])
        == "mnist.npz, member y_test, sample 0: expected a one among zeros, "
        + "found [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]")
    #expect(
      try problem(["x_test": Tensor.zeros([2, 5])])
        == "mnist.npz, member x_test: expected images [N, rows, columns], [N, pixels] of squares, "
        + "or with 1 or 3 channels before or behind the pixels, found float32 [2, 5]")
    #expect(
      try problem(["x_test": Tensor.zeros([2, 3, 3])])
        == "mnist.npz, member x_test: expected images of 2 × 2 as in mnist.npz, member x_train, found float32 [2, 3, 3]"
    )
    #expect(
      try problem(["x_test": Tensor.zeros([0, 2, 2])])
        == "mnist.npz, member x_test: expected at least one image of at least one pixel, found float32 [0, 2, 2]")
    #expect(
      try problem(["x_train": Tensor([[0, 0, 0, 0], [0, 256, 0, 0], [0, 0, 0, 0]])])
        == "mnist.npz, member x_train, sample 1: expected grey levels from 0 to 255, or from 0 to 1, found 256.0")
    #expect(
      try problem(["x_train": Tensor([[0, 0, 0, 0], [0, 0, 0, 0], [0, .nan, 0, 0]])])
        == "mnist.npz, member x_train, sample 2: expected grey levels from 0 to 255, or from 0 to 1, found nan")
  }

  @Test func foldersWithoutDataAreNamed() throws {
    try withFolder([:]) { folder in
      #expect(
        sentence(try MNIST.load(from: folder))
          == "\(folder.path): expected a file train-images-idx3-ubyte, or that with .gz, or mnist.npz, found none")
      #expect(
        sentence(try MNIST.load(from: folder.appendingPathComponent("a.npz")))
          == "\(folder.path)/a.npz: expected a readable file, found no file there")
    }
  }

  @Test func channelsAreFoundOnEitherSide() throws {
    var behind = Self.keras
    behind["x_train"] = bytes((0..<36).map { $0 }, [3, 2, 2, 3])
    behind["x_test"] = bytes((0..<24).map { $0 }, [2, 2, 2, 3])
    var front = behind
    front["x_train"] = behind["x_train"]?.permute([0, 3, 1, 2])
    front["x_test"] = behind["x_test"]?.permute([0, 3, 1, 2])
    for arrays in [behind, front] {
      try withFolder([:]) { folder in
        try NpzArchive(tensors: arrays).write(toFile: folder.path + "/mnist.npz")
        let (train, _) = try MNIST.load(from: folder)
        #expect(train.images.shape == [3, 3, 2, 2])
        #expect((train.images[0, 2] * 255).scalars(as: Float.self).map { $0.rounded() } == [2, 5, 8, 11])
      }
    }
  }

  @Test func twoArraysMakeASet() throws {
    try withFolder([:]) { folder in
      let (x, y) = (Tensor([[1, 2], [3, 4], [5, 6]], dtype: .int32), labels([2, 0, 1]))
      let archive = folder.appendingPathComponent("set.npz")
      let hot = Tensor.oneHot(y, classes: 3)
      try NpzArchive(tensors: ["x": x, "y": y, "hot": hot, "wide": x]).write(toFile: archive.path)
      let expected = Tensor([[1, 2], [3, 4], [5, 6]])
      for name in ["y", "hot"] {
        let set = try TensorDataset(npz: archive, inputs: "x", targets: name, classes: 3)
        #expect(set.inputs == expected && set.targets == y)
      }
      let regression = try TensorDataset(npz: archive, inputs: "x", targets: "wide")
      #expect(regression.targets == x)

      let (inputs, targets) = (folder.appendingPathComponent("x.npy"), folder.appendingPathComponent("y.npy"))
      try x.write(toNpyFile: inputs.path)
      try y.write(toNpyFile: targets.path)
      let set = try TensorDataset(npyInputs: inputs, targets: targets, classes: 3)
      #expect(set.inputs == expected && set.targets == y && set.count == 3)
      #expect(
        sentence(try TensorDataset(npyInputs: inputs, targets: targets, classes: 2))
          == "y.npy, sample 0: expected a label from 0 to 1, found 2")
      try Tensor.zeros([0, 2]).write(toNpyFile: inputs.path)
      #expect(
        sentence(try TensorDataset(npyInputs: inputs, targets: targets))
          == "x.npy: expected at least one sample, found float32 [0, 2]")
    }
  }
}
