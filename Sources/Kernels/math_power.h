// Powers of floats and their derivatives, computed in double and, for a float, rounded once.
#ifndef AG_MATH_POWER_H
#define AG_MATH_POWER_H
#include "math_f32.h"

/// e·xᵉ⁻¹, but 0 where e = 0; xᵉ·log x, but 0 where x = 0 ≤ e: PyTorch's two derivatives.
static double pow_slope(double x, double e) { return e == 0 ? 0 : e * pow(x, e - 1); }
static double pow_log_slope(double x, double e) { return x == 0 && e >= 0 ? 0 : pow(x, e) * log(x); }

/// Whether xʸ is e^(y·log x), without a special case.
AG_INLINE vi is_ordinary_power_f32(vf x, vf y) { return (x > 0.0f) & (x < INFINITY) & (abs_f32(y) < INFINITY); }

/// log x for positive finite x: relative error 4.8e-12.
AG_INLINE vd power_log_f32(vf x) {
  vd wide = __builtin_convertvector(((x > 0.0f) & (x < INFINITY)) ? x : (vf)1.0f, vd);
  vl raised = bits_f64(wide) - 0x3fe6a09e667f3bcd;
  vd m = double_of_bits((raised & 0xfffffffffffff) + 0x3fe6a09e667f3bcd);
  // With s = (m − 1) / (m + 1): log m = 2s + s³·P(s²), degree 3.
  vd s = (m - 1.0) / (m + 1.0), z = s * s;
  vd p = fma_f64(z, (vd)0.23582147739653678, (vd)0.2853730873543554);
  p = fma_f64(p, z, (vd)0.4000033518787741);
  p = fma_f64(p, z, (vd)0.6666666564546878);
  vd log_m = fma_f64(p * z, s, s + s);
  return fma_f64(__builtin_convertvector(raised >> 52, vd), (vd)0x1.62e42fefa39efp-1, log_m);
}

/// eˣ, to be rounded to float: 0 or ∞ there beyond ±700. Relative error 3.3e-9.
AG_INLINE vd power_exp_f32(vd x) {
  x = at_least_f64(at_most_f64(x, 700.0), -700.0);
  vd shifted = fma_f64(x, (vd)AG_LOG2E_F64, (vd)AG_ROUNDING_F64);
  vd r = fma_f64(shifted - AG_ROUNDING_F64, (vd)-0x1.62e42fefa39efp-1, x);
  vd p = fma_f64(r, (vd)0.001381314127, (vd)0.008369418792);
  p = fma_f64(p, r, (vd)0.04166845605);
  p = fma_f64(p, r, (vd)0.1666651517);
  p = fma_f64(p, r, (vd)0.4999999404);
  p = fma_f64(p, r * r, r) + 1.0;
  return p * double_of_bits((bits_f64(shifted) << 52) + (1023l << 52));
}

/// A function of x and e, given log x; lanes with special cases are left to the C library.
#define AG_POWER(name, formula, library)                                    \
  AG_INLINE vf name(vf x, vf exponent, vd log_x) {                          \
    vi ordinary = is_ordinary_power_f32(x, exponent);                       \
    vd e = __builtin_convertvector(ordinary ? exponent : (vf)0.0f, vd);     \
    vf y = __builtin_convertvector(formula, vf);                            \
    if (__builtin_reduce_or(~ordinary))                                     \
      for (int i = 0; i < AG_LANES; i++)                                    \
        if (!ordinary[i]) y[i] = (float)library(x[i], exponent[i]);         \
    return y;                                                               \
  }
AG_POWER(pow_f32, power_exp_f32(log_x * e), powf)
AG_POWER(pow_slope_f32, e * power_exp_f32(log_x * (e - 1.0)), pow_slope)
AG_POWER(pow_log_slope_f32, power_exp_f32(log_x * e) * log_x, pow_log_slope)

#endif
