#ifndef AG_CURVE_H
#define AG_CURVE_H
#include "ag_types.h"

// Activations with parameters, and derivatives of activations in one pass, over n dense elements of a float type. `out`
// may be an operand. Values and gradients at kinks are PyTorch's.

/// The parameters are a, b, c. The kinds below the line are among the unary ops; only their
/// derivatives are computed here.
typedef enum : uint8_t {
  AG_CURVE_CLAMP,       // x kept in a...b; dx = dy there
  AG_CURVE_HARD_TANH,   // the same; dx = dy strictly between
  AG_CURVE_LEAKY_RELU,  // x > 0 ? x : a·x
  AG_CURVE_EXPONENTIAL, // x > 0 ? a·x : b·(exp(c·x) − 1)
  AG_CURVE_SOFTPLUS,    // log(1 + exp(a·x)) / a, x itself where a·x > b
  AG_CURVE_HARD_SIGMOID,  // x/6 + ½ kept in 0...1; dx = a·dy between
  AG_CURVE_HARD_SWISH,    // x · hardSigmoid(x)
  // ―
  AG_CURVE_LOG_SIGMOID,
  AG_CURVE_SILU,
  AG_CURVE_GELU,
  AG_CURVE_GELU_TANH,
  AG_CURVE_MISH,
  AG_CURVE_SINC,
  AG_CURVE_COUNT
} ag_curve_kind;

/// y = f(x)
void ag_curve(ag_curve_kind kind, ag_dtype type, size_t n, const double parameters[3], const void *x, void *y);

/// dx = dy · f'(x)
void ag_curve_backward(ag_curve_kind kind, ag_dtype type, size_t n, const double parameters[3], const void *x,
                       const void *dy, void *dx);

#endif
