import Tensors
import Testing

/// Text laid out as by NumPy, with four decimals as in PyTorch.
@Suite struct DescriptionTests {
  @Test func singleValuesAndVectors() {
    #expect("\(Tensor(7))" == "7. float32 []")
    #expect("\(Tensor(3.25, dtype: .float64))" == "3.2500 float64 []")
    #expect("\(Tensor(true))" == "true bool []")
    #expect("\(Tensor([1, -20, 300]))" == "[  1., -20., 300.] float32 [3]")
    #expect("\(Tensor([0.1, -0.25, 100]))" == "[  0.1000,  -0.2500, 100.0000] float32 [3]")
    #expect("\(Tensor([1, -22, 333], dtype: .int64))" == "[  1, -22, 333] int64 [3]")
    #expect("\(Tensor([true, false]))" == "[ true, false] bool [2]")
  }

  @Test func nothing() {
    #expect("\(Tensor([]))" == "[] float32 [0]")
    #expect("\(Tensor.zeros([2, 0, 3], dtype: .uint8))" == "[] uint8 [2, 0, 3]")
  }

  @Test func specialNumbers() {
    #expect("\(Tensor([Double.nan, .infinity, -.infinity, 1.5]))" == "[   nan,    inf,   -inf, 1.5000] float64 [4]")
    #expect("\(Tensor([Double.nan, 2]))" == "[nan,  2.] float64 [2]")
    #expect("\(-Tensor.zeros([2]))" == "[-0., -0.] float32 [2]")
  }

  @Test func largeAndSmallNumbersHaveExponents() {
    #expect("\(Tensor([1e-7, 1, -2]))" == "[ 1.0000e-07,  1.0000e+00, -2.0000e+00] float32 [3]")
    #expect("\(Tensor([1e10, 1]))" == "[1.0000e+10, 1.0000e+00] float32 [2]")
    #expect("\(Tensor([12_345_678, 1], dtype: .float64))" == "[12345678.,        1.] float64 [2]")
    #expect("\(Tensor([Int.max, .min]))" == "[ 9223372036854775807, -9223372036854775808] int64 [2]")
  }

  @Test func columnsAreAligned() {
    #expect(
      "\(Tensor([[1, -22], [333, 4]], dtype: .int64))" == """
        [[  1, -22],
         [333,   4]] int64 [2, 2]
        """)
    #expect(
      "\(counting([2, 2, 2]).transpose())" == """
        [[[0., 2.],
          [1., 3.]],

         [[4., 6.],
          [5., 7.]]] float64 [2, 2, 2]
        """)
  }

  @Test func longAxesAreCut() {
    #expect("\(Tensor.arange(2000))" == "[   0.,    1.,    2., …, 1997., 1998., 1999.] float32 [2000]")
    #expect("\(Tensor.arange(1000))".contains("500.,"))
    #expect(
      "\(counting([12, 100]))" == """
        [[   0.,    1.,    2., …,   97.,   98.,   99.],
         [ 100.,  101.,  102., …,  197.,  198.,  199.],
         [ 200.,  201.,  202., …,  297.,  298.,  299.],
         …,
         [ 900.,  901.,  902., …,  997.,  998.,  999.],
         [1000., 1001., 1002., …, 1097., 1098., 1099.],
         [1100., 1101., 1102., …, 1197., 1198., 1199.]] float64 [12, 100]
        """)
    #expect(
      "\(counting([2, 1, 800]))" == """
        [[[   0.,    1.,    2., …,  797.,  798.,  799.]],

         [[ 800.,  801.,  802., …, 1597., 1598., 1599.]]] float64 [2, 1, 800]
        """)
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1_797, "1,797"), (-1_234_567, "-1,234,567"), (.min, "-9,223,372,036,854,775,808"),
  ])
  func thousandsStandApart(number: Int, text: String) {
    #expect(number.grouped == text)
  }
}
