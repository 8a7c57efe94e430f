// The element-wise loops of float32 and float64, compiled once for each instruction set.
#include "elementwise_kernels.h"
#include "math_f32.h"
#include "math_f64.h"
#include "math_power.h"
#include "math_special.h"

// Simple formulas: plain loops, which the compiler vectorises.
#define UNARY_LOOP(name, T, formula)                                    \
  static void name(size_t n, const void *from, void *to) {              \
    const T *in = from;                                                 \
    T *out = to;                                                        \
    AG_LOOP for (size_t i = 0; i < n; i++) {                            \
      T x = in[i];                                                      \
      out[i] = formula;                                                 \
    }                                                                   \
  }
#define UNARY(name, formula)               \
  UNARY_LOOP(name##_loop_f32, float, formula) \
  UNARY_LOOP(name##_loop_f64, double, formula)

// Vector math: whole registers, and one register that is partly filled for the last elements.
#define MATH_LOOP(name, type, T, V)                                              \
  static void name##_loop_##type(size_t n, const void *from, void *to) {         \
    const T *in = from;                                                          \
    T *out = to;                                                                 \
    size_t rest = n % AG_LANES, whole = n - rest;                                \
    for (size_t i = 0; i < whole; i += AG_LANES)                                 \
      store_##type(out + i, name##_##type(load_##type(in + i)));                 \
    if (rest) {                                                                  \
      V last = name##_##type(load_part_##type(in + whole, rest, 0));             \
      store_part_##type(out + whole, rest, last);                                \
    }                                                                            \
  }
#define MATH(name) MATH_LOOP(name, f32, float, vf) MATH_LOOP(name, f64, double, vd)

// Rare functions: the C library, one element at a time.
#define LIBRARY_LOOP(name, T, function)                    \
  static void name(size_t n, const void *from, void *to) { \
    const T *in = from;                                    \
    T *out = to;                                           \
    for (size_t i = 0; i < n; i++) out[i] = function(in[i]); \
  }

UNARY(neg, -x)
UNARY(abs, __builtin_elementwise_abs(x))
UNARY(sign, x > 0 ? 1 : x < 0 ? -1 : x)
UNARY(square, x * x)
UNARY(relu, x <= 0 ? 0 : x)
UNARY(sqrt, __builtin_elementwise_sqrt(x))
UNARY(rsqrt, 1 / __builtin_elementwise_sqrt(x))
UNARY(reciprocal, 1 / x)
UNARY(floor, __builtin_elementwise_floor(x))
UNARY(ceil, __builtin_elementwise_ceil(x))
UNARY(round, __builtin_elementwise_roundeven(x))
UNARY(trunc, __builtin_elementwise_trunc(x))
MATH(exp)
MATH(expm1)
MATH(log)
MATH(log1p)
MATH(tanh)
MATH(sigmoid)
MATH(log_sigmoid)
MATH(softplus)
MATH(silu)
MATH(mish)
MATH(gelu)
MATH(gelu_tanh)
MATH(digamma)
MATH(trigamma)
MATH_LOOP(log2, f32, float, vf)
MATH_LOOP(sin, f32, float, vf)
MATH_LOOP(cos, f32, float, vf)
MATH_LOOP(tan, f32, float, vf)
MATH_LOOP(erf, f32, float, vf)
MATH_LOOP(asin, f32, float, vf)
MATH_LOOP(acos, f32, float, vf)
MATH_LOOP(atan, f32, float, vf)
MATH_LOOP(sinh, f32, float, vf)
MATH_LOOP(cosh, f32, float, vf)
MATH_LOOP(asinh, f32, float, vf)
MATH_LOOP(acosh, f32, float, vf)
MATH_LOOP(atanh, f32, float, vf)
MATH_LOOP(exp2, f32, float, vf)
MATH_LOOP(log10, f32, float, vf)
MATH_LOOP(sinc, f32, float, vf)
MATH_LOOP(sinc, f64, double, vd)
MATH_LOOP(erfc, f32, float, vf)
MATH_LOOP(erfinv, f32, float, vf)
MATH_LOOP(lgamma, f32, float, vf)
LIBRARY_LOOP(log2_loop_f64, double, log2)
LIBRARY_LOOP(sin_loop_f64, double, sin)
LIBRARY_LOOP(cos_loop_f64, double, cos)
LIBRARY_LOOP(tan_loop_f64, double, tan)
LIBRARY_LOOP(erf_loop_f64, double, erf)
LIBRARY_LOOP(asin_loop_f64, double, asin)
LIBRARY_LOOP(acos_loop_f64, double, acos)
LIBRARY_LOOP(atan_loop_f64, double, atan)
LIBRARY_LOOP(sinh_loop_f64, double, sinh)
LIBRARY_LOOP(cosh_loop_f64, double, cosh)
LIBRARY_LOOP(asinh_loop_f64, double, asinh)
LIBRARY_LOOP(acosh_loop_f64, double, acosh)
LIBRARY_LOOP(atanh_loop_f64, double, atanh)
LIBRARY_LOOP(exp2_loop_f64, double, exp2)
LIBRARY_LOOP(log10_loop_f64, double, log10)
LIBRARY_LOOP(erfc_loop_f64, double, erfc)
LIBRARY_LOOP(erfinv_loop_f64, double, erfinv_of)
LIBRARY_LOOP(lgamma_loop_f64, double, lgamma_of)

#define BINARY_LOOP(name, T, R, formula)                                                      \
  static void name(size_t n, const void *first, const void *second, ag_scalars scalars, void *to) { \
    const T *as = first, *bs = second;                                                        \
    R *out = to;                                                                              \
    if (scalars == AG_FIRST_SCALAR) {                                                         \
      const T a = *as;                                                                        \
      AG_LOOP for (size_t i = 0; i < n; i++) {                                                \
        T b = bs[i];                                                                          \
        out[i] = formula;                                                                     \
      }                                                                                       \
    } else if (scalars == AG_SECOND_SCALAR) {                                                 \
      const T b = *bs;                                                                        \
      AG_LOOP for (size_t i = 0; i < n; i++) {                                                \
        T a = as[i];                                                                          \
        out[i] = formula;                                                                     \
      }                                                                                       \
    } else {                                                                                  \
      AG_LOOP for (size_t i = 0; i < n; i++) {                                                \
        T a = as[i], b = bs[i];                                                               \
        out[i] = formula;                                                                     \
      }                                                                                       \
    }                                                                                         \
  }
#define BINARY(name, formula)                         \
  BINARY_LOOP(name##_loop_f32, float, float, formula) \
  BINARY_LOOP(name##_loop_f64, double, double, formula)
#define COMPARISON(name, formula)                       \
  BINARY_LOOP(name##_loop_f32, float, uint8_t, formula) \
  BINARY_LOOP(name##_loop_f64, double, uint8_t, formula)

BINARY(add, a + b)
BINARY(sub, a - b)
BINARY(mul, a * b)
BINARY(div, a / b)
BINARY(maximum, a > b || a != a ? a : b)
BINARY(minimum, a < b || a != a ? a : b)
BINARY(fmax, a >= b || b != b ? a : b)
BINARY(fmin, a <= b || b != b ? a : b)
BINARY(copy_sign, __builtin_elementwise_copysign(a, b))
BINARY(tanh_backward, b * (1 - a * a))
BINARY(sigmoid_backward, b * a * (1 - a))
BINARY(relu_backward, a <= 0 ? 0 : b)
BINARY(quotient_or_zero, a != 0 ? a / b : 0)
COMPARISON(eq, a == b)
COMPARISON(ne, a != b)
COMPARISON(lt, a < b)
COMPARISON(le, a <= b)
COMPARISON(gt, a > b)
COMPARISON(ge, a >= b)
COMPARISON(logical_and, (a != 0) & (b != 0))
COMPARISON(logical_or, (a != 0) | (b != 0))

// The C library's function of two arguments, one element at a time.
#define LIBRARY_BINARY(name, T, function)                                                     \
  static void name(size_t n, const void *first, const void *second, ag_scalars scalars, void *to) { \
    const T *a = first, *b = second;                                                          \
    T *out = to;                                                                              \
    size_t a_step = scalars != AG_FIRST_SCALAR, b_step = scalars != AG_SECOND_SCALAR;         \
    for (size_t i = 0; i < n; i++) out[i] = function(a[i * a_step], b[i * b_step]);           \
  }
LIBRARY_BINARY(atan2_loop_f64, double, atan2)
LIBRARY_BINARY(hypot_loop_f64, double, hypot)
LIBRARY_BINARY(log_add_exp_loop_f64, double, log_add_exp_of)
LIBRARY_BINARY(x_log_y_loop_f64, double, x_log_y_of)
LIBRARY_BINARY(polygamma_loop_f32, float, polygamma_of)
LIBRARY_BINARY(polygamma_loop_f64, double, polygamma_of)
LIBRARY_BINARY(next_after_loop_f32, float, nextafterf)
LIBRARY_BINARY(next_after_loop_f64, double, nextafter)
LIBRARY_BINARY(pow_any_f64, double, pow)
LIBRARY_BINARY(pow_slope_loop_f64, double, pow_slope)
LIBRARY_BINARY(pow_log_slope_loop_f64, double, pow_log_slope)

// fmod by one division, without rounding, while the quotient is not too large: that of floats is computed in double, where
// whole · b is exact up to 2²⁸, that of doubles with a fused product, up to 2⁵². If a quotient was rounded up to a whole
// number, the rest has the wrong sign, and b takes it back. NaN asks for the library's function.
AG_INLINE float quick_rest_f32(float a, float b) {
  double whole = __builtin_elementwise_trunc((double)a / (double)b);
  float rest = (float)((double)a - whole * (double)b);
  return __builtin_elementwise_abs(whole) < 0x1p28 ? __builtin_elementwise_copysign(rest, a) : NAN;
}
AG_INLINE double quick_rest_f64(double a, double b) {
#if AG_HAS_FMA
  double whole = __builtin_elementwise_trunc(a / b), rest = __builtin_elementwise_fma(-whole, b, a);
  if (rest != 0 && (rest < 0) != (a < 0)) rest += __builtin_elementwise_copysign(b, a);
  return __builtin_elementwise_abs(whole) < 0x1p52 ? __builtin_elementwise_copysign(rest, a) : NAN;
#else
  return (void)a, (void)b, NAN;
#endif
}

#define DIVISION(type, T, library)                                                            \
  BINARY_LOOP(quick_rests_##type, T, T, quick_rest_##type(a, b))                              \
  BINARY_LOOP(rests_like_##type, T, T, a != 0 && (b < 0) != (a < 0) ? a + b : a)              \
  AG_INLINE T floor_divide_##type(T a, T b, T rest) {                                         \
    T quotient = (a - rest) / b;                                                              \
    if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;                                    \
    T whole = __builtin_elementwise_floor(quotient);                                          \
    if (quotient - whole > (T)0.5) whole += 1; /* it was rounded to just below a whole number */ \
    if (quotient == 0) whole = __builtin_elementwise_copysign((T)0, a / b);                   \
    return b == 0 ? a / b : whole;                                                            \
  }                                                                                           \
  /* Block by block: first all rests, then what is asked for of each. */                      \
  AG_INLINE void divide_##type(size_t n, const T *a, const T *b, ag_scalars scalars, T *out, bool is_like, \
                               bool is_quotient) {                                            \
    const size_t a_step = scalars != AG_FIRST_SCALAR, b_step = scalars != AG_SECOND_SCALAR;   \
    T rests[256];                                                                             \
    for (size_t i = 0; i < n; i += 256, a += 256 * a_step, b += 256 * b_step, out += 256) {   \
      const size_t count = n - i < 256 ? n - i : 256;                                         \
      quick_rests_##type(count, a, b, scalars, rests);                                        \
      for (size_t j = 0; j < count; j++)                                                      \
        if (rests[j] != rests[j]) rests[j] = library(a[j * a_step], b[j * b_step]);           \
      if (is_quotient)                                                                        \
        for (size_t j = 0; j < count; j++)                                                    \
          out[j] = floor_divide_##type(a[j * a_step], b[j * b_step], rests[j]);               \
      else if (is_like) rests_like_##type(count, rests, b, scalars & AG_SECOND_SCALAR, out);  \
      else memcpy(out, rests, count * sizeof(T));                                             \
    }                                                                                         \
  }                                                                                           \
  static void fmod_loop_##type(size_t n, const void *a, const void *b, ag_scalars scalars, void *out) { \
    divide_##type(n, a, b, scalars, out, false, false);                                       \
  }                                                                                           \
  static void remainder_loop_##type(size_t n, const void *a, const void *b, ag_scalars scalars, void *out) { \
    divide_##type(n, a, b, scalars, out, true, false);                                        \
  }                                                                                           \
  static void floor_divide_loop_##type(size_t n, const void *a, const void *b, ag_scalars scalars, void *out) { \
    divide_##type(n, a, b, scalars, out, false, true);                                        \
  }
DIVISION(f32, float, fmodf)
DIVISION(f64, double, fmod)

// Vector math of two floats. If the first operand is a scalar, `hoist` computes once what depends on it alone.
#define MATH_BINARY(name, Known, hoist, function)                                             \
  static void name(size_t n, const void *first, const void *second, ag_scalars scalars, void *to) { \
    const float *a = first, *b = second;                                                      \
    float *out = to;                                                                          \
    vf x = *a, y = *b;                                                                        \
    Known known = hoist(x);                                                                   \
    for (size_t i = 0; i < n; i += AG_LANES) {                                                \
      if (scalars != AG_SECOND_SCALAR) y = load_upto_f32(b + i, n - i, 1);                    \
      if (scalars != AG_FIRST_SCALAR) {                                                       \
        x = load_upto_f32(a + i, n - i, 1);                                                   \
        known = hoist(x);                                                                     \
      }                                                                                       \
      store_upto_f32(out + i, n - i, function(x, y, known));                                  \
    }                                                                                         \
  }
AG_INLINE int nothing(vf x) { return (void)x, 0; }
AG_INLINE vf angle(vf y, vf x, int known) { return (void)known, atan2_f32(y, x); }
MATH_BINARY(atan2_loop_f32, int, nothing, angle)
AG_INLINE vf length(vf x, vf y, int known) { return (void)known, hypot_f32(x, y); }
MATH_BINARY(hypot_loop_f32, int, nothing, length)
AG_INLINE vf log_add_exp(vf x, vf y, int known) { return (void)known, log_add_exp_f32(x, y); }
MATH_BINARY(log_add_exp_loop_f32, int, nothing, log_add_exp)
AG_INLINE vf x_log_y(vf x, vf y, int known) { return (void)known, x_log_y_f32(x, y); }
MATH_BINARY(x_log_y_loop_f32, int, nothing, x_log_y)
MATH_BINARY(pow_any_f32, vd, power_log_f32, pow_f32)
MATH_BINARY(pow_slope_loop_f32, vd, power_log_f32, pow_slope_f32)
MATH_BINARY(pow_log_slope_loop_f32, vd, power_log_f32, pow_log_slope_f32)

// A scalar exponent is mostly one of these. For ½, pow differs from the square root at −0 and −∞: it gives +0 and ∞.
#define POW_LOOP(type, T)                                                                     \
  UNARY_LOOP(cube_loop_##type, T, x * x * x)                                                    \
  UNARY_LOOP(half_power_loop_##type, T, x == -INFINITY ? (T)INFINITY : __builtin_elementwise_sqrt(x) + 0) \
  static void pow_loop_##type(size_t n, const void *a, const void *b, ag_scalars scalars, void *out) { \
    T exponent = scalars == AG_SECOND_SCALAR ? *(const T *)b : 0;                             \
    if (exponent == 1) memmove(out, a, n * sizeof(T));                                         \
    else if (exponent == 2) square_loop_##type(n, a, out);                                    \
    else if (exponent == 3) cube_loop_##type(n, a, out);                                      \
    else if (exponent == -1) reciprocal_loop_##type(n, a, out);                               \
    else if (exponent == (T)0.5) half_power_loop_##type(n, a, out);                           \
    else pow_any_##type(n, a, b, scalars, out);                                               \
  }
POW_LOOP(f32, float)
POW_LOOP(f64, double)

#define LERP(name, T)                                                                         \
  static void name(size_t n, double weight, const void *first, const void *second, void *to) { \
    const T *a = first, *b = second, w = (T)weight;                                           \
    T *out = to;                                                                              \
    AG_LOOP for (size_t i = 0; i < n; i++) out[i] = a[i] + w * (b[i] - a[i]);                 \
  }
LERP(lerp_f32, float)
LERP(lerp_f64, double)

static void accumulate_f32(size_t n, float alpha, const float *x, float *out) {
  AG_LOOP for (size_t i = 0; i < n; i++) out[i] += alpha * x[i];
}
static void accumulate_f64(size_t n, double alpha, const double *x, double *out) {
  AG_LOOP for (size_t i = 0; i < n; i++) out[i] += alpha * x[i];
}

#define ROW(name) {name##_loop_f32, name##_loop_f64}
const ag_float_loops AG_NAME(ag_float_loops) = {
    .unary = {[AG_NEG] = ROW(neg), [AG_ABS] = ROW(abs), [AG_SIGN] = ROW(sign), [AG_SQUARE] = ROW(square),
              [AG_RELU] = ROW(relu), [AG_EXP] = ROW(exp), [AG_EXPM1] = ROW(expm1), [AG_LOG] = ROW(log),
              [AG_LOG1P] = ROW(log1p), [AG_LOG2] = ROW(log2), [AG_SQRT] = ROW(sqrt), [AG_RSQRT] = ROW(rsqrt),
              [AG_RECIPROCAL] = ROW(reciprocal), [AG_SIN] = ROW(sin), [AG_COS] = ROW(cos), [AG_TAN] = ROW(tan),
              [AG_ASIN] = ROW(asin), [AG_ACOS] = ROW(acos), [AG_ATAN] = ROW(atan), [AG_SINH] = ROW(sinh),
              [AG_COSH] = ROW(cosh), [AG_ASINH] = ROW(asinh), [AG_ACOSH] = ROW(acosh), [AG_ATANH] = ROW(atanh),
              [AG_EXP2] = ROW(exp2), [AG_LOG10] = ROW(log10), [AG_SINC] = ROW(sinc), [AG_ERFC] = ROW(erfc),
              [AG_ERFINV] = ROW(erfinv), [AG_LGAMMA] = ROW(lgamma), [AG_DIGAMMA] = ROW(digamma),
              [AG_TRIGAMMA] = ROW(trigamma), [AG_TANH] = ROW(tanh), [AG_SIGMOID] = ROW(sigmoid),
              [AG_LOG_SIGMOID] = ROW(log_sigmoid), [AG_SOFTPLUS] = ROW(softplus), [AG_SILU] = ROW(silu),
              [AG_MISH] = ROW(mish), [AG_ERF] = ROW(erf), [AG_GELU] = ROW(gelu), [AG_GELU_TANH] = ROW(gelu_tanh),
              [AG_FLOOR] = ROW(floor), [AG_CEIL] = ROW(ceil), [AG_ROUND] = ROW(round), [AG_TRUNC] = ROW(trunc)},
    .binary = {[AG_ADD] = ROW(add), [AG_SUB] = ROW(sub), [AG_MUL] = ROW(mul), [AG_DIV] = ROW(div),
               [AG_POW] = ROW(pow), [AG_MAXIMUM] = ROW(maximum), [AG_MINIMUM] = ROW(minimum),
               [AG_ATAN2] = ROW(atan2), [AG_HYPOT] = ROW(hypot), [AG_LOG_ADD_EXP] = ROW(log_add_exp),
               [AG_X_LOG_Y] = ROW(x_log_y), [AG_POLYGAMMA] = ROW(polygamma), [AG_FMOD] = ROW(fmod),
               [AG_REMAINDER] = ROW(remainder), [AG_FLOOR_DIVIDE] = ROW(floor_divide), [AG_FMAX] = ROW(fmax),
               [AG_FMIN] = ROW(fmin), [AG_COPY_SIGN] = ROW(copy_sign), [AG_NEXT_AFTER] = ROW(next_after),
               [AG_TANH_BACKWARD] = ROW(tanh_backward),
               [AG_SIGMOID_BACKWARD] = ROW(sigmoid_backward), [AG_RELU_BACKWARD] = ROW(relu_backward),
               [AG_QUOTIENT_OR_ZERO] = ROW(quotient_or_zero), [AG_POW_SLOPE] = ROW(pow_slope),
               [AG_POW_LOG_SLOPE] = ROW(pow_log_slope),
               [AG_EQ] = ROW(eq), [AG_NE] = ROW(ne), [AG_LT] = ROW(lt), [AG_LE] = ROW(le), [AG_GT] = ROW(gt),
               [AG_GE] = ROW(ge), [AG_LOGICAL_AND] = ROW(logical_and), [AG_LOGICAL_OR] = ROW(logical_or)},
    .lerp = {lerp_f32, lerp_f64},
    .accumulate_f32 = accumulate_f32,
    .accumulate_f64 = accumulate_f64,
};
