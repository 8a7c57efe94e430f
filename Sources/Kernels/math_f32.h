// Vector math in single precision: a function for each unary op, at most 2.5 ulp off, with C's special values. The
// polynomials are minimax fits (Remez in 50 digits), rounded to float; each states its interval and error.
#ifndef AG_MATH_F32_H
#define AG_MATH_F32_H
#include "ag_simd.h"
#include "math_f64.h"

AG_INLINE vi bits_f32(vf x) { return __builtin_bit_cast(vi, x); }
AG_INLINE vf float_of_bits(vi x) { return __builtin_bit_cast(vf, x); }
AG_INLINE vf abs_f32(vf x) { return float_of_bits(bits_f32(x) & 0x7fffffff); }
AG_INLINE vf with_sign_f32(vf magnitude, vf sign) {
  return float_of_bits((bits_f32(magnitude) & 0x7fffffff) | (bits_f32(sign) & (vi)INT32_MIN));
}
AG_INLINE vf at_most_f32(vf x, float limit) { return x > limit ? (vf)limit : x; }   // NaN stays NaN
AG_INLINE vf at_least_f32(vf x, float limit) { return x < limit ? (vf)limit : x; }  // NaN stays NaN

/// 2ⁿ for −126 ≤ n ≤ 127.
AG_INLINE vf power_of_two_f32(vi n) { return float_of_bits((n + 127) << 23); }

// Adding 1.5·2²³ rounds to an integer, which is then in the low bits of the sum.
#define AG_ROUNDING_F32 0x1.8p23f

/// The integer in such a sum.
AG_INLINE vi integer_of_sum_f32(vf sum) { return bits_f32(sum) - bits_f32((vf)AG_ROUNDING_F32); }

/// x·2ⁿ for the n in such a sum, rounded once even where 2ⁿ alone is out of range.
AG_INLINE vf times_power_of_two_f32(vf x, vf sum) {
#if AG_LEVEL == 2
  return (vf)_mm512_scalef_ps((__m512)x, (__m512)(sum - AG_ROUNDING_F32));
#else
  vi n = integer_of_sum_f32(sum), half = n >> 1;
  return x * power_of_two_f32(half) * power_of_two_f32(n - half);
#endif
}

#define AG_LOG2E_F32 0x1.715476p0f
#define AG_LN2_HIGH_F32 0x1.62e4p-1f  // 16 bits: its product with an exponent is exact
#define AG_LN2_LOW_F32 0x1.7f7d1cp-20f

/// x = n·ln 2 + r with |r| ≤ ½ ln 2; `sum` is n + 1.5·2²³.
AG_INLINE vf split_exponent_f32(vf x, vf *sum) {
  *sum = fma_f32(x, (vf)AG_LOG2E_F32, (vf)AG_ROUNDING_F32);
  vf whole = *sum - AG_ROUNDING_F32;
  return fma_f32(whole, (vf)-AG_LN2_LOW_F32, fma_f32(whole, (vf)-AG_LN2_HIGH_F32, x));
}

/// (eʳ − 1 − r) / r² for |r| ≤ ½ ln 2, degree 4, relative error of eʳ 3.3e-9.
AG_INLINE vf exp_core_f32(vf r) {
  vf p = fma_f32(r, (vf)0.001381314127f, (vf)0.008369418792f);
  p = fma_f32(p, r, (vf)0.04166845605f);
  p = fma_f32(p, r, (vf)0.1666651517f);
  return fma_f32(p, r, (vf)0.4999999404f);
}

/// factor·eˣ, without losing bits where eˣ alone is denormal.
AG_INLINE vf scaled_exp_f32(vf factor, vf x) {
  x = at_least_f32(at_most_f32(x, 120.0f), -120.0f);
  vf n, r = split_exponent_f32(x, &n);
  vf p = fma_f32(exp_core_f32(r), r * r, r) + 1.0f;
  // Below −104 the result is 0. Masked scores (−∞) are frequent here, and a product that underflows is slow.
  p = x < -104.0f ? (vf)0.0f : p;
  return times_power_of_two_f32(factor * p, n);
}

AG_INLINE vf exp_f32(vf x) { return scaled_exp_f32((vf)1.0f, x); }

