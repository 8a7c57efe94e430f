// Vectors of VALUE for the level being compiled. Included once for each type, so it has no include guard.
#define LANES (VECTOR_BYTES / VALUE_BYTES)

typedef VALUE NAME(vector) __attribute__((ext_vector_type(LANES)));
typedef NAME(vector) NAME(loose_vector) __attribute__((aligned(VALUE_BYTES), may_alias));
typedef typeof((NAME(vector)){} < (NAME(vector)){}) NAME(mask);  // integers as wide as the values
#define VECTOR NAME(vector)
#define MASK NAME(mask)

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE VECTOR NAME(load)(const VALUE *p) { return *(const NAME(loose_vector) *)p; }
INLINE void NAME(store)(VALUE *p, VECTOR x) { *(NAME(loose_vector) *)p = x; }

/// Copies fewer than two vectors' worth of values in a few moves of fixed size.
INLINE void NAME(copy_few)(VALUE *to, const VALUE *from, size_t count) {
  UNROLL for (size_t piece = LANES; piece > 0; piece /= 2) if (count & piece) {
    __builtin_memcpy(to, from, piece * VALUE_BYTES);
    to += piece;
    from += piece;
  }
}

/// The first `count` values at p, at least one and at most a vector; the other lanes are zero.
INLINE VECTOR NAME(load_first)(const VALUE *p, size_t count) {
#if VECTOR_BYTES == 64 && VALUE_BYTES == 4
  return (VECTOR)_mm512_maskz_loadu_ps((__mmask16)(0xffffu >> (LANES - count)), p);
#elif VECTOR_BYTES == 64
  return (VECTOR)_mm512_maskz_loadu_pd((__mmask8)(0xffu >> (LANES - count)), p);
#else
  VALUE values[2 * LANES] = {0};
  NAME(copy_few)(values, p, count);
  return NAME(load)(values);
#endif
}

/// Writes the first `count` lanes, at least one and at most all.
INLINE void NAME(store_first)(VALUE *p, size_t count, VECTOR x) {
#if VECTOR_BYTES == 64 && VALUE_BYTES == 4
  _mm512_mask_storeu_ps(p, (__mmask16)(0xffffu >> (LANES - count)), (__m512)x);
#elif VECTOR_BYTES == 64
  _mm512_mask_storeu_pd(p, (__mmask8)(0xffu >> (LANES - count)), (__m512d)x);
#else
  VALUE values[LANES];
  NAME(store)(values, x);
  NAME(copy_few)(p, values, count);
#endif
}

INLINE VECTOR NAME(multiply_add)(VECTOR a, VECTOR b, VECTOR sum) {
#if HAS_FMA
  return __builtin_elementwise_fma(a, b, sum);
#else
  return a * b + sum;
#endif
}

INLINE VECTOR NAME(keep)(MASK where, VECTOR x) { return __builtin_bit_cast(VECTOR, where & __builtin_bit_cast(MASK, x)); }

/// max(x, 0), and NaN stays NaN.
INLINE VECTOR NAME(relu)(VECTOR x) { return NAME(keep)(~(x < 0), x); }

// For a pair of vectors, exchanges lanes whose indices differ in bit `d`: the first result takes the lanes of both that
// have this bit clear, the second those that have it set.
#define FIRST_OF(t, d) (((t) & (d)) ? LANES + (t) - (d) : (t))
#define SECOND_OF(t, d) (((t) & (d)) ? LANES + (t) : (t) + (d))
#define LANES_2(f, t, d) f(t, d), f(t + 1, d)
#define LANES_4(f, t, d) LANES_2(f, t, d), LANES_2(f, t + 2, d)
#define LANES_8(f, t, d) LANES_4(f, t, d), LANES_4(f, t + 4, d)
#define LANES_16(f, t, d) LANES_8(f, t, d), LANES_8(f, t + 8, d)
#undef EACH_LANE
#if LANES == 2
#define EACH_LANE LANES_2
#elif LANES == 4
#define EACH_LANE LANES_4
#elif LANES == 8
#define EACH_LANE LANES_8
#else
#define EACH_LANE LANES_16
#endif
#define FIRST_LANES(a, b, d) __builtin_shufflevector(a, b, EACH_LANE(FIRST_OF, 0, d))
#define SECOND_LANES(a, b, d) __builtin_shufflevector(a, b, EACH_LANE(SECOND_OF, 0, d))

#define TRANSPOSE_STEP(d)                                        \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES; i++) if (!(i & d)) { \
    VECTOR first = x[i], second = x[i + d];                      \
    x[i] = FIRST_LANES(first, second, d);                        \
    x[i + d] = SECOND_LANES(first, second, d);                   \
  }

/// Transposes a square of LANES vectors.
INLINE void NAME(transpose)(VECTOR x[LANES]) {
  TRANSPOSE_STEP(1)
#if LANES > 2
  TRANSPOSE_STEP(2)
#endif
#if LANES > 4
  TRANSPOSE_STEP(4)
#endif
#if LANES > 8
  TRANSPOSE_STEP(8)
#endif
}

#define SUM_STEP(d)                                              \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES; i += 2 * d) \
    x[i] = FIRST_LANES(x[i], x[i + d], d) + SECOND_LANES(x[i], x[i + d], d);

/// The sum of the lanes of x[i], in lane i.
INLINE VECTOR NAME(sums)(VECTOR x[LANES]) {
  SUM_STEP(1)
#if LANES > 2
  SUM_STEP(2)
#endif
#if LANES > 4
  SUM_STEP(4)
#endif
#if LANES > 8
  SUM_STEP(8)
#endif
  return x[0];
}
