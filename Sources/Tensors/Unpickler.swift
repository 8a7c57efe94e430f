/// Reads the pickles in files that PyTorch saved: numbers, texts, lists, dictionaries and tensors.
///
/// A pickle is a program for a stack machine. Python's runs any function that the program names; this one knows the
/// few that build a tensor, takes the result of all others for something unknown, and runs nothing. Lists and
/// dictionaries are numbers into tables, so that one that holds itself, or a million of them inside one another, is no
/// danger to whoever lets go of them.
///
/// Format: the comments of Python's `pickletools`.
struct Unpickler {
  /// What a pickle builds.
  enum Value {
    case none, unknown
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    /// A class or a function, as `module name`.
    case global(String)
    /// Elements, as a number in `tables.lists`; tuples too.
    case list(Int)
    /// Keys and values, as a number in `tables.dictionaries`.
    case dictionary(Int)
    /// A tensor's memory, as a number in `storages`.
    case storage(Int)
    case tensor(Tensor)
  }

  /// A tensor's memory: a vector of all its elements.
  typealias Storage = Tensor

  /// The lists and dictionaries, by their numbers.
  struct Tables: Sendable {
    var lists: [[Value]] = []
    var dictionaries: [[(key: Value, value: Value)]] = []
  }

  private(set) var tables = Tables()
  /// What the whole pickle is.
  private(set) var result = Value.none

  private var storages: [Storage] = []
  private var stack: [Value] = []
  private var marks: [Int] = []
  private var memo: [Int: Value] = [:]
  private var place = 0
  private let bytes: [UInt8]
  private let error: (_ expected: String, _ found: String) -> FileError
  private let load: (_ type: String, _ key: String, _ count: Int) throws -> Storage?

  /// Reads a pickle. `load` finds a tensor's memory, by its type, such as `FloatStorage`, and the key and count
  /// that the pickle has for it, or gives nil for a type that it cannot read; `error` is what is thrown, at a byte,
  /// for what is expected and found.
  init(
    _ bytes: [UInt8], error: @escaping (_ place: Int, _ expected: String, _ found: String) -> FileError,
    load: @escaping (_ type: String, _ key: String, _ count: Int) throws -> Storage?
  ) throws {
    self.bytes = bytes
    self.load = load
    let start = Place()
    self.error = { error(start.byte, $0, $1) }
    while true {
      start.byte = place
      let code = try byte()
      if code == UInt8(ascii: ".") { break }
      try run(code)
    }
    result = try pop()
  }

  /// Where the instruction under way is, for errors.
  private final class Place { var byte = 0 }
}

// MARK: - Bytes

extension Unpickler {
  private mutating func byte() throws -> UInt8 {
    guard place < bytes.count else { throw error("an instruction", "the end of the pickle") }
    defer { place += 1 }
    return bytes[place]
  }

  private mutating func take(_ count: Int) throws -> [UInt8] {
    guard count >= 0, count <= bytes.count - place else {
      throw error("\(count) bytes of the pickle", "\(bytes.count - place)")
    }
    defer { place += count }
    return Array(bytes[place..<(place + count)])
  }

  /// A little-endian number without a sign that an `Int` holds.
  private mutating func count(_ width: Int) throws -> Int {
    let number = try take(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let result = Int(exactly: number) else { throw error("a length", "\(number)") }
    return result
  }

  private mutating func text(_ count: Int) throws -> Value {
    guard let text = String(validating: try take(count), as: UTF8.self) else {
      throw error("text in UTF-8", "other bytes")
    }
    return .text(text)
  }

  private mutating func line() throws -> String {
    guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) else { throw error("the end of a line", "none") }
    guard case .text(let line) = try text(end - place) else { return "" }
    place = end + 1
    return line
  }

  /// A whole number of `count` little-endian bytes with a sign; one of more than eight bytes is unknown.
  private mutating func integer(_ count: Int) throws -> Value {
    let bytes = try take(count)
    if bytes.count > 8 { return .unknown }
    let isNegative = (bytes.last ?? 0) >= 0x80
    return .integer(bytes.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) })
  }
}

// MARK: - The stack

extension Unpickler {
  private mutating func pop() throws -> Value {
    guard stack.count > (marks.last ?? 0) else { throw error("a value on the stack", "none") }
    return stack.removeLast()
  }

