// Functions that are rarer than those of math_f32.h and math_f64.h. Those of floats are worked out in double
// and rounded once.
#ifndef AG_MATH_SPECIAL_H
#define AG_MATH_SPECIAL_H
#include "math_f32.h"

/// x, with its lanes of infinite size replaced by `value`.
AG_INLINE vd infinite_f64(vd x, vd y, double value) { return abs_f64(x) == INFINITY ? (vd)value : y; }

/// sin πx and cos πx, whose angle is reduced without rounding: exactly 0 or ±1 where they are.
AG_INLINE void sin_cos_pi_f64(vd x, vd *sine, vd *cosine) {
  vd n = __builtin_elementwise_roundeven(2.0 * x);
  vd quadrant = n - 4.0 * __builtin_elementwise_floor(0.25 * n);
  vd r = fma_f64(n, (vd)-0.5, x) * 3.141592653589793, z = r * r;
  // Taylor's series for |r| ≤ π/4: what is left out is below 1e-19.
  vd s = fma_f64(z, (vd)2.8114572543455206e-15, (vd)-7.647163731819816e-13);
  s = fma_f64(s, z, (vd)1.6059043836821613e-10);
  s = fma_f64(s, z, (vd)-2.505210838544172e-08);
  s = fma_f64(s, z, (vd)2.7557319223985893e-06);
  s = fma_f64(s, z, (vd)-0.0001984126984126984);
  s = fma_f64(s, z, (vd)0.008333333333333333);
  s = fma_f64(s, z, (vd)-0.16666666666666666);
  s = fma_f64(s * z, r, r);
  vd c = fma_f64(z, (vd)-1.5619206968586225e-16, (vd)4.779477332387385e-14);
  c = fma_f64(c, z, (vd)-1.1470745597729725e-11);
  c = fma_f64(c, z, (vd)2.08767569878681e-09);
  c = fma_f64(c, z, (vd)-2.755731922398589e-07);
  c = fma_f64(c, z, (vd)2.48015873015873e-05);
  c = fma_f64(c, z, (vd)-0.001388888888888889);
  c = fma_f64(c, z, (vd)0.041666666666666664);
  c = fma_f64(c, z, (vd)-0.5);
  c = fma_f64(c, z, (vd)1.0);
  vl isOdd = (quadrant == 1.0) | (quadrant == 3.0);
  vd turned_sine = isOdd ? c : s, turned_cosine = isOdd ? s : c;
  *sine = quadrant >= 2.0 ? -turned_sine : turned_sine;
  *cosine = ((quadrant == 1.0) | (quadrant == 2.0)) ? -turned_cosine : turned_cosine;
}

/// sin(πx) / πx, 1 at 0.
AG_INLINE vd sinc_f64(vd x) {
  vd s, c;
  sin_cos_pi_f64(x, &s, &c);
  return x == 0.0 ? (vd)1.0 : s / (x * 3.141592653589793);
}

/// Its derivative (cos πx − sinc x) / x; near 0, where that cancels, by its series.
AG_INLINE vd sinc_slope_f64(vd x) {
  vd s, c;
  sin_cos_pi_f64(x, &s, &c);
  vd far = (c - s / (x * 3.141592653589793)) / x;
  // Factors of x, x³, x⁵, …, for |x| < ½: (−1)ᵏ 2k π²ᵏ / (2k + 1)!
  vd z = x * x, p = 0.0;
  static const double factors[] = {
      -7.365893777096947e-11, 3.4330769499642866e-09, -1.3148481279991994e-07, 4.049947846619244e-06,
      -9.766223126318933e-05, 0.001781145516372852, -0.023460810354558236, 0.2091827825412384, -1.1445109447325053,
      3.2469697011334144, -3.289868133696453};
  for (int i = 0; i < 11; i++) p = fma_f64(p, z, (vd)factors[i]);
  return abs_f64(x) < 0.5 ? p * x : far;
}

