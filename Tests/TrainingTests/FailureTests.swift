import Datasets
import Foundation
import NN
import Optim
import Testing
import Training

#if canImport(Glibc)
  import Glibc
#endif

private func makeTrainer() -> Trainer {
  let net = Sequential(Linear(1, 1, generator: RandomGenerator(seed: 3)))
  return Trainer(net, loss: MSELoss(), optimizer: SGD(net.parameters, learningRate: 0.1), terminal: nil)
}

private func checkpoint(_ trainer: Trainer, _ path: String) -> Checkpoint {
  Checkpoint(path, model: trainer.model, optimizer: trainer.optimizer)
}

private func fit(_ trainer: Trainer, epochs: Int, _ callbacks: Callback...) throws {
  try trainer.fit(DataLoader(line, batchSize: 8, seed: 1), epochs: epochs, validation: line, callbacks: callbacks)
}

/// Training runs whose output cannot be written, for want of a folder or of space.
@Suite struct FailureTests {
  /// Nobody can create a folder inside a regular file, whatever their permissions.
  @Test func anUnwritableFolderIsASentence() throws {
    try withFolder { folder in
      let file = folder.appending(path: "file")
      try Data().write(to: file)
      let url = file.appending(path: "out")
      let writers: [() throws -> Void] = [
        { try fit(makeTrainer(), epochs: 1, CSVLog(url)) },
        { try fit(makeTrainer(), epochs: 1, BestModel(url.path)) },
        { try fit(makeTrainer(), epochs: 1, PlotCallback(url)) },
        {
          let trainer = makeTrainer()
          try fit(trainer, epochs: 1, Checkpointing(checkpoint(trainer, url.path)))
        },
        { try Chart(title: "t").write(to: url) },
        { try ImageGrid(title: "t").write(to: url) },
      ]
      for write in writers {
        #expect(throws: FileError(file: url.path, expected: "a file that can be written", found: "Not a directory")) {
          try write()
        }
      }
      #expect(
        throws: FileError(file: url.path, expected: "a folder for events", found: "none, and none can be made there")
      ) { _ = try TensorBoard(folder: url) }
    }
  }

  #if os(Linux)
    /// A device that is always full, and that must still exist afterwards.
    @Test func aFullDeviceIsASentence() throws {
      let full = URL(fileURLWithPath: "/dev/full")
      for write in [
        { try Chart(title: "t").write(to: full) }, { try fit(makeTrainer(), epochs: 1, CSVLog(full)) },
        { try makeTrainer().model.save(toFile: full.path) },
      ] {
        #expect {
          try write()
        } throws: { error in
          "\(error)".hasPrefix("/dev/full: expected room for ")
            && "\(error)".hasSuffix(" more bytes, found No space left on device")
        }
      }
      var status = stat()
      #expect(stat("/dev/full", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }
  #endif

  /// Trains in a separate process that may write at most `limit` bytes to a file, which acts like a full disk. Returns
  /// the message of the error that ended it. `kind` says what the training writes.
  private func endOfTraining(_ kind: String, in folder: URL, limit: UInt) async -> String {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      [kind = kind as String, path = folder.path as String, limit = limit as UInt] in
      let folder = URL(fileURLWithPath: path)
      let trainer = makeTrainer()
      let saves = checkpoint(trainer, path + "/run.safetensors")
      let board = try TensorBoard(folder: folder.appending(path: "board"))
      try fit(trainer, epochs: 1, Checkpointing(saves))
      signal(SIGXFSZ, SIG_IGN)
      var bounds = rlimit()
      getrlimit(fileSizeLimit, &bounds)
      let unbounded = bounds
      bounds.rlim_cur = rlim_t(limit)
      setrlimit(fileSizeLimit, &bounds)
      let callback =
        switch kind {
        case "log": CSVLog(folder.appending(path: "log.csv"))
        case "board": TensorBoardLog(board, interval: 1, histograms: false)
        default: Checkpointing(saves)
        }
      var sentence = "none"
      do { try fit(trainer, epochs: 1_000, callback) } catch { sentence = "\(error)" }
      bounds = unbounded
      setrlimit(fileSizeLimit, &bounds)
      FileHandle.standardError.write(Data(sentence.utf8))
    }
    return String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test func aFullDiskLeavesTheLinesOfALog() async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "log.csv").path
      let sentence = await endOfTraining("log", in: folder, limit: 2_000)
      #expect(sentence.hasPrefix("\(path): expected room for ") && sentence.hasSuffix(", found File too large"))
      let table = try CSVTable(contentsOf: URL(fileURLWithPath: path))
      #expect(table.rowCount > 10)
      let epochs = try table.numbers(of: "epoch")
      #expect(epochs == (1...table.rowCount).map(Double.init))
    }
  }

  @Test func aFullDiskLeavesTheEventsOfABoard() async throws {
    try await withFolder { folder in
      let sentence = await endOfTraining("board", in: folder, limit: 2_000)
      #expect(sentence.contains("/board/events.out.tfevents.") && sentence.hasSuffix(", found File too large"))
      let board = folder.appending(path: "board")
      let names = try FileManager.default.contentsOfDirectory(atPath: board.path)
      let events = try records(of: [UInt8](Data(contentsOf: board.appending(path: names[0]))))
      #expect(events.count > 10)
    }
  }

  @Test func aFullDiskLeavesTheOldCheckpoint() async throws {
    try await withFolder { folder in
      let sentence = await endOfTraining("checkpoint", in: folder, limit: 500)
      let path = folder.appending(path: "run.safetensors").path
      #expect(sentence.hasPrefix("\(path): expected room for ") && sentence.hasSuffix(", found File too large"))
      let trainer = makeTrainer()
      try trainer.resume(checkpoint(trainer, path))
      #expect(trainer.position == .init(epoch: 1) && trainer.history.epochs.count == 1)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.sorted() == ["board", "run.safetensors"])
    }
  }
}

#if canImport(Glibc)
  private let fileSizeLimit = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
#else
  private let fileSizeLimit = RLIMIT_FSIZE
#endif