  private mutating func popToMark() throws -> [Value] {
    guard let mark = marks.popLast() else { throw error("a mark on the stack", "none") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func push(list elements: [Value]) {
    stack.append(.list(tables.lists.count))
    tables.lists.append(elements)
  }

  private mutating func pushDictionary() {
    stack.append(.dictionary(tables.dictionaries.count))
    tables.dictionaries.append([])
  }

  private mutating func append(_ elements: [Value]) throws {
    switch stack.last {
    case .list(let number)?: tables.lists[number] += elements
    case .unknown?: break
    default: throw error("a list to append to", "another value")
    }
  }

  private mutating func set(_ pairs: [Value]) throws {
    guard pairs.count % 2 == 0 else { throw error("a value for each key", "a key alone") }
    switch stack.last {
    case .dictionary(let number)?:
      for key in stride(from: 0, to: pairs.count, by: 2) {
        tables.dictionaries[number].append((pairs[key], pairs[key + 1]))
      }
    case .unknown?: break
    default: throw error("a dictionary to set items of", "another value")
    }
  }

  private mutating func remember(_ number: Int) throws {
    guard let value = stack.last else { throw error("a value to remember", "none") }
    memo[number] = value
  }

  private mutating func recall(_ number: Int) throws {
    guard let value = memo[number] else { throw error("a value remembered as \(number)", "none") }
    stack.append(value)
  }
}

// MARK: - Instructions

extension Unpickler {
  /// Runs one instruction, by its name in `pickletools`.
  private mutating func run(_ code: UInt8) throws {
    switch code {
    case 0x80:  // PROTO
      let version = try byte()
      guard version >= 2 && version <= 5 else { throw error("protocol 2 to 5", "\(version)") }
    case 0x95: _ = try take(8)  // FRAME
    case UInt8(ascii: "("): marks.append(stack.count)  // MARK
    case UInt8(ascii: "0"): _ = try pop()  // POP
    case UInt8(ascii: "q"): try remember(count(1))  // BINPUT
    case UInt8(ascii: "r"): try remember(count(4))  // LONG_BINPUT
    case 0x94: try remember(memo.count)  // MEMOIZE
    case UInt8(ascii: "h"): try recall(count(1))  // BINGET
    case UInt8(ascii: "j"): try recall(count(4))  // LONG_BINGET
    case UInt8(ascii: "N"): stack.append(.none)  // NONE
    case 0x88: stack.append(.bool(true))  // NEWTRUE
    case 0x89: stack.append(.bool(false))  // NEWFALSE
    case UInt8(ascii: "K"): stack.append(.integer(try count(1)))  // BININT1
    case UInt8(ascii: "M"): stack.append(.integer(try count(2)))  // BININT2
    case UInt8(ascii: "J"): stack.append(try integer(4))  // BININT
    case 0x8a: stack.append(try integer(count(1)))  // LONG1
    case 0x8b: stack.append(try integer(count(4)))  // LONG4
    case UInt8(ascii: "G"):  // BINFLOAT, big-endian
      stack.append(.number(Double(bitPattern: try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })))
    case 0x8c: stack.append(try text(count(1)))  // SHORT_BINUNICODE
    case UInt8(ascii: "X"): stack.append(try text(count(4)))  // BINUNICODE
    case 0x8d: stack.append(try text(count(8)))  // BINUNICODE8
    case UInt8(ascii: "C"), UInt8(ascii: "U"): try skip(count(1))  // SHORT_BINBYTES, SHORT_BINSTRING
    case UInt8(ascii: "B"), UInt8(ascii: "T"): try skip(count(4))  // BINBYTES, BINSTRING
    case 0x8e, 0x96: try skip(count(8))  // BINBYTES8, BYTEARRAY8
    default: try build(code)
    }
  }

  private mutating func skip(_ count: Int) throws {
    _ = try take(count)
    stack.append(.unknown)
  }

  /// Runs one of the instructions that make values of others.
  private mutating func build(_ code: UInt8) throws {
    switch code {
    case UInt8(ascii: ")"): push(list: [])  // EMPTY_TUPLE
    case 0x85...0x87:  // TUPLE1 to TUPLE3
      let elements = try (0x85...code).map { _ in try pop() }
      push(list: elements.reversed())
    case UInt8(ascii: "t"): push(list: try popToMark())  // TUPLE
    case UInt8(ascii: "]"): push(list: [])  // EMPTY_LIST
    case UInt8(ascii: "a"):  // APPEND
      let element = try pop()
      try append([element])
    case UInt8(ascii: "e"): try append(popToMark())  // APPENDS
    case UInt8(ascii: "}"): pushDictionary()  // EMPTY_DICT
    case UInt8(ascii: "s"):  // SETITEM
      let (value, key) = (try pop(), try pop())
      try set([key, value])
    case UInt8(ascii: "u"): try set(popToMark())  // SETITEMS
    case UInt8(ascii: "c"):  // GLOBAL
      let module = try line()
      stack.append(.global("\(module) \(try line())"))
    case 0x93:  // STACK_GLOBAL
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
        throw error("the names of a class", "other values")
      }
      stack.append(.global("\(module) \(name)"))
    case UInt8(ascii: "Q"): stack.append(try storage(of: pop()))  // BINPERSID
    case UInt8(ascii: "b"): _ = try pop()  // BUILD: attributes, such as a dictionary's `_metadata`
    case 0x81, UInt8(ascii: "R"):  // NEWOBJ, REDUCE
      let arguments = try pop()
      try call(pop(), with: arguments)
    default: try buildObject(code)
    }
  }

