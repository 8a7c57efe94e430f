import NN
import Training

/// The notebook's numbers: an image of 0 to 31 under kernels that are the identity, and twice the identity.
func checkConvolution() {
  let image = Variable(Tensor.arange(32).reshaped(to: [1, 2, 4, 4]))
  let identity = Tensor.eye(3)
  let kernels = Tensor.stack([identity, identity * 2])  // one for each input channel
  let weight = Variable(Tensor.stack([kernels, kernels]))
  let valid = image.conv2d(weight, bias: Variable([1, 2]))
  let expected = Tensor([[141, 150], [177, 186]])
  print("convolution: \(valid.value[0, 0] == expected + 1 && valid.value[0, 1] == expected + 2 ? "ok" : "WRONG")")
}

/// Jacobians of a layer by its input and by its parameters, one for each sample, held against differences.
func checkJacobians() {
  let generator = RandomGenerator(seed: 5)
  let layer = Linear(3, 2, dtype: .float64, generator: generator)
  let x = Tensor.randomNormal([4, 3], dtype: .float64, generator: generator)
  let byInput = checkGradients(at: [x]) { layer($0[0]) }
  let byParameters = checkGradients(at: [layer.weight.value, Tensor.zeros([2], dtype: .float64)]) {
    Variable(x).linear(weight: $0[0], bias: $0[1])
  }
  print("gradients by input: \(byInput)\ngradients by parameters: \(byParameters)")
}
