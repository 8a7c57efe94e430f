/// Finds modules and leaf variables in the stored properties of a model, of its superclasses, and of what these hold.
struct ReflectionWalk {
  private(set) var modules: [Named<Module>] = []
  private(set) var variables: [Named<Variable>] = []
  /// Other names of parts that were found before, each with the first name.
  private(set) var aliases: [(alias: String, name: String)] = []
  private var names: [ObjectIdentifier: String] = [:]

  /// Searches a model, `depth` levels of modules down.
  init(of model: some Model, depth: Int) {
    if let module = model as? Module {
      visit(module, name: "", depth: depth)
    } else {
      visitParts(of: Mirror(reflecting: model), name: "", depth: depth - 1)
    }
  }

  /// Records a module and, `depth` levels down, its parts.
  private mutating func visit(_ module: Module, name: String, depth: Int) {
    guard isNew(module, name) else { return }
    modules.append(Named(name: name, element: module))
    if depth == 0 { return }
    visitProperties(of: Mirror(reflecting: module), module, name: name, depth: depth - 1)
  }

  /// Searches what a class and, before it, its superclasses declare.
  private mutating func visitProperties(of mirror: Mirror, _ module: Module, name: String, depth: Int) {
    // `Module` itself has no parts.
    if mirror.subjectType == Module.self { return }
    if let superclass = mirror.superclassMirror {
      visitProperties(of: superclass, module, name: name, depth: depth)
    }
    for child in mirror.children where !Self.isPlain(child.value) {
      let label = Self.property(child.label).flatMap(module.pathName)
      visit(child.value, name: Self.path(name, label), depth: depth)
    }
  }

  /// Records the name of a part; whether it is the first.
  private mutating func isNew(_ part: AnyObject, _ name: String) -> Bool {
    if let first = names[ObjectIdentifier(part)] {
      aliases.append((name, first))
      return false
    }
    names[ObjectIdentifier(part)] = name
    return true
  }

  private mutating func visit(_ value: Any, name: String, depth: Int) {
    if let module = value as? Module {
      visit(module, name: name, depth: depth)
    } else if let variable = value as? Variable {
      if variable.isLeaf, isNew(variable, name) {
        variables.append(Named(name: name, element: variable))
      }
    } else {
      visitParts(of: Mirror(reflecting: value), name: name, depth: depth)
    }
  }

  private mutating func visitParts(of mirror: Mirror, name: String, depth: Int) {
    switch mirror.displayStyle {
    case .collection, .tuple:
      for (position, child) in mirror.children.enumerated() {
        visit(child.value, name: Self.path(name, "\(position)"), depth: depth)
      }
    case .dictionary:
      // A dictionary has no order of its own, so its keys are sorted.
      let pairs = mirror.children.map { Array(Mirror(reflecting: $0.value).children) }
      for pair in pairs.sorted(by: { "\($0[0].value)" < "\($1[0].value)" }) {
        visit(pair[1].value, name: Self.path(name, "\(pair[0].value)"), depth: depth)
      }
    case .optional, .enum:
      for child in mirror.children { visit(child.value, name: name, depth: depth) }
    case .struct:
      for child in mirror.children where !Self.isPlain(child.value) {
        visit(child.value, name: Self.path(name, Self.property(child.label)?.snakeCased), depth: depth)
      }
    default:
      break
    }
  }

  /// Whether a value is of a type without parts, so that no mirror has to be created for it.
  private static func isPlain(_ value: Any) -> Bool { plainTypes.contains(ObjectIdentifier(type(of: value))) }

  /// Numbers, strings, arrays of them and types that describe layers: most properties of a
  /// model, and a million elements.
  private static let plainTypes: Set<ObjectIdentifier> = Set(
    [
      Bool.self, Int.self, Int32.self, UInt8.self, Float.self, Double.self, String.self, [Bool].self, [Int].self,
      [Int32].self, [UInt8].self, [Float].self, [Double].self, [String].self, Bool?.self, Int?.self, Double?.self,
      String?.self, DType.self, Shape.self, Tensor.self, Pair.self, Triple.self, Padding.self, AxisPadding.self,
      RandomGenerator.self, ((Variable) -> Variable).self,
    ].map { ObjectIdentifier($0) })

  /// A property wrapper's storage `_x` is named `x`, and so is what it wraps; lazy storage keeps the property's name.
  private static func property(_ label: String?) -> String? {
    guard var label, label != "wrappedValue" else { return nil }
    for mark in ["$__lazy_storage_$_", "_"] where label.hasPrefix(mark) { label.removeFirst(mark.count) }
    return label
  }

  private static func path(_ prefix: String, _ label: String?) -> String {
    guard let label else { return prefix }
    return prefix.isEmpty ? label : prefix + "." + label
  }
}

extension String {
  /// `runningMean` as `running_mean`; consecutive capitals, as in `conv2D` and `weightRGB`, stay together.
  var snakeCased: String {
    let (upper, lower) = (UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"))
    let letters = Array(utf8)
    if !letters.contains(where: upper.contains) { return self }
    var result: [UInt8] = []
    for (index, letter) in letters.enumerated() {
      guard upper.contains(letter) else {
        result.append(letter)
        continue
      }
      let isAfterLower = index > 0 && lower.contains(letters[index - 1])
      let isBeforeLower = index > 0 && index + 1 < letters.count && lower.contains(letters[index + 1])
      if isAfterLower || isBeforeLower { result.append(UInt8(ascii: "_")) }
      result.append(letter | 0x20)
    }
    return String(decoding: result, as: UTF8.self)
  }
}
