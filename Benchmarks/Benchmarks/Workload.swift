import Foundation
import NN

/// One line of the benchmark: a name and a step to time.
struct Workload {
  let name: String
  /// Makes the data and the model, and gives the step.
  let prepare: () -> () -> Void

  init(_ name: String, _ prepare: @escaping () -> () -> Void) {
    self.name = name
    self.prepare = prepare
  }

  /// Microseconds of one step.
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

  /// Times steps for at least `seconds` after a warm-up of a fifth of that.
  func measure(seconds: Double) -> Timing {
    let step = prepare()
    let warmUpEnd = Self.now + Int64(seconds * 0.2e9)
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

  /// Nanoseconds. Not `ContinuousClock`, whose arithmetic in 128 bits is a fiftieth of the shortest step.
  private static var now: Int64 { Int64(DispatchTime.now().uptimeNanoseconds) }
}