AG_INLINE vf expm1_f32(vf x) {
  vf bounded = at_least_f32(at_most_f32(x, 89.0f), -18.0f);
  vf n, r = split_exponent_f32(bounded, &n);
  // (eʳ − 1 − r) / r², degree 4, relative error of eʳ − 1 1.4e-8.
  vf p = fma_f32(r, (vf)0.001394761493f, (vf)0.008367244154f);
  p = fma_f32(p, r, (vf)0.04166626558f);
  p = fma_f32(p, r, (vf)0.1666653752f);
  p = fma_f32(p, r, (vf)0.5f);
  p = fma_f32(p, r * r, r);
  // eˣ − 1 = 2ⁿ·p + (2ⁿ − 1), halved on the way for n = 128.
  vf scale = power_of_two_f32(integer_of_sum_f32(n) - 1);
  vf y = fma_f32(scale, p, scale - 0.5f) * 2.0f;
  return x == 0.0f ? x : y;
}

/// u + low = 2^e·m with √½ ≤ m < √2, for u > 0 and |low| much smaller than u; returns log m.
AG_INLINE vf log_parts_f32(vf u, vf low, vf *e) {
  // Denormals are scaled into the normal range first.
  vi small = u < 0x1p-126f;
  u = small ? u * 0x1p24f : u;
  low = small ? low * 0x1p24f : low;
  // The exponent is extracted after moving the boundary between exponents to √½.
  vi raised = bits_f32(u) - 0x3f3504f3;
  vi n = raised >> 23;
  vf m = float_of_bits((raised & 0x7fffff) + 0x3f3504f3);
  vf f = fma_f32(low, power_of_two_f32(n > 126 ? (vi)-126 : -n), m - 1.0f);
  *e = __builtin_convertvector(n - (small & 24), vf);
  // (log(1 + f) − f + ½f²) / f³, degree 8, relative error of the logarithm 7.3e-10.
  vf p = fma_f32(f, (vf)0.06915541738f, (vf)-0.1178986728f);
  p = fma_f32(p, f, (vf)0.1187292635f);
  p = fma_f32(p, f, (vf)-0.1238433421f);
  p = fma_f32(p, f, (vf)0.1421866417f);
  p = fma_f32(p, f, (vf)-0.1666925251f);
  p = fma_f32(p, f, (vf)0.2000222653f);
  p = fma_f32(p, f, (vf)-0.2499998659f);
  p = fma_f32(p, f, (vf)0.3333331048f);
  vf square = f * f;
  return f + fma_f32(p * f, square, square * -0.5f);
}

AG_INLINE vf log_core_f32(vf u, vf low) {
  vf e, log_m = log_parts_f32(u, low, &e);
  return fma_f32(e, (vf)AG_LN2_HIGH_F32, fma_f32(e, (vf)AG_LN2_LOW_F32, log_m));
}

/// The values of a logarithm outside (0, ∞).
AG_INLINE vf log_edges_f32(vf u, vf y) {
  y = u == INFINITY ? (vf)INFINITY : y;
  y = u == 0.0f ? (vf)-INFINITY : y;
  return ((u < 0.0f) | (u != u)) ? (vf)NAN : y;
}

AG_INLINE vf log_f32(vf x) { return log_edges_f32(x, log_core_f32(x, (vf)0.0f)); }

/// log₂ x, exact for powers of two.
AG_INLINE vf log2_f32(vf x) {
  vf e, log_m = log_parts_f32(x, (vf)0.0f, &e);
  return log_edges_f32(x, fma_f32(log_m, (vf)AG_LOG2E_F32, e));
}

AG_INLINE vf log1p_f32(vf x) {
  vf u = 1.0f + x;
  // The rounding error of the sum, exact because the larger of 1 and x is subtracted first.
  vf low = abs_f32(x) < 1.0f ? x - (u - 1.0f) : 1.0f - (u - x);
  vf y = log_edges_f32(u, log_core_f32(u, low));
  return x == 0.0f ? x : y;
}

// sin and cos of an angle r with |r| ≤ π/4, to the precision of float; tan takes them in double, for its quotient.
#define AG_ANGLE_CORES(type, V)                                                \
  AG_INLINE V sin_core_##type(V r) {                                           \
    V z = r * r;                                                               \
    /* (sin r / r − 1) / r², degree 2 in r², error 3.7e-9. */                  \
    V p = fma_##type(z, (V)-0.0001951407903f, (V)0.008332154714f);             \
    p = fma_##type(p, z, (V)-0.1666665524f);                                   \
    return fma_##type(p * z, r, r);                                            \
  }                                                                            \
  AG_INLINE V cos_core_##type(V r) {                                           \
    V z = r * r;                                                               \
    /* (cos r − 1 + ½r²) / r⁴, degree 2 in r², error 1.0e-10. */               \
    V p = fma_##type(z, (V)2.443487392e-5f, (V)-0.001388733741f);              \
    p = fma_##type(p, z, (V)0.04166664556f);                                   \
    return fma_##type(p * z, z, fma_##type(z, (V)-0.5f, (V)1.0f));             \
  }
