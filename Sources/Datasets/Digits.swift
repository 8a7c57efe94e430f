import Foundation
import Tensors

/// The 1,797 handwritten digits that are part of the package: 8×8 pixels, classes 0 to 9.
///
/// Source: "Optical Recognition of Handwritten Digits", E. Alpaydin and C. Kaynak, UCI Machine Learning Repository,
/// licence CC BY 4.0.
public enum Digits {
  /// Loads the digits; the grey levels 0 to 16 of the original become 0 to 1.
  public static func load() throws(FileError) -> LabeledImages {
    let folder = (Bundle.module.resourceURL ?? Bundle.module.bundleURL).appendingPathComponent("digits")
    return try LabeledImages(
      images: IDXFile(contentsOf: folder.appendingPathComponent("digits-images-idx3-ubyte")),
      labels: IDXFile(contentsOf: folder.appendingPathComponent("digits-labels-idx1-ubyte")),
      white: 16, classNames: (0...9).map(String.init))
  }
}
