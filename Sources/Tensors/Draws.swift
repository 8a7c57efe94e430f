import Synchronization

/// Which random numbers a computation drew, so that it can be repeated with the same ones.
///
/// Stores positions in streams, not numbers. A repetition gets the same positions and advances no generator, whatever
/// has been drawn in between, and from whichever generator.
package final class Draws: @unchecked Sendable {
  // Used only by the thread that runs the computation.
  private var places: [(blocks: Int, start: RandomGenerator.State)] = []
  /// The next position of a repetition; `nil` in the first run.
  private var next: Int?
  /// Those of the enclosing computation.
  private let outer: Draws?

  @TaskLocal private static var current: Draws?
  /// The number of computations under way in all threads: the task-local value is looked up only if there are any.
  private static let watched = Atomic<Int>(0)

  private init(outer: Draws?) { self.outer = outer }

  /// Runs a computation and records what it draws.
  package static func noted<Result>(_ body: () throws -> Result) rethrows -> (result: Result, draws: Draws) {
    let draws = Draws(outer: current)
    return (try draws.watching(body), draws)
  }

  /// Runs the computation again with the numbers of the first time. Stops if it draws others.
  package func repeated<Result>(_ body: () throws -> Result) rethrows -> Result {
    next = 0
    defer { next = nil }
    return try watching(body)
  }

  private func watching<Result>(_ body: () throws -> Result) rethrows -> Result {
    Draws.watched.wrappingAdd(1, ordering: .relaxed)
    defer { Draws.watched.wrappingSubtract(1, ordering: .relaxed) }
    return try Draws.$current.withValue(self, operation: body)
  }

  /// Where a draw starts: where `advance` says or, in a repetition, where it started the first time.
  static func start(of blocks: Int, _ advance: () -> RandomGenerator.State) -> RandomGenerator.State {
    guard watched.load(ordering: .relaxed) != 0, let current else { return advance() }
    return current.start(of: blocks, advance)
  }

  private func start(of blocks: Int, _ advance: () -> RandomGenerator.State) -> RandomGenerator.State {
    if let place = next {
      require(
        place < places.count && places[place].blocks == blocks,
        "checkpoint: the closure drew other random numbers when it was run again; it must do the same each time")
      next = place + 1
      return places[place].start
    }
    let start = outer?.start(of: blocks, advance) ?? advance()
    places.append((blocks, start))
    return start
  }
}
