// Vector math in double precision, to about 1 ulp, for float64 tensors and for functions of floats that lose too many
// bits in single precision. Polynomials as in math_f32.h.
#ifndef AG_MATH_F64_H
#define AG_MATH_F64_H
#include "ag_simd.h"

AG_INLINE vl bits_f64(vd x) { return __builtin_bit_cast(vl, x); }
AG_INLINE vd double_of_bits(vl x) { return __builtin_bit_cast(vd, x); }
AG_INLINE vd abs_f64(vd x) { return double_of_bits(bits_f64(x) & INT64_MAX); }
AG_INLINE vd with_sign_f64(vd magnitude, vd sign) {
  return double_of_bits((bits_f64(magnitude) & INT64_MAX) | (bits_f64(sign) & (vl)INT64_MIN));
}
AG_INLINE vd at_most_f64(vd x, double limit) { return x > limit ? (vd)limit : x; }   // NaN stays NaN
AG_INLINE vd at_least_f64(vd x, double limit) { return x < limit ? (vd)limit : x; }  // NaN stays NaN

/// 2ⁿ for −1022 ≤ n ≤ 1023.
AG_INLINE vd power_of_two_f64(vl n) { return double_of_bits((n + 1023) << 52); }

#define AG_ROUNDING_F64 0x1.8p52
#define AG_LOG2E_F64 0x1.71547652b82fep0
#define AG_LN2_HIGH_F64 0x1.62e42feep-1  // 32 bits: its product with an exponent is exact
#define AG_LN2_LOW_F64 0x1.a39ef35793c76p-33

AG_INLINE vd split_exponent_f64(vd x, vl *n) {
  vd shifted = fma_f64(x, (vd)AG_LOG2E_F64, (vd)AG_ROUNDING_F64);
  vd whole = shifted - AG_ROUNDING_F64;
  *n = bits_f64(shifted) - bits_f64((vd)AG_ROUNDING_F64);
  return fma_f64(whole, (vd)-AG_LN2_LOW_F64, fma_f64(whole, (vd)-AG_LN2_HIGH_F64, x));
}

/// eʳ − 1 for |r| ≤ ½ ln 2.
AG_INLINE vd expm1_core_f64(vd r) {
  // (eʳ − 1 − r) / r², degree 10, relative error of eʳ − 1 2.9e-19.
  vd p = fma_f64(r, (vd)2.0925388745057872e-09, (vd)2.5110179005322026e-08);
  p = fma_f64(p, r, (vd)2.7557239696997833e-07);
  p = fma_f64(p, r, (vd)2.7557241163733966e-06);
  p = fma_f64(p, r, (vd)2.4801587364136873e-05);
  p = fma_f64(p, r, (vd)0.0001984126988889322);
  p = fma_f64(p, r, (vd)0.0013888888888865033);
  p = fma_f64(p, r, (vd)0.008333333333320654);
  p = fma_f64(p, r, (vd)0.041666666666666706);
  p = fma_f64(p, r, (vd)0.16666666666666677);
  p = fma_f64(p, r, (vd)0.5);
  return fma_f64(p, r * r, r);
}

AG_INLINE vd exp_f64(vd x) {
  x = at_least_f64(at_most_f64(x, 710.0), -750.0);
  vl n;
  vd r = split_exponent_f64(x, &n);
  vd p = x < -746.0 ? (vd)0.0 : expm1_core_f64(r) + 1.0;
  vl half = n >> 1;
  return p * power_of_two_f64(half) * power_of_two_f64(n - half);
}

AG_INLINE vd expm1_f64(vd x) {
  vd bounded = at_least_f64(at_most_f64(x, 710.0), -40.0);
  vl n;
  vd r = split_exponent_f64(bounded, &n);
  vd scale = power_of_two_f64(n - 1);
  vd y = fma_f64(scale, expm1_core_f64(r), scale - 0.5) * 2.0;
  return x == 0.0 ? x : y;
}

/// log(u + low) for u > 0, with |low| much smaller than u.
AG_INLINE vd log_core_f64(vd u, vd low) {
  vl small = u < 0x1p-1022;
  u = small ? u * 0x1p54 : u;
  low = small ? low * 0x1p54 : low;
  vl raised = bits_f64(u) - 0x3fe6a09e667f3bcd;
  vl n = raised >> 52;
  vd m = double_of_bits((raised & 0xfffffffffffff) + 0x3fe6a09e667f3bcd);
  vd f = (m - 1.0) + low * power_of_two_f64(n > 1022 ? (vl)-1022 : -n);
  vd e = __builtin_convertvector(n - (small & 54), vd);
  // With s = f / (2 + f): log(1 + f) = 2s + s³·P(s²) = f − s·(f − s²·P); degree 6, error 4.6e-18.
  vd s = f / (2.0 + f);
  vd z = s * s;
  vd p = fma_f64(z, (vd)0.1481193624096494, (vd)0.15313030178577663);
  p = fma_f64(p, z, (vd)0.1818357643089037);
  p = fma_f64(p, z, (vd)0.2222219900539309);
  p = fma_f64(p, z, (vd)0.28571428730011333);
  p = fma_f64(p, z, (vd)0.3999999999951718);
  p = fma_f64(p, z, (vd)0.666666666666671);
  vd half_square = 0.5 * f * f;
  vd tail = fma_f64(s, fma_f64(p, z, half_square), e * AG_LN2_LOW_F64);
  return fma_f64(e, (vd)AG_LN2_HIGH_F64, f - (half_square - tail));
}

