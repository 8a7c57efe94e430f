import Autograd

// The rows of the table of ops for reductions, scans and sorting, and what their users get wrong.

let moreReductionRows: [OpRow] = []

let moreReductionDerivatives: [DerivativePart] = []

let moreReductionMistakes: [Mistake] = []
