import NN

/// Normalization, attention, distances.
func normalizationCall(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "softmax": [a.input.softmax(axis: a.int("dim"))]
  default: nil
  }
}