AG_INLINE vd log_edges_f64(vd u, vd y) {
  y = u == INFINITY ? (vd)INFINITY : y;
  y = u == 0.0 ? (vd)-INFINITY : y;
  return ((u < 0.0) | (u != u)) ? (vd)NAN : y;
}

AG_INLINE vd log_f64(vd x) { return log_edges_f64(x, log_core_f64(x, (vd)0.0)); }

AG_INLINE vd log1p_f64(vd x) {
  vd u = 1.0 + x;
  vd low = abs_f64(x) < 1.0 ? x - (u - 1.0) : 1.0 - (u - x);
  vd y = log_edges_f64(u, log_core_f64(u, low));
  return x == 0.0 ? x : y;
}

AG_INLINE vd tanh_f64(vd x) {
  vd e = expm1_f64(2.0 * at_most_f64(abs_f64(x), 20.0));
  return with_sign_f64(e / (e + 2.0), x);
}

AG_INLINE vd sigmoid_f64(vd x) {
  vd e = exp_f64(-abs_f64(x));
  return (x < 0.0 ? e : (vd)1.0) / (1.0 + e);
}

/// x·σ(t) for a t with the sign of x; 0 at −∞.
AG_INLINE vd times_sigmoid_f64(vd x, vd t) { return x == -INFINITY ? (vd)-0.0 : x * sigmoid_f64(t); }

AG_INLINE vd silu_f64(vd x) { return times_sigmoid_f64(x, x); }

/// log(1 + eˣ)
AG_INLINE vd softplus_f64(vd x) { return at_least_f64(x, 0.0) + log1p_f64(exp_f64(-abs_f64(x))); }
AG_INLINE vd log_sigmoid_f64(vd x) { return at_most_f64(x, 0.0) - log1p_f64(exp_f64(-abs_f64(x))); }

/// x·tanh(softplus x) = x·t / (t + 2) with t = eˣ·(eˣ + 2).
AG_INLINE vd mish_f64(vd x) {
  vd e = exp_f64(at_most_f64(x, 40.0));
  vd t = e * (e + 2.0);
  vd y = x * (t / (t + 2.0));
  return x == -INFINITY ? (vd)-0.0 : y;
}

/// Φ(−t)·e^(½t²) for 0 ≤ t ≤ 40.
AG_INLINE vd normal_tail_f64(vd t) {
  // Degree 22 in u, highest power first, relative error 3.6e-18.
  static const double factors[] = {
      -0.0009689180769622217, -0.001191404018741637, 0.001912796548887386, 0.002980443030025745,
      -0.002882038225730578, -0.005133135241526938, 0.00505330094504466, 0.007973879096480885, -0.011060489334995902,
      -0.010404452770432303, 0.027215549288427687, 0.001968754887339702, -0.061877742350271846, 0.06874974374784468,
      0.056204988828980486, -0.3044920776520276, 0.5754477152378258, -0.7492448156062663, 0.7656856365467197,
      -0.647071018113018, 0.46427524754401317, -0.28691511052802393, 0.07691930497500629};
  vd u = t / (t + 5.0) - 0.5, p = factors[0];
  for (int i = 1; i < 23; i++) p = fma_f64(p, u, (vd)factors[i]);
  return p;
}

/// factor·e^(−½t²)
AG_INLINE vd decayed_f64(vd factor, vd t) { return factor * exp_f64(t * t * -0.5); }

/// x·Φ(x), from its tail t·Φ(−t) with t = |x|.
AG_INLINE vd gelu_f64(vd x) {
  vd t = at_most_f64(abs_f64(x), 40.0);
  vd tail = decayed_f64(t * normal_tail_f64(t), t);
  return x > 0.0 ? x - tail : -tail;
}

/// ½x·(1 + tanh u) = x·σ(2u) with u = √(2/π)·(x + 0.044715x³).
AG_INLINE vd gelu_tanh_f64(vd x) {
  return times_sigmoid_f64(x, x * fma_f64(x * x, (vd)0.07135481627260025, (vd)1.5957691216057308));
}

#endif