  /// Runs one of the instructions that make nothing that is needed here.
  private mutating func buildObject(_ code: UInt8) throws {
    switch code {
    case 0x8f: stack.append(.unknown)  // EMPTY_SET
    case 0x90, UInt8(ascii: "1"): _ = try popToMark()  // ADDITEMS, POP_MARK
    case 0x91:  // FROZENSET
      _ = try popToMark()
      stack.append(.unknown)
    case 0x92:  // NEWOBJ_EX: a class, arguments and named arguments
      for _ in 0..<3 { _ = try pop() }
      stack.append(.unknown)
    default: throw error("an instruction that PyTorch's files have", "\(code)")
    }
  }

  /// Puts the result of a function on the stack.
  private mutating func call(_ function: Value, with arguments: Value) throws {
    guard case .global(let name) = function, case .list(let number) = arguments else {
      return stack.append(.unknown)
    }
    let arguments = tables.lists[number]
    switch (name, arguments.first) {
    case ("collections OrderedDict", nil), ("collections defaultdict", _): pushDictionary()
    case ("torch Size", .list(let sizes)?): stack.append(.list(sizes))
    case ("torch._utils _rebuild_parameter", .tensor(let tensor)?): stack.append(.tensor(tensor))
    case ("torch._utils _rebuild_tensor_v2", .storage(let storage)?):
      stack.append(.tensor(try tensor(in: storages[storage], arguments)))
    default: stack.append(.unknown)
    }
  }
}

// MARK: - Tensors

extension Unpickler {
  /// The memory that a pickle names: ("storage", a class of storages, its key, the device, the number of elements).
  private mutating func storage(of name: Value) throws -> Value {
    guard case .list(let number) = name, case let parts = tables.lists[number], parts.count == 5,
      case .global(let type) = parts[1], case .text(let key) = parts[2], case .integer(let count) = parts[4]
    else { throw error("a tensor's memory", "another object") }
    guard let storage = try load(String(type.drop { $0 != " " }.dropFirst()), key, count) else { return .unknown }
    storages.append(storage)
    return .storage(storages.count - 1)
  }

  /// The part of a memory that a tensor is: (memory, offset, sizes, strides, …).
  private func tensor(in storage: Storage, _ arguments: [Value]) throws -> Tensor {
    guard arguments.count >= 4, case .integer(let offset) = arguments[1], let sizes = integers(arguments[2]),
      let strides = integers(arguments[3]), sizes.count == strides.count, sizes.count <= 8,
      offset >= 0, (sizes + strides).allSatisfy({ $0 >= 0 }), FileElement(storage.dtype).byteCount(of: sizes) != nil
    else { throw error("a tensor's offset, sizes and strides", "other values") }
    // Where its last element is.
    var end = offset
    for (size, stride) in zip(sizes, strides) where size > 1 { end = end.plus((size - 1).times(stride)) }
    guard sizes.contains(0) || end < storage.elementCount else {
      throw error(
        "a tensor within \(storage.elementCount) elements", "sizes \(sizes) with strides \(strides) from \(offset)")
    }
    if sizes.contains(0) { return .zeros(Shape(sizes), dtype: storage.dtype) }
    return storage.view(shape: Shape(sizes), strides: AxisValues(strides), offset: offset)
  }

  private func integers(_ value: Value) -> [Int]? {
    guard case .list(let number) = value else { return nil }
    let integers = tables.lists[number].compactMap { if case .integer(let number) = $0 { number } else { nil } }
    return integers.count == tables.lists[number].count ? integers : nil
  }
}
