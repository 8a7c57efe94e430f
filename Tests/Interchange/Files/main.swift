import Tensors

// Reads the tensors of one file and writes them to another: `InterchangeFiles IN OUT [--compressed]`. The format
// follows from the name: .safetensors, .npz, or .npy, whose single tensor is called "array" in the others.
// exchange_files.py runs it.

func tensors(in path: String) throws -> [String: Tensor] {
  if path.hasSuffix(".npy") { return ["array": try Tensor(contentsOfNpyFile: path)] }
  if path.hasSuffix(".npz") { return try NpzArchive(contentsOfFile: path).tensors }
  return try Safetensors(contentsOfFile: path).tensors
}

func write(_ tensors: [String: Tensor], to path: String, compressed: Bool) throws {
  if path.hasSuffix(".npz") {
    try NpzArchive(tensors: tensors).write(toFile: path, compressed: compressed)
  } else if path.hasSuffix(".npy"), let tensor = tensors["array"] {
    try tensor.write(toNpyFile: path)
  } else {
    try Safetensors(tensors: tensors, metadata: ["format": "pt"]).write(toFile: path)
  }
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { fatalError("InterchangeFiles: wants a file to read and one to write") }
try write(tensors(in: arguments[1]), to: arguments[2], compressed: arguments.contains("--compressed"))
