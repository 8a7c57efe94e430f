import Synchronization

/// Runs `body` without recording: what it computes requires no gradient and saves nothing.
///
/// For evaluation, and for changing parameters by hand. Scopes nest, and affect only this thread.
///
/// ```swift
/// let accuracy = withoutGradient { measure(net) }
/// ```
public func withoutGradient<Result>(_ body: () throws -> Result) rethrows -> Result {
  let state = ThreadState.current
  state.pointee.pauses += 1
  defer { state.pointee.pauses -= 1 }
  return try body()
}

/// Runs an asynchronous `body` without recording, in its task and the child tasks it starts.
public func withoutGradient<Result>(
  isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async rethrows -> Result {
  TaskPause.scopes.wrappingAdd(1, ordering: .relaxed)
  defer { TaskPause.scopes.wrappingSubtract(1, ordering: .relaxed) }
  return try await TaskPause.$isPaused.withValue(true) { try await body() }
}

/// Asynchronous scopes. A task-local look-up costs more than an op, so it is made only while any scope is open.
private enum TaskPause {
  @TaskLocal static var isPaused = false
  static let scopes = Atomic<Int>(0)

  static var mayBePaused: Bool { scopes.load(ordering: .relaxed) != 0 && isPaused }
}

extension ThreadState.Pointer {
  /// Whether ops are recorded on the tape.
  @inline(__always)
  var isRecording: Bool { pointee.pauses == 0 && !TaskPause.mayBePaused }

  /// Runs `body` with recording on or off, whatever it was before.
  func recording<Result>(_ isOn: Bool, _ body: () throws -> Result) rethrows -> Result {
    let before = pointee.pauses
    pointee.pauses = isOn ? 0 : before + 1
    defer { pointee.pauses = before }
    return isOn && TaskPause.mayBePaused
      ? try TaskPause.$isPaused.withValue(false, operation: body) : try body()
  }
}