/// log |Γ(x)|. Right of 0 that is Stirling's series at x + n ≥ 8, less the logarithm of x (x + 1) … (x + n −
/// 1); left of it log(π / |sin πx|) − log Γ(1 − x). To about 1e-15 next to its zeros, and to as many digits
/// elsewhere.
AG_INLINE vd lgamma_f64(vd x) {
  vd z = x < 0.0 ? 1.0 - x : x, product = 1.0, sine, cosine;
  for (int i = 0; i < 8; i++) {
    vl isSmall = z < 8.0;
    product = isSmall ? product * z : product;
    z = isSmall ? z + 1.0 : z;
  }
  vd w = 1.0 / z, v = w * w;
  vd series = fma_f64(v, (vd)-0.029550653594771242, (vd)0.00641025641025641);
  series = fma_f64(series, v, (vd)-0.0019175269175269176);
  series = fma_f64(series, v, (vd)0.0008417508417508417);
  series = fma_f64(series, v, (vd)-0.0005952380952380953);
  series = fma_f64(series, v, (vd)0.0007936507936507937);
  series = fma_f64(series, v, (vd)-0.002777777777777778);
  series = fma_f64(series, v, (vd)0.08333333333333333);
  vd y = fma_f64(z - 0.5, log_f64(z), -z) + fma_f64(series, w, (vd)0.9189385332046727) - log_f64(product);
  sin_cos_pi_f64(x, &sine, &cosine);
  y = x < 0.0 ? log_f64(3.141592653589793 / abs_f64(sine)) - y : y;
  y = ((x == 1.0) | (x == 2.0)) ? (vd)0.0 : y;
  return infinite_f64(x, y, INFINITY);
}

/// ψ(x), the derivative of log Γ: by its asymptotic series at x + n ≥ 10, less 1/x + … + 1/(x + n − 1), or left of 0 as
/// ψ(1 − x) − π cot πx. NaN at negative whole numbers, ∓∞ at ±0.
AG_INLINE vd digamma_f64(vd x) {
  // The sum of inverses as a fraction.
  vd z = x < 0.0 ? 1.0 - x : x, under = 1.0, over = 0.0, sine, cosine;
  for (int i = 0; i < 10; i++) {
    vl isSmall = z < 10.0;
    over = isSmall ? fma_f64(over, z, under) : over;
    under = isSmall ? under * z : under;
    z = isSmall ? z + 1.0 : z;
  }
  vd w = 1.0 / z, v = w * w;
  vd series = fma_f64(v, (vd)0.08333333333333333, (vd)-0.021092796092796094);
  series = fma_f64(series, v, (vd)0.007575757575757576);
  series = fma_f64(series, v, (vd)-0.004166666666666667);
  series = fma_f64(series, v, (vd)0.003968253968253968);
  series = fma_f64(series, v, (vd)-0.008333333333333333);
  series = fma_f64(series, v, (vd)0.08333333333333333);
  vd y = log_f64(z) - fma_f64(series, v, w * 0.5) - over / under;
  sin_cos_pi_f64(x, &sine, &cosine);
  vd left = sine == 0.0 ? (vd)NAN : y - 3.141592653589793 * cosine / sine;
  y = x < 0.0 ? left : y;
  return x == 0.0 ? with_sign_f64((vd)INFINITY, -x) : y;
}

/// ψ′(x): as ψ, of inverse squares; π² / sin² πx − ψ′(1 − x) left of 0.
AG_INLINE vd trigamma_f64(vd x) {
  vd z = x < 0.0 ? 1.0 - x : x, under = 1.0, over = 0.0, sine, cosine;
  for (int i = 0; i < 10; i++) {
    vl isSmall = z < 10.0;
    vd square = z * z;
    over = isSmall ? fma_f64(over, square, under) : over;
    under = isSmall ? under * square : under;
    z = isSmall ? z + 1.0 : z;
  }
  vd w = 1.0 / z, v = w * w;
  vd series = fma_f64(v, (vd)1.1666666666666667, (vd)-0.2531135531135531);
  series = fma_f64(series, v, (vd)0.07575757575757576);
  series = fma_f64(series, v, (vd)-0.03333333333333333);
  series = fma_f64(series, v, (vd)0.023809523809523808);
  series = fma_f64(series, v, (vd)-0.03333333333333333);
  series = fma_f64(series, v, (vd)0.16666666666666666);
  vd y = fma_f64(series, w * v, fma_f64(v, (vd)0.5, w)) + over / under;
  sin_cos_pi_f64(x, &sine, &cosine);
  vd turned = 3.141592653589793 / sine;
  y = x < 0.0 ? turned * turned - y : y;
  return x == -INFINITY ? (vd)NAN : y;
}

