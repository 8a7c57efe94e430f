/// NumPy's files of one array.
///
/// Versions 1.0 to 3.0, either byte order, either order of axes. f2 becomes float32; i1, i2 and u2 int32; u4 and u8
/// int64. Whatever no tensor represents without loss is an error: other types, a u8 beyond int64, more than eight axes.
///
/// Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.
extension Tensor {
  /// Reads an `.npy` file, as `numpy.load` does.
  ///
  /// Throws a ``FileError`` for a file that is missing, damaged or holds what no tensor can.
  public init(contentsOfNpyFile path: String) throws { self = try Tensor(npy: ByteSource(path: path)) }

  /// Reads the content of an `.npy` file; `name` is what errors call it.
  public init(npy bytes: [UInt8], name: String = "npy") throws { self = try Tensor(npy: ByteSource(bytes, name: name)) }

  private init(npy source: ByteSource) throws {
    let header = try NpyHeader(source)
    let sizes = header.isFortranOrder ? header.sizes.reversed() : header.sizes
    let tensor = try source.tensor(
      header.element, Shape(sizes), at: header.dataStart, place: nil, isBigEndian: header.isBigEndian)
    self = header.isFortranOrder ? tensor.permute((0..<sizes.count).reversed()).contiguous() : tensor
  }

  /// Writes an `.npy` file, or replaces it, as an ``AtomicFile``: byte for byte what `numpy.save` writes.
  ///
  /// Throws a ``FileError`` where the file cannot be written.
  public func write(toNpyFile path: String) throws {
    try AtomicFile.write(to: path) { file in
      try file.append(NpyHeader.encoded(for: self))
      try withBytes(file.append)
    }
  }

  /// The bytes of the file that ``write(toNpyFile:)`` writes.
  public func npyBytes() -> [UInt8] {
    var bytes = NpyHeader.encoded(for: self)
    withBytes { bytes.append(contentsOf: $0) }
    return bytes
  }
}
