// Builds ResNet-18 or LeNet-5, prints a summary and takes three training steps; or classifies images with weights from
// PyTorch. `swift run -c release ResNet --help` lists the options.

import Foundation
import NN
import Optim
import Training

/// The networks to choose from.
enum Architecture: String, CaseIterable, OptionValue {
  case resnet18, lenet

  func make() -> Module { self == .resnet18 ? ResNet18() : makeLeNet5() }
  /// The shape of one image in training.
  var imageShape: Shape { self == .resnet18 ? [1, 3, 224, 224] : [1, 1, 28, 28] }
  /// How many axes after N must have the training sizes: ResNet averages over images of any size.
  private var fixedAxes: Int { self == .resnet18 ? 1 : 3 }

  func takes(_ images: Tensor) -> Bool {
    images.dtype == .float32 && images.rank == 4
      && images.shape[1...].prefix(fixedAxes).elementsEqual(imageShape[1...].prefix(fixedAxes))
  }
}

struct Settings: CommonSettings {
  var model = Architecture.resnet18
  var load, save, images: String?
  var scores = "scores.safetensors"
  var seed: UInt64 = 1
  var threads: Int?
}

let parser = OptionParser(
  "ResNet",
  summary: """
    Builds a network and prints its layers. With --images it classifies those of a safetensors file and writes their
    scores to another; without, it takes three training steps on random images and says how long they took.
    """,
  defaults: Settings(),
  options: [
    .value("model", \.model, help: "resnet18, as torchvision defines it, or lenet"),
    .value(
      "load", \.load, placeholder: "FILE", help: "weights: a safetensors file of PyTorch's state_dict, or of ours"),
    .value("save", \.save, placeholder: "FILE", help: "where to write the weights"),
    .value("images", \.images, placeholder: "FILE", help: "safetensors file with the tensor `images` [N, C, H, W]"),
    .value("scores", \.scores, placeholder: "FILE", help: "where the tensor `scores` [N, classes] goes"),
  ] + OptionParser<Settings>.Option.common)

parser.main { settings in
  settings.apply()
  let net = settings.model.make()
  if let path = settings.load { try net.load(fromFile: path) }
  print(net.summary(inputShape: settings.model.imageShape))
  if let path = settings.images { try classify(path, with: net, settings) } else { train(net, settings) }
  if let path = settings.save { try net.save(toFile: path) }
}

/// Writes the scores of all images of a file, computed in batches.
func classify(_ path: String, with net: Module, _ settings: Settings) throws {
  let file = try Safetensors(contentsOfFile: path)
  guard let images = file.tensors["images"] else {
    throw FileError(file: path, expected: "a tensor `images`", found: "\(file.tensors.keys.sorted())")
  }
  guard settings.model.takes(images) else {
    throw FileError(
      file: path, place: .tensor("images"), expected: "float32 images such as \(settings.model.imageShape)",
      found: "\(images.dtype) \(images.shape)")
  }
  net.eval()
  let parts = withoutGradient {
    stride(from: 0, to: images.shape[0], by: 50).map { net(images[$0..<min($0 + 50, images.shape[0])]).value }
  }
  try Safetensors(tensors: ["scores": .concatenate(parts)]).write(toFile: settings.scores)
  print("scores of \(images.shape[0]) images: \(settings.scores)")
}

/// Three steps of gradient descent on eight random images.
func train(_ net: Module, _ settings: Settings) {
  let images = Tensor.randomNormal(Shape([8] + settings.model.imageShape.dropFirst()))
  let optimizer = SGD(net.parameters, learningRate: 0.01, momentum: 0.9)
  for step in 1...3 {
    var loss = 0.0
    let time = ContinuousClock().measure {
      loss = optimizer.step { crossEntropy(net(images), Array(0..<8)) }
    }
    print("step \(step) on \(images.shape): loss \(loss.text(decimals: 4)), \(time)")
  }
}
