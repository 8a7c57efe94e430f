import NN

/// Layers without a memory of earlier inputs.
func layerModule(_ a: Arguments, _ type: DType) throws -> ModuleUnderTest? {
  switch a.op {
  case "Linear":
    ModuleUnderTest(
      Linear(a.int("in_features"), a.int("out_features"), bias: a.bool("bias", default: true), dtype: type))
  case "Conv2d":
    ModuleUnderTest(
      Conv2D(
        a.int("in_channels"), a.int("out_channels"), kernel: a.pair("kernel_size"), stride: a.pair("stride"),
        padding: a.padding, dilation: a.pair("dilation"), groups: a.int("groups", default: 1),
        bias: a.bool("bias", default: true), dtype: type))
  default: nil
  }
}
