import Foundation
import Tensors

/// A picture from a PNG, PGM or PPM file as float32 [C, H, W] from 0 to 1.
public func readImage(_ url: URL) throws(FileError) -> Tensor {
  let bytes = try [UInt8](dataset: url)
  if PNG.recognizes(bytes) { return try PNG.decode(bytes, name: url.lastPathComponent) }
  if Netpbm.recognizes(bytes) { return try Netpbm.decode(bytes, name: url.lastPathComponent) }
  throw FileError(
    file: url.lastPathComponent, place: .byte(0), expected: "a PNG, PGM or PPM picture",
    found: bytes.prefix(4).hexadecimal)
}

extension LabeledImages {
  /// Reads a folder that contains a folder of pictures (PNG, PGM, PPM) for each class, with the class's name.
  ///
  /// Classes and pictures are in alphabetical order; hidden files are left out. All pictures are of one size.
  /// - Parameters:
  ///   - folder: The folder of folders.
  ///   - isColored: Whether images have three channels, or one: colours are then weighted by their luminance (BT.601).
  ///     Alpha is dropped.
  public init(folder: URL, isColored: Bool = false) throws(FileError) {
    let classes = try Self.content(of: folder).filter(\.hasDirectoryPath)
    guard !classes.isEmpty else {
      throw FileError(file: folder.path, expected: "a folder of pictures for each class", found: "no folder")
    }
    var (images, labels): ([Tensor], [Int]) = ([], [])
    for (label, classFolder) in classes.enumerated() {
      for file in try Self.content(of: classFolder) {
        let image = try readImage(file).withChannels(isColored: isColored)
        if let first = images.first, first.shape != image.shape {
          throw FileError(
            file: file.path, expected: "a picture of \(first.shape[2]) × \(first.shape[1]) like the others",
            found: "\(image.shape[2]) × \(image.shape[1])")
        }
        images.append(image)
        labels.append(label)
      }
    }
    guard !images.isEmpty else {
      throw FileError(file: folder.path, expected: "at least one picture", found: "none")
    }
    self.init(images: .stack(images), labels: labels, classNames: classes.map(\.lastPathComponent))
  }

  private static func content(of folder: URL) throws(FileError) -> [URL] {
    do {
      return try FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: [.isDirectoryKey], options: .skipsHiddenFiles
      ).sorted { $0.lastPathComponent < $1.lastPathComponent }
    } catch {
      throw FileError(file: folder.path, expected: "a readable folder", found: "none")
    }
  }
}

extension Tensor {
  /// A picture [C, H, W] as [1, H, W] or [3, H, W].
  fileprivate func withChannels(isColored: Bool) -> Tensor {
    let isGrey = shape[0] <= 2
    if isColored { return isGrey ? self[0..<1].expand([3, shape[1], shape[2]]).contiguous() : self[0..<3] }
    if isGrey { return self[0..<1] }
    return (self[0..<1] * 0.299 + self[1..<2] * 0.587 + self[2..<3] * 0.114)
  }
}
