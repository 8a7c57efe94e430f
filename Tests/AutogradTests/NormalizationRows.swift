import Autograd

// The rows of the table of ops for normalization, attention and distances, and what their users get wrong.

let normalizationRows: [OpRow] = []

let normalizationDerivatives: [DerivativePart] = []

let normalizationMistakes: [Mistake] = []
