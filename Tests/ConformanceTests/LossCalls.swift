import NN

/// Losses.
func lossCall(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "loss_none": nil
  default: nil
  }
}