AG_ANGLE_CORES(f32, vf)
AG_ANGLE_CORES(f64, vd)

// Beyond this the reduction below loses bits, and the C library is called.
#define AG_ANGLE_LIMIT_F32 0x1p20f

/// x = n·π/2 + r, in double: the 33-bit head of π/2 times n is exact, so r keeps its bits near multiples of π/2.
AG_INLINE vd split_angle_f32(vf x, vl *n) {
  vf bounded = abs_f32(x) <= AG_ANGLE_LIMIT_F32 ? x : (vf)0.0f;
  vd wide = __builtin_convertvector(bounded, vd);
  vd shifted = wide * 0x1.45f306dc9c883p-1 + 0x1.8p52;
  vd whole = shifted - 0x1.8p52;
  *n = bits_f64(shifted);
  return (wide - whole * 0x1.921fb544p0) - whole * 0x1.0b4611a626331p-34;
}

/// y, with `f` of the lanes whose angle is out of range (infinities and NaN included).
AG_INLINE vf beyond_angles_f32(vf x, vf y, float (*f)(float)) {
  vi beyond = ~(abs_f32(x) <= AG_ANGLE_LIMIT_F32);
  if (__builtin_reduce_or(beyond))
    for (int i = 0; i < AG_LANES; i++)
      if (beyond[i]) y[i] = f(x[i]);
  return y;
}

/// sin r, cos r, −sin r or −cos r, according to the quadrant n.
AG_INLINE vf turned_sin_f32(vf r, vi n) {
  vf y = (n & 1) != 0 ? cos_core_f32(r) : sin_core_f32(r);
  return float_of_bits(bits_f32(y) ^ ((n & 2) << 30));
}

AG_INLINE vf sin_f32(vf x) {
  vl n;
  vf r = __builtin_convertvector(split_angle_f32(x, &n), vf);
  vf y = turned_sin_f32(r, __builtin_convertvector(n, vi));
  return beyond_angles_f32(x, x == 0.0f ? x : y, sinf);
}

AG_INLINE vf cos_f32(vf x) {
  vl n;
  vf r = __builtin_convertvector(split_angle_f32(x, &n), vf);
  return beyond_angles_f32(x, turned_sin_f32(r, __builtin_convertvector(n, vi) + 1), cosf);
}

AG_INLINE vf tan_f32(vf x) {
  vl n;
  vd r = split_angle_f32(x, &n);
  vd s = sin_core_f64(r), c = cos_core_f64(r);
  vl odd = (n & 1) != 0;
  vf y = __builtin_convertvector((odd ? -c : s) / (odd ? s : c), vf);
  return beyond_angles_f32(x, x == 0.0f ? x : y, tanf);
}

#define AG_HALF_PI_HIGH_F32 0x1.921fb6p0f
#define AG_HALF_PI_LOW_F32 -0x1.777a5cp-25f

/// asin s for s with square z, 0 ≤ s ≤ ½.
AG_INLINE vf asin_core_f32(vf s, vf z) {
  // (asin s / s − 1) / s², degree 4 in s², error 4.8e-9.
  vf p = fma_f32(z, (vf)0.04216636f, (vf)0.02417948f);
  p = fma_f32(p, z, (vf)0.045470383f);
  p = fma_f32(p, z, (vf)0.074952975f);
  p = fma_f32(p, z, (vf)0.16666752f);
  return fma_f32(s * z, p, s);
}

AG_INLINE vf asin_f32(vf x) {
  // Beyond ½: π/2 − 2 asin √½(1 − x).
  vf a = abs_f32(x), z = a <= 0.5f ? a * a : fma_f32(a, (vf)-0.5f, (vf)0.5f);
  vf y = asin_core_f32(a <= 0.5f ? a : __builtin_elementwise_sqrt(z), z);
  return with_sign_f32(a <= 0.5f ? y : fma_f32(y, (vf)-2.0f, (vf)AG_HALF_PI_HIGH_F32) + AG_HALF_PI_LOW_F32, x);
}

AG_INLINE vf acos_f32(vf x) {
  vf a = abs_f32(x), z = a <= 0.5f ? a * a : fma_f32(a, (vf)-0.5f, (vf)0.5f);
  vf y = asin_core_f32(a <= 0.5f ? a : __builtin_elementwise_sqrt(z), z);
  vf middle = AG_HALF_PI_HIGH_F32 - (with_sign_f32(y, x) - AG_HALF_PI_LOW_F32);
  vf left = fma_f32(y, (vf)-2.0f, (vf)(2.0f * AG_HALF_PI_HIGH_F32)) + 2.0f * AG_HALF_PI_LOW_F32;
  return a <= 0.5f ? middle : x < 0.0f ? left : 2.0f * y;
}

