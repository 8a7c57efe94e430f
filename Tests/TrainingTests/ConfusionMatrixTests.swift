import Testing

import Training

@Suite struct ConfusionMatrixTests {
  @Test func countsAndAccuracy() {
    let matrix = ConfusionMatrix(
      labels: [0, 0, 1, 2, 2, 2], predictions: [0, 1, 1, 2, 0, 2], classNames: ["cat", "dog", "elephant"])
    #expect(matrix.count == 6)
    #expect(matrix.correctCount == 4)
    #expect(matrix.accuracy == 4.0 / 6)
    #expect(matrix[label: 2, prediction: 0] == 1)
    #expect(
      matrix.description == """
                  predicted
        true         cat    dog elepha
        cat            1      1      ·
        dog            ·      1      ·
        elephant       1      ·      2
        """)
  }

  @Test func emptyMatrixHasNoAccuracy() {
    #expect(ConfusionMatrix(classCount: 10).accuracy.isNaN)
    #expect(ConfusionMatrix(classCount: 0).count == 0)
  }

  @Test func labelsOutsideStopTheProgram() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var matrix = ConfusionMatrix(classCount: 3)
      matrix.add(label: 3, prediction: 0)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("ConfusionMatrix: label 3 or prediction 0 is not one of 3 classes"))
  }
}
