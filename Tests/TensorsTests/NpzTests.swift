import Foundation
import Tensors
import Testing

private func bytes(_ base64: String) -> [UInt8] { [UInt8](Data(base64Encoded: base64) ?? Data()) }

/// numpy.savez(file, x=np.array([0, 1]), flag=np.array(True)), NumPy 2.4.
private let stored = bytes(
  "UEsDBC0AAAAAAAAAIQB+avvJ//////////8FABQAeC5ucHkBABAAkAAAAAAAAACQAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpOCcsIC"
    + "dmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
    + "ICAgICAgICAgICAgICAgICAKAAAAAAAAAAABAAAAAAAAAFBLAwQtAAAAAAAAACEAgi340///////////CAAUAGZsYWcubnB5AQAQAIEAAAAAAA"
    + "AAgQAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6ICd8YjEnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoKSwgfSAgICAgICAg"
    + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCgFQSwECLQMtAAAAAAAAACEAfmr7yZAAAACQAA"
    + "AABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwECLQMtAAAAAAAAACEAgi3404EAAACBAAAACAAAAAAAAAAAAAAAgAHHAAAAZmxhZy5ucHlQSwUG"
    + "AAAAAAIAAgBpAAAAggEAAAAA")

/// numpy.savez_compressed(file, x=np.arange(40) % 3).
private let deflated = bytes(
  "UEsDBC0AAAAIAAAAIQBjfnP8//////////8FABQAeC5ucHkBABAAwAEAAAAAAABSAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaGuo6"
    + "Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiYGOpo6CrUK5AMuBihghNJMDKhgVBy/OABQSwECLQMtAAAACAAAACEAY35z/FIAAADAAQAA"
    + "BQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwUGAAAAAAEAAQAzAAAAiQAAAAAA")

/// Written by Python's zipfile with zip64 forced everywhere: a=np.uint8([1, 2]), b=np.uint8([3]).
private let wide = bytes(
  "UEsDBC0AAAAAAAAAIQBiAmVf//////////8FABQAYS5ucHkBABAAggAAAAAAAACCAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJ3x1MScsIC"
    + "dmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
    + "ICAgICAgICAgICAgICAgICAKAQJQSwMELQAAAAAAAAAhAFfTqC7//////////wUAFABiLm5weQEAEACBAAAAAAAAAIEAAAAAAAAAk05VTVBZAQ"
    + "B2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAg"
    + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoDUEsBAi0DLQAAAAAAAAAhAGICZV///////////wUAFAAAAAAAAAAAAIABAA"
    + "AAAGEubnB5AQAQAIIAAAAAAAAAggAAAAAAAABQSwECLQMtAAAAAAAAACEAV9OoLv//////////BQAcAAAAAAAAAAAAgAH/////Yi5ucHkBABgA"
    + "gQAAAAAAAACBAAAAAAAAALkAAAAAAAAAUEsGBiwAAAAAAAAALQAtAAAAAAAAAAAAAgAAAAAAAAACAAAAAAAAAJYAAAAAAAAAcQEAAAAAAABQSw"
    + "YHAAAAAAcCAAAAAAAAAQAAAFBLBQYAAAAAAgACAJYAAABxAQAAAAA=")

@Suite struct NpzTests {
  private let x = Tensor.arange(40, dtype: .int64)

  @Test func readsWhatNumPyWrites() throws {
    #expect(try NpzArchive(bytes: stored).tensors == ["x": Tensor([0, 1], dtype: .int64), "flag": Tensor(true)])
    let thirds = Tensor((0..<40).map { Int64($0 % 3) }, shape: [40])
    #expect(try NpzArchive(bytes: deflated).tensors == ["x": thirds])
    #expect(
      try NpzArchive(bytes: wide).tensors == ["a": Tensor([1, 2], dtype: .uint8), "b": Tensor([3], dtype: .uint8)])
  }

  @Test func writesWhatItReads() throws {
    let tensors = ["x": x, "é/y": .ones([2, 0, 3]), "": Tensor(2.5), "z": counting([50, 40]).transpose()]
    for compressed in [false, true] {
      let archive = NpzArchive(tensors: tensors)
      #expect(try NpzArchive(bytes: archive.encoded(compressed: compressed)).tensors == tensors)
      try withFolder { folder in
        try archive.write(toFile: folder + "/a.npz", compressed: compressed)
        #expect(try NpzArchive(contentsOfFile: folder + "/a.npz").tensors == tensors)
        #expect(try contents(folder + "/a.npz") == archive.encoded(compressed: compressed))
      }
    }
    #expect(try NpzArchive(bytes: NpzArchive(tensors: [:]).encoded()).tensors.isEmpty)
    let packed = try NpzArchive(tensors: ["x": .zeros([10_000])]).encoded(compressed: true)
    #expect(packed.count < 400)
  }

  @Test func damageIsNamed() throws {
    func problem(_ place: Int, _ value: UInt8, in file: [UInt8] = stored) -> String? {
      var changed = file
      changed[place] = value
      return sentence(try NpzArchive(bytes: changed, name: "x"))
    }
    let directory = 386  // of x.npy; its fields are counted from there
    #expect(sentence(try NpzArchive(bytes: [], name: "x")) == "x, byte 0: expected a zip file's end record, found none")
    #expect(problem(191, 9) == "x, member x.npy: expected the checksum 3388697214, found 438202827")
    #expect(problem(directory + 10, 12) == "x, member x.npy: expected method 0 or 8, found 12")
    #expect(problem(directory + 8, 1) == "x, member x.npy: expected a member without a password, found one with")
    #expect(problem(directory + 24, 1) == "x, member x.npy: expected a size that 144 packed bytes can have, found 1")
    #expect(
      problem(directory + 51 + 42, 0) == "x, member flag.npy: expected bytes of its own, found bytes of another member")
    #expect(problem(directory, 0) == "x, byte 386: expected a directory entry, found other bytes")
    #expect(problem(30, 0x79) == "x, member x.npy: expected the same name in its header, found another")
    #expect(problem(70, 0, in: deflated) == "x, member x.npy: expected 448 bytes of sound deflated data, found damage")
    #expect(
      problem(503, 104) == "x, byte 491: expected the directory right before its end record, found another position")
  }

  /// Any bytes give tensors or an error; a changed byte of the data or of a checksum is always noticed.
  @Test func noFileIsACrash() {
    for file in [stored, deflated, wide] {
      mutate(file, headLength: file.count, rounds: fuzzRounds / 3, seed: 13) { bytes in
        do { _ = try NpzArchive(bytes: bytes, name: "x") } catch { #expect(error is FileError) }
      }
    }
  }
}
