#ifndef AG_ELEMENTWISE_H
#define AG_ELEMENTWISE_H
#include "ag_types.h"

// Element-wise loops over a rows × cols grid. Operand strides are in elements and may have any value (0 broadcasts);
// results are dense and row-major. Large grids are split among threads.

/// One operand, one result of the same type. Float types take every op; integer types neg, abs, sign, square, relu
/// (others leave the result untouched and return false); bool takes logical_not.
typedef enum : uint8_t {
  AG_NEG, AG_ABS, AG_SIGN, AG_SQUARE, AG_RELU, AG_LOGICAL_NOT,
  AG_EXP, AG_EXPM1, AG_LOG, AG_LOG1P, AG_LOG2, AG_SQRT, AG_RSQRT, AG_RECIPROCAL,
  AG_SIN, AG_COS, AG_TAN, AG_ASIN, AG_ACOS, AG_ATAN, AG_SINH, AG_COSH, AG_TANH, AG_ASINH, AG_ACOSH, AG_ATANH,
  AG_EXP2, AG_LOG10, AG_SINC, AG_ERFC, AG_ERFINV, AG_LGAMMA, AG_DIGAMMA, AG_TRIGAMMA,
  AG_SIGMOID, AG_LOG_SIGMOID, AG_SOFTPLUS, AG_SILU, AG_MISH, AG_ERF, AG_GELU, AG_GELU_TANH,
  AG_FLOOR, AG_CEIL, AG_ROUND, AG_TRUNC,
  AG_UNARY_COUNT
} ag_unary_op;

bool ag_unary(ag_unary_op op, ag_dtype type, size_t rows, size_t cols, const void *x, ptrdiff_t x_row,
              ptrdiff_t x_col, void *out);

/// Two operands of one type; the result has that type, and for comparisons (EQ to GE) it is bool. False, and
/// nothing written, if the type has no such op. AG_POW: std::pow's special cases for floats; integer
/// exponents below 0 give 0 (1 for base 1, ±1 for base −1). AG_DIV on integers truncates, and by zero gives
/// 0. Integer arithmetic wraps. AG_TANH_BACKWARD(y, dy) = dy·(1 − y²); AG_SIGMOID_BACKWARD(y, dy) = dy·y·(1 −
/// y); AG_RELU_BACKWARD(x, dy) = x <= 0 ? 0 : dy. AG_QUOTIENT_OR_ZERO(a, b) = a ≠ 0 ? a / b : 0 (float
/// types). AG_POLYGAMMA(x, n) is the derivative of order n ≥ 1 of digamma; AG_LOG_ADD_EXP(a, b) = log(eᵃ +
/// eᵇ); AG_X_LOG_Y(x, y) = x·log y, 0 where x = 0 and y is a number (float types, as AG_HYPOT).
/// AG_POW_SLOPE(x, e) = e·xᵉ⁻¹, 0 where e = 0; AG_POW_LOG_SLOPE(x, e) = xᵉ·log x, 0 where x = 0 ≤ e (float
/// types). AG_FMOD has the sign of a, AG_REMAINDER that of b; both and AG_FLOOR_DIVIDE give 0 for an integer
/// b = 0. AG_FMAX and AG_FMIN prefer a number to NaN, and a to an equal b. AG_COPY_SIGN and AG_NEXT_AFTER are for
/// float types only; those from AG_GCD to AG_SHIFT_RIGHT for integers, the three of bits for bool, too. A shift by a
/// negative number, or by all bits, leaves 0, or −1 of a negative number that is shifted to the right.
typedef enum : uint8_t {
  AG_ADD, AG_SUB, AG_MUL, AG_DIV, AG_POW, AG_MAXIMUM, AG_MINIMUM, AG_ATAN2, AG_HYPOT, AG_LOG_ADD_EXP, AG_X_LOG_Y,
  AG_POLYGAMMA, AG_FMOD, AG_REMAINDER, AG_FLOOR_DIVIDE, AG_FMAX, AG_FMIN, AG_COPY_SIGN, AG_NEXT_AFTER,
  AG_GCD, AG_LCM, AG_BIT_AND, AG_BIT_OR, AG_BIT_XOR, AG_SHIFT_LEFT, AG_SHIFT_RIGHT,
  AG_TANH_BACKWARD, AG_SIGMOID_BACKWARD, AG_RELU_BACKWARD, AG_QUOTIENT_OR_ZERO, AG_POW_SLOPE, AG_POW_LOG_SLOPE,
  AG_EQ, AG_NE, AG_LT, AG_LE, AG_GT, AG_GE,
  AG_LOGICAL_AND, AG_LOGICAL_OR,
  AG_BINARY_COUNT
} ag_binary_op;

bool ag_binary(ag_binary_op op, ag_dtype type, size_t rows, size_t cols, const void *a, ptrdiff_t a_row,
               ptrdiff_t a_col, const void *b, ptrdiff_t b_row, ptrdiff_t b_col, void *out);

/// out = condition ? a : b; `condition` is bool (one byte, 0 or 1).
void ag_where(ag_dtype type, size_t rows, size_t cols, const uint8_t *condition, ptrdiff_t c_row, ptrdiff_t c_col,
              const void *a, ptrdiff_t a_row, ptrdiff_t a_col, const void *b, ptrdiff_t b_row, ptrdiff_t b_col,
              void *out);

/// Converts. Float to integer truncates and saturates, NaN gives 0; to bool is x ≠ 0.
void ag_cast(ag_dtype from, ag_dtype to, size_t rows, size_t cols, const void *x, ptrdiff_t x_row, ptrdiff_t x_col,
             void *out);

/// Copies between any two strided grids of one type (transposes in cache-sized blocks).
void ag_copy(ag_dtype type, size_t rows, size_t cols, const void *x, ptrdiff_t x_row, ptrdiff_t x_col, void *out,
             ptrdiff_t out_row, ptrdiff_t out_col);

/// The same for several grids of one size: grid i begins starts[2i] elements after `x` and starts[2i + 1] after `out`.
void ag_copy_grids(ag_dtype type, size_t grids, const ptrdiff_t *starts, size_t rows, size_t cols, const void *x,
                   ptrdiff_t x_row, ptrdiff_t x_col, void *out, ptrdiff_t out_row, ptrdiff_t out_col);

/// Sets n dense elements to the one at `value`.
void ag_fill(ag_dtype type, size_t n, const void *value, void *out);

/// out += alpha · x on n dense elements, in place (float types; integers add alpha truncated to an integer).
void ag_accumulate(ag_dtype type, size_t n, double alpha, const void *x, void *out);

/// out += x, in place, for rows of `cols` elements: rows of x are dense, those of out `out_row` elements apart.
void ag_accumulate_rows(ag_dtype type, size_t rows, size_t cols, const void *x, void *out, ptrdiff_t out_row);

/// out = a + weight · (b − a) on n dense elements of a float type.
void ag_lerp(ag_dtype type, size_t n, double weight, const void *a, const void *b, void *out);

/// out[i] = start + i · by for i < n, computed in double.
void ag_arange(ag_dtype type, size_t n, double start, double by, void *out);

#endif