/// atan t for |t| ≤ 1.
AG_INLINE vf atan_core_f32(vf t) {
  // (atan t / t − 1) / t², degree 8 in t², error 2.6e-9.
  vf z = t * t;
  vf p = fma_f32(z, (vf)-0.0017935594f, (vf)0.010914305f);
  p = fma_f32(p, z, (vf)-0.031177238f);
  p = fma_f32(p, z, (vf)0.057956927f);
  p = fma_f32(p, z, (vf)-0.08403407f);
  p = fma_f32(p, z, (vf)0.10952169f);
  p = fma_f32(p, z, (vf)-0.14264238f);
  p = fma_f32(p, z, (vf)0.19998547f);
  p = fma_f32(p, z, (vf)-0.333333f);
  return fma_f32(t * z, p, t);
}

AG_INLINE vf atan_f32(vf x) {
  vf a = abs_f32(x), y = atan_core_f32(a > 1.0f ? -1.0f / a : a);
  return with_sign_f32(a > 1.0f ? (AG_HALF_PI_HIGH_F32 + y) + AG_HALF_PI_LOW_F32 : y, x);
}

/// The angle of the point (x, y): computed from the smaller coordinate over the larger one, then moved to its octant.
AG_INLINE vf atan2_f32(vf y, vf x) {
  vf ax = abs_f32(x), ay = abs_f32(y);
  vf least = ay > ax ? ax : ay, most = ay > ax ? ay : ax;
  vf t = least == most ? (vf)1.0f : least / most;  // also of two infinities
  vf angle = atan_core_f32(most == 0.0f ? (vf)0.0f : t);
  angle = ay > ax ? (AG_HALF_PI_HIGH_F32 - angle) + AG_HALF_PI_LOW_F32 : angle;
  angle = bits_f32(x) < 0 ? (2.0f * AG_HALF_PI_HIGH_F32 - angle) + 2.0f * AG_HALF_PI_LOW_F32 : angle;
  return ((x != x) | (y != y)) ? x + y : with_sign_f32(angle, y);
}

AG_INLINE vf sinh_f32(vf x) {
  // With e = e^|x| − 1: ½(e + e / (e + 1)). For large |x|, ½e^|x|, which may be in range where e^|x| is not.
  vf a = abs_f32(x), e = expm1_f32(at_most_f32(a, 88.0f));
  return with_sign_f32(a > 88.0f ? scaled_exp_f32((vf)0.5f, a) : 0.5f * (e + e / (e + 1.0f)), x);
}

AG_INLINE vf cosh_f32(vf x) {
  vf e = scaled_exp_f32((vf)0.5f, abs_f32(x));
  return e + 0.25f / e;
}

AG_INLINE vf tanh_f32(vf x) {
  // With e = e^(2|x|) − 1: tanh |x| = e / (e + 2).
  vf e = expm1_f32(2.0f * at_most_f32(abs_f32(x), 10.0f));
  return with_sign_f32(e / (e + 2.0f), x);
}

AG_INLINE vf sigmoid_f32(vf x) {
  // Computed from e^(−|x|), which cannot overflow.
  vf e = exp_f32(-abs_f32(x));
  return (x < 0.0f ? e : (vf)1.0f) / (1.0f + e);
}

AG_INLINE vf silu_f32(vf x) {
  // x / (1 + e^−x), with both parts scaled down where e^−x is out of range and the quotient is not.
  vf scale = x < -64.0f ? (vf)0x1p-40f : (vf)1.0f;
  return scale * at_least_f32(x, -120.0f) / (scale + scaled_exp_f32(scale, -x));
}

AG_INLINE vf softplus_f32(vf x) { return at_least_f32(x, 0.0f) + log1p_f32(exp_f32(-abs_f32(x))); }
AG_INLINE vf log_sigmoid_f32(vf x) { return -softplus_f32(-x); }