/// The y with erf y = x, to 3e-8 of itself: x times a polynomial in log(1 − x²), or in its root (Giles 2010).
AG_INLINE vd erfinv_f64(vd x) {
  vd w = -log_f64((1.0 - x) * (1.0 + x)), u = w - 2.5, v = __builtin_elementwise_sqrt(w) - 3.0;
  vd near = fma_f64(u, (vd)-2.1203565131819003e-11, (vd)1.2302888973120805e-10);
  near = fma_f64(near, u, (vd)8.327000821030813e-10);
  near = fma_f64(near, u, (vd)-1.0854397093112376e-08);
  near = fma_f64(near, u, (vd)1.3691496015199152e-08);
  near = fma_f64(near, u, (vd)4.786448243400271e-07);
  near = fma_f64(near, u, (vd)-3.4171152327450104e-06);
  near = fma_f64(near, u, (vd)-4.99588144876006e-06);
  near = fma_f64(near, u, (vd)0.00021825064939995);
  near = fma_f64(near, u, (vd)-0.001252708083622281);
  near = fma_f64(near, u, (vd)-0.004177317810140035);
  near = fma_f64(near, u, (vd)0.24664027678526776);
  near = fma_f64(near, u, (vd)1.501409351110792);
  vd far = fma_f64(v, (vd)9.759081078462646e-08, (vd)-1.84839399140845e-06);
  far = fma_f64(far, v, (vd)1.5152324253552207e-05);
  far = fma_f64(far, v, (vd)-6.932251084852583e-05);
  far = fma_f64(far, v, (vd)0.00018524731891934494);
  far = fma_f64(far, v, (vd)-0.00023943149295562304);
  far = fma_f64(far, v, (vd)-0.00016776949124668934);
  far = fma_f64(far, v, (vd)0.0014704151421306064);
  far = fma_f64(far, v, (vd)-0.0035451415779100305);
  far = fma_f64(far, v, (vd)0.005684381615396771);
  far = fma_f64(far, v, (vd)-0.007646141501524527);
  far = fma_f64(far, v, (vd)0.009446012581017784);
  far = fma_f64(far, v, (vd)1.0016753595203869);
  far = fma_f64(far, v, (vd)2.8329767835989137);
  return x * (w < 5.0 ? near : w == INFINITY ? (vd)INFINITY : far);
}

/// 1 − erf x, by the tail of the normal distribution.
AG_INLINE vd erfc_f64(vd x) {
  vd t = at_most_f64(abs_f64(x) * 1.4142135623730951, 40.0), tail = 2.0 * decayed_f64(normal_tail_f64(t), t);
  return x < 0.0 ? 2.0 - tail : tail;
}

AG_INLINE vd log10_f64(vd x) { return log_f64(x) * 0.4342944819032518; }

AG_INLINE vd asinh_f64(vd x) {
  vd a = abs_f64(x), square = a * a;
  vd y = log1p_f64(a + square / (1.0 + __builtin_elementwise_sqrt(1.0 + square)));
  return with_sign_f64(infinite_f64(x, y, INFINITY), x);
}
AG_INLINE vd acosh_f64(vd x) {
  vd t = x - 1.0;
  return x < 1.0 ? (vd)NAN : log1p_f64(t + __builtin_elementwise_sqrt(fma_f64(t, t, 2.0 * t)));
}
AG_INLINE vd atanh_f64(vd x) {
  vd a = abs_f64(x);
  return with_sign_f64(0.5 * log1p_f64(2.0 * a / (1.0 - a)), x);
}

AG_THROUGH_F64(sinc)
AG_THROUGH_F64(sinc_slope)
AG_THROUGH_F64(lgamma)
AG_THROUGH_F64(digamma)
AG_THROUGH_F64(trigamma)
AG_THROUGH_F64(erfinv)
AG_THROUGH_F64(erfc)
AG_THROUGH_F64(log10)
AG_THROUGH_F64(asinh)
AG_THROUGH_F64(acosh)
AG_THROUGH_F64(atanh)

/// 2ˣ, exact for whole numbers.
AG_INLINE vf exp2_f32(vf x) {
  x = at_least_f32(at_most_f32(x, 160.0f), -160.0f);
  vf n = x + AG_ROUNDING_F32, r = (x - (n - AG_ROUNDING_F32)) * 0.6931471806f;
  return times_power_of_two_f32(fma_f32(exp_core_f32(r), r * r, r) + 1.0f, n);
}

