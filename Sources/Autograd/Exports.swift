// A file that imports Autograd, or any module above it, needs no import of Tensors.
@_exported import Tensors
