import NN

/// LeNet-5 with ReLU and max pooling: images [N, 1, 28, 28] to scores [N, 10]. LeCun et al. 1998.
func makeLeNet5() -> Sequential {
  Sequential {
    Conv2D(1, 6, kernel: 5, padding: 2)
    ReLU()
    MaxPool2D(2)
    Conv2D(6, 16, kernel: 5)
    ReLU()
    MaxPool2D(2)
    Flatten()
    Linear(400, 120)
    ReLU()
    Linear(120, 84)
    ReLU()
    Linear(84, 10)
  }
}
