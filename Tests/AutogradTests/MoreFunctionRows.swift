import Autograd

// The rows of the table of ops for functions of each element, and what their users get wrong.

let moreFunctionRows: [OpRow] = []

let moreFunctionDerivatives: [DerivativePart] = []

let moreFunctionMistakes: [Mistake] = []
