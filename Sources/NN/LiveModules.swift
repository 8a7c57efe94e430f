/// Every module that is alive, so that the message of a stop can say where in which model it occurred.
///
/// A module does not know who holds it, and must not: it may have several holders, and its properties change freely. So
/// the path is looked up only when the program has come to its end anyway; a call just notes which module is executing.
enum LiveModules {
  private struct Weak { weak var module: Module? }

  private static let all = Guarded<[ObjectIdentifier: Weak]>([:])

  static func insert(_ module: Module) {
    all.withLock { $0[ObjectIdentifier(module)] = Weak(module: module) }
  }

  static func remove(_ module: Module) {
    all.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(module)) }
  }

  /// Holds the address of the module whose call this thread is executing.
  static let slot: ThreadLocalSlot = {
    layerAtWork.withLock { $0 = { nameOfModuleAtWork() } }
    return .make { _ in }
  }()

  private static func nameOfModuleAtWork() -> String? {
    guard let address = slot.address else { return nil }
    slot.address = nil
    return name(of: Unmanaged<Module>.fromOpaque(address).takeUnretainedValue())
  }

  /// `encoder.0 (Linear 4 -> 2)`, or `Linear 4 -> 2` for one that no other module holds.
  static func name(of module: Module) -> String {
    let names = Set(names(of: module)).subtracting([""]).sorted()
    return names.isEmpty ? module.summary : "\(names.joined(separator: " or ")) (\(module.summary))"
  }

  /// The paths of this module in the outermost modules that hold it.
  private static func names(of module: Module) -> [String] {
    let candidates = all.withLock { $0.values.compactMap(\.module) }
    var held: Set<ObjectIdentifier> = []
    var holders: [(module: Module, name: String)] = []
    for candidate in candidates {
      let parts = candidate.modules
      held.formUnion(parts.dropFirst().map { ObjectIdentifier($0.element) })
      if let part = parts.first(where: { $0.element === module }) { holders.append((candidate, part.name)) }
    }
    return holders.filter { !held.contains(ObjectIdentifier($0.module)) }.map(\.name)
  }
}
