import NN

/// Stateless and feed-forward layers.
func layerModule(_ a: Arguments, _ type: DType) throws -> ModuleUnderTest? {
  try denseModule(a, type) ?? convolutionModule(a, type) ?? normalizationModule(a, type).map(ModuleUnderTest.init)
}

private func denseModule(_ a: Arguments, _ type: DType) throws -> ModuleUnderTest? {
  switch a.op {
  case "Linear":
    return ModuleUnderTest(Linear(a.int("in_features"), a.int("out_features"), bias: a.hasBias, dtype: type))
  case "Bilinear":
    let layer = Bilinear(
      a.int("in1_features"), a.int("in2_features"), a.int("out_features"), bias: a.hasBias, dtype: type)
    return ModuleUnderTest(layer) { inputs, _ in [layer(inputs[0], inputs[1])] }
  case "Embedding":
    return ModuleUnderTest(
      Embedding(
        a.int("num_embeddings"), a.int("embedding_dim"), paddingIndex: a.optionalInt("padding_idx"), dtype: type))
  case "PReLU": return ModuleUnderTest(PReLU(a.int("num_parameters"), dtype: type))
  default: return nil
  }
}

private func convolutionModule(_ a: Arguments, _ type: DType) -> ModuleUnderTest? {
  let channels = { (a.int("in_channels"), a.int("out_channels")) }
  let groups = { a.int("groups", default: 1) }
  switch a.op {
  case "Conv1d":
    return ModuleUnderTest(
      Conv1D(
        channels().0, channels().1, kernel: a.single("kernel_size"), stride: a.single("stride"), padding: a.axisPadding,
        dilation: a.single("dilation"), groups: groups(), bias: a.hasBias, dtype: type))
  case "Conv2d":
    return ModuleUnderTest(
      Conv2D(
        channels().0, channels().1, kernel: a.pair("kernel_size"), stride: a.pair("stride"), padding: a.padding,
        dilation: a.pair("dilation"), groups: groups(), bias: a.hasBias, dtype: type))
  case "Conv3d":
    return ModuleUnderTest(
      Conv3D(
        channels().0, channels().1, kernel: a.triple("kernel_size"), stride: a.triple("stride"), padding: a.axisPadding,
        dilation: a.triple("dilation"), groups: groups(), bias: a.hasBias, dtype: type))
  case "ConvTranspose1d":
    return ModuleUnderTest(
      ConvTranspose1D(
        channels().0, channels().1, kernel: a.single("kernel_size"), stride: a.single("stride"),
        padding: a.single("padding", default: 0), outputPadding: a.single("output_padding", default: 0),
        groups: groups(), dilation: a.single("dilation"), bias: a.hasBias, dtype: type))
  case "ConvTranspose2d":
    return ModuleUnderTest(
      ConvTranspose2D(
        channels().0, channels().1, kernel: a.pair("kernel_size"), stride: a.pair("stride"),
        padding: a.pair("padding", default: 0), outputPadding: a.pair("output_padding", default: 0), groups: groups(),
        dilation: a.pair("dilation"), bias: a.hasBias, dtype: type))
  default: return nil
  }
}

private func normalizationModule(_ a: Arguments, _ type: DType) -> Module? {
  let epsilon = { a.double("eps", default: 1e-5) }
  let isAffine = { a.bool("affine", default: true) }
  let momentum = { a.isNull("momentum") ? nil : a.double("momentum", default: 0.1) }
  switch a.op {
  case "BatchNorm1d":
    return BatchNorm1D(
      a.int("num_features"), epsilon: epsilon(), momentum: momentum(), affine: isAffine(),
      tracksStatistics: a.bool("track_running_stats", default: true), dtype: type)
  case "BatchNorm2d":
    return BatchNorm2D(
      a.int("num_features"), epsilon: epsilon(), momentum: momentum(), affine: isAffine(),
      tracksStatistics: a.bool("track_running_stats", default: true), dtype: type)
  case "LayerNorm":
    return LayerNorm(
      Shape(a.ints("normalized_shape")), epsilon: epsilon(), affine: a.bool("elementwise_affine", default: true),
      bias: a.hasBias, dtype: type)
  case "RMSNorm":
    return RMSNorm(
      Shape(a.ints("normalized_shape")), epsilon: a.optionalDouble("eps"),
      affine: a.bool("elementwise_affine", default: true), dtype: type)
  case "GroupNorm":
    return GroupNorm(
      a.int("num_groups"), a.int("num_channels"), epsilon: epsilon(), affine: isAffine(), dtype: type)
  case "InstanceNorm2d":
    return InstanceNorm2D(a.int("num_features"), epsilon: epsilon(), affine: a.bool("affine"), dtype: type)
  default: return nil
  }
}

extension Arguments {
  var hasBias: Bool { bool("bias", default: true) }
}
