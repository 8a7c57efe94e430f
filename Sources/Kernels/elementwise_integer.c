// Element-wise loops of the integer types and bool. They are compiled for the baseline only: none is on the path of a
// training step.
#include "elementwise_kernels.h"

#define UNARY(name, T, formula)                             \
  static void name(size_t n, const void *from, void *to) {  \
    const T *in = from;                                     \
    T *out = to;                                            \
    for (size_t i = 0; i < n; i++) {                        \
      T x = in[i];                                          \
      out[i] = (T)(formula);                                \
    }                                                       \
  }
#define BINARY(name, T, R, formula)                                                           \
  static void name(size_t n, const void *first, const void *second, ag_scalars scalars, void *to) { \
    (void)scalars;                                                                            \
    const T *as = first, *bs = second;                                                        \
    R *out = to;                                                                              \
    for (size_t i = 0; i < n; i++) {                                                          \
      T a = as[i], b = bs[i];                                                                 \
      out[i] = (R)(formula);                                                                  \
    }                                                                                         \
  }

/// xʸ modulo 2⁶⁴; for a negative exponent, the reciprocal truncated to an integer (0 for x = 0).
static int64_t integer_power(int64_t x, int64_t y) {
  if (y < 0) return x == 1 ? 1 : x == -1 ? (y & 1 ? -1 : 1) : 0;
  uint64_t result = 1;
  for (uint64_t base = (uint64_t)x; y; y >>= 1, base *= base)
    if (y & 1) result *= base;
  return (int64_t)result;
}

// Division by 0 gives 0, and dividing by −1 is kept from overflowing.
static int64_t rest(int64_t a, int64_t b) { return b == 0 || b == -1 ? 0 : a % b; }

