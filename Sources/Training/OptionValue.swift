/// A value that can be given on the command line.
public protocol OptionValue: Sendable {
  /// What a range is compared with: the value itself, or the elements of a list.
  associatedtype Scalar: Comparable & Sendable
  /// The placeholder for the value in the help: `N`.
  static var placeholder: String { get }
  /// What an error says is wanted: `a whole number`.
  static var kind: String { get }
  /// Parses the value, or returns nil if the text is not one.
  init?(optionText: String)
  /// The value as one would type it, or nil when there is none.
  var optionText: String? { get }
  /// The parts that a range applies to.
  var scalars: [Scalar] { get }
}

extension OptionValue where Self: LosslessStringConvertible & Comparable {
  /// Parses the value as Swift writes it.
  public init?(optionText: String) { self.init(optionText) }
  /// The value as Swift writes it.
  public var optionText: String? { description }
  /// The value itself.
  public var scalars: [Self] { [self] }
}

extension Int: OptionValue {
  /// `N`.
  public static var placeholder: String { "N" }
  /// An integer.
  public static var kind: String { "a whole number" }
}

extension UInt64: OptionValue {
  /// `N`.
  public static var placeholder: String { "N" }
  /// A nonnegative integer.
  public static var kind: String { "a whole number from 0" }
}

extension Double: OptionValue {
  /// `X`.
  public static var placeholder: String { "X" }
  /// A number.
  public static var kind: String { "a number" }
  /// Reads a finite number.
  public init?(optionText: String) {
    guard let value = Double(optionText), value.isFinite else { return nil }
    self = value
  }
}

extension String: OptionValue {
  /// `TEXT`.
  public static var placeholder: String { "TEXT" }
  /// Any text.
  public static var kind: String { "a text" }
}

extension Array: OptionValue where Element: OptionValue {
  /// The element's, followed by a sign that there may be more.
  public static var placeholder: String { "\(Element.placeholder),…" }
  /// The element's, and that there may be several.
  public static var kind: String { "\(Element.kind), or several with commas between" }
  /// Reads elements with commas between.
  public init?(optionText: String) {
    let parts = optionText.split(separator: ",", omittingEmptySubsequences: false)
    let values = parts.compactMap { Element(optionText: String($0)) }
    guard values.count == parts.count else { return nil }
    self = values
  }
  /// The elements with commas between.
  public var optionText: String? { compactMap(\.optionText).joined(separator: ",") }
  /// The parts of every element.
  public var scalars: [Element.Scalar] { flatMap(\.scalars) }
}

extension Optional: OptionValue where Wrapped: OptionValue {
  /// The wrapped value's.
  public static var placeholder: String { Wrapped.placeholder }
  /// The wrapped value's.
  public static var kind: String { Wrapped.kind }
  /// Reads a wrapped value.
  public init?(optionText: String) {
    guard let value = Wrapped(optionText: optionText) else { return nil }
    self = value
  }
  /// The wrapped value's, if there is one.
  public var optionText: String? { self?.optionText }
  /// The wrapped value's, if there is one.
  public var scalars: [Wrapped.Scalar] { self?.scalars ?? [] }
}

/// An enumeration is given by the name of its case: declare it an `OptionValue` and it has all it needs.
extension OptionValue where Self: RawRepresentable<String> & CaseIterable {
  /// The names to choose from.
  public static var placeholder: String { allCases.map(\.rawValue).joined(separator: "|") }
  /// The names to choose from.
  public static var kind: String { "one of " + allCases.map(\.rawValue).joined(separator: ", ") }
  /// Creates the case of that name.
  public init?(optionText: String) { self.init(rawValue: optionText) }
  /// The case's name.
  public var optionText: String? { rawValue }
  /// The case's name.
  public var scalars: [String] { [rawValue] }
}
