import Tensors

// The workload `startup`: a program that prints a matrix product and ends.

let x = Tensor([[1, 2], [3, 4]])
print(x • x)
