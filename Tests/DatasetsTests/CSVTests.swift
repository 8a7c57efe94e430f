import Datasets
import Foundation
import Tensors
import Testing

private func table(_ text: String, separator: Character = ",", hasHeader: Bool = true) throws -> CSVTable {
  try CSVTable(bytes: Array(text.utf8), name: "t.csv", separator: separator, hasHeader: hasHeader)
}

@Suite struct CSVTests {
  @Test func columnsAreFoundByName() throws {
    let flowers = try table("length,width,species\n5.1,3.5,setosa\n7.0,-3.2e0,versicolor\n6.3,3,setosa\n")
    #expect(flowers.columns == ["length", "width", "species"] && flowers.rowCount == 3)
    #expect(try flowers.numbers(of: "width") == [3.5, -3.2, 3])
    #expect(try flowers.tensor(of: ["width", "length"]) == [[3.5, 5.1], [-3.2, 7], [3, 6.3]])
    let (labels, names) = try flowers.categories(of: "species")
    #expect(names == ["setosa", "versicolor"] && labels == Tensor([0, 1, 0], dtype: .int64))
  }

  @Test func fieldsMayBeQuoted() throws {
    let text = "\u{feff}a,b\r\n\"x, y\",\"she said \"\"no\"\"\"\r\n\r\n\"two\nlines\",\r\n"
    let quoted = try table(text)
    #expect(try quoted.texts(of: "a") == ["x, y", "two\nlines"])
    #expect(try quoted.texts(of: "b") == ["she said \"no\"", ""])
  }

  @Test func headerAndSeparatorAreOptional() throws {
    let bare = try table("1;2\n3;4", separator: ";", hasHeader: false)
    #expect(bare.columns == ["0", "1"])
    #expect(try bare.tensor() == [[1, 2], [3, 4]])
    #expect(try table("a,b\n").tensor() == Tensor.zeros([0, 2]))
  }

  @Test func missingNumbersAreFilled() throws {
    let holes = try table("x\n1\nNA\n 5 \n?\n")
    #expect(try holes.numbers(of: "x", missing: .mean) == [1, 3, 5, 3])
    #expect(try holes.numbers(of: "x", missing: .value(-1)) == [1, -1, 5, -1])
    #expect(try holes.numbers(of: "x", missing: .nan).map(\.isNaN) == [false, true, false, true])
    #expect(sentence(try holes.numbers(of: "x")) == "t.csv, line 3, column 'x': expected a number, found none ('NA')")
    // The text "nan" is a number here and is left out of the mean.
    let dashes = try CSVTable(bytes: Array("x\n1\nnan\n-\n3\n".utf8), name: "t.csv", missing: ["-"])
    #expect(try dashes.numbers(of: "x", missing: .mean)[2] == 2)
    #expect(
      sentence(try table("x,y\n1,\n2,NA\n").numbers(of: "y", missing: .mean))
        == "t.csv, line 2, column 'y': expected a number in this column, found none in any row")
  }

  @Test(arguments: [
    ("", "t.csv, line 1: expected a row, found an empty file"),
    ("a,b\n1,2\n\n3\n", "t.csv, line 4: expected 2 fields, found 1"),
    ("a,b\n\"1\n2\",2\n3,4,5", "t.csv, line 4: expected 2 fields, found 3"),
    ("a,a\n", "t.csv, line 1: expected columns with names of their own, found 'a' twice"),
    ("a\n\"x", "t.csv, line 2: expected a quote that ends the field, found the end of the file"),
    ("a\n\"x\"y\n", "t.csv, line 2: expected a separator or line end behind a quoted field, found 'y'"),
  ])
  func damageIsNamed(text: String, expected: String) { #expect(sentence(try table(text)) == expected) }

  @Test func badFieldsAreNamed() throws {
    let bad = try table("x,y\n1,red\noops,\n")
    #expect(sentence(try bad.numbers(of: "x")) == "t.csv, line 3, column 'x': expected a number, found 'oops'")
    #expect(sentence(try bad.categories(of: "y")) == "t.csv, line 3, column 'y': expected a word, found none ('')")
    #expect(sentence(try bad.numbers(of: "z")) == "t.csv: expected a column 'z', found only 'x', 'y'")
    #expect(
      sentence(try CSVTable(bytes: [0x61, 0x0a, 0xff, 0xfe], name: "t.csv"))
        == "t.csv, line 2: expected text in UTF-8, found ff fe")
    #expect(
      sentence(try CSVTable(contentsOf: URL(fileURLWithPath: "/nowhere.csv")))
        == "/nowhere.csv: expected a readable file, found no file there")
  }

  /// Any bytes give a table or an error, and all rows of a table are complete.
  @Test func anyBytesAreReadOrRefused() {
    let generator = RandomGenerator(seed: 3)
    let alphabet = Array("a,1\"\n\r;é".utf8)
    for _ in 0..<5_000 {
      let bytes = (0..<generator.integer(in: 0..<24)).map { _ in alphabet[generator.integer(in: 0..<alphabet.count)] }
      guard let table = try? CSVTable(bytes: bytes, name: "t") else { continue }
      for column in table.columns { #expect((try? table.texts(of: column).count) == table.rowCount) }
    }
  }
}
