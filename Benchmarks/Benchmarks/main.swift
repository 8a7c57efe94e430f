import Foundation
import Tensors
import Training

// Times the workloads of the README's table. Prints name, median and minimum of one step, in microseconds.

/// The command-line options.
struct Settings {
  var threads = 1
  var filter = ""
  var seconds = 1.0
  var isJSON = false
  var data: String?
}

let parser = OptionParser(
  "Benchmarks", summary: "Prints a line a workload: name, median µs, minimum µs of one step.", defaults: Settings(),
  options: [
    .value("threads", \.threads, in: 1...1024, help: "threads that large operations use"),
    .value("filter", \.filter, help: "only workloads whose name contains a match of this regular expression"),
    .value("seconds", \.seconds, in: 0.01...3600, help: "how long each workload is timed"),
    .flag("json", \.isJSON, help: "prints one JSON object a line"),
    .value(
      "data", \.data, placeholder: "DIR",
      help: "instead, trains on a folder's Fashion-MNIST files to 90 % with five seeds: seed, steps, seconds"),
  ])

parser.main { settings in
  Parallelism.threads = settings.threads
  if let folder = settings.data {
    let race = try TimeToAccuracy(folder: folder)
    for seed in 1...5 as ClosedRange<UInt64> {
      let result = race.run(seed: seed)
      print(result.map { "\(seed)\t\($0.steps)\t\(String(format: "%.2f", $0.seconds))" } ?? "\(seed)\tnot reached")
    }
    return
  }
  let filter = try Regex(settings.filter)
  // There are many op and update-rule rows, so they run only if the filter names them.
  let chosen = settings.filter.contains("op_") ? opWorkloads + updateWorkloads : workloads
  for workload in chosen where settings.filter.isEmpty || workload.name.firstMatch(of: filter) != nil {
    let timing = workload.measure(seconds: settings.seconds)
    if settings.isJSON {
      print(String(decoding: try JSONEncoder().encode(timing), as: UTF8.self))
    } else {
      print("\(timing.name)\t\(String(format: "%.2f\t%.2f", timing.median, timing.minimum))")
    }
  }
}
