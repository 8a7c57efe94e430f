import Foundation
import Tensors
import Testing

/// Files that `torch.save` wrote (see Fixtures/torch/make.py), and pickles that nobody's PyTorch writes.
@Suite struct TorchArchiveTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/torch")
    .standardizedFileURL.path

  /// (0, 1, 2, …) · 0.5 − 1, as make.py has it.
  private func waves(_ shape: Shape, _ dtype: DType = .float32) -> Tensor {
    (Tensor.arange(shape.elementCount) * 0.5 - 1).reshape(shape).cast(to: dtype)
  }

  @Test func aStateDictIsItsTensors() throws {
    let file = try TorchArchive(contentsOfFile: Self.folder + "/linear.pt")
    #expect(file.tensors == ["weight": waves([2, 3]), "bias": waves([2])])
    let bytes = try contents(Self.folder + "/linear.pt")
    #expect(try TorchArchive(bytes: bytes).tensors == file.tensors)
    #expect(try TorchArchive.begins(file: Self.folder + "/linear.pt"))
    #expect(try !TorchArchive.begins(file: Self.folder + "/make.py"))
  }

  @Test func aCheckpointIsNamedByItsPaths() throws {
    let file = try TorchArchive(contentsOfFile: Self.folder + "/checkpoint.pt")
    let model = try file["model"].tensors
    #expect(model.keys.sorted() == ["part", "tied", "weight"])
    #expect(model["weight"] == waves([3, 4]).transpose())
    #expect(model["tied"] == waves([5]) && model["part"] == waves([5])[1..<4])
    #expect(file.tensors["state.0.step"] == Tensor(7) && file.tensors["state.0.empty"] == .zeros([0, 3]))
    #expect(file.tensors["state.1.row"] == .full([4], -1))
    let types: [DType] = [.float64, .float32, .float32, .int64, .int32, .int32, .int32, .uint8, .bool]
    for (place, type) in types.enumerated() {
      let expected: Tensor =
        switch type {
        case .uint8: Tensor([255, 0, 0, 0], dtype: .uint8)
        case .bool: Tensor([true, true, false, true])
        case .int32, .int64: Tensor([-1, 0, 0, 0], dtype: type)
        default: waves([4], type)
        }
      #expect(file.tensors["types.\(place)"] == expected)
    }
    #expect(file.tensors.count == 3 + types.count + 3)
  }

  @Test func aCheckpointIsReadValueByValue() throws {
    let file = try TorchArchive(contentsOfFile: Self.folder + "/checkpoint.pt")
    #expect(
      try file.content.keys == [
        "model", "epoch", "loss", "big", "less", "name", "flags", "size", "device", "types", "state", "many",
      ])
    #expect(try file["model"].keys == ["weight", "tied", "part"] && file["state"].keys == ["0", "1"])
    #expect(try file["epoch"].integer == 300 && file["epoch"].number == 300 && file["less"].integer == -3)
    #expect(try file["loss"].number == 0.25 && file["big"].integer == 1 << 40 && file["name"].text == "a checkpoint")
    #expect(try file["flags"][0].bool && !file["flags"][1].bool && file["flags"].elements.count == 3)
    #expect(!file["flags"][2].exists && !file["flags"][3].exists && !file["none"][4]["x"].exists && file["size"].exists)
    #expect(try file["size"].elements.map { try $0.integer } == [2, 3] && file["many"][299].integer == 299)
    #expect(try file["state"][0]["step"].integer == 7 && file["state"][0]["step"].number == 7)
    #expect(try file["state"][1]["row"].tensor == .full([4], -1) && file["state"][1].path == "state.1")
    #expect(try file["state"].tensors.keys.sorted() == ["0.empty", "0.step", "1.row"])
    #expect(try file["types"].tensors.count == 9)
  }

  @Test func aValueOfAnotherKindIsAnErrorWithItsPlace() throws {
    let bytes = try contents(Self.folder + "/checkpoint.pt")
    let file = try TorchArchive(bytes: bytes, name: "a.pt")
    let sentences = [
      ("epoch: expected a tensor, found 300", sentence(try file["epoch"].tensor)),
      ("loss: expected a whole number, found 0.25", sentence(try file["loss"].integer)),
      ("state.0.empty: expected a number, found a tensor [0, 3]", sentence(try file["state"][0]["empty"].number)),
      ("flags: expected true or false, found a list", sentence(try file["flags"].bool)),
      ("flags.2: expected a text, found None", sentence(try file["flags"][2].text)),
      ("flags.7: expected a number, found nothing", sentence(try file["flags"][7].number)),
      ("model: expected a list, found a dictionary", sentence(try file["model"].elements)),
      ("name: expected a dictionary, found a text", sentence(try file["name"].keys)),
      ("device: expected a text, found an object of a Python class", sentence(try file["device"].text)),
      (
        "ema.model: expected a dictionary or list of tensors, found nothing", sentence(try file["ema"]["model"].tensors)
      ),
    ]
    for (expected, found) in sentences { #expect(found == "a.pt, entry " + expected) }
    #expect(sentence(try file.content.text) == "a.pt: expected a text, found a dictionary")
  }

  @Test func whatIsNoArchiveOfPyTorchsSaysSo() throws {
    let bytes = try NpzArchive(tensors: ["x": Tensor([1])]).encoded()
    #expect(
      sentence(try TorchArchive(bytes: bytes)) == "pt: expected a member data.pkl, as torch.save writes, found none")
    #expect(
      sentence(try Safetensors(bytes: contents(Self.folder + "/linear.pt")))
        == "safetensors, byte 0: expected a header of at most 100000000 bytes, found a zip file; "
        + "TorchArchive reads those of torch.save")
    #expect(
      sentence(try TorchArchive(contentsOfFile: Self.folder + "/make.py"))?.contains("a zip file's end record") == true)
  }

  /// The start of a file that PyTorch 1.5 wrote.
  @Test func theOldFormIsNamed() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).pt").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20]).write(to: URL(filePath: path))
    #expect(try TorchArchive.begins(file: path))
    #expect(
      sentence(try TorchArchive(contentsOfFile: path))?.hasSuffix(
        ": expected a zip file, as torch.save writes it, found the form from before PyTorch 1.6; torch.load it and "
          + "torch.save it again") == true)
  }

  @Test func damageIsAnErrorAndNeverACrash() throws {
    mutate(try contents(Self.folder + "/linear.pt"), headLength: 200, rounds: 500, seed: 3) {
      _ = try? TorchArchive(bytes: $0)
    }
  }

  // MARK: - Pickles

  private func read(_ pickle: [UInt8]) throws -> [String: Tensor] {
    try TorchArchive(
      pickle: pickle, name: "pickle", error: { FileError(file: "pickle", expected: $0, found: $1) },
      load: { type, _, count in
        if type == "ComplexFloatStorage" { return nil }
        guard (0...100).contains(count) else {
          throw FileError(file: "pickle", expected: "0 to 100", found: "\(count)")
        }
        return .zeros([count])
      }
    ).tensors
  }

  /// torch._utils._rebuild_tensor_v2((storage, FloatStorage, "0", "cpu", 6), offset, sizes, strides,
  /// False, None), one byte a number
  private func tensor(
    count: UInt8 = 6, offset: UInt8 = 0, sizes: [UInt8], strides: [UInt8], type: String = "FloatStorage"
  ) -> [UInt8] {
    func text(_ text: String) -> [UInt8] { [0x8c, UInt8(text.utf8.count)] + Array(text.utf8) }
    func numbers(_ numbers: [UInt8]) -> [UInt8] { [0x28] + numbers.flatMap { [0x4b, $0] } + [0x74] }
    let parts: [[UInt8]] = [
      [0x80, 2], Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8), text("storage"),
      Array("ctorch\n\(type)\n".utf8), text("0"), text("cpu"), [0x4b, count, 0x74, 0x51, 0x4b, offset],
      numbers(sizes), numbers(strides), [0x89, 0x4e, 0x74, 0x52, 0x2e],
    ]
    return Array(parts.joined())
  }

  @Test func tensorsLieWithinTheirMemory() throws {
    #expect(try read(tensor(sizes: [2, 3], strides: [3, 1])) == ["": .zeros([2, 3])])
    #expect(try read(tensor(offset: 5, sizes: [1], strides: [9])) == ["": .zeros([1])])
    #expect(try read(tensor(count: 0, sizes: [0, 3], strides: [3, 1])) == ["": .zeros([0, 3])])
    for (offset, sizes, strides) in [(1, [2, 3], [3, 1]), (0, [2, 3], [4, 1]), (6, [], [])]
      as [(UInt8, [UInt8], [UInt8])]
    {
      let message = sentence(try read(tensor(offset: offset, sizes: sizes, strides: strides)))
      #expect(message?.hasPrefix("pickle: expected a tensor within 6 elements at byte ") == true)
    }
    #expect(sentence(try read(tensor(sizes: [2], strides: [])))?.contains("offset, sizes and strides") == true)
    #expect(
      sentence(try read(tensor(sizes: Array(repeating: 1, count: 9), strides: Array(repeating: 1, count: 9)))) != nil)
    #expect(sentence(try read(tensor(count: 101, sizes: [], strides: []))) == "pickle: expected 0 to 100, found 101")
  }

  /// Sets, frozen sets, byte strings, objects with named arguments, and what a recursive tuple leaves on the stack.
  @Test func whatIsNotNeededIsPassedOver() throws {
    let one: [UInt8] = [0x4b, 1]
    let parts: [[UInt8]] = [
      [0x8f, 0x28] + one + [0x90], [0x28] + one + [0x91], [0x8e, 2, 0, 0, 0, 0, 0, 0, 0, 7, 7],
      Array("ca\nb\n".utf8) + [0x29, 0x7d, 0x92], one + [0x28] + one + [0x31],
    ]
    let counted = Array(tensor(sizes: [2], strides: [1]).dropFirst(2).dropLast())
    let complex = Array(tensor(sizes: [2], strides: [1], type: "ComplexFloatStorage").dropFirst(2).dropLast())
    var pickle: [UInt8] = [0x80, 5, 0x7d, 0x28]
    for (key, part) in (parts + [complex, counted]).enumerated() { pickle += [0x4b, UInt8(key)] + part }
    #expect(try read(pickle + [0x75, 0x2e]) == ["6": .zeros([2])])
    pickle = [0x80, 2] + Array("ccollections\ndefaultdict\ncbuiltins\ndict\n".utf8)
    pickle += [0x85, 0x52, 0x4b, 3] + counted + [0x73, 0x2e]
    #expect(try read(pickle) == ["3": .zeros([2])])
  }

  @Test func nothingIsRunAndNothingIsTooDeep() throws {
    // os.system("x"): a function that is not known gives something unknown.
    #expect(try read([0x80, 2] + Array("cos\nsystem\n".utf8) + [0x8c, 1, 0x78, 0x85, 0x52, 0x2e]) == [:])
    // A list that holds itself; lists that hold the one before twice; 300,000 lists within one another.
    let twice = (0..<40).flatMap { number -> [UInt8] in
      [0x71, UInt8(number), 0x30, 0x5d, 0x28, 0x68, UInt8(number), 0x68, UInt8(number), 0x65]
    }
    let deep: [[UInt8]] = [Array(repeating: 0x5d, count: 300_000), Array(repeating: 0x61, count: 299_999), [0x2e]]
    let pickles: [[UInt8]] = [
      [0x80, 2, 0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e], [0x80, 2, 0x5d] + twice + [0x2e], [0x80, 2] + deep.joined(),
    ]
    for pickle in pickles {
      #expect(sentence(try read(pickle)) == "pickle: expected at most 1000000 values, within 64 others, found more")
    }
    #expect(sentence(try read([0x80, 0, 0x2e])) == "pickle: expected protocol 2 to 5 at byte 0, found 0")
    #expect(
      sentence(try read([0x80, 2, 0x49]))
        == "pickle: expected an instruction that PyTorch's files have at byte 2, found 73")
    #expect(
      sentence(try read([0x80, 2, 0x4e])) == "pickle: expected an instruction at byte 3, found the end of the pickle")
    #expect(
      sentence(try read([0x80, 2, 0x58, 255, 255, 255, 255]))
        == "pickle: expected 4294967295 bytes of the pickle at byte 2, found 0")
  }

  @Test func damagedPicklesAreErrors() throws {
    let file = try contents(Self.folder + "/checkpoint.pt")
    // Stored as it is: from the protocol to the dot before the next member's header.
    let start = try #require(file.indices.first { Array(file[$0...].prefix(4)) == [0x80, 2, 0x7d, 0x71] })
    let end = try #require(
      file[start...].indices.first {
        Array(file[$0...].prefix(4)) == [0x50, 0x4b, 7, 8] || Array(file[$0...].prefix(4)) == [0x50, 0x4b, 3, 4]
      })
    let pickle = Array(file[start..<end])
    #expect(try read(pickle).keys.contains("state.0.step"))
    mutate(pickle, headLength: 150, rounds: 1_000, seed: 4) { _ = try? read($0) }
  }
}
