import Autograd
import Foundation
import Tensors
import Testing

/// A vector of float64.
func numbers(_ values: Double...) -> Tensor { Tensor(values) }

/// A leaf of float64 that requires a gradient: a vector, or without axes for one number.
func leaf(_ values: Double...) -> Variable {
  Variable(values.count == 1 ? Tensor(values, shape: []) : Tensor(values), requiresGrad: true)
}

/// A single float64 that requires no gradient.
func single(_ value: Double) -> Variable { Variable(Tensor([value], shape: [])) }

/// Runs `body` on a new thread with a stack of `stackSize` bytes and waits for its result.
func onThread<Result: Sendable>(
  stackSize: Int, _ body: @escaping @Sendable () -> Result
) async -> Result {
  // The result is passed under a lock, since ThreadSanitizer does not always see that a continuation synchronizes. The
  // thread keeps no reference to it, as it may end later.
  let result = Guarded<Result?>(nil)
  await withCheckedContinuation { continuation in
    let thread = Thread {
      result.withLock { $0 = body() }
      continuation.resume()
    }
    thread.stackSize = stackSize
    thread.start()
  }
  return result.withLock { $0.take()! }
}

/// Runs `body` once on each of `count` threads at the same time and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
  await withTaskGroup(of: Void.self) { group in
    for number in 0..<count {
      group.addTask { await onThread(stackSize: 1 << 20) { body(number) } }
    }
  }
}

/// Checks that a process wrote a message to standard error.
func expectSentence(
  _ result: ExitTest.Result?, _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  #expect(words.contains(sentence), sourceLocation: sourceLocation)
}
