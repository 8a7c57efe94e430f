import Foundation
import NN
import Testing

import Training

/// Runs a test with a board in a temporary folder; `records` reads the file's current contents.
private func withBoard(_ body: (TensorBoard, _ records: () throws -> [[UInt8]]) throws -> Void) throws {
  try withFolder { folder in
    let board = try TensorBoard(folder: folder, now: { Date(timeIntervalSince1970: 1_700_000_000) })
    try body(board) { try records(of: [UInt8](Data(contentsOf: board.url))) }
  }
}

@Suite struct TensorBoardTests {
  /// The check value of CRC-32C, from Castagnoli's polynomial in the catalogue of parametrised CRC algorithms.
  @Test func checksumIsCastagnolis() {
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xe306_9283)
  }

  /// What TensorBoard 2.21 serializes for these events, and how its `RecordWriter` frames the first.
  @Test func eventsAreAsTensorBoardWritesThem() throws {
    try withBoard { board, records in
      try board.add(scalar: 0.5, "loss", step: 3)
      let events = try records()
      let head =
        "1800000000000000a37f4b22" + "0900000040fc54d9411a0d627261696e2e4576656e743a32" + "eced8f9d"
      #expect(events.count == 2)
      #expect(Data(events[0]).hexadecimal == "0900000040fc54d9411a0d627261696e2e4576656e743a32")
      #expect(Data(events[1]).hexadecimal == "0900000040fc54d94110032a0d0a0b0a046c6f7373150000003f")
      let file = try Data(contentsOf: board.url)
      #expect(file.hexadecimal.hasPrefix(head))
    }
  }

  @Test func everyKindIsWritten() throws {
    try withBoard { board, records in
      try board.add(histogram: Tensor([1, 2, -3, 0]), "h", step: 1)
      try board.add(histogram: Tensor.zeros([0]), "empty", step: 1)
      try board.add(image: Tensor.full([3, 4, 5], 0.5), "i", step: 1)
      let w = Variable([2, 3], requiresGrad: true)
      try board.add(graphOf: (w * w).sum())
      let count = try records().count
      #expect(count == 4)
    }
  }

  @Test func unwritableFolderIsASentence() throws {
    #expect {
      _ = try TensorBoard(folder: URL(fileURLWithPath: "/proc/none"))
    } throws: {
      "\($0)"
        == "/proc/none: expected a folder for events, found none, and none can be made there"
    }
  }
}

extension Data {
  fileprivate var hexadecimal: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
