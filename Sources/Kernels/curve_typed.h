// Included by curve_impl.h once for each float type: see both_floats.h.
//
// A function is named after its curve and takes x; with the suffix _back it takes x and dy. Where the formula would
// give ∞ · 0, x is clamped first, so far out that no other result changes.

AG_INLINE VEC FN(kept)(VEC x, REAL low, REAL high) { return x < low ? (VEC)low : x > high ? (VEC)high : x; }

AG_INLINE VEC FN(clamp)(VEC x, REAL a, REAL b, REAL c) { return (void)c, FN(kept)(x, a, b); }
AG_INLINE VEC FN(clamp_back)(VEC x, VEC dy, REAL a, REAL b, REAL c) {
  return (void)c, ((x >= a) & (x <= b)) ? dy : (VEC)(REAL)0;
}
AG_INLINE VEC FN(hard_tanh_back)(VEC x, VEC dy, REAL a, REAL b, REAL c) {
  return (void)c, ((x > a) & (x < b)) ? dy : (VEC)(REAL)0;
}

AG_INLINE VEC FN(leaky_relu)(VEC x, REAL a, REAL b, REAL c) { return (void)b, (void)c, x > 0 ? x : x * a; }
AG_INLINE VEC FN(leaky_relu_back)(VEC x, VEC dy, REAL a, REAL b, REAL c) {
  return (void)b, (void)c, x > 0 ? dy : dy * a;
}

AG_INLINE VEC FN(exponential)(VEC x, REAL a, REAL b, REAL c) { return x > 0 ? x * a : FN(expm1)(x * c) * b; }
AG_INLINE VEC FN(exponential_back)(VEC x, VEC dy, REAL a, REAL b, REAL c) {
  return x > 0 ? dy * a : dy * (FN(exp)(x * c) * (b * c));
}

AG_INLINE VEC FN(scaled_softplus)(VEC x, REAL a, REAL b, REAL c) {
  VEC scaled = x * a;
  return (void)c, scaled > b ? x : FN(softplus)(scaled) / a;
}
AG_INLINE VEC FN(scaled_softplus_back)(VEC x, VEC dy, REAL a, REAL b, REAL c) {
  VEC scaled = x * a;
  return (void)c, scaled > b ? dy : dy * FN(sigmoid)(scaled);
}

AG_INLINE VEC FN(hard_sigmoid)(VEC x, REAL a, REAL b, REAL c) {
  return (void)a, (void)b, (void)c, FN(kept)(x / 6 + (REAL)0.5, 0, 1);
}
AG_INLINE VEC FN(hard_sigmoid_back)(VEC x, VEC dy, REAL a, REAL b, REAL c) {
  return (void)b, (void)c, ((x <= -3) | (x >= 3)) ? (VEC)(REAL)0 : dy * a;
}

AG_INLINE VEC FN(hard_swish)(VEC x, REAL a, REAL b, REAL c) { return x * FN(hard_sigmoid)(x, a, b, c); }
AG_INLINE VEC FN(hard_swish_back)(VEC x, VEC dy, REAL a, REAL b, REAL c) {
  return (void)a, (void)b, (void)c, x >= 3 ? dy : x <= -3 ? (VEC)(REAL)0 : dy * (x / 3 + (REAL)0.5);
}

AG_INLINE VEC FN(log_sigmoid_back)(VEC x, VEC dy, REAL a, REAL b, REAL c) {
  return (void)a, (void)b, (void)c, dy * FN(sigmoid)(-x);
}

/// σ(x), and σ(−x) in `other`. The latter is not computed as 1 − σ(x), which for large x would have no digits left.
AG_INLINE VEC FN(both_sigmoids)(VEC x, VEC *other) {
  VEC e = FN(exp)(-FN(abs)(x)), inverse = 1 / (1 + e), share = e * inverse;
  *other = x < 0 ? inverse : share;
  return x < 0 ? share : inverse;
}

/// σ(x) + x·σ'(x) = σ(x)·(1 + x·σ(−x))
AG_INLINE VEC FN(silu_back)(VEC x, VEC dy, REAL a, REAL b, REAL c) {
  VEC other, s = FN(both_sigmoids)(x, &other);
  return (void)a, (void)b, (void)c, dy * (s * FN(fma)(FN(at_least)(x, -800), other, (VEC)(REAL)1));
}

