import Tensors
import Testing

/// A file from the text of its header and the data after it.
private func file(_ header: String, _ data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
  (length ?? UInt64(header.utf8.count)).littleEndianBytes + Array(header.utf8) + data
}

private func read(_ header: String, _ data: [UInt8] = [], length: UInt64? = nil) throws -> Safetensors {
  try Safetensors(bytes: file(header, data, length: length), name: "x")
}

/// The header of a single tensor `a`.
private func header(_ type: String, _ sizes: [Int], _ byteCount: Int) -> String {
  #"{"a":{"dtype":"\#(type)","shape":\#(sizes),"data_offsets":[0,\#(byteCount)]}}"#
}

/// What safetensors 0.8 writes for
/// `save({"b": tensor([[1.5, -2], [3, 4]]), "a": tensor([1, -2]), "é\n\"": tensor(True), "c": zeros(0, 3,
/// dtype=float64), "u": tensor([7, 255], dtype=uint8), "i": tensor([-5], dtype=int32)}, {"format": "pt"})`.
private let referenceHeader: [String] = [
  #"{"__metadata__":{"format":"pt"},"a":{"dtype":"I64","shape":[2],"data_offsets":[0,16]},"#,
  #""c":{"dtype":"F64","shape":[0,3],"data_offsets":[16,16]},"#,
  #""b":{"dtype":"F32","shape":[2,2],"data_offsets":[16,32]},"#,
  #""i":{"dtype":"I32","shape":[1],"data_offsets":[32,36]},"u":{"dtype":"U8","shape":[2],"data_offsets":[36,38]},"#,
  #""é\n\"":{"dtype":"BOOL","shape":[],"data_offsets":[38,39]}}       "#,
]
private let referenceElements: [[UInt8]] = [
  Int64(1).littleEndianBytes, Int64(-2).littleEndianBytes,
  [Float(1.5), -2, 3, 4].flatMap(\.bitPattern.littleEndianBytes), Int32(-5).littleEndianBytes, [7, 255, 1],
]
private let reference = file(referenceHeader.joined(), Array(referenceElements.joined()))

@Suite struct SafetensorsTests {
  private let tensors: [String: Tensor] = [
    "b": Tensor([[1.5, -2], [3, 4]]), "a": Tensor([1, -2], dtype: .int64), "é\n\"": Tensor(true),
    "c": .zeros([0, 3], dtype: .float64), "u": Tensor([7, 255], dtype: .uint8), "i": Tensor([-5], dtype: .int32),
  ]

  @Test func readsWhatTheReferenceWrites() throws {
    let read = try Safetensors(bytes: reference)
    #expect(read.tensors == tensors)
    #expect(read.metadata == ["format": "pt"])
  }

