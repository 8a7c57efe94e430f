import Foundation
import NN
import Training

/// The notebook's numbers: an image of 0 to 31 convolved with the identity kernel and with twice the identity.
func checkConvolution() {
  let image = Variable(Tensor.arange(32).reshape([1, 2, 4, 4]))
  let identity = Tensor.eye(3)
  let kernels = Tensor.stack([identity, identity * 2])  // one for each input channel
  let weight = Variable(Tensor.stack([kernels, kernels]))
  let valid = image.conv2d(weight, bias: Variable([1, 2]))
  let expected = Tensor([[141, 150], [177, 186]])
  print("convolution: \(valid.value[0, 0] == expected + 1 && valid.value[0, 1] == expected + 2 ? "ok" : "WRONG")")
}

/// Per-sample Jacobians of layers by their input and by their parameters, checked against finite differences.
func checkJacobians() {
  let generator = RandomGenerator(seed: 5)
  let net = Sequential {
    Linear(3, 4, dtype: .float64, generator: generator)
    Tanh()
    Linear(4, 2, dtype: .float64, generator: generator)
  }
  let x = Tensor.randomNormal([5, 3], dtype: .float64, generator: generator)
  let byInput = perSampleJacobian(at: Variable(x)) { net($0) }  // [5, 2, 3]
  let byParameters = jacobian(of: net(x), withRespectTo: net.parameters)  // weights [5, 2, 4, 3] and so on
  var (inputError, weightError) = (0.0, 0.0)
  let weight = net.parameters[0].element
  for (sample, output) in (0..<5).flatMap({ sample in (0..<2).map { (sample, $0) } }) {
    var chosen = Tensor.zeros([5, 2], dtype: .float64)
    chosen[sample, output] = .ones([], dtype: .float64)
    let differences = numericalGradient({ net($0).value }, at: x, upstream: chosen)
    inputError = max(inputError, relativeError(byInput.value[sample, output], differences[sample]))
    let before = weight.value
    let byWeight = numericalGradient(
      { moved in
        weight.value = moved
        return net(x).value
      }, at: before, upstream: chosen)
    weight.value = before
    weightError = max(weightError, relativeError(byParameters[0].element.value[sample, output], byWeight))
  }
  print(
    String(
      format: "per-sample Jacobians: by input within %.1e, by parameters within %.1e of differences", inputError,
      weightError))
}
