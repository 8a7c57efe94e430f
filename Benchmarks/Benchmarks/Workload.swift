import Foundation
import NN

/// One line of the benchmark: a name and a step to time.
struct Workload {
  let name: String
  /// Makes the data and the model, and returns the step.
  let prepare: () -> () -> Void

  init(_ name: String, _ prepare: @escaping () -> () -> Void) {
    self.name = name
    self.prepare = prepare
  }

  /// The time of one step in microseconds.
  struct Timing: Codable {
    let name: String
    let median: Double
    let minimum: Double

    enum CodingKeys: String, CodingKey {
      case name
      case median = "median_us"
      case minimum = "minimum_us"
    }
  }

  /// Times steps for at least `seconds`, after a warm-up of a quarter of that.
  func measure(seconds: Double) -> Timing {
    let step = prepare()
    let warmUpEnd = Self.now + Int64(seconds * 0.25e9)
    repeat { step() } while Self.now < warmUpEnd
    var samples: [Double] = []
    let end = Self.now + Int64(seconds * 1e9)
    repeat {
      let start = Self.now
      step()
      samples.append(Double(Self.now - start) / 1000)
    } while Self.now < end
    samples.sort()
    return Timing(name: name, median: samples[samples.count / 2], minimum: samples[0])
  }

  /// The time in nanoseconds. Not from `ContinuousClock`: its 128-bit arithmetic takes 2 % of the shortest step.
  private static var now: Int64 { Int64(DispatchTime.now().uptimeNanoseconds) }
}