  @Test func writesWhatTheReferenceWrites() throws {
    #expect(try Safetensors(tensors: tensors, metadata: ["format": "pt"]).encoded() == reference)
    #expect(
      try Safetensors(tensors: [:], metadata: ["format": "pt"]).encoded() == file(#"{"__metadata__":{"format":"pt"}}"#))
    #expect(try Safetensors(tensors: [:]).encoded() == file("{}      "))
  }

  @Test func filesAreReadAndReplaced() throws {
    try withFolder { folder in
      let path = folder + "/model.safetensors"
      for metadata in [[:], ["a": "1", "b\u{1}": "\\\"\u{2028}𝄞"]] {
        try Safetensors(tensors: tensors, metadata: metadata).write(toFile: path)
        let read = try Safetensors(contentsOfFile: path)
        #expect(read.tensors == tensors)
        #expect(read.metadata == metadata)
      }
      #expect(try contents(path) == Safetensors(contentsOfFile: path).encoded())
    }
  }

  @Test func viewsAreWrittenAsTheyAreSeen() throws {
    let x = counting([3, 4])
    let seen = ["t": x.transpose(), "e": x[0].expand([2, 4]), "r": x[.stride(by: -2), 1...]]
    #expect(try Safetensors(bytes: Safetensors(tensors: seen).encoded()).tensors == seen)
  }

  @Test func narrowTypesAreWidened() throws {
    func tensor(_ type: String, _ data: [UInt8], _ count: Int) throws -> Tensor? {
      try read(header(type, [count], data.count), data).tensors["a"]
    }
    // torch.tensor([0, -0., 1, -2.5, 65504, 6e-8, 6.1e-5, inf, -inf], dtype=float16).view(int16), and .float()
    let halves: [Int16] = [0, -32768, 15360, -16128, 31743, 1, 1023, 31744, -1024]
    let expected: [Float] = [
      0, 0, 1, -2.5, 65504, 5.960464477539063e-08, 6.097555160522461e-05, .infinity, -.infinity,
    ]
    let half = try tensor("F16", halves.flatMap(\.littleEndianBytes), 9)
    #expect(half?.scalars(as: Float.self) == expected)
    #expect(half?[1].item().sign == .minus)
    #expect(try tensor("F16", [0, 0x7e], 1)?.item().isNaN == true)
    let brains = [16256, -16352, 32610, 1, 32640].flatMap { Int16($0).littleEndianBytes }
    #expect(
      try tensor("BF16", brains, 5)?.scalars(as: Float.self) == [
        1, -2.5, 3.00405527047391e+38, Float(bitPattern: 0x1_0000), .infinity,
      ])
    // torch.tensor([1, 8, 0x3b, 0x7e, 0x81], dtype=uint8).view(float8_…).float()
    let small: [UInt8] = [1, 8, 0x3b, 0x7e, 0x81]
    #expect(try tensor("F8_E4M3", small, 5) == Tensor([0.001953125, 0.015625, 1.375, 448, -0.001953125]))
    let larger = try tensor("F8_E5M2", [1, 8, 0x3b, 0x7c, 0x81], 5)
    #expect(
      larger?.scalars(as: Float.self) == [1.52587890625e-05, 0.0001220703125, 0.875, .infinity, -1.52587890625e-05])
    #expect(try tensor("F8_E4M3", [0x7f, 0xff], 2)?.scalars(as: Float.self).allSatisfy(\.isNaN) == true)
    #expect(try tensor("I8", [1, 0xff], 2) == Tensor([1, -1], dtype: .int32))
    #expect(try tensor("I16", [1, 0xff, 0, 0x80], 2) == Tensor([-255, -32768], dtype: .int32))
    #expect(try tensor("U16", [1, 0xff], 1) == Tensor([65281], dtype: .int32))
    #expect(try tensor("U32", [0xff, 0xff, 0xff, 0xff], 1) == Tensor([4_294_967_295], dtype: .int64))
    #expect(try tensor("U64", [7, 0, 0, 0, 0, 0, 0, 0], 1) == Tensor([7], dtype: .int64))
    #expect(try tensor("BOOL", [0, 1, 0x80], 3) == Tensor([false, true, true]))
  }

  @Test func largeTensorsAreWidenedInPieces() throws {
    let count = 50_001
    let bits = (0..<count).flatMap { UInt16($0 % 31_000).littleEndianBytes }
    let brains = try #require(try read(header("BF16", [count], bits.count), bits).tensors["a"])
    #expect(brains.scalars(as: Float.self) == (0..<count).map { Float(bitPattern: UInt32($0 % 31_000) << 16) })
  }

  @Test func textMayBeWrittenOtherwise() throws {
    let text = """
      {"__metadata__" : null ,\t"\\u00e9\\ud834\\udd1e\\/" : { "data_offsets":[0 , 1],\r
      "later": [1, -2.5e+3, {"deep": [true, false, null, "x"]}], "shape":[ ] , "dtype":"\\u0055\\u0038"} }
      """
    let read = try read(text + "   ", [9])
    #expect(read.tensors == ["é𝄞/": Tensor(9, dtype: .uint8)])
    #expect(read.metadata.isEmpty)
  }
}

