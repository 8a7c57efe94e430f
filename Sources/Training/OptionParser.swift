/// What is wrong with a command line, in one sentence.
public struct OptionError: Error, Equatable, CustomStringConvertible {
  /// The sentence, without the program's name.
  public let description: String

  package init(description: String) { self.description = description }
}

/// Reads a program's command line into a value that holds its settings.
///
/// ```
/// struct Settings { var epochs = 100, isQuiet = false }
/// let parser = OptionParser(
///   "Digits", summary: "Trains a network on handwritten digits.", defaults: Settings(),
///   options: [
///     .value("epochs", \.epochs, in: 1...10_000, help: "passes over the training images"),
///     .flag("quiet", \.isQuiet, help: "prints the result only"),
///   ])
/// parser.main { settings in try train(settings) }
/// ```
///
/// The program then takes `--epochs 20`, `--epochs=20`, `--quiet` and `--help`. A wrong command line prints the usage
/// on standard error and ends with code 2; an error that the body throws prints one line there and ends with code 1.
public struct OptionParser<Settings: Sendable>: Sendable {
  /// One option: how it is spelled, what it means, and where its value goes.
  public struct Option: Sendable {
    let name: String
    /// The placeholder for the value in the help; nil for a flag.
    let placeholder: String?
    let help: String
    let defaultText: @Sendable (Settings) -> String?
    let assign: @Sendable (_ text: String, inout Settings) throws(OptionError) -> Void
  }

  private let name: String
  private let summary: String
  private let defaults: Settings
  private let options: [Option]

  /// Describes a command line.
  /// - Parameters:
  ///   - name: The program's name.
  ///   - summary: What the program does, in a sentence or two.
  ///   - defaults: The settings for options that are not given.
  ///   - options: The options, in the order of the help.
  public init(_ name: String, summary: String, defaults: Settings, options: [Option]) {
    self.name = name
    self.summary = summary
    self.defaults = defaults
    self.options = options
  }

  /// Returns the settings that arguments ask for, or nil if they ask for help.
  /// - Parameter arguments: The command line without the program's name.
  public func parse(_ arguments: [String]) throws(OptionError) -> Settings? {
    var settings = defaults
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--help" || argument == "-h" { return nil }
      guard argument.hasPrefix("--"), argument.count > 2 else {
        throw OptionError(description: "unexpected argument '\(argument)'")
      }
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let option = options.first(where: { $0.name == parts[0] }) else {
        throw OptionError(description: "unknown option --\(parts[0])")
      }
      var value = parts.count == 2 ? String(parts[1]) : nil
      if option.placeholder == nil {
        guard value == nil else { throw OptionError(description: "--\(option.name) takes no value") }
        value = ""
      }
      guard let text = value ?? rest.popFirst() else {
        throw OptionError(description: "--\(option.name) needs a value")
      }
      try option.assign(text, &settings)
    }
    return settings
  }

  /// What `--help` prints.
  public var help: String {
    var rows = options.map { option in
      let spelling = ["--\(option.name)", option.placeholder].compactMap { $0 }.joined(separator: " ")
      let value = option.defaultText(defaults).map { " (default: \($0))" } ?? ""
      return (spelling, option.help + value)
    }
    rows.append(("--help", "shows this text"))
    let width = rows.map(\.0.count).max() ?? 0
    let table = rows.map { "  \($0.0.padded(to: width))  \($0.1)" }.joined(separator: "\n")
    return "Usage: \(name) [options]\n\n\(summary)\n\nOptions:\n\(table)\n"
  }

  /// Runs a program by its command line and ends the process.
  /// - Parameter body: The program, given its settings.
  public func main(_ body: (Settings) throws -> Void) -> Never {
    let arguments = Array(CommandLine.arguments.dropFirst())
    Terminal.exit(run(arguments, output: Terminal.write, errors: Terminal.writeError, body))
  }

  /// Runs a program and returns its exit code; the caller decides where its output goes.
  package func run(
    _ arguments: [String], output: (String) -> Void, errors: (String) -> Void, _ body: (Settings) throws -> Void
  ) -> Int32 {
    do throws(OptionError) {
      guard let settings = try parse(arguments) else {
        output(help)
        return 0
      }
      do {
        try body(settings)
        return 0
      } catch {
        let sentence = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
        errors("\(name): \(sentence)\n")
        return 1
      }
    } catch {
      errors("\(name): \(error)\n\n\(help)")
      return 2
    }
  }
}

extension OptionParser.Option {
  /// An option with a value.
  /// - Parameters:
  ///   - name: Its name without dashes.
  ///   - path: Where the value goes; its initial value is the default.
  ///   - range: The range of the value, or of each one in a list.
  ///   - placeholder: The placeholder for the value in the help, if not the usual one for its type.
  ///   - help: What it means, in a few words.
  ///   - defaultText: The default in the help, if it is not a plain value.
  public static func value<Value: OptionValue>(
    _ name: String, _ path: WritableKeyPath<Settings, Value> & Sendable, in range: ClosedRange<Value.Scalar>? = nil,
    placeholder: String? = nil, help: String, defaultText: String? = nil
  ) -> Self {
    Self(
      name: name, placeholder: placeholder ?? Value.placeholder, help: help,
      defaultText: { defaultText ?? $0[keyPath: path].optionText }
    ) { text, settings throws(OptionError) in
      let bounds = range.map { " from \($0.lowerBound) to \($0.upperBound)" } ?? ""
      guard let value = Value(optionText: text), value.scalars.allSatisfy({ range?.contains($0) ?? true }) else {
        throw OptionError(description: "--\(name): expected \(Value.kind)\(bounds), found '\(text)'")
      }
      settings[keyPath: path] = value
    }
  }

  /// An option without a value, which is off unless it is given.
  /// - Parameters:
  ///   - name: Its name without dashes.
  ///   - path: What it sets to true.
  ///   - help: What it means, in a few words.
  public static func flag(_ name: String, _ path: WritableKeyPath<Settings, Bool> & Sendable, help: String) -> Self {
    Self(name: name, placeholder: nil, help: help, defaultText: { _ in nil }) { _, settings throws(OptionError) in
      settings[keyPath: path] = true
    }
  }
}
