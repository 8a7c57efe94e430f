// A model file imports NN and nothing below it.
@_exported import Autograd
