// Winograd's transforms along one axis (see winograd_kernels.h) for VALUE float at the level being compiled.
//
// The points of evaluation are 0, ±P, infinity and ±Q, in this order: symmetric, so that even and odd powers are
// shared, and close to 1, so that powers stay small; these halve the error of the customary 0, ±1, ±2. A small tile,
// with 2 outputs of a kernel of 3, makes do with the first four. With N the product of a point's distances to the
// other five (Lagrange's denominators):
//   A c  = the values of the polynomial c at the points (at infinity: its highest coefficient); for tiles of outputs
//   G g  = the same for kernels, divided by N
//   Bᵀ d = for each point, d times the coefficients of the product of (x − other points)
// A small tile's points have fewer others, so there Bᵀ also multiplies with what N has too much for it: kernels are
// transformed once for both sizes.
//
// Arrays of vectors are indexed by constants only (UNROLL): then they stay in registers.

#define POINT_P 0.625f
#define POINT_Q 1.5f
#define P2 (POINT_P * POINT_P)
#define Q2 (POINT_Q * POINT_Q)

/// Values of the polynomial with `count` coefficients at the points of a whole tile or at those of a small one.
INLINE void evaluate(const VECTOR *c, VECTOR *t, const int count, const bool small) {
  const float points[2] = {POINT_P, POINT_Q};
  t[0] = c[0];
  t[3] = c[count - 1];
  UNROLL for (int i = 0; i < (small ? 1 : 2); i++) {
    const float p = points[i], p2 = p * p;
    VECTOR even = c[0], odd = c[1];
    if (count == 3) even += p2 * c[2];
    if (count == 4) even += p2 * c[2], odd += p2 * c[3];
    if (count == 5) even += p2 * (c[2] + p2 * c[4]), odd += p2 * c[3];
    t[1 + 3 * i] = even + p * odd;
    t[2 + 3 * i] = even - p * odd;
  }
}

/// The adjoint of `evaluate`.
INLINE void evaluate_adjoint(const VECTOR *t, VECTOR *c, const int count, const bool small) {
  VECTOR even_p = t[1] + t[2], odd_p = POINT_P * (t[1] - t[2]), even_q = 0, odd_q = 0;
  if (!small) even_q = t[4] + t[5], odd_q = POINT_Q * (t[4] - t[5]);
  c[0] = t[0] + even_p + even_q;
  c[1] = odd_p + odd_q;
  if (count > 2) c[2] = P2 * even_p + Q2 * even_q;
  if (count > 3) c[3] = P2 * odd_p + Q2 * odd_q;
  if (count > 4) c[4] = P2 * P2 * even_p + Q2 * Q2 * even_q;
  c[count - 1] += t[3];
}

// Tiles of 4 and 2 outputs, between which a small tile has 2 where a whole one has 4.

INLINE void output_adjoint_4(const VECTOR *y, VECTOR *t, const bool small) { evaluate(y, t, small ? 2 : 4, small); }
INLINE void output_adjoint_2(const VECTOR *y, VECTOR *t, const bool small) { evaluate(y, t, 2, small); }
INLINE void output_4(const VECTOR *t, VECTOR *y, const bool small) { evaluate_adjoint(t, y, small ? 2 : 4, small); }
INLINE void output_2(const VECTOR *t, VECTOR *y, const bool small) { evaluate_adjoint(t, y, 2, small); }

/// 1 / N; at infinity it is 1.
INLINE void divide(VECTOR *t) {
  const float at_0 = 1 / (P2 * Q2), at_p = 1 / (2 * P2 * (P2 - Q2)), at_q = 1 / (2 * Q2 * (Q2 - P2));
  t[0] *= at_0, t[1] *= at_p, t[2] *= at_p, t[4] *= at_q, t[5] *= at_q;
}

INLINE void kernel(const VECTOR *g, VECTOR *t, const int taps) {
  evaluate(g, t, taps, false);
  divide(t);
}
INLINE void kernel_adjoint(const VECTOR *t, VECTOR *g, const int taps) {
  VECTOR divided[6];
  UNROLL for (int i = 0; i < 6; i++) divided[i] = t[i];
  divide(divided);
  evaluate_adjoint(divided, g, taps, false);
}

INLINE void input(const VECTOR *d, VECTOR *t, const bool small) {
  if (small) {
    const VECTOR even = (P2 - Q2) * d[2], odd = (P2 - Q2) * POINT_P * d[1];
    t[0] = P2 * Q2 * d[0] - Q2 * d[2];
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = d[3] - P2 * d[1];
    return;
  }
  const VECTOR even_p = d[4] - Q2 * d[2], odd_p = POINT_P * (d[3] - Q2 * d[1]);
  const VECTOR even_q = d[4] - P2 * d[2], odd_q = POINT_Q * (d[3] - P2 * d[1]);
  t[0] = d[4] - (P2 + Q2) * d[2] + P2 * Q2 * d[0];
  t[1] = even_p + odd_p;
  t[2] = even_p - odd_p;
  t[3] = d[5] - (P2 + Q2) * d[3] + P2 * Q2 * d[1];
  t[4] = even_q + odd_q;
  t[5] = even_q - odd_q;
}
INLINE void input_adjoint(const VECTOR *t, VECTOR *d, const bool small) {
  if (small) {
    d[0] = P2 * Q2 * t[0];
    d[1] = (P2 - Q2) * POINT_P * (t[1] - t[2]) - P2 * t[3];
    d[2] = (P2 - Q2) * (t[1] + t[2]) - Q2 * t[0];
    d[3] = t[3];
    return;
  }
  const VECTOR even_p = t[1] + t[2], odd_p = POINT_P * (t[1] - t[2]);
  const VECTOR even_q = t[4] + t[5], odd_q = POINT_Q * (t[4] - t[5]);
  d[0] = P2 * Q2 * t[0];
  d[1] = P2 * Q2 * t[3] - Q2 * odd_p - P2 * odd_q;
  d[2] = -(P2 + Q2) * t[0] - Q2 * even_p - P2 * even_q;
  d[3] = odd_p + odd_q - (P2 + Q2) * t[3];
  d[4] = t[0] + even_p + even_q;
  d[5] = t[3];
}
