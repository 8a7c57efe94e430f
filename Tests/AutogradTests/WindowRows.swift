import Autograd

// The rows of the table of ops for convolution, pooling and resampling, and what their users get wrong.

let windowRows: [OpRow] = []

let windowDerivatives: [DerivativePart] = []

let windowMistakes: [Mistake] = []
