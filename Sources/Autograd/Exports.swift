// A file that imports Autograd, or any room above it, needs no import of Tensors.
@_exported import Tensors
