import Datasets
import Foundation
import NN

/// Writes event files that TensorBoard shows: scalars, histograms, pictures and the graph of a computation.
///
/// ```swift
/// let board = try TensorBoard(folder: URL(fileURLWithPath: "runs/first"))
/// try board.add(scalar: loss.item(), "loss/training", step: step)
/// ```
///
/// `tensorboard --logdir runs` shows all runs of a folder. Each record is written to the file when it is added, so it
/// survives a crash. Throws a `FileError` when the folder or the file cannot be written.
public final class TensorBoard {
  /// The event file.
  public let url: URL
  private let file: RecordFile
  private let now: () -> Date

  /// Starts a new event file in a folder, which is created if it does not exist.
  public convenience init(folder: URL) throws { try self.init(folder: folder, now: Date.init) }

  package init(folder: URL, now: @escaping () -> Date) throws {
    self.now = now
    let process = ProcessInfo.processInfo
    // TensorBoard reads the files of a folder in the order of their names, and expects seconds first.
    let name =
      "events.out.tfevents.\(Int(now().timeIntervalSince1970)).\(process.hostName).\(process.processIdentifier)"
    var number = 0
    var url: URL
    repeat {
      url = folder.appendingPathComponent("\(name).\(number)")
      number += 1
    } while FileManager.default.fileExists(atPath: url.path)
    self.url = url
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError(file: folder.path, expected: "a folder for events", found: "none, and none can be made there")
    }
    file = try RecordFile(url.path)
    var event = ProtobufMessage()
    event.add(3, "brain.Event:2")
    try write(event, step: 0)
  }

  /// Adds a number to a curve.
  public func add(scalar value: Double, _ tag: String, step: Int) throws {
    try add(tag, step) { $0.add(2, Float(value)) }
  }

  /// Adds the distribution of a tensor's elements, over bins each a tenth larger than the last, as TensorBoard's own.
  ///
  /// Elements that are not finite are ignored.
  public func add(histogram values: Tensor, _ tag: String, step: Int) throws {
    let numbers = values.scalars(as: Double.self).filter(\.isFinite)
    guard let low = numbers.min(), let high = numbers.max() else { return }
    var counts = [Double](repeating: 0, count: Self.limits.count)
    for number in numbers { counts[Self.limits.firstIndexAbove(number)] += 1 }
    let used = counts.indices.filter { counts[$0] > 0 }
    let shown = max(0, (used.first ?? 0) - 1)...(used.last ?? 0)
    var histogram = ProtobufMessage()
    histogram.add(1, low)
    histogram.add(2, high)
    histogram.add(3, Double(numbers.count))
    histogram.add(4, numbers.reduce(0, +))
    histogram.add(5, numbers.reduce(0) { $0 + $1 * $1 })
    histogram.add(6, Array(Self.limits[shown]))
    histogram.add(7, Array(counts[shown]))
    try add(tag, step) { $0.add(5, histogram) }
  }

  /// Adds a picture [C, H, W] (or grey [H, W]) of a float type from 0 to 1.
  public func add(image: Tensor, _ tag: String, step: Int) throws {
    let png = PNG.encode(image)
    let channels = image.rank == 2 ? 1 : image.shape[0]
    var message = ProtobufMessage()
    message.add(1, image.shape[-2])
    message.add(2, image.shape[-1])
    message.add(3, channels)
    message.add(4, png)
    try add(tag, step) { $0.add(4, message) }
  }

  /// Adds the ops that a variable was computed by: what `Tape.listing(of:)` lists, as a graph.
  public func add(graphOf variable: Variable) throws {
    var graph = ProtobufMessage()
    let rows = Tape.graph(of: variable)
    let names = Dictionary(uniqueKeysWithValues: rows.map { ($0.number, "\($0.op.asNodeName)_\($0.number)") })
    for row in rows {
      var node = ProtobufMessage()
      node.add(1, names[row.number, default: ""])
      node.add(2, row.op)
      for input in row.inputs { node.add(3, names[input, default: ""]) }
      graph.add(1, node)
    }
    var event = ProtobufMessage()
    event.add(4, graph.bytes)
    try write(event, step: 0)
  }

  /// The upper ends of a histogram's bins: ±10⁻¹², each next one a tenth larger, up to 10²⁰, and the largest double.
  private static let limits: [Double] = {
    let positive = Array(sequence(first: 1e-12) { $0 * 1.1 }.prefix { $0 < 1e20 }) + [Double.greatestFiniteMagnitude]
    return positive.reversed().map { -$0 } + [0] + positive
  }()

  private func add(_ tag: String, _ step: Int, _ fill: (inout ProtobufMessage) -> Void) throws {
    var value = ProtobufMessage()
    value.add(1, tag)
    fill(&value)
    var summary = ProtobufMessage()
    summary.add(1, value)
    var event = ProtobufMessage()
    event.add(5, summary)
    try write(event, step: step)
  }

  /// Appends an event: its length, the event, and a checksum of each.
  private func write(_ content: ProtobufMessage, step: Int) throws {
    var event = ProtobufMessage()
    event.add(1, now().timeIntervalSince1970)
    if step != 0 { event.add(2, step) }
    event.bytes += content.bytes
    let length = UInt64(event.bytes.count).littleEndianBytes
    let record =
      length + CRC32C.masked(length).littleEndianBytes + event.bytes + CRC32C.masked(event.bytes).littleEndianBytes
    try file.append(record)
  }
}

extension String {
  /// The text without the characters that TensorFlow's names may not contain.
  fileprivate var asNodeName: String {
    let signs = ["+": "add", "-": "subtract", "*": "multiply", "/": "divide"]
    return signs[self] ?? String(map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }
}

extension [Double] {
  /// The index of the first of ascending numbers above a limit, by bisection; the last one if there is none.
  fileprivate func firstIndexAbove(_ number: Double) -> Int {
    var (low, high) = (0, count - 1)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] > number { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// The bytes of a Protocol Buffers message, field by field.
private struct ProtobufMessage {
  var bytes: [UInt8] = []

  mutating func add(_ field: Int, _ value: Int) {
    addKey(field, wireType: 0)
    addVarint(UInt64(bitPattern: Int64(value)))
  }
  mutating func add(_ field: Int, _ value: Double) {
    addKey(field, wireType: 1)
    bytes += value.bitPattern.littleEndianBytes
  }
  mutating func add(_ field: Int, _ value: Float) {
    addKey(field, wireType: 5)
    bytes += value.bitPattern.littleEndianBytes
  }
  mutating func add(_ field: Int, _ value: [UInt8]) {
    addKey(field, wireType: 2)
    addVarint(UInt64(value.count))
    bytes += value
  }
  mutating func add(_ field: Int, _ value: String) { add(field, Array(value.utf8)) }
  mutating func add(_ field: Int, _ value: ProtobufMessage) { add(field, value.bytes) }
  /// Packed numbers.
  mutating func add(_ field: Int, _ values: [Double]) { add(field, values.flatMap { $0.bitPattern.littleEndianBytes }) }

  private mutating func addKey(_ field: Int, wireType: Int) { addVarint(UInt64(field << 3 | wireType)) }

  private mutating func addVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// The checksum of TFRecord files: Castagnoli's CRC-32, rotated and offset so that the checksum of data with
/// checksums is sound.
package enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
  }

  package static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }

  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let value = checksum(bytes)
    return (value >> 15 | value << 17) &+ 0xa282_ead8
  }
}

extension FixedWidthInteger {
  fileprivate var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian, Array.init) }
}
