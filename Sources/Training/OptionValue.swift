/// A value that can be given on the command line.
public protocol OptionValue: Sendable {
  /// What a range is compared with: the value itself, or the elements of a list.
  associatedtype Scalar: Comparable & Sendable
  /// What stands for the value in the help: `N`.
  static var placeholder: String { get }
  /// What an error says it wants: `a whole number`.
  static var kind: String { get }
  /// Reads the value, or returns nil when the text is none.
  init?(optionText: String)
  /// The value as one would type it, or nil when there is none.
  var optionText: String? { get }
  /// The parts that a range applies to.
  var scalars: [Scalar] { get }
}

extension Int: OptionValue {
  public static var placeholder: String { "N" }
  public static var kind: String { "a whole number" }
  public init?(optionText: String) { self.init(optionText) }
  public var optionText: String? { String(self) }
  public var scalars: [Int] { [self] }
}

extension UInt64: OptionValue {
  public static var placeholder: String { "N" }
  public static var kind: String { "a whole number from 0" }
  public init?(optionText: String) { self.init(optionText) }
  public var optionText: String? { String(self) }
  public var scalars: [UInt64] { [self] }
}

extension Double: OptionValue {
  public static var placeholder: String { "X" }
  public static var kind: String { "a number" }
  public init?(optionText: String) {
    guard let value = Double(optionText), value.isFinite else { return nil }
    self = value
  }
  public var optionText: String? { magnitude < 1e15 && rounded() == self ? String(Int(self)) : String(self) }
  public var scalars: [Double] { [self] }
}

extension String: OptionValue {
  public static var placeholder: String { "TEXT" }
  public static var kind: String { "a text" }
  public init?(optionText: String) { self = optionText }
  public var optionText: String? { self }
  public var scalars: [String] { [self] }
}

extension Array: OptionValue where Element: OptionValue {
  public static var placeholder: String { "\(Element.placeholder),…" }
  public static var kind: String { "\(Element.kind), or several with commas between" }
  public init?(optionText: String) {
    let parts = optionText.split(separator: ",", omittingEmptySubsequences: false)
    let values = parts.compactMap { Element(optionText: String($0)) }
    guard values.count == parts.count else { return nil }
    self = values
  }
  public var optionText: String? { compactMap(\.optionText).joined(separator: ",") }
  public var scalars: [Element.Scalar] { flatMap(\.scalars) }
}

extension Optional: OptionValue where Wrapped: OptionValue {
  public static var placeholder: String { Wrapped.placeholder }
  public static var kind: String { Wrapped.kind }
  public init?(optionText: String) {
    guard let value = Wrapped(optionText: optionText) else { return nil }
    self = value
  }
  public var optionText: String? { self?.optionText }
  public var scalars: [Wrapped.Scalar] { self?.scalars ?? [] }
}

extension OptionValue where Self: RawRepresentable<String> & CaseIterable {
  /// An enumeration is typed by the name of its case: declare it `OptionValue` and it has all it needs.
  public static var placeholder: String { allCases.map(\.rawValue).joined(separator: "|") }
  /// The names to choose from.
  public static var kind: String { "one of " + allCases.map(\.rawValue).joined(separator: ", ") }
  /// The case of that name.
  public init?(optionText: String) { self.init(rawValue: optionText) }
  /// The case's name.
  public var optionText: String? { rawValue }
  /// The case's name.
  public var scalars: [String] { [rawValue] }
}
