import NN

/// Convolution, pooling, resampling.
func windowCall(_ a: Arguments) throws -> [Variable]? { try convolution(a) ?? pooling(a) ?? resampling(a) }

extension Arguments {
  /// One number or two, for images.
  func pair(_ name: String, default value: Int = 1) -> Pair { optionalPair(name) ?? Pair(value, value) }
  func optionalPair(_ name: String) -> Pair? {
    optionalInts(name).map { $0.count == 1 ? Pair($0[0], $0[0]) : Pair($0[0], $0[1]) }
  }
  func triple(_ name: String) -> Triple {
    let all = ints(name, default: [1])
    return all.count == 1 ? Triple(all[0], all[0], all[0]) : Triple(all[0], all[1], all[2])
  }
  func single(_ name: String, default value: Int = 1) -> Int { ints(name, default: [value])[0] }
  /// `output_size`; a null entry keeps the input's size.
  var outputSize: Pair {
    let sizes = optionalIntsOrNone("output_size") ?? []
    guard let first = sizes.first, let last = sizes.last else { fatalError("\(op): no output_size") }
    return Pair(first ?? input.shape[-2], last ?? input.shape[-1])
  }
  var axisPadding: AxisPadding {
    switch optionalString("padding") {
    case "same": .same
    case "valid": .valid
    default: .sizes(ints("padding", default: [0]))
    }
  }
  var padding: Padding {
    if let name = optionalString("padding") { return name == "same" ? .same : .valid }
    let pad = pair("padding", default: 0)
    return .sides(top: pad.height, left: pad.width, bottom: pad.height, right: pad.width)
  }
}

private func convolution(_ a: Arguments) throws -> [Variable]? {
  let weight = { a.variable("weight") }
  let bias = { a.optional("bias") }
  let groups = { a.int("groups", default: 1) }
  switch a.op {
  case "conv1d":
    return [
      a.input.conv1d(
        weight(), bias: bias(), stride: a.single("stride"), padding: a.axisPadding, dilation: a.single("dilation"),
        groups: groups())
    ]
  case "conv2d":
    return [
      a.input.conv2d(
        weight(), bias: bias(), stride: a.pair("stride"), padding: a.padding, dilation: a.pair("dilation"),
        groups: groups())
    ]
  case "conv3d":
    return [
      a.input.conv3d(
        weight(), bias: bias(), stride: a.triple("stride"), padding: a.axisPadding, dilation: a.triple("dilation"),
        groups: groups())
    ]
  case "conv_transpose1d":
    return [
      a.input.convTranspose1d(
        weight(), bias: bias(), stride: a.single("stride"), padding: a.single("padding", default: 0),
        outputPadding: a.single("output_padding", default: 0), groups: groups(), dilation: a.single("dilation"))
    ]
  case "conv_transpose2d":
    return [
      a.input.convTranspose2d(
        weight(), bias: bias(), stride: a.pair("stride"), padding: a.pair("padding", default: 0),
        outputPadding: a.pair("output_padding", default: 0), groups: groups(), dilation: a.pair("dilation"))
    ]
  default: return nil
  }
}

private func pooling(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "max_pool1d":
    return [
      a.input.maxPool1d(
        a.single("kernel_size"), stride: a.optionalInts("stride")?[0],
        padding: a.single("padding", default: 0), dilation: a.single("dilation"), ceilMode: a.bool("ceil_mode"))
    ]
  case "max_pool2d":
    return [
      a.input.maxPool2d(
        a.pair("kernel_size"), stride: a.optionalPair("stride"), padding: a.pair("padding", default: 0),
        dilation: a.pair("dilation"), ceilMode: a.bool("ceil_mode"))
    ]
  case "avg_pool1d":
    return [
      a.input.avgPool1d(
        a.single("kernel_size"), stride: a.optionalInts("stride")?[0],
        padding: a.single("padding", default: 0), ceilMode: a.bool("ceil_mode"),
        countsPadding: a.bool("count_include_pad", default: true))
    ]
  case "avg_pool2d":
    return [
      a.input.avgPool2d(
        a.pair("kernel_size"), stride: a.optionalPair("stride"), padding: a.pair("padding", default: 0),
        ceilMode: a.bool("ceil_mode"), countsPadding: a.bool("count_include_pad", default: true),
        divisor: a.optionalInt("divisor_override"))
    ]
  case "adaptive_avg_pool2d": return [a.input.adaptiveAvgPool2d(a.outputSize)]
  case "adaptive_max_pool2d": return [a.input.adaptiveMaxPool2d(a.outputSize)]
  default: return nil
  }
}

private func resampling(_ a: Arguments) throws -> [Variable]? {
  switch a.op {
  case "interpolate":
    let mode: Variable.InterpolationMode = a.string("mode", default: "nearest") == "nearest" ? .nearest : .linear
    let corners = a.bool("align_corners")
    if let size = a.optionalInts("size") { return [a.input.interpolate(size: size, mode: mode, alignCorners: corners)] }
    return [a.input.interpolate(scale: a.optionalDoubles("scale_factor") ?? [], mode: mode, alignCorners: corners)]
  case "unfold":
    return [
      a.input.unfold(
        a.pair("kernel_size"), dilation: a.pair("dilation"), padding: a.pair("padding", default: 0),
        stride: a.pair("stride"))
    ]
  case "fold":
    return [
      a.input.fold(
        a.pair("output_size"), kernel: a.pair("kernel_size"), dilation: a.pair("dilation"),
        padding: a.pair("padding", default: 0), stride: a.pair("stride"))
    ]
  default: return nil
  }
}
