// Einstein's sums: axes named by letters, products summed over the letters that the result does not have.

extension Variable {
  /// Sum of products of operands whose axes an equation names: `einsum("bij,bjk->bik", a, b)`.
  ///
  /// A letter in several positions stands for the same index; one that is missing right of `->` is summed over. A
  /// letter twice in one operand takes its diagonal, `...` stands for axes that broadcast. Without `->` the result has
  /// the letters that occur once, in alphabetical order, after the axes of `...`. Operands are taken from the left, two
  /// at a time, as batched matrix products. Stops for an equation that does not fit the operands. PyTorch's `einsum`.
  public static func einsum(_ equation: String, _ operands: Variable...) -> Variable { einsum(equation, operands) }

  /// The same with the operands in an array.
  public static func einsum(_ equation: String, _ operands: [Variable]) -> Variable {
    let sum = EinsumEquation(equation, operands)
    for other in operands where other.dtype != operands[0].dtype {
      stopForTypes("einsum", operands[0].tensor, other.tensor)
    }
    var terms = zip(operands, sum.inputs).map { sum.term($0, $1) }
    var result = terms.removeFirst()
    while !terms.isEmpty {
      let next = terms.removeFirst()
      let later = terms.reduce(into: Set(sum.output)) { $0.formUnion($1.labels) }
      result = result.times(next, keeping: later)
    }
    return result.ordered(sum.output)
  }
}

/// What an equation says: the labels of each operand's axes and of the result's. Letters are their code, the axes of
/// the ellipsis are negative, −1 the last.
private struct EinsumEquation {
  private(set) var inputs: [[Int]] = []
  private(set) var output: [Int] = []
  private let equation: String

  init(_ equation: String, _ operands: [Variable]) {
    self.equation = equation
    let text = String(equation.filter { $0 != " " })
    let sides = Self.split(text, at: "->")
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    require(sides.count <= 2, "\(Self.head(equation)) has more than one arrow")
    require(
      terms.count == operands.count,
      "\(Self.head(equation)) names \(terms.count) operands, got \(operands.count)")
    for (number, (term, operand)) in zip(terms, operands).enumerated() {
      inputs.append(labels(of: term, rank: operand.rank, "operand \(number) of shape \(operand.shape)"))
    }
    let widest = inputs.joined().filter { $0 < 0 }.min() ?? 0
    let ellipsis = Array(widest..<0)
    if sides.count == 2 {
      output = labels(of: sides[1], rank: nil, "the result", ellipsis: ellipsis)
    } else {
      let letters = inputs.joined().filter { $0 > 0 }
      output = ellipsis + Set(letters).filter { letter in letters.count { $0 == letter } == 1 }.sorted()
    }
    let known = Set(inputs.joined())
    for label in output {
      require(known.contains(label), "\(Self.head(equation)): '\(Self.name(label))' of the result is in no operand")
      require(
        output.count { $0 == label } == 1, "\(Self.head(equation)): '\(Self.name(label))' is twice in the result")
    }
    checkSizes(operands)
    // Equations that only rearrange or multiply elements work on integers too.
    require(
      operands[0].dtype.isFloatingPoint || known.isSubset(of: output),
      "\(Self.head(equation)): sums want float32 or float64, got \(operands[0].dtype); convert with cast(to: .float32)")
  }

  /// An operand with one axis for each of its labels.
  func term(_ x: Variable, _ labels: [Int]) -> EinsumTerm {
    var term = EinsumTerm(value: x, labels: labels)
    while let (first, second) = term.repeatedLabel() {
      term.value = term.value.diagonal(axis1: first, axis2: second)
      let label = term.labels.remove(at: second)
      term.labels.remove(at: first)
      term.labels.append(label)
    }
    return term
  }

  private func labels(of term: String, rank: Int?, _ what: String, ellipsis: [Int]? = nil) -> [Int] {
    let parts = Self.split(term, at: "...")
    require(parts.count <= 2, "\(Self.head(equation)): \(what) has more than one ellipsis")
    let letters = parts.map { part in
      part.map { letter in
        require(
          letter.isASCII && letter.isLetter,
          "\(Self.head(equation)): '\(letter)' is no letter; \(what) is named '\(term)'")
        return Int(letter.asciiValue ?? 0)
      }
    }
    guard parts.count == 2 else {
      if let rank {
        require(
          letters[0].count == rank,
          "\(Self.head(equation)): '\(term)' names \(letters[0].count) axes, \(what) has \(rank)")
      }
      return letters[0]
    }
    if let ellipsis { return letters[0] + ellipsis + letters[1] }
    let rest = (rank ?? 0) - letters[0].count - letters[1].count
    require(
      rest >= 0,
      "\(Self.head(equation)): '\(term)' names \(letters[0].count + letters[1].count) axes, \(what) has \(rank ?? 0)")
    return letters[0] + Array(-rest..<0) + letters[1]
  }

