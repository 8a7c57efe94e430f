import Foundation
import Tensors
import Testing

import Datasets

@Suite struct IDXTests {
  @Test func everyElementTypeIsRead() throws {
    func elements(_ type: IDXFile.ElementType, _ payload: [UInt8]) throws -> IDXFile.Elements {
      try IDXFile(bytes: idx(type, [2], payload), name: "x").elements
    }
    #expect(try elements(.ubyte, [0, 255]) == .ubyte([0, 255]))
    #expect(try elements(.byte, [1, 255]) == .byte([1, -1]))
    #expect(try elements(.short, [1, 2, 255, 254]) == .short([258, -2]))
    #expect(try elements(.int, [0, 1, 0, 0, 255, 255, 255, 255]) == .int([65_536, -1]))
    #expect(
      try elements(.float, [Float(1.5), -0.25].flatMap { $0.bitPattern.bigEndianBytes }) == .float([1.5, -0.25]))
    #expect(
      try elements(.double, [1.5, .infinity].flatMap { $0.bitPattern.bigEndianBytes }) == .double([1.5, .infinity]))
  }

  @Test func sizesMayBeZeroOrNone() throws {
    #expect(try IDXFile(bytes: idx(.ubyte, [0, 28, 28], []), name: "x").dimensions == [0, 28, 28])
    #expect(try IDXFile(bytes: idx(.int, [], [0, 0, 0, 7]), name: "x").elements == .int([7]))
  }

  @Test func elementsBecomeATensor() throws {
    let tensor = try IDXFile(bytes: idx(.short, [2, 1], [0, 3, 255, 255]), name: "x").tensor()
    #expect(tensor.dtype == .int32)
    #expect(tensor.shape == [2, 1])
    #expect(tensor.scalars(as: Int32.self) == [3, -1])
    #expect(try IDXFile(bytes: idx(.ubyte, [1], [9]), name: "x").tensor().dtype == .uint8)
  }

  @Test(arguments: [
    ([], "x, byte 0: expected 4 bytes of IDX magic number, found 0"),
    ([0, 0, 8], "x, byte 0: expected 4 bytes of IDX magic number, found 3"),
    (
      Array("PNG\r".utf8),
      "x, byte 0: expected an IDX magic number (00 00, a type from 08 to 0e, the number of dimensions), "
        + "found 50 4e 47 0d"
    ),
    (
      [0, 0, 10, 1],
      "x, byte 0: expected an IDX magic number (00 00, a type from 08 to 0e, the number of dimensions), "
        + "found 00 00 0a 01"
    ),
    ([0, 0, 8, 9], "x, byte 0: expected at most 8 dimensions, found 9"),
    ([0, 0, 8, 2, 0, 0, 0, 1], "x, byte 4: expected 8 bytes of sizes (2 dimensions), found 4"),
    (idx(.short, [2, 3], [1, 2, 3]), "x, byte 12: expected 12 bytes of data (2 × 3 short), found 3"),
    (idx(.ubyte, [2], [1, 2, 3]), "x, byte 10: expected the end of the data (2 ubyte), found more bytes"),
    (
      idx(.double, [.max, .max, 2], []),
      "x, byte 4: expected sizes whose product can be counted, found 4294967295 × 4294967295 × 2 double"
    ),
    (
      idx(.ubyte, [.max, .max >> 1], [1]),
      "x, byte 12: expected 9223372030412324865 bytes of data (4294967295 × 2147483647 ubyte), found 1"
    ),
  ])
  func damageIsNamed(bytes: [UInt8], expected: String) {
    #expect(sentence(try IDXFile(bytes: bytes, name: "x")) == expected)
  }

  @Test func filesAreNamed() throws {
    let good = idx(.ubyte, [3], [1, 2, 3])
    try withFolder(["a": good, "b.gz": gzip(good), "c.gz": good, "d.gz": []]) { folder in
      for name in ["a", "b.gz"] {
        let file = try IDXFile(contentsOf: folder.appendingPathComponent(name))
        #expect(file.elements == .ubyte([1, 2, 3]))
        #expect(file.name == name)
      }
      func problem(_ name: String) -> String? {
        sentence(try IDXFile(contentsOf: folder.appendingPathComponent(name)))
      }
      #expect(problem("c.gz") == "c.gz, byte 0: expected gzip data (1f 8b), found 00 00")
      #expect(problem("d.gz") == "d.gz, byte 0: expected gzip data (1f 8b), found no bytes")
      #expect(problem("e") == "\(folder.path)/e: expected a readable file, found no file there")
      #expect(sentence(try IDXFile(contentsOf: folder)) == "\(folder.path): expected a readable file, found a folder")
    }
  }
}
