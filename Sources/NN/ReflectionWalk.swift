/// Finds modules and leaf variables in the stored properties of a model, of its superclasses, and of what these hold.
struct ReflectionWalk {
  private(set) var modules: [Named<Module>] = []
  private(set) var variables: [Named<Variable>] = []
  private var seen: Set<ObjectIdentifier> = []

  /// Looks into a model, `depth` levels of modules down.
  init(of model: some Model, depth: Int) {
    if let module = model as? Module {
      visit(module, name: "", depth: depth)
    } else {
      visitParts(of: Mirror(reflecting: model), name: "", depth: depth - 1)
    }
  }

  /// Notes a module and, `depth` levels down, what it holds.
  private mutating func visit(_ module: Module, name: String, depth: Int) {
    guard seen.insert(ObjectIdentifier(module)).inserted else { return }
    modules.append(Named(name: name, element: module))
    if depth == 0 { return }
    var levels: [Mirror] = []
    var level: Mirror? = Mirror(reflecting: module)
    while let mirror = level {
      levels.append(mirror)
      level = mirror.superclassMirror
    }
    for child in levels.reversed().flatMap(\.children) {
      let label = Self.property(child.label).flatMap(module.pathName)
      visit(child.value, name: Self.path(name, label), depth: depth - 1)
    }
  }

  private mutating func visit(_ value: Any, name: String, depth: Int) {
    if let module = value as? Module {
      visit(module, name: name, depth: depth)
    } else if let variable = value as? Variable {
      if variable.isLeaf, seen.insert(ObjectIdentifier(variable)).inserted {
        variables.append(Named(name: name, element: variable))
      }
    } else {
      visitParts(of: Mirror(reflecting: value), name: name, depth: depth)
    }
  }

  private mutating func visitParts(of mirror: Mirror, name: String, depth: Int) {
    switch mirror.displayStyle {
    case .collection, .tuple:
      if Self.plainArrays.contains(ObjectIdentifier(mirror.subjectType)) { return }
      for (position, child) in mirror.children.enumerated() {
        visit(child.value, name: Self.path(name, "\(position)"), depth: depth)
      }
    case .dictionary:
      // A dictionary has no order of its own, so its keys give one.
      let pairs = mirror.children.map { Array(Mirror(reflecting: $0.value).children) }
      for pair in pairs.sorted(by: { "\($0[0].value)" < "\($1[0].value)" }) {
        visit(pair[1].value, name: Self.path(name, "\(pair[0].value)"), depth: depth)
      }
    case .optional:
      for child in mirror.children { visit(child.value, name: name, depth: depth) }
    case .struct:
      for child in mirror.children {
        visit(child.value, name: Self.path(name, Self.property(child.label)?.snakeCased), depth: depth)
      }
    default:
      break
    }
  }

  /// Arrays that hold nothing but numbers or words: a million of them need no look each.
  private static let plainArrays: Set<ObjectIdentifier> = [
    ObjectIdentifier([Double].self), ObjectIdentifier([Float].self), ObjectIdentifier([Int].self),
    ObjectIdentifier([Int32].self), ObjectIdentifier([UInt8].self), ObjectIdentifier([Bool].self),
    ObjectIdentifier([String].self),
  ]

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
  /// `runningMean` as `running_mean`; letters that stand together, as in `conv2D` and `weightRGB`, stay so.
  var snakeCased: String {
    let letters = Array(self)
    return letters.indices.map { place in
      let letter = letters[place]
      guard letter.isUppercase else { return String(letter) }
      let isAfterLower = place > 0 && letters[place - 1].isLowercase
      let isBeforeLower = place > 0 && place + 1 < letters.count && letters[place + 1].isLowercase
      return (isAfterLower || isBeforeLower ? "_" : "") + letter.lowercased()
    }.joined()
  }
}
