import Datasets
import Foundation
import Tensors
import Testing

/// An image of 7 × 5 whose channel k has the value (40 · row + 25 · column + 60 · k) mod 256, as written by Pillow 12.
private let files: [String: String] = [
  "L": """
  iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFCAAAAACs8akEAAAAF0lEQVR4nGNkkJSUlJSUZNSA0CzYaQ0ARkADrPaQTFgAAAAASUVORK5CYII=
  """,
  "LA": """
  iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFCAQAAAAjkz5TAAAAGklEQVR4nGNksJFEAiwaGkRyNZC5GpKSGpIAGG4Hl+l6VEkAAAAASUVORK5CYII=
  """,
  "RGB": """
  iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFCAIAAAAG+GGPAAAAJElEQVR4nGNksKmQxAAsGhoaGIIaaKIamGo14ATjgjsSmOYCAKpODMX6nKCMAAAA\
  AElFTkSuQmCC
  """,
  "RGBA": """
  iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFCAYAAACJmvbYAAAAJklEQVR4nGNksKnYIokDsGhoaGigiWnAKGRJDRQKUyeqPFQSuzwA0E4QOactdhkA\
  AAAASUVORK5CYII=
  """,
  // The same with filter r in row r, encoded by hand and read back by Pillow.
  "filters": """
  iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFCAIAAAAG+GGPAAAAPklEQVR4nGNgsKmQDJ1olLfKu/1wyoI7tTu/TrvEx6iRskASAzBpYAPMAXk9iiCw\
  UBEJsABlJCU1oDo1oAQAH5sW11OqMAwAAAAASUVORK5CYII=
  """,
  // 1 bit: whether channel 0 is above 127; 16 bits: channel 0 times 256 plus 3; palette: channel 0 divided by 64 as an
  // index into black, red, green, blue.
  "1": """
  iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFAQAAAACh4ct1AAAAEklEQVR4nGNgYuJhMmCyY/gAAAMuAXNXlJ1ZAAAAAElFTkSuQmCC
  """,
  "I16": """
  iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFEAAAAAD8YXVHAAAAFUlEQVR4nGNkYJZkQEAWDQYyuRoMAIcdA7LYyZoyAAAAAElFTkSuQmCC
  """,
  "P": """
  iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFAgMAAAD09B5LAAAADFBMVEUAAAD/AAAA/wAAAP+bwBPcAAAAF0lEQVR4nGNkDGcSCWByFWESNGFYzwAA\
  DgACEdvDYB0AAAAASUVORK5CYII=
  """,
]

private func bytes(_ name: String) -> [UInt8] { [UInt8](Data(base64Encoded: files[name] ?? "") ?? Data()) }

/// The image by its formula, [channels, 5, 7], from 0 to 255.
private func formula(_ channels: Int) -> Tensor {
  var values: [Float] = []
  for channel in 0..<channels {
    for row in 0..<5 {
      for column in 0..<7 { values.append(Float((40 * row + 25 * column + 60 * channel) % 256)) }
    }
  }
  return Tensor(values, shape: [channels, 5, 7])
}

@Suite struct PictureTests {
  @Test(arguments: [("L", 1), ("LA", 2), ("RGB", 3), ("RGBA", 4), ("filters", 3)])
  func whatPillowWroteIsRead(name: String, channels: Int) throws {
    #expect(try PNG.decode(bytes(name), name: name) == formula(channels) / 255)
  }

  @Test func otherDepthsAreRead() throws {
    let grey = formula(1)
    #expect(try PNG.decode(bytes("1"), name: "1") == (grey .> 127).cast(to: .float32))
    #expect(try PNG.decode(bytes("I16"), name: "I16") == (grey * 256 + 3) / 65_535)
    let colors = try PNG.decode(bytes("P"), name: "P")
    let place = grey.scalars(as: Int.self).map { $0 / 64 }
    #expect(colors == Tensor((1...3).flatMap { color in place.map { Float($0 == color ? 1 : 0) } }, shape: [3, 5, 7]))
  }

  @Test(arguments: 1...4) func whatIsWrittenIsReadBack(channels: Int) throws {
    let picture = formula(channels) / 255
    #expect(try PNG.decode(PNG.encode(picture), name: "p") == picture)
    #expect(try PNG.decode(PNG.encode(picture * 2 - 0.5), name: "p").max().item() == 1)
  }

  @Test func netpbmIsRead() throws {
    try withFolder([
      "a.pgm": Array("P2 # grey\n3 2\n# four\n4\n0 1 2\n3 4 0\n".utf8),
      "b.pgm": Array("P5 3 2 255\n".utf8) + [0, 51, 102, 153, 204, 255],
      "c.ppm": Array("P6\n1 1\n65535\n".utf8) + [0, 0, 0xff, 0xff, 0x33, 0x33],
    ]) { folder in
      let pictures = try ["a.pgm", "b.pgm", "c.ppm"].map { try readImage(folder.appendingPathComponent($0)) }
      #expect(pictures[0] == [[[0, 0.25, 0.5], [0.75, 1, 0]]])
      #expect(pictures[1] == [[[0, 0.2, 0.4], [0.6, 0.8, 1]]])
      #expect(pictures[2] == [[[0]], [[1]], [[0.2]]])
    }
  }

