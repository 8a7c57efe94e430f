// A small Transformer learns to write, letter by letter, from a text. Ten sonnets by Shakespeare are built in.
// `swift run -c release CharacterModel --help` lists the options.

import Datasets
import Foundation
import NN
import Optim
import Training

struct Settings: CommonSettings {
  var text: String?
  var epochs = 12
  var context = 64
  var headSize = 12
  var layers = 3
  var prompt = "Shall I"
  var length = 300
  var temperature = 0.7
  var svg = "letters.svg"
  var seed: UInt64 = 1
  var threads: Int?
}

let parser = OptionParser(
  "CharacterModel",
  summary: """
    Trains a Transformer to foretell the next letter of a text, and lets it write some lines of its own.
    """,
  defaults: Settings(),
  options: [
    .value("text", \.text, placeholder: "FILE", help: "the text to learn, in UTF-8; else the built-in sonnets"),
    .value("epochs", \.epochs, in: 1...100_000, help: "passes over the text"),
    .value("context", \.context, in: 2...4_096, help: "letters that the model looks back"),
    .value("head-size", \.headSize, in: 1...512, help: "features of a letter that each of eight heads sees"),
    .value("layers", \.layers, in: 1...100, help: "layers of the Transformer"),
    .value("prompt", \.prompt, help: "what the model's own lines begin with"),
    .value("length", \.length, in: 0...1_000_000, help: "letters it writes"),
    .value("temperature", \.temperature, in: 0.01...10, help: "below 1 it writes what is likely, above 1 what is bold"),
    .value("svg", \.svg, placeholder: "FILE", help: "where the loss is drawn"),
  ] + OptionParser<Settings>.Option.common)

/// A causal Transformer that scores the next letter at every place: labels [N, L] to scores [N, L, letters].
final class CharacterModel: Module {
  private let letters, places: Embedding
  private let body: TransformerEncoder
  private let head: Linear

  init(letters count: Int, context: Int, size: Int, layers: Int) {
    letters = Embedding(count, size)
    places = Embedding(context, size)
    body = TransformerEncoder(layers: layers, norm: LayerNorm(size)) {
      TransformerEncoderLayer(
        size, heads: 8, feedForward: 4 * size, activation: .gelu, batchFirst: true, normFirst: true)
    }
    head = Linear(size, count)
  }

  override func forward(_ x: Variable) -> Variable {
    let positions = Variable(Tensor.arange(x.shape[1], dtype: .int64))
    return head(body(letters(x) + places(positions), isCausal: true))
  }
}

parser.main { settings in
  settings.apply()
  let text = try Text(settings.text.map { try String(contentsOfFile: $0, encoding: .utf8) } ?? sonnets)
  let windows = try TextWindows(text, length: settings.context)
  let net = CharacterModel(
    letters: text.letters.count, context: settings.context, size: 8 * settings.headSize, layers: settings.layers)
  print(
    "\(text.labels.count) letters, \(text.letters.count) of them different; \(net.parameterCount) parameters")

  let loss = Loss("next letter") { scores, labels in
    crossEntropy(scores.flatten(endAxis: 1), labels.value.reshape([-1]))
  }
  let optimizer = AdamW(net.parameters, learningRate: 2e-3, weightDecay: 0.01)
  let loader = DataLoader(windows, batchSize: 32, seed: settings.seed)
  let schedule = Scheduler(optimizer, .oneCycle(largest: 2e-3, steps: settings.epochs * loader.batchCount))
  let trainer = Trainer(net, loss: loss, optimizer: optimizer)
  let plot = PlotCallback(URL(fileURLWithPath: settings.svg), title: "Guessing the next letter", figures: ["loss"])
  try trainer.fit(
    loader, epochs: settings.epochs,
    callbacks: [ScheduleCallback(schedule, every: .batch), GradientClipping(norm: 1), Interruption(), plot])
  print("\n\(write(settings, with: net, text))")
}

/// Lets the model continue a prompt, one letter at a time, each drawn with the probability that the model gives it.
func write(_ settings: Settings, with net: CharacterModel, _ text: Text) -> String {
  net.eval()
  var labels = text.encode(settings.prompt)
  if labels.isEmpty { labels = [0] }
  let generator = RandomGenerator(seed: settings.seed)
  withoutGradient {
    for _ in 0..<settings.length {
      let seen = Array(labels.suffix(settings.context))
      let scores = net(Tensor(seen, shape: [1, seen.count]))[0, -1] / settings.temperature
      labels += Tensor.multinomial(scores.softmax().value, generator: generator).scalars(as: Int.self)
    }
  }
  return text.decode(labels)
}
