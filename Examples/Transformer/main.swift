// Teaches a transformer to look something up: each sequence of digits contains a mark, and the class is the digit after
// it. Or classifies sequences with weights from PyTorch. `swift run -c release Transformer --help` lists the options.

import NN
import Optim
import Training

struct Settings: CommonSettings {
  var steps = 250
  var load, save, tokens: String?
  var scores = "scores.safetensors"
  var seed: UInt64 = 1
  var threads: Int?
}

let parser = OptionParser(
  "Transformer",
  summary: """
    Trains an encoder of four layers to name the digit behind a mark. With --tokens it classifies the sequences of a
    safetensors file instead and writes their scores to another.
    """,
  defaults: Settings(),
  options: [
    .value("steps", \.steps, in: 1...1_000_000, help: "steps of training, each on 64 new sequences"),
    .value(
      "load", \.load, placeholder: "FILE", help: "weights: a safetensors file of PyTorch's state_dict, or of ours"),
    .value("save", \.save, placeholder: "FILE", help: "where to write the weights"),
    .value("tokens", \.tokens, placeholder: "FILE", help: "safetensors file with the tensor `tokens` [N, L], int64"),
    .value("scores", \.scores, placeholder: "FILE", help: "where the tensor `scores` [N, classes] goes"),
  ] + OptionParser<Settings>.Option.common)

parser.main { settings in
  settings.apply()
  let net = SequenceClassifier()
  if let path = settings.load { try net.load(fromFile: path) }
  if let path = settings.tokens { try classify(path, with: net, into: settings.scores) } else { train(net, settings) }
  if let path = settings.save { try net.save(toFile: path) }
}

/// Writes the scores of all sequences of a file.
func classify(_ path: String, with net: SequenceClassifier, into scores: String) throws {
  let file = try Safetensors(contentsOfFile: path)
  guard let tokens = file.tensors["tokens"] else {
    throw FileError(file: path, expected: "a tensor `tokens`", found: "\(file.tensors.keys.sorted())")
  }
  let (words, longest) = (net.tokens.weight.shape[0], net.positions.weight.shape[0])
  guard
    tokens.dtype == .int64, tokens.rank == 2, tokens.shape[1] <= longest,
    tokens.scalars(as: Int.self).allSatisfy((0..<words).contains)
  else {
    throw FileError(
      file: path, place: .tensor("tokens"),
      expected: "int64 [N, L] of numbers below \(words), L up to \(longest)", found: "\(tokens.dtype) \(tokens.shape)")
  }
  net.eval()
  try Safetensors(tensors: ["scores": withoutGradient { net(tokens).value }]).write(toFile: scores)
  print("scores of \(tokens.shape[0]) sequences: \(scores)")
}

/// Gradient descent on new sequences at every step; prints the loss and the accuracy on the step's sequences.
func train(_ net: SequenceClassifier, _ settings: Settings) {
  let optimizer = AdamW(net.parameters, learningRate: 1e-3)
  for step in 1...settings.steps {
    let (tokens, labels) = lookUps(64)
    optimizer.zeroGrad()
    let scores = net(tokens)
    let loss = crossEntropy(scores, labels)
    loss.backward()
    optimizer.step()
    if step % 50 == 0 || step == settings.steps {
      let right = (scores.value.argmax(axis: 1) .== labels).cast(to: .float32).mean().item()
      print("step \(step): loss \(loss.item().text(decimals: 4)), \((100 * right).text(decimals: 1)) % right")
    }
  }
}

/// Sequences of 4 to 16 digits (tokens 1 to 10) with a mark (11) in one place, and the digits behind the marks.
func lookUps(_ count: Int) -> (tokens: Tensor, labels: Tensor) {
  let longest = 16
  let digits = Tensor.randomIntegers([count, longest], in: 1..<11).scalars(as: Int.self)
  let draws = Tensor.randomUniform([count, 2]).scalars(as: Double.self)
  var (tokens, labels) = ([Int](), [Int]())
  for row in 0..<count {
    var sequence = Array(digits[(row * longest)..<((row + 1) * longest)])
    let length = 4 + Int(draws[2 * row] * Double(longest - 3))
    let mark = Int(draws[2 * row + 1] * Double(length - 1))
    sequence[mark] = 11
    labels.append(sequence[mark + 1] - 1)
    tokens += sequence.prefix(length) + Array(repeating: 0, count: longest - length)
  }
  return (Tensor(tokens, shape: [count, longest]), Tensor(labels))
}
