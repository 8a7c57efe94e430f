import Tensors

// The papers' notation, so that a rule reads like its formula.

func sqrt(_ x: Tensor) -> Tensor { x.sqrt() }
func sqrt(_ x: Double) -> Double { x.squareRoot() }
func abs(_ x: Tensor) -> Tensor { x.abs() }
func sign(_ x: Tensor) -> Tensor { x.sign() }
func max(_ x: Tensor, _ y: Tensor) -> Tensor { x.maximum(y) }
func max(_ x: Tensor, _ y: Double) -> Tensor { x.clamp(min: y) }
func min(_ x: Tensor, _ y: Double) -> Tensor { x.clamp(max: y) }

func pow(_ base: Double, _ exponent: Double) -> Double { Platform.power(base, exponent) }
func pow(_ base: Double, _ exponent: Int) -> Double { Platform.power(base, Double(exponent)) }