/// The remainder with the sign of the divisor.
static int64_t rest_like(int64_t a, int64_t b) {
  int64_t r = rest(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

static int64_t divided_down(int64_t a, int64_t b) {
  if (b == 0 || b == -1) return b ? (int64_t)(0 - (uint64_t)a) : 0;
  return a / b - (rest(a, b) != rest_like(a, b));
}

/// The greatest common divisor of the absolute values.
static uint64_t common_divisor(int64_t x, int64_t y) {
  uint64_t a = x < 0 ? 0 - (uint64_t)x : (uint64_t)x, b = y < 0 ? 0 - (uint64_t)y : (uint64_t)y;
  while (b) {
    uint64_t rest = a % b;
    a = b, b = rest;
  }
  return a;
}

static uint64_t common_multiple(int64_t x, int64_t y) {
  uint64_t divisor = common_divisor(x, y);
  uint64_t product = divisor ? (uint64_t)(x / (int64_t)divisor) * (uint64_t)y : 0;
  return (int64_t)product < 0 ? 0 - product : product;
}

// Arithmetic is done in the unsigned type U, which wraps. Division by −1 is done by negation, because dividing the
// smallest integer by −1 would overflow.
#define ARITHMETIC(type, T, U)                                                                    \
  UNARY(neg_##type, T, (U)0 - (U)x)                                                               \
  UNARY(abs_##type, T, x < 0 ? (U)0 - (U)x : (U)x)                                                \
  UNARY(sign_##type, T, (x > 0) - (x < 0))                                                        \
  UNARY(square_##type, T, (uint64_t)x * (uint64_t)x)                                              \
  UNARY(relu_##type, T, x > 0 ? x : 0)                                                            \
  BINARY(add_##type, T, T, (U)a + (U)b)                                                           \
  BINARY(sub_##type, T, T, (U)a - (U)b)                                                           \
  BINARY(mul_##type, T, T, (uint64_t)a * (uint64_t)b)                                             \
  BINARY(div_##type, T, T, b == 0 ? 0 : b == (T)-1 && (T)-1 < 0 ? (T)((U)0 - (U)a) : (T)(a / b))  \
  BINARY(pow_##type, T, T, integer_power((int64_t)a, (int64_t)b))                                 \
  BINARY(maximum_##type, T, T, a > b ? a : b)                                                     \
  BINARY(minimum_##type, T, T, a < b ? a : b)                                                     \
  BINARY(fmod_##type, T, T, rest((int64_t)a, (int64_t)b))                                         \
  BINARY(remainder_##type, T, T, rest_like((int64_t)a, (int64_t)b))                               \
  BINARY(floor_divide_##type, T, T, divided_down((int64_t)a, (int64_t)b))                         \
  BINARY(gcd_##type, T, T, common_divisor((int64_t)a, (int64_t)b))                                \
  BINARY(lcm_##type, T, T, common_multiple((int64_t)a, (int64_t)b))                               \
  BINARY(bit_and_##type, T, T, a & b)                                                             \
  BINARY(bit_or_##type, T, T, a | b)                                                              \
  BINARY(bit_xor_##type, T, T, a ^ b)                                                             \
  BINARY(shift_left_##type, T, T, (uint64_t)b < 8 * sizeof(T) ? (U)a << b : 0)                    \
  BINARY(shift_right_##type, T, T, (uint64_t)b < 8 * sizeof(T) ? a >> b : a < 0 ? -1 : 0)
ARITHMETIC(i32, int32_t, uint32_t)
ARITHMETIC(i64, int64_t, uint64_t)
ARITHMETIC(u8, uint8_t, uint8_t)

// As in PyTorch, sum and maximum of bools are "or", product and minimum "and".
UNARY(logical_not_bool, uint8_t, !x)
BINARY(xor_bool, uint8_t, uint8_t, a != b)
BINARY(and_bool, uint8_t, uint8_t, (a != 0) & (b != 0))
BINARY(or_bool, uint8_t, uint8_t, (a != 0) | (b != 0))

#define PREDICATES(type, T)                                           \
  BINARY(eq_##type, T, uint8_t, a == b)                               \
  BINARY(ne_##type, T, uint8_t, a != b)                               \
  BINARY(lt_##type, T, uint8_t, a < b)                                \
  BINARY(le_##type, T, uint8_t, a <= b)                               \
  BINARY(gt_##type, T, uint8_t, a > b)                                \
  BINARY(ge_##type, T, uint8_t, a >= b)                               \
  BINARY(logical_and_##type, T, uint8_t, (a != 0) & (b != 0))         \
  BINARY(logical_or_##type, T, uint8_t, (a != 0) | (b != 0))
PREDICATES(i32, int32_t)
PREDICATES(i64, int64_t)
PREDICATES(u8, uint8_t)

// A bool is a byte of 0 or 1 and compares like one.
#define ROW(name) {[AG_I32] = name##_i32, [AG_I64] = name##_i64, [AG_U8] = name##_u8}
#define ROW_WITH_BOOL(name, bool_loop) \
  {[AG_I32] = name##_i32, [AG_I64] = name##_i64, [AG_U8] = name##_u8, [AG_BOOL] = bool_loop}
#define PREDICATE_ROW(name) ROW_WITH_BOOL(name, name##_u8)

ag_unary_loop ag_integer_unary_loop(ag_unary_op op, ag_dtype type) {
  static const ag_unary_loop loops[AG_UNARY_COUNT][AG_DTYPE_COUNT] = {
      [AG_NEG] = ROW(neg),       [AG_ABS] = ROW(abs),   [AG_SIGN] = ROW(sign),
      [AG_SQUARE] = ROW(square), [AG_RELU] = ROW(relu), [AG_LOGICAL_NOT] = {[AG_BOOL] = logical_not_bool}};
  return loops[op][type];
}

ag_binary_loop ag_integer_binary_loop(ag_binary_op op, ag_dtype type) {
  static const ag_binary_loop loops[AG_BINARY_COUNT][AG_DTYPE_COUNT] = {
      [AG_ADD] = ROW_WITH_BOOL(add, or_bool),
      [AG_SUB] = ROW(sub),
      [AG_MUL] = ROW_WITH_BOOL(mul, and_bool),
      [AG_DIV] = ROW(div),
      [AG_POW] = ROW(pow),
      [AG_MAXIMUM] = ROW_WITH_BOOL(maximum, or_bool),
      [AG_MINIMUM] = ROW_WITH_BOOL(minimum, and_bool),
      [AG_FMOD] = ROW(fmod),
      [AG_REMAINDER] = ROW(remainder),
      [AG_FLOOR_DIVIDE] = ROW(floor_divide),
      [AG_FMAX] = ROW_WITH_BOOL(maximum, or_bool),
      [AG_FMIN] = ROW_WITH_BOOL(minimum, and_bool),
      [AG_GCD] = ROW(gcd),
      [AG_LCM] = ROW(lcm),
      [AG_BIT_AND] = ROW_WITH_BOOL(bit_and, and_bool),
      [AG_BIT_OR] = ROW_WITH_BOOL(bit_or, or_bool),
      [AG_BIT_XOR] = ROW_WITH_BOOL(bit_xor, xor_bool),
      [AG_SHIFT_LEFT] = ROW(shift_left),
      [AG_SHIFT_RIGHT] = ROW(shift_right),
      [AG_EQ] = PREDICATE_ROW(eq),
      [AG_NE] = PREDICATE_ROW(ne),
      [AG_LT] = PREDICATE_ROW(lt),
      [AG_LE] = PREDICATE_ROW(le),
      [AG_GT] = PREDICATE_ROW(gt),
      [AG_GE] = PREDICATE_ROW(ge),
      [AG_LOGICAL_AND] = PREDICATE_ROW(logical_and),
      [AG_LOGICAL_OR] = PREDICATE_ROW(logical_or)};
  return loops[op][type];
}
