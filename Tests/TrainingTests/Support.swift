import Datasets
import Foundation
import NN
import Testing
import Training

/// A line to fit: y = 2x − 1.
let line: TensorDataset = {
  let x = Tensor.linspace(-1, 1, count: 40).reshape([40, 1])
  return TensorDataset(inputs: x, targets: x * 2 - 1)
}()

/// Stops a run in the middle, as Ctrl-C does.
final class Stop: Callback {
  private let step: Int
  init(_ step: Int) { self.step = step }
  override func batchEnded(_ trainer: Trainer, loss: Double) {
    if trainer.step == step { trainer.stopTraining("for the test") }
  }
}

/// Runs a test in a temporary folder, which is removed afterwards.
func withFolder(_ body: (URL) throws -> Void) throws {
  let folder = try makeFolder()
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}

/// The same for an asynchronous test.
func withFolder(_ body: (URL) async throws -> Void) async throws {
  let folder = try makeFolder()
  defer { try? FileManager.default.removeItem(at: folder) }
  try await body(folder)
}

private func makeFolder() throws -> URL {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder
}

/// The records of a TFRecord file, lengths and layout checked.
func records(of file: [UInt8]) -> [[UInt8]] {
  var (rest, found): (ArraySlice<UInt8>, [[UInt8]]) = (file[...], [])
  while rest.count >= 12 {
    let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    found.append(Array(rest.dropFirst(12).prefix(length)))
    rest = rest.dropFirst(16 + length)
  }
  #expect(rest.isEmpty)
  return found
}
