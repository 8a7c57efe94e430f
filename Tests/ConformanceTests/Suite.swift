import Foundation
import NN

/// A case of any pair of files.
protocol SuiteCase: Decodable {
  var name: String { get }
  /// PyTorch's name of what is tested.
  var op: String { get }
  var rtol: Double { get }
  var atol: Double { get }
  var rtol64: Double { get }
  var atol64: Double { get }
}

/// The conformance cases of one pair of files, `NAME.json` and `NAME.safetensors` (see Tests/Fixtures/conformance).
struct Suite<Case: SuiteCase> {
  let cases: [Case]
  let tensors: [String: Tensor]

  /// The folder that `CONFORMANCE_DIR` names, or else the copy in this repository.
  private static var folder: URL {
    if let path = ProcessInfo.processInfo.environment["CONFORMANCE_DIR"] {
      URL(fileURLWithPath: path, isDirectory: true)
    } else {
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/conformance")
    }
  }

  /// Whether the folder has this pair; it need not have all of them.
  static func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: name + ".json").path)
  }

  /// Reads a pair. `CONFORMANCE_OPS`, a regular expression, selects the cases whose op it matches completely.
  init(_ name: String) throws {
    let text = try Data(contentsOf: Self.folder.appending(path: name + ".json"))
    let file = try JSONDecoder().decode(File.self, from: text)
    guard file.format == 1 else { throw Complaint("\(name).json has format \(file.format), not 1") }
    if file.cases.isEmpty { throw Complaint("\(name).json holds no cases") }
    let wanted = try ProcessInfo.processInfo.environment["CONFORMANCE_OPS"].map { try Regex($0) }
    cases = try file.cases.filter { try wanted?.wholeMatch(in: $0.op) != nil || wanted == nil }
    tensors = try Safetensors(contentsOfFile: Self.folder.appending(path: name + ".safetensors").path).tensors
  }

  private struct File: Decodable {
    let format: Int
    let cases: [Case]
  }
}

/// One case of `ops`, `losses` or `higher_order`.
struct Case: SuiteCase {
  let name: String
  let op: String
  let inputs: [String: JSON]
  let attributes: [String: JSON]
  let outputs: [String]?
  let cotangents: [String?]?
  let gradients: [String: JSON]?
  // For `higher_order`.
  let outer: String?
  let value: String?
  let vectors: [String: JSON]?
  let gradient: [String: JSON]?
  let hessianVectorProduct: [String: JSON]?
  let rtol, atol, rtol64, atol64: Double

  private enum CodingKeys: String, CodingKey {
    case name, op, inputs, attributes, outputs, cotangents, gradients, outer, value, vectors, gradient
    case hessianVectorProduct = "hessian_vector_product"
    case rtol, atol, rtol64, atol64
  }
}

/// A JSON value, of the kinds that occur in cases.
indirect enum JSON: Decodable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case list([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let string = try? value.decode(String.self) {
      self = .string(string)
    } else if let list = try? value.decode([JSON].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: JSON].self))
    }
  }
}

/// A problem with a case, or with the library's answer to it.
struct Complaint: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