/// What is refused, and the message for it.
@Suite struct SafetensorsErrorTests {
  @Test(arguments: [
    ([], "x, byte 0: expected 8 bytes of the header's length, found 0"),
    ([2, 0, 0, 0, 0, 0, 0], "x, byte 0: expected 8 bytes of the header's length, found 7"),
    (file("{}", length: 3), "x, byte 8: expected 3 bytes of the header, found 2"),
    (file("{}", length: 100_000_001), "x, byte 0: expected a header of at most 100000000 bytes, found 100000001"),
    (file("{}", length: .max), "x, byte 0: expected a header of at most 100000000 bytes, found 18446744073709551615"),
    (file("{}", [1, 2]), "x, byte 10: expected 0 bytes of data, to where the header ends, found 2"),
    ([1, 0, 0, 0, 0, 0, 0, 0, 0xff], "x, byte 8: expected text in UTF-8, found other bytes"),
    (file(header("F32", [2], 8), [0]), "x, byte 62: expected 8 bytes of data, to where tensor a ends, found 1"),
  ])
  func theWhole(_ bytes: [UInt8], _ expected: String) {
    #expect(sentence(try Safetensors(bytes: bytes, name: "x")) == expected)
  }

  @Test(arguments: [
    ("", "x, byte 8: expected \"{\", found the end of the text"),
    (" {}", "x, byte 8: expected \"{\", found \" \""),
    ("[]", "x, byte 8: expected \"{\", found \"[\""),
    ("{} {", "x, byte 11: expected the end of the text, found \"{\""),
    ("{\"a\":1}", "x, byte 13: expected \"{\", found \"1\""),
    ("{\"a\"}", "x, byte 12: expected \":\", found \"}\""),
    ("{a:1}", "x, byte 9: expected \"\"\", found \"a\""),
    ("{\"a\":{},}", "x, tensor a: expected dtype, shape and data_offsets, found not all of them"),
    ("{\"a", "x, byte 11: expected a string's end or an escape, found the end of the text"),
    ("{\"a\u{1}\"", "x, byte 11: expected a string's end or an escape, found a control character"),
    ("{\"\\x\"", "x, byte 10: expected an escape of JSON, found \"\\\""),
    ("{\"\\ud800\":1}", "x, byte 10: expected an escape of JSON, found \"\\\""),
    ("{\"\\ud800\\u0041\":1}", "x, byte 10: expected an escape of JSON, found \"\\\""),
    ("{\"\\u12\":1}", "x, byte 12: expected four hexadecimal digits, found \"1\""),
    ("{\"__metadata__\":{\"a\":1}}", "x, byte 29: expected \"\"\", found \"1\""),
    ("{\"__metadata__\":{},\"__metadata__\":{}}", "x, byte 27: expected each key once, found \"__metadata__\" again"),
    ("{\"__metadata__\":{\"a\":\"\",\"\\u0061\":\"\"}}", "x, byte 32: expected each key once, found \"a\" again"),
    // Swift considers the two encodings of é equal.
    (
      "{\"__metadata__\":{\"é\":\"\",\"e\u{301}\":\"\"}}",
      "x, byte 33: expected each key once, found \"e\u{301}\" again"
    ),
    ("{\"a\":{\"x\":01}}", "x, byte 18: expected a value, found \"0\""),
    ("{\"a\":{\"x\":-}}", "x, byte 18: expected a value, found \"-\""),
    ("{\"a\":{\"x\":1.}}", "x, byte 20: expected a digit, found \"}\""),
    ("{\"a\":{\"x\":1e}}", "x, byte 20: expected a digit, found \"}\""),
    ("{\"a\":{\"x\":nul}}", "x, byte 18: expected a value, found \"n\""),
    ("{\"a\":{\"shape\":[1,]}}", "x, byte 25: expected a whole number, not negative, found \"]\""),
    ("{\"a\":{\"shape\":[-1]}}", "x, byte 23: expected a whole number, not negative, found \"-\""),
    ("{\"a\":{\"shape\":[1.0]}}", "x, byte 23: expected a whole number, not negative, found \"1\""),
    ("{\"a\":{\"shape\":[1e3]}}", "x, byte 23: expected a whole number, not negative, found \"1\""),
    ("{\"a\":{\"shape\":[007]}}", "x, byte 23: expected a whole number, not negative, found \"0\""),
    (
      "{\"a\":{\"shape\":[9223372036854775808]}}",
      "x, byte 23: expected a number of at most 9223372036854775807, found 9223372036854775808"
    ),
    ("{\"a\":{\"shape\":3}}", "x, byte 22: expected \"[\", found \"3\""),
    ("{\"a\":{\"dtype\":3}}", "x, byte 22: expected \"\"\", found \"3\""),
  ])
  func theText(_ text: String, _ expected: String) { #expect(sentence(try read(text)) == expected) }

  @Test(arguments: [
    (header("F32", [2], 7), "7 bytes", "x, tensor a: expected 8 bytes for [2] F32, found 7"),
    (header("f32", [2], 8), "", "x, tensor a: expected a type that a tensor takes without loss, found f32"),
    (header("C64", [1], 8), "", "x, tensor a: expected a type that a tensor takes without loss, found C64"),
    (
      header("U8", [1 << 40, 1 << 40], 0), "",
      "x, tensor a: expected a size that can be counted, found [1099511627776, 1099511627776] U8"
    ),
    (
      header("F64", [1 << 61, 0], 0), "",
      "x, tensor a: expected a size that can be counted, found [2305843009213693952, 0] F64"
    ),
    (header("U8", [1, 1, 1, 1, 1, 1, 1, 1, 1], 1), "", "x, tensor a: expected at most 8 axes, found 9"),
    (
      #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[1,0]}}"#, "",
      "x, tensor a: expected where data begins and ends, found [1, 0]"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}}"#, "",
      "x, tensor a: expected where data begins and ends, found [0]"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, "12",
      "x, tensor a: expected data from 0 on, where the header ends, found from 1 on"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
      "123", "x, tensor b: expected data from 2 on, where tensor a ends, found from 1 on"
    ),
    (
      #"{"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#,
      "1234", "x, tensor b: expected data from 2 on, where tensor a ends, found from 3 on"
    ),
    (header("U64", [1], 8), "\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}", nil),
  ])
  func aTensor(_ text: String, _ data: String, _ expected: String?) {
    #expect(sentence(try read(text, Array(data.utf8))) == expected)
  }

  @Test func numbersThatNoTensorHas() {
    let data: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0x80]
    #expect(
      sentence(try read(header("U64", [1], 8), data))
        == "x, tensor a: expected whole numbers of at most 9223372036854775807, found a larger one")
  }

  @Test func deepTextDoesNotExhaustTheStack() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(
      sentence(try read("{\"a\":{\"x\":" + deep)) == "x, byte 118: expected at most 100 levels of nesting, found more")
  }

  @Test func filesAreNamed() throws {
    try withFolder { folder in
      #expect(
        sentence(try Safetensors(contentsOfFile: folder + "/a"))
          == "\(folder)/a: expected a file that can be read, found No such file or directory")
      #expect(
        sentence(try Safetensors(contentsOfFile: folder)) == "\(folder): expected a regular file, found another kind")
      let nowhere = folder + "/none/a"
      #expect(
        sentence(try Safetensors(tensors: [:]).write(toFile: nowhere))
          == "\(folder)/none/a: expected a file that can be written, found No such file or directory")
      let name = ["__metadata__": Tensor(1)]
      #expect(
        sentence(try Safetensors(tensors: name).write(toFile: folder + "/a"))
          == "\(folder)/a, tensor __metadata__: expected another name, found the one that metadata has")
    }
  }

  /// Any bytes give tensors that agree with the file, or an error; never a crash.
  @Test func noFileIsACrash() throws {
    mutate(reference, headLength: 420, rounds: fuzzRounds, seed: 3) { bytes in
      do {
        let read = try Safetensors(bytes: bytes, name: "x")
        let again = try Safetensors(bytes: read.encoded(), name: "x")
        #expect(again.metadata == read.metadata && again.tensors.keys == read.tensors.keys)
      } catch { #expect(error is FileError) }
    }
    for count in 0..<reference.count {
      #expect(throws: FileError.self) { try Safetensors(bytes: Array(reference[..<count])) }
    }
  }
}
