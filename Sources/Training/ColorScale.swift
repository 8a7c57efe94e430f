import Tensors

/// The colours of charts.
enum ColorScale {
  /// Colours that can be distinguished by colour-blind people and in grey print (after Okabe and Ito), red,
  /// green and blue.
  private static let palette: [[UInt8]] = [
    [0x00, 0x72, 0xb2], [0xd5, 0x5e, 0x00], [0x00, 0x9e, 0x73], [0xcc, 0x79, 0xa7], [0xe6, 0x9f, 0x00],
    [0x56, 0xb4, 0xe9], [0x40, 0x40, 0x40],
  ]

  /// The colour of a layer, as SVG names it.
  static func color(_ index: Int) -> String {
    "#" + palette[index % palette.count].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// When all colours have been used, they are repeated, dashed.
  static func isDashed(_ index: Int) -> Bool { index / palette.count % 2 == 1 }

  /// Pixels [3, rows, columns] for classes [rows, columns]: the layers' colours, mixed with white.
  static func pale(_ classes: Tensor) -> Tensor {
    pixels(classes.scalars(as: Int.self), classes.shape) { number in
      palette[((number % palette.count) + palette.count) % palette.count].map { 0.72 + 0.28 * Float($0) / 255 }
    }
  }

  /// Pixels [3, rows, columns] for numbers [rows, columns], from dark blue by green to yellow, the smallest darkest.
  static func colors(of values: Tensor) -> Tensor {
    let numbers = values.scalars(as: Double.self)
    let finite = numbers.filter(\.isFinite)
    let (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
    return pixels(numbers, values.shape) { number in
      number.isFinite ? interpolated(high > low ? (number - low) / (high - low) : 0.5) : [1, 1, 1]
    }
  }

  /// Every fourth of matplotlib's viridis, which brightens evenly (Smith and van der Walt 2015).
  private static let viridis: [[Float]] = [
    [0.267, 0.005, 0.329], [0.229, 0.322, 0.546], [0.128, 0.567, 0.551], [0.369, 0.789, 0.383], [0.993, 0.906, 0.144],
  ]

  private static func interpolated(_ fraction: Double) -> [Float] {
    let place = fraction * Double(viridis.count - 1)
    let lower = min(Int(place), viridis.count - 2)
    let share = Float(place - Double(lower))
    return zip(viridis[lower], viridis[lower + 1]).map { $0 + ($1 - $0) * share }
  }

  private static func pixels<Number>(_ values: [Number], _ shape: Shape, _ color: (Number) -> [Float]) -> Tensor {
    Tensor(values.flatMap(color), shape: [shape[0], shape[1], 3]).permute([2, 0, 1])
  }
}
