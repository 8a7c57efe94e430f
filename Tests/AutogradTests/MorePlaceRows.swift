import Autograd

// The rows of the table of ops for shapes, places and products, and what their users get wrong.

let morePlaceRows: [OpRow] = []

let morePlaceDerivatives: [DerivativePart] = []

let morePlaceMistakes: [Mistake] = []