  /// Stops unless all axes of a label have one size or size 1.
  private func checkSizes(_ operands: [Variable]) {
    var sizes: [Int: Int] = [:]
    for (operand, labels) in zip(operands, inputs) {
      for (axis, label) in labels.enumerated() where operand.shape[axis] != 1 {
        let size = operand.shape[axis]
        if let known = sizes[label] {
          require(
            known == size,
            "\(Self.head(equation)): '\(Self.name(label))' has size \(known) in one place and \(size) in another")
        }
        sizes[label] = size
      }
    }
  }

  private static func head(_ equation: String) -> String { "einsum \"\(equation)\"" }

  private static func name(_ label: Int) -> String {
    label > 0 ? String(UnicodeScalar(UInt8(label))) : "..."
  }

  private static func split(_ text: String, at separator: String) -> [String] {
    var (parts, rest) = ([String](), Substring(text))
    while let match = rest.firstRange(of: separator) {
      parts.append(String(rest[..<match.lowerBound]))
      rest = rest[match.upperBound...]
    }
    return parts + [String(rest)]
  }
}

/// A value whose axes have labels, all different.
private struct EinsumTerm {
  var value: Variable
  var labels: [Int]

  func repeatedLabel() -> (Int, Int)? {
    for (first, label) in labels.enumerated() {
      if let second = labels[(first + 1)...].firstIndex(of: label) { return (first, second) }
    }
    return nil
  }

  /// The product with another term, summed over the labels that are not kept.
  func times(_ other: EinsumTerm, keeping kept: Set<Int>) -> EinsumTerm {
    var (x, y) = (self, other)
    // An axis of size 1 that broadcasts against a longer one is dropped.
    x.dropBroadcastAxes(besides: y)
    y.dropBroadcastAxes(besides: x)
    x.sumOut { !y.labels.contains($0) && !kept.contains($0) }
    y.sumOut { !x.labels.contains($0) && !kept.contains($0) }
    let shared = x.labels.filter(y.labels.contains)
    let (batch, summed) = (shared.filter(kept.contains), shared.filter { !kept.contains($0) })
    let (left, right) = (x.labels.filter { !shared.contains($0) }, y.labels.filter { !shared.contains($0) })
    let sizes = x.sizes(batch) + x.sizes(left) + y.sizes(right)
    let product: Variable
    if summed.isEmpty {
      product = x.grouped([batch, left, []]) * y.grouped([batch, [], right])
    } else {
      product = x.grouped([batch, left, summed]).matmul(y.grouped([batch, summed, right]))
    }
    return EinsumTerm(value: product.reshape(Shape(sizes)), labels: batch + left + right)
  }

  /// The value with these labels, in this order.
  func ordered(_ output: [Int]) -> Variable {
    var result = self
    result.sumOut { !output.contains($0) }
    return result.value.permute(output.map { result.axis(of: $0) })
  }

  private func axis(of label: Int) -> Int { labels.firstIndex(of: label) ?? 0 }
  private func sizes(_ labels: [Int]) -> [Int] { labels.map { value.shape[axis(of: $0)] } }

  /// One axis for each group of labels.
  private func grouped(_ groups: [[Int]]) -> Variable {
    value.permute(groups.joined().map(axis)).reshape(Shape(groups.map { sizes($0).product }))
  }

  private mutating func dropBroadcastAxes(besides other: EinsumTerm) {
    let dropped = labels.indices.filter { axis in
      value.shape[axis] == 1 && other.labels.contains(labels[axis]) && other.sizes([labels[axis]]) != [1]
    }
    if dropped.isEmpty { return }
    value = value.squeeze(axes: dropped)
    labels = labels.indices.filter { !dropped.contains($0) }.map { labels[$0] }
  }

  private mutating func sumOut(_ isOut: (Int) -> Bool) {
    let axes = labels.indices.filter { isOut(labels[$0]) }
    if axes.isEmpty { return }
    value = value.sum(axes: axes)
    labels = labels.filter { !isOut($0) }
  }
}