// MARK: one double

/// The same as erfinv_f64 with a step of Halley's method behind it, which finds the other digits.
static inline double erfinv_of(double x) {
  double y = erfinv_f64((vd)x)[0];
  if (!(x > -1 && x < 1) || x == 0) return y;
  double error = x > 0.5 ? (1 - x) - erfc(y) : x < -0.5 ? erfc(-y) - (1 + x) : erf(y) - x;
  double step = error / (1.1283791670955126 * exp(-y * y));
  return y - step / (1 + y * step);
}

static inline double lgamma_of(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

/// x⁻ⁿ for whole n > 0.
static inline double inverse_power(double x, int n) {
  double factor = 1 / x, result = 1;
  for (; n; n >>= 1, factor *= factor)
    if (n & 1) result *= factor;
  return result;
}

/// Σ (x + k)⁻ˢ over all k ≥ 0 for x > 0 and whole s > 1: terms up to x + k ≥ 10, and Euler and Maclaurin's
/// series for the rest.
static inline double zeta_of(int s, double x) {
  double sum = 0;
  for (; x < 10; x++) sum += inverse_power(x, s);
  double power = inverse_power(x, s), rising = s / x;
  sum += power * (x / (s - 1) + 0.5);
  // B₂ₖ / (2k)!
  static const double factors[] = {1. / 12, -1. / 720, 1. / 30240, -1. / 1209600, 1. / 47900160,
                                   -691. / 1307674368000, 1. / 74724249600};
  for (int k = 0; k < 7; k++) {
    sum += factors[k] * rising * power;
    rising *= (s + 2 * k + 1) / x * ((s + 2 * k + 2) / x);
  }
  return sum;
}

/// The derivative of order n ≥ 1 of ψ: (−1)ⁿ⁺¹ n! Σ (x + k)⁻ⁿ⁻¹. Of a negative x the terms left of 0 are
/// those right of it, mirrored. At whole numbers below 1 it is ∞ for odd n and −∞ for even ones.
static inline double polygamma_of(double x, double n) {
  int s = (int)n + 1;
  double sign = s % 2 == 0 ? 1 : -1, factor = sign * tgamma(s);
  if (x <= 0 && x == floor(x)) return x == -INFINITY ? NAN : sign * INFINITY;
  if (x == INFINITY) return 0;
  if (x > 0) return factor * zeta_of(s, x);
  double whole = ceil(-x), rest = x + whole;
  return factor * (zeta_of(s, rest) + sign * (zeta_of(s, 1 - rest) - zeta_of(s, 1 - rest + whole)));
}

/// log(eᵃ + eᵇ)
static inline double log_add_exp_of(double a, double b) {
  double distance = a == b ? 0 : fabs(a - b);
  return (a > b || a != a ? a : b) + log1p(exp(-distance));
}

/// x · log y, 0 where x is 0 and y a number.
static inline double x_log_y_of(double x, double y) { return x == 0 && y == y ? 0 : x * log(y); }

// MARK: pairs of floats

/// By powers of two, so that no square is out of range.
AG_INLINE vf hypot_f32(vf a, vf b) {
  vf largest = abs_f32(a) > abs_f32(b) ? abs_f32(a) : abs_f32(b);
  vf scale = largest > 0x1p60f ? (vf)0x1p-70f : largest < 0x1p-40f ? (vf)0x1p100f : (vf)1.0f;
  vf x = a * scale, y = b * scale;
  vf length = __builtin_elementwise_sqrt(fma_f32(x, x, y * y)) / scale;
  return ((abs_f32(a) == INFINITY) | (abs_f32(b) == INFINITY)) ? (vf)INFINITY : length;
}

AG_INLINE vf log_add_exp_f32(vf a, vf b) {
  vf larger = ((a > b) | (a != a)) ? a : b, distance = a == b ? (vf)0.0f : abs_f32(a - b);
  return larger + softplus_f32(-distance);
}

AG_INLINE vf x_log_y_f32(vf x, vf y) { return ((x == 0.0f) & (y == y)) ? (vf)0.0f : x * log_f32(y); }

#endif
