/// The record of every differentiable computation that can still be reached.
///
/// There is one tape, to which each thread adds without disturbing the others. Its entries are reference-counted, so it
/// never needs clearing.
public enum Tape {
  /// How many recorded ops are alive in the whole program.
  public static var count: Int { ThreadState.liveEntries }

  /// The ops that a variable was computed by, oldest first, one per line: number, op, shape,
  /// and the numbers of its inputs.
  ///
  /// ```
  /// 1  leaf    [3]
  /// 2  *       [3]  ← 1, 1
  /// 3  sum     []   ← 2
  /// ```
  public static func listing(of variable: Variable) -> String {
    let rows = graph(of: variable)
    let opWidth = rows.map(\.op.count).max() ?? 0
    let shapeWidth = rows.map(\.shape.count).max() ?? 0
    return rows.map { row in
      let number = "\(row.number)".padded(to: "\(rows.count)".count)
      let feeders = row.inputs.isEmpty ? "" : "  ← " + row.inputs.map(String.init).joined(separator: ", ")
      let line = "\(number)  \(row.op.padded(to: opWidth))  \(row.shape.padded(to: shapeWidth))\(feeders)"
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  /// The same as a picture in Graphviz's language: leaves are boxes, arrows point the way the values flow.
  ///
  /// `dot -Tsvg` draws it.
  public static func graphviz(of variable: Variable) -> String {
    var lines = ["digraph tape {", "  rankdir=TB;", "  node [fontname=\"Helvetica\"];"]
    for row in graph(of: variable) {
      let form = row.op == Op.leaf.rawValue ? "box" : "ellipse"
      lines.append("  n\(row.number) [shape=\(form), label=\"\(row.op)\\n\(row.shape)\"];")
      for input in row.inputs { lines.append("  n\(input) -> n\(row.number);") }
    }
    return (lines + ["}"]).joined(separator: "\n")
  }

  /// An op and its inputs, numbered from 1 on.
  package struct Row {
    package let number: Int
    package let op: String
    package let shape: String
    package let inputs: [Int]
  }

  /// The ops that a variable was computed by, oldest first.
  package static func graph(of variable: Variable) -> [Row] {
    var found: [TapeEntry] = []
    TapeEntry.visit(from: [variable.entry]) { entry in
      found.append(entry)
      return true
    }
    found.sort { $0.time < $1.time }
    let numbers = Dictionary(uniqueKeysWithValues: zip(found.map(\.address), 1...))
    return found.map { entry in
      Row(
        number: numbers[entry.address] ?? 0, op: entry.name, shape: entry.shape.description,
        inputs: entry.inputs.compactMap { numbers[$0.address] })
    }
  }
}
