import Foundation
import Tensors
import Testing

/// A file has either its old contents or its new ones, whatever happens.
@Suite struct AtomicFileTests {
  private struct Failure: Error {}

  @Test func replacesAndLeavesNothingElse() throws {
    try withFolder { folder in
      let path = folder + "/a"
      for content in [[1, 2, 3], [], [UInt8](repeating: 7, count: 100_000)] as [[UInt8]] {
        try AtomicFile.write(to: path) { file in
          for start in stride(from: 0, to: content.count, by: 999) {
            try file.append(Array(content[start..<min(start + 999, content.count)]))
          }
        }
        #expect(try contents(path) == content)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
      }
    }
  }

  @Test func aFailureLeavesTheOldFile() throws {
    try withFolder { folder in
      let path = folder + "/a"
      try put([1, 2], at: path)
      #expect(throws: Failure.self) {
        try AtomicFile.write(to: path) { file in
          try file.append([3])
          throw Failure()
        }
      }
      #expect(try contents(path) == [1, 2])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
    }
  }

  @Test func leftoversAreTakenOver() throws {
    try withFolder { folder in
      try put([9, 9, 9], at: folder + "/.a.partial")
      try AtomicFile.write(to: folder + "/a") { file in try file.append([1]) }
      #expect(try contents(folder + "/a") == [1])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
    }
  }

  @Test func linksAndPermissionsStay() throws {
    try withFolder { folder in
      let manager = FileManager.default
      try put([1], at: folder + "/a")
      try manager.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder + "/a")
      try manager.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "a")
      try AtomicFile.write(to: folder + "/link") { file in try file.append([2]) }
      #expect(try contents(folder + "/a") == [2])
      #expect(try manager.destinationOfSymbolicLink(atPath: folder + "/link") == "a")
      #expect(try manager.attributesOfItem(atPath: folder + "/a")[.posixPermissions] as? Int == 0o640)
    }
  }

  /// A device is written to, not replaced.
  @Test func devicesStay() throws {
    try AtomicFile.write(to: "/dev/null") { file in try file.append([1, 2, 3]) }
    let kind = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
    #expect(kind == .typeCharacterSpecial)
  }

  /// Eight threads write one file; at any time it has the complete contents of one of them.
  @Test func writersDoNotMix() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/a"
    try put([0, 0, 0, 0], at: path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          for round in 0..<10 {
            let byte = UInt8(writer * 10 + round)
            try AtomicFile.write(to: path) { file in
              for _ in 0..<4 { try file.append([byte]) }
            }
            let found = try contents(path)
            #expect(found.count == 4 && Set(found).count == 1)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
  }

  /// A process that is killed while saving leaves a file that loads.
  @Test func aKilledWriterLeavesTheOldFile() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path: String = folder + "/a.safetensors"
    let old = ["x": counting([100])]
    try Safetensors(tensors: old).write(toFile: path)
    await #expect(processExitsWith: .failure) { [path = path as String] in
      try AtomicFile.write(to: path) { file in
        try file.append([1, 2, 3])
        fatalError("killed")
      }
    }
    #expect(try Safetensors(contentsOfFile: path).tensors == old)
    try Safetensors(tensors: [:]).write(toFile: path)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.safetensors"])
  }
}