/// Φ(x) + x·φ(x). For x < 0 it is (p − t/√2π)·e^(−½t²) with t = −x and p = Φ(−t)·e^(½t²); for x
/// > 0, 1 minus its value at −x.
AG_INLINE VEC FN(gelu_back)(VEC x, VEC dy, REAL a, REAL b, REAL c) {
  VEC t = FN(at_most)(FN(abs)(x), 40);
  VEC left = FN(decayed)(FN(fma)(t, (VEC)(REAL)-0.3989422804014327, FN(normal_tail)(t)), t);
  return (void)a, (void)b, (void)c, dy * (x > 0 ? 1 - left : left);
}

/// s + x·s'(2u)·2u' with s = σ(2u), 2u = √(8/π)·(x + 0.044715x³).
AG_INLINE VEC FN(gelu_tanh_back)(VEC x, VEC dy, REAL a, REAL b, REAL c) {
  x = FN(kept)(x, -100, 100);
  VEC square = x * x;
  VEC u = x * FN(fma)(square, (VEC)(REAL)0.07135481627260025, (VEC)(REAL)1.5957691216057308);
  VEC other, s = FN(both_sigmoids)(u, &other);
  VEC slope = x * FN(fma)(square, (VEC)(REAL)0.21406444881780075, (VEC)(REAL)1.5957691216057308);
  return (void)a, (void)b, (void)c, dy * (s * FN(fma)(slope, other, (VEC)(REAL)1));
}

/// t + x·(1 − t²)·σ(x) with t = tanh(softplus x) = n / (n + 2), n = e·(e + 2), e = eˣ.
AG_INLINE VEC FN(mish_back)(VEC x, VEC dy, REAL a, REAL b, REAL c) {
  VEC bounded = FN(kept)(x, -800, 20);
  VEC e = FN(exp)(bounded), n = e * (e + 2), inverse = 1 / (n + 2);
  VEC slope = inverse * FN(fma)(4 * bounded * inverse, e * (e + 1), n);
  return (void)a, (void)b, (void)c, dy * (x > 20 ? (VEC)(REAL)1 : slope);
}

AG_INLINE VEC FN(sinc_back)(VEC x, VEC dy, REAL a, REAL b, REAL c) {
  return (void)a, (void)b, (void)c, dy * FN(sinc_slope)(x);
}

#define VALUE(name)                                                                                            \
  static void FN(name##_loop)(size_t n, const double *parameters, const void *from, void *to) {                \
    const REAL *x = from, a = (REAL)parameters[0], b = (REAL)parameters[1], c = (REAL)parameters[2];           \
    REAL *y = to;                                                                                              \
    for (size_t i = 0; i < n; i += AG_LANES)                                                                   \
      FN(store_upto)(y + i, n - i, FN(name)(FN(load_upto)(x + i, n - i, 0), a, b, c));                         \
  }
#define BACKWARD(name)                                                                                         \
  static void FN(name##_back_loop)(size_t n, const double *parameters, const void *from, const void *upstream, \
                                   void *to) {                                                                 \
    const REAL *x = from, *dy = upstream;                                                                      \
    const REAL a = (REAL)parameters[0], b = (REAL)parameters[1], c = (REAL)parameters[2];                      \
    REAL *dx = to;                                                                                             \
    for (size_t i = 0; i < n; i += AG_LANES) {                                                                 \
      VEC result = FN(name##_back)(FN(load_upto)(x + i, n - i, 0), FN(load_upto)(dy + i, n - i, 0), a, b, c);  \
      FN(store_upto)(dx + i, n - i, result);                                                                   \
    }                                                                                                          \
  }

VALUE(clamp)
VALUE(leaky_relu)
VALUE(exponential)
VALUE(scaled_softplus)
VALUE(hard_sigmoid)
VALUE(hard_swish)
BACKWARD(clamp)
BACKWARD(hard_tanh)
BACKWARD(leaky_relu)
BACKWARD(exponential)
BACKWARD(scaled_softplus)
BACKWARD(hard_sigmoid)
BACKWARD(hard_swish)
BACKWARD(log_sigmoid)
BACKWARD(silu)
BACKWARD(gelu)
BACKWARD(gelu_tanh)
BACKWARD(mish)
BACKWARD(sinc)
#undef VALUE
#undef BACKWARD