  @Test func damageIsNamed() throws {
    let good = bytes("L")
    func ofBytes(_ bytes: [UInt8]) -> String? { sentence(try PNG.decode(bytes, name: "p.png")) }
    #expect(ofBytes([1, 2]) == "p.png, byte 0: expected a PNG signature, found 01 02")
    var broken = good
    broken[20] ^= 1
    #expect(ofBytes(broken) == "p.png, byte 8: expected a chunk 'IHDR' with its checksum, found another checksum")
    #expect(ofBytes(Array(good.prefix(40))) == "p.png, byte 33: expected a chunk of at least 12 bytes, found 7")
    #expect(ofBytes(Array(good.prefix(60))) == "p.png, byte 33: expected a chunk of 23 bytes of data, found 15")
    let noImage = PNG.encode(.ones([1, 1, 1]))
    #expect(ofBytes(Array(noImage.prefix(33)) + noImage.suffix(12))?.contains("expected more compressed data") == true)
    try withFolder([
      "a.pgm": Array("P5 3 2 255\nabc".utf8), "b.pgm": Array("P2 3 x".utf8), "c.pgm": Array("P2 1 1 9\n10".utf8),
      "d.txt": Array("text".utf8),
    ]) { folder in
      func ofFile(_ name: String) -> String? {
        sentence(try readImage(folder.appendingPathComponent(name)))
      }
      #expect(ofFile("a.pgm") == "a.pgm, byte 11: expected 6 bytes of pixels, found 3")
      #expect(ofFile("b.pgm") == "b.pgm, byte 5: expected a height from 1 to 65536, found 78")
      #expect(ofFile("c.pgm") == "c.pgm, byte 9: expected value 0 of 1 from 0 to 9, found 10")
      #expect(ofFile("d.txt") == "d.txt, byte 0: expected a PNG, PGM or PPM picture, found 74 65 78 74")
    }
  }

  /// Every truncated or changed file is either read or refused.
  @Test(arguments: ["filters", "P", "1"]) func anyDamageIsReadOrRefused(name: String) {
    let good = bytes(name)
    for end in 0..<good.count { #expect(throws: FileError.self) { try PNG.decode(Array(good[..<end]), name: name) } }
    for place in good.indices {
      var broken = good
      broken[place] ^= UInt8(1 << (place % 8))
      #expect(throws: FileError.self) { try PNG.decode(broken, name: name) }
    }
  }
}

@Suite struct ImageFolderTests {
  @Test func foldersAreClasses() throws {
    try withFolder([:]) { folder in
      for (name, level) in [("cat", 0.2), ("ant", 0.6)] {
        let inner = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
        for number in 0..<2 {
          let picture = Tensor.full([3, 2, 4], level) * Tensor([1, 0.5, 0]).reshape([3, 1, 1])
          try Data(PNG.encode(picture)).write(to: inner.appendingPathComponent("\(number).png"))
        }
      }
      let grey = try LabeledImages(folder: folder)
      #expect(grey.classNames == ["ant", "cat"] && grey.labels == [0, 0, 1, 1])
      #expect(grey.images.shape == [4, 1, 2, 4] && grey.vectors.shape == [4, 8])
      #expect(abs(grey.images[0].max().item() - 0.6 * (0.299 + 0.587 / 2)) < 1 / 255.0)
      let colored = try LabeledImages(folder: folder, isColored: true)
      #expect(colored.images.shape == [4, 3, 2, 4] && colored.vectors.shape == [4, 24])
      try Data(PNG.encode(.ones([5, 5]))).write(to: folder.appendingPathComponent("cat/2.png"))
      let problem = sentence(try LabeledImages(folder: folder))
      #expect(problem?.hasSuffix("expected a picture of 4 × 2 like the others, found 5 × 5") == true)
    }
  }

  @Test func emptyFoldersAreRefused() throws {
    try withFolder([:]) { folder in
      let problem = sentence(try LabeledImages(folder: folder))
      #expect(problem?.contains("expected a folder of pictures for each class") == true)
      try FileManager.default.createDirectory(at: folder.appendingPathComponent("a"), withIntermediateDirectories: true)
      let other = sentence(try LabeledImages(folder: folder))
      #expect(other?.contains("expected at least one picture, found none") == true)
    }
  }

  /// Half a megabyte of zeros that decompresses to 512 MB of rows, which would make 16 GB of pixels.
  @Test func aSmallFileOfAVastPictureIsRefused() {
    var bytes = PNG.encode(.ones([1, 1, 1]))
    let size: [UInt8] = [0, 1, 0, 0]
    bytes.replaceSubrange(16..<24, with: size + size)
    bytes.replaceSubrange(29..<33, with: [0x49, 0xef, 0x6f, 0x3f])  // the header's checksum
    #expect(
      sentence(try PNG.decode(bytes, name: "x"))
        == "x, byte 8: expected a picture of at most 67108864 pixels, found 65536 × 65536")
  }

  /// A device has no end, and opening a pipe without a writer blocks.
  @Test func onlyRegularFilesAreRead() throws {
    try withFolder([:]) { folder in
      let pipe = folder.appendingPathComponent("pipe")
      #expect(mkfifo(pipe.path, 0o600) == 0)
      for url in [URL(fileURLWithPath: "/dev/zero"), pipe] {
        #expect(sentence(try readImage(url))?.hasSuffix("expected a regular file, found another kind") == true)
      }
      #expect(
        sentence(try NpzArchive(contentsOfFile: pipe.path))?.hasSuffix("expected a regular file, found another kind")
          == true)
    }
  }
}
