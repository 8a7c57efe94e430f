import Autograd

// The rows of the table of ops for linear algebra, and what their users get wrong.

let linearAlgebraRows: [OpRow] = []

let linearAlgebraDerivatives: [DerivativePart] = []

let linearAlgebraMistakes: [Mistake] = []