AG_INLINE vf erf_f32(vf x) {
  vf t = at_most_f32(abs_f32(x), 4.0f);
  vf z = t * t;
  // erf t / t − 1 on [0, 0.925], degree 6 in t², error 4.2e-10.
  vf near = fma_f32(z, (vf)8.377591439e-5f, (vf)-0.0008145080646f);
  near = fma_f32(near, z, (vf)0.005201305263f);
  near = fma_f32(near, z, (vf)-0.02685953863f);
  near = fma_f32(near, z, (vf)0.1128369868f);
  near = fma_f32(near, z, (vf)-0.376126349f);
  near = fma_f32(near, z, (vf)0.1283791661f);
  near = fma_f32(near, t, t);
  // log(1 − erf t) on [0.92, 4], degree 7, relative error of erf 4.6e-11.
  vf far = fma_f32(t, (vf)-2.109497291e-5f, (vf)0.0004344617773f);
  far = fma_f32(far, t, (vf)-0.004171059001f);
  far = fma_f32(far, t, (vf)0.02511941828f);
  far = fma_f32(far, t, (vf)-0.1082800776f);
  far = fma_f32(far, t, (vf)-0.6333469152f);
  far = fma_f32(far, t, (vf)-1.129514933f);
  far = fma_f32(far, t, (vf)0.0001746833004f);
  return with_sign_f32(t < 0.92f ? near : 1.0f - exp_f32(far), x);
}

/// e^(−½t²) = 2ⁿ·(1 + s) for 0 ≤ t ≤ 15, beyond which it is 0; returns s. The rounding error of t² is carried
/// along, since ½t² grows to 112.
AG_INLINE vf normal_decay_f32(vf t, vf *n) {
  vf half = t * -0.5f, square = t * half;
  vf d = split_exponent_f32(square, n) + exact_fma_f32(t, half, -square);
  return fma_f32(exp_core_f32(d), d * d, d);
}

/// factor·e^(−½t²) for t ≥ 0
AG_INLINE vf decayed_f32(vf factor, vf t) {
  vf n, s = normal_decay_f32(at_most_f32(t, 15.0f), &n);
  return times_power_of_two_f32(fma_f32(factor, s, factor), n);
}

/// Φ(−t)·e^(½t²) for t ≥ 0, for derivatives: the error is 5e-9 next to e^(−½t²) ≤ 1, and 4e-7 next
/// to the t/√2π subtracted there.
AG_INLINE vf normal_tail_f32(vf t) {
  vf u = t / (t + 3.0f);
  vf p = fma_f32(u, (vf)-0.044457164f, (vf)0.1013089f);
  p = fma_f32(p, u, (vf)0.025056956f);
  p = fma_f32(p, u, (vf)-0.15029807f);
  p = fma_f32(p, u, (vf)-0.28800494f);
  p = fma_f32(p, u, (vf)1.0532144f);
  p = fma_f32(p, u, (vf)-1.1968276f);
  return fma_f32(p, u, (vf)0.5f);
}

/// x·Φ(x). Its tail t·Φ(−t) is h·q·e^(−½t²) with h = t / (2t + 3) and a q near 1; computing q·e^(−½t²) − 1 keeps the
/// digits that a product of the two would round away.
AG_INLINE vf gelu_f32(vf x) {
  vf t = at_most_f32(abs_f32(x), 15.0f);
  vf h = t / fma_f32(t, (vf)2.0f, (vf)3.0f), v = h - 0.25f;
  // q − 1, degree 11, relative error of the tail 3.7e-9 up to 0.75, 1.1e-8 beyond. Even and odd powers are summed
  // separately, because a single chain of multiply-adds would be bound by latency.
  vf w = v * v;
  vf even = fma_f32(w, (vf)950.9162f, (vf)-133.72717f), odd = fma_f32(w, (vf)1207.837f, (vf)137.06137f);
  even = fma_f32(even, w, (vf)-20.051702f), odd = fma_f32(odd, w, (vf)-89.00058f);
  even = fma_f32(even, w, (vf)9.033683f), odd = fma_f32(odd, w, (vf)8.1701174f);
  even = fma_f32(even, w, (vf)-1.8398651f), odd = fma_f32(odd, w, (vf)2.290742f);
  even = fma_f32(even, w, (vf)0.234684f), odd = fma_f32(odd, w, (vf)-1.5607958f);
  vf q = exact_fma_f32(odd, v, even);
  vf n, s = normal_decay_f32(t, &n);
  vf tail = times_power_of_two_f32(exact_fma_f32(exact_fma_f32(q, s + 1.0f, s), h, h), n);
  return x > 0.0f ? x - tail : -tail;
}

// Sums and products with several roundings are computed in double and rounded once.
#define AG_THROUGH_F64(name) \
  AG_INLINE vf name##_f32(vf x) { \
    return __builtin_convertvector(name##_f64(__builtin_convertvector(x, vd)), vf); \
  }
AG_THROUGH_F64(mish)
AG_THROUGH_F64(gelu_tanh)

#endif
