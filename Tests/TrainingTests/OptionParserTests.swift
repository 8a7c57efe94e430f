import Testing

import Training

private enum Rule: String, CaseIterable, OptionValue {
  case sgd, adam
}

private struct Settings: Equatable {
  var epochs = 100
  var rate: Double?
  var hidden = [100]
  var rule = Rule.sgd
  var path = "loss.svg"
  var isQuiet = false
}

private let parser = OptionParser(
  "Demo", summary: "Trains.", defaults: Settings(),
  options: [
    .value("epochs", \.epochs, in: 1...1_000, help: "passes over the data"),
    .value("rate", \.rate, in: 0...10, help: "step size", defaultText: "by optimizer"),
    .value("hidden", \.hidden, in: 1...4_096, help: "sizes"),
    .value("rule", \.rule, help: "update rule"),
    .value("path", \.path, placeholder: "FILE", help: "picture"),
    .flag("quiet", \.isQuiet, help: "says less"),
  ])

@Suite struct OptionParserTests {
  @Test func bothSpellingsAreRead() throws {
    let settings = try parser.parse(["--epochs", "3", "--rate=0.5", "--hidden=30,20", "--rule", "adam", "--quiet"])
    #expect(settings == Settings(epochs: 3, rate: 0.5, hidden: [30, 20], rule: .adam, isQuiet: true))
    #expect(try parser.parse([]) == Settings())
    #expect(try parser.parse(["--path=a=b"])?.path == "a=b")
    #expect(try parser.parse(["--epochs", "3", "--epochs", "4"])?.epochs == 4)
  }

  @Test(arguments: [["--help"], ["-h"], ["--epochs", "3", "--help", "--nonsense"]])
  func helpIsAsked(arguments: [String]) throws {
    #expect(try parser.parse(arguments) == nil)
  }

  @Test func helpNamesEveryOptionAndDefault() {
    #expect(
      parser.help == """
        Usage: Demo [options]

        Trains.

        Options:
          --epochs N       passes over the data (default: 100)
          --rate X         step size (default: by optimizer)
          --hidden N,…     sizes (default: 100)
          --rule sgd|adam  update rule (default: sgd)
          --path FILE      picture (default: loss.svg)
          --quiet          says less
          --help           shows this text

        """)
  }

  @Test(arguments: [
    (["--nonsense"], "unknown option --nonsense"),
    (["--nonsense=3"], "unknown option --nonsense"),
    (["7"], "unexpected argument '7'"),
    (["-e", "7"], "unexpected argument '-e'"),
    (["--"], "unexpected argument '--'"),
    (["--epochs"], "--epochs needs a value"),
    (["--quiet=yes"], "--quiet takes no value"),
    (["--epochs="], "--epochs: expected a whole number from 1 to 1000, found ''"),
    (["--epochs", "ten"], "--epochs: expected a whole number from 1 to 1000, found 'ten'"),
    (["--epochs", "0"], "--epochs: expected a whole number from 1 to 1000, found '0'"),
    (
      ["--epochs", "99999999999999999999"],
      "--epochs: expected a whole number from 1 to 1000, found '99999999999999999999'"
    ),
    (["--rate", "nan"], "--rate: expected a number from 0.0 to 10.0, found 'nan'"),
    (["--rate", "-1"], "--rate: expected a number from 0.0 to 10.0, found '-1'"),
    (
      ["--hidden", "30,,20"],
      "--hidden: expected a whole number, or several with commas between from 1 to 4096, found '30,,20'"
    ),
    (["--rule", "best"], "--rule: expected one of sgd, adam, found 'best'"),
  ])
  func mistakesAreNamed(arguments: [String], sentence: String) {
    #expect(throws: OptionError(description: sentence)) { try parser.parse(arguments) }
  }

  @Test func exitCodesTellWhatHappened() {
    struct Failure: Error, CustomStringConvertible {
      let description = "no such\nfile"
    }
    func run(_ arguments: [String], body: (Settings) throws -> Void = { _ in }) -> (Int32, String, String) {
      var output = ""
      var errors = ""
      let code = parser.run(arguments, output: { output += $0 }, errors: { errors += $0 }, body)
      return (code, output, errors)
    }
    #expect(run([]) == (0, "", ""))
    #expect(run(["--help"]) == (0, parser.help, ""))
    #expect(run(["--nonsense"]) == (2, "", "Demo: unknown option --nonsense\n\n" + parser.help))
    #expect(run([]) { _ in throw Failure() } == (1, "", "Demo: no such file\n"))
  }
}
