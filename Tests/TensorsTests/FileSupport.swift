import Foundation
import Tensors

/// Runs a test with the path of a temporary folder, which is removed afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

/// All bytes of a file.
func contents(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

/// Writes bytes to a file.
func put(_ bytes: [UInt8], at path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

/// The message of the error that an expression throws, which must be a `FileError`, or nil if it throws none.
func sentence<Result>(_ body: @autoclosure () throws -> Result) -> String? {
  do {
    _ = try body()
    return nil
  } catch {
    return error is FileError ? "\(error)" : "not a FileError: \(error)"
  }
}

extension FixedWidthInteger {
  /// The bytes of a number, least significant first.
  var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}

/// Damages a valid file in many ways and hands each result to `read`, which must not crash.
///
/// These are: every truncation; every byte of the first `headLength` with each bit flipped, set to 0 and set to a
/// digit; then `rounds` files with some bytes changed, duplicated, removed or replaced by pieces from elsewhere, all
/// determined by the seed.
func mutate(_ file: [UInt8], headLength: Int, rounds: Int, seed: Int, _ read: ([UInt8]) -> Void) {
  for count in file.indices { read(Array(file[..<count])) }
  for place in 0..<min(headLength, file.count) {
    for value in (0..<8).map({ file[place] ^ 1 << $0 }) + [0, 0x39, 0xff] {
      var changed = file
      changed[place] = value
      read(changed)
    }
  }
  let choices = Choices(seed: seed)
  let telling = Array("0123456789{}[]\",:-. \\uTrueFalse<>|".utf8) + [0, 1, 0x7f, 0x80, 0xff]
  for _ in 0..<rounds {
    var changed = file
    for _ in 0..<choices.number(1...4) where !changed.isEmpty {
      let place = choices.number(0...(changed.count - 1))
      let end = min(changed.count, place + choices.number(1...8))
      switch choices.number(0...4) {
      case 0: changed[place] = UInt8(choices.number(0...255))
      case 1: changed[place] = telling[choices.number(0...(telling.count - 1))]
      case 2: changed.removeSubrange(place..<end)
      case 3: changed.insert(contentsOf: changed[place..<end], at: choices.number(0...changed.count))
      default: changed.insert(telling[choices.number(0...(telling.count - 1))], at: place)
      }
    }
    read(changed)
  }
}

/// How many random changes the fuzz tests try. `FUZZ_ROUNDS` overrides it, for long runs by hand.
let fuzzRounds = ProcessInfo.processInfo.environment["FUZZ_ROUNDS"].flatMap(Int.init) ?? 3_000
