// Shared by all sources that are compiled for each instruction set: vectors of one register, loads and stores, and the
// compilation target.
//
// A family `foo` keeps its loops in `foo_impl.h`. `foo_baseline.c`, `foo_avx2.c` and `foo_avx512.c` define AG_LEVEL,
// include this header, then `foo_impl.h`, and close with AG_SIMD_END; each exports one table of function pointers, and
// `foo.c` picks among them with AG_IN_USE (shared.h). Instruction sets are set per function, so no compiler flags are
// needed.
#ifndef AG_SIMD_H
#define AG_SIMD_H

// System headers come before the target is changed: their inline functions must keep the default one.
#include <math.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "ag_level.h"
#include "ag_types.h"

#define AG_INLINE static inline __attribute__((always_inline))

#if AG_LEVEL == 2
#define AG_NAME(name) name##_avx512
#define AG_LANES 16
#define AG_HAS_FMA 1
// Without min_vector_width clang may split 64-byte vectors in two.
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), \
                             apply_to = function)
#pragma clang attribute push(__attribute__((min_vector_width(512))), apply_to = function)
#define AG_SIMD_END _Pragma("clang attribute pop") _Pragma("clang attribute pop")
#elif AG_LEVEL == 1
#define AG_NAME(name) name##_avx2
#define AG_LANES 8
#define AG_HAS_FMA 1
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define AG_SIMD_END _Pragma("clang attribute pop")
#else
#define AG_NAME(name) name##_baseline
#define AG_LANES 4
#if defined(__aarch64__) || defined(__FMA__)
#define AG_HAS_FMA 1
#else
#define AG_HAS_FMA 0
#endif
#define AG_SIMD_END
#endif

// Vectors wider than a register are never passed in a call: every function that takes one is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

// One register of floats, and as many doubles (two registers), so that both types walk in steps of AG_LANES and a
// function of floats can be evaluated in double without reshuffling.
typedef float vf __attribute__((ext_vector_type(AG_LANES)));
typedef double vd __attribute__((ext_vector_type(AG_LANES)));
typedef int32_t vi __attribute__((ext_vector_type(AG_LANES)));
// Clang compares vectors of doubles into vectors of long, which is int64_t on Linux and not on macOS.
typedef long vl __attribute__((ext_vector_type(AG_LANES)));
_Static_assert(sizeof(long) == 8, "vectors of long stand beside vectors of double");

/// a·b + c, fused where the machine can.
AG_INLINE vf fma_f32(vf a, vf b, vf c) {
#if AG_HAS_FMA
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
}
/// a·b + c with an unrounded product on every machine, which recovers the rounding error of a product or quotient. Goes
/// through double where there is no FMA.
AG_INLINE vf exact_fma_f32(vf a, vf b, vf c) {
#if AG_HAS_FMA
  return __builtin_elementwise_fma(a, b, c);
#else
  vd product = __builtin_convertvector(a, vd) * __builtin_convertvector(b, vd);
  return __builtin_convertvector(product + __builtin_convertvector(c, vd), vf);
#endif
}
AG_INLINE vd fma_f64(vd a, vd b, vd c) {
#if AG_HAS_FMA
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
}

AG_INLINE vf load_f32(const float *p) { vf v; memcpy(&v, p, sizeof v); return v; }
AG_INLINE vd load_f64(const double *p) { vd v; memcpy(&v, p, sizeof v); return v; }
AG_INLINE void store_f32(float *p, vf v) { memcpy(p, &v, sizeof v); }
AG_INLINE void store_f64(double *p, vd v) { memcpy(p, &v, sizeof v); }

/// The first n < AG_LANES elements; the other lanes hold `rest`. Masked instructions make rows of a few elements (ten
/// classes, say) twice as fast as the plain loop.
#if AG_LEVEL == 2
AG_INLINE vf load_part_f32(const float *p, size_t n, float rest) {
  return (vf)_mm512_mask_loadu_ps((__m512)(vf)rest, (__mmask16)((1u << n) - 1), p);
}
AG_INLINE void store_part_f32(float *p, size_t n, vf v) {
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
}
AG_INLINE vd load_part_f64(const double *p, size_t n, double rest) {
  unsigned mask = (1u << n) - 1;
  __m512d others = _mm512_set1_pd(rest);
  vd v;
  v.lo = _mm512_mask_loadu_pd(others, (__mmask8)mask, p);
  v.hi = _mm512_mask_loadu_pd(others, (__mmask8)(mask >> 8), p + 8);
  return v;
}
AG_INLINE void store_part_f64(double *p, size_t n, vd v) {
  unsigned mask = (1u << n) - 1;
  _mm512_mask_storeu_pd(p, (__mmask8)mask, v.lo);
  _mm512_mask_storeu_pd(p + 8, (__mmask8)(mask >> 8), v.hi);
}
#else
AG_INLINE vf load_part_f32(const float *p, size_t n, float rest) {
  vf v = rest;
  for (size_t i = 0; i < n; i++) v[i] = p[i];
  return v;
}
AG_INLINE void store_part_f32(float *p, size_t n, vf v) {
  for (size_t i = 0; i < n; i++) p[i] = v[i];
}
AG_INLINE vd load_part_f64(const double *p, size_t n, double rest) {
  vd v = rest;
  for (size_t i = 0; i < n; i++) v[i] = p[i];
  return v;
}
AG_INLINE void store_part_f64(double *p, size_t n, vd v) {
  for (size_t i = 0; i < n; i++) p[i] = v[i];
}
#endif

/// The first n elements at p, at most a register's worth; lanes beyond them hold `rest`.
AG_INLINE vf load_upto_f32(const float *p, size_t n, float rest) {
  return n >= AG_LANES ? load_f32(p) : load_part_f32(p, n, rest);
}
AG_INLINE vd load_upto_f64(const double *p, size_t n, double rest) {
  return n >= AG_LANES ? load_f64(p) : load_part_f64(p, n, rest);
}
AG_INLINE void store_upto_f32(float *p, size_t n, vf v) {
  if (n >= AG_LANES) store_f32(p, v);
  else store_part_f32(p, n, v);
}
AG_INLINE void store_upto_f64(double *p, size_t n, vd v) {
  if (n >= AG_LANES) store_f64(p, v);
  else store_part_f64(p, n, v);
}

/// The sum of all lanes, by halves.
AG_INLINE float sum_lanes_f32(vf v) {
  for (int width = AG_LANES / 2; width; width /= 2)
    for (int i = 0; i < width; i++) v[i] += v[i + width];
  return v[0];
}
AG_INLINE double sum_lanes_f64(vd v) {
  for (int width = AG_LANES / 2; width; width /= 2)
    for (int i = 0; i < width; i++) v[i] += v[i + width];
  return v[0];
}

/// The largest of all lanes, none of them NaN.
AG_INLINE float max_lanes_f32(vf v) { return __builtin_reduce_max(v); }
AG_INLINE double max_lanes_f64(vd v) { return __builtin_reduce_max(v); }

/// Goes before a loop whose iterations touch only their own index; results may overwrite their operands.
#define AG_LOOP _Pragma("clang loop vectorize(assume_safety) interleave(enable)")

#endif
