import Tensors
import Testing

/// An `.npy` file from the text of its header and the data after it.
private func file(_ header: String, _ data: [UInt8] = [], version: UInt8 = 1) -> [UInt8] {
  let length = UInt32(header.utf8.count).littleEndianBytes.prefix(version == 1 ? 2 : 4)
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8) + data
}

/// The header that NumPy writes, without its padding.
private func header(_ type: String, _ shape: String, isFortran: Bool = false) -> String {
  "{'descr': '\(type)', 'fortran_order': \(isFortran ? "True" : "False"), 'shape': \(shape), }\n"
}

private func read(_ header: String, _ data: [UInt8] = [], version: UInt8 = 1) throws -> Tensor {
  try Tensor(npy: file(header, data, version: version), name: "x")
}

@Suite struct NpyTests {
  /// numpy.save of float32 [[1.5, -2], [3, 4]].
  private let reference = file(
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }" + String(repeating: " ", count: 58) + "\n",
    [1.5, -2, 3, 4].flatMap { Float($0).bitPattern.littleEndianBytes })
  private let tensor = Tensor([[1.5, -2], [3, 4]])

  @Test func isWhatNumPyWrites() throws {
    #expect(tensor.npyBytes() == reference)
    #expect(try Tensor(npy: reference) == tensor)
  }

  @Test func everyTypeAndShapeGoesThere() throws {
    let choices = Choices(seed: 5)
    for type in DType.allCases {
      for shape in [[], [0], [0, 3], [7], [2, 3], [1, 2, 1, 3, 2, 1, 1, 2]] {
        let x = choices.tensor(shape).cast(to: type)
        #expect(try Tensor(npy: x.npyBytes()) == x)
      }
    }
    let view = counting([3, 4]).transpose()
    #expect(try Tensor(npy: view.npyBytes()) == view)
    try withFolder { folder in
      try view.write(toNpyFile: folder + "/x.npy")
      #expect(try Tensor(contentsOfNpyFile: folder + "/x.npy") == view)
    }
  }

  @Test func bothOrdersOfAxesAndBytes() throws {
    let data: [UInt8] = [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0xff, 0xfa]
    #expect(try read(header(">i2", "(2, 3)"), data) == Tensor([[1, 2, 3], [4, 5, -6]], dtype: .int32))
    #expect(
      try read(header(">i2", "(2, 3)", isFortran: true), data) == Tensor([[1, 3, 5], [2, 4, -6]], dtype: .int32))
    #expect(try read(header(">f8", "()"), [0xc0, 0, 0, 0, 0, 0, 0, 0]) == Tensor(-2, dtype: .float64))
    #expect(try read(header(">f4", "(1,)"), [0x3f, 0xc0, 0, 0]) == Tensor([1.5]))
    #expect(try read(header("<f2", "(1,)"), [0, 0xc1]) == Tensor([-2.5]))
    #expect(try read(header("|i1", "(2,)"), [1, 0xff]) == Tensor([1, -1], dtype: .int32))
    #expect(try read(header("|b1", "(2,)"), [0, 7]) == Tensor([false, true]))
    #expect(try read(header("<u4", "(1,)"), [0, 0, 0, 0x80]) == Tensor([2_147_483_648], dtype: .int64))
  }

  @Test func headersMayBeWrittenOtherwise() throws {
    let text = "{\"shape\" : (2L , ) ,\"descr\":\"|u1\",'fortran_order' :False}  \n"
    for version in [1, 2, 3] as [UInt8] {
      #expect(try read(text, [7, 9], version: version) == Tensor([7, 9], dtype: .uint8))
    }
  }

  @Test(arguments: [
    ("{'descr': '<f4', 'shape': (), }", "x, byte 10: expected descr, fortran_order and shape, found not all of them"),
    (
      "{'descr': '<f4', 'descr': '<f4', }",
      "x, byte 27: expected descr, fortran_order and shape, each once, found \"'\""
    ),
    ("{'descr': [('a', '<f4')], }", "x, byte 20: expected \"\"\", found \"[\""),
    ("{'descr': '<f\\u0034'", "x, byte 23: expected the end of a plain string, found \"\\\""),
    ("{'descr': '<f4", "x, byte 24: expected the end of a plain string, found the end of the header"),
    ("{'fortran_order': 0}", "x, byte 28: expected True or False, found \"0\""),
    ("{'shape': (2)}", "x, byte 22: expected \",\", found \")\""),
    ("{'shape': (-2,)}", "x, byte 21: expected a size, found \"-\""),
    ("{'shape': (99999999999999999999,)}", "x, byte 21: expected a size, found \"9\""),
    ("[]", "x, byte 10: expected \"{\", found \"[\""),
    (header("<f4", "()") + "x", "x, byte 66: expected the end of the header, found \"x\""),
    (
      header("<c8", "()"),
      "x, byte 10: expected a type that a tensor takes without loss (b1, i1 to u8, f2 to f8), found <c8"
    ),
    (
      header("|f4", "()"),
      "x, byte 10: expected a type that a tensor takes without loss (b1, i1 to u8, f2 to f8), found |f4"
    ),
    (
      header("|O", "()"),
      "x, byte 10: expected a type that a tensor takes without loss (b1, i1 to u8, f2 to f8), found |O"
    ),
    (header("<f4", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"), "x, byte 10: expected at most 8 axes, found 9"),
    (
      header("<f4", "(4611686018427387904, 4)"),
      "x, byte 10: expected a size that can be counted, found [4611686018427387904, 4] <f4"
    ),
    (header("<f4", "(3,)"), "x, byte 68: expected 12 bytes of data for [3] <f4, found 0"),
  ])
  func damageIsNamed(_ header: String, _ expected: String) { #expect(sentence(try read(header)) == expected) }

  @Test func strangersAreNamed() {
    #expect(
      sentence(try Tensor(npy: [1, 2], name: "x"))
        == "x, byte 0: expected 8 bytes of the signature and version, found 2")
    #expect(
      sentence(try Tensor(npy: Array("PNG\r\n12345".utf8), name: "x"))
        == "x, byte 0: expected the signature \\x93NUMPY, found other bytes")
    #expect(
      sentence(try read("", version: 4)) == "x, byte 6: expected version 1.0, 2.0 or 3.0, found 4.0")
    #expect(
      sentence(try read(String(repeating: " ", count: 10_001), version: 2))
        == "x, byte 8: expected a header of at most 10000 bytes, found 10001")
  }

  @Test func noFileIsACrash() {
    mutate(reference, headLength: 128, rounds: fuzzRounds, seed: 11) { bytes in
      do { _ = try Tensor(npy: bytes, name: "x") } catch { #expect(error is FileError) }
    }
  }
}
